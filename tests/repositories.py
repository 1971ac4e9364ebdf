"""Git repositories made by tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_CLEAN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


class Repository:
    """A folder under git, on branch main."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        for name, value in (("user.name", "t"), ("user.email", "t@example.org")):
            self.git("config", name, value)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            check=True,
            capture_output=True,
            env=os.environ | _CLEAN,
        )
        return done.stdout.decode("utf-8")

    def write(self, files: dict[str, bytes | str]) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content.encode("utf-8") if isinstance(content, str) else content
            path.write_bytes(data)

    def commit(self, files: dict[str, bytes | str] | None = None, message: str = "a change") -> str:
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

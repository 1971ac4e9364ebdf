"""Profiles on disk: an explicit folder, the user's, the wheel's, the checkout's, in this order."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import printstd
from printstd.errors import OutsideError
from printstd.ports import ProfileSource
from printstd.profiles.raw import KINDS
from printstd.words import said

PROFILES_VARIABLE: Final = "PRINTSTD_PROFILES"
"""Environment variable that names an explicit folder."""


class ProfileFiles:
    """`ports.ProfileSource` over folders; the first that has a name wins, file by file."""

    def __init__(self, *roots: tuple[Path, str]) -> None:
        """roots : (folder, how its files are called in messages)."""
        self._files: dict[tuple[str, str], tuple[Path, str]] = {}
        for root, label in roots:
            for kind in KINDS.values():
                for path in _toml_files(root / kind):
                    # Listed, never joined: a name can hold no path, and case means the same
                    # on every system.
                    shown = f"{label}/{kind}/{path.name}"
                    self._files.setdefault((kind, path.stem), (path, shown))

    def names(self, kind: str) -> list[str]:
        """Names of all profiles of a kind (a folder's name), sorted."""
        return sorted(name for folder, name in self._files if folder == kind)

    def read(self, kind: str, name: str) -> tuple[str, bytes]:
        """A file's display name and bytes. KeyError where there is none; OutsideError where the
        disk refuses."""
        path, shown = self._files[kind, name]
        try:
            return shown, path.read_bytes()
        except OSError as error:
            raise OutsideError(
                said("a profile cannot be read"), where=str(path), got=error.strerror or str(error)
            ) from error


def default_source(explicit: Path | None = None) -> ProfileFiles:
    """The profiles that a run sees. OutsideError where an explicitly named folder is none."""
    named = explicit or _from_environment()
    roots: list[tuple[Path, str]] = []
    if named is not None:
        if not named.is_dir():
            raise OutsideError(
                said("the profile folder does not exist"),
                where=str(named),
                wanted=said("a folder with materials/, printers/, processes/ ... in it"),
            )
        roots.append((named, named.as_posix()))
    user = user_folder()
    roots += [(user, user.as_posix()), *bundled_folders()]
    return ProfileFiles(*roots)


def bundled_folders() -> list[tuple[Path, str]]:
    """Where the profiles that come with printstd lie: in the wheel, or in the checkout."""
    package = Path(printstd.__file__).parent
    folders = [(package / "_bundled" / "profiles", "profiles")]
    # Beside an installed package lie other packages, and one may be called profiles.
    if (package.parent / "pyproject.toml").is_file():
        folders.append((package.parent / "profiles", "profiles"))
    return folders


def user_folder() -> Path:
    """The user's own profiles, where the system keeps such files."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "printstd" / "profiles"


def _from_environment() -> Path | None:
    value = os.environ.get(PROFILES_VARIABLE)
    return Path(value) if value else None


def _toml_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.toml") if path.is_file())
    except OSError as error:
        raise OutsideError(
            said("a profile folder cannot be read"),
            where=str(folder),
            got=error.strerror or str(error),
        ) from error


class FileOver:
    """`ports.ProfileSource`: one file by its path, over other profiles.

    The file is a profile of the kind whose folder it lies in (``materials/``), under its own name;
    one that lies elsewhere is of every kind, for whoever asks.
    """

    def __init__(self, below: ProfileSource, path: Path) -> None:
        """OutsideError where there is no such file."""
        if not path.is_file():
            raise OutsideError(
                said("there is no such file"),
                where=str(path),
                wanted=said("a profile file that can be read"),
            )
        self._below = below
        self._path = path

    def names(self, kind: str) -> list[str]:
        own = {self._path.stem} if self._may_be(kind) else set()
        return sorted(own | set(self._below.names(kind)))

    def read(self, kind: str, name: str) -> tuple[str, bytes]:
        if name != self._path.stem or not self._may_be(kind):
            return self._below.read(kind, name)
        try:
            return self._path.as_posix(), self._path.read_bytes()
        except OSError as error:
            raise OutsideError(
                said("a profile cannot be read"),
                where=str(self._path),
                got=error.strerror or str(error),
            ) from error

    def _may_be(self, kind: str) -> bool:
        folder = self._path.resolve().parent.name
        folders = {name.rpartition("/")[2] for name in KINDS.values()}
        return folder == kind.rpartition("/")[2] or folder not in folders

"""Other surroundings for the same tool: environments with another NumPy release or another Python,
made by pip from constraints.txt and kept."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent
OTHER_NUMPY: Final = "2.3.5"
"""Beside the release of constraints.txt."""
_PYTHONS: Final = ("python3.14", "python3.13", "python3.12", "python3.11")
_PYENV: Final = Path.home() / ".pyenv" / "versions"


class Interpreter(NamedTuple):
    """path : None where there is none, `why` then says why not."""

    name: str
    path: Path | None
    why: str = ""


def all_of(folder: Path) -> list[Interpreter]:
    """This one, one with another NumPy, one of another Python. folder : where environments are
    kept from run to run."""
    here = Interpreter(f"python {_version(sys.executable)}, numpy {_pinned('numpy')}", None)
    found = [here._replace(path=Path(sys.executable))]
    found.append(_environment(folder, Path(sys.executable), OTHER_NUMPY))
    other = another_python()
    if other is None:
        found.append(Interpreter("another python", None, "there is none from 3.11 on"))
    else:
        found.append(_environment(folder, other, _pinned("numpy")))
    return found


@cache
def dispatched(python: Path) -> str:
    """The CPU features that this interpreter's NumPy chooses code by when it runs, as
    NPY_DISABLE_CPU_FEATURES takes them. Releases name them differently, and a name that a release
    does not know is not heard."""
    code = "from numpy._core._multiarray_umath import __cpu_dispatch__ as d; print(*d)"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def another_python() -> Path | None:
    """The newest that is not this one's version and runs."""
    here = _version(sys.executable)
    candidates = [Path(path) for name in _PYTHONS if (path := shutil.which(name))]
    candidates += sorted(_PYENV.glob("*/bin/python3"), reverse=True)
    versions = {path: _version(str(path)) for path in candidates}
    usable = [
        (version, path)
        for path, version in versions.items()
        if version
        and version.split(".")[:2] != here.split(".")[:2]
        and _numbers(version) >= (3, 11)
    ]
    return max(usable, key=lambda pair: _numbers(pair[0]))[1] if usable else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(word) for word in version.split("."))


def _version(python: str) -> str:
    """Empty where it does not run."""
    code = "import platform; print(platform.python_version())"
    try:
        done = subprocess.run(
            [python, "-I", "-c", code], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    version = done.stdout.strip()
    return version if done.returncode == 0 and re.fullmatch(r"[\d.]+", version) else ""


def _pinned(package: str) -> str:
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line
    )
    return pins[package]


def _environment(folder: Path, python: Path, numpy: str) -> Interpreter:
    version = _version(str(python))
    name = f"python {version}, numpy {numpy}"
    home = folder / f"py{version}-numpy{numpy}"
    own = home / "bin" / "python"
    is_made = home / "made"
    if is_made.exists():
        return Interpreter(name, own)
    print(f"  making an environment: {name}", flush=True)
    constraints = folder / f"constraints-{home.name}.txt"
    folder.mkdir(parents=True, exist_ok=True)
    pins = (ROOT / "constraints.txt").read_text("utf-8")
    constraints.write_text(re.sub(r"(?m)^numpy==.*$", f"numpy=={numpy}", pins), "utf-8")
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    steps = (
        [str(python), "-m", "venv", "--clear", str(home)],
        [str(own), "-m", "pip", "install", "--quiet", "-c", str(constraints), *needs],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return Interpreter(name, None, f"{step[1:4]} ended with {done.returncode}: {said}")
    is_made.touch()
    return Interpreter(name, own)

"""The gate's own tests on arm64: `make gate-arm64`.

A Debian of that architecture is unpacked into a folder and its Python run by QEMU; beside the
standard library it has `cryptography` in the locked version, pytest and hypothesis, and nothing
else that printstd uses. On a machine that is arm64 itself its own Python takes QEMU's place.
Where something is missing the run says what, and is skipped: exit 0.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.arm64 import recorded_part

ROOT: Final = Path(__file__).resolve().parents[2]
TESTS: Final = ("tests/unit/gate",)
RELEASE: Final = "bookworm"
PYTHON: Final = "3.11"
"""Of that release."""
MIRROR: Final = "http://deb.debian.org/debian"
TOOLS: Final = {
    "qemu-aarch64-static": "qemu-user-static",
    "proot": "proot",
    "debootstrap": "debootstrap",
}
"""Program -> Debian's package of it. PRoot lets the emulated Python start processes of its own
without the system's help (binfmt_misc), which containers do not have."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.arm64", description=__doc__)
    parser.add_argument("folder", type=Path, help="what is unpacked is kept here")
    parser.add_argument("tests", nargs="*", default=TESTS, help="instead of the gate's")
    asked = parser.parse_args(arguments)
    is_native = platform.machine() in ("aarch64", "arm64")
    missing = [] if is_native else [name for name in TOOLS if shutil.which(name) is None]
    if missing:
        packages = " ".join(TOOLS[name] for name in missing)
        return _skipped(f"no {', '.join(missing)}; `apt-get install {packages}` brings them")
    if not is_native and os.geteuid() != 0:
        return _skipped("debootstrap unpacks a system as root, and this is not root")
    folder = asked.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    version = platform.python_version().rpartition(".")[0] if is_native else PYTHON
    _wheels(folder / "only", version, "cryptography")
    _wheels(folder / "tested", version, "pytest", "hypothesis")
    part = folder / "part.json"
    recorded_part.record(part)
    command = _native(folder) if is_native else _emulated(folder)
    command += ["-m", "pytest", "-q", "-p", "tests.arm64.recorded_part", "-p", "no:cacheprovider"]
    return subprocess.run([*command, *asked.tests], cwd=ROOT).returncode


def _skipped(why: str) -> int:
    sys.stdout.write(f"skipped: {why}\n")
    return 0


def _wheels(target: Path, version: str, *names: str) -> None:
    if target.exists():
        return
    call = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    call += ["--target", str(target), "--only-binary", ":all:", "--python-version", version]
    for tag in ("manylinux2014_aarch64", "manylinux_2_28_aarch64"):
        call += ["--platform", tag]
    subprocess.run([*call, "-c", str(ROOT / "constraints.txt"), *names], check=True)


def _native(folder: Path) -> list[str]:
    python = getattr(sys, "_base_executable", sys.executable)
    return [*_environment(folder, folder / "part.json", ROOT, os.environ["PATH"]), python]


def _emulated(folder: Path) -> list[str]:
    system = folder / "system"
    if not (system / "usr/bin/python3").exists():
        _unpack(system)
    seen = {
        ROOT: "/printstd",
        folder / "only": "/given/only",
        folder / "tested": "/given/tested",
        folder / "part.json": "/given/part.json",
        Path("/proc"): "/proc",
        Path("/dev"): "/dev",
    }
    emulator = shutil.which("qemu-aarch64-static")
    command = ["proot", "-q", str(emulator), "-r", str(system), "-w", "/printstd"]
    for place, inside in seen.items():
        command += ["-b", f"{place}:{inside}"]
    given = Path("/given")
    own = _environment(given, given / "part.json", Path("/printstd"), "/usr/bin:/bin")
    return [*command, *own, "/usr/bin/python3"]


def _environment(wheels: Path, part: Path, root: Path, path: str) -> list[str]:
    """Nothing of the caller's own."""
    places = (root, wheels / "only", wheels / "tested")
    return [
        "/usr/bin/env",
        "-i",
        f"PATH={path}",
        "HOME=/tmp",
        "LANG=C.UTF-8",
        "PYTHONDONTWRITEBYTECODE=1",
        "PYTHONNOUSERSITE=1",
        "PYTHONPATH=" + ":".join(map(str, places)),
        f"{recorded_part.RECORD}={part}",
    ]


def _unpack(system: Path) -> None:
    """A system as far as files go: nothing in it is configured, and its Python needs nothing
    that would be."""
    call = ["debootstrap", "--foreign", "--arch=arm64", "--variant=minbase", "--include=python3"]
    subprocess.run([*call, RELEASE, str(system), MIRROR], check=True, stdout=subprocess.DEVNULL)
    for package in sorted((system / "var/cache/apt/archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(system)], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

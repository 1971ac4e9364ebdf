"""Install printstd from this folder: needs Python 3.11 or newer and this folder, no network.

    python install.py DEST            a new environment in DEST; then DEST/bin/printstd
    python install.py DEST --demo     and certify and verify a sample with it

Every wheel is held against its SHA-256 in requirements.txt before anything of it is installed, by
this script and again by pip (--require-hashes, --no-index).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
LEAST = (3, 11)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dest", type=Path, metavar="DEST")
    parser.add_argument("--demo", action="store_true")
    arguments = parser.parse_args()
    if sys.version_info < LEAST:
        return _stop(f"this is Python {sys.version.split()[0]}, printstd needs 3.11 or newer")
    wrong = wrong_files(HERE)
    if wrong:
        return _stop(f"not as they were packed: {', '.join(wrong)}; copy the folder again")
    dest = arguments.dest.resolve()
    if dest.exists() and any(dest.iterdir()):
        return _stop(f"{dest} is not empty; name a new folder")
    try:
        venv.create(dest, with_pip=True)
    except (subprocess.CalledProcessError, ModuleNotFoundError, OSError) as error:
        return _stop(f"no environment could be made ({error}); on Debian: apt install python3-venv")
    folder = dest / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(folder / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--no-index", "--find-links", str(HERE), "--require-hashes"]
    done = subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], env=_environment())
    if done.returncode != 0:
        return _stop("pip refused; CONTENTS.md says which Python and machine these wheels are for")
    print(f"installed: {folder / 'printstd'}", flush=True)
    return _demo(folder / "printstd", dest) if arguments.demo else 0


def wrong_files(folder: Path) -> list[str]:
    """Wheels that are not there, or whose bytes are not those that were packed."""
    wrong = []
    for name, sha256 in packed(folder):
        try:
            with (folder / name).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            found = ""
        if found != sha256:
            wrong.append(name)
    return wrong


def packed(folder: Path) -> list[tuple[str, str]]:
    """(file, SHA-256) of every wheel, by SHA256SUMS."""
    lines = (folder / "SHA256SUMS").read_text("ascii").splitlines()
    return [(line[66:], line[:64]) for line in lines]


def _demo(printstd: Path, dest: Path) -> int:
    out = dest / "demo"
    out.mkdir()
    model = HERE / "bracket.stl"
    program = str(out / "bracket.gcode")
    key = out / "demo"
    calls = [
        ["keys", "new", str(key)],
        ["certify", str(model), "--pack", "kz", "--printer", "ender3-v2", "--key", f"{key}.key",
         "-o", program],
        ["verify", program, "--model", str(model), "--trust", f"{key}.pub"],
    ]  # fmt: skip
    for call in calls:
        done = subprocess.run([str(printstd), *call], env=_environment())
        if done.returncode != 0:
            return _stop(f"printstd {call[0]} ended with {done.returncode}")
    print(f"certified and verified: {program}")
    return 0


def _environment() -> dict[str, str]:
    """Nothing of another installation."""
    return {
        key: text for key, text in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")
    }


def _stop(why: str) -> int:
    print(f"printstd install: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

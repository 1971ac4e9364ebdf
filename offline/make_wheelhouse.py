"""``python -m offline.make_wheelhouse FOLDER``: every wheel of the locked constraints that printstd
needs, with hashes, a list of contents with licences, and what installs from it.

    FOLDER/*.whl             printstd's own, and what it and its extras ask for, as constraints.txt
                             has them
    FOLDER/requirements.txt  name==version --hash=sha256:..., for pip --require-hashes
    FOLDER/SHA256SUMS        of the wheels, as sha256sum prints it
    FOLDER/CONTENTS.md       what each is, under which licence, how large
    FOLDER/install.py        installs with Python alone; bracket.stl, the demo's part

Wheels are for the Python and the machine that this runs on, or for those that --python and
--platform name, as pip spells them.
"""

from __future__ import annotations

import argparse
import email.parser
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("cluster", "farm", "postgres", "step")


class Wheel(NamedTuple):
    file: str
    name: str
    version: str
    licence: str
    summary: str
    sha256: str
    size: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--extras", default=",".join(EXTRAS))
    parser.add_argument("--python", help="e.g. 3.12; the running one without it")
    parser.add_argument("--platform", action="append", help="e.g. manylinux_2_28_aarch64")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)], check=True)
    (own,) = folder.glob("printstd-*.whl")
    command = [*pip, "download", "-q", "-d", str(folder), "-c", str(ROOT / "constraints.txt")]
    command += ["--only-binary", ":all:", "--find-links", str(folder)]
    for name, value in (("--python-version", arguments.python),):
        command += [name, value] if value else []
    for name in arguments.platform or ():
        command += ["--platform", name]
    extras = f"[{arguments.extras}]" if arguments.extras else ""
    subprocess.run([*command, f"{own}{extras}"], check=True)
    wheels = sorted(map(read_wheel, folder.glob("*.whl")), key=lambda wheel: wheel.name)
    check_locked(wheels, (ROOT / "constraints.txt").read_text("utf-8"))
    for_what = arguments.platform or [f"{platform.system()} {platform.machine()}"]
    python = arguments.python or ".".join(platform.python_version_tuple()[:2])
    write(folder, wheels, f"Python {python}, {', '.join(for_what)}", arguments.extras)
    size = sum(wheel.size for wheel in wheels)
    print(f"{len(wheels)} wheels, {size / 2**20:.0f} MiB: {folder}")
    return 0


def read_wheel(path: Path) -> Wheel:
    """What a wheel says of itself in its METADATA."""
    with zipfile.ZipFile(path) as archive:
        (place,) = (
            name
            for name in archive.namelist()
            if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
        )
        said = email.parser.Parser().parsestr(archive.read(place).decode("utf-8"))
    data = path.read_bytes()
    return Wheel(
        path.name,
        plain(said["Name"]),
        said["Version"],
        licence_of(said),
        (said["Summary"] or "").strip(),
        hashlib.sha256(data).hexdigest(),
        len(data),
    )


def plain(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def licence_of(metadata: Message) -> str:
    """The SPDX expression where there is one, else what the classifiers say, else the first line of
    the licence's own field."""
    if metadata["License-Expression"]:
        return str(metadata["License-Expression"]).strip()
    classified = [
        str(row).rpartition("::")[2].strip()
        for row in metadata.get_all("Classifier", [])
        if str(row).startswith("License ::")
    ]
    named = [row for row in classified if row != "OSI Approved"]
    if named:
        return ", ".join(named)
    free = str(metadata["License"] or "").strip().splitlines()
    return free[0][:80] if free and free[0] != "UNKNOWN" else "not said in its metadata"


def check_locked(wheels: list[Wheel], constraints: str) -> None:
    """SystemExit where a wheel is not of the version that the tests ran with."""
    locked = {}
    for line in constraints.splitlines():
        name, sign, version = line.partition("==")
        if sign:
            locked[plain(name)] = version.split(";")[0].strip()
    loose = [w.name for w in wheels if w.name != "printstd" and locked.get(w.name) != w.version]
    if loose:
        raise SystemExit(f"not in constraints.txt, or of another version: {', '.join(loose)}")


def write(folder: Path, wheels: list[Wheel], for_what: str, extras: str) -> None:
    """All but the wheels."""
    rows = [f"{w.name}=={w.version} --hash=sha256:{w.sha256}\n" for w in wheels]
    (folder / "requirements.txt").write_text("".join(rows), "ascii")
    sums = sorted(f"{w.sha256}  {w.file}\n" for w in wheels)
    (folder / "SHA256SUMS").write_text("".join(sums), "ascii")
    own = next(w.version for w in wheels if w.name == "printstd")
    table = [
        f"| {w.name} | {w.version} | {w.licence} | {w.size // 1024} | {w.summary} | `{w.sha256}` |"
        for w in wheels
    ]
    lines = [
        "# Contents",
        "",
        f"printstd {own} with the extras {extras}, for {for_what}.",
        "",
        "`python install.py DEST` installs it without a network. Licences are those that each",
        "wheel's metadata tells; their texts are in the wheels.",
        "",
        "| wheel | version | licence | KiB | what it is | SHA-256 |",
        "|---|---|---|---|---|---|",
        *table,
    ]
    (folder / "CONTENTS.md").write_text("\n".join(lines) + "\n", "utf-8")
    shutil.copy(ROOT / "offline" / "install.py", folder)
    shutil.copy(ROOT / "samples" / "bracket.stl", folder)


if __name__ == "__main__":
    sys.exit(main())

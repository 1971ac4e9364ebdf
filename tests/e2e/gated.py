"""What the tests of gates share: hosts whose Python can import printstd and cryptography, and files
sent to them."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path
from typing import Any

from tests.hosts.asking import ask
from tests.hosts.installed import program

ROOT = Path(__file__).parents[2]
_LIBRARIES = ("cryptography", "cffi", "_cffi_backend*", "pycparser")


def libraries(folder: Path) -> Path:
    """A folder for PYTHONPATH with printstd and what it needs at a gate, and nothing else of the
    tests' own environment."""
    folder.mkdir(parents=True, exist_ok=True)
    packages = Path(sysconfig.get_paths()["purelib"])
    for name in _LIBRARIES:
        for found in packages.glob(name):
            (folder / found.name).symlink_to(found)
    (folder / "printstd").symlink_to(ROOT / "printstd")
    return folder


def own_moonraker(folder: Path) -> Path:
    """A copy of Moonraker's package that a component may be put into; its folder ``moonraker``."""
    executable = program("moonraker")
    (package,) = executable.parent.parent.glob("lib/python3*/site-packages/moonraker")
    place = folder / "moonraker"
    shutil.copytree(package, place, ignore=shutil.ignore_patterns("__pycache__"))
    return place


def multipart(fields: dict[str, str], name: str, data: bytes) -> tuple[bytes, dict[str, str]]:
    """A form with one file."""
    mark = "printstd-test-boundary-0123456789"
    head = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head += (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + data + f"\r\n--{mark}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={mark}"}


def upload(
    url: str, name: str, data: bytes, *, headers: dict[str, str] | None = None, **fields: str
) -> tuple[int, Any]:
    body, kind = multipart(fields, name, data)
    return ask(url, method="POST", body=body, headers={**kind, **(headers or {})})

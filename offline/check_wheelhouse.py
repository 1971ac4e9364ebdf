"""``python -m offline.check_wheelhouse FOLDER``: it installs and runs the demo with the network
cut, and a wheel that was changed is refused.

The network is cut by a namespace that has none (`unshare -n`), where the system lets us; else
sockets are blocked in every Python that is started, and that is said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = """import socket
class _Cut(socket.socket):
    def connect(self, address):
        raise OSError("the network is cut")
    connect_ex = connect
socket.socket = _Cut
"""


def main() -> int:
    folder = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        prefix, how = _cut()
        environment = dict(os.environ)
        if not prefix:
            (place / "block").mkdir()
            (place / "block" / "sitecustomize.py").write_text(BLOCK)
            environment["PYTHONPATH"] = str(place / "block")
        print(f"network: {how}", flush=True)
        # As it is carried to another machine: a copy, elsewhere.
        copy = shutil.copytree(folder, place / "stick")
        install = [*prefix, sys.executable, str(copy / "install.py")]
        subprocess.run([*install, str(place / "there"), "--demo"], env=environment, check=True)
        victim = min(copy.glob("*.whl"), key=lambda wheel: wheel.stat().st_size)
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
        refused = subprocess.run([*install, str(place / "again")], env=environment)
        if refused.returncode == 0 or (place / "again").exists():
            print("a changed wheel was installed", file=sys.stderr)
            return 1
    print("installed, certified and verified without a network; a changed wheel was refused")
    return 0


def _cut() -> tuple[list[str], str]:
    for options in (["-n"], ["-rn"]):
        command = ["unshare", *options]
        try:
            done = subprocess.run([*command, "true"], capture_output=True)
        except OSError:
            break
        if done.returncode == 0:
            return command, f"none ({' '.join(command)})"
    return [], "sockets blocked in Python (no namespace could be made here)"


if __name__ == "__main__":
    sys.exit(main())

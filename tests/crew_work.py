"""What workers of a crew are given to do in tests: light to import, each does one thing."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

from printstd.errors import InputError

MIB = 1 << 20


def work(folder: str, task: str) -> str:
    """`task` says what is to become of the worker; what it was done for is noted in `folder`."""
    kind, _, what = task.partition(":")
    with (Path(folder) / "log").open("a") as log:
        log.write(f"{os.getpid()} {task}\n")
    if kind == "killed" or (kind == "killed once" and _is_first(Path(folder) / what)):
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "stopped" or (kind == "stopped once" and _is_first(Path(folder) / what)):
        os.kill(os.getpid(), signal.SIGSTOP)
    if kind == "crash":
        ctypes.string_at(0)
    if kind == "slow":
        time.sleep(float(what))
    if kind == "greedy":
        return str(sum(map(len, [bytearray(b"x") * (int(what) * MIB)])))
    if kind == "bug":
        raise ValueError(what)
    if kind == "refused":
        raise InputError(what)
    if kind == "passphrase":
        return str(sorted(name for name in os.environ if "PASSPHRASE" in name))
    if kind == "talks":
        os.write(1, b"what a library says on standard output\n")
    return f"{task} done"


def _is_first(mark: Path) -> bool:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True

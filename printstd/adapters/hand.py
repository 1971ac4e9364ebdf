"""One file at a time, in a process of its own: whatever becomes of it, the caller lives.

Run as a script by `adapters.hands`, over pipes: frames of eight bytes of length (little-endian) and
a pickle. First the caller's `sys.path`, then a pickle of ``(function, shared)`` as bytes, which is
answered when it is understood; then a task each, answered by ``(kind, value)``. Nothing of printstd
is imported before the path is known.

    python -P hand.py MEMORY_BYTES

MEMORY_BYTES : that this process may take, 0 = as many as there are.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import signal
import sys
from typing import IO, Any

_RESERVED_BYTES = 8 << 30

READY = "ready"
DONE, REFUSED, NO_MEMORY, BUG = "done", "refused", "no memory", "bug"


def main() -> int:
    # Libraries talk on stdout, so answers go out another way.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    faulthandler.enable()
    # Ctrl-C reaches the whole group: the caller ends its hands, they need not each say so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(int(sys.argv[1]))
    tasks = sys.stdin.buffer
    sys.path[:] = receive(tasks)
    function, shared = pickle.loads(receive(tasks))
    send(answers, READY)
    while True:
        try:
            task = receive(tasks)
        except EOFError:
            return 0
        answer = _answer(function, shared, task)
        try:
            send(answers, answer)
        except BrokenPipeError:
            return 0


def limit_memory(size: int) -> None:
    """What the system then refuses is a MemoryError, or the end of a library that cannot say so.

    Where the caller can see what is used (`resident_bytes`) this is only for what would be taken at
    once: libraries reserve far more address space than they use.
    """
    if not size:
        return
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        size += _RESERVED_BYTES if sys.platform == "linux" else 0
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def resident_bytes(pid: int) -> int:
    """Memory that a process has; 0 where the system does not say."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def is_stopped(pid: int) -> bool:
    """Has somebody stopped the process, and not let it go on? False where the system does not
    say."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            return stream.read().rpartition(b")")[2].split()[0] == b"T"
    except (OSError, IndexError):
        return False


def _answer(function: Any, shared: Any, task: Any) -> tuple[str, Any]:
    from printstd.errors import PrintstdError

    try:
        return DONE, function(shared, task)
    except MemoryError:
        return NO_MEMORY, None
    except PrintstdError as error:
        return REFUSED, error
    except Exception as error:
        import traceback

        return BUG, (type(error).__name__, "".join(traceback.format_exception(error)))


def send(stream: IO[bytes], value: Any) -> None:
    data = pickle.dumps(value, protocol=5)
    stream.write(len(data).to_bytes(8, "little"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """EOFError where the other end is gone."""
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    size = int.from_bytes(head, "little")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


if __name__ == "__main__":
    sys.exit(main())

"""What starting worker processes takes, however they are started."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from printstd.errors import OutsideError
from printstd.words import said


@contextmanager
def undisturbed() -> Iterator[None]:
    """A request to stop that comes while workers start is heard once they have: half a pool has
    nobody who could end it, and the process would wait for it for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    heard: list[int] = []
    kept = {
        number: signal.signal(number, lambda number, frame: heard.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not None
    }
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    if heard:
        signal.raise_signal(heard[0])


@contextmanager
def beside_threads() -> Iterator[None]:
    """Python 3.12 warns of any fork beside threads (BLAS has some). Ours are safe: workers compute
    on arrays, take none of the parent's locks and start no BLAS."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded")
        yield


def worker_died() -> OutsideError:
    """What a user is told of a worker that ended before its work did."""
    return OutsideError(
        said("a worker process died before it finished"),
        got=said("most often the system ran out of memory and ended it"),
        hint=said("try --workers 1, or a machine with more memory"),
    )


def be_a_worker() -> None:
    """What a worker does first."""
    # Ctrl-C reaches the whole group: the parent ends its workers, they need not each say so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What the parent does on a request to end (it cleans up) is not for its workers to do.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

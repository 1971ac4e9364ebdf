"""Tasks divided between this process and forks of it.

A fork costs milliseconds, sees all that this process has, and leaves what it found in a file in
memory; this process works too, so that half of what two find is never copied. Who does which task
is not known before: each takes the next number from a file that all have open together, whose
position the system moves for whoever reads.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import struct
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from printstd.adapters.starting import be_a_worker, undisturbed

_NUMBER: Final = struct.Struct("<q")


class WorkerDied(Exception):
    """A fork ended before it had done its tasks: the system ended it."""


class Failed(NamedTuple):
    """What a task raised instead of returning."""

    error: BaseException


def run(
    function: Callable[[Any, Any], Any],
    shared: Any,
    tasks: Sequence[Any],
    *,
    workers: int,
    order: Sequence[int],
) -> list[Any]:
    """`function(shared, task)` of every task, by so many processes, this one among them.

    order : in which tasks are handed out. Returns the results in the order of the tasks. An error
    of a task is raised again, of several that of the first task; tasks that nobody has begun by
    then stay undone. Raises WorkerDied. Whatever is raised, no fork is left behind.
    """
    queue = _Queue(order)
    forks: list[_Fork] = []
    try:
        # A fork has the handlers of this process until it sets its own.
        with undisturbed():
            for _ in range(workers - 1):
                forks.append(_fork(queue, function, shared, tasks))
        found = _work(queue, function, shared, tasks)
        for fork in forks:
            found += fork.results()
    finally:
        for fork in forks:
            fork.end()
        queue.close()
    results: dict[int, Any] = dict(found)
    for number in sorted(results):
        if isinstance(results[number], Failed):
            raise results[number].error
    return [results[number] for number in range(len(tasks))]


class _Queue:
    """Numbers of tasks that nobody has begun. All forks share one position in the file."""

    def __init__(self, order: Sequence[int]) -> None:
        self._file = os.memfd_create("tasks")
        os.write(self._file, b"".join(map(_NUMBER.pack, order)))
        os.lseek(self._file, 0, os.SEEK_SET)

    def next(self) -> int | None:
        read = os.read(self._file, _NUMBER.size)
        return int(_NUMBER.unpack(read)[0]) if read else None

    def drop(self) -> None:
        """Nothing more is handed out."""
        os.lseek(self._file, 0, os.SEEK_END)

    def close(self) -> None:
        os.close(self._file)


def _work(
    queue: _Queue, function: Callable[[Any, Any], Any], shared: Any, tasks: Sequence[Any]
) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = []
    while (number := queue.next()) is not None:
        try:
            found.append((number, function(shared, tasks[number])))
        except Exception as error:
            queue.drop()
            found.append((number, Failed(error)))
    return found


class _Fork:
    """A fork of this process, and the file it leaves its results in."""

    def __init__(self, pid: int, file: int) -> None:
        self._pid: int | None = pid
        self._file = file

    def results(self) -> list[tuple[int, Any]]:
        """Waits for it to end. A wait that is interrupted leaves it to `end`."""
        if self._pid is None:
            raise WorkerDied
        status = os.waitpid(self._pid, 0)[1]
        self._pid = None
        if status != 0:
            raise WorkerDied
        os.lseek(self._file, 0, os.SEEK_SET)
        with open(self._file, "rb", closefd=False) as file:
            found: list[tuple[int, Any]] = pickle.load(file)
        return found

    def end(self) -> None:
        """Ends it, if it has not yet, and forgets its results."""
        if self._pid is not None:
            # Where the wait was interrupted just as it ended, there is no such child any more.
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(self._pid, os.WNOHANG)[0] == 0:
                    os.kill(self._pid, signal.SIGKILL)
                    os.waitpid(self._pid, 0)
            self._pid = None
        os.close(self._file)


def _fork(
    queue: _Queue, function: Callable[[Any, Any], Any], shared: Any, tasks: Sequence[Any]
) -> _Fork:
    file = os.memfd_create("results")
    pid = os.fork()
    if not pid:
        _be_a_fork(file, queue, function, shared, tasks)
    return _Fork(pid, file)


def _be_a_fork(
    file: int,
    queue: _Queue,
    function: Callable[[Any, Any], Any],
    shared: Any,
    tasks: Sequence[Any],
) -> NoReturn:
    """Never returns into the caller's code, which is the parent's to run."""
    code = 1
    try:
        be_a_worker()
        # To look at objects is to write to them, and what is written to is copied.
        gc.disable()
        found = [_portable(*one) for one in _work(queue, function, shared, tasks)]
        with open(file, "wb", closefd=False) as out:
            pickle.dump(found, out, protocol=5)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _portable(number: int, result: Any) -> tuple[int, Any]:
    """With where it was raised, which does not travel by itself."""
    if isinstance(result, Failed):
        where = "".join(traceback.format_exception(result.error))
        result.error.add_note(f"In a worker process:\n{where}")
    return number, result

"""Executor: one process, or a pool of them with results joined in task order.

On Linux workers are forked, so that they start in milliseconds and see `shared` without a
copy; elsewhere they are spawned and `shared` is pickled once to each.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

_context: tuple[Callable[[Any, Any], Any], Any] | None = None


def _adopt(function: Callable[[Any, Any], Any], shared: Any) -> None:
    global _context
    _context = (function, shared)


def _run(task: Any) -> Any:
    if _context is None:
        raise RuntimeError("worker started without its context")
    function, shared = _context
    return function(shared, task)


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class SerialExecutor:
    """Runs tasks one after another in this process."""

    workers = 1

    def chunks(self, count: int) -> list[range]:
        return [range(count)] if count else []

    def map(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Sequence[Task],
        *,
        shared: Shared,
    ) -> list[Result]:
        return [function(shared, task) for task in tasks]


class ProcessExecutor:
    """A pool per call: the shared data changes with every call and forking is cheap.

    chunk_size : tasks of `chunks` hold this many items; None = two tasks a worker, so that a
        dense half of the part does not leave the other worker idle.
    submit_order : a permutation of the tasks for tests; the result must not depend on it.
    """

    def __init__(
        self,
        workers: int,
        *,
        chunk_size: int | None = None,
        submit_order: Callable[[int], Sequence[int]] | None = None,
    ) -> None:
        if workers < 1:
            raise ValueError(f"workers: {workers}, wanted at least 1")
        self.workers = workers
        self._chunk_size = chunk_size
        self._submit_order = submit_order

    def chunks(self, count: int) -> list[range]:
        size = self._chunk_size or max(8, -(-count // (self.workers * 4)))
        return [range(i, min(i + size, count)) for i in range(0, count, size)]

    def map(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Sequence[Task],
        *,
        shared: Shared,
    ) -> list[Result]:
        if self.workers == 1 or len(tasks) < 2:
            return [function(shared, task) for task in tasks]
        method = "fork" if sys.platform == "linux" else "spawn"
        with ProcessPoolExecutor(
            min(self.workers, len(tasks)),
            mp_context=multiprocessing.get_context(method),
            initializer=_adopt,
            initargs=(function, shared),
        ) as pool:
            order = self._submit_order(len(tasks)) if self._submit_order else range(len(tasks))
            futures = {index: pool.submit(_run, tasks[index]) for index in order}
            return [futures[index].result() for index in range(len(tasks))]


def executor_for(workers: int | None, *, work_items: int) -> SerialExecutor | ProcessExecutor:
    """`workers` processes; None = as many as there are cores, one where the work is small."""
    count = workers if workers is not None else usable_cores() if work_items > 20_000 else 1
    return SerialExecutor() if count == 1 else ProcessExecutor(count)

"""Executor: one process, or several with results joined in task order.

On Linux workers are forked (`adapters.forked`), so that they start in milliseconds and see `shared`
without a copy; elsewhere they are spawned and `shared` is pickled once to each.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final, TypeVar

from printstd.adapters.beside import Beside, Inline
from printstd.adapters.starting import be_a_worker, beside_threads, undisturbed, worker_died
from printstd.errors import OutsideError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

_MOST_WORKERS: Final = 61
"""What Windows can wait for at once."""

_DYING_S: Final = 5.0
"""How long a killed worker is waited for."""

_WORTH_MS: Final = 80.0
"""Starting workers and bringing back what they found costs some 20 ms, and two cores that
are threads of one do little more than one."""

_SHARES: Final = (0.75, 0.25)
"""Of the work that a worker would do if all were equal, how much lies in each of its tasks. Large
tasks share more of what layers have in common, and small ones at the end keep everybody busy."""

_context: tuple[Callable[[Any, Any], Any], Any] | None = None


def _adopt(function: Callable[[Any, Any], Any], shared: Any) -> None:
    global _context
    _context = (function, shared)
    be_a_worker()


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

    def chunks(self, work_ms: Sequence[float]) -> list[range]:
        return [range(len(work_ms))] if len(work_ms) else []

    def map(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Sequence[Task],
        *,
        shared: Shared,
    ) -> list[Result]:
        return [function(shared, task) for task in tasks]

    def beside(
        self, function: Callable[[Shared], Result], shared: Shared, *, work_ms: float
    ) -> Inline[Result]:
        return Inline(function, shared)


class ProcessExecutor:
    """New workers for every call: the shared data changes with it and forking is cheap.

    chunk_size : tasks of `chunks` hold this many items; None = by the work that is in them.
    least_work_ms : work that takes less is not divided.
    submit_order : a permutation of the tasks for tests; the result must not depend on it.
    start_method : how workers start; None = fork on Linux, spawn elsewhere.
    """

    def __init__(
        self,
        workers: int,
        *,
        chunk_size: int | None = None,
        least_work_ms: float = 0.0,
        submit_order: Callable[[int], Sequence[int]] | None = None,
        start_method: str | None = None,
    ) -> None:
        if workers < 1:
            raise ValueError(f"workers: {workers}, wanted at least 1")
        if chunk_size is not None and chunk_size < 1:
            raise ValueError(f"chunk_size: {chunk_size}, wanted at least 1")
        self.workers = min(workers, _MOST_WORKERS)
        self._chunk_size = chunk_size
        self._least_work_ms = least_work_ms
        self._submit_order = submit_order
        self._start_method = start_method or ("fork" if sys.platform == "linux" else "spawn")

    def chunks(self, work_ms: Sequence[float]) -> list[range]:
        count, total = len(work_ms), sum(work_ms)
        if total < self._least_work_ms:
            return [range(count)] if count else []
        if self._chunk_size:
            borders = list(range(0, count, self._chunk_size))
        else:
            done = list(accumulate(work_ms, initial=0.0))
            shares = [share / self.workers for share in _SHARES for _ in range(self.workers)]
            found = {bisect_left(done, total * part) for part in accumulate(shares, initial=0.0)}
            borders = sorted(border for border in found if border < count)
        return [range(*ends) for ends in pairwise([*borders, count])]

    def map(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Sequence[Task],
        *,
        shared: Shared,
    ) -> list[Result]:
        if self.workers == 1 or len(tasks) < 2:
            return [function(shared, task) for task in tasks]
        if self._start_method == "fork":
            order = self._order(len(tasks))
            return _by_forks(
                function, shared, tasks, workers=min(self.workers, len(tasks)), order=order
            )
        from concurrent.futures.process import BrokenProcessPool

        try:
            with self._pool(function, len(tasks), shared) as pool:
                futures = self._submitted(pool, tasks)
                return [futures[index].result() for index in range(len(tasks))]
        except BrokenProcessPool as broken:
            raise worker_died() from broken

    def each(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Sequence[Task],
        *,
        shared: Shared,
        done: Callable[[int, Result | OutsideError], None],
    ) -> None:
        """`map` for tasks that have nothing to do with each other, always in workers: where one
        dies over its task, that task's result is the error, and the others are done all the same.

        done : called here with a task's index and result, as each is finished.
        """
        from concurrent.futures import as_completed
        from concurrent.futures.process import BrokenProcessPool

        waiting = set(range(len(tasks)))
        try:
            with self._pool(function, len(tasks), shared) as pool:
                numbers = {f: index for index, f in self._submitted(pool, tasks).items()}
                for future in as_completed(numbers):
                    result = future.result()
                    waiting.remove(numbers[future])
                    done(numbers[future], result)
        except BrokenProcessPool:
            # It took along what the other workers were at, and does not say which task it died of:
            # each of the rest gets a worker of its own.
            for index in sorted(waiting):
                try:
                    with self._pool(function, 1, shared) as pool:
                        answer = self._submitted(pool, [tasks[index]])[0].result()
                except BrokenProcessPool:
                    answer = worker_died()
                done(index, answer)

    def _order(self, count: int) -> Sequence[int]:
        return self._submit_order(count) if self._submit_order else range(count)

    def _submitted(self, pool: ProcessPoolExecutor, tasks: Sequence[Any]) -> dict[int, Future[Any]]:
        with undisturbed(), beside_threads():
            return {index: pool.submit(_run, tasks[index]) for index in self._order(len(tasks))}

    @contextmanager
    def _pool(
        self, function: Callable[[Any, Any], Any], count: int, shared: Any
    ) -> Iterator[ProcessPoolExecutor]:
        """Workers for that many tasks; gone when the block is left, at once where it is left by
        a request to stop."""
        # A small part is sliced in this process and pays for none of this.
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        pool = ProcessPoolExecutor(
            min(self.workers, count),
            mp_context=multiprocessing.get_context(self._start_method),
            initializer=_adopt,
            initargs=(function, shared),
        )
        others = multiprocessing.active_children()
        is_stopped = False
        try:
            yield pool
        except KeyboardInterrupt:
            # Nobody waits for what is left, and workers do not hear the request themselves.
            is_stopped = True
            workers = [p for p in multiprocessing.active_children() if p not in others]
            for process in workers:
                process.kill()
            for process in workers:
                process.join(_DYING_S)
            raise
        finally:
            # After an error the tasks that have not started would be wasted work. A worker that
            # was killed while it handed over a result would be waited for for ever.
            pool.shutdown(wait=not is_stopped, cancel_futures=True)

    def beside(
        self, function: Callable[[Shared], Result], shared: Shared, *, work_ms: float
    ) -> Inline[Result] | Beside[Result]:
        if self.workers == 1 or work_ms < self._least_work_ms:
            return Inline(function, shared)
        with undisturbed():
            return Beside(function, shared, self._start_method)


def _by_forks(
    function: Callable[[Shared, Task], Result],
    shared: Shared,
    tasks: Sequence[Task],
    *,
    workers: int,
    order: Sequence[int],
) -> list[Result]:
    from printstd.adapters import forked

    try:
        with beside_threads():
            return forked.run(function, shared, tasks, workers=workers, order=order)
    except forked.WorkerDied as died:
        raise worker_died() from died


def executor_for(workers: int | None) -> SerialExecutor | ProcessExecutor:
    """`workers` processes for whatever can be divided; None = as many as there are cores, for work
    that is worth them."""
    if workers is None:
        cores = usable_cores()
        return SerialExecutor() if cores == 1 else ProcessExecutor(cores, least_work_ms=_WORTH_MS)
    return SerialExecutor() if workers == 1 else ProcessExecutor(workers)

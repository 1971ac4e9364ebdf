"""Several inputs in one run, each a task of its own: spread over worker processes.

A worker reads, works and answers; what it made comes back and is written here, as soon as it is
there, so that a run that is stopped leaves nothing half-written. Answers are joined in the order
of the call.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from printstd.cli.running import answer_of, executor_of
from printstd.cli.speech import translate
from printstd.errors import OutsideError
from printstd.named_tuple import NamedTuple
from printstd.words import said

if TYPE_CHECKING:
    from printstd.ports import Executor, Progress
    from printstd.report.document import Subject

Job = TypeVar("Job")

_FAIR: Final = 1.5
"""A file this many times as large as a worker's fair share of what is left keeps all workers busy
alone: dividing one file's work wins less than this on two cores, and waiting for one that is much
larger than the others wins nothing."""


class Answer(NamedTuple):
    """What one input gave: its subject, and files to be written."""

    subject: Subject
    products: Mapping[Path, bytes]


Work = Callable[[Job, Path, "Executor", "Progress"], Answer]
"""A module-level function: (what the call asks of it, input, executor, progress) to the answer."""


def spread(
    paths: Sequence[Path], work: Work[Job], jobs: Sequence[Job], *, workers: int | None, quiet: bool
) -> tuple[Subject, ...]:
    """`work` on every input, each with its own of `jobs`; one that fails is its own subject's
    problem."""
    from printstd.adapters.executors import ProcessExecutor, SerialExecutor
    from printstd.adapters.progress import progress_for

    executor = executor_of(workers)
    found: dict[int, Subject] = {}

    def here(index: int) -> Answer:
        with progress_for(quiet=quiet, translate=translate()) as progress:
            return work(jobs[index], paths[index], executor, progress)

    alone, together = list(range(len(paths))), list[int]()
    if not isinstance(executor, SerialExecutor):
        alone, together = divided([_size(path) for path in paths], executor.workers)
    for index in alone:
        found[index] = _settled(paths[index], partial(here, index))
    if together and isinstance(executor, ProcessExecutor):
        with progress_for(quiet=quiet, translate=translate()) as progress:
            progress.stage(said("models"), len(together))

            def done(number: int, answer: Answer | OutsideError) -> None:
                index = together[number]
                found[index] = _settled(paths[index], partial(_said, answer))
                progress.advance()

            executor.each(_in_worker, together, shared=(work, jobs, paths), done=done)
    return tuple(found[index] for index in range(len(paths)))


def divided(sizes: Sequence[int], workers: int) -> tuple[list[int], list[int]]:
    """Indices of inputs that are worked on one by one with all workers, and of those that get a
    worker each; both largest first, so that nobody waits long for the last one."""
    order = sorted(range(len(sizes)), key=lambda index: (-sizes[index], index))
    left = sum(sizes)
    for rank, index in enumerate(order):
        if len(order) - rank > 1 and sizes[index] * workers <= _FAIR * left:
            return order[:rank], order[rank:]
        left -= sizes[index]
    return order, []


def _size(path: Path) -> int:
    """Bytes, as a guess of the work in it; a pipe has none, and what is not there will be told."""
    try:
        return max(1, os.stat(path).st_size)
    except (OSError, ValueError):
        return 1


def _in_worker(shared: tuple[Work[Job], Sequence[Job], Sequence[Path]], index: int) -> Answer:
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.progress import NoProgress

    work, jobs, paths = shared
    products: dict[Path, bytes] = {}

    def one(path: Path) -> Subject:
        answer = work(jobs[index], path, SerialExecutor(), NoProgress())
        products.update(answer.products)
        return answer.subject

    return Answer(answer_of(paths[index], one), products)


def _settled(path: Path, make: Callable[[], Answer]) -> Subject:
    """The answer's subject, once its products are in their places."""

    def one(path: Path) -> Subject:
        from printstd.adapters.files import write_all

        answer = make()
        if answer.products:
            write_all(answer.products)
        return answer.subject

    return answer_of(path, one)


def _said(answer: Answer | OutsideError) -> Answer:
    if isinstance(answer, OutsideError):
        raise answer
    return answer

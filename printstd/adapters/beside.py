"""One piece of work in a process of its own, while the caller does something else."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from printstd.adapters.starting import be_a_worker, beside_threads, worker_died
from printstd.errors import PrintstdError

Shared = TypeVar("Shared")
Result = TypeVar("Result")

_DYING_S = 5.0
"""How long a killed process is waited for."""


class Inline(Generic[Result]):
    """The work done at once, in this process; an error of the user's is raised where it is asked
    for, as it is from a process."""

    def __init__(self, function: Callable[[Shared], Result], shared: Shared) -> None:
        self._error: PrintstdError | MemoryError | None = None
        try:
            self._result = function(shared)
        except (PrintstdError, MemoryError) as error:
            self._error = error

    def is_ready(self) -> bool:
        return True

    def result(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left running."""


class Beside(Generic[Result]):
    """The work in a process that ends with the block that it was started for."""

    def __init__(
        self, function: Callable[[Shared], Result], shared: Shared, start_method: str
    ) -> None:
        import multiprocessing

        context = multiprocessing.get_context(start_method)
        self._answers, theirs = context.Pipe(duplex=False)
        # Ended with us, whatever ends us.
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_work, args=(theirs, function, shared), daemon=True
        )
        self._answer: tuple[bool, Any] | None = None
        with beside_threads():
            self._process.start()
        theirs.close()

    def is_ready(self) -> bool:
        return self._answer is not None or bool(self._answers.poll())

    def result(self) -> Result:
        if self._answer is None:
            try:
                self._answer = self._answers.recv()
            except EOFError as gone:
                self._process.join()
                if self._process.exitcode == 1:
                    raise RuntimeError("a worker failed, as it says above") from gone
                raise worker_died() from gone
            self._process.join()
        is_done, value = self._answer
        if not is_done:
            raise value
        found: Result = value
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nobody waits for what is not there yet."""
        if self._answer is None:
            self._process.kill()
            self._process.join(_DYING_S)
        self._answers.close()


def _work(answers: Any, function: Callable[[Any], Any], shared: Any) -> None:
    be_a_worker()
    # Our own mistakes are printed with their trace, and end this process with 1.
    try:
        answer: tuple[bool, Any] = (True, function(shared))
    except (PrintstdError, MemoryError) as error:
        answer = (False, error)
    answers.send(answer)

"""What runs on the workers of a Dask cluster: each task by a process beside its Dask worker."""

from __future__ import annotations

import threading
from typing import Any, Final

from distributed.diagnostics.plugin import WorkerPlugin

from printstd.adapters.hands import Hand, Limits
from printstd.errors import PrintstdError


class _Own(threading.local):
    """The hand of one thread of a Dask worker, and the run that it is of."""

    def __init__(self) -> None:
        self.run = ""
        self.hand: Hand | None = None


_OWN: Final = _Own()
_FIRST: Final[dict[str, tuple[bytes, Limits]]] = {}
_BEGUN: Final[dict[str, list[Hand]]] = {}


class Introduction(WorkerPlugin):
    """Tells every worker, also those that come later, what the tasks of a run are about.

    first : pickle of ``(function, shared)``."""

    def __init__(self, run: str, first: bytes, limits: Limits) -> None:
        self.name = f"printstd-{run}"
        self._run, self._first, self._limits = run, first, limits

    def setup(self, worker: Any) -> None:
        _FIRST[self._run] = (self._first, self._limits)

    def teardown(self, worker: Any) -> None:
        _FIRST.pop(self._run, None)
        for own in _BEGUN.pop(self._run, []):
            own.end()


def answer(run: str, task: Any) -> Any:
    """What the task gave, or the PrintstdError that stands for it."""
    if _OWN.run != run or _OWN.hand is None:
        _OWN.run, _OWN.hand = run, Hand(*_FIRST[run])
        _BEGUN.setdefault(run, []).append(_OWN.hand)
    try:
        return _OWN.hand.answer(task)
    except PrintstdError as error:
        return error

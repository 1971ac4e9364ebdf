"""Results put in their folder beside the run: each takes the disk two syncs, and while it is waited
for the next answer can be looked at. So small files are not done at the pace of the disk."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from printstd.adapters.result_files import ResultFolder

_AT_ONCE: Final = 8
"""Syncs that are waited for at the same time: a disk does several as one."""
_WAITING: Final = 64
"""Results that are not durable yet, at most: a run holds no more than these."""


class Keeper:
    """Puts from one thread. All that was put is durable when the block is left, whatever ended it;
    an error of the disk is raised by the next `put`, or there."""

    def __init__(self, results: ResultFolder) -> None:
        self._results = results
        self._threads = ThreadPoolExecutor(_AT_ONCE, "keeping")
        self._left: set[Future[None]] = set()
        self._owner = threading.get_ident()

    def put(self, key: str, pieces: Sequence[bytes | memoryview]) -> Future[None]:
        """Done when it is durable."""
        if threading.get_ident() != self._owner:
            raise AssertionError("put by one thread alone")
        self._settle(_WAITING - 1)
        put = self._threads.submit(self._results.put, key, pieces)
        self._left.add(put)
        return put

    def _settle(self, at_most: int) -> None:
        """Wait until no more than so many are left; raises what one of those that ended raised."""
        while True:
            done = {one for one in self._left if one.done()}
            self._left -= done
            for one in done:
                one.result()
            if len(self._left) <= at_most:
                return
            wait(self._left, return_when=FIRST_COMPLETED)

    def __enter__(self) -> Keeper:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._settle(0)
        finally:
            self._threads.shutdown(wait=True)

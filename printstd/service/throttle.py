"""Guessing passwords is slow: after a few failures whoever asks has to wait, longer each time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_FREE: Final = 5
_LONGEST_S: Final = 300.0
_MOST: Final = 10_000


class Throttle:
    """By a name and an address each. now_s : a clock that never goes back."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, *whose: str) -> float:
        """Seconds until any of these may try again; 0: now."""
        until = max(self._failed.get(one, (0, 0.0))[1] for one in whose)
        return max(0.0, until - self._now_s())

    def failed(self, *whose: str) -> None:
        for one in whose:
            count = self._failed.pop(one, (0, 0.0))[0] + 1
            wait = min(_LONGEST_S, 2.0 ** max(0, count - _FREE)) if count >= _FREE else 0.0
            self._failed[one] = (count, self._now_s() + wait)
        while len(self._failed) > _MOST:
            self._failed.popitem(last=False)

    def passed(self, *whose: str) -> None:
        for one in whose:
            self._failed.pop(one, None)

"""Prints that the farm did not start: from a touchscreen, a USB stick, another program's console.

A decision over looks at a printer, without a clock: whoever polls brings the time. A print is
foreign when it is not the one that is expected there; it is said once for each print.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from printstd.artifacts.host import HostState, HostStatus

GRACE_S: Final = 3.0
"""So long a print may be seen before it is known who began it: a start is recorded when its host
has answered. With looks every 2 s a foreign print is told within 6 s."""

_AT_WORK: Final = (HostState.PRINTING, HostState.PAUSED)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the farm or a gate started and has not seen end. file : as the host calls it. run_id :
    the host's own name of it; None while it is not known, or where it has none."""

    file: str
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignPrint:
    """since_s : when it was first seen, by the clock of whoever looks."""

    file: str | None
    run_id: str | None
    since_s: float


class ForeignWatch:
    """One printer's looks, one after the other."""

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._seen: tuple[str | None, str | None] | None = None
        self._since_s = 0.0
        self._is_told = False

    def look(
        self, status: HostStatus, at_s: float, expected: Expected | None
    ) -> ForeignPrint | None:
        """A foreign print, at the first look that makes it sure; None at every other."""
        if status.state not in _AT_WORK:
            self._seen, self._is_told = None, False
            return None
        own = (status.file, status.run_id)
        if own != self._seen:
            # A host that names its print a little later has not begun another.
            is_named_now = self._seen is not None and self._seen == (status.file, None)
            self._seen = own
            if not is_named_now:
                self._since_s, self._is_told = at_s, False
        if _is_expected(status, expected):
            self._since_s = at_s
            return None
        if self._is_told or at_s - self._since_s < self._grace_s:
            return None
        self._is_told = True
        return ForeignPrint(status.file, status.run_id, self._since_s)


def _is_expected(status: HostStatus, expected: Expected | None) -> bool:
    if expected is None or status.file is None or status.file != expected.file:
        return False
    return expected.run_id is None or status.run_id is None or status.run_id == expected.run_id

"""The clock: what a statement and a report say of when."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The `Clock` of the machine."""

    def now_utc(self) -> str:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class FixedClock:
    """A `Clock` that stands at a given second, for statements that must be the same twice."""

    def __init__(self, unix_s: int) -> None:
        self._text = datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def now_utc(self) -> str:
        return self._text


class GivenClock:
    """A `Clock` that stands at the time that somebody else read from theirs."""

    def __init__(self, now_utc: str) -> None:
        self._text = now_utc

    def now_utc(self) -> str:
        return self._text

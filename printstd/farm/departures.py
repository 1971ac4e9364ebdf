"""Departures as they come and go: one for each stretch, not one for each look."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from printstd.artifacts.as_run import Aspect, Departure

MAX_DEPARTURES: Final = 500


@dataclass(slots=True)
class _Open:
    aspect: Aspect
    at_ms: int
    last_ms: int
    layer: int | None
    got: str
    wanted: str
    off: float


@dataclass(slots=True)
class Ledger:
    """left_out : departures that came after `MAX_DEPARTURES` others."""

    done: list[Departure] = field(default_factory=list)
    left_out: int = 0
    aspects: set[Aspect] = field(default_factory=set)
    _open: dict[Hashable, _Open] = field(default_factory=dict)

    def show(
        self,
        key: Hashable,
        aspect: Aspect,
        at_ms: int,
        layer: int | None,
        got: str,
        wanted: str,
        *,
        off: float | None = None,
    ) -> None:
        """The thing under `key` is off at this look. The stretch goes on where it shows the same;
        with `off`, how far off it is, whatever it shows, and the furthest is kept."""
        found = self._open.get(key)
        if found is not None and (off is not None or found.got == got):
            found.last_ms = at_ms
            if off is not None and off > found.off:
                found.got, found.wanted, found.off = got, wanted, off
            return
        self.close(key, at_ms)
        self.aspects.add(aspect)
        self._open[key] = _Open(aspect, at_ms, at_ms, layer, got, wanted, off or 0.0)

    def once(self, aspect: Aspect, at_ms: int, layer: int | None, got: str, wanted: str) -> None:
        """A thing of one moment."""
        self.aspects.add(aspect)
        self._keep(Departure(aspect, at_ms, None, layer, got, wanted))

    def close(self, key: Hashable, at_ms: int | None = None) -> None:
        """It is as it should be again; at_ms : since when, else since the last look that showed
        it."""
        found = self._open.pop(key, None)
        if found is not None:
            until = found.last_ms if at_ms is None else at_ms
            self._keep(
                Departure(found.aspect, found.at_ms, until, found.layer, found.got, found.wanted)
            )

    def finish(self) -> tuple[Departure, ...]:
        """All of them by time; what is still open lasted to the end."""
        for found in self._open.values():
            self._keep(
                Departure(found.aspect, found.at_ms, None, found.layer, found.got, found.wanted)
            )
        self._open.clear()
        return tuple(sorted(self.done, key=lambda one: (one.at_ms, one.aspect.value, one.got)))

    def _keep(self, departure: Departure) -> None:
        if len(self.done) < MAX_DEPARTURES:
            self.done.append(departure)
        else:
            self.left_out += 1

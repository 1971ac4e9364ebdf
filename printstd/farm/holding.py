"""One look at a printer's state held against what the program commands where it stands."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from printstd.artifacts.as_run import Aspect
from printstd.artifacts.demand import AuditDemand, MaterialWindow
from printstd.artifacts.host import HostStatus
from printstd.farm.commanded import Commanded, Steps, Value, heater_of

RATIO_TOLERANCE: Final = 0.0051
"""Hosts tell whole per cents."""
FAN_TOLERANCE: Final = 0.0101
Z_TOLERANCE_MM: Final = 0.0006
TARGET_TOLERANCE_C: Final = 0.51
SETTLING_S: Final = {Aspect.FAN: 5.0, Aspect.NOZZLE: 12.0, Aspect.BED: 12.0}
"""A host reads ahead of what the printer does, and fan and heaters are told later than they were
commanded: a value that the program commanded within this time is not a departure."""
_KEPT_S: Final = 15.0
_PROGRESS_SLACK: Final = 0.01


@dataclass(frozen=True, slots=True)
class Off:
    """Something that is not as commanded. key : what it is, apart from its value. off : how far,
    where the furthest is to be kept; else None."""

    key: str
    aspect: Aspect
    got: str
    wanted: str
    off: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One aspect at one look: off is None where it is as commanded."""

    key: str
    aspect: Aspect
    off: Off | None


class Trail:
    """Where the host stood in the program at the last looks."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int, int]] = deque()

    def add(self, at_s: float, low: int, high: int) -> None:
        self._points.append((at_s, low, high))
        while len(self._points) > 2 and self._points[1][0] < at_s - _KEPT_S:
            self._points.popleft()

    def at(self, at_s: float) -> int | None:
        """About where it stood then: on a straight line between the looks around it."""
        before: tuple[float, int] | None = None
        for when, low, _ in self._points:
            if when >= at_s:
                if before is None or when == before[0]:
                    return low
                part = (at_s - before[0]) / (when - before[0])
                return round(before[1] + part * (low - before[1]))
            before = when, low
        return None if before is None else before[1]

    def back_to(self, at_s: float) -> int:
        """The lowest byte at which it stood since `at_s`, the look before that included."""
        found: list[int] = []
        for when, low, _ in reversed(self._points):
            found.append(low)
            if when < at_s and len(found) > 1:
                break
        return min(found, default=0)


def stretch(position: int | None, status: HostStatus, program: bytes) -> tuple[int, int] | None:
    """First and last byte at which the host may stand: with a byte told, up to the end of the line
    that begins there, which may be running already."""
    size = len(program)
    if position is not None:
        end = program.find(b"\n", position)
        return min(position, size), size if end < 0 else end
    if status.progress_ratio is None:
        return None
    low = int((status.progress_ratio - _PROGRESS_SLACK) * size)
    high = int((status.progress_ratio + _PROGRESS_SLACK) * size)
    return max(0, low), min(size, high)


def windows_of(demand: AuditDemand) -> dict[int, MaterialWindow]:
    """By tool."""
    return {tool.number: tool.material for tool in demand.tools} or {0: demand.material}


def held_by_state(
    status: HostStatus,
    commanded: Commanded,
    windows: dict[int, MaterialWindow],
    trail: Trail,
    at_s: float,
    high: int,
    *,
    base_z_offset_mm: float,
    has_heaters: bool,
) -> list[Held]:
    """Every aspect that this look tells of."""
    found: list[Held] = []
    rows: tuple[tuple[str, Aspect, Value, Steps, float, float], ...] = (
        ("speed", Aspect.SPEED, status.speed_ratio, commanded.speed, RATIO_TOLERANCE, 0.0),
        ("flow", Aspect.FLOW, status.flow_ratio, commanded.flow, RATIO_TOLERANCE, 0.0),
        ("fan", Aspect.FAN, status.fan_ratio, commanded.fan, FAN_TOLERANCE, 0.0),
        (
            "z_offset",
            Aspect.Z_OFFSET,
            status.z_offset_mm,
            commanded.z_offset,
            Z_TOLERANCE_MM,
            base_z_offset_mm,
        ),
    )
    for key, aspect, value, steps, tolerance, base in rows:
        if value is None:
            continue
        low = trail.back_to(at_s - SETTLING_S.get(aspect, 0.0))
        wanted = [one + base for one in steps.between(low, high) if one is not None]
        is_off = all(abs(value - one) > tolerance for one in wanted)
        show = millimetres if aspect is Aspect.Z_OFFSET else percent
        off = Off(key, aspect, show(value), listed_values(show(one) for one in wanted))
        found.append(Held(key, aspect, off if is_off else None))
    if has_heaters:
        found += _heaters(status, commanded, windows, trail, at_s, high)
    return found


def _heaters(
    status: HostStatus,
    commanded: Commanded,
    windows: dict[int, MaterialWindow],
    trail: Trail,
    at_s: float,
    high: int,
) -> list[Held]:
    """Targets as commanded, and what is measured within the material's window while a target that
    the program commanded holds."""
    found = []
    low = trail.back_to(at_s - SETTLING_S[Aspect.NOZZLE])
    for heater in status.heaters:
        which = heater_of(heater.name)
        if which is None:
            continue
        is_bed = which == "bed"
        aspect = Aspect.BED if is_bed else Aspect.NOZZLE
        steps = commanded.bed if isinstance(which, str) else commanded.nozzle.get(which)
        window = windows.get(which) if isinstance(which, int) else next(iter(windows.values()))
        if steps is None or not steps.offsets:
            continue
        wanted = [one for one in steps.between(low, high) if one is not None]
        target_key, key = f"{heater.name} target", f"{heater.name} measured"
        if wanted and all(abs(heater.target_c - one) > TARGET_TOLERANCE_C for one in wanted):
            off = Off(
                target_key,
                aspect,
                f"{heater.name} target {celsius(heater.target_c)}",
                listed_values(celsius(one) for one in wanted),
            )
            found.append(Held(target_key, aspect, off))
        else:
            found.append(Held(target_key, aspect, None))
        if window is None or not any(wanted):
            continue
        low_mc, high_mc = window.bed_mc if is_bed else window.nozzle_mc
        distance = max(low_mc / 1000 - heater.celsius, heater.celsius - high_mc / 1000)
        measured_off = Off(
            key,
            aspect,
            f"{heater.name} {celsius(heater.celsius)}",
            f"{celsius(low_mc / 1000)} to {celsius(high_mc / 1000)}",
            distance,
        )
        found.append(Held(key, aspect, measured_off if distance > 0 else None))
    return found


def percent(ratio: float) -> str:
    return f"{round(ratio * 100, 1):g} %"


def millimetres(value: float) -> str:
    return f"{value:+.3f} mm"


def celsius(value: float) -> str:
    return f"{value:.1f} °C"


def listed_values(values: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(values))

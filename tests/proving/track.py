"""Where the nozzle goes by a program of our own writer, read once more and by nobody's code but
this: for the questions that a planner does not ask."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"([A-Z])(-?[0-9.]+)")
FIRST_LAYER = ";LAYER_CHANGE"


@dataclass(slots=True)
class Track:
    """Moves between known places. line : (n,) from 1. start_mm, end_mm : (n, 3). fed_mm : (n,) of
    filament, less than zero where it is drawn back. is_start : (n,) before the first layer.
    hottest_c : (nozzle, bed) that was asked for. cold : lines that feed filament through a nozzle
    that nobody waited for."""

    line: NDArray[np.int64]
    start_mm: NDArray[np.float64]
    end_mm: NDArray[np.float64]
    fed_mm: NDArray[np.float64]
    is_start: NDArray[np.bool_]
    hottest_c: tuple[float, float]
    cold: list[int] = field(default_factory=list)


def track(lines: list[str]) -> Track:
    """lines : with macros of the machine already in their place (`expanded`)."""
    rows: list[tuple[int, list[float | None], list[float | None], float, bool]] = []
    at: list[float | None] = [None, None, None]
    is_absolute, is_start, is_warm = True, True, False
    nozzle, bed = 0.0, 0.0
    cold = []
    for number, text in enumerate(lines, 1):
        if text.startswith(FIRST_LAYER):
            is_start = False
        code = text.split(";", 1)[0].strip()
        if not code:
            continue
        command, *_ = code.split()
        words = {key: float(value) for key, value in _WORD.findall(code[len(command) :])}
        if command in ("G0", "G1", "G2", "G3"):
            before = list(at)
            for axis, letter in enumerate("XYZ"):
                if letter in words:
                    base = 0.0 if is_absolute else at[axis] or 0.0
                    at[axis] = base + words[letter]
            fed = words.get("E", 0.0)
            rows.append((number, before, list(at), fed, is_start))
            if fed > 0 and not is_warm:
                cold.append(number)
        elif command == "G28":
            # Where an axis is after homing is the firmware's affair: nothing is known of it.
            for axis, letter in enumerate("XYZ"):
                if letter in code[3:] or not any(one in code[3:] for one in "XYZ"):
                    at[axis] = None
        elif command in ("G90", "G91"):
            is_absolute = command == "G90"
        elif command in ("M104", "M109"):
            target = words.get("S", words.get("R", 0.0))
            nozzle = max(nozzle, target)
            if command == "M109":
                is_warm = target >= 170
            elif target < 170:
                is_warm = False
        elif command in ("M140", "M190"):
            bed = max(bed, words.get("S", words.get("R", 0.0)))

    known = [row for row in rows if None not in row[1] and None not in row[2]]

    def column(index: int) -> NDArray[np.float64]:
        return np.array([row[index] for row in known], np.float64).reshape(len(known), 3)

    return Track(
        np.array([row[0] for row in known], np.int64),
        column(1),
        column(2),
        np.array([row[3] for row in known], np.float64),
        np.array([row[4] for row in known], bool),
        (nozzle, bed),
        cold,
    )


def entering(
    start_mm: NDArray[np.float64], end_mm: NDArray[np.float64], box_mm: tuple[float, ...]
) -> NDArray[np.bool_]:
    """(n,) moves of which some point lies inside a box (x and y low, x and y high, top). It reaches
    down for ever; on its sides one is outside."""
    x0, y0, x1, y1, top = box_mm
    low = np.array([x0, y0, -np.inf])
    high = np.array([x1, y1, top])
    way = end_mm - start_mm
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - start_mm) / way, (high - start_mm) / way
    still = way == 0
    inside = (start_mm > low) & (start_mm < high)
    enter = np.where(still, np.where(inside, -np.inf, np.inf), np.minimum(first, second))
    leave = np.where(still, np.where(inside, np.inf, -np.inf), np.maximum(first, second))
    t0, t1 = enter.max(axis=1), leave.min(axis=1)
    return np.asarray((t0 < t1) & (t1 > 0) & (t0 < 1))

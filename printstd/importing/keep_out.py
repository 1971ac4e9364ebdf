"""Places on the bed that a preset keeps free (``bed_exclude_area``: a polygon, as corners XxY)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from printstd.importing.convert import Lost, Unreadable, Values
from printstd.importing.walk import walk

Box = tuple[float, float, float, float]
"""x and y from, x and y to, mm."""

KEY: Final = "bed_exclude_area"
WHAT: Final = "a place that the preset keeps free"
_MOST: Final = 0.5
"""Of the bed, that one place may take: more is a polygon that its box does not stand for."""

Corners = list[tuple[float, float]]


def boxes(values: Values) -> tuple[Box, ...]:
    """The places as boxes that hold them; none where the preset has none.

    One polygon is its box; corners that are rectangles, four by four, are one box each.
    """
    if KEY not in values:
        return ()
    corners = _corners(values)
    if len({*corners}) < 3:
        return ()  # ``0x0`` stands for nothing
    fours = [corners[n : n + 4] for n in range(0, len(corners), 4)]
    groups = fours if all(_is_rectangle(four) for four in fours) else [corners]
    return tuple(_box(group) for group in groups)


def places(height_key: str, bed_of: Any) -> Any:
    """For a row: the tables of the profile's ``volume.keep_out``, from the bed to the top, because
    no preset says how high what is there stands. Lost, and yet kept free, where it is no box."""

    def convert(values: Values, key: str) -> list[dict[str, Any]] | None:
        found = boxes(values)
        top = values.number(height_key)
        told = [
            {
                "what": WHAT,
                "x_min_mm": x0,
                "y_min_mm": y0,
                "x_max_mm": x1,
                "y_max_mm": y1,
                "top_mm": top,
            }
            for x0, y0, x1, y1 in found
        ]
        whole = _area(bed_of(values, key))
        if any(_area(box) > _MOST * whole for box in found):
            raise Lost("the place that is kept free is no box, and the box around it is the bed")
        corners = _corners(values)
        if len(found) == 1 and not _is_rectangle(corners):
            raise Lost("the box around the place is kept free, not the polygon alone", told)
        return told or None

    return convert


def crossing(lines: Sequence[str], home_mm: tuple[float, float], kept: Sequence[Box]) -> str:
    """The first line of start code that goes where nothing may; empty where none does. Where homing
    leaves the head is the firmware's affair: ways count from where the code has said X and Y."""
    told: set[str] = set()
    for step in walk(list(lines), home_mm):
        if step.command == "G28":
            told -= set(step.words) & {"X", "Y"} or {"X", "Y"}
            continue
        if not step.is_move:
            continue
        ends = (step.before[:2], step.after[:2])
        if told == {"X", "Y"} and any(_meets(*ends, box) for box in kept):
            return step.line
        told |= {letter for letter in "XY" if letter in step.words}
    return ""


def free_stretch(y_mm: float, x0_mm: float, x1_mm: float, kept: Sequence[Box]) -> Box:
    """The longest stretch of a line along X on which nothing is kept free, the left one of equal
    ones; of no length where there is none."""
    cuts = sorted((box[0], box[2]) for box in kept if box[1] <= y_mm <= box[3])
    edges = [x0_mm]
    for start, end in cuts:
        edges += [min(max(start, edges[-1]), x1_mm), min(max(end, edges[-1]), x1_mm)]
    edges.append(max(x1_mm, edges[-1]))
    start, end = max(list(pairwise(edges))[::2], key=lambda pair: pair[1] - pair[0])
    return (start, y_mm, end, y_mm)


def _corners(values: Values) -> Corners:
    found: Corners = []
    for item in values.text(KEY).split(","):
        text = item.strip().strip('"')
        if not text:
            continue
        try:
            x, y = map(float, text.lower().split("x"))
        except ValueError:
            wanted = "corners, as 0x0,18x0,18x28,0x28"
            raise Unreadable(KEY, repr(item), wanted) from None
        found.append((x, y))
    return found


def _is_rectangle(corners: Corners) -> bool:
    x0, y0, x1, y1 = _box(corners)
    return (
        sorted(corners) == sorted([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]) and x0 < x1 and y0 < y1
    )


def _box(corners: Corners) -> Box:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _meets(start: Sequence[float], end: Sequence[float], box: Box) -> bool:
    """Does the straight way enter the box? Along its edge it does not."""
    first, last = 0.0, 1.0
    for axis in (0, 1):
        low, high, delta = box[axis], box[axis + 2], end[axis] - start[axis]
        if delta == 0:
            if not low < start[axis] < high:
                return False
            continue
        near, far = sorted(((low - start[axis]) / delta, (high - start[axis]) / delta))
        first, last = max(first, near), min(last, far)
    return first < last

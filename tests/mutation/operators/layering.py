"""Layers and what lies beside the part: order, heights, climbs, strands, blobs, arcs."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Final

from tests.mutation.operators.base import Edit, MutationOperator, Size
from tests.mutation.operators.editing import Lines, on_rows
from tests.mutation.operators.missing import _edge

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

FAMILY: Final = "layering"
_MATCH_UM: Final = 2.0
_FLAT_UM: Final = 1.0
_BLOB_MM: Final = 0.1
_NO_ARCS: Final = {"klipper": "L-05"}


def rearranged(*order: int) -> Edit:
    """Three sparse layers on end laid in another order, any of them left out or twice."""

    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        lines = list(subject.lines)
        first = rng.choice(subject.sparse[1:-3])
        start = {k: lines.index(f";LAYER:{first + k}") for k in range(4)}
        chosen = [lines[start[k] : start[k + 1]] for k in order]
        inner = [text for part in chosen for text in part]
        return [*lines[: start[0]], *inner, *lines[start[3] :]]

    return edit


def _raised(sign: int, only_one: bool) -> Edit:
    """From a layer on (or it alone) everything is so many um higher or lower."""

    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        layer = rng.choice(subject.sparse)
        chosen = [layer] if only_one else range(layer, 10**6)
        by = sign * size / 1000
        return on_rows(
            lambda row: (
                row.words | {"Z": row.words["Z"] + by}
                if "Z" in row.words and row.layer in chosen
                else None
            )
        )(list(subject.lines), rng)

    return edit


def _ramped(subject: Subject, rng: random.Random, size: float) -> Lines:
    """A layer's outer walls climb by so much in one bead and fall in the next."""
    layer = rng.choice(subject.sparse)
    z = subject.demand.layers.first_um / 1000 + layer * subject.layer_height
    count = 0

    def change(row):  # type: ignore[no-untyped-def]
        nonlocal count
        if not (row.lays and row.layer == layer and row.kind == "outer"):
            return None
        count += 1
        return row.words | {"Z": z + count % 2 * size / 1000}

    return on_rows(change)(list(subject.lines), rng)


def _vase(subject: Subject, rng: random.Random, size: float) -> Lines:
    """A layer's outer walls rise by a whole layer on their way round, as in a spiral vase."""
    layer = rng.choice(subject.sparse)
    rows = sum(
        1
        for text in _layer_lines(subject, layer, "outer")
        if text.startswith("G1 X") and " E" in text and "E-" not in text
    )
    return _ramped_in(subject, layer, 1000 * subject.layer_height / max(rows, 1))


def _ramped_in(subject: Subject, layer: int, step_um: float) -> Lines:
    z = subject.demand.layers.first_um / 1000 + (layer - 1) * subject.layer_height
    count = 0

    def change(row):  # type: ignore[no-untyped-def]
        nonlocal count
        if not (row.lays and row.layer == layer and row.kind == "outer"):
            return None
        count += 1
        return row.words | {"Z": z + count * step_um / 1000}

    return on_rows(change)(list(subject.lines), random.Random(0))


def _layer_lines(subject: Subject, layer: int, kind: str) -> Lines:
    at = subject.lines.index(f";LAYER:{layer}")
    found, current = [], ""
    for text in subject.lines[at + 1 :]:
        if text.startswith(";LAYER:"):
            break
        if text.startswith(";TYPE:"):
            current = text[6:]
        elif current == kind:
            found.append(text)
    return found


def inserted_in(subject: Subject, layer: int, *texts: str) -> Lines:
    """Lines put in at the start of a layer."""
    at = subject.lines.index(f";LAYER:{layer}") + 4
    return [*subject.lines[:at], *texts, *subject.lines[at:]]


def _strand(subject: Subject, rng: random.Random, a: tuple[float, float], b: tuple[float, float]):  # type: ignore[no-untyped-def]
    """A bead from one place to another, both as in the bed frame."""
    length = math.dist(a, b)
    return inserted_in(
        subject,
        rng.choice(subject.sparse),
        f"G1 X{a[0]:.3f} Y{a[1]:.3f} F7800",
        "G1 E2 F2400",
        f"G1 X{b[0]:.3f} Y{b[1]:.3f} E{0.034 * length:.5f} F1500",
        "G1 E-2 F2400",
    )


def _across_bore(subject: Subject, rng: random.Random, size: float) -> Lines:
    x, y, radius = subject.bore
    angle = rng.uniform(0, math.pi)
    dx, dy = 0.8 * radius * math.cos(angle), 0.8 * radius * math.sin(angle)
    return _strand(subject, rng, (x - dx, y - dy), (x + dx, y + dy))


def _beside(subject: Subject, rng: random.Random, size: float) -> Lines:
    x, y = subject.middle[0] + subject.half_size[0] + 12, subject.middle[1]
    return _strand(subject, rng, (x, y), (x + 1, y))


def _blob(subject: Subject, rng: random.Random, size: float) -> Lines:
    """Filament pushed in place, more than was drawn back."""
    layer = rng.choice(subject.sparse)
    lines = list(subject.lines)
    at = next(
        i
        for i in range(lines.index(f";LAYER:{layer}"), len(lines))
        if lines[i].startswith("G1 E") and "E-" not in lines[i]
    )
    return [*lines[: at + 1], f"G1 E{size:.5f} F300", *lines[at + 1 :]]


def _arc(subject: Subject, rng: random.Random, name: str, off: float) -> Lines:
    """A bead along a straight stretch of the outline as half a circle, out of the part."""
    layer = rng.choice(subject.sparse)
    x, y, dx, dy = _edge(subject, rng, layer, 6.0)
    # The outline's outside lies on the right of its way; a clockwise arc bulges to the left.
    r = 2.0
    a, b = (x - dx * r, y - dy * r), (x + dx * r, y + dy * r)
    return inserted_in(
        subject,
        layer,
        f"G1 X{a[0]:.3f} Y{a[1]:.3f} F7800",
        "G1 E2 F2400",
        f"{name} X{b[0]:.3f} Y{b[1]:.3f} I{dx * (r + off):.3f} J{dy * (r + off):.3f} E0.2 F1500",
        "G1 E-2 F2400",
    )


def _turning_arc(subject: Subject, rng: random.Random, size: float) -> Lines:
    """A travel along an arc that turns back beyond the end of the machine's travel."""
    xmax = subject.demand.machine.travel_um[3] / 1000
    y = subject.place[1]
    return inserted_in(
        subject,
        rng.choice(subject.sparse),
        f"G1 X{xmax - 1:.3f} Y{y - 10:.3f} F7800",
        f"G3 X{xmax - 1:.3f} Y{y + 10:.3f} I0 J10 F7800",
    )


def _twice(subject: Subject, rng: random.Random, size: float) -> Lines:
    """Height taken from one layer and given to the next, the filament with it."""
    layer = rng.choice(subject.sparse[:-1])
    by, h = size / 1000, subject.layer_height

    def change(row):  # type: ignore[no-untyped-def]
        words = dict(row.words)
        if "Z" in words and row.layer == layer:
            words["Z"] -= by
        if row.lays and row.layer in (layer, layer + 1):
            words["E"] *= (h - by) / h if row.layer == layer else (h + by) / h
        return words if words != row.words else None

    return on_rows(change)(list(subject.lines), rng)


def _cut_off(subject: Subject, rng: random.Random, size: float) -> Lines:
    return list(subject.lines)[: int(len(subject.lines) * 0.6)]


def _micro_climb(subject: Subject) -> float:
    return _FLAT_UM


_UM: Final = Size("um", lambda subject: _MATCH_UM)

OPERATORS: Final = (
    MutationOperator("A11", FAMILY, "G-02", rearranged(0, 2), "a layer left out"),
    MutationOperator("A12", FAMILY, "G-10", rearranged(0, 1, 1, 2), "a layer laid twice"),
    MutationOperator("A13", FAMILY, "G-02", rearranged(1, 0, 2), "two layers in the wrong order"),
    MutationOperator("A29", FAMILY, "G-02", _raised(1, False), "a gap between two layers", _UM),
    MutationOperator("A30", FAMILY, "G-02", _raised(-1, True), "one layer too low", _UM),
    MutationOperator("A31", FAMILY, "G-11", _across_bore, "a strand across a bore"),
    MutationOperator("A32", FAMILY, "G-11", _beside, "a strand beside the part"),
    MutationOperator(
        "A33", FAMILY, "M-09", _blob, "a blob in place", Size("mm", lambda s: _BLOB_MM)
    ),
    MutationOperator(
        "A38",
        FAMILY,
        "M-11",
        _ramped,
        "beads that climb while they are laid",
        Size("um", _micro_climb),
    ),
    MutationOperator("A48", FAMILY, "M-11", _vase, "a turn that rises as in a spiral vase"),
    MutationOperator(
        "A50", FAMILY, "G-02", _twice, "two layers of other heights, flow as it must be", _UM
    ),
    MutationOperator(
        "A53",
        FAMILY,
        {"*": "M-03"} | _NO_ARCS,
        lambda s, rng, size: _arc(s, rng, "G3", 0.5),
        "an arc about a wrong centre",
    ),
    MutationOperator(
        "A54",
        FAMILY,
        {"*": "G-11"} | _NO_ARCS,
        lambda s, rng, size: _arc(s, rng, "G3", 0.0),
        "an arc in the wrong direction, out of the part",
    ),
    MutationOperator(
        "A55",
        FAMILY,
        {"*": "M-03"} | _NO_ARCS,
        _turning_arc,
        "an arc that turns back beyond the machine's travel",
    ),
    MutationOperator("C16", FAMILY, "G-02", _cut_off, "the file cut off at 60 %"),
)

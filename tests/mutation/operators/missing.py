"""Missing material: slits, voids, walls, skins and infill that are not laid."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tests.mutation.operators.base import Edit, MutationOperator, Size
from tests.mutation.operators.editing import Lines, Row, dry, rows_of, written

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

FAMILY: Final = "missing"
_WIDTH: Final = 0.45
_STRETCH_MM: Final = 10.0
"""G-08: nowhere for more than 10 mm on end."""
_VOID_RATIO: Final = 1.25
_HOLE_MM: Final = 1.0
_GAP_RATIO: Final = 0.75
"""G-07: a hole counts where a disc of so much of a bead fits, and from so large on."""


def cut_out(
    lines: Lines, region: BaseGeometry, wanted: Callable[[Row], bool], end: tuple[float, float]
) -> Lines:
    """What of the wanted beads lies in a region is travelled, not laid. end : where the nozzle
    stands before the first line."""
    shapely.prepare(region)
    out: Lines = []
    at = end
    for row in rows_of(lines):
        there = (row.words.get("X", at[0]), row.words.get("Y", at[1]))
        out += _cut(row, at, there, region) if row.lays and wanted(row) else [row.text]
        at = there
    return out


def _cut(row: Row, a: tuple[float, float], b: tuple[float, float], region: BaseGeometry) -> Lines:
    line = shapely.LineString([a, b])
    if not line.length or not shapely.intersects(region, line):
        return [row.text]
    inside = shapely.intersection(line, region)
    borders = sorted(
        {
            0.0,
            1.0,
            *(
                shapely.line_locate_point(line, shapely.Point(point), normalized=True)
                for point in shapely.get_coordinates(inside)
            ),
        }
    )
    out = []
    for low, high in pairwise(borders):
        x, y = (p + (q - p) * high for p, q in zip(a, b, strict=True))
        words = {k: v for k, v in row.words.items() if k not in "XYE"}
        middle = shapely.line_interpolate_point(line, (low + high) / 2, normalized=True)
        laid = {} if shapely.intersects(region, middle) else {"E": row.words["E"] * (high - low)}
        if high > low + 1e-9:
            out.append(written({"X": x, "Y": y} | laid | words))
    return out


def is_laid(row: Row, *kinds: str) -> bool:
    return row.lays and 0 <= row.layer < 10**6 and row.kind in kinds


def _edge(subject: Subject, rng: random.Random, layer: int, least: float) -> tuple[float, ...]:
    """(x, y, dx, dy) a place on a straight stretch of the outline with so much room to both sides,
    and the way it runs."""
    from tests.mutation.subjects import straight_edges

    edge = rng.choice(straight_edges(subject.outline_of(layer), least + 1.0))
    at = rng.uniform(least / 2, edge.length - least / 2)
    (ax, ay), (bx, by) = edge.coords
    dx, dy = (bx - ax) / edge.length, (by - ay) / edge.length
    return ax + dx * at, ay + dy * at, dx, dy


def _box(x: float, y: float, dx: float, dy: float, length: float, depth: float) -> BaseGeometry:
    """A box along a way with its middle at a point, reaching `depth` to both sides."""
    way, side = np.array([dx, dy]) * length / 2, np.array([-dy, dx]) * depth
    at = np.array([x, y])
    return shapely.Polygon([at - way - side, at + way - side, at + way + side, at - way + side])


def _slit(depth: float, kinds: tuple[str, ...], layers: int) -> Edit:
    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        first = rng.choice(subject.sparse[: len(subject.sparse) - layers + 1])
        x, y, dx, dy = _edge(subject, rng, first, size)
        box = _box(x, y, dx, dy, size, depth)
        chosen = range(first, first + layers)
        return cut_out(
            list(subject.lines),
            box,
            lambda row: is_laid(row, *kinds) and row.layer in chosen,
            subject.place,
        )

    return edit


def _slit_limit(subject: Subject) -> float:
    """mm: G-04's contiguous length, and what the round ends of cut beads cover of it on both
    sides."""
    limits = subject.demand.integrity
    half, off = _WIDTH / 2, (limits.inward_um + 5) / 1000
    return limits.contiguous_um / 1000 + 2 * math.sqrt(half**2 - (half - off) ** 2)


def _cube(subject: Subject, rng: random.Random, size: float) -> Lines:
    return _slit(6.0, ("outer", "inner", "sparse"), 8)(subject, rng, 6.0)


def _void(subject: Subject, rng: random.Random, size: float) -> Lines:
    """A disc without infill in all sparse layers, where there is most room for one."""
    layer = subject.sparse[0]
    walls = 2 * subject.spacing
    room = subject.outline_of(layer).buffer(-walls)
    place = shapely.Point(shapely.maximum_inscribed_circle(room, 0.05).coords[0])
    angle, off = rng.uniform(0, 2 * math.pi), rng.uniform(0, 0.3)
    disc = shapely.Point(place.x + off * math.cos(angle), place.y + off * math.sin(angle)).buffer(
        size / 2
    )
    return cut_out(
        list(subject.lines),
        disc,
        lambda row: is_laid(row, "sparse") and row.layer in subject.sparse,
        subject.place,
    )


def _void_limit(subject: Subject) -> float:
    """mm, diameter."""
    window = subject.demand.integrity.infill_permille
    assert window is not None
    return 2 * _VOID_RATIO * subject.spacing * 1000 / window[0]


def _has_room(subject: Subject) -> bool:
    walls = 2 * subject.spacing
    room = subject.outline_of(subject.sparse[0]).buffer(-walls)
    return shapely.maximum_inscribed_circle(room, 0.05).length > 0.65 * _void_limit(subject)


def _skin_hole(subject: Subject, rng: random.Random, size: float) -> Lines:
    """A round hole in the skin that closes the part at its top."""
    room = _skin_room(subject, size)
    (x, y) = _point_in(room, rng)
    disc = shapely.Point(x, y).buffer(size / 2)
    return cut_out(
        list(subject.lines),
        disc,
        lambda row: row.lays and row.layer == subject.top and row.kind == "solid",
        subject.place,
    )


def _skin_room(subject: Subject, size: float) -> BaseGeometry:
    return subject.outline_of(subject.top).buffer(-2 * subject.spacing - size / 2 - 0.2)


def _point_in(room: BaseGeometry, rng: random.Random) -> tuple[float, float]:
    if room.is_empty:
        raise ValueError("no room for the fault on this part")
    x0, y0, x1, y1 = room.bounds
    while True:
        x, y = rng.uniform(x0, x1), rng.uniform(y0, y1)
        if shapely.contains_xy(room, x, y):
            return x, y


def _skin_limit(subject: Subject) -> float:
    """mm: the hole that is left when the eroding disc has passed, and the beads' round ends."""
    return _HOLE_MM * 2 / math.sqrt(math.pi) + _GAP_RATIO * _WIDTH + _WIDTH


def _dry_layer(kind: str, which: Callable[[Subject, random.Random], int]) -> Edit:
    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        layer = which(subject, rng)
        return dry(lambda row: row.kind == kind and row.layer == layer)(list(subject.lines), rng)

    return edit


def _sparse(subject: Subject, rng: random.Random) -> int:
    return rng.choice(subject.sparse)


def _every(count: int, kind: str) -> Edit:
    from tests.mutation.operators.editing import every

    return lambda subject, rng, size: every(count, kind)(list(subject.lines), rng)


def _no_infill(subject: Subject, rng: random.Random, size: float) -> Lines:
    return dry(lambda row: row.kind == "sparse" and row.layer in subject.sparse[2:])(
        list(subject.lines), rng
    )


OPERATORS: Final = (
    MutationOperator("A15", FAMILY, "G-04", _cube, "a cube of 6 mm left out at the outline"),
    MutationOperator(
        "A17",
        FAMILY,
        "G-04",
        _slit(1.3, ("outer", "inner"), 1),
        "a slit through the walls of a layer",
        Size("mm", _slit_limit),
    ),
    MutationOperator(
        "A16",
        FAMILY,
        "G-04",
        _slit(0.3, ("outer",), 3),
        "a stretch of outer wall missing in three layers",
        Size("mm", _slit_limit),
    ),
    MutationOperator(
        "A16b",
        FAMILY,
        "G-08",
        lambda s, rng, size: _inner_gap(s, rng, size),
        "a stretch of inner wall missing in a layer",
        Size("mm", lambda s: _STRETCH_MM + _WIDTH),
    ),
    MutationOperator(
        "A17b",
        FAMILY,
        "G-09",
        _void,
        "a round void in the infill",
        Size("mm", _void_limit),
        applies=_has_room,
    ),
    MutationOperator("A18", FAMILY, "G-09", _no_infill, "no infill in most sparse layers"),
    MutationOperator("A19", FAMILY, "G-09", _every(2, "sparse"), "every second line of infill"),
    MutationOperator(
        "A20", FAMILY, "G-04", _dry_layer("outer", _sparse), "a layer without outer walls"
    ),
    MutationOperator(
        "A21", FAMILY, "G-08", _dry_layer("inner", _sparse), "a layer without inner walls"
    ),
    MutationOperator(
        "A22", FAMILY, "G-07", _dry_layer("solid", lambda s, rng: s.top), "no skin on the top"
    ),
    MutationOperator(
        "A22c", FAMILY, "G-07", _dry_layer("solid", lambda s, rng: 0), "no skin at the bottom"
    ),
    MutationOperator(
        "A22d",
        FAMILY,
        "G-07",
        _dry_layer("solid", lambda s, rng: rng.choice(s.solid)),
        "a solid layer of the bottom shell left out",
        applies=lambda s: not s.name.endswith("other"),
    ),
    MutationOperator(
        "A23b",
        FAMILY,
        "G-07",
        _skin_hole,
        "a hole in the top skin",
        Size("mm", _skin_limit),
        applies=lambda subject: not _skin_room(subject, 1.2 * _skin_limit(subject)).is_empty,
    ),
    MutationOperator("A34", FAMILY, "G-04", _every(40, "outer"), "one in 40 outer beads missing"),
)


def _inner_gap(subject: Subject, rng: random.Random, size: float) -> Lines:
    layer = rng.choice(subject.sparse)
    x, y, dx, dy = _edge(subject, rng, layer, size)
    # Along the inner wall, which lies a bead further in on one of the two sides.
    box = _box(x, y, dx, dy, size, 2.0 * subject.spacing)
    return cut_out(
        list(subject.lines),
        box,
        lambda row: is_laid(row, "inner") and row.layer == layer,
        subject.place,
    )

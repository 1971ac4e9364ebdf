"""Place and shape: layers, holes, walls or the whole part elsewhere than the model has them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from tests.mutation.operators.base import Edit, MutationOperator, Size
from tests.mutation.operators.editing import Lines, Row, rows_ahead, written
from tests.mutation.operators.flow import JOINT_MM

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

FAMILY: Final = "placement"
UNCERTAINTY_UM: Final = 5.0
"""By more than so much a limit must be exceeded (the rules' own measure)."""
_AXES: Final = ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))
Place = Callable[[float, float], tuple[float, float]]


def _outward(subject: Subject) -> float:
    return subject.demand.integrity.outward_um + UNCERTAINTY_UM


def is_of_part(row: Row) -> bool:
    return 0 <= row.layer < 10**6 and row.kind not in ("skirt", "custom")


def moved_to(subject: Subject, place: Place, wanted: Callable[[Row], bool]) -> Lines:
    """Ends of moves put elsewhere; the travel to a path goes with the path."""
    out = []
    for row in rows_ahead(list(subject.lines)):
        if "X" in row.words and "Y" in row.words and is_of_part(row) and wanted(row):
            x, y = place(row.words["X"], row.words["Y"])
            out.append(written(row.words | {"X": x, "Y": y}))
        else:
            out.append(row.text)
    return out


def _all(row: Row) -> bool:
    return True


def _layer_shifted(subject: Subject, rng: random.Random, size: float) -> Lines:
    layer, (dx, dy) = rng.choice(subject.sparse), rng.choice(_AXES)
    by = size / 1000
    return moved_to(subject, lambda x, y: (x + dx * by, y + dy * by), lambda r: r.layer == layer)


def _shifted(subject: Subject, rng: random.Random, size: float) -> Lines:
    (dx, dy), by = rng.choice(_AXES), size / 1000
    return moved_to(subject, lambda x, y: (x + dx * by, y + dy * by), _all)


def about(
    degrees: float = 0.0, scale: tuple[float, float] = (1.0, 1.0), side: int = 1
) -> Callable[[Subject], Lines]:
    """Everything turned, scaled, mirrored about the part's middle."""

    def made(subject: Subject) -> Lines:
        cx, cy = subject.middle
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

        def there(x: float, y: float) -> tuple[float, float]:
            u, v = side * (x - cx) * scale[0], (y - cy) * scale[1]
            return cx + c * u - s * v, cy + s * u + c * v

        return moved_to(subject, there, _all)

    return made


def _bore_drawn_in(subject: Subject, rng: random.Random, size: float) -> Lines:
    """The innermost wall of the bore laid size um nearer to its axis."""
    cx, cy, radius = subject.bore
    by = size / 1000

    def place(x: float, y: float) -> tuple[float, float]:
        far = math.hypot(x - cx, y - cy)
        if far > radius + 0.6 * subject.spacing:
            return x, y
        return cx + (x - cx) * (far - by) / far, cy + (y - cy) * (far - by) / far

    return moved_to(subject, place, lambda row: row.kind == "outer")


def walls_moved(subject: Subject, by_mm: float, kind: str, wanted: Callable[[Row], bool]) -> Lines:
    """Closed walls of a kind offset, positive = out of the material; every vertex goes along the
    normals of both edges that meet in it."""
    rows = rows_ahead(list(subject.lines))
    new: dict[int, dict[str, float]] = {}
    for chain in _chains(rows, kind, wanted):
        at = [row for row, _ in chain]
        points = np.array([point for _, point in chain])
        layer = rows[at[0]].layer
        shift = _offsets(points, subject.outline_of(layer), by_mm)
        for row, (x, y) in zip(at, points + shift, strict=True):
            new[row] = rows[row].words | {"X": float(x), "Y": float(y)}
    return [written(new[i]) if i in new else row.text for i, row in enumerate(rows)]


def _chains(
    rows: list[Row], kind: str, wanted: Callable[[Row], bool]
) -> list[list[tuple[int, tuple[float, float]]]]:
    """Runs of beads of a kind with the move that leads to each: rows and points."""
    found: list[list[tuple[int, tuple[float, float]]]] = []
    last: tuple[int, tuple[float, float]] | None = None
    is_open = False
    for index, row in enumerate(rows):
        if "X" not in row.words or "Y" not in row.words:
            continue
        here = (index, (row.words["X"], row.words["Y"]))
        if row.lays and row.kind == kind and is_of_part(row) and wanted(row):
            if not is_open:
                found.append([last] if last and rows[last[0]].kind == kind else [])
            found[-1].append(here)
            is_open = True
        else:
            is_open = False
        last = here
    return [chain for chain in found if len(chain) > 2]


def _offsets(points: np.ndarray, outline: shapely.Geometry, by: float) -> np.ndarray:
    """(n, 2) where each vertex of a wall goes; by > 0 is towards the outline's outside."""
    way = np.diff(points, axis=0)
    length = np.hypot(*way.T)
    keep = length > 1e-6
    normal = np.zeros_like(way)
    normal[keep] = np.stack([way[keep, 1], -way[keep, 0]], axis=1) / length[keep, None]
    middle = (points[:-1] + points[1:]) / 2
    # Out of the material is where the nearer border lies: walls lie just inside it.
    border = shapely.boundary(outline)
    right = shapely.distance(shapely.points(middle + 0.05 * normal), border)
    left = shapely.distance(shapely.points(middle - 0.05 * normal), border)
    side = np.sign(np.sum((left - right) * length))
    normal = normal * side
    is_closed = np.hypot(*(points[0] - points[-1])) < 1.0
    before = np.vstack([normal[-1:] if is_closed else normal[:1], normal])
    after = np.vstack([normal, normal[:1] if is_closed else normal[-1:]])
    facing = np.maximum(1 + (before * after).sum(axis=1), 0.3)
    return by * (before + after) / facing[:, None]


def _walls(kind: str, sign: int, which: str) -> Edit:
    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        layers = {
            "all": range(10**6),
            "one": [rng.choice(subject.sparse)],
            "first": [0],
        }[which]
        return walls_moved(subject, sign * size / 1000, kind, lambda row: row.layer in layers)

    return edit


def _swapped_contents(subject: Subject, rng: random.Random, size: float) -> Lines:
    """Two layers lie where the other should, each at its own height."""
    low, high = subject.sparse[0], subject.top - 1
    lines = list(subject.lines)
    start = {k: lines.index(f";LAYER:{k}") for k in (low, low + 1, high, high + 1)}

    def lifted(part: Lines, by: int) -> Lines:
        dz, out = by * subject.layer_height, []
        for row in rows_ahead(part):
            out.append(
                written(row.words | {"Z": row.words["Z"] + dz}) if "Z" in row.words else row.text
            )
        return out

    a = lines[start[low] : start[low + 1]]
    b = lines[start[high] : start[high + 1]]
    return [
        *lines[: start[low]],
        *lifted(b, low - high),
        *lines[start[low + 1] : start[high]],
        *lifted(a, high - low),
        *lines[start[high + 1] :],
    ]


def _half(subject: Subject) -> float:
    """mm: what a turn or a change of scale moves the most, a millimetre of border aside."""
    return max(subject.half_size) - 1.0


OPERATORS: Final = (
    MutationOperator(
        "A08", FAMILY, "G-03", _layer_shifted, "one layer shifted", Size("um", _outward)
    ),
    MutationOperator("A08b", FAMILY, "G-03", _shifted, "the part shifted", Size("um", _outward)),
    MutationOperator(
        "A14",
        FAMILY,
        "G-11",
        _swapped_contents,
        "the contents of two layers exchanged, heights kept",
        applies=lambda subject: not subject.part.is_prism,
    ),
    MutationOperator(
        "A23",
        FAMILY,
        "G-03",
        lambda s, rng, size: about(scale=(1 + size / 100, 1.0))(s),
        "stretched along X",
        Size("%", lambda s: 100 * _outward(s) / 1000 / s.half_size[0]),
    ),
    MutationOperator(
        "A24",
        FAMILY,
        "G-04",
        lambda s, rng, size: about(scale=(1 - size / 100, 1 - size / 100))(s),
        "shrunk in X and Y",
        Size(
            "%",
            lambda s: (
                100 * (s.demand.integrity.inward_um + UNCERTAINTY_UM) / 1000 / max(s.half_size)
            ),
        ),
    ),
    MutationOperator("A25", FAMILY, "G-11", lambda s, rng, size: about(side=-1)(s), "mirrored"),
    MutationOperator(
        "A26", FAMILY, "G-11", lambda s, rng, size: about(90.0)(s), "turned by 90 degrees"
    ),
    MutationOperator(
        "A27",
        FAMILY,
        "G-03",
        lambda s, rng, size: about(size)(s),
        "turned",
        Size("deg", lambda s: math.degrees(_outward(s) / 1000 / _half(s))),
    ),
    MutationOperator(
        "A28",
        FAMILY,
        "G-11",
        lambda s, rng, size: moved_to(s, lambda x, y: (x + 50, y), _all),
        "50 mm aside",
    ),
    MutationOperator(
        "A36", FAMILY, "G-03", _bore_drawn_in, "a bore too small", Size("um", _outward)
    ),
    MutationOperator(
        "A36b",
        FAMILY,
        "G-11",
        lambda s, rng, size: _bore_drawn_in(s, rng, 450.0),
        "a bore's wall laid in the bore",
    ),
    MutationOperator(
        "A37",
        FAMILY,
        "G-03",
        _walls("outer", 1, "all"),
        "outer walls too far out",
        Size("um", _outward),
    ),
    MutationOperator(
        "A37b",
        FAMILY,
        "G-04",
        _walls("outer", -1, "all"),
        "outer walls too far in",
        Size("um", lambda s: float(s.demand.integrity.outward_um)),
    ),
    MutationOperator(
        "A37c",
        FAMILY,
        "G-04",
        _walls("outer", -1, "one"),
        "one layer's outer walls too far in",
        Size("um", lambda s: 0.5 * s.demand.integrity.outward_um),
    ),
    MutationOperator(
        "A51",
        FAMILY,
        "G-04",
        _walls("outer", -1, "first"),
        "the foot drawn in by more than was declared",
        Size("um", lambda s: 0.5 * s.demand.integrity.outward_um),
    ),
    MutationOperator(
        "A52",
        FAMILY,
        "G-17",
        _walls("inner", -1, "all"),
        "inner walls laid too far in to touch the outer ones",
        Size("um", lambda s: 1000 * (JOINT_MM + 0.45 - s.spacing)),
    ),
)

"""Parts of any number of triangles, the same bytes each time: for curves of time and memory.

    ball     40 mm on a flat foot, finer and finer: the same work on every layer, more to read
    plate    60 x 60 mm with bumps of several sizes: tops of all sorts on few layers
    lattice  a gyroid of 8 mm cells in a box: many small areas on every layer
    column   twisted, of as many triangles at any height: no layer is like another

All are closed and go through the same reader as any user's file (binary STL).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""(n, 3, 3) corners of triangles, mm, counter-clockwise from outside."""

SIZES: Final = (10, 100, 1_000, 10_000, 100_000, 1_000_000, 2_000_000)
_BALL_MM: Final = 40.0
_FOOT_TILT: Final = 0.6
_PLATE_MM: Final = 60.0
_CELL_MM: Final = 8.0
_COLUMN_MM: Final = 30.0


def ball(triangles: int) -> Corners:
    """2 n (m - 1) triangles: n meridians, m zones, the lowest a flat foot; 10 are a pyramid of
    five sides."""
    zones = max(2, int(math.sqrt(triangles / 4) + 1))
    around = max(3, round(triangles / (2 * (zones - 1))))
    tilt = np.append(0.0, np.linspace(_FOOT_TILT, math.pi, zones))[:, None]
    turn = np.arange(around)[None] * (2 * math.pi / around)
    radius = _BALL_MM / 2
    points = np.stack(
        np.broadcast_arrays(
            np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), -np.cos(tilt)
        ),
        axis=-1,
    )
    points = radius * points + (0.0, 0.0, radius)
    points[0], points[-1] = (0.0, 0.0, points[1, 0, 2]), (0.0, 0.0, 2 * radius)
    points -= (0.0, 0.0, points[0, 0, 2])
    sides = _quads(points, is_round=True).reshape(zones, around, 2, 3, 3)
    return np.concatenate(
        [sides[0, :, 1], sides[1:-1].reshape(-1, 3, 3), sides[-1, :, 0]], dtype=np.float64
    )


def plate(triangles: int) -> Corners:
    """A field of heights over a grid, with walls and a floor that ends in one point."""
    cells = max(1, round((math.sqrt(36 + 2 * triangles) - 6) / 2))
    at = np.linspace(0.0, _PLATE_MM, cells + 1)
    x, y = at[:, None], at[None]
    z = 4.0 + 1.2 * np.sin(x / 2.5) * np.sin(y / 2.5) + 0.5 * np.sin(x * 1.3 + y * 0.7)
    top = np.stack(np.broadcast_arrays(x, y, z), axis=-1)
    rim = np.concatenate([top[:-1, 0], top[-1, :-1], top[:0:-1, -1], top[0, :0:-1]])
    walls = _quads(np.stack([rim * (1.0, 1.0, 0.0), rim]), is_round=True)
    floor = rim * (1.0, 1.0, 0.0)
    middle = np.broadcast_to([_PLATE_MM / 2, _PLATE_MM / 2, 0.0], floor.shape)
    ground = np.stack([np.roll(floor, -1, axis=0), floor, middle], axis=1)
    return np.concatenate([_quads(top, is_round=False), walls, ground])


def column(triangles: int, *, height_mm: float = 40.0) -> Corners:
    """Twelve-lobed, turned by a sixth over its height; lids end in one point."""
    around = max(12, round(math.sqrt(triangles)))
    rings = max(1, round((triangles - 2 * around) / (2 * around)))
    share = np.linspace(0.0, 1.0, rings + 1)[:, None]
    turn = np.arange(around)[None] * (2 * math.pi / around)
    radius = _COLUMN_MM / 2 * (1.0 + 0.15 * np.cos(12 * turn))
    angle = turn + share * (math.pi / 3)
    points = np.stack(
        np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), share * height_mm),
        axis=-1,
    )
    ends = []
    for ring, z in ((points[0, ::-1], 0.0), (points[-1], height_mm)):
        middle = np.broadcast_to([0.0, 0.0, z], ring.shape)
        ends.append(np.stack([ring, np.roll(ring, -1, axis=0), middle], axis=1))
    return np.concatenate([_quads(points, is_round=True), *ends])


def lattice(triangles: int) -> Corners:
    """A gyroid wall in a box by marching tetrahedra; as many cells as give about that number."""
    # Measured once: a period of 8 steps takes about 5,000 triangles.
    steps = 8
    periods = max(1, round((triangles / 5_000) ** (1 / 3)))
    if triangles > 40_000:
        steps, periods = round(8 * math.sqrt(triangles / (5_000 * 27))), 3
        steps = max(steps, 8)
    count = steps * periods
    at = np.arange(-1, count + 2)
    x, y, z = np.meshgrid(at, at, at, indexing="ij", sparse=True)
    turn = 2 * math.pi / steps
    wave = (
        np.sin(x * turn) * np.cos(y * turn)
        + np.sin(y * turn) * np.cos(z * turn)
        + np.sin(z * turn) * np.cos(x * turn)
    )
    inside = 0.6 - np.abs(wave)
    # The box cuts half a step outside the last of its points, where no corner can lie on a point.
    for axis in (x, y, z):
        inside = np.minimum(inside, np.minimum(axis + 0.5, count + 0.5 - axis) * 0.5)
    corners = _marched(inside, at) * (_CELL_MM / steps)
    return corners - corners.min(axis=(0, 1))


def _quads(points: NDArray[np.float64], *, is_round: bool) -> Corners:
    """Two triangles for each mesh of a (rows, columns, 3) net, wound to the side where
    columns x rows points; a round net's last column meets its first."""
    if is_round:
        points = np.concatenate([points, points[:, :1]], axis=1)
    a, b = points[:-1, :-1], points[:-1, 1:]
    c, d = points[1:, 1:], points[1:, :-1]
    first, second = (a, b, c), (a, c, d)
    if not is_round:
        first, second = (a, c, b), (a, d, c)
    return np.stack([np.stack(first, axis=-2), np.stack(second, axis=-2)], axis=2).reshape(-1, 3, 3)


_TETRAHEDRA: Final = (
    (0, 5, 1, 6),
    (0, 1, 2, 6),
    (0, 2, 3, 6),
    (0, 3, 7, 6),
    (0, 7, 4, 6),
    (0, 4, 5, 6),
)
"""Six about the cube's diagonal 0-6, alike in neighbouring cubes."""
_CUBE: Final = (
    (0, 0, 0),
    (1, 0, 0),
    (1, 1, 0),
    (0, 1, 0),
    (0, 0, 1),
    (1, 0, 1),
    (1, 1, 1),
    (0, 1, 1),
)


def _marched(inside: NDArray[np.float64], at: NDArray[np.int64]) -> Corners:
    """Where a field on a cubic grid is zero, wound with the positive side within."""
    size = inside.shape[0] - 1
    found = []
    for one in _TETRAHEDRA:
        places = [_CUBE[k] for k in one]
        values = np.stack(
            [inside[x : x + size, y : y + size, z : z + size] for x, y, z in places], axis=-1
        ).reshape(-1, 4)
        count = (values > 0).sum(axis=1)
        rows = np.flatnonzero((count > 0) & (count < 4))
        grid = np.stack(np.unravel_index(rows, (size, size, size)), axis=-1)
        points = (at[grid][:, None] + np.array(places)[None]).astype(float)
        found += _cut(points, values[rows], count[rows])
    return np.concatenate(found)


def _cut(
    points: NDArray[np.float64], values: NDArray[np.float64], count: NDArray[np.int64]
) -> list[Corners]:
    """Triangles of tetrahedra that have one, two or three corners inside."""
    order = np.argsort(values <= 0, axis=1, kind="stable")
    points = np.take_along_axis(points, order[:, :, None], axis=1)
    values = np.take_along_axis(values, order, axis=1)

    def between(rows: NDArray[np.bool_], i: int, j: int) -> NDArray[np.float64]:
        # From the grid's lower point on, so that all who share the edge get the same corner.
        p, q = points[rows, i], points[rows, j]
        u, v = values[rows, i], values[rows, j]
        is_lower = (p @ (1.0, 1e3, 1e6)) < (q @ (1.0, 1e3, 1e6))
        p, q = np.where(is_lower[:, None], p, q), np.where(is_lower[:, None], q, p)
        u, v = np.where(is_lower, u, v), np.where(is_lower, v, u)
        return np.asarray(p + (q - p) * (u / (u - v))[:, None])

    def outward(rows: NDArray[np.bool_], *edges: tuple[int, int]) -> Corners:
        corners = np.stack([between(rows, i, j) for i, j in edges], axis=1)
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        is_inward = ((corners[:, 0] - points[rows, 0]) * normal).sum(axis=1) < 0
        corners[is_inward] = corners[is_inward, ::-1]
        return corners

    one, two, three = count == 1, count == 2, count == 3
    return [
        outward(one, (0, 1), (0, 2), (0, 3)),
        outward(two, (0, 2), (0, 3), (1, 3)),
        outward(two, (0, 2), (1, 3), (1, 2)),
        outward(three, (0, 3), (1, 3), (2, 3)),
    ]


KINDS: Final[dict[str, Callable[[int], Corners]]] = {
    "ball": ball,
    "plate": plate,
    "lattice": lattice,
    "column": column,
}


def stl_bytes(corners: Corners) -> bytes:
    record = np.zeros(
        len(corners), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("_", "<u2")]
    )
    record["corners"] = corners
    return b"generated".ljust(80) + len(corners).to_bytes(4, "little") + record.tobytes()


def write(folder: Path, kind: str, triangles: int) -> Path:
    """That part as a binary STL in the folder, made if it is not there."""
    path = folder / f"{kind}_{triangles}.stl"
    if not path.exists():
        path.write_bytes(stl_bytes(KINDS[kind](triangles)))
    return path

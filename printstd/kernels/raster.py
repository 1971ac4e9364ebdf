"""A picture of a mesh without a display: isometric, z-buffered, flat shaded, same bytes anywhere.

The camera stands in front, to the left and above (towards -X, -Y, +Z of the bed frame). The
projection is integer (97/56 stands for sqrt 3), coverage is decided on integers by the same
half-open rule as plane sections, so neighbouring triangles neither overlap nor leave a crack.
Depth and shade use float64 + - * / sqrt only.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.kernels.facets import used_vertices

_SUB: Final = 256
"""Steps of a sample's width in which projected corners are placed."""
_MARGIN_PERMILLE: Final = 40
_LEVELS: Final = 24
_ALPHAS: Final = 4
_BATCH_SAMPLES: Final = 4_000_000
_BATCH_FACETS: Final = 1 << 18
_EDGE_PERMILLE: Final = 12
"""A step in depth of more than this much of the part's own depth is drawn as a line."""

_LIGHT: Final = (-0.25, -0.5, 0.83)
_AMBIENT: Final = 0.14
_STOPS: Final = ((10, 26, 44), (30, 104, 158), (120, 186, 222), (232, 246, 252))

# Which corner starts the edge that rises through a row, and which the one that falls, by the
# corners on or above the row (as in kernels.sections).
_UP: Final = np.array([0, 2, 0, 2, 1, 1, 0, 0], np.int64)
_DOWN: Final = np.array([0, 0, 1, 1, 2, 0, 2, 0], np.int64)


class _Screen(NamedTuple):
    """u, v : (v,) int64, 1/256 sample, right and up. depth : (v,) float64, 0..1 to the viewer."""

    u: NDArray[np.int64]
    v: NDArray[np.int64]
    depth: NDArray[np.float64]


def render(
    vertices_nm: NDArray[np.int64],
    faces: NDArray[np.int32],
    *,
    width_px: int,
    height_px: int,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(indices (h, w) uint8, palette (n, 4) uint8 RGBA) of the mesh, fitted into the picture.

    vertices_nm : (v, 3) int64, nm, bed frame. faces : (f, 3), counter-clockwise from outside;
    facets seen from behind are not drawn. Index 0 is the transparent background.
    """
    samples = 4 if max(width_px, height_px) <= 64 else 2
    width, height = width_px * samples, height_px * samples
    nearest = np.full(width * height, -1, np.int64)
    if len(faces):
        screen = _project(vertices_nm, faces, width, height)
        for start in range(0, len(faces), _BATCH_FACETS):
            batch = _facing(screen, faces[start : start + _BATCH_FACETS])
            _fill(nearest, screen, batch, vertices_nm, width)
    picture = _shaded(nearest.reshape(height, width)[::-1])
    return _downsampled(picture, samples), palette()


def palette() -> NDArray[np.uint8]:
    """(1 + _ALPHAS * _LEVELS, 4) uint8 RGBA: clear, then shades dark to light for each opacity."""
    steps = _LEVELS - 1
    out = np.zeros((1 + _ALPHAS * _LEVELS, 4), np.uint8)
    for level in range(_LEVELS):
        segment, part = divmod(level * (len(_STOPS) - 1), steps)
        low, high = _STOPS[segment], _STOPS[min(segment + 1, len(_STOPS) - 1)]
        colour = [(a * (steps - part) + b * part) // steps for a, b in zip(low, high, strict=True)]
        for alpha in range(_ALPHAS):
            out[1 + alpha * _LEVELS + level] = [*colour, (alpha + 1) * 255 // _ALPHAS]
    return out


def _project(
    vertices_nm: NDArray[np.int64], faces: NDArray[np.int32], width: int, height: int
) -> _Screen:
    x, y, z = vertices_nm[:, 0], vertices_nm[:, 1], vertices_nm[:, 2]
    right, up, near = 97 * (x - y), 56 * (x + y + 2 * z), z - x - y
    used = used_vertices(len(vertices_nm), faces)
    box = [(int(a[used].min()), int(a[used].max())) for a in (right, up, near)]
    span = [max(high - low, 1) for low, high in box]
    room_u = width * _SUB * (1000 - 2 * _MARGIN_PERMILLE) // 1000
    room_v = height * _SUB * (1000 - 2 * _MARGIN_PERMILLE) // 1000
    # One scale for both directions: steps per unit, as a fraction.
    over, under = (room_u, span[0]) if room_u * span[1] <= room_v * span[0] else (room_v, span[1])
    placed = [
        (a - (low + high) // 2) * over // under + middle
        for a, (low, high), middle in (
            (right, box[0], width * _SUB // 2),
            (up, box[1], height * _SUB // 2),
        )
    ]
    return _Screen(placed[0], placed[1], (near - box[2][0]) / float(span[2]))


def _facing(screen: _Screen, faces: NDArray[np.int32]) -> NDArray[np.int32]:
    a, b, c = faces[:, 0], faces[:, 1], faces[:, 2]
    u, v = screen.u, screen.v
    return faces[(u[b] - u[a]) * (v[c] - v[a]) > (v[b] - v[a]) * (u[c] - u[a])]


def _levels(vertices_nm: NDArray[np.int64], faces: NDArray[np.int32]) -> NDArray[np.int64]:
    """(f,) int64: Lambert shade of each facet, 0 to _LEVELS - 1."""
    corner = vertices_nm[faces].astype(np.float64)
    a, b = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    nx = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    ny = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    nz = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    length = np.sqrt(nx * nx + ny * ny + nz * nz)
    lit = (nx * _LIGHT[0] + ny * _LIGHT[1] + nz * _LIGHT[2]) / np.where(length > 0, length, 1.0)
    shade = _AMBIENT + (1.0 - _AMBIENT) * np.maximum(lit, 0.0)
    return np.clip(np.rint(shade * (_LEVELS - 1)), 0, _LEVELS - 1).astype(np.int64)


def _ceil_sample(position: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first sample whose middle is at or after a position in 1/256."""
    return -((_SUB // 2 - position) // _SUB)


def _fill(
    nearest: NDArray[np.int64],
    screen: _Screen,
    faces: NDArray[np.int32],
    vertices_nm: NDArray[np.int64],
    width: int,
) -> None:
    """Write (depth << 8 | level) of what is nearest into each sample."""
    rows_of = screen.v[faces]
    first = _ceil_sample(rows_of.min(axis=1))
    count = _ceil_sample(rows_of.max(axis=1)) - first
    is_seen = count > 0  # facets finer than a sample often lie between the middles of rows
    faces, rows_of, first, count = faces[is_seen], rows_of[is_seen], first[is_seen], count[is_seen]
    level = _levels(vertices_nm, faces)
    slope = _depth_planes(screen, faces)
    triangle = np.repeat(np.arange(len(faces)), count)
    row = np.arange(len(triangle)) - np.repeat(np.cumsum(count) - count - first, count)
    middle = row * _SUB + _SUB // 2

    above = rows_of[triangle] > middle[:, None]
    code = above[:, 0] + 2 * above[:, 1] + 4 * above[:, 2]
    ends = [_meet(screen, faces, triangle, start[code], middle) for start in (_DOWN, _UP)]
    left, right = _ceil_sample(ends[0]), _ceil_sample(ends[1])
    spans = np.maximum(right - left, 0)

    totals = np.cumsum(spans)
    cuts = np.searchsorted(
        totals, np.arange(0, int(totals[-1]) if len(totals) else 0, _BATCH_SAMPLES)
    )
    borders = distinct(np.append(cuts, len(spans)))
    for low, high in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        run = spans[low:high]
        which = np.repeat(np.arange(low, high), run)
        column = np.arange(len(which)) - np.repeat(np.cumsum(run) - run - left[low:high], run)
        owner = triangle[which]
        depth = slope[0][owner] + slope[1][owner] * column + slope[2][owner] * row[which]
        key = (np.clip(depth, 0.0, 1.0) * float(1 << 40)).astype(np.int64) << 8 | level[owner]
        np.maximum.at(nearest, row[which] * width + column, key)


def _meet(
    screen: _Screen,
    faces: NDArray[np.int32],
    triangle: NDArray[np.int64],
    corner: NDArray[np.int64],
    middle: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(n,) int64: where the edge from a corner to the next meets the middle of a row."""
    a, b = faces[triangle, corner], faces[triangle, (corner + 1) % 3]
    swap = screen.v[a] > screen.v[b]
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    rise = screen.v[b] - screen.v[a]
    run = screen.u[b] - screen.u[a]
    met: NDArray[np.int64] = screen.u[a] + (middle - screen.v[a]) * run // rise
    return met


def _depth_planes(
    screen: _Screen, faces: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Depth of each facet at sample (0, 0), and its change per column and per row."""
    u, v = (a.astype(np.float64) / _SUB - 0.5 for a in (screen.u, screen.v))
    a, b, c = faces[:, 0], faces[:, 1], faces[:, 2]
    bu, bv, bd = u[b] - u[a], v[b] - v[a], screen.depth[b] - screen.depth[a]
    cu, cv, cd = u[c] - u[a], v[c] - v[a], screen.depth[c] - screen.depth[a]
    area = bu * cv - bv * cu
    per_column, per_row = (bd * cv - cd * bv) / area, (cd * bu - bd * cu) / area
    return screen.depth[a] - per_column * u[a] - per_row * v[a], per_column, per_row


def _shaded(nearest: NDArray[np.int64]) -> NDArray[np.int64]:
    """(h, w) int64: shade of each sample, -1 where there is nothing, lines along depth steps."""
    level = np.where(nearest < 0, -1, nearest & 0xFF)
    depth = nearest >> 8
    step = (1 << 40) * _EDGE_PERMILLE // 1000
    is_edge = np.zeros(level.shape, bool)
    for axis in (0, 1):
        for shift in (1, -1):
            beside = np.roll(depth, shift, axis=axis)
            is_edge |= depth - beside > step
    return np.where(is_edge & (level >= 0), level * 2 // 5, level)


def _downsampled(level: NDArray[np.int64], samples: int) -> NDArray[np.uint8]:
    """(h, w) uint8 palette indices: mean shade and coverage of each pixel's samples."""
    height, width = level.shape[0] // samples, level.shape[1] // samples
    cells = level.reshape(height, samples, width, samples)
    covered = (cells >= 0).sum(axis=(1, 3))
    total = np.maximum(cells, 0).sum(axis=(1, 3))
    mean = (2 * total + covered) // np.maximum(2 * covered, 1)
    alpha = -(-covered * _ALPHAS // (samples * samples))
    return np.where(covered > 0, 1 + (alpha - 1) * _LEVELS + mean, 0).astype(np.uint8)

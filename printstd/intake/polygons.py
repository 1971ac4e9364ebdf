"""Polygons of OBJ and PLY to triangles, in file order.

A polygon whose fan turns one way is a fan from its first corner. One that is not convex is
cut ear by ear in the plane that it shows most of; nothing is moved and no corner is added.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_MOST_WORK: Final = 20_000_000
"""Corners that are looked at in one file while ears are tried (some seconds): polygons beyond
that stay fans and are told."""
_TRIAL: Final = 256
"""What trying one ear costs besides, in corners."""


class Cut(NamedTuple):
    """faces : (f, 3) int32, in the order of the polygons.
    n_polygons : how many had more than three corners.
    uncut : polygons that are fans although they are not convex, because no ear was left (they
        cross themselves) or because they are too many.
    """

    faces: NDArray[np.int32]
    n_polygons: int
    uncut: tuple[int, ...]


def cut_polygons(
    points: NDArray[np.float64], counts: NDArray[np.int64], corners: NDArray[np.int64]
) -> Cut:
    """points (n, 3); counts (p,), each 3 or more; corners (sum of counts,) indices in range."""
    counts = counts.astype(np.int64)
    n_polygons = int((counts > 3).sum())
    if n_polygons == 0:
        return Cut(np.ascontiguousarray(corners.reshape(-1, 3), np.int32), 0, ())
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    triangles = counts - 2
    owner = np.repeat(np.arange(len(counts)), triangles)
    row_of = np.concatenate([[0], np.cumsum(triangles)])
    step = np.arange(len(owner)) - row_of[:-1][owner]
    first = starts[owner]
    faces = np.stack([corners[first], corners[first + step + 1], corners[first + step + 2]], axis=1)
    uncut: list[int] = []
    work_left = _MOST_WORK
    # Coordinates whose products overflow are far beyond those that are accepted afterwards.
    with np.errstate(over="ignore", invalid="ignore"):
        for polygon in _not_convex(points, faces, owner, len(counts)):
            ring = corners[starts[polygon] : starts[polygon] + counts[polygon]]
            ears, work_left = _cut_ears(points[ring], work_left)
            if ears is None:
                uncut.append(polygon)
            else:
                faces[row_of[polygon] : row_of[polygon + 1]] = ring[ears]
    return Cut(np.ascontiguousarray(faces, np.int32), n_polygons, tuple(uncut))


def _not_convex(
    points: NDArray[np.float64],
    faces: NDArray[np.int64],
    owner: NDArray[np.int64],
    n_polygons: int,
) -> list[int]:
    """Polygons in which a triangle of the fan faces away from the polygon as a whole, or whose
    triangles cancel out."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    normal = np.cross(b - a, c - a)
    whole = np.stack(
        [np.bincount(owner, normal[:, axis], minlength=n_polygons) for axis in range(3)], axis=1
    )
    cancels = (whole[owner] == 0).all(axis=1) & (normal != 0).any(axis=1)
    against = ((normal * whole[owner]).sum(axis=1) < 0) | cancels
    marked = np.zeros(n_polygons, bool)
    marked[owner[against]] = True
    return [int(polygon) for polygon in np.flatnonzero(marked)]


def _cut_ears(ring: NDArray[np.float64], work: int) -> tuple[NDArray[np.int64] | None, int]:
    """((n - 2, 3) int64 indices into the ring (n, 3), or None; work that is left)."""
    flat = _drawn_flat(ring)
    left = list(range(len(flat)))
    ears: list[tuple[int, int, int]] = []
    at = misses = 0
    while len(left) > 3:
        if misses > len(left) or work <= 0:
            return None, work
        work -= _TRIAL + len(left)
        before, here, after = (left[(at + k) % len(left)] for k in (-1, 0, 1))
        if _is_ear(flat, before, here, after, left):
            ears.append((before, here, after))
            del left[at]
            misses = 0
        else:
            at += 1
            misses += 1
        at %= len(left)
    if _turn(*(flat[index] for index in left)) < 0:
        return None, work  # what is left lies outside: the polygon crosses itself
    ears.append((left[0], left[1], left[2]))
    return np.array(ears, np.int64), work


def _drawn_flat(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2): the ring seen along the axis closest to its normal, counter-clockwise."""
    following = np.roll(ring, -1, axis=0)
    normal = np.cross(ring - ring[0], following - ring[0]).sum(axis=0)
    axis = int(np.argmax(np.abs(normal)))
    first, second = ((1, 2), (2, 0), (0, 1))[axis]
    if normal[axis] < 0:
        first, second = second, first
    return np.ascontiguousarray(ring[:, [first, second]])


def _is_ear(flat: NDArray[np.float64], before: int, here: int, after: int, left: list[int]) -> bool:
    a, b, c = flat[before], flat[here], flat[after]
    if _turn(a, b, c) <= 0:
        return False
    others = [index for index in left if index not in (before, here, after)]
    p = flat[others]
    inside = (_turns(a, b, p) >= 0) & (_turns(b, c, p) >= 0) & (_turns(c, a, p) >= 0)
    same = (p == a).all(axis=1) | (p == b).all(axis=1) | (p == c).all(axis=1)
    return not bool((inside & ~same).any())


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _turns(
    a: NDArray[np.float64], b: NDArray[np.float64], p: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray((b[0] - a[0]) * (p[:, 1] - a[1]) - (b[1] - a[1]) * (p[:, 0] - a[0]))

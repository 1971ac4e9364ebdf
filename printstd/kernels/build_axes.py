"""Which way a part stands, in the words of ISO 17295, and the smallest box around it.

An orthogonal orientation is named by the axes of the machine along which the part is longest,
second longest and shortest: longest along Z and second along X is ``ZXY``. Where two sizes are
alike the name is ambiguous: sizes that differ by no more than a tolerance tie, and only the
rotation says which way up the part is. Source: facts of standards 6."""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple

import manifold3d
import numpy as np
from numpy.typing import NDArray

from printstd.kernels.orientation import candidates
from printstd.kernels.placing import Rotation

AXES: Final = "XYZ"
NOTATIONS: Final = tuple("".join(axes) for axes in itertools.permutations(AXES))
TIE_MM: Final = 0.01
"""Ours. A fifth of the finest deviation of any class of general tolerances (0.05 mm): nobody can
tell which of two such sizes is the longer."""
MOST_EDGES: Final = 256
"""Of an outline that are tried: one with more is smooth, and every so many of its edges will do."""


class Notation(NamedTuple):
    """letters : ``ZXY``. ties : pairs of its letters whose sizes are alike, ``("ZX",)``."""

    letters: str
    ties: tuple[str, ...]


def notation(extents_mm: NDArray[np.float64], tie_mm: float = TIE_MM) -> Notation:
    """The orientation of a part with these extents along X, Y and Z. Of sizes that tie the
    machine's own order of axes holds."""
    sizes = [float(size) for size in extents_mm]
    letters = ""
    left = [0, 1, 2]
    while left:
        longest = max(sizes[axis] for axis in left)
        axis = next(axis for axis in left if sizes[axis] >= longest - tie_mm)
        letters += AXES[axis]
        left.remove(axis)
    ties = tuple(
        a + b
        for a, b in itertools.pairwise(letters)
        if abs(sizes[AXES.index(a)] - sizes[AXES.index(b)]) <= tie_mm
    )
    return Notation(letters, ties)


def stands_as(extents_mm: NDArray[np.float64], wanted: str, tie_mm: float = TIE_MM) -> bool:
    """Whether a part with these extents stands as `wanted` says, whole or shortened (``Z``,
    ``XY``): along each of its axes no later or unnamed one is longer by more than the tolerance."""
    order = wanted + "".join(axis for axis in AXES if axis not in wanted)
    sizes = [float(extents_mm[AXES.index(axis)]) for axis in order]
    return all(
        sizes[first] >= sizes[later] - tie_mm
        for first in range(len(wanted))
        for later in range(first + 1, 3)
    )


def quarter_turns() -> list[Rotation]:
    """The 24 rotations that keep axes on axes, the smallest turn first, in 1e-9."""
    found = []
    for axes in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            matrix = np.zeros((3, 3), np.int64)
            matrix[range(3), axes] = signs
            # The sign of the permutation times those of the rows: no mirror images.
            inversions = sum(axes[i] > axes[j] for i in range(3) for j in range(i + 1, 3))
            if (-1) ** inversions * signs[0] * signs[1] * signs[2] == 1:
                found.append(matrix)
    # The trace is 1 + 2 cos of the angle; of equal angles turns about Z come first, which leave
    # what is on the bed on the bed.
    found.sort(key=lambda matrix: (-int(np.trace(matrix)), -int(matrix[2, 2])))
    rows = [tuple(int(value) * 10**9 for value in matrix.reshape(-1)) for matrix in found]
    return [(a, b, c, d, e, f, g, h, i) for a, b, c, d, e, f, g, h, i in rows]


def turned_to(extents_mm: NDArray[np.float64], wanted: str, tie_mm: float = TIE_MM) -> Rotation:
    """The smallest quarter turn after which a part of these extents stands as `wanted` says; there
    is always one."""
    for rotation in quarter_turns():
        turn = np.abs(np.array(rotation, np.float64).reshape(3, 3)) / 1e9
        if stands_as((turn * extents_mm).sum(axis=1), wanted, tie_mm):
            return rotation
    raise AssertionError("every order of three sizes is reached by a quarter turn")


def smallest_box(vertices_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3,) float64, mm, longest first: sides of the smallest box found around (v, 3) vertices.

    A smallest box has a facet flush with one of the hull's (or two edges; such boxes are passed
    over, so this is a box that encloses, and the smallest that lies flush): the axes' own and the
    largest facets of the hull are tried, over each the outline's edges. O'Rourke 1985; Freeman and
    Shapira 1975 in the plane."""
    hull = manifold3d.Manifold.hull_points(np.ascontiguousarray(vertices_mm, np.float64))
    points = np.asarray(hull.to_mesh64().vert_properties, np.float64)[:, :3]
    # Products of far smaller coordinates are no numbers, and the hulls below lose corners by them.
    points = np.round(points if len(points) else vertices_mm, 9)
    best = points.max(axis=0) - points.min(axis=0)
    for rotation in candidates(points):
        turn = np.array(rotation, np.float64).reshape(3, 3) / 1e9
        turned = (points[:, None, :] * turn[None]).sum(axis=2)
        height = float(turned[:, 2].max() - turned[:, 2].min())
        for width, depth in _flush_rectangles(turned[:, :2]):
            box = np.array([width, depth, height])
            if box.prod() < best.prod() * (1 - 1e-9):
                best = box
    return np.sort(best)[::-1]


def _flush_rectangles(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(e, 2) sides of the rectangles around (p, 2) points that lie flush with an edge of their
    hull."""
    rings = manifold3d.CrossSection.hull_points(points).to_polygons()
    if not rings:
        return np.zeros((0, 2))
    ring = np.asarray(rings[0], np.float64)
    edges = np.roll(ring, -1, axis=0) - ring
    length = np.sqrt((edges * edges).sum(axis=1))
    kept = np.flatnonzero(length > 0)[:: max(1, len(ring) // MOST_EDGES)]
    along = edges[kept] / length[kept, None]
    x, y = ring[:, 0], ring[:, 1]
    u = along[:, :1] * x + along[:, 1:] * y
    v = along[:, :1] * y - along[:, 1:] * x
    return np.stack([u.max(axis=1) - u.min(axis=1), v.max(axis=1) - v.min(axis=1)], axis=1)

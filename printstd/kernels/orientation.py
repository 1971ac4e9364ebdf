"""Which way up a part may stand, and what would hang then.

A part stands on a facet of its convex hull: those are the candidates, the largest first, after the
six sides of its box. What hangs is told from the facets alone: a facet that leans out over the bed
by more than half a right angle needs something under it. Source: facts of slicers E1 (45 degrees).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import manifold3d
import numpy as np
from numpy.typing import NDArray

from printstd.kernels.placing import IDENTITY_E9, Rotation

Vectors = NDArray[np.float64]

MOST_FACETS: Final = 24
"""Facets of the hull that are tried, after the sides of the box."""
_SAME: Final = 0.9998
"""Cosine between normals of one facet of the hull: one degree."""
_HANGING: Final = float(np.sqrt(0.5))
_SIDES: Final = ((0, 0, -1), (0, 0, 1), (0, -1, 0), (0, 1, 0), (-1, 0, 0), (1, 0, 0))


class Standing(NamedTuple):
    """A part as one rotation stands it up; mm and mm2.

    hanging_mm2 : projected area of the facets that hang. contact_mm2 : of those on the bed.
    size_mm : of its box.
    """

    rotation_e9: Rotation
    hanging_mm2: float
    contact_mm2: float
    size_mm: tuple[float, float, float]


def candidates(vertices_mm: Vectors) -> list[Rotation]:
    """Rotations that put a side of the box or a facet of the convex hull on the bed, each once; as
    filed first. vertices_mm : (v, 3), of the part alone."""
    found = [_down(np.array(side, np.float64)) for side in _SIDES]
    hull = manifold3d.Manifold.hull_points(np.ascontiguousarray(vertices_mm, np.float64))
    mesh = hull.to_mesh64()
    points = np.asarray(mesh.vert_properties, np.float64)[:, :3]
    faces = np.asarray(mesh.tri_verts, np.int64)
    if len(faces):
        a, b, c = (points[faces[:, k]] for k in range(3))
        found += [_down(normal) for normal in _directions(_cross(b - a, c - a))]
    return list(dict.fromkeys(found))


def standing(
    vertices_mm: Vectors, faces: NDArray[np.int32], rotation: Rotation, layer_mm: float
) -> Standing:
    """How a part stands. layer_mm : what lies no higher than half of it lies on the bed."""
    turned = _turned(vertices_mm, rotation)
    used = turned[faces.reshape(-1)]
    low, high = used.min(axis=0), used.max(axis=0)
    a, b, c = (turned[faces[:, k]] for k in range(3))
    double = _cross(b - a, c - a)
    length = np.sqrt((double * double).sum(axis=1))
    down = -double[:, 2]
    top = np.maximum(np.maximum(a[:, 2], b[:, 2]), c[:, 2]) - low[2]
    is_on_bed = (top <= layer_mm / 2) & (down > 0)
    # Of 45 degrees itself nothing hangs, whatever the last bit says.
    is_hanging = (down > (_HANGING + 1e-6) * length) & ~is_on_bed
    x, y, z = (float(value) for value in high - low)
    return Standing(
        rotation,
        float(down[is_hanging].sum()) / 2,
        float(down[is_on_bed].sum()) / 2,
        (x, y, z),
    )


def _cross(a: Vectors, b: Vectors) -> Vectors:
    """Written out, so that no library's order of operations decides the last bit."""
    return np.stack(
        [
            a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1],
            a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2],
            a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0],
        ],
        axis=1,
    )


def _directions(double: Vectors) -> list[Vectors]:
    """Unit normals of the hull's facets, largest first; triangles of one facet are one."""
    area = np.sqrt((double * double).sum(axis=1))
    kept = np.flatnonzero(area > 0)
    normal, area = double[kept] / area[kept, None], area[kept]
    found: list[Vectors] = []
    sizes: list[float] = []
    left = np.ones(len(area), bool)
    for index in np.lexsort((normal[:, 2], normal[:, 1], normal[:, 0], -np.round(area, 6))):
        if not left[index]:
            continue
        cosine = (normal * normal[index]).sum(axis=1)
        own = left & (cosine > _SAME)
        left &= ~own
        # The largest triangle's own normal: a mean of float32 corners would lie on none of them.
        found.append(normal[index])
        sizes.append(float(area[own].sum()))
    order = sorted(range(len(found)), key=lambda i: -round(sizes[i], 3))
    return [found[i] for i in order[:MOST_FACETS]]


def _down(normal: Vectors) -> Rotation:
    """The shortest turn that points a unit normal at the bed, as nine integers in 1e-9. Rodrigues'
    formula without an angle: I + [v] + [v]^2 / (1 + cos)."""
    x, y, z = (float(value) for value in normal)
    # v = n x (0, 0, -1), cos = -z.
    vx, vy, cosine = -y, x, -z
    if cosine > 1.0 - 1e-15:
        return IDENTITY_E9
    if cosine < -1.0 + 1e-12:
        return (10**9, 0, 0, 0, -(10**9), 0, 0, 0, -(10**9))
    k = 1.0 / (1.0 + cosine)
    rows = (
        (1.0 - k * vy * vy, k * vx * vy, vy),
        (k * vx * vy, 1.0 - k * vx * vx, -vx),
        (-vy, vx, 1.0 - k * (vx * vx + vy * vy)),
    )
    r = [round(value * 1e9) for row in rows for value in row]
    return (r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8])


def _turned(vertices: Vectors, rotation: Rotation) -> Vectors:
    r = [value / 1e9 for value in rotation]
    x, y, z = vertices[:, 0], vertices[:, 1], vertices[:, 2]
    return np.stack([r[3 * i] * x + r[3 * i + 1] * y + r[3 * i + 2] * z for i in range(3)], axis=1)

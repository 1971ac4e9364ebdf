"""Shapes whose surfaces are known, as from a CAD file: nothing is fitted, only what of each surface
is there is measured on the facets."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.edges import EdgeTable
from printstd.kernels.planes import Planes
from printstd.kernels.recognition.corners import regions_of
from printstd.kernels.recognition.grouped import Floats, Ints, maxima, sums
from printstd.kernels.recognition.joining import merged
from printstd.kernels.recognition.measures import listed
from printstd.kernels.recognition.shapes import Found, RoundShape, Shape, heights, places

PLANE: Final = -1
FREE: Final = -2
_SAME_PLANE: Final = 1e-12
_OUTWARD: Final = 1e-2


class KnownFaces(NamedTuple):
    """n faces; lengths in the vertices' unit.

    of_facet : (f,) int64, each facet's face. shape : (n,) int64, place in `Shape`, or `PLANE`, or
    `FREE`. point : (n, 3), on the plane or axis; of cones the apex, of spheres and tori the centre.
    axis : (n, 3), unit; of planes the normal, either way, of cones from the apex into the cone.
    radius : (n,), of tori that of the swept circle. slope : (n,), of cones radius per length.
    around : (n,), of tori the sweep's radius. chord : (n,), how far the facets of each stray.
    """

    of_facet: Ints
    shape: Ints
    point: Floats
    axis: Floats
    radius: Floats
    slope: Floats
    around: Floats
    chord: Floats


class KnownPlanes(NamedTuple):
    """Of the p flat regions of a mesh: is_known (p,) bool, all of the region lies on one known
    plane; normal (p, 3), outward, and offset (p,), along it from the origin, of those."""

    is_known: NDArray[np.bool_]
    normal: Floats
    offset: Floats

    def distance(self, one: int, other: int) -> float | None:
        """Between two regions that are parallel; None where it is not known."""
        if not (self.is_known[one] and self.is_known[other]):
            return None
        cosine = float((self.normal[one] * self.normal[other]).sum())
        if abs(cosine) < 1 - _SAME_PLANE:
            return None
        side = 1.0 if cosine > 0 else -1.0
        return abs(float(self.offset[one] - side * self.offset[other]))

    def fold_deg(self, one: int, other: int) -> float | None:
        """Between the normals of two regions; None where it is not known."""
        if not (self.is_known[one] and self.is_known[other]):
            return None
        a, b = self.normal[one], self.normal[other]
        cross = np.cross(a, b)
        sine = float(np.sqrt((cross * cross).sum()))
        return float(np.rad2deg(np.arctan2(sine, float((a * b).sum()))))

    def height(self, axis: int, side: int, near: float, within: float) -> float | None:
        """Where the known plane lies that bounds all at `near` along a coordinate axis, facing to
        `side` (1 or -1); None where there is none."""
        faces = self.is_known & (side * self.normal[:, axis] > 1 - _SAME_PLANE)
        at = side * self.offset
        hit = np.flatnonzero(faces & (np.abs(at - near) <= within))
        return float(at[hit[0]]) if len(hit) else None


def known_planes(flat: Planes, known: KnownFaces) -> KnownPlanes:
    """Which of the flat regions of a mesh are known planes."""
    count = len(flat.area)
    own = np.flatnonzero(flat.labels >= 0)
    region, face = flat.labels[own], known.of_facet[own]
    leading = np.full(count, -1, np.int64)
    leading[region[::-1]] = face[::-1]
    is_plane = known.shape[face] == PLANE
    # Faces that a CAD program has split are one plane all the same.
    offset = (known.point * known.axis).sum(axis=1)
    first = leading[region]
    cosine = (known.axis[face] * known.axis[first]).sum(axis=1)
    apart = np.abs(offset[face] - np.sign(cosine) * offset[first])
    scale = max(float(np.abs(known.point).max(initial=0.0)), 1.0)
    same = is_plane & (np.abs(cosine) > 1 - _SAME_PLANE) & (apart <= 1e-9 * scale)
    others = np.bincount(region[~same], minlength=count)
    is_known = (others == 0) & (leading >= 0)
    normal = known.axis[leading]
    side = np.where((normal * flat.normal).sum(axis=1) < 0, -1.0, 1.0)
    return KnownPlanes(is_known, normal * side[:, None], offset[leading] * side)


def known_shapes(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    normals: Floats,
    areas: Floats,
    edges: EdgeTable,
    flat: Planes,
    known: KnownFaces,
    noise: float,
) -> list[RoundShape]:
    """Every round one, by shape, then largest radius first; parts of one surface are one shape.
    normals, areas : (f, 3) and (f,), of the facets."""
    count = len(known.shape)
    is_round = (known.shape >= 0)[known.of_facet] & (flat.labels >= 0)
    rows = np.flatnonzero(is_round)
    if not len(rows):
        return []
    face = known.of_facet[rows]
    corners = vertices[faces[rows]]
    # Along straight axes each face is measured from its middle.
    z = ((corners - known.point[face][:, None]) * known.axis[face][:, None]).sum(axis=2)
    high = maxima(face, z.max(axis=1), count, -np.inf)
    low = -maxima(face, -z.min(axis=1), count, -np.inf)
    is_straight = np.isin(known.shape, [_place(Shape.CYLINDER), _place(Shape.CONE)])
    is_straight &= np.isfinite(high)
    with np.errstate(invalid="ignore"):
        middle = np.where(is_straight, (low + high) / 2, 0.0)
    # A cone may be given with its axis to the apex.
    turned = np.where(is_straight & (known.shape == _place(Shape.CONE)) & (middle < 0), -1.0, 1.0)
    axis, middle = known.axis * turned[:, None], middle * turned
    found = Found(
        shape=np.maximum(known.shape, 0),
        of_region=_of_regions(known, areas, flat),
        axis=axis,
        centre=known.point + middle[:, None] * axis,
        radius=known.radius + known.slope * middle,
        slope=known.slope,
        around=known.around,
        residual=np.zeros(count),
        tolerance=np.full(count, 2 * noise),
        is_concave=np.zeros(count, bool),
    )
    off = np.abs(heights(places(corners, face, found), face, found)).max(axis=1)
    # Outside the surface is where the distance from it grows.
    mid = corners.mean(axis=1)
    step = _OUTWARD * np.maximum(found.radius[face], 1e-9)[:, None] * normals[rows]
    ahead, here = (heights(places(p, face, found), face, found) for p in (mid + step, mid))
    outward = sums(face, (ahead - here) * areas[rows], count)
    found = found._replace(residual=maxima(face, off, count), is_concave=outward < 0)
    regions = regions_of(len(vertices), faces, edges, flat)
    found = merged(vertices, faces, regions, flat, found, noise)
    order = list(Shape)
    return sorted(
        (_measured(shape, known) for shape in listed(vertices, faces, flat, found)),
        key=lambda s: (order.index(s.shape), -s.radius, int(s.facets[0])),
    )


def _of_regions(known: KnownFaces, areas: Floats, flat: Planes) -> Ints:
    """The round face of each flat region, or -1: that of its largest facet."""
    own = np.flatnonzero(flat.labels >= 0)
    own = own[np.argsort(areas[own], kind="stable")]
    face = known.of_facet[own]
    found = np.full(len(flat.area), -1, np.int64)
    found[flat.labels[own]] = np.where(known.shape[face] >= 0, face, -1)
    return found


def _measured(shape: RoundShape, known: KnownFaces) -> RoundShape:
    """With the chord whose sagitta is the distance that was measured."""
    chord = min(float(known.chord[known.of_facet[shape.facets]].max()), shape.radius)
    return shape._replace(widest=2 * float(np.sqrt(chord * (2 * shape.radius - chord))))


def _place(shape: Shape) -> int:
    return list(Shape).index(shape)

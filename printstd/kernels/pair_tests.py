"""Whether two triangles cut, touch or lap over each other, and which edge lies in whose plane.

Pairs by the thousand in float64, each decision with the forward error bound of what it compares
(Shewchuk 1997); pairs for which one of them lies within its bound are named, and decided in whole
numbers by `kernels.exact_pairs`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.exact_pairs import Meeting
from printstd.kernels.vectors import crosses, dots, norms

_EPSILON: Final = 2.0**-53


class Contact(IntEnum):
    CUT = 0
    CREASE = 1
    TOUCH = 2
    LAP = 3


class PairMesh(NamedTuple):
    corners: NDArray[np.float64]  # (f, 3, 3)
    faces: NDArray[np.int64]  # (f, 3)
    normal: NDArray[np.float64]  # (f, 3)
    offset: NDArray[np.float64]  # (f,)
    longest: NDArray[np.float64]  # (f,)
    lean: NDArray[np.float64]  # (f,), by how much rounding may turn the normal, rad
    rounding: float  # of places and of distances from a plane that is known exactly
    tolerance: float

    def blur(self, plane: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
        """(p,) forward error of the distances of the corners of `other` from `plane`, whose boxes
        overlap: the normal is off by so much over no more than both triangles reach."""
        reach = self.longest[plane] + self.longest[other] + self.tolerance
        return np.asarray(self.rounding + self.lean[plane] * reach, np.float64)


def pair_mesh(
    corners: NDArray[np.float64],
    faces: NDArray[np.int64],
    normal: NDArray[np.float64],
    tolerance: float,
) -> PairMesh:
    """The components of a normal before it is made unit are off by 4 squares of the longest edge
    times 2^-53, and it is as long as that edge times the height; a place by three products and the
    shift to the middle, of numbers up to the size."""
    offset = dots(normal, (corners[:, 0] + corners[:, 1] + corners[:, 2]) / 3)
    ab, bc, ca = (corners[:, (k + 1) % 3] - corners[:, k] for k in range(3))
    longest = np.maximum(np.maximum(norms(ab), norms(bc)), norms(ca))
    double_area = norms(crosses(ab, bc))
    size = float(np.abs(corners).max())
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lean = 16 * _EPSILON * np.nan_to_num(longest * longest / double_area, nan=np.inf)
    return PairMesh(corners, faces, normal, offset, longest, lean, 32 * _EPSILON * size, tolerance)


def common_corners(
    faces: NDArray[np.integer[Any]], a: NDArray[np.int64], b: NDArray[np.int64]
) -> list[NDArray[np.bool_]]:
    """Three of (p,) bool: corner i of facet a is a vertex of facet b."""
    own, other = faces.T[:, a], faces.T[:, b]
    return [(v == other[0]) | (v == other[1]) | (v == other[2]) for v in own]


def highest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(p,) of (p, 3): NumPy's own reduction over so short an axis is five times slower."""
    return np.maximum(np.maximum(values[:, 0], values[:, 1]), values[:, 2])


def lowest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(np.minimum(values[:, 0], values[:, 1]), values[:, 2])


def _distances(
    mesh: PairMesh, a: NDArray[np.int64], plane: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(p, 3): signed distances of the corners of `a` to the planes of `plane`; common corners
    are on the plane, exactly."""
    normal, offset = mesh.normal[plane], mesh.offset[plane]
    corners = mesh.corners[a]
    result = np.empty((len(a), 3))
    for k, is_common in enumerate(common_corners(mesh.faces, a, plane)):
        own = corners[:, k]
        along = own[:, 0] * normal[:, 0] + own[:, 1] * normal[:, 1] + own[:, 2] * normal[:, 2]
        result[:, k] = np.where(is_common, 0.0, along - offset)
    return result


class Told(NamedTuple):
    """What float64 tells of pairs. unsure : (u,) int64, rows of the pairs it cannot tell; nothing
    else speaks of them."""

    cuts: tuple[NDArray[Any], ...]
    laps: tuple[NDArray[Any], ...]
    grazes: list[Graze]
    unsure: NDArray[np.int64]


def told(mesh: PairMesh, a: NDArray[np.int64], b: NDArray[np.int64]) -> Told:
    to_b, to_a = _distances(mesh, a, b), _distances(mesh, b, a)
    unsure = np.zeros(len(a), bool)
    for to_plane, plane, other in ((to_b, b, a), (to_a, a, b)):
        _mark_unsure_sides(mesh, to_plane, plane, other, unsure)
    cut_rows, cuts = _cuts(mesh, a, b, to_b, to_a, unsure)
    lap_rows = _laps(mesh, a, b, to_b, to_a, unsure)
    grazed = [_grazes(mesh, *sides, unsure) for sides in ((a, b, to_a), (b, a, to_b))]
    if unsure.any():
        kept = ~unsure[cut_rows]
        cuts = tuple(column[kept] for column in cuts)
        lap_rows = lap_rows[~unsure[lap_rows]]
        grazed = [(rows, graze.rows(~unsure[rows])) for rows, graze in grazed]
    laps = _lap_rows(mesh, a[lap_rows], b[lap_rows])
    return Told(cuts, laps, [graze for _, graze in grazed], np.flatnonzero(unsure))


def _mark_unsure_sides(
    mesh: PairMesh,
    to_plane: NDArray[np.float64],
    plane: NDArray[np.int64],
    other: NDArray[np.int64],
    unsure: NDArray[np.bool_],
) -> None:
    """Pairs of which a corner lies no further from the tolerance than its distance may be off.
    Distances of common corners are exactly 0 (so they were set)."""
    off = np.abs(np.abs(to_plane) - mesh.tolerance)
    widest = mesh.rounding + float(mesh.lean.max()) * (
        2 * float(mesh.longest.max()) + mesh.tolerance
    )
    rows = np.flatnonzero(lowest(off) <= widest)
    near = off[rows] <= mesh.blur(plane[rows], other[rows])[:, None]
    for k, is_common in enumerate(common_corners(mesh.faces, other[rows], plane[rows])):
        near[:, k] &= ~is_common
    unsure[rows[near.any(axis=1)]] = True


def as_rows(
    mesh: PairMesh, a: int, b: int, met: Meeting, origin: NDArray[np.float64]
) -> tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...], Graze]:
    """(cuts, laps, grazes) of one pair that was decided in whole numbers."""
    cuts, laps, graze = no_rows(), no_rows(), no_graze()
    pair = np.array([a]), np.array([b])
    is_common = any(bool(common[0]) for common in common_corners(mesh.faces, *pair))
    if met.cut is not None and not (met.cut.is_touch and is_common):
        kind = Contact.TOUCH if met.cut.is_touch else Contact.CUT
        middle = np.array([met.cut.middle]) - origin
        figures = np.array([met.cut.length]), np.array([met.cut.depth])
        cuts = (*pair, np.array([kind], np.int64), *figures, middle)
    if met.is_lap:
        laps = _lap_rows(mesh, *pair)
    if met.grazes:
        found = met.grazes
        graze = Graze(
            np.array([(a, b)[one.plane] for one in found]),
            np.array([(b, a)[one.plane] for one in found]),
            np.array([one.corner for one in found]),
            np.array([one.apex for one in found]),
            np.array([one.length for one in found]),
            np.array([one.middle for one in found]) - origin,
        )
    return cuts, laps, graze


def _cuts(
    mesh: PairMesh,
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    to_b: NDArray[np.float64],
    to_a: NDArray[np.float64],
    unsure: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], tuple[NDArray[Any], ...]]:
    """(rows of the pairs, contacts); `unsure` (p,) learns of those whose stretches end too close
    to each other to tell."""
    depth_a = np.minimum(highest(to_b), -lowest(to_b))
    depth_b = np.minimum(highest(to_a), -lowest(to_a))
    depth = np.minimum(depth_a, depth_b)
    rows = np.flatnonzero((depth > mesh.tolerance) & ~unsure)
    a, b, to_b, to_a, depth = a[rows], b[rows], to_b[rows], to_a[rows], depth[rows]
    line = np.cross(mesh.normal[a], mesh.normal[b])
    norm = np.sqrt((line * line).sum(axis=1))
    line = line / np.where(norm > 0, norm, 1.0)[:, None]
    ends_a = _cut_ends(mesh.corners[a], to_b, line)
    ends_b = _cut_ends(mesh.corners[b], to_a, line)
    starts = np.where((ends_a.low > ends_b.low)[:, None], ends_a.low_point, ends_b.low_point)
    stops = np.where((ends_a.high < ends_b.high)[:, None], ends_a.high_point, ends_b.high_point)
    length = np.minimum(ends_a.high, ends_b.high) - np.maximum(ends_a.low, ends_b.low)
    # A distance that is off moves an end along its edge by so much over the edge's steepness.
    blur = mesh.blur(b, a) * ends_a.run + mesh.blur(a, b) * ends_b.run + 4 * mesh.rounding
    near = np.minimum(np.abs(length - mesh.tolerance), np.abs(length + mesh.tolerance)) <= 4 * blur
    unsure[rows[near]] = True
    is_cut = length > mesh.tolerance
    is_touch = ~is_cut & (length >= -mesh.tolerance)
    shared = common_corners(mesh.faces, a[is_touch], b[is_touch])
    is_touch[is_touch] = ~(shared[0] | shared[1] | shared[2])
    kept = is_cut | is_touch
    kind = np.where(is_cut[kept], Contact.CUT, Contact.TOUCH).astype(np.int64)
    length = np.where(is_cut, length, 0.0)
    middle = (starts[kept] + stops[kept]) / 2
    return rows[kept], (a[kept], b[kept], kind, length[kept], depth[kept], middle)


class _Ends(NamedTuple):
    """run : (n,), of the two cut edges the most length for a difference in distance of 1."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    run: NDArray[np.float64]
    low_point: NDArray[np.float64]
    high_point: NDArray[np.float64]


def _cut_ends(
    corners: NDArray[np.float64], distance: NDArray[np.float64], line: NDArray[np.float64]
) -> _Ends:
    """Where a plane cuts triangles that have corners on both sides of it: the two points and
    their places along `line`, lower first."""
    is_above = distance > 0
    # The corner that is alone on its side: both cut edges leave it.
    lone = np.where(is_above.sum(axis=1) == 1, is_above.argmax(axis=1), (~is_above).argmax(axis=1))
    rows = np.arange(len(lone))
    points = []
    most_run = np.zeros(len(rows))
    for step in (1, 2):
        other = (lone + step) % 3
        d_lone, d_other = distance[rows, lone], distance[rows, other]
        fall = np.where(d_lone != d_other, d_lone - d_other, 1.0)
        start = corners[rows, lone]
        edge = corners[rows, other] - start
        points.append(start + (d_lone / fall)[:, None] * edge)
        most_run = np.maximum(most_run, norms(edge) / np.abs(fall))
    places = [(point * line).sum(axis=1) for point in points]
    swap = places[0] > places[1]
    return _Ends(
        np.minimum(*places),
        np.maximum(*places),
        most_run,
        np.where(swap[:, None], points[1], points[0]),
        np.where(swap[:, None], points[0], points[1]),
    )


def _laps(
    mesh: PairMesh,
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    to_b: NDArray[np.float64],
    to_a: NDArray[np.float64],
    unsure: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Rows of coplanar pairs whose areas overlap by more than the tolerance along all six edge
    normals (separating axes in the plane); `unsure` (p,) learns of those that hardly do or not."""
    flat = (highest(np.abs(to_b)) <= mesh.tolerance) | (highest(np.abs(to_a)) <= mesh.tolerance)
    rows = np.flatnonzero(flat & ~unsure)
    hardly = np.zeros(len(rows), bool)
    for axis in range(6):
        own, other = (a[rows], b[rows]) if axis < 3 else (b[rows], a[rows])
        over = _overlap_along(mesh, own, other, axis % 3) - mesh.tolerance
        blur = 2 * mesh.blur(own, other)
        kept = over > -blur
        hardly = (hardly | (over <= blur))[kept]
        rows = rows[kept]
    unsure[rows[hardly]] = True
    return rows


def _overlap_along(
    mesh: PairMesh, own: NDArray[np.int64], other: NDArray[np.int64], corner: int
) -> NDArray[np.float64]:
    corners = mesh.corners[own]
    edge = corners[:, (corner + 1) % 3] - corners[:, corner]
    inward = np.cross(mesh.normal[own], edge)
    inward /= np.sqrt((inward * inward).sum(axis=1))[:, None]
    place = np.einsum("pij,pj->pi", mesh.corners[other] - corners[:, corner, None], inward)
    # Own triangle starts at 0 and reaches up as high as it is; the other one may stay below. What
    # is lower than the tolerance, a sliver that rounding has turned over, laps over nothing.
    height = ((corners[:, (corner + 2) % 3] - corners[:, corner]) * inward).sum(axis=1)
    return np.asarray(np.minimum(highest(place), height), np.float64)


def _lap_rows(
    mesh: PairMesh, a: NDArray[np.int64], b: NDArray[np.int64]
) -> tuple[NDArray[Any], ...]:
    zeros = np.zeros(len(a))
    middle = (mesh.corners[a].mean(axis=1) + mesh.corners[b].mean(axis=1)) / 2
    return a, b, np.full(len(a), Contact.LAP, np.int64), zeros, zeros.copy(), middle


def no_rows() -> tuple[NDArray[Any], ...]:
    nothing = np.empty(0, np.int64)
    return nothing, nothing, nothing, np.empty(0), np.empty(0), np.empty((0, 3))


class Graze(NamedTuple):
    """An edge of `facet`, from `corner` to the next, that runs through the inside of `plane`."""

    plane: NDArray[np.int64]
    facet: NDArray[np.int64]
    corner: NDArray[np.int64]
    apex: NDArray[np.float64]
    length: NDArray[np.float64]
    middle: NDArray[np.float64]

    def rows(self, chosen: NDArray[np.bool_]) -> Graze:
        return Graze(
            self.plane[chosen],
            self.facet[chosen],
            self.corner[chosen],
            self.apex[chosen],
            self.length[chosen],
            self.middle[chosen],
        )


def no_graze() -> Graze:
    nothing = np.empty(0, np.int64)
    return Graze(nothing, nothing, nothing, np.empty(0), np.empty(0), np.empty((0, 3)))


def _grazes(
    mesh: PairMesh,
    plane: NDArray[np.int64],
    facet: NDArray[np.int64],
    to_plane: NDArray[np.float64],
    unsure: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], Graze]:
    """(rows of the pairs, edges); `unsure` (p,) learns of those that hardly run through or not."""
    is_on = np.abs(to_plane) <= mesh.tolerance
    on = is_on.view(np.int8)
    rows = np.flatnonzero((on[:, 0] + on[:, 1] + on[:, 2] == 2) & ~unsure)
    plane, facet = plane[rows], facet[rows]
    apex_corner = (~is_on[rows]).argmax(axis=1)
    apex = to_plane[rows, apex_corner]
    corner = (apex_corner + 1) % 3
    own = np.arange(len(facet))
    start = mesh.corners[facet][own, corner]
    end = mesh.corners[facet][own, (corner + 1) % 3]
    run = np.sqrt(((end - start) ** 2).sum(axis=1))
    # What lies inside grows as its border is let out: both ways by how far places may be off.
    blur = 4 * mesh.blur(plane, facet)
    low, high = _inside_stretch(mesh, plane, start, end, mesh.tolerance - blur)
    most = (high - low) * run
    low, high = _inside_stretch(mesh, plane, start, end, mesh.tolerance + blur)
    least = (high - low) * run
    hardly = (most > mesh.tolerance - mesh.rounding) & (least <= mesh.tolerance + mesh.rounding)
    unsure[rows[hardly]] = True
    through = ~hardly & (least > mesh.tolerance)
    low, high = _inside_stretch(
        mesh, plane[through], start[through], end[through], np.full(through.sum(), mesh.tolerance)
    )
    middle = start[through] + ((low + high) / 2)[:, None] * (end - start)[through]
    found = (plane[through], facet[through], corner[through], apex[through])
    return rows[through], Graze(*found, (high - low) * run[through], middle)


def _inside_stretch(
    mesh: PairMesh,
    plane: NDArray[np.int64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    inset: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(low, high) in 0..1 of the part of each segment that lies inside the triangle, further
    than `inset` (n,) from its border (Cyrus and Beck)."""
    low, high = np.zeros(len(plane)), np.ones(len(plane))
    corners = mesh.corners[plane]
    for corner in range(3):
        edge = corners[:, (corner + 1) % 3] - corners[:, corner]
        inward = np.cross(mesh.normal[plane], edge)
        inward /= np.sqrt((inward * inward).sum(axis=1))[:, None]
        at_start = np.einsum("pj,pj->p", start - corners[:, corner], inward) - inset
        at_end = np.einsum("pj,pj->p", end - corners[:, corner], inward) - inset
        slope = at_end - at_start
        meets = -at_start / np.where(slope != 0, slope, 1.0)
        low = np.where(slope > 0, np.maximum(low, meets), low)
        high = np.where(slope < 0, np.minimum(high, meets), high)
        low = np.where((slope == 0) & (at_start < 0), 2.0, low)
    return low, high

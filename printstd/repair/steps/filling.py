"""REP-05: small flat holes filled, and slits narrower than the bound closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import manifold3d
import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.repair import RepairClass, RepairPolicy
from printstd.kernels.components import component_labels
from printstd.kernels.facets import facet_shapes
from printstd.kernels.nearest_facets import FacetTree, facet_tree
from printstd.kernels.surface_distance import largest_distance
from printstd.repair.shells import shells_of
from printstd.repair.working import Working
from printstd.words import Said, said

_RULES: Final = ("GEO-02", "GEO-04")
_MOST_RIM: Final = 2_000
"""Corners of a rim; one with more is no small hole."""


class _Filling(NamedTuple):
    faces: NDArray[np.int64]
    distance_mm: float


def without_small_holes(work: Working, policy: RepairPolicy) -> Working:
    """Holes whose rim is one loop are filled with facets between its corners, where the rim is flat
    to the bound and no wider than `hole_mm`, or where what is put in lies within the bound of the
    surface (a slit). What is not is refused, one refusal a hole."""
    if not work.open_edges():
        return work
    rims, tangled = _rims(work)
    tree = facet_tree(work.corners)
    filled: list[_Filling] = []
    rims_filled: list[NDArray[np.int64]] = []
    refused: list[tuple[NDArray[np.int64], Said]] = []
    for rim in rims:
        made = _filling(work, rim, tree, policy)
        if isinstance(made, _Filling):
            filled.append(made)
            rims_filled.append(rim)
        else:
            refused.append((rim, made))
    refused += [
        (rim, said("a hole whose rim is no simple loop: what would close it is a guess"))
        for rim in tangled
    ]
    before = work
    is_sheet = _makes_nothing(work, filled, policy.bound_mm)
    for number in np.flatnonzero(is_sheet).tolist():
        why = said("a loose sheet of facets: what it was to be the surface of is a guess")
        refused.append((rims_filled[number], why))
    kept = [number for number in range(len(filled)) if not is_sheet[number]]
    if kept:
        new = np.concatenate([filled[number].faces for number in kept])
        work = _with(work, new).did(
            before,
            "REP-05",
            RepairClass.BOUNDED,
            said(
                "small holes filled: {count}, facets put in: {facets}",
                count=len(kept),
                facets=len(new),
            ),
            facets=np.empty(0, np.int64),
            points=[before.vertices[rims_filled[number]] for number in kept],
            displacement_mm=max(filled[number].distance_mm for number in kept),
            rules=_RULES,
        )
    for rim, why in refused:
        work = work.refused(
            "REP-05",
            why,
            facets=np.empty(0, np.int64),
            points=[before.vertices[rim]],
            rules=_RULES,
        )
    return work


def _with(work: Working, new: NDArray[np.int64]) -> Working:
    return replace(
        work,
        faces=np.concatenate([work.faces, new]),
        origin=np.concatenate([work.origin, np.full(len(new), -1)]),
    )


def _makes_nothing(work: Working, filled: list[_Filling], bound_mm: float) -> NDArray[np.bool_]:
    """(fillings,) bool: with it its shell is no thicker than the bound, a sheet and its back."""
    if not filled:
        return np.empty(0, bool)
    whole = _with(work, np.concatenate([one.faces for one in filled]))
    shells = shells_of(whole)
    area = facet_shapes(whole.vertices, whole.faces).area
    of_shell = np.bincount(shells.label, weights=area, minlength=shells.n_shells)
    is_thin = np.abs(shells.volume) <= bound_mm * of_shell / 2
    first = len(work.faces) + np.cumsum([0, *(len(one.faces) for one in filled[:-1])])
    return np.asarray(is_thin[shells.label[first]], np.bool_)


def _rims(work: Working) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """(vertices round each hole, so that facets along them fit its neighbours; vertices of holes
    whose rim meets itself)."""
    edges = work.edges
    use = edges.offsets[np.flatnonzero(edges.counts == 1)]
    facet, corner = edges.facets[use], edges.corners[use]
    # A filling runs along the edge the other way.
    start, end = work.faces[facet, (corner + 1) % 3], work.faces[facet, corner]
    used, local = np.unique(np.concatenate([start, end]), return_inverse=True)
    a, b = local[: len(start)], local[len(start) :]
    label, count = component_labels(len(used), a, b)
    is_simple = np.ones(count, bool)
    for ends in (a, b):
        is_simple[label[np.bincount(ends, minlength=len(used)) != 1]] = False
    following = np.empty(len(used), np.int64)
    following[a] = b
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(count))
    rims, tangled = [], []
    for number in range(count):
        stop = starts[number + 1] if number + 1 < count else len(order)
        members = order[starts[number] : stop]
        if not is_simple[number]:
            tangled.append(used[members])
            continue
        rim = [int(members[0])]
        while (step := int(following[rim[-1]])) != rim[0]:
            rim.append(step)
        rims.append(used[np.array(rim)])
    return rims, tangled


def _filling(
    work: Working, rim: NDArray[np.int64], tree: FacetTree, policy: RepairPolicy
) -> _Filling | Said:
    """Facets for the hole, or why there are none."""
    points = work.vertices[rim]
    width = float((points.max(axis=0) - points.min(axis=0)).max())
    if len(rim) > _MOST_RIM:
        return _too_wide(width, policy)
    # Of all pairs, so that it does not depend on how the part lies.
    gaps = points[:, None, :] - points[None, :, :]
    width = float(np.sqrt((gaps * gaps).sum(axis=2)).max())
    flat, bend = _projected(points)
    faces = _triangles(rim, flat)
    distance = np.inf
    if faces is not None:
        bounds = largest_distance(
            work.vertices[faces],
            tree,
            width=policy.bound_mm / 10,
            width_ratio=0.1,
            most_queries=20_000,
        )
        distance = bounds.upper
    is_small = bend <= policy.bound_mm and width <= policy.hole_mm
    if faces is not None and (is_small or distance <= policy.bound_mm):
        return _Filling(faces, distance)
    if width > policy.hole_mm:
        return _too_wide(width, policy)
    if bend > policy.bound_mm:
        return said(
            "a hole that is bent by {bend:.3g} mm, more than {bound:.3g} mm: what would close it "
            "is a guess",
            bend=bend,
            bound=policy.bound_mm,
        )
    return said("a hole whose rim crosses itself: what would close it is a guess")


def _too_wide(width: float, policy: RepairPolicy) -> Said:
    return said(
        "a hole {width:.3g} mm wide, wider than a nozzle of {nozzle:.3g} mm: something is missing "
        "there that could be printed",
        width=width,
        nozzle=policy.hole_mm,
    )


def _projected(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """((n, 2) in the plane of a ring's vector area, counter-clockwise; how far the ring leaves that
    plane)."""
    off = points - points.mean(axis=0)
    normal = np.cross(off, np.roll(off, -1, axis=0)).sum(axis=0)
    length = float(np.sqrt((normal * normal).sum()))
    if length == 0.0:
        return off[:, :2], float(np.sqrt((off * off).sum(axis=1)).max())
    normal = normal / length
    axis = np.zeros(3)
    axis[int(np.abs(normal).argmin())] = 1.0
    u = np.cross(axis, normal)
    u /= np.sqrt((u * u).sum())
    v = np.cross(normal, u)
    flat = np.stack([(off * u).sum(axis=1), (off * v).sum(axis=1)], axis=1)
    return flat, float(np.abs((off * normal).sum(axis=1)).max())


def _triangles(rim: NDArray[np.int64], flat: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """(n - 2, 3) facets that close the ring; None where the ring crosses itself in its plane."""
    if len(rim) == 3:
        return rim[None]
    found = np.asarray(manifold3d.triangulate([flat]), np.int64)
    if len(found) != len(rim) - 2:
        return None
    a, b, c = (flat[found[:, k]] for k in range(3))
    u, v = b - a, c - a
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    x, y = flat.T
    whole = float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())
    if abs(float(np.abs(area).sum()) - whole) > 1e-9 * max(whole, float((flat * flat).max())):
        return None
    return rim[found]

"""The shapes on a mesh as records: kernels' finds -> FeatureList.

Uncertainty follows facts of validation, 3.3: the file's own rounding at both ends of a size
(ulp32 / sqrt 3 each) and the residual of the fit, in quadrature, times 2 (k = 2, about 95 %). Arcs
say less of their radius the shorter they are: their sagitta, radius times (1 - cos(arc / 2)), is
what the vertices say, so its uncertainty is divided by that. What the facets stray from the round
shape is systematic and stands beside it, in `sagitta_mm`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.features import Feature, FeatureKind, FeatureList, Point
from printstd.kernels.cylinders import Cylinder
from printstd.kernels.planes import Planes
from printstd.kernels.recognition.plane_pairs import PlanePair, canonical_axis

HALF_TURN_DEG: Final = 179.5
"""An arc of 180 degrees adds up to a little less."""

_COVERAGE: Final = 2.0
_GRIDS_MM: Final = (0.1, 0.05, 0.01, 25.4 / 64)
_KINDS: Final = tuple(FeatureKind)
_PLANE_KIND: Final = {1: FeatureKind.THICKNESS, -1: FeatureKind.GAP, 0: FeatureKind.STEP}


class Surface(NamedTuple):
    """What features are told of. vertices : (v, 3) float64, mm. faces : (f, 3). ulp : mm, spacing
    of float32 at the file's largest coordinate. rounding : mm, lengths below it are the file's
    rounding. centre : (3,), of the box."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.integer[Any]]
    flat: Planes
    area: NDArray[np.float64]
    ulp: float
    rounding: float

    @property
    def u_end(self) -> float:
        """Standard uncertainty of one coordinate, mm."""
        return float(self.ulp / np.sqrt(3))


def features_of(
    surface: Surface, pairs: Iterable[PlanePair], round_shapes: Iterable[Cylinder]
) -> FeatureList:
    """Every feature, numbered in canonical order."""
    found = [*_extents(surface)]
    found += [_plane_pair(surface, pair) for pair in pairs]
    found += [_cylinder(surface, patch) for patch in round_shapes]
    numbered = tuple(
        replace(feature, id=f"F{number}")
        for number, feature in enumerate(_in_order(surface, found), start=1)
    )
    return FeatureList(numbered, 0, 0.0)


def _extents(surface: Surface) -> list[Feature]:
    corners = surface.vertices[surface.faces]
    if not len(corners):
        return []
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    middle = (low + high) / 2
    found = []
    for k in range(3):
        size, rest = float(high[k] - low[k]), np.delete(high - low, k)
        if size <= surface.rounding:
            continue
        own = corners[:, :, k]
        touching = (own == low[k]).any(axis=1) | (own == high[k]).any(axis=1)
        found.append(
            _feature(
                FeatureKind.EXTENT,
                size,
                _expanded(2 * surface.u_end**2),
                point=middle,
                axis=np.eye(3)[k],
                length=float(rest.max()),
                facets=np.flatnonzero(touching),
            )
        )
    return found


def _plane_pair(surface: Surface, pair: PlanePair) -> Feature:
    facets = np.flatnonzero((surface.flat.labels == pair.low) | (surface.flat.labels == pair.high))
    return _feature(
        _PLANE_KIND[pair.kind],
        pair.distance,
        _expanded(2 * surface.u_end**2 + pair.residual**2),
        residual=pair.residual,
        point=pair.point,
        axis=pair.axis,
        length=pair.length,
        overlap=pair.overlap_mm2,
        facets=facets,
    )


def _cylinder(surface: Surface, patch: Cylinder) -> Feature:
    axis = canonical_axis(patch.axis)
    points = surface.vertices[surface.faces[patch.facets].reshape(-1)]
    along = points @ axis
    on_axis = patch.centre + ((along.min() + along.max()) / 2 - patch.centre @ axis) * axis
    is_whole = patch.arc_deg >= HALF_TURN_DEG
    if is_whole:
        kind = FeatureKind.HOLE if patch.is_hole else FeatureKind.BOSS
        size, squared = 2 * patch.radius, 2 * surface.u_end**2 + patch.residual**2
    else:
        kind = FeatureKind.FILLET if patch.is_hole else FeatureKind.ROUNDING
        rise = 1 - np.cos(np.deg2rad(patch.arc_deg) / 2)
        size = patch.radius
        squared = (2 * surface.u_end**2 + patch.residual**2) / rise**2
    return _feature(
        kind,
        size,
        _expanded(squared),
        residual=patch.residual,
        sagitta=patch.sagitta,
        sides=patch.strips,
        arc=patch.arc_deg,
        point=on_axis,
        axis=axis,
        length=float(along.max() - along.min()),
        facets=patch.facets,
    )


def _expanded(variance: float) -> float:
    return float(_COVERAGE * np.sqrt(variance))


def _feature(
    kind: FeatureKind,
    size: float,
    u: float,
    *,
    point: NDArray[np.float64],
    axis: NDArray[np.float64],
    length: float,
    facets: NDArray[np.int64],
    residual: float = 0.0,
    sagitta: float = 0.0,
    sides: int = 0,
    arc: float = 0.0,
    overlap: float = 0.0,
) -> Feature:
    nominal = _on_grid(size, u)
    return Feature(
        id="",
        kind=kind,
        size=size,
        nominal=nominal,
        is_rounded=nominal != size,
        u_mm=u,
        residual_mm=residual,
        sagitta_mm=sagitta,
        facet_sides=sides,
        arc_deg=arc,
        point_mm=_triple(point),
        axis=_triple(axis),
        length_mm=length,
        overlap_mm2=overlap,
        facets=tuple(facets.tolist()),
    )


def _on_grid(size: float, u: float) -> float:
    """The coarsest grid's value that lies within `u`, else the size as it is. Where the grid is
    not much wider than `u`, lying on it says nothing."""
    for grid in _GRIDS_MM:
        value = round(size / grid) * grid
        if value > 0 and abs(value - size) <= u and 10 * u < grid:
            return round(value, 9)
    return size


def _triple(values: NDArray[np.float64]) -> Point:
    x, y, z = (float(value) + 0.0 for value in values)
    return x, y, z


def _in_order(surface: Surface, found: list[Feature]) -> list[Feature]:
    """By kind, then size, largest first, then how far from the middle of the box, then place.
    Values that differ by the file's rounding are equal, so the order does not hang on it."""
    if not found:
        return []
    used = surface.vertices[surface.faces]
    centre = (used.min(axis=(0, 1)) + used.max(axis=(0, 1))) / 2
    place = np.array([feature.point_mm for feature in found]) - centre
    step = max(16 * surface.rounding, 1e-6)
    columns = [
        np.array([_KINDS.index(feature.kind) for feature in found]),
        -_levels(np.array([feature.size for feature in found]), step),
        _levels(np.sqrt((place * place).sum(axis=1)), step),
        -_levels(np.array([feature.length_mm for feature in found]), step),
        *(_levels(place[:, k], step) for k in range(3)),
        *(_levels(np.array([feature.axis[k] for feature in found]), 1e-4) for k in range(3)),
    ]
    return [found[i] for i in np.lexsort(columns[::-1])]


def _levels(values: NDArray[np.float64], step: float) -> NDArray[np.int64]:
    """(n,) int64: number of the run of values, each less than `step` from the one below."""
    order = np.argsort(values, kind="stable")
    level = np.empty(len(values), np.int64)
    level[order] = np.cumsum(np.append(False, np.diff(values[order]) > step))
    return level

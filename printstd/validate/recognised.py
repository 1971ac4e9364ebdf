"""The shapes on a mesh as records: kernels' finds -> FeatureList.

Uncertainty follows facts of validation, 3.3: the file's own rounding at both ends of a size
(ulp32 / sqrt 3 each) and the residual of the fit, in quadrature, times 2 (k = 2, about 95 %). Arcs
say less of their radius the shorter they are: their sagitta, radius times (1 - cos(arc / 2)), is
what the vertices say, so its uncertainty is divided by that. What the facets stray from the round
shape is systematic and stands beside it, in `sagitta_mm`.

Of a CAD file the surfaces themselves are known: then no round shape is fitted, and sizes between
known surfaces are the file's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.cad import ExactFaces, SurfaceKind
from printstd.artifacts.features import Feature, FeatureKind, FeatureList, FeatureSource, Point
from printstd.artifacts.mesh import Mesh
from printstd.kernels.edges import EdgeTable, edge_table
from printstd.kernels.facets import FacetShapes, facet_shapes, used_vertices
from printstd.kernels.planes import Folds, Planes, folds, planes
from printstd.kernels.recognition.flat_shapes import (
    Angles,
    Chamfers,
    angles,
    chamfers,
    drawn_faces,
    meetings,
)
from printstd.kernels.recognition.grouped import levels
from printstd.kernels.recognition.known_faces import (
    FREE,
    PLANE,
    KnownFaces,
    KnownPlanes,
    known_planes,
    known_shapes,
)
from printstd.kernels.recognition.plane_pairs import PlanePair, canonical_axis, plane_pairs
from printstd.kernels.recognition.round_shapes import round_shapes
from printstd.kernels.recognition.shapes import RoundShape, Shape
from printstd.units import NM_PER_MM, NM_PER_UNIT
from printstd.validate.roundings import LEAST_HEIGHT_RATIO, WELD_RATIO

HALF_TURN_DEG: Final = 179.5
"""An arc of 180 degrees adds up to a little less."""

_COVERAGE: Final = 2.0
_GRIDS_MM: Final = (0.1, 0.05, 0.01, 25.4 / 64)
_GRIDS_DEG: Final = (5.0, 1.0, 0.5)
_KINDS: Final = tuple(FeatureKind)
_PLANE_KIND: Final = {1: FeatureKind.THICKNESS, -1: FeatureKind.GAP, 0: FeatureKind.STEP}
_IN_DEGREES: Final = (FeatureKind.CONE, FeatureKind.ANGLE)
_SQUARE_DEG: Final = 90.0
_U_EXACT: Final = 1e-6
"""mm and degrees: the decimals that a CAD file's own numbers, in another unit, are good to."""
_PLACES: Final = 10
"""Decimals of an exact size: float64 of 1.7 mm in metres is not quite 1.7."""
_KNOWN_AS: Final = {
    SurfaceKind.FREE: FREE,
    SurfaceKind.PLANE: PLANE,
    SurfaceKind.CYLINDER: list(Shape).index(Shape.CYLINDER),
    SurfaceKind.CONE: list(Shape).index(Shape.CONE),
    SurfaceKind.SPHERE: list(Shape).index(Shape.SPHERE),
    SurfaceKind.TORUS: list(Shape).index(Shape.TORUS),
}


class Surface:
    """The mesh as recognition takes it. vertices : (v, 3) float64, mm. faces : (f, 3). ulp : mm,
    spacing of float32 at the file's largest coordinate. rounding : mm, lengths below it are the
    file's rounding."""

    def __init__(
        self,
        vertices: NDArray[np.float64],
        faces: NDArray[np.integer[Any]],
        shapes: FacetShapes,
        folded: Folds,
        edges: EdgeTable,
        flat: Planes,
        *,
        ulp: float,
        rounding: float,
        known: KnownFaces | None = None,
    ) -> None:
        self.vertices, self.faces, self.known = vertices, faces, known
        self.shapes, self.folded, self.edges, self.flat = shapes, folded, edges, flat
        self.ulp, self.rounding = ulp, rounding
        self._awaited: Callable[[], list[RoundShape]] | None = None

    def await_round_shapes(self, awaited: Callable[[], list[RoundShape]]) -> None:
        """`round_shapes` are found elsewhere: this waits for them."""
        self._awaited = awaited

    @property
    def u_end(self) -> float:
        """Standard uncertainty of one coordinate, mm."""
        return float(self.ulp / np.sqrt(3))

    @property
    def noise(self) -> float:
        """How far vertices may lie off a shape for the file's rounding alone, mm."""
        return noise_of(self.ulp, self.rounding)

    @cached_property
    def known_planes(self) -> KnownPlanes | None:
        """None where the mesh is all that is known."""
        return known_planes(self.flat, self.known) if self.known is not None else None

    @cached_property
    def round_shapes(self) -> list[RoundShape]:
        if self.known is not None:
            return known_shapes(
                self.vertices,
                self.faces,
                self.shapes.normal,
                self.shapes.area,
                self.edges,
                self.flat,
                self.known,
                self.noise,
            )
        if self._awaited is not None:
            return self._awaited()
        return round_shapes(
            self.vertices,
            self.faces,
            self.folded,
            self.edges,
            self.flat,
            noise=self.noise,
        )

    @cached_property
    def _by_region(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.flat.labels, kind="stable")
        regions = np.arange(len(self.flat.area) + 1)
        return order, np.searchsorted(self.flat.labels[order], regions)

    def facets_of(self, *regions: int) -> NDArray[np.int64]:
        """(n,) int64, ascending: the facets of flat regions."""
        order, borders = self._by_region
        return np.sort(np.concatenate([order[borders[r] : borders[r + 1]] for r in regions]))


def known_faces(exact: ExactFaces | None, scale: float) -> KnownFaces | None:
    """A CAD file's faces in the size that the part is made in."""
    if exact is None:
        return None
    as_shape = np.array([_KNOWN_AS[kind] for kind in SurfaceKind], np.int64)
    is_cone = exact.kind == SurfaceKind.CONE
    return KnownFaces(
        exact.of_facet.astype(np.int64),
        as_shape[exact.kind],
        exact.point * scale,
        exact.axis,
        exact.radius * scale,
        np.where(is_cone, np.tan(exact.angle), 0.0),
        exact.around * scale,
        exact.chord * scale,
    )


def surface_of(mesh: Mesh, exact: ExactFaces | None = None) -> Surface:
    """The mesh of a file as it is, in its own axes, unscaled. exact : of a CAD file."""
    vertices, faces = mesh.vertices_mm, mesh.faces
    shapes, edges = facet_shapes(vertices, faces), edge_table(faces)
    has_area = shapes.height > LEAST_HEIGHT_RATIO * shapes.longest
    folded = folds(vertices, faces, shapes, has_area, edges)
    extent = mesh.box_mm[1] - mesh.box_mm[0] if len(faces) else np.zeros(3)
    rounding = float(np.sqrt((extent * extent).sum()) * WELD_RATIO)
    ulp = ulp_mm(mesh)
    flat = planes(vertices, faces, shapes, has_area, folded, noise=noise_of(ulp, rounding))
    return Surface(
        vertices,
        faces,
        shapes,
        folded,
        edges,
        flat,
        ulp=ulp,
        rounding=rounding,
        known=known_faces(exact, 1.0),
    )


def noise_of(ulp: float, rounding: float) -> float:
    """How far vertices may lie off a shape for the file's rounding alone, mm."""
    return max(rounding / 2, 2 * ulp)


def ulp_mm(mesh: Mesh) -> float:
    """Spacing of float32 at the largest coordinate of the file, in its own unit. Files of decimal
    text are taken to be no better."""
    ratio = NM_PER_UNIT[mesh.source.unit] / NM_PER_MM
    largest = np.abs(mesh.box_mm / ratio).max() if len(mesh.faces) else 0.0
    return float(np.spacing(np.float32(largest))) * ratio


def recognised(surface: Surface) -> FeatureList:
    """Every feature, numbered in canonical order."""
    if not len(surface.flat.area):
        return FeatureList((), len(surface.faces), 0.0)
    in_round = np.zeros(len(surface.faces), bool)
    for shape in surface.round_shapes:
        in_round[shape.facets] = True
    flat, labels = surface.flat, surface.flat.labels
    met = meetings(surface.vertices, surface.folded, surface.edges, flat)
    is_face = drawn_faces(flat, met, in_round, surface.shapes.area)
    broken = chamfers(flat, met, is_face)
    area = surface.shapes.area
    wedges = angles(surface.vertices, surface.faces, area, flat, met, is_face, broken)
    sides = is_face.copy()
    sides[broken.plane] = False
    pairs = plane_pairs(
        surface.vertices,
        surface.faces,
        flat,
        surface.folded,
        np.flatnonzero(sides),
        rounding=surface.rounding,
    )
    found = [
        *_extents(surface),
        *(_round(surface, shape) for shape in surface.round_shapes),
        *(_plane_pair(surface, pair) for pair in pairs),
        *_angles(surface, wedges),
        *_chamfers(surface, broken),
    ]
    numbered = tuple(
        replace(feature, id=f"F{number}")
        for number, feature in enumerate(_in_order(surface, found), start=1)
    )
    left_over = ~in_round & (labels >= 0) & ~is_face[labels]
    return FeatureList(
        numbered,
        int(left_over.sum()),
        round(float(area[left_over].sum() / max(float(area.sum()), 1e-300)), 6),
    )


def _extents(surface: Surface) -> list[Feature]:
    used = used_vertices(len(surface.vertices), surface.faces)
    if not used.any():
        return []
    low, high = surface.vertices[used].min(axis=0), surface.vertices[used].max(axis=0)
    middle = (low + high) / 2
    found = []
    for k in range(3):
        size, rest = float(high[k] - low[k]), np.delete(high - low, k)
        if size <= surface.rounding:
            continue
        own = surface.vertices[:, k]
        touching = ((own == low[k]) | (own == high[k]))[surface.faces].any(axis=1)
        exact = _exact_extent(surface, k, float(low[k]), float(high[k]))
        found.append(
            _feature(
                FeatureKind.EXTENT,
                size if exact is None else exact,
                _expanded(2 * surface.u_end**2) if exact is None else _U_EXACT,
                sagitta=_extent_chord(surface) if exact is None else 0.0,
                is_exact=exact is not None,
                point=middle,
                axis=np.eye(3)[k],
                length=float(rest.max()),
                facets=np.flatnonzero(touching),
            )
        )
    return found


def _exact_extent(surface: Surface, axis: int, low: float, high: float) -> float | None:
    """Between the known planes that bound the part along an axis; None where either end is none."""
    planes = surface.known_planes
    if planes is None:
        return None
    within = max(4 * surface.rounding, 16 * surface.ulp)
    ends = planes.height(axis, -1, low, within), planes.height(axis, 1, high, within)
    return None if ends[0] is None or ends[1] is None else ends[1] - ends[0]


def _extent_chord(surface: Surface) -> float:
    """How far the mesh of a CAD file may fall short at a round end; of other meshes nobody knows
    what they stand for."""
    if surface.known is None:
        return 0.0
    return float(surface.known.chord.max(initial=0.0))


def _plane_pair(surface: Surface, pair: PlanePair) -> Feature:
    planes = surface.known_planes
    exact = planes.distance(pair.low, pair.high) if planes is not None else None
    return _feature(
        _PLANE_KIND[pair.kind],
        pair.distance if exact is None else exact,
        _expanded(2 * surface.u_end**2 + pair.residual**2) if exact is None else _U_EXACT,
        is_exact=exact is not None,
        residual=pair.residual,
        point=pair.point,
        axis=pair.axis,
        length=pair.length,
        overlap=pair.overlap_mm2,
        facets=surface.facets_of(pair.low, pair.high),
    )


def _round(surface: Surface, shape: RoundShape) -> Feature:
    variance = 2 * surface.u_end**2 + shape.residual**2
    is_whole = shape.arc_deg >= HALF_TURN_DEG
    widest = 2 * shape.largest_radius if is_whole else 0.0
    if shape.shape is Shape.CONE:
        kind, size = FeatureKind.CONE, float(np.rad2deg(2 * np.arctan(abs(shape.slope))))
        slant = shape.length * np.sqrt(1 + shape.slope**2)
        u = float(np.rad2deg(2 * _expanded(variance) / max(slant, 1e-300)))
        widest = 2 * shape.largest_radius
    elif shape.shape is Shape.SPHERE:
        kind, size = FeatureKind.SPHERE, 2 * shape.radius
        u = _expanded(variance) / min(_cap_rise(surface, shape), 1.0)
    elif shape.shape is Shape.CYLINDER and is_whole:
        kind = FeatureKind.HOLE if shape.is_concave else FeatureKind.BOSS
        size, u = 2 * shape.radius, _expanded(variance)
    else:
        kind = FeatureKind.FILLET if shape.is_concave else FeatureKind.ROUNDING
        rise = 1 - np.cos(np.deg2rad(min(shape.arc_deg, 180.0)) / 2)
        size, u = shape.radius, float(_expanded(variance) / rise)
        widest = 0.0
    is_exact = surface.known is not None
    return _feature(
        kind,
        size,
        _U_EXACT if is_exact else u,
        is_exact=is_exact,
        residual=shape.residual,
        sagitta=shape.sagitta,
        sides=shape.strips,
        arc=shape.arc_deg,
        is_concave=shape.is_concave,
        widest=widest,
        around=shape.around,
        point=shape.centre,
        axis=canonical_axis(shape.axis),
        length=shape.length,
        facets=shape.facets,
    )


def _cap_rise(surface: Surface, shape: RoundShape) -> float:
    """How high the part of the sphere is that is there, over the radius."""
    away = surface.vertices[surface.faces[shape.facets].reshape(-1)] - shape.centre
    mean = away.mean(axis=0)
    size = float(np.sqrt(mean @ mean))
    if size < 1e-6 * shape.radius:
        return 1.0
    return float(1 - (away @ mean).min() / (size * shape.radius))


def _angles(surface: Surface, met: Angles) -> list[Feature]:
    found = []
    for i in range(len(met.first)):
        angle = float(met.angle_deg[i])
        # Each plane is known across its width; both widths are taken to be the narrower one.
        u = float(np.rad2deg(_expanded(4 * surface.u_end**2) / met.width[i]))
        one, other = int(met.first[i]), int(met.second[i])
        planes = surface.known_planes
        fold = planes.fold_deg(one, other) if planes is not None else None
        if fold is not None:
            angle, u = 180.0 - fold, _U_EXACT
        # What the corners' rounding turns a plane by is no angle that was drawn.
        turned = 0.0 if fold is not None else float(np.rad2deg(2 * surface.noise / met.width[i]))
        if abs(angle - _SQUARE_DEG) <= max(u, turned):
            continue
        edge = np.cross(surface.flat.normal[one], surface.flat.normal[other])
        found.append(
            _feature(
                FeatureKind.ANGLE,
                angle,
                u,
                is_exact=fold is not None,
                point=met.middle[i],
                axis=canonical_axis(edge),
                length=float(met.length[i]),
                facets=surface.facets_of(one, other),
            )
        )
    return found


def _chamfers(surface: Surface, broken: Chamfers) -> list[Feature]:
    found = []
    for i, plane in enumerate(broken.plane.tolist()):
        facets = surface.facets_of(plane)
        area = surface.shapes.area[facets]
        corners = surface.vertices[surface.faces[facets]].mean(axis=1)
        found.append(
            _feature(
                FeatureKind.CHAMFER,
                float(broken.leg[i]),
                _expanded(2 * surface.u_end**2),
                point=(corners * area[:, None]).sum(axis=0) / area.sum(),
                axis=canonical_axis(surface.flat.normal[plane]),
                length=float(broken.length[i]),
                facets=facets,
            )
        )
    return found


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
    is_concave: bool = False,
    widest: float = 0.0,
    around: float = 0.0,
    overlap: float = 0.0,
    is_exact: bool = False,
) -> Feature:
    if is_exact:
        size = round(size, _PLACES)
    nominal = _on_grid(size, u, _GRIDS_DEG if kind in _IN_DEGREES else _GRIDS_MM)
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
        is_concave=is_concave,
        widest_mm=widest,
        around_mm=around,
        point_mm=_triple(point),
        axis=_triple(axis),
        length_mm=length,
        overlap_mm2=overlap,
        facets=tuple(facets.tolist()),
        source=FeatureSource.STEP if is_exact else FeatureSource.MESH,
    )


def _on_grid(size: float, u: float, grids: Sequence[float]) -> float:
    """The coarsest grid's value that lies within `u`, else the size as it is. Where the grid is
    not much wider than `u`, lying on it says nothing."""
    for grid in grids:
        value = round(size / grid) * grid
        if value > 0 and abs(value - size) <= u and 10 * u < grid:
            return round(value, 9)
    return size


def _triple(values: NDArray[np.float64]) -> Point:
    x, y, z = (float(value) + 0.0 for value in values)
    return x, y, z


def _in_order(surface: Surface, found: list[Feature]) -> list[Feature]:
    """By kind, then size, largest first, then how far from the centre of all area, then place.
    Values that differ by the file's rounding are equal, so the order does not hang on it."""
    if not found:
        return []
    area = surface.shapes.area
    middles = surface.vertices[surface.faces].mean(axis=1)
    centre = (middles * area[:, None]).sum(axis=0) / max(float(area.sum()), 1e-300)
    place = np.array([feature.point_mm for feature in found]) - centre
    step = max(16 * surface.rounding, 1e-6)
    columns = [
        np.array([_KINDS.index(feature.kind) for feature in found]),
        -levels(np.array([feature.size for feature in found]), step),
        levels(np.sqrt((place * place).sum(axis=1)), step),
        -levels(np.array([feature.length_mm for feature in found]), step),
        *(levels(place[:, k], step) for k in range(3)),
        *(levels(np.array([feature.axis[k] for feature in found]), 1e-4) for k in range(3)),
    ]
    return [found[i] for i in np.lexsort(columns[::-1])]

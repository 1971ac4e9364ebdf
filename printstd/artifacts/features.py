"""Feature: one shape that a drawing would put a size on, recognised on the mesh.

Lengths are millimetres of the part as it will be made (the file's, times the placement's scale);
places and directions are in the model's own axes, where the drawing sees them.
"""

from __future__ import annotations

from enum import StrEnum

from printstd.dataclass import dataclass

Point = tuple[float, float, float]


class FeatureKind(StrEnum):
    """What kind of shape; the size of each is said at its name."""

    EXTENT = "extent"
    """The whole part along one of its axes: length."""
    HOLE = "hole"
    """A cylinder around nothing, half a turn or more: diameter."""
    BOSS = "boss"
    """A cylinder around material, half a turn or more: diameter."""
    FILLET = "fillet"
    """An arc of less than half a turn that bends inward, straight or swept round an axis: radius.
    A groove swept round an axis too, however much of the circle it has."""
    ROUNDING = "rounding"
    """The same that bends outward: radius (a broken edge)."""
    THICKNESS = "thickness"
    """Two opposed parallel planes with material between them: distance."""
    GAP = "gap"
    """Two opposed parallel planes with nothing between them: distance."""
    STEP = "step"
    """Two parallel planes that look the same way: distance."""
    CONE = "cone"
    """Included angle, in degrees."""
    SPHERE = "sphere"
    """Diameter."""
    ANGLE = "angle"
    """Between two planes that meet, in degrees, other than square: of the material where they
    meet convex, else of the space between them."""
    CHAMFER = "chamfer"
    """A narrow plane that breaks an edge: its height along one of the two sides, of two that
    differ the shorter one. Conical ones are CONE."""


class FeatureSource(StrEnum):
    """Where a size comes from."""

    MESH = "recognised"
    """Fitted to the vertices of the mesh."""
    STEP = "step"
    """The surfaces of the STEP file that the mesh was made of: nothing is fitted."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One recognised feature of size.

    The nominal is never invented: it is the size that was measured, put on the grid of drawings
    (0.01, 0.05, 0.1 mm or 1/64 in) only where it lies within `u_mm` of it.
    """

    id: str
    """``F1``, ``F2``, ... in canonical order: the same whatever the order of the facets."""
    kind: FeatureKind
    size: float
    """As measured on the mesh; mm, for CONE and ANGLE degrees."""
    nominal: float
    """The size, rounded to a drawing's grid where that is within `u_mm`."""
    is_rounded: bool
    u_mm: float
    """Expanded uncertainty (k=2) of `size` by the file alone: coordinates and fit; for CONE and
    ANGLE in degrees."""
    residual_mm: float
    """Largest distance of a vertex from the fitted shape."""
    sagitta_mm: float
    """How far the facets stray from the round shape they stand for; 0 for flat ones."""
    facet_sides: int
    """Flat strips round the arc; 0 for flat shapes."""
    arc_deg: float
    """Of round shapes, 360 where they close; 0 for flat ones."""
    is_concave: bool
    """Of round shapes: around nothing, as a hole, a countersink or a socket is. False for flat
    ones."""
    widest_mm: float
    """Of cones the diameter at the wide end, of other whole round shapes their diameter; 0 for
    arcs and flat ones."""
    around_mm: float
    """Of arcs swept round an axis (along a circular edge) the distance of the arc's centre from
    that axis; 0 for straight ones."""
    point_mm: Point
    """On the axis, in the middle of the feature; of spheres and swept arcs the centre; for planes
    the middle between them, for CHAMFER and ANGLE a point of the shape."""
    axis: Point
    """Unit vector along the axis of round shapes, across the planes of flat ones, of CHAMFER across
    its plane, of ANGLE along the edge; its first component that is not 0 is positive. Of spheres
    (0, 0, 1)."""
    length_mm: float
    """Extent along the axis of round shapes; for planes the longer side of what both cover."""
    overlap_mm2: float
    """Of opposed planes, the area that both cover seen along `axis`; 0 for others."""
    facets: tuple[int, ...]
    """0-based, ascending: all that belong to it."""
    source: FeatureSource = FeatureSource.MESH
    """Of STEP, `size` is exact, and `residual_mm` is how far the vertices of the mesh lie off."""


@dataclass(frozen=True, slots=True)
class FeatureList:
    """Every feature of one model, in canonical order, and what could not be told."""

    features: tuple[Feature, ...]
    left_over_facets: int
    """Facets that belong to no recognised plane, cylinder, cone or sphere: free-form shape."""
    left_over_area_ratio: float

    def of_kind(self, *kinds: FeatureKind) -> tuple[Feature, ...]:
        return tuple(feature for feature in self.features if feature.kind in kinds)

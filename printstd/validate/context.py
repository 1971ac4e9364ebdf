"""What every check looks at: the model, the demands, and the topology, computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Where
from printstd.artifacts.layers import LayerStack
from printstd.artifacts.mesh import ModelFile, Placement
from printstd.dataclass import dataclass
from printstd.kernels.components import component_labels
from printstd.kernels.distinct import distinct
from printstd.kernels.edges import EdgeTable, edge_table, has_three_vertices
from printstd.kernels.facets import FacetShapes, facet_shapes, signed_volumes
from printstd.kernels.planes import Folds, Planes, folds, planes
from printstd.named_tuple import NamedTuple
from printstd.profiles.resolved import Resolved
from printstd.validate.roundings import LEAST_HEIGHT_RATIO, WELD_RATIO

# What only some checks ask for is imported where they do: `slice` runs few of them.
if TYPE_CHECKING:
    from printstd.artifacts.characteristics import CharacteristicList, CharacteristicResult
    from printstd.artifacts.features import FeatureList
    from printstd.kernels.triangle_pairs import Contacts
    from printstd.validate.drawing.asking import Asked
    from printstd.validate.nesting import Nesting
    from printstd.validate.printed import PrintedLayers
    from printstd.validate.recognised import Surface

MOST_PLACES = 8
"""Places listed in one finding; the count is always given in full."""

MOST_FACETS = 16
"""Facets listed in one place."""


Shared = TypeVar("Shared")


@dataclass(frozen=True, slots=True, eq=False)
class Shells:
    """Facets joined through edges that two facets share.

    labels : (f,) int64, shell of each facet, -1 for facets without three corners.
    volume_mm3 : (s,) float64, signed. box_mm : (s, 2, 3) float64. facet_count : (s,) int64.
    is_closed : (s,) bool: every edge that the shell uses is balanced.
    """

    labels: NDArray[np.int64]
    volume_mm3: NDArray[np.float64]
    box_mm: NDArray[np.float64]
    facet_count: NDArray[np.int64]
    is_closed: NDArray[np.bool_]

    @property
    def count(self) -> int:
        return len(self.facet_count)

    @property
    def largest_extent_mm(self) -> NDArray[np.float64]:
        """(s,) float64: longest side of each shell's box."""
        return np.asarray((self.box_mm[:, 1] - self.box_mm[:, 0]).max(axis=1), np.float64)


class Layered(NamedTuple):
    """The layers that a piece of the model is printed in, and by which settings. shift_mm : from
    their coordinates to the frame that places are told in: the bed's, or the file's without one."""

    stack: LayerStack
    resolved: Resolved
    shift_mm: tuple[float, float, float]


class CheckContext:
    """One run over one model. layers : of all of its pieces, where they are not simply the mesh cut
    at even heights. drawing : that it is to be judged by. Lengths are of the part as it will be
    made: the file's millimetres times the placement's scale, in the file's own orientation."""

    def __init__(
        self,
        model: ModelFile,
        resolved: Resolved,
        placement: Placement | None,
        layers: Sequence[Layered] = (),
        drawing: CharacteristicList | None = None,
    ) -> None:
        self.model = model
        self.mesh = model.mesh
        self.resolved = resolved
        self.placement = placement
        self.layers = layers
        self.drawing = drawing
        self.scale = placement.scale_e6 / 1e6 if placement else 1.0
        self.faces = self.mesh.faces
        self._shared: dict[Callable[[CheckContext], Any], Any] = {}
        self._awaited: Callable[[], Contacts | None] | None = None

    def once(self, work: Callable[[CheckContext], Shared]) -> Shared:
        """`work(context)`, done for the first check that asks and kept for the others."""
        if work not in self._shared:
            self._shared[work] = work(self)
        found: Shared = self._shared[work]
        return found

    def await_contacts(self, awaited: Callable[[], Contacts | None]) -> None:
        """`contacts` are found elsewhere: this waits for them."""
        self._awaited = awaited

    @cached_property
    def vertices_mm(self) -> NDArray[np.float64]:
        """(v, 3) float64, mm, model axes, scaled."""
        return self.mesh.vertices_mm * self.scale

    @cached_property
    def rotation(self) -> NDArray[np.float64]:
        """(3, 3) float64: model axes to bed axes."""
        if self.placement is None:
            return np.eye(3)
        return np.array(self.placement.rotation_e9, np.float64).reshape(3, 3) / 1e9

    @cached_property
    def standing_mm(self) -> NDArray[np.float64]:
        """(v, 3) float64, mm, bed axes: turned as it will be printed, not yet moved."""
        return np.asarray(self.vertices_mm @ self.rotation.T, np.float64)

    @cached_property
    def box_mm(self) -> NDArray[np.float64]:
        """(2, 3) float64, mm, model axes, scaled; zeros for a model without facets."""
        if not len(self.faces):
            return np.zeros((2, 3))
        return self.mesh.box_mm * self.scale

    @cached_property
    def extents_mm(self) -> NDArray[np.float64]:
        return np.asarray(self.box_mm[1] - self.box_mm[0], np.float64)

    @cached_property
    def rounding_mm(self) -> float:
        """Lengths below this are no more than the file's own rounding: float32 is as coarse as its
        largest number, so far from the origin a model is rougher than its size alone lets
        expect."""
        size = float(np.sqrt((self.extents_mm**2).sum()))
        return max(size, float(np.abs(self.box_mm).max())) * WELD_RATIO

    @property
    def line_width_mm(self) -> float:
        """The bead that draws the outline."""
        return self.resolved.process.widths.external_perimeter_mm

    @cached_property
    def edges(self) -> EdgeTable:
        return edge_table(self.faces)

    @cached_property
    def shapes(self) -> FacetShapes:
        return facet_shapes(self.vertices_mm, self.faces)

    @cached_property
    def has_area(self) -> NDArray[np.bool_]:
        """(f,) bool: the facet is not a needle or cap lower than 1e-6 of its longest edge."""
        return np.asarray(self.shapes.height > LEAST_HEIGHT_RATIO * self.shapes.longest, np.bool_)

    @cached_property
    def folds(self) -> Folds:
        return folds(self.vertices_mm, self.faces, self.shapes, self.has_area, self.edges)

    @cached_property
    def planes(self) -> Planes:
        from printstd.validate.recognised import noise_of

        noise = noise_of(self.ulp_mm, self.rounding_mm)
        return planes(
            self.vertices_mm, self.faces, self.shapes, self.has_area, self.folds, noise=noise
        )

    @cached_property
    def ulp_mm(self) -> float:
        """Spacing of float32 at the largest coordinate of the file, in its own unit, as it will be
        made. Files of decimal text are taken to be no better."""
        from printstd.validate.recognised import ulp_mm

        return ulp_mm(self.mesh) * self.scale

    @cached_property
    def surface(self) -> Surface:
        """The mesh with the round shapes found on it, once for all checks."""
        from printstd.validate.recognised import Surface, known_faces

        return Surface(
            self.vertices_mm,
            self.faces,
            self.shapes,
            self.folds,
            self.edges,
            self.planes,
            ulp=self.ulp_mm,
            rounding=self.rounding_mm,
            known=known_faces(self.model.exact, self.scale),
        )

    @cached_property
    def features(self) -> FeatureList:
        """Every feature of size, recognised once for all checks and reports."""
        from printstd.validate.recognised import recognised

        return recognised(self.surface)

    @property
    def told_features(self) -> FeatureList | None:
        """The features, if anybody has asked for them."""
        return self.features if "features" in self.__dict__ else None

    @cached_property
    def contacts(self) -> Contacts | None:
        """Where facets meet others than their neighbours; None where too many lie close together
        to look at all pairs."""
        if self._awaited is not None:
            return self._awaited()
        from printstd.kernels.triangle_pairs import contacts

        return contacts(
            self.vertices_mm,
            self.faces,
            self.shapes.normal,
            self.edges,
            facets=np.flatnonzero(self.has_area),
            tolerance=self.rounding_mm,
        )

    @cached_property
    def nesting(self) -> Nesting | int:
        """Which shell lies in which; the number of pairs where they are too many to look at."""
        from printstd.validate.nesting import nesting

        return nesting(self)

    @cached_property
    def printed(self) -> PrintedLayers | None:
        """The layers that it is printed in; None where it is too large to be cut here."""
        # Here, since `slice` runs checks that need no layers before it makes its own.
        from printstd.validate.printed import printed_layers

        return printed_layers(self)

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """What the drawing demands of the features; empty without one."""
        if self.drawing is None:
            return ()
        from printstd.artifacts.features import FeatureList
        from printstd.validate.drawing.asking import asked
        from printstd.validate.drawing.recognised import as_characteristics

        has_facets = bool(has_three_vertices(self.faces).any())
        found = self.features if has_facets else FeatureList((), 0, 0.0)
        drawing = self.drawing
        if drawing.is_recognised:
            drawing = as_characteristics(found, self.resolved)
        return asked(drawing, found, self.resolved)

    @cached_property
    def characteristics(self) -> tuple[CharacteristicResult, ...]:
        """The drawing's rows with what the model itself says to each."""
        if self.drawing is None:
            return ()
        from printstd.artifacts.characteristics import NominalFrom
        from printstd.validate.drawing.judging import judged

        nominal = NominalFrom.DRAWING
        if self.drawing.is_recognised:
            nominal = NominalFrom.STEP if self.model.exact is not None else NominalFrom.MESH
        return tuple(judged(one, nominal, self.resolved, self.rotation[2]) for one in self.asked)

    @cached_property
    def shells(self) -> Shells:
        faces, edges = self.faces, self.edges
        labels = np.full(len(faces), -1, np.int64)
        kept = np.zeros(len(faces), bool)
        kept[edges.facets] = True
        number = np.cumsum(kept) - 1
        _, first, second = edges.two_facet_edges()
        labels[kept], count = component_labels(int(kept.sum()), number[first], number[second])
        is_closed = np.ones(count, bool)
        unbalanced = np.flatnonzero(~edges.is_balanced)
        is_closed[labels[edges.facets[edges.uses_of(unbalanced)]]] = False
        order = np.argsort(labels, kind="stable")[int((~kept).sum()) :]
        facet_count = np.bincount(labels[kept], minlength=count)
        box = np.zeros((count, 2, 3))
        if count:
            corners = self.vertices_mm[faces[order]]
            starts = np.cumsum(facet_count) - facet_count
            box[:, 0] = np.minimum.reduceat(corners.min(axis=1), starts)
            box[:, 1] = np.maximum.reduceat(corners.max(axis=1), starts)
        volume = signed_volumes(self.vertices_mm, faces, labels, count)
        return Shells(labels, volume, box, facet_count, is_closed)

    def where(
        self,
        points_mm: NDArray[np.float64] | None = None,
        facets: Iterable[int] = (),
    ) -> Where:
        """A place in the file's own frame, unscaled: the box of `points_mm` (n, 3) and its middle,
        or of the facets' corners."""
        facets = tuple(int(facet) for facet in facets)
        if points_mm is None:
            points_mm = self.vertices_mm[self.faces[list(facets)].reshape(-1)]
        low, high = (
            corner / self.scale for corner in (points_mm.min(axis=0), points_mm.max(axis=0))
        )
        middle = (low + high) / 2
        return Where(
            frame="model",
            point_mm=_triple(middle),
            box_mm=(*_triple(low), *_triple(high)) if len(points_mm) > 1 else None,
            facets=facets[:MOST_FACETS],
        )

    def where_edges(self, edges: NDArray[np.int64]) -> tuple[Where, ...]:
        """One place per connected run of `edges` (numbers in the edge table), longest run first."""
        if not len(edges):
            return ()
        ends = self.edges.vertices[edges]
        used, local = np.unique(ends, return_inverse=True)
        local = local.reshape(ends.shape)
        labels, count = component_labels(len(used), local[:, 0], local[:, 1])
        run = labels[local[:, 0]]
        order = np.argsort(-np.bincount(run, minlength=count), kind="stable")[:MOST_PLACES]
        places = []
        for index in order:
            chosen = edges[run == index]
            facets = distinct(self.edges.facets[self.edges.uses_of(chosen)])
            points = self.vertices_mm[self.edges.vertices[chosen].reshape(-1)]
            places.append(self.where(points, facets[:MOST_FACETS]))
        return tuple(places)

    def where_facets(self, facets: NDArray[np.int64]) -> tuple[Where, ...]:
        """The first few of `facets`, each its own place."""
        return tuple(self.where(facets=[int(facet)]) for facet in facets[:MOST_PLACES])


def _triple(point: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 6) + 0.0 for value in point)
    return x, y, z

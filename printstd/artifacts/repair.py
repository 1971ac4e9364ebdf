"""What repair did to a mesh, what it would not do, and what is proved of the result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array
from printstd.artifacts.finding import Where


class RepairClass(StrEnum):
    """Of facts of validation, 4.1."""

    LOSSLESS = "lossless"
    """The surface as a set of points is the same."""
    BOUNDED = "bounded"
    """It moves by no more than the bound."""
    GUESS = "topology guess"
    """Somebody would have to know what was meant: refused."""


@dataclass(frozen=True, slots=True)
class RepairPolicy:
    """How far repair may go.

    bound_mm : largest distance between the surfaces before and after, either way.
    bound_source : where that comes from. hole_mm : holes wider than this are not filled.
    """

    bound_mm: float
    bound_source: str
    hole_mm: float


@dataclass(frozen=True, slots=True)
class RepairAction:
    """One thing that was done, or refused, at however many places.

    code : ``REP-01``... message : a sentence. facets : of the source, 0-based, all that it
    concerns; empty where what is missing is the fault. where : the region, in the source's frame.
    displacement_mm : the largest, as the step knows it; of a filled hole, the largest distance of
    what was put in from what was there; None where nothing was done. area_change_mm2,
    volume_change_mm3 : of the whole mesh by this action. rules : checks whose verdict may depend
    on it.
    """

    code: str
    kind: RepairClass
    message: str
    facets: tuple[int, ...]
    where: tuple[Where, ...]
    displacement_mm: float | None
    area_change_mm2: float
    volume_change_mm3: float
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RepairedMesh:
    """vertices_mm : (v, 3) float64. faces : (f, 3) int32. source_facet : (f,) int64, the facet of
    the source that each one is (a part of), -1 for one that was put in to fill a hole.
    is_dust : (source facets,) bool, those of shells that were left out as too small to be anything.
    actions : in the order in which they were done. refusals : what was not done, and why.
    """

    vertices_mm: NDArray[np.float64]
    faces: NDArray[np.int32]
    source_facet: NDArray[np.int64]
    is_dust: NDArray[np.bool_]
    actions: tuple[RepairAction, ...]
    refusals: tuple[RepairAction, ...]

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        vertices = frozen_array("vertices_mm", self.vertices_mm, np.float64, (None, 3))
        set_(self, "vertices_mm", vertices)
        set_(self, "faces", frozen_array("faces", self.faces, np.int32, (None, 3)))
        set_(
            self, "source_facet", frozen_array("source_facet", self.source_facet, np.int64, (None,))
        )
        set_(self, "is_dust", frozen_array("is_dust", self.is_dust, np.bool_, (None,)))


@dataclass(frozen=True, slots=True)
class RepairProof:
    """What is proved of the repaired file against the source, whatever the steps say of themselves.

    lower_mm, upper_mm : between them lies the two-sided Hausdorff distance of the surfaces,
    without filled holes and dust; where `inside_points` is not 0, of the repaired surface from
    the source only. removed, added : facets that only one of the two has. fill_mm : upper bound
    of how far fillings lie from the source, 0 where there are none. queries : nearest facets that
    it took. inside_points : points of removed surface, evenly spread, that all lie inside the
    repaired body (bodies were united). points, wrong_points : test points beside the changed
    surface, and those about which the two do not agree. place_mm : where `lower_mm` was found.
    """

    lower_mm: float
    upper_mm: float
    removed: int
    added: int
    fill_mm: float
    queries: int
    inside_points: int
    points: int
    wrong_points: int
    place_mm: tuple[float, float, float] | None

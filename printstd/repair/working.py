"""The mesh while it is being repaired, and how a step tells what it did."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Where
from printstd.artifacts.repair import RepairAction, RepairClass
from printstd.kernels.edges import EdgeTable, edge_table
from printstd.kernels.facets import facet_shapes
from printstd.kernels.solid import signed_volume_mm3
from printstd.words import Said

MOST_PLACES: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Working:
    """vertices : (v, 3) float64, mm. faces : (f, 3) int64. origin : (f,) int64, facet of the source
    that each is (a part of), -1 for fillings. is_dust : (source facets,) bool."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    origin: NDArray[np.int64]
    is_dust: NDArray[np.bool_]
    actions: tuple[RepairAction, ...] = ()
    refusals: tuple[RepairAction, ...] = ()
    edges: EdgeTable = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "edges", edge_table(self.faces))

    @property
    def corners(self) -> NDArray[np.float64]:
        return np.asarray(self.vertices[self.faces], np.float64)

    def open_edges(self) -> int:
        return int((self.edges.counts == 1).sum())

    def unbalanced_edges(self) -> int:
        return int((~self.edges.is_balanced).sum())

    def kept(self, is_kept: NDArray[np.bool_]) -> Working:
        return replace(self, faces=self.faces[is_kept], origin=self.origin[is_kept])

    def did(
        self,
        before: Working,
        code: str,
        kind: RepairClass,
        message: Said,
        *,
        facets: NDArray[np.int64],
        points: list[NDArray[np.float64]],
        displacement_mm: float,
        rules: tuple[str, ...],
    ) -> Working:
        """This mesh, told of what made it of `before`. facets : of the source. points : (k, 3) of
        each region."""
        action = RepairAction(
            code,
            kind,
            message,
            tuple(sorted({int(number) for number in facets if number >= 0})),
            regions(points),
            displacement_mm,
            _area(self) - _area(before),
            _volume(self) - _volume(before),
            rules,
        )
        return replace(self, actions=(*self.actions, action))

    def refused(
        self,
        code: str,
        message: Said,
        *,
        facets: NDArray[np.int64],
        points: list[NDArray[np.float64]],
        rules: tuple[str, ...],
    ) -> Working:
        """This mesh, told of what was not done to it."""
        refusal = RepairAction(
            code,
            RepairClass.GUESS,
            message,
            tuple(sorted({int(number) for number in facets if number >= 0})),
            regions(points),
            None,
            0.0,
            0.0,
            rules,
        )
        return replace(self, refusals=(*self.refusals, refusal))


def regions(points: list[NDArray[np.float64]]) -> tuple[Where, ...]:
    """The box of each set of points (k, 3), the first few."""
    found = []
    for some in points[:MOST_PLACES]:
        if len(some):
            flat = some.reshape(-1, 3)
            x0, y0, z0 = (round(float(c), 6) + 0.0 for c in flat.min(axis=0))
            x1, y1, z1 = (round(float(c), 6) + 0.0 for c in flat.max(axis=0))
            found.append(Where(box_mm=(x0, y0, z0, x1, y1, z1)))
    return tuple(found)


def _area(work: Working) -> float:
    return float(facet_shapes(work.vertices, work.faces).area.sum())


def _volume(work: Working) -> float:
    return signed_volume_mm3(work.vertices, work.faces.astype(np.int32))

"""What the pages draw of a part: its surface with figures on it, and cuts through the worst places.

Coordinates are millimetres as the part stands on the bed; where no machine was named, as it stands
in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.artifacts.surface_field import SurfaceField
from printstd.errors import SlicingError
from printstd.kernels.sections import RANGE_NM, section_rings
from printstd.units import NM_PER_MM

MOST_CUTS: Final = 6
_LOOKED_AT: Final = (
    Status.FAIL,
    Status.INDETERMINATE,
    Status.NOT_EVALUATED,
    Status.WARN,
    Status.INFO,
)
"""Statuses whose places are worth a picture, worst first."""
_INSET_NM: Final = 20_000
"""A plane through a flat face is moved into the material by so much."""
_GRID_MM: Final = 0.002
"""Points of an outline closer than this are one to the eye."""

Pictures = Mapping[int, tuple["PartPicture", ...]]
"""Number of the subject -> its parts."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A section of the part across a place that a finding names.

    axis : 0, 1, 2 for X, Y, Z; the plane stands across it at `at_mm`. rings_mm : closed outlines,
    (p, 2) float64 each, in the plane's axes (the other two, in their order). mark_mm : the place.
    """

    finding: Finding
    axis: int
    at_mm: float
    rings_mm: tuple[NDArray[np.float64], ...]
    mark_mm: tuple[float, float]
    point_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class PartPicture:
    """One part. vertices_mm : (v, 3) float64. faces : (f, 3) int32."""

    name: str
    vertices_mm: NDArray[np.float64]
    faces: NDArray[np.int32]
    fields: tuple[SurfaceField, ...]
    cuts: tuple[Cut, ...]


class Stance(NamedTuple):
    """How the model's own axes lie in the picture: bed = turn @ (scale * model) + shift_mm."""

    turn: NDArray[np.float64]
    scale: float
    shift_mm: NDArray[np.float64]

    def point(self, where: Where) -> NDArray[np.float64] | None:
        """(3,) float64: the place in the picture's frame; None where it has none in space."""
        if where.point_mm is not None:
            own = np.array(where.point_mm)
        elif where.box_mm is not None:
            own = np.array(where.box_mm).reshape(2, 3).mean(axis=0)
        else:
            return None
        return own if where.frame == "bed" else self.turn @ (self.scale * own) + self.shift_mm


def cuts_of(
    findings: Sequence[Finding],
    stance: Stance,
    vertices_mm: NDArray[np.float64],
    faces: NDArray[np.int32],
) -> tuple[Cut, ...]:
    """A cut for each finding with a place, worst first, `MOST_CUTS` at most.

    vertices_mm : as the part stands. The plane is the one of the three that shows the facets of
    the place edge on, the horizontal one where they do not say.
    """
    found: list[Cut] = []
    if not len(faces):
        return ()
    ranked = sorted(
        (f for f in findings if f.status in _LOOKED_AT and f.where),
        key=lambda finding: _LOOKED_AT.index(finding.status),
    )
    for finding in ranked:
        for where in finding.where:
            inside = [facet for facet in where.facets if 0 <= facet < len(faces)]
            # The middle of a place may lie in the air (of a tube it does); its facets do not.
            point = vertices_mm[faces[inside[0]]].mean(axis=0) if inside else stance.point(where)
            if point is None:
                continue
            axis = _edge_on(inside, vertices_mm, faces) if inside else _along(where)
            cut = _cut(finding, point, axis, vertices_mm, faces)
            if cut is not None:
                found.append(cut)
                break
        if len(found) == MOST_CUTS:
            break
    return tuple(found)


def _edge_on(
    facets: Sequence[int], vertices_mm: NDArray[np.float64], faces: NDArray[np.int32]
) -> int:
    """The axis that the facets' normals are most square to: the plane across it cuts them edge
    on. The horizontal plane where that is a tie."""
    a, b, c = np.moveaxis(vertices_mm[faces[list(facets)]], 1, 0)
    along = np.abs(np.cross(b - a, c - a)).sum(axis=0)
    least = along.min()
    return max(axis for axis in range(3) if along[axis] <= least + 1e-9 * along.max())


def _along(where: Where) -> int:
    """The axis to cut across at a place without facets. What hangs in a layer of the model is seen
    from the side, along its longer one; a bead of a program is seen from above."""
    if where.layer is None or where.line is not None or where.box_mm is None:
        return 2
    x0, y0, _, x1, y1, _ = where.box_mm
    return 0 if x1 - x0 < y1 - y0 else 1


def _cut(
    finding: Finding,
    point: NDArray[np.float64],
    axis: int,
    vertices_mm: NDArray[np.float64],
    faces: NDArray[np.int32],
) -> Cut | None:
    """None where the plane meets nothing, or the part is larger than the kernel takes."""
    # Cyclic, so that the material stays on the left of its outlines.
    order = {0: (1, 2, 0), 1: (2, 0, 1), 2: (0, 1, 2)}[axis]
    low = vertices_mm.min(axis=0)
    nm = np.rint((vertices_mm - low) * NM_PER_MM)
    if float(nm.max()) >= RANGE_NM:
        return None
    turned = np.ascontiguousarray(nm[:, order]).astype(np.int64)
    top = int(turned[faces.reshape(-1), 2].max())
    at = round(float(point[axis] - low[axis]) * NM_PER_MM)
    at = min(max(at, min(_INSET_NM, top // 4)), top - min(_INSET_NM, top // 4))
    try:
        raw = section_rings(turned, faces, np.array([at], np.int64))
    except SlicingError:
        return None
    shift = low[list(order[:2])]
    ends = raw.ring_offsets.tolist()
    rings = [_thinned(raw.xy_nm[a:b] / NM_PER_MM + shift) for a, b in pairwise(ends)]
    rings = [ring for ring in rings if len(ring) > 2]
    if not rings:
        return None
    mark = point[list(order[:2])]
    if axis == 1:  # seen from the front: X to the right, Z up
        rings, mark = [ring[:, ::-1] for ring in rings], mark[::-1]
    height = at / NM_PER_MM + float(low[axis])
    return Cut(
        finding,
        axis,
        height,
        tuple(rings),
        (float(mark[0]), float(mark[1])),
        (float(point[0]), float(point[1]), float(point[2])),
    )


def _thinned(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without points that repeat the one before to the eye."""
    cell = np.rint(ring / _GRID_MM)
    moved = (cell != np.roll(cell, 1, axis=0)).any(axis=1)
    thinned: NDArray[np.float64] = ring[moved]
    return thinned

"""Which shell lies in which: computed once for the checks of shells, of cavities and of what is
filled twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.kernels.facets import winding_numbers

if TYPE_CHECKING:
    from printstd.validate.context import CheckContext, Shells

_MOST_WORK = 40_000_000
"""Corner times facet products; past it nesting is not evaluated (some seconds)."""

_WITNESSES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Nesting:
    """depth : (s,) int64, in how many other closed shells each lies. is_flat : (s,) bool, a sheet
    back to back, whose volume is rounding. twin : (s,) int64, the lowest-numbered shell that takes
    up the very same space; its own number where there is none."""

    depth: NDArray[np.int64]
    is_flat: NDArray[np.bool_]
    twin: NDArray[np.int64]

    def is_judged(self, shells: Shells) -> NDArray[np.bool_]:
        return np.asarray(shells.is_closed & ~self.is_flat, np.bool_)

    def is_cavity(self, shells: Shells) -> NDArray[np.bool_]:
        """(s,) bool: it bounds an empty space inside another shell."""
        is_inward = (shells.volume_mm3 < 0) & (self.depth % 2 == 1)
        return np.asarray(self.is_judged(shells) & is_inward, np.bool_)


def nesting(context: CheckContext) -> Nesting | int:
    """The nesting, or the number of pairs to look at where they are too many."""
    shells = context.shells
    inner, outer = _box_pairs(shells)
    if int(shells.facet_count[outer].sum()) * _WITNESSES > _MOST_WORK:
        return len(inner)
    is_flat = np.abs(shells.volume_mm3) <= 1e-9 * shells.largest_extent_mm**3
    twin = _twins(context, inner, outer, is_flat)
    # Shells in the same place do not lie in each other.
    apart = twin[inner] != twin[outer]
    is_inside = np.zeros(len(inner), bool)
    is_inside[apart] = _contained(context, inner[apart], outer[apart])
    depth = np.bincount(inner[is_inside], minlength=shells.count).astype(np.int64)
    return Nesting(depth, np.asarray(is_flat, np.bool_), twin)


def _box_pairs(shells: Shells) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(inner, outer): pairs of shells of which the box of the first lies in that of the second."""
    low, high = shells.box_mm[:, 0], shells.box_mm[:, 1]
    inner, outer = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for index in np.flatnonzero(shells.is_closed):
        holds = (low >= low[index]).all(axis=1) & (high <= high[index]).all(axis=1)
        holds[index] = False
        members = np.flatnonzero(holds)
        inner.append(members)
        outer.append(np.full(len(members), index, np.int64))
    return np.concatenate(inner), np.concatenate(outer)


def _twins(
    context: CheckContext,
    inner: NDArray[np.int64],
    outer: NDArray[np.int64],
    is_flat: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Shells with the same box, volume, area and middle of their surface, to rounding."""
    shells = context.shells
    twin = np.arange(shells.count)
    near = np.abs(shells.box_mm[inner] - shells.box_mm[outer]).max(axis=(1, 2), initial=0.0)
    same = (near <= 4 * context.rounding_mm) & ~is_flat[inner] & ~is_flat[outer]
    same &= shells.is_closed[inner] & (inner > outer)
    # Fewer facets than a solid has are no body: facets that are there twice (GEO-07).
    same &= (shells.facet_count[inner] >= 4) & (shells.facet_count[outer] >= 4)
    if not same.any():
        return twin
    labels, area = shells.labels, context.shapes.area
    kept = labels >= 0
    total = np.bincount(labels[kept], weights=area[kept], minlength=shells.count)
    middle = context.vertices_mm[context.faces].mean(axis=1)
    centre = (
        np.stack(
            [
                np.bincount(
                    labels[kept], weights=(area * middle[:, k])[kept], minlength=shells.count
                )
                for k in range(3)
            ],
            axis=1,
        )
        / np.maximum(total, 1e-300)[:, None]
    )
    volume = np.abs(shells.volume_mm3)
    for a, b in zip(inner[same].tolist(), outer[same].tolist(), strict=True):
        is_alike = abs(volume[a] - volume[b]) <= 1e-5 * volume[b]
        is_alike &= abs(total[a] - total[b]) <= 1e-5 * total[b]
        is_alike &= bool(np.abs(centre[a] - centre[b]).max() <= 1e-5 * context.extents_mm.max())
        if is_alike:
            twin[a] = min(twin[a], twin[b])
    return twin


def _contained(
    context: CheckContext, inner: NDArray[np.int64], outer: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(p,) bool: most of the inner shell's witness corners are wound round by the outer one."""
    labels, faces, vertices = context.shells.labels, context.faces, context.vertices_mm
    result = np.zeros(len(inner), bool)
    for index, (small, large) in enumerate(zip(inner, outer, strict=True)):
        corners = distinct(faces[labels == small])
        step = max(1, len(corners) // _WITNESSES)
        witnesses = vertices[corners[::step][:_WITNESSES]]
        wound = np.abs(winding_numbers(witnesses, vertices[faces[labels == large]])) > 0.5
        result[index] = 2 * int(wound.sum()) > len(witnesses)
    return result

"""Travel that keeps inside the part: ways that would cross walls go along them instead.

A way around leaves no string and needs no retraction (facts of slicers H11). Ways between
islands, and those that find no room inside, stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.leaving import crosses_border
from printstd.kernels.rings import Rings
from printstd.kernels.simplify import simplified
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.travel import Hops

_SMOOTH_NM: Final = 50_000
"""Ways need not follow walls closer than this."""


def kept_inside(
    hops: Hops,
    layer: NDArray[np.int64],
    sections: Sequence[Rings],
    specs: Sequence[LayerSpec],
    max_detour_mm: float,
) -> Hops:
    """Hops that were to draw back inside a layer, with corners and not drawn back where there is a
    way inside.

    layer : (n,) of each line. sections, specs : one per layer. max_detour_mm : a way that is longer
    by more than this is not taken; 0 = no limit.
    """
    n = len(hops.is_retracted)
    within = hops.is_retracted & ~hops.is_step
    within[[0, n - 1]] = False
    asked = np.flatnonzero(within)
    corners: dict[int, NDArray[np.int64]] = {}
    borders = np.searchsorted(layer[asked], np.arange(len(sections) + 1)).tolist()
    for number, (section, spec) in enumerate(zip(sections, specs, strict=True)):
        mine = asked[borders[number] : borders[number + 1]]
        if len(mine):
            found = _ways(hops, mine, section, spec)
            corners |= found if not max_detour_mm else _short(hops, found, max_detour_mm * 1000.0)
    if not corners:
        return hops
    is_retracted = hops.is_retracted.copy()
    counts = np.zeros(n, np.int64)
    for hop, way in corners.items():
        is_retracted[hop], counts[hop] = False, len(way)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    xy = np.concatenate([corners[hop] for hop in sorted(corners)])
    return hops._replace(is_retracted=is_retracted, corner_um=xy, corner_offsets=offsets)


def _short(
    hops: Hops, found: dict[int, NDArray[np.int64]], max_detour_um: float
) -> dict[int, NDArray[np.int64]]:
    """Those that are hardly longer than the straight way."""

    def length(points: NDArray[np.int64]) -> float:
        way = np.diff(points, axis=0).astype(np.float64)
        return float(np.sqrt((way * way).sum(axis=1)).sum())

    kept = {}
    for hop, corner in found.items():
        ends = hops.from_um[hop], hops.to_um[hop]
        straight = length(np.stack(ends))
        if length(np.concatenate([ends[:1], corner, ends[1:]])) <= straight + max_detour_um:
            kept[hop] = corner
    return kept


def _ways(
    hops: Hops, rows: NDArray[np.int64], section: Rings, spec: LayerSpec
) -> dict[int, NDArray[np.int64]]:
    """Corners, um, of the rows that have a way inside."""
    from printstd.kernels.detours import ways_inside

    start, end = hops.from_um[rows] * 1000, hops.to_um[rows] * 1000
    found: dict[int, NDArray[np.int64]] = {}
    # Between the walls first, so that the nozzle stays off the outer one; along that one where
    # the part is too narrow, or a bead itself lies nearer to the outline.
    for inset in (
        spec.external.width_nm // 2 + spec.external.spacing_nm // 2,
        spec.external.width_nm // 2 - _SMOOTH_NM,
    ):
        left = np.array([i for i, row in enumerate(rows.tolist()) if row not in found], np.int64)
        if not len(left):
            break
        room = simplified(clip.offset(section, -inset), _SMOOTH_NM // 2)
        ways = ways_inside(start[left], end[left], room)
        for k in np.flatnonzero(ways.is_inside).tolist():
            a, b = ways.offsets[k], ways.offsets[k + 1]
            i = int(left[k])
            corners_um = (ways.xy_nm[a:b] + 500) // 1000
            points = np.concatenate([start[i : i + 1], corners_um * 1000, end[i : i + 1]])
            if not crosses_border(points[:-1], points[1:], section).any():
                found[int(rows[i])] = corners_um
    return found

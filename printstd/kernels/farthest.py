"""How far an area reaches away from another one."""

from __future__ import annotations

from printstd.kernels.border_distance import signed_distances_nm
from printstd.kernels.rings import Rings

_FIRST_REACH_NM = 1_000_000
"""How far is looked at first; where that is not enough, four times as far, and so on."""


def farthest_nm(area: Rings, other: Rings) -> float:
    """The largest distance of a vertex of `area` from `other`, 0 where all lie within it; inf
    where there is none."""
    if other.is_empty or area.is_empty:
        return float("inf")
    points, reach, farthest = area.xy_nm, _FIRST_REACH_NM, 0.0
    while True:
        away = signed_distances_nm(points, other, reach)
        is_beyond = away >= reach
        if not is_beyond.all():
            farthest = max(farthest, float(away[~is_beyond].max()))
        if not is_beyond.any():
            return farthest
        points, reach = points[is_beyond], 4 * reach

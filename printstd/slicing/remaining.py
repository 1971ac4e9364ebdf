"""The top of what negative volumes leave of a part.

Planes a part of a layer apart say between which two of them the part ends; halving that finds the
place. Where it is as high as a vertex, which a flat face's corners are, it is that height exactly.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.clip import Area, Fill
from printstd.kernels.rings import Rings
from printstd.kernels.sections import Sections, section_rings

_NEAR_NM: Final = 500
_SLIVER_NM: Final = 1_000
"""Half the width of what sides leave that lie in one plane."""
_LEAST_MM2: Final = 1e-5
_AT_ONCE: Final = 64
"""Planes that are cut together: most parts end near the top of their mesh."""

Body = tuple[NDArray[np.int64], NDArray[np.int32]]
"""(v, 3) int64, nm, bed frame; (f, 3)."""


def remaining_top_nm(own: Body, gone: Body, step_nm: int, *, is_healed: bool = False) -> int:
    """The highest point of `own` outside `gone`, nm; the lowest of `own` where nothing is left.

    step_nm : what is left of the part no higher than this may be overlooked.
    """
    z = own[0][own[1].reshape(-1), 2]
    low, high = int(z.min()), int(z.max())
    planes = high - step_nm // 2 - np.arange(max((high - low) // step_nm, 1)) * step_nm
    planes = planes[planes > low]
    for first in range(0, len(planes), _AT_ONCE):
        some = planes[first : first + _AT_ONCE][::-1]
        is_left = _is_left(own, gone, some, is_healed)
        if any(is_left):
            nth = max(i for i, left in enumerate(is_left) if left)
            break
    else:
        return low
    below = int(some[nth])
    above = min(below + step_nm, high)
    while above - below > _NEAR_NM:
        middle = (below + above) // 2
        if _is_left(own, gone, np.array([middle]), is_healed)[0]:
            below = middle
        else:
            above = middle
    levels = np.concatenate([z, gone[0][gone[1].reshape(-1), 2]])
    nearest = int(levels[np.abs(levels - above).argmin()])
    return nearest if abs(nearest - above) <= 2 * _NEAR_NM else above


def _is_left(own: Body, gone: Body, planes_nm: NDArray[np.int64], is_healed: bool) -> list[bool]:
    material, cuts = (
        section_rings(*body, planes_nm, is_healed=healed)
        for body, healed in ((own, is_healed), (gone, False))
    )
    found = []
    for layer in range(len(planes_nm)):
        mine, its = (_area(sections, layer) for sections in (material, cuts))
        left = mine if its.is_empty else mine - its
        found.append(left.offset(-_SLIVER_NM, _SLIVER_NM).area_mm2 > _LEAST_MM2)
    return found


def _area(sections: Sections, layer: int) -> Area:
    first, last = sections.layer_offsets[layer : layer + 2].tolist()
    borders = sections.ring_offsets[first : last + 1]
    return Area.of(
        Rings(sections.xy_nm[borders[0] : borders[-1]], borders - borders[0]), Fill.NONZERO
    )

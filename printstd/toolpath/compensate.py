"""What is added to or taken from a section so that the printed part comes out to size.

XY offset (the whole outline), hole offset (holes alone) and elephant foot (first layer): facts
of slicers I1-I3 and 2.3.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from printstd.kernels import clip
from printstd.kernels.rings import Rings, concat, signed_area2, take
from printstd.toolpath.spec import LayerSpec

_SLIVER_NM: Final = 5_000
"""Strips under twice this are what offsets of polygons leave along curves, not walls."""
_STEPS: Final = 4
"""Levels of the elephant foot between "whole" and "not at all"."""


def compensate(section: Rings, spec: LayerSpec) -> Rings:
    """`section` with the XY, hole and elephant foot compensations of its layer.

    The very same object where there is nothing to compensate.
    """
    if section.is_empty:
        return section
    if spec.xy_nm:
        section = clip.offset(section, spec.xy_nm)
    if spec.hole_nm:
        section = grown_holes(section, spec.hole_nm)
    if spec.elephant_foot_nm:
        # Room for a whole loop of the outer wall, both sides of it.
        min_width = spec.external.width_nm + spec.external.spacing_nm
        section = shrunk_foot(section, spec.elephant_foot_nm, min_width)
    return section


def grown_holes(section: Rings, delta_nm: int) -> Rings:
    """Holes grown (+) or shrunk (-) by `delta_nm`; outer outlines stay as they are, those of
    islands that stand inside a hole too."""
    is_outer = signed_area2(section) > 0
    if is_outer.all():
        return section
    outers = take(section, is_outer)
    if clip.union([outers]).n_rings == outers.n_rings:
        return clip.difference(outers, _grown(take(section, ~is_outer), delta_nm))
    parts = []
    for island in clip.islands(section):
        mine = signed_area2(island) > 0
        if not mine.all():
            island = clip.difference(take(island, mine), _grown(take(island, ~mine), delta_nm))
        parts.append(island)
    return clip.union([concat(parts)])


def _grown(holes: Rings, delta_nm: int) -> Rings:
    """The area of clockwise rings, offset."""
    backwards = Rings(
        np.ascontiguousarray(holes.xy_nm[::-1]), len(holes.xy_nm) - holes.offsets[::-1]
    )
    return clip.offset(backwards, delta_nm)


def shrunk_foot(section: Rings, shrink_nm: int, min_width_nm: int) -> Rings:
    """`section` drawn in by `shrink_nm`, less where that would leave a wall narrower than
    `min_width_nm`, and not at all where the wall is no wider than that.

    The section eroded by t is empty where the wall is narrower than 2t. What is there at t and
    gone at t + dt is the core of the walls of that width: grown again by half the least width it
    is that wall, drawn in by t - min_width/2. With t in steps from min_width/2 to
    min_width/2 + shrink the cores of all widths together are the compensated section.
    Neighbouring cores lie within the shrink of each other and grow by more, so no island falls
    apart.
    """
    half = min_width_nm // 2
    whole = clip.Area.of(section)
    bounds = [round(shrink_nm * k / _STEPS) for k in range(_STEPS + 1)]
    core = whole.offset(-half - _SLIVER_NM, _SLIVER_NM)
    narrow = (whole - core.offset(half + _SLIVER_NM)).offset(-_SLIVER_NM, _SLIVER_NM)
    # The pad joins the narrow wall to the wide one, whose edge is drawn back from it.
    kept = narrow.offset(shrink_nm + 2 * _SLIVER_NM) & whole
    for low, high in pairwise(bounds):
        if core.is_empty:
            break
        deeper = whole.offset(-half - high - _SLIVER_NM, _SLIVER_NM)
        residue = core - deeper.offset(high - low + _SLIVER_NM)
        residue = residue.offset(-_SLIVER_NM + 1_000, _SLIVER_NM - 1_000)
        if not residue.is_empty:
            kept = kept | residue.offset(half)
        core = deeper
    kept = kept | core.offset(half)
    return (kept & whole).rings()

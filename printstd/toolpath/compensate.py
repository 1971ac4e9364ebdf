"""What is added to or taken from a section so that the printed part comes out to size.

Circles (round holes and pins), XY offset (the whole outline), hole offset (holes alone) and
elephant foot (first layer): facts of slicers I1-I5 and 2.3.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from printstd.kernels import circles, clip
from printstd.kernels.rings import Rings, concat, signed_area2, take
from printstd.toolpath.spec import LayerSpec

_SLIVER_NM: Final = 5_000
"""Strips under twice this are what offsets of polygons leave along curves, not walls."""
_CORNER_RATIO: Final = 0.51
"""Inradius of what a square join leaves of a corner, over the offset: (1 - s) / (1 + s), s the sine
of half the angle. 1/2 for the sharpest corner that mitred growth brings back, 39 deg."""
_STEPS: Final = 4
"""Levels of the elephant foot between "whole" and "not at all"."""


def compensate(section: Rings, spec: LayerSpec) -> Rings:
    """`section` with the XY, hole and elephant foot compensations of its layer.

    The very same object where there is nothing to compensate.
    """
    if section.is_empty:
        return section
    if spec.circle_chord_nm:
        section = rounded_circles(section, spec)
    if spec.xy_nm:
        section = clip.offset(section, spec.xy_nm)
    if spec.hole_nm:
        section = grown_holes(section, spec.hole_nm)
    if spec.elephant_foot_nm:
        # Room for a whole loop of the outer wall, both sides of it.
        min_width = spec.external.width_nm + spec.external.spacing_nm
        section = shrunk_foot(section, spec.elephant_foot_nm, min_width)
    return section


def rounded_circles(section: Rings, spec: LayerSpec) -> Rings:
    """Round holes and pins as circles of the size that their corners say, such that what the outer
    wall leaves free, or reaches, is that size. Those with something else close by stay."""
    found = circles.circles_among(section)
    if not len(found.ring):
        return section
    room = circles.MOST_SAGITTA_NM + 2 * spec.circle_chord_nm
    # A pin no thicker than its own wall's bead has no loop to lay.
    is_laid = circles.apart(section, found, room) & (
        found.is_hole | (found.radius_nm > spec.external.width_nm)
    )
    if not is_laid.any():
        return section
    laid = circles.chosen(found, is_laid)
    return circles.laid_anew(section, laid, spec.circle_chord_nm, spec.external.width_nm)


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

    The whole section drawn in by the whole shrink, and besides it, in steps, what is narrower
    than min_width + 2 (shrink so far), drawn in by the step before. The narrow parts reach into
    the wide ones by more than those are drawn in, and where that does not hold an island
    together, gaps are closed until it does: no island falls apart, no hole opens.
    """
    kept = _drawn_in(section, shrink_nm, min_width_nm)
    if _topology(kept) == _topology(section):
        return kept
    parts = []
    for island in clip.islands(section):
        kept, wanted = _drawn_in(island, shrink_nm, min_width_nm), _topology(island)
        for times in (1, 2, 4):
            if _topology(kept) == wanted:
                break
            grown = clip.offset(kept, times * shrink_nm, -times * shrink_nm)
            kept = clip.intersection(clip.union([grown, kept]), island)
        parts.append(kept if _topology(kept) == wanted else island)
    return clip.union(parts)


def _topology(rings: Rings) -> tuple[int, int]:
    """How many islands, and how many holes."""
    area2 = signed_area2(rings)
    return int((area2 > 0).sum()), int((area2 < 0).sum())


def _drawn_in(section: Rings, shrink_nm: int, min_width_nm: int) -> Rings:
    """The steps of `shrunk_foot`."""
    half, reach = min_width_nm // 2, shrink_nm + 2 * _SLIVER_NM
    whole = clip.Area.of(section)
    kept = whole.offset(-shrink_nm)
    kept = kept | (_narrower(whole, shrink_nm).offset(reach) & whole)
    steps = [round(shrink_nm * step / _STEPS) for step in range(_STEPS + 1)]
    for so_far, then in pairwise(steps):
        narrow = _narrower(whole, half + then)
        if not narrow.is_empty:
            kept = kept | (narrow.offset(reach) & whole.offset(-so_far))
    return kept.rings()


def _narrower(whole: clip.Area, half_nm: int) -> clip.Area:
    """The parts of an area less than twice `half_nm` wide, without its wide corners.

    Mitred growth brings corners back, but may reach over narrow parts beyond a sharp one; square
    growth leaves corners out, and those are told from narrow parts by their size.
    """
    core = whole.offset(-half_nm)
    mitred = whole - core.offset(half_nm + _SLIVER_NM)
    squared = whole - core.offset(half_nm + _SLIVER_NM, join=clip.Join.SQUARE)
    corner = round(_CORNER_RATIO * half_nm)
    return mitred.offset(-_SLIVER_NM, _SLIVER_NM) | squared.offset(-corner, corner)

"""Walls of variable width: how many beads a place takes, and how wide they are.

After T. Kuipers, E. Doubrovski, J. Wu, C. Wang, "A Framework for Adaptive Width Control of Dense
Contour-Parallel Toolpaths in Fused Deposition Modeling", Computer-Aided Design 128 (2020): beads
away from the middle keep their nominal width, the innermost take what is left. A wall is a pair of
beads, one along each side of the place. With s the nominal spacing and g the clear width between
the middles of the innermost pair:

    g < s/2           the pair gives way to one bead in the middle, up to 1.5 s
    s/2 .. s + c      the two of the pair touch: each is (s + g)/2, from 0.75 s to 1.25 s
    s + c .. 2.5 s    the pair is nominal, one bead between them takes g - s, from c to 1.5 s
    beyond            room for the next pair (infill, if no more are asked for: from 2.6 s on)

with c = s/2, or the spacing of the narrowest bead if that is more. A pair that stays does so with
its outer side where it was: only its middle moves, by (g - s)/4, less than s/8 either way. So a
loop of the classic kind, with the distance s/2 at which it gives way, becomes one of variable
width by moving its vertices a little, and everything outside it stays as it is. Where the pair
goes back to nominal as the bead between begins, its width changes over the transition length,
half of it on either side of that bead's end: what one side has too little the other has too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import bead, clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings, concat
from printstd.named_tuple import NamedTuple
from printstd.toolpath.spec import Bead, Beading, LayerSpec

_STEP_NM: Final = 12_000
"""By how much the width changes from one segment to the next: 4 % of the narrowest pair's flow."""
_TOLERANCE_NM: Final = 2_000
_DETAIL_NM: Final = 400_000
_MOST_CENTRE_RATIO: Final = 1.6
"""Infill lays no line well in less; classic walls have the same limit."""
_MARGIN_NM: Final = 20_000
_SLACK_NM: Final = 2_000


def closest_nm(spec: LayerSpec, beading: Beading, depth: int) -> int:
    """The clear width g between the middles of a pair at which it gives way to one bead."""
    own = spec.inner if depth else spec.external
    most = min(own.spacing_nm // 2, beading.max_width_nm - own.width_nm)
    return max(most, 2 * min_spacing_nm(spec, beading) - own.spacing_nm)


def min_spacing_nm(spec: LayerSpec, beading: Beading) -> int:
    """The spacing of the narrowest bead (no bead of a wall is narrower than it is high)."""
    return bead.spacing_nm(max(beading.min_width_nm, spec.height_nm), spec.height_nm)


def least_centre_nm(spec: LayerSpec, beading: Beading) -> int:
    """The room from which on a bead is laid between the two of a pair: c above."""
    return max(spec.inner.spacing_nm // 2, min_spacing_nm(spec, beading))


def most_centre_nm(spec: LayerSpec, beading: Beading) -> int:
    """The room up to which one bead fills what is inside the innermost walls asked for."""
    widest = bead.spacing_nm(beading.max_width_nm, spec.height_nm)
    return min(round(_MOST_CENTRE_RATIO * spec.inner.spacing_nm), widest)


class Shell(NamedTuple):
    """Inside the middles of wall `depth`."""

    area: Area
    spec: LayerSpec
    beading: Beading
    depth: int


def narrow_places(shells: Sequence[Shell]) -> list[Area]:
    """Of each the surroundings of the places where its beads are of other than nominal width."""
    found = [Area.of(EMPTY)] * len(shells)
    reach = [_own(shell).spacing_nm + least_centre_nm(*shell[1:3]) for shell in shells]
    half = [width // 2 + _MARGIN_NM for width in reach]
    core = clip.watched_offsets([shell.area for shell in shells], [-width for width in half])
    rows = [i for i, one in enumerate(core) if not one.is_reversible]
    wide = clip.offset_each([core[i].area for i in rows], [half[i] + _SLACK_NM for i in rows])
    narrow = [shells[i].area - area for i, area in zip(rows, wide, strict=True)]
    # Without slivers, which corners leave.
    sliver = [closest_nm(*shells[i][1:]) // 4 for i in rows]
    core_of_narrow = clip.offset_each(narrow, [-width for width in sliver])
    around = clip.offset_each(
        core_of_narrow, [width + reach[i] for i, width in zip(rows, sliver, strict=True)]
    )
    for i, area in zip(rows, around, strict=True):
        found[i] = area if area.is_empty else area & shells[i].area
    return found


def _own(shell: Shell) -> Bead:
    return shell.spec.inner if shell.depth else shell.spec.external


def fitted(
    shells: Sequence[Rings],
    places: Sequence[Rings],
    spec: LayerSpec,
    beading: Beading,
    depth: int,
) -> list[tuple[Rings, NDArray[np.int64]]]:
    """The middles of walls of one depth (or all further in: they are alike) where the pairs fill
    the places that they are in, and by how much their beads are wider from each vertex on.

    shells : of several layers. places : `narrow_places` of each.
    """
    out = [(shell, np.zeros(len(shell.xy_nm), np.int64)) for shell in shells]
    mine = [i for i, place in enumerate(places) if not place.is_empty]
    if not mine:
        return out
    # Classic walls pay for none of this.
    from printstd.kernels.clear_width import clear_widths
    from printstd.kernels.medial_axis import OPPOSITE
    from printstd.kernels.ring_arcs import Arcs, Pieces, profile
    from printstd.kernels.ring_shift import shifted

    own = spec.inner if depth else spec.external
    rings = concat([shells[i] for i in mine])
    drawings = np.zeros(len(mine) + 1, np.int64)
    np.cumsum([shells[i].n_rings for i in mine], out=drawings[1:])
    spacing = own.spacing_nm
    high = spacing + least_centre_nm(spec, beading)
    found = clear_widths(
        rings,
        drawings,
        [places[i] for i in mine],
        max_width_nm=high + spacing // 2,
        tolerance_nm=_TOLERANCE_NM,
        step_nm=_DETAIL_NM,
        least_turn=OPPOSITE,
    )
    # What is wider takes a bead in the middle: the stretch ends where it becomes so.
    one, two = found.clear_0, found.clear_1
    some = np.minimum(one, two) < high
    ring, begin, end = found.ring[some], found.begin_nm[some], found.end_nm[some]
    one, two = one[some], two[some]
    share = (high - one) / np.where(one == two, 1.0, two - one)
    middle = begin + np.rint((end - begin) * np.minimum(np.maximum(share, 0.0), 1.0)).astype(
        np.int64
    )
    begin, end = np.where(one > high, middle, begin), np.where(two > high, middle, end)
    low = float(closest_nm(spec, beading, depth))
    wider = [(np.minimum(np.maximum(g, low), float(high)) - spacing) * 0.5 for g in (one, two)]
    real = np.flatnonzero(end > begin)
    arcs = Arcs.of(rings)
    pieces = Pieces(ring[real], begin[real], end[real], wider[0][real], wider[1][real])
    moved, by = shifted(
        rings,
        profile(arcs, pieces),
        spacing_nm=spacing,
        window_nm=beading.transition_nm,
        step_nm=_STEP_NM,
    )
    for number, i in enumerate(mine):
        first, last = drawings[number : number + 2]
        a, b = moved.offsets[first], moved.offsets[last]
        out[i] = Rings(moved.xy_nm[a:b], moved.offsets[first : last + 1] - a), by[a:b]
    return out

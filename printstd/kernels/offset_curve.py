"""Raw offset curves of closed contours: every side moved, corners joined; not yet cleaned.

The winding number of the curves tells the offset area: it is where they wind more than zero
times. Clipper's own offset puts three points at every corner that the offset turns into (the moved
ends of both sides and the corner itself), which makes a loop that its sweep has to cut away again;
at a round outline that is three times the vertices and as many crossings, ten times the work. Here
such a corner is the one point in which the moved sides meet, as long as both sides keep some of
their length; three points are laid only where one would come out backwards.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SHORTEST: Final = 1e-9
"""Sides below this have no direction."""
_NO_TURN: Final = 0.999
"""Cosine of turns too small to be cut off."""
_WIDEST_ROUNDING: Final = -0.17
"""Cosine of the turn of a rounded corner at most."""
_SPIKE: Final = -0.999999
"""Cosine of turns that go back the way they came."""


class Curves(NamedTuple):
    """xy : vertices, contour after contour. starts : (c,) int64, of each contour among them.
    n_left : (c,) int64, as how many vertices each comes out of a union in which it meets nothing.
    is_plain : (c,) bool, offset back it would lie where it was, or further out in rounded corners:
    sides are lost at roundings only, and no corner is so sharp that it would be cut off."""

    xy: NDArray[np.float64]
    starts: NDArray[np.int64]
    n_left: NDArray[np.int64]
    is_plain: NDArray[np.bool_]


def offset_curves(
    xy: NDArray[np.float64],
    starts: NDArray[np.int64],
    delta: NDArray[np.float64],
    *,
    miter_limit: float | None,
) -> Curves:
    """The curves each its `delta` to the right of closed contours (outwards, where they run
    counter-clockwise), to the left where it is negative.

    xy : (p, 2) float64, contours one after another, no vertex twice in a row; any unit. starts :
    (c,) int64, ascending from 0. delta : (c,) float64, none of them 0. miter_limit : corners reach
    so many deltas from their vertex at most, sharper ones are cut off square at one delta; None:
    all corners are.
    """
    ends = np.append(starts[1:], len(xy)) - 1
    delta = np.repeat(delta, ends + 1 - starts)
    step = np.empty_like(xy)
    step[:-1] = xy[1:] - xy[:-1]
    step[ends] = xy[starts] - xy[ends]
    length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
    along = step / np.maximum(length, _SHORTEST)[:, None]
    before = np.empty_like(along)
    before[1:] = along[:-1]
    before[starts] = along[ends]
    sine = before[:, 0] * along[:, 1] - before[:, 1] * along[:, 0]
    cosine = before[:, 0] * along[:, 0] + before[:, 1] * along[:, 1]
    # From a vertex to where the moved sides meet: along the side, so much further.
    tangent = sine / np.maximum(1.0 + cosine, 1e-12)
    is_convex = sine * delta > 0
    if miter_limit is None:
        is_sharp = cosine < _NO_TURN
    else:
        # 1 / cos^2 of half the turn against the limit's square.
        is_sharp = miter_limit * miter_limit * (1.0 + cosine) < 2.0
    is_square = is_convex & is_sharp
    gained = delta * tangent
    if is_square.any():
        # The cut lies a delta from the vertex: (1 - cos) / sin of half the turn along each side.
        cut = np.flatnonzero(is_square)
        half_cosine = np.sqrt(np.maximum((1.0 + cosine[cut]) / 2.0, 0.0))
        half_sine = np.sqrt(np.maximum((1.0 - cosine[cut]) / 2.0, 0.0))
        gained[cut] = np.abs(delta[cut]) * (1.0 - half_cosine) / np.maximum(half_sine, 1e-12)
    # What is left of a side between the points at its ends.
    gained_next = np.empty_like(gained)
    gained_next[:-1] = gained[1:]
    gained_next[ends] = gained[starts]
    is_backwards = length + gained + gained_next <= 0
    is_lost = is_backwards.copy()
    is_lost[1:] |= is_backwards[:-1]
    is_lost[starts] = is_backwards[starts] | is_backwards[ends]
    is_triple = ~is_convex & (is_lost | (cosine < _SPIKE))
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1)
    met = xy + delta[:, None] * (normal - tangent[:, None] * along)
    counts = np.where(is_triple, 3, np.where(is_square, 2, 1))
    place = np.cumsum(counts) - counts
    out = np.empty((int(counts.sum()), 2))
    single = counts == 1
    out[place[single]] = met[single]
    if not single.all():
        before_normal = np.stack([before[:, 1], -before[:, 0]], axis=1)
        three = np.flatnonzero(is_triple)
        out[place[three]] = xy[three] + delta[three, None] * before_normal[three]
        out[place[three] + 1] = xy[three]
        out[place[three] + 2] = xy[three] + delta[three, None] * normal[three]
        two = np.flatnonzero(is_square & ~is_triple)
        reach = gained[two, None]
        out[place[two]] = xy[two] + delta[two, None] * before_normal[two] + reach * before[two]
        out[place[two] + 1] = xy[two] + delta[two, None] * normal[two] - reach * along[two]
    is_rough = np.where(is_convex, is_lost, is_sharp)
    n_left = counts - 2 * is_triple - is_backwards
    lost = np.flatnonzero(is_backwards)
    if len(lost):
        is_rough[lost] |= ~_is_rounding(lost, is_backwards, starts, ends, along, delta)
    return Curves(
        out,
        place[starts],
        np.add.reduceat(n_left, starts),
        ~np.logical_or.reduceat(is_rough, starts),
    )


def _is_rounding(
    lost: NDArray[np.int64],
    is_lost: NDArray[np.bool_],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    along: NDArray[np.float64],
    delta: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(k,) of each lost side: do the nearest sides before and after it that are left meet in a
    corner, turning by less than 100 degrees? Sides of a narrow tip turn further."""
    left = np.flatnonzero(~is_lost)
    contour = np.searchsorted(starts, lost, side="right") - 1
    first, last = np.searchsorted(left, starts[contour]), np.searchsorted(left, ends[contour] + 1)
    following = np.searchsorted(left, lost)
    preceding = np.where(following > first, following, last) - 1
    following = np.where(following < last, following, first)
    is_any = last > first
    if not len(left):
        return is_any
    a, b = along[left[preceding * is_any]], along[left[following * is_any]]
    sine = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    cosine = a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1]
    return np.asarray(is_any & (sine * delta[lost] < 0) & (cosine > _WIDEST_ROUNDING))

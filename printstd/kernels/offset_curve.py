"""Raw offset curves of closed contours: every side moved, corners joined; not yet cleaned.

The winding number of the curves tells the offset area: it is where they wind more than zero
times. Clipper's own offset puts three points at every corner that the offset turns into (the moved
ends of both sides and the corner itself), which makes a loop that its sweep has to cut away again;
at a round outline that is three times the vertices and as many crossings, ten times the work. Here
such a corner is the one point in which the moved sides meet, as long as both sides keep some of
their length; three points are laid only where one would come out backwards.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple

_Any = TypeVar("_Any", bound=np.generic)

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
    # Column by column: rows of two are gone through two numbers at a time.
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    ends = np.append(starts[1:], len(xy)) - 1
    delta = np.repeat(delta, ends + 1 - starts)
    along_x, along_y = _following(x, starts, ends) - x, _following(y, starts, ends) - y
    length = np.sqrt(along_x * along_x + along_y * along_y)
    no_less = np.maximum(length, _SHORTEST)
    along_x /= no_less
    along_y /= no_less
    before_x, before_y = _preceding(along_x, starts, ends), _preceding(along_y, starts, ends)
    sine = before_x * along_y - before_y * along_x
    cosine = before_x * along_x + before_y * along_y
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
    cut = np.flatnonzero(is_square)
    if len(cut):
        # The cut lies a delta from the vertex: (1 - cos) / sin of half the turn along each side.
        half_cosine = np.sqrt(np.maximum((1.0 + cosine[cut]) / 2.0, 0.0))
        half_sine = np.sqrt(np.maximum((1.0 - cosine[cut]) / 2.0, 0.0))
        gained[cut] = np.abs(delta[cut]) * (1.0 - half_cosine) / np.maximum(half_sine, 1e-12)
    # What is left of a side between the points at its ends.
    is_backwards = length + gained + _following(gained, starts, ends) <= 0
    is_lost = is_backwards | _preceding(is_backwards, starts, ends)
    is_triple = ~is_convex & (is_lost | (cosine < _SPIKE))
    three = np.flatnonzero(is_triple)
    counts = np.ones(len(xy), np.int64)
    counts[three], counts[cut] = 3, 2
    place = np.cumsum(counts) - counts
    # Where the moved sides meet; more points take its place where a corner has them.
    out = np.empty((len(xy) + 2 * len(three) + len(cut), 2))
    out[place, 0] = x + delta * (along_y - tangent * along_x)
    out[place, 1] = y + delta * (-along_x - tangent * along_y)
    for rows in (three, cut):
        if not len(rows):
            continue
        corner, moved = xy.take(rows, axis=0), delta[rows, None]
        before = np.stack([before_x[rows], before_y[rows]], axis=1)
        along = np.stack([along_x[rows], along_y[rows]], axis=1)
        off_before, off_along = moved * _right_of(before), moved * _right_of(along)
        at = place[rows]
        if rows is three:
            out[at], out[at + 1], out[at + 2] = corner + off_before, corner, corner + off_along
        else:
            reach = gained[rows, None]
            out[at] = corner + off_before + reach * before
            out[at + 1] = corner + off_along - reach * along
    is_rough = np.where(is_convex, is_lost, is_sharp)
    n_left = counts - is_backwards
    n_left[three] -= 2
    lost = np.flatnonzero(is_backwards)
    if len(lost):
        is_rough[lost] |= ~_is_rounding(lost, is_backwards, starts, (along_x, along_y), delta)
    return Curves(
        out,
        place[starts],
        np.add.reduceat(n_left, starts),
        ~np.logical_or.reduceat(is_rough, starts),
    )


def _following(
    values: NDArray[_Any], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[_Any]:
    """(p,) of each vertex the value of the next one in its contour."""
    found = np.empty_like(values)
    found[:-1] = values[1:]
    found[ends] = values[starts]
    return found


def _preceding(
    values: NDArray[_Any], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[_Any]:
    """(p,) of each vertex the value of the one before it in its contour."""
    found = np.empty_like(values)
    found[1:] = values[:-1]
    found[starts] = values[ends]
    return found


def _right_of(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, 2) at right angles."""
    return np.stack([along[:, 1], -along[:, 0]], axis=1)


def _is_rounding(
    lost: NDArray[np.int64],
    is_lost: NDArray[np.bool_],
    starts: NDArray[np.int64],
    along: tuple[NDArray[np.float64], NDArray[np.float64]],
    delta: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(k,) of each lost side: do the nearest sides before and after it that are left meet in a
    corner, turning by less than 100 degrees? Sides of a narrow tip turn further."""
    borders = np.append(starts, len(is_lost))
    lost_before = np.searchsorted(lost, borders)
    contour = np.repeat(np.arange(len(starts)), np.diff(lost_before))
    # Of the sides that are left, those of each contour, and the one after each lost side.
    left = np.flatnonzero(~is_lost)
    left_before = borders - lost_before
    first, last = left_before[contour], left_before[contour + 1]
    following = lost - np.arange(len(lost))
    preceding = np.where(following > first, following, last) - 1
    following = np.where(following < last, following, first)
    is_any = last > first
    if not len(left):
        return is_any
    a, b = left[preceding * is_any], left[following * is_any]
    ax, ay, bx, by = along[0][a], along[1][a], along[0][b], along[1][b]
    sine = ax * by - ay * bx
    cosine = ax * bx + ay * by
    return np.asarray(is_any & (sine * delta[lost] < 0) & (cosine > _WIDEST_ROUNDING))

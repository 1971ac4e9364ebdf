"""Straight lines on flat faces of a mesh, for measuring where the face lies."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

LEVEL: Final = 0.02
"""Sine between a normal and the vertical below which a face counts as level."""
_SHARES: Final = (0.15, 0.5, 0.85)
"""Where across a face its traces run."""
CLEAR_MM: Final = 0.6
"""A trace keeps so far from the sides of its face, where beads turn away from it; on a narrow one
`CLEAR_SHARE` of its width."""
CLEAR_SHARE: Final = 0.1
_MOST_POINTS: Final = 5


class Faces(NamedTuple):
    """Two flat faces square to one axis. low, high : (t, 3, 3) float64, their triangles; which is
    further along the axis is high. out_low, out_high : their outward normals, (3,)."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    out_low: NDArray[np.float64]
    out_high: NDArray[np.float64]


def two_faces(triangles: NDArray[np.float64], axis: NDArray[np.float64]) -> Faces | None:
    """Triangles (t, 3, 3) of two parallel faces told apart by where along the axis they lie; None
    where they are not two."""
    along = (triangles.mean(axis=1) * axis).sum(axis=1)
    middle = (float(along.min()) + float(along.max())) / 2
    is_high = along > middle
    if not is_high.any() or is_high.all():
        return None
    low, high = triangles[~is_high], triangles[is_high]
    return Faces(low, high, _outward(low, axis), _outward(high, axis))


def _outward(triangles: NDArray[np.float64], axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """The axis, or its opposite, whichever the triangles look along."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    total = np.cross(b - a, c - a).sum(axis=0)
    return axis if float((total * axis).sum()) > 0 else -axis


def traces(
    triangles: NDArray[np.float64],
    normal: NDArray[np.float64],
    up: NDArray[np.float64],
    span: tuple[float, float] | None = None,
) -> NDArray[np.float64]:
    """(n, 2, 3) start and end of lines on the face: straight up it (in the plane of `up` and the
    normal) at three places across, each the longest stretch there; of a level face points, start
    and end the same. span : limits across, along `across(normal, up)`."""
    sideways = across(normal, up)
    if sideways is None:
        return _points(triangles)
    upward = np.cross(normal, sideways)
    if float((upward * up).sum()) < 0:
        upward = -upward
    a, b = triangles @ sideways, triangles @ upward
    offset = float((triangles[0, 0] * normal).sum())
    low, high = span if span is not None else (float(a.min()), float(a.max()))
    found = []
    for share in _SHARES:
        at = low + share * (high - low)
        stretch = _clear(a, b, at, min(CLEAR_MM, CLEAR_SHARE * (high - low)))
        if stretch is not None:
            found.append([at * sideways + end * upward + offset * normal for end in stretch])
    return np.array(found, np.float64).reshape(-1, 2, 3)


def across(normal: NDArray[np.float64], up: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Unit vector in a face, level; None where the face itself is."""
    side = np.cross(up, normal)
    length = float(np.sqrt((side * side).sum()))
    return None if length < LEVEL else np.asarray(side / length)


def _points(triangles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Middles of the largest triangles."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    normal = np.cross(b - a, c - a)
    area = (normal * normal).sum(axis=1)
    chosen = np.argsort(-area, kind="stable")[:_MOST_POINTS]
    middle = triangles[chosen].mean(axis=1)
    return np.stack([middle, middle], axis=1)


def _clear(
    a: NDArray[np.float64], b: NDArray[np.float64], at: float, margin: float
) -> tuple[float, float] | None:
    """The longest stretch at a place of which the face reaches on by the margin on either side."""
    found = _longest(a, b, at)
    for side in (-margin, margin):
        beside = _longest(a, b, at + side)
        if found is None or beside is None:
            return None
        low, high = max(found[0], beside[0]), min(found[1], beside[1])
        if low >= high:
            return None
        found = (low, high)
    return found


def _longest(
    a: NDArray[np.float64], b: NDArray[np.float64], at: float
) -> tuple[float, float] | None:
    """The longest stretch of the line a = at in triangles whose corners are (a, b), each (t, 3)."""
    lows, highs = [], []
    crossing = np.flatnonzero((a.min(axis=1) <= at) & (a.max(axis=1) >= at))
    for row in crossing.tolist():
        values = []
        for i in range(3):
            a0, a1 = float(a[row, i]), float(a[row, i - 1])
            b0, b1 = float(b[row, i]), float(b[row, i - 1])
            if a0 == a1:
                values += [b0, b1] if a0 == at else []
            elif (a0 - at) * (a1 - at) <= 0:
                values.append(b0 + (b1 - b0) * (at - a0) / (a1 - a0))
        if values:
            lows.append(min(values))
            highs.append(max(values))
    best: tuple[float, float] | None = None
    start = end = None
    tiny = 1e-6
    for low, high in sorted(zip(lows, highs, strict=True)):
        if start is None or end is None or low > end + tiny:
            start, end = low, high
        else:
            end = max(end, high)
        if best is None or end - start > best[1] - best[0]:
            best = (start, end)
    return best if best is not None and best[1] > best[0] else None


def arc_start(
    points: NDArray[np.float64],
    point: NDArray[np.float64],
    axis: NDArray[np.float64],
    sweep_deg: float,
) -> NDArray[np.float64]:
    """Unit vector across an axis to where an arc begins that turns right-handed about it over
    `sweep_deg` and carries the points (n, 3): behind the widest gap between them."""
    other = np.eye(3)[int(np.argmin(np.abs(axis)))]
    first = np.cross(axis, other)
    first = first / np.sqrt((first * first).sum())
    second = np.cross(axis, first)
    off = points - point
    angle = np.sort(np.arctan2(off @ second, off @ first))
    if sweep_deg >= 360.0 or not len(angle):
        return np.asarray(first)
    gaps = np.diff(np.append(angle, angle[0] + 2 * np.pi))
    begin = float(angle[(int(np.argmax(gaps)) + 1) % len(angle)])
    return np.asarray(np.cos(begin) * first + np.sin(begin) * second)

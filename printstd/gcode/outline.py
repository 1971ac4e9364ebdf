"""The convex outline of an object's beads, as hosts draw it: exact, in whole um."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import MoveKind, Toolpath
from printstd.gcode.numbers import mm_text
from printstd.kernels.rings import Rings
from printstd.kernels.simplify import simplified
from printstd.units import NM_PER_UM

Points = NDArray[np.int64]

FINEST_UM: Final = 50
"""Nobody needs an outline finer than this (facts of slicers 3.6)."""


def outline_of(toolpath: Toolpath, object_id: int) -> Points:
    """(k, 2) int64, um: the convex outline around all beads of an object, half a bead's width
    included, anticlockwise; (0, 2) where it has none."""
    mine = (toolpath.kind == MoveKind.EXTRUDE) & (toolpath.object_id == object_id)
    if not mine.any():
        return np.empty((0, 2), np.int64)
    # A bead reaches from where the nozzle stood to where its move ends.
    is_place = mine.copy()
    is_place[:-1] |= mine[1:]
    places = toolpath.xy_um[is_place]
    if mine[0]:
        places = np.concatenate([np.array([toolpath.start_xy_um], np.int64), places])
    reach = -(-int(toolpath.width_nm[mine].max()) // 2000)
    corners = np.array([(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)])
    return coarser(hull((hull(places)[:, None] + corners).reshape(-1, 2)), FINEST_UM)


def hull(points: Points) -> Points:
    """(k, 2), the corners of the convex hull, anticlockwise from the leftmost lowest.

    Quickhull: what lies inside the corners found so far is dropped at once, so the cost is that of
    a few passes over the points.
    """
    x, y = points[:, 0], points[:, 1]
    left = np.flatnonzero(x == x.min())
    right = np.flatnonzero(x == x.max())
    first = points[left[np.argmin(y[left])]]
    last = points[right[np.argmax(y[right])]]
    below = _beyond(last, first, points)
    above = _beyond(first, last, points)
    # Edges still to be grown, the next one last; `beyond` are the points on their outer side.
    edges = [(last, first, below), (first, last, above)]
    corners = []
    while edges:
        start, end, beyond = edges.pop()
        if not len(beyond):
            corners.append(start)
            continue
        far = _farthest(start, end, beyond)
        edges.append((far, end, _beyond(far, end, beyond)))
        edges.append((start, far, _beyond(start, far, beyond)))
    # Grown with the outside on the left, so the corners run clockwise.
    found = np.array(corners, np.int64)
    return np.concatenate([found[:1], found[:0:-1]])


def _left_of(start: Points, end: Points, points: Points) -> NDArray[np.int64]:
    """Twice the area of the triangle with each point, positive on the left of start -> end."""
    (ax, ay), (bx, by) = start.tolist(), end.tolist()
    turned: NDArray[np.int64] = (bx - ax) * (points[:, 1] - ay) - (by - ay) * (points[:, 0] - ax)
    return turned


def _beyond(start: Points, end: Points, points: Points) -> Points:
    return points[_left_of(start, end, points) > 0]


def _farthest(start: Points, end: Points, points: Points) -> Points:
    """The point farthest from the edge; of several, the last along it, which is a corner."""
    off = _left_of(start, end, points)
    ties = points[off == off.max()]
    dx, dy = (end - start).tolist()
    along: NDArray[np.int64] = ties[:, 0] * dx + ties[:, 1] * dy
    return np.asarray(ties[int(np.argmax(along))], np.int64)


def coarser(corners: Points, tolerance_um: int) -> Points:
    """Fewer corners, no further than the tolerance from where the outline was."""
    rings = Rings(corners * NM_PER_UM, np.array([0, len(corners)], np.int64))
    found = simplified(rings, tolerance_um * NM_PER_UM).xy_nm // NM_PER_UM
    return found if len(found) > 2 else corners


def polygon_text(corners: Points) -> str:
    """``[[1.5,0],[3,0],[3,2]]``, mm: JSON without blanks."""
    pairs = ",".join(f"[{mm_text(x)},{mm_text(y)}]" for x, y in corners.tolist())
    return f"[{pairs}]"

"""Ways inside an area: a straight way that leaves it goes along its border instead.

Where the straight way leaves the area it comes in again on the same ring (the outside and every
hole have one border each); that stretch is replaced by the shorter way along the ring, and then
the way is pulled tight: corners that are seen past are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.kernels.leaving import crosses_border
from printstd.kernels.rings import Rings, contains, island_of, next_index, signed_area2, take


class Ways(NamedTuple):
    """Corners of n ways. xy_nm : (q, 2) int64. offsets : (n + 1,) int64; ways without corners are
    straight. is_inside : (n,) bool, False where there is no way inside."""

    xy_nm: NDArray[np.int64]
    offsets: NDArray[np.int64]
    is_inside: NDArray[np.bool_]


def ways_inside(start_nm: NDArray[np.int64], end_nm: NDArray[np.int64], area: Rings) -> Ways:
    """Short ways from start to end, (n, 2) int64 nm each, inside `area` (canonical rings).

    Both ends must lie on one island. The corners of a way lie on the area's border, which ways may
    touch and follow.
    """
    n = len(start_nm)
    found: list[NDArray[np.int64]] = [_NONE] * n
    inside = np.zeros(n, bool)
    if not area.is_empty and n:
        island, other = np.split(island_of(area, np.concatenate([start_nm, end_nm])), 2)
        owner = _island_of_ring(area)
        for number in distinct(island[(island == other) & (island >= 0)]).tolist():
            walls = _Walls(take(area, np.flatnonzero(owner == number)))
            for i in np.flatnonzero((island == number) & (other == number)).tolist():
                way = walls.around(start_nm[i], end_nm[i])
                if way is not None:
                    found[i], inside[i] = way, True
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum([len(way) for way in found], out=offsets[1:])
    xy = np.concatenate(found) if n else _NONE
    return Ways(xy, offsets, inside)


_NONE = np.empty((0, 2), np.int64)


def _island_of_ring(area: Rings) -> NDArray[np.int64]:
    """(r,) the number of the island that each ring bounds, numbered as `island_of` does."""
    outer = signed_area2(area) > 0
    numbers = np.full(area.n_rings, -1, np.int64)
    numbers[outer] = np.arange(int(outer.sum()))
    holes = np.flatnonzero(~outer)
    if len(holes):
        numbers[holes] = island_of(take(area, outer), area.xy_nm[area.offsets[holes]])
    return numbers


class _Walls:
    """The rings of one island."""

    def __init__(self, rings: Rings) -> None:
        self.rings = rings
        self.following = next_index(rings)
        self.ring = rings.ring_ids()
        self.xy = rings.xy_nm.astype(np.float64)
        step = self.xy[self.following] - self.xy
        self.length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])

    def around(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Corners (k, 2), or None where crossings do not pair."""
        edge, share = self._crossings(start, end)
        if len(edge) % 2 or (self.ring[edge[0::2]] != self.ring[edge[1::2]]).any():
            return None
        points = [start]
        for out, back in zip(range(0, len(edge), 2), range(1, len(edge), 2), strict=True):
            points += self._along(int(edge[out]), int(edge[back]), share[out], share[back])
        points.append(end)
        return self._tight(np.array(points, np.int64))[1:-1]

    def _crossings(
        self, start: NDArray[np.int64], end: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Edges that the straight way crosses, in order, and where on each (0 to 1)."""
        a = start.astype(np.float64)
        way = end.astype(np.float64) - a
        off = self.xy - a
        left = way[0] * off[:, 1] - way[1] * off[:, 0]
        is_left = left > 0
        edge = np.flatnonzero(is_left != is_left[self.following])
        then = self.following[edge]
        share = left[edge] / (left[edge] - left[then])
        at = self.xy[edge] + (self.xy[then] - self.xy[edge]) * share[:, None]
        size = way[0] * way[0] + way[1] * way[1]
        along = ((at - a) * way).sum(axis=1) / (size if size > 0 else 1.0)
        between = (along > 0) & (along < 1)
        edge, share, along = edge[between], share[between], along[between]
        order = np.argsort(along, kind="stable")
        return edge[order], share[order]

    def _along(
        self, leave: int, enter: int, leave_share: float, enter_share: float
    ) -> list[NDArray[np.int64]]:
        """The border from a place on one edge to a place on another, the shorter way around."""
        ring = int(self.ring[leave])
        a, b = int(self.rings.offsets[ring]), int(self.rings.offsets[ring + 1])
        at = np.concatenate([np.zeros(1), np.cumsum(self.length[a:b])])
        places = [
            at[edge - a] + share * self.length[edge]
            for edge, share in ((leave, leave_share), (enter, enter_share))
        ]
        first, last = (
            self._point(edge, share) for edge, share in ((leave, leave_share), (enter, enter_share))
        )
        count = b - a
        ahead = (places[1] - places[0]) % at[-1]
        if ahead <= at[-1] - ahead:
            steps = (enter - leave) % count or (count if places[1] < places[0] else 0)
            index = (leave - a + 1 + np.arange(steps)) % count
        else:
            steps = (leave - enter) % count or (count if places[0] < places[1] else 0)
            index = (leave - a - np.arange(steps)) % count
        return [first, *self.rings.xy_nm[a + index], last]

    def _point(self, edge: int, share: float) -> NDArray[np.int64]:
        step = self.xy[self.following[edge]] - self.xy[edge]
        return np.asarray(self.rings.xy_nm[edge] + np.rint(step * share).astype(np.int64))

    def _tight(self, points: NDArray[np.int64]) -> NDArray[np.int64]:
        """The way without corners that can be left out: from each point on to the last that is
        seen from it."""
        kept = [0]
        while kept[-1] < len(points) - 1:
            at = kept[-1]
            ahead = np.arange(len(points) - 1, at + 1, -1)
            start = np.broadcast_to(points[at], (len(ahead), 2))
            seen = ahead[~self._is_blocked(start, points[ahead])].tolist()
            kept.append(next((i for i in seen if self._is_inside(points[at], points[i])), at + 1))
        return points[kept]

    def _is_blocked(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Does the straight way leave the island? Its ends may lie on the border: what it does
        next to them is judged a little way in."""
        way = (end - start).astype(np.float64)
        size = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
        inset = np.minimum(_INSET_NM / np.where(size > 0, size, 1.0), 0.5)[:, None]
        nudge = np.rint(way * inset).astype(np.int64)
        is_blocked = crosses_border(start + nudge, end - nudge, self.rings)
        # A way that crosses nothing lies inside or outside (in a hole) from end to end.
        free = np.flatnonzero(~is_blocked)
        is_blocked[free] = ~contains(self.rings, (start[free] + end[free]) // 2)
        return is_blocked

    def _is_inside(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> bool:
        """Does a way that crosses no edge stay inside between the corners that it touches, where
        it may go over from inside to outside?"""
        way = (end - start).astype(np.float64)
        size = float(np.sqrt(way[0] * way[0] + way[1] * way[1]))
        if size <= 2.0 * _INSET_NM:
            return True
        off = self.xy - start
        is_touched = np.abs(way[0] * off[:, 1] - way[1] * off[:, 0]) <= _INSET_NM * size
        along = (way[0] * off[is_touched, 0] + way[1] * off[is_touched, 1]) / (size * size)
        along = along[(along > 0.0) & (along < 1.0)]
        if not len(along):
            return True
        stops = np.concatenate([np.zeros(1), np.sort(along), np.ones(1)])
        stops = stops[np.append(True, np.diff(stops) * size > 2.0 * _INSET_NM)]
        middle = start + np.rint(way * ((stops[1:] + stops[:-1]) * 0.5)[:, None]).astype(np.int64)
        outside = middle[~contains(self.rings, middle)]
        return bool((self._distance_nm(outside) <= _INSET_NM).all())

    def _distance_nm(self, points: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) float64 from points to the nearest edge."""
        ux, uy = (self.xy[self.following] - self.xy).T
        dx, dy = (points[:, None, axis] - self.xy[:, axis] for axis in (0, 1))
        length2 = np.where(self.length > 0, self.length * self.length, 1.0)
        share = np.clip((dx * ux + dy * uy) / length2, 0.0, 1.0)
        dx, dy = dx - share * ux, dy - share * uy
        return np.asarray(np.sqrt((dx * dx + dy * dy).min(axis=1)))


_INSET_NM = 3.0
"""Corners are rounded to nm: so much of a way's ends is not asked about."""

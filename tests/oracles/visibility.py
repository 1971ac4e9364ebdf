"""Shortest ways inside an area through the corners that see each other: Dijkstra's search on the
visibility graph, with shapely to say what is seen. Slow and obviously right."""

from __future__ import annotations

import heapq
import itertools
import math

import numpy as np
import shapely

from printstd.kernels.rings import Rings
from tests.oracles.areas import MM, area_of

TOUCH_MM = 5e-6


class VisibilityGraph:
    """Shortest ways between places of one area."""

    def __init__(self, area: Rings) -> None:
        self._area = area_of(area).buffer(TOUCH_MM, join_style="mitre")
        shapely.prepare(self._area)
        self._corners = (area.xy_nm / MM).tolist()
        self._between = self._ways(itertools.combinations(range(len(self._corners)), 2))

    def _ways(self, pairs: itertools.combinations) -> dict[tuple[int, int], float]:
        pairs = list(pairs)
        lines = shapely.linestrings([[self._corners[i], self._corners[j]] for i, j in pairs])
        seen = shapely.covers(self._area, lines)
        return {
            pair: length
            for pair, length, ok in zip(pairs, shapely.length(lines).tolist(), seen, strict=True)
            if ok
        }

    def distance_mm(self, start_nm: np.ndarray, end_nm: np.ndarray) -> float:
        """inf where there is no way."""
        places = [(start_nm / MM).tolist(), (end_nm / MM).tolist()]
        n = len(self._corners)
        near: list[dict[int, float]] = [{} for _ in range(n + 2)]
        for (i, j), length in self._between.items():
            near[i][j] = near[j][i] = length
        for number, place in enumerate(places, n):
            others = [*self._corners, *places[: number - n]]
            lines = shapely.linestrings([[place, other] for other in others])
            seen = np.flatnonzero(shapely.covers(self._area, lines)).tolist()
            for other in seen:
                near[number][other] = near[other][number] = math.dist(place, others[other])
        best = {n: 0.0}
        queue = [(0.0, n)]
        while queue:
            away, here = heapq.heappop(queue)
            if here == n + 1:
                return away
            if away > best[here]:
                continue
            for other, length in near[here].items():
                if away + length < best.get(other, math.inf):
                    best[other] = away + length
                    heapq.heappush(queue, (away + length, other))
        return math.inf

"""How far something must be turned about Z to fit into a rectangle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS = 1_800
"""Turns tried over half a circle: every tenth of a degree, as precise as a user types it."""


def best_turn(points: NDArray[np.float64], room: tuple[float, float]) -> float | None:
    """The turn, degrees in (-90, 90] and a whole tenth, after which `points` (p, 2) leave most room
    in a rectangle of that width and depth; None where none of them fits. Of equal ones the
    smallest."""
    turns = (np.arange(_STEPS) - _STEPS // 2 + 1) / 10.0
    turns = turns[np.lexsort((turns < 0, np.abs(turns)))]
    points = points[_extreme(points)]
    angle = np.deg2rad(turns)[:, None]
    x = np.cos(angle) * points[:, 0] - np.sin(angle) * points[:, 1]
    y = np.sin(angle) * points[:, 0] + np.cos(angle) * points[:, 1]
    spare = np.minimum(room[0] - np.ptp(x, axis=1), room[1] - np.ptp(y, axis=1))
    best = int(np.argmax(np.round(spare, 6)))
    return float(turns[best]) if spare[best] >= 0 else None


def _extreme(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """The convex hull's corners (Andrew's monotone chain), so that few points are turned."""
    order = np.lexsort((points[:, 1], points[:, 0]))
    rows = points[order].tolist()
    hull: list[int] = []
    for sign in (1, -1):
        chain: list[int] = []
        for k in range(len(rows))[::sign]:
            while len(chain) > 1 and _turn(rows[chain[-2]], rows[chain[-1]], rows[k]) <= 0:
                chain.pop()
            chain.append(k)
        hull += chain
    return order[np.unique(hull)]


def _turn(a: list[float], b: list[float], c: list[float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

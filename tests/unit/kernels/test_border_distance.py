"""Signed distances against shapely."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import border_distance
from printstd.kernels.border_distance import inside_each, signed_distances_nm
from printstd.kernels.rings import EMPTY, contains
from tests.oracles.areas import MM, area_of, hole, rectangle, rings_of, star
from tests.oracles.effort import few

REACH = 225_000


def wanted_nm(points: np.ndarray, area: shapely.Geometry) -> np.ndarray:
    places = shapely.points(points / MM)
    away = shapely.distance(area.boundary, places) * MM
    signed = np.where(shapely.contains(area, places), -away, away)
    return np.clip(signed, -REACH, REACH)


@few(60)
@given(st.integers(0, 2**31))
def test_distances_are_those_of_another_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rings = star(rng, float(rng.uniform(0.3, 12)), int(rng.integers(3, 60)))
    points = np.rint(rng.uniform(-13, 13, (200, 2)) * MM).astype(np.int64)
    # Along the border, too, where the answers are not cut off.
    edge = rings.xy_nm[rng.integers(0, len(rings.xy_nm), 200)]
    points = np.concatenate([points, edge + rng.integers(-300_000, 300_000, edge.shape)])
    found = signed_distances_nm(points, rings, REACH)
    assert np.abs(found - wanted_nm(points, area_of(rings))).max() < 1.0


def test_holes_are_outside_and_islands_in_them_inside() -> None:
    rings = rings_of(rectangle(0, 0, 20, 20), hole(5, 5, 9, 9), rectangle(7, 7, 2, 2))
    points = np.array([[1, 1], [6, 6], [8, 8], [30, 3], [5.1, 9], [4.9, 9], [20, 3]]) * MM
    found = signed_distances_nm(points.astype(np.int64), rings, REACH)
    assert found.tolist() == [-REACH, REACH, -REACH, REACH, 100_000, -100_000, 0]


def test_nothing_is_near_to_nothing() -> None:
    points = np.array([[0, 0], [5, 5]])
    assert (signed_distances_nm(points, EMPTY, REACH) == REACH).all()
    assert len(signed_distances_nm(points[:0], rings_of(rectangle(0, 0, 1, 1)), REACH)) == 0


def test_blocks_give_what_the_whole_gives(monkeypatch: object) -> None:
    rings = star(np.random.default_rng(5), 9.0, 40)
    points = np.random.default_rng(6).integers(-9 * MM, 9 * MM, (500, 2))
    whole = signed_distances_nm(points, rings, REACH)
    monkeypatch.setattr(border_distance, "_BLOCK", 7)  # type: ignore[attr-defined]
    assert signed_distances_nm(points, rings, REACH).tobytes() == whole.tobytes()


@few(30)
@given(st.integers(0, 2**31))
def test_each_point_is_asked_about_its_own_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas = [star(rng, float(rng.uniform(0.3, 12)), int(rng.integers(3, 60))) for _ in range(3)]
    areas.insert(1, EMPTY)
    points = np.rint(rng.uniform(-13, 13, (400, 2)) * MM).astype(np.int64)
    owner = rng.integers(0, len(areas), len(points))
    wanted = np.zeros(len(points), np.bool_)
    for number, area in enumerate(areas):
        mine = owner == number
        wanted[mine] = contains(area, points[mine])
    assert (inside_each(points, owner, areas) == wanted).all()

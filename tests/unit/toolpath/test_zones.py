"""Zones: every place is in the zone of exactly those regions that cover it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.rings import EMPTY, Rings, area_mm2, contains
from printstd.toolpath.zones import zones_of

MM = 1_000_000


def square(x: int, y: int, size: int) -> Rings:
    corners = np.array([[x, y], [x + size, y], [x + size, y + size], [x, y + size]], np.int64)
    return Rings(corners * MM, np.array([0, 4], np.int64))


squares = st.builds(square, st.integers(0, 20), st.integers(0, 20), st.integers(2, 15))
layers = st.lists(st.one_of(st.just(EMPTY), squares), min_size=2, max_size=2)


@settings(max_examples=60, deadline=None)
@given(st.lists(layers, min_size=1, max_size=4))
def test_each_place_is_in_one_zone(regions: list[list[Rings]]) -> None:
    zones = zones_of(regions)
    points = (np.stack(np.meshgrid(np.arange(40), np.arange(40)), axis=2).reshape(-1, 2) + 0.5) * MM
    points = points.astype(np.int64)
    for layer in range(2):
        covers = [_inside(region[layer], points) for region in regions]
        wanted = [tuple(n for n, own in enumerate(covers) if own[i]) for i in range(len(points))]
        found = [() for _ in points]
        for numbers, areas in zones:
            for i in np.flatnonzero(_inside(areas[layer], points)).tolist():
                assert not found[i]
                found[i] = numbers
        assert found == wanted


def _inside(rings: Rings, points: np.ndarray) -> np.ndarray:
    return np.zeros(len(points), bool) if rings.is_empty else contains(rings, points)


def test_layers_that_are_alike_share_their_zones() -> None:
    one, other = square(0, 0, 10), square(5, 5, 10)
    zones = dict(zones_of([[one, one, EMPTY], [other, other, other]]))
    assert set(zones) == {(0,), (0, 1), (1,)}
    for areas in zones.values():
        assert areas[0] is areas[1]
    assert [area_mm2(zones[numbers][0]) for numbers in ((0,), (0, 1), (1,))] == pytest.approx(
        [75, 25, 75]
    )
    assert zones[0,][2].is_empty
    assert area_mm2(zones[1,][2]) == pytest.approx(100)
    assert zones_of([]) == []

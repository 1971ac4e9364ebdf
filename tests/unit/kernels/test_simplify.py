"""Simplification: a strict bound on where the outline runs, and fewer vertices."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.rings import EMPTY, Rings, from_list, take
from printstd.kernels.simplify import _around, simplified

quick = settings(max_examples=60, deadline=None, derandomize=True)


def wobbly_ring(seed: int, n: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.random(n)) * 2 * np.pi
    radius = 5e6 + rng.normal(size=n) * rng.choice([0, 3e3, 2e4])
    return np.c_[radius * np.cos(angle), radius * np.sin(angle)].astype(np.int64)


def farthest_nm(ring: np.ndarray, from_ring: np.ndarray) -> float:
    """Of a ring's vertices and edge middles to another ring's line."""
    dense = np.vstack([ring, (ring + np.roll(ring, -1, axis=0)) / 2])
    return float(shapely.distance(shapely.points(dense), shapely.LinearRing(from_ring)).max())


@given(st.integers(0, 2**31), st.sampled_from([1_000, 5_000, 12_500, 40_000]))
@quick
def test_outlines_stay_within_the_tolerance_of_each_other(seed: int, tolerance_nm: int) -> None:
    ring = wobbly_ring(seed)
    short = simplified(from_list([ring]), tolerance_nm).xy_nm
    assert farthest_nm(ring, short) <= tolerance_nm + 1e-3
    assert farthest_nm(short, ring) <= tolerance_nm + 1e-3
    rows = {tuple(v) for v in ring.tolist()}
    assert all(tuple(v) in rows for v in short.tolist())


@given(st.integers(0, 2**31))
@quick
def test_many_rings_at_once_are_as_each_alone(seed: int) -> None:
    parts = [wobbly_ring(seed + i, n) for i, n in enumerate((3, 50, 4, 200))]
    rings = from_list(parts)
    together = simplified(rings, 12_500)
    for i in range(4):
        alone = simplified(take(rings, np.array([i])), 12_500)
        assert together.ring(i).tolist() == alone.xy_nm.tolist()


def test_a_circle_keeps_what_its_sagitta_asks_for() -> None:
    n, radius = 2048, 10e6
    angle = np.arange(n) * 2 * np.pi / n
    ring = np.c_[radius * np.cos(angle), radius * np.sin(angle)].astype(np.int64)
    kept = len(simplified(from_list([ring]), 12_500).xy_nm)
    # r (1 - cos(pi / k)) = t gives k = 63; halving can need up to twice that.
    assert 62 <= kept <= 128


def test_points_on_straight_lines_go_and_corners_stay() -> None:
    side = np.linspace(0, 9_000_000, 10).astype(np.int64)
    zero, full = np.zeros(9, np.int64), np.full(9, 9_000_000)
    ring = np.vstack(
        [
            np.c_[side[:-1], zero],
            np.c_[full, side[:-1]],
            np.c_[side[:0:-1], full],
            np.c_[zero, side[:0:-1]],
        ]
    )
    assert sorted(simplified(from_list([ring]), 1).xy_nm.tolist()) == [
        [0, 0],
        [0, 9_000_000],
        [9_000_000, 0],
        [9_000_000, 9_000_000],
    ]


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_spike_along_its_own_chord_stays(is_reversed: bool) -> None:
    """Its tip lies on the line through the chord, past the end: measured to the line it is 0."""
    path_um = [(0, 0), (5000, -5000), (16000, -5001), (15000, -5000), (20000, -5000), (25000, 0)]
    ring = np.array([*path_um, (12000, 9000)]) * 1000
    if is_reversed:
        ring = np.vstack([ring[:1], ring[:0:-1]])
    short = simplified(from_list([ring]), 12_500).xy_nm
    assert [15_000_000, -5_000_000] in short.tolist()
    assert [16_000_000, -5_001_000] in short.tolist()


@pytest.mark.parametrize("tolerance_nm", [0, -1])
def test_no_tolerance_changes_nothing(tolerance_nm: int) -> None:
    rings = from_list([wobbly_ring(1)])
    assert simplified(rings, tolerance_nm) is rings


def test_nothing_and_less_than_a_ring() -> None:
    assert simplified(EMPTY, 10).is_empty
    two = Rings(np.array([[0, 0], [1, 1]]), np.array([0, 2]))
    assert simplified(two, 10).is_empty


@given(st.integers(0, 2**31))
@quick
def test_anchors_around_a_run_are_found_along_its_own_ring(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(3, 9, 5)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    is_anchor = rng.random(offsets[-1]) < 0.4
    is_anchor[offsets[:-1] + rng.integers(0, 3, 5)] = True
    middle = np.flatnonzero(~is_anchor)
    before, after = _around(middle, np.flatnonzero(is_anchor), offsets)
    for vertex, back, on in zip(middle.tolist(), before.tolist(), after.tolist(), strict=True):
        ring = int(np.searchsorted(offsets, vertex, side="right")) - 1
        start, n = int(offsets[ring]), int(counts[ring])
        way = [start + (vertex - start + step) % n for step in range(1, n)]
        assert on == next(i for i in way if is_anchor[i])
        assert back == next(i for i in reversed(way) if is_anchor[i])

"""Chains against a walk, thinning against its bound, runs against the widths they stand for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.polyline import (
    Cuts,
    arc_lengths,
    at_least_wide,
    chains,
    constant_width_runs,
    even_parts,
    moved_ends,
    thinned,
    without_spare,
)

quick = settings(max_examples=60, deadline=None, derandomize=True)


@quick
@given(st.integers(0, 2**31), st.integers(1, 40))
def test_chains_use_every_edge_once_and_break_where_lines_meet(seed: int, n_nodes: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = {
        tuple(sorted(p)) for p in rng.integers(0, n_nodes, (n_nodes, 2)).tolist() if p[0] != p[1]
    }
    edges = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    found = chains(n_nodes, edges)
    degree = np.bincount(edges.reshape(-1), minlength=n_nodes)
    used = []
    for (a, b), is_closed in zip(pairwise(found.offsets.tolist()), found.is_closed, strict=True):
        nodes = found.nodes[a:b].tolist()
        used += [tuple(sorted(p)) for p in pairwise(nodes + nodes[:1] * bool(is_closed))]
        inner = nodes if is_closed else nodes[1:-1]
        assert (degree[inner] == 2).all()
        if not is_closed:
            assert degree[nodes[0]] != 2
            assert degree[nodes[-1]] != 2
    assert sorted(used) == sorted(pairs)


@quick
@given(st.integers(0, 2**31), st.floats(0.001, 0.3))
def test_thinned_lines_stay_within_the_tolerance(seed: int, tolerance: float) -> None:
    rng = np.random.default_rng(seed)
    xy = np.cumsum(rng.normal(size=(80, 2)) * [0.2, 0.05] + [0.1, 0], axis=0)
    offsets = np.array([0, 30, 32, 80])
    keep = thinned(xy, offsets, tolerance)
    for a, b in pairwise(offsets.tolist()):
        assert keep[a]
        assert keep[b - 1]
        kept = shapely.LineString(xy[a:b][keep[a:b]])
        assert shapely.distance(kept, shapely.points(xy[a:b])).max() <= tolerance + 1e-12


@quick
@given(st.integers(0, 2**31), st.floats(0.001, 0.3), st.booleans())
def test_no_vertex_is_kept_that_its_neighbours_can_do_without(
    seed: int, tolerance: float, is_thinned: bool
) -> None:
    rng = np.random.default_rng(seed)
    xy = np.cumsum(rng.normal(size=(80, 2)) * [0.2, 0.05] + [0.1, 0], axis=0)
    offsets = np.array([0, 30, 32, 80])
    before = thinned(xy, offsets, tolerance) if is_thinned else np.ones(80, bool)
    keep = without_spare(xy, offsets, before, tolerance)
    assert not (keep & ~before).any()
    for a, b in pairwise(offsets.tolist()):
        kept = np.flatnonzero(keep[a:b]) + a
        assert kept[0] == a
        assert kept[-1] == b - 1

        def strays(first: int, last: int) -> float:
            chord = shapely.LineString(xy[[first, last]])
            return float(shapely.distance(chord, shapely.points(xy[first : last + 1])).max())

        assert all(strays(i, k) <= tolerance + 1e-12 for i, k in pairwise(kept.tolist()))
        ends = zip(kept.tolist(), kept[2:].tolist(), strict=False)
        assert all(strays(i, k) > tolerance - 1e-12 for i, k in ends)


def test_an_even_bend_gets_no_more_vertices_than_it_must() -> None:
    """Halving keeps every second vertex of this arc beside some that no chord needs."""
    t = np.radians(np.arange(0.0, 181.0, 4.0))
    xy = 2.0 * np.c_[np.cos(t), np.sin(t)]
    offsets = np.array([0, len(xy)])
    tolerance = 2.0 * (1.0 - np.cos(np.radians(6.0))) + 1e-6
    found = without_spare(xy, offsets, thinned(xy, offsets, tolerance), tolerance)
    assert found.sum() <= thinned(xy, offsets, tolerance).sum()
    assert found.sum() <= 24


@quick
@given(st.integers(0, 2**31), st.floats(0.02, 0.2))
def test_runs_cover_the_line_with_the_same_material(seed: int, tolerance: float) -> None:
    rng = np.random.default_rng(seed)
    xy = np.cumsum(rng.random((40, 2)) + 0.05, axis=0)
    width = rng.uniform(0.2, 0.8, 40)
    offsets = np.array([0, 2, 20, 40])
    runs = constant_width_runs(xy, offsets, width, Cuts(tolerance))
    of_run = np.diff(runs.offsets)
    length = np.array(
        [
            arc_lengths(runs.xy[a:b], np.array([0, b - a]))[-1]
            for a, b in pairwise(runs.offsets.tolist())
        ]
    )
    assert (of_run >= 2).all()
    assert (runs.widest >= runs.width - 1e-12).all()
    assert runs.widest.max() == width.max()
    assert (runs.widest - runs.width <= 1.5 * tolerance).all()
    for line, (a, b) in enumerate(pairwise(offsets.tolist())):
        step = np.sqrt((np.diff(xy[a:b], axis=0) ** 2).sum(axis=1))
        mine = runs.line == line
        assert length[mine].sum() == pytest.approx(step.sum())
        material = (step * (width[a : b - 1] + width[a + 1 : b]) / 2).sum()
        assert (length * runs.width)[mine].sum() == pytest.approx(material)
        first = np.flatnonzero(mine)
        assert (runs.xy[runs.offsets[first[0]]] == xy[a]).all()
        assert (runs.xy[runs.offsets[first[-1] + 1] - 1] == xy[b - 1]).all()
        for one, two in pairwise(first.tolist()):
            assert (runs.xy[runs.offsets[one + 1] - 1] == runs.xy[runs.offsets[two]]).all()


def test_a_width_that_hardly_changes_is_one_run() -> None:
    width = 0.4 + 0.01 * np.sin(np.arange(50))
    xy = np.c_[np.arange(50.0), np.zeros(50)]
    assert len(constant_width_runs(xy, np.array([0, 50]), width, Cuts(0.03)).width) == 1


def test_ends_move_out_and_back() -> None:
    xy, offsets = np.array([[0.0, 0], [4, 0], [10, 0]] * 2), np.array([0, 3, 6])
    width = np.array([1.0, 2, 5] * 2)
    way_0, way_1 = np.array([[-1.0, 0]] * 2), np.array([[1.0, 0]] * 2)
    found = moved_ends(xy, offsets, width, np.array([2.0, -5]), way_0, np.array([-1.0, -7]), way_1)
    assert found.xy[:3].tolist() == [[-2, 0], [4, 0], [9, 0]]
    assert found.width[:3].tolist() == [1, 2, 4.5]
    # Cut back by more than there is: one place, twice.
    assert found.xy[3:].tolist() == [[4, 0]] * 2


def test_only_what_is_wide_enough_is_kept_to_the_point() -> None:
    xy = np.array([[0, 0], [10, 0], [20, 0], [30, 0], [0, 5], [8, 5], [0, 9], [4, 9], [4, 13.0]])
    width = np.array([1.0, 5, 1, 5, 2, 2, 9, 1, 9])
    offsets = np.array([0, 4, 6, 9])
    found = at_least_wide(xy, offsets, width, np.array([False, False, True]), 3.0)
    parts = [
        np.column_stack([found.xy, found.width])[a:b].tolist()
        for a, b in pairwise(found.offsets.tolist())
    ]
    assert parts == [
        [[5, 0, 3], [10, 0, 5], [15, 0, 3]],
        [[25, 0, 3], [30, 0, 5]],
        # The closed line is cut at its narrow vertex, and runs on past its first.
        [[4, 10, 3], [4, 13, 9], [0, 9, 9], [3, 9, 3]],
    ]
    assert found.line.tolist() == [0, 0, 2]
    assert not found.is_closed.any()
    whole = at_least_wide(xy, offsets, width + 3, np.array([False, False, True]), 3.0)
    assert (whole.xy == xy).all()
    assert whole.is_closed.tolist() == [False, False, True]
    none = at_least_wide(xy, offsets, width, np.array([False, False, True]), 99.0)
    assert none.n_lines == 0


def test_parts_are_even_and_not_too_short() -> None:
    xy = np.array([[0, 0], [10, 0], [10, 1.0]])
    parts = even_parts(xy, np.array([0, 3]), np.array([0, 4, 8.0]), Cuts(1.0, 0.5))
    length = np.hypot(*(parts.end - parts.begin).T)
    assert length.tolist() == [2.5] * 4 + [0.5] * 2
    assert (parts.end[:-1] == parts.begin[1:]).all()
    assert (parts.width_1 - parts.width_0).tolist() == [1.0] * 4 + [2.0] * 2


@quick
@given(st.floats(0, 20), st.floats(0.01, 20))
def test_parts_are_short_only_where_the_width_changes_fast(change: float, length: float) -> None:
    cuts = Cuts(fine=0.1, short=3.0, coarse=1.0, shortest=0.5)
    parts = int(cuts.parts(np.array([change]), np.array([length]))[0])
    own, size = change / parts, length / parts
    assert parts == 1 or size >= 0.5
    # No part is short but where its neighbours would be too different, and none changes by more
    # than it has to.
    assert parts == 1 or size >= 3.0 or change / (parts - 1) > 1.0
    assert own <= 0.1 or length / (parts + 1) < 3.0
    assert own <= 1.0 or length / (parts + 1) < 0.5

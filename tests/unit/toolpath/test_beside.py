"""Walls and the gaps beside them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.toolpath import beside
from printstd.toolpath.beside import walls_beside_gaps
from printstd.toolpath.paths import PathSet, join, path_set
from tests.oracles.effort import few

MM = 1_000_000


def paths_of(rows: list[tuple[Role, np.ndarray]]) -> PathSet:
    """mm; walls are loops."""
    sets = []
    for role, corners in rows:
        one = path_set(
            np.rint(np.asarray(corners) * MM).astype(np.int64),
            np.array([0, len(corners)]),
            role=role,
            width_nm=MM // 2,
            height_nm=MM // 5,
            area_nm2=MM * MM // 10,
            depth=-1 if role == Role.GAP_FILL else 0,
        )
        sets.append(replace(one, is_loop=np.array([role != Role.GAP_FILL])))
    return join(sets)


def distance_mm(line: np.ndarray, loop: np.ndarray) -> float:
    """Between a line and a loop, by sampling both."""
    share = np.linspace(0, 1, 60)[:, None]

    def sampled(corners: np.ndarray) -> np.ndarray:
        return np.concatenate([a + (b - a) * share for a, b in pairwise(corners)])

    one, other = sampled(line), sampled(np.concatenate([loop, loop[:1]]))
    return float(np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1)).min())


@few(40)
@given(st.integers(0, 2**31))
def test_all_that_touch_are_found_and_only_those_of_one_island(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners, rows = [], []
    for _ in range(12):
        is_gap = rng.random() < 0.5
        middle = rng.uniform(0, 12, 2)
        corners.append(middle + rng.uniform(-2, 2, (2 if is_gap else 4, 2)))
        rows.append((Role.GAP_FILL if is_gap else Role.PERIMETER, corners[-1]))
    island = rng.integers(0, 2, 12)
    layer = np.sort(rng.integers(0, 2, 12))
    usual = beside._SEGMENTS_AT_ONCE
    paths = paths_of(rows)
    try:
        beside._SEGMENTS_AT_ONCE = int(rng.choice([5, usual]))
        pairs = {
            (wall, gap)
            for wall, gap in zip(
                *(column.tolist() for column in walls_beside_gaps(paths, layer, island)),
                strict=True,
            )
        }
    finally:
        beside._SEGMENTS_AT_ONCE = usual
    for wall, (wall_role, loop) in enumerate(rows):
        for gap, (gap_role, line) in enumerate(rows):
            is_kind = wall_role != Role.GAP_FILL and gap_role == Role.GAP_FILL
            if not is_kind or (layer[wall], island[wall]) != (layer[gap], island[gap]):
                assert (wall, gap) not in pairs
            elif distance_mm(line, loop) < 0.5:
                assert (wall, gap) in pairs


def test_the_pieces_of_one_gap_wait_as_one() -> None:
    rows = [
        (Role.PERIMETER, np.array([[0, 0], [9, 0], [9, 9], [0, 9.0]])),
        (Role.GAP_FILL, np.array([[4.0, 4], [5, 4]])),
        (Role.GAP_FILL, np.array([[5.0, 4], [8.8, 4]])),
        (Role.GAP_FILL, np.array([[4.0, 5], [5, 5]])),
    ]
    paths = replace(paths_of(rows), group=np.array([-1, 0, 0, -1], np.int32))
    zero = np.zeros(4, np.int64)
    assert [column.tolist() for column in walls_beside_gaps(paths, zero, zero)] == [[0], [1]]


def test_a_gap_inside_a_large_wall_is_not_beside_it() -> None:
    square = np.array([[0, 0], [50, 0], [50, 50], [0, 50.0]])
    rows = [
        (Role.PERIMETER, square),
        (Role.PERIMETER, square * 0.1 + 20.0),
        (Role.GAP_FILL, np.array([[20.4, 21.0], [20.4, 24.0]])),
    ]
    zero = np.zeros(3, np.int64)
    assert [column.tolist() for column in walls_beside_gaps(paths_of(rows), zero, zero)] == [
        [1],
        [2],
    ]

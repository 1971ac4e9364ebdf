"""Ordered paths as lines in whole micrometres: nothing lost but the seam gap and the rounding."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.rings import Rings
from printstd.toolpath.lines import Lines, lay_lines
from printstd.toolpath.order import Visits
from printstd.toolpath.seam import Seams, seams_beside
from tests.oracles.effort import few

MM = 1_000_000
quick = few(60)
seeds = st.integers(0, 2**31)


def carried(xy: np.ndarray) -> np.ndarray:
    return np.full(len(xy), 1000, np.int16)


class Paths:
    """Random open lines and loops with random seams, in random order."""

    def __init__(self, seed: int, n: int = 6, size_mm: float = 9.0) -> None:
        rng = np.random.default_rng(seed)
        counts = rng.integers(3, 9, n)
        self.offsets = np.concatenate([[0], np.cumsum(counts)])
        self.xy_nm = rng.integers(0, round(size_mm * MM), (int(counts.sum()), 2))
        self.is_loop = rng.random(n) < 0.5
        rings = Rings(self.xy_nm, self.offsets)
        self.seams = seams_beside(rings, rng.integers(0, round(size_mm * MM), (n, 2)))
        turned = (rng.random(n) < 0.5) & ~self.is_loop
        order = rng.permutation(n)
        self.visits = Visits(order, turned[order], np.full(n, -1))

    def lines(self, gap_um: float = 0.0) -> Lines:
        return lay_lines(
            self.xy_nm,
            self.offsets,
            self.is_loop,
            self.visits,
            self.seams,
            gap_um,
            carried(self.xy_nm),
        )

    def wanted_nm(self, nth: int) -> np.ndarray:
        """The vertices of the nth line, nm, seam to seam, found the slow way."""
        path = int(self.visits.path[nth])
        a, b = int(self.offsets[path]), int(self.offsets[path + 1])
        if not self.is_loop[path]:
            xy = self.xy_nm[a:b]
            return xy[::-1] if self.visits.is_reversed[nth] else xy
        first = int(self.seams.following[path])
        around = [self.xy_nm[a + (first - a + i) % (b - a)] for i in range(b - a)]
        return np.array([self.seams.xy_nm[path], *around, self.seams.xy_nm[path]])


def lines_of(lines: Lines) -> list[np.ndarray]:
    borders = zip(lines.offsets[:-1], lines.offsets[1:], strict=True)
    return [lines.xy_um[a:b] for a, b in borders]


def length(xy: np.ndarray) -> float:
    return float(np.hypot(*np.diff(xy, axis=0).astype(float).T).sum())


@quick
@given(seeds)
def test_lines_are_the_paths_rounded_to_whole_um(seed: int) -> None:
    paths = Paths(seed)
    lines = paths.lines()
    assert lines.path.tolist() == paths.visits.path.tolist()
    assert (lines.is_loop == paths.is_loop[lines.path]).all()
    for nth, xy in enumerate(lines_of(lines)):
        wanted = paths.wanted_nm(nth)
        rounded = (wanted + 500) // 1000
        keep = np.concatenate([[True], (np.diff(rounded, axis=0) != 0).any(axis=1)])
        assert (xy == rounded[keep]).all()
        assert np.abs(rounded * 1000 - wanted).max() <= 500
    assert lines.lengths_um() == pytest.approx([length(xy) for xy in lines_of(lines)])
    assert (lines.first_um == [xy[0] for xy in lines_of(lines)]).all()
    assert (lines.last_um == [xy[-1] for xy in lines_of(lines)]).all()


@quick
@given(seeds, st.sampled_from([1.0, 60.0, 300.0, 1500.0]))
def test_loops_lose_their_gap_and_open_lines_nothing(seed: int, gap_um: float) -> None:
    paths = Paths(seed)
    whole, gapped = lines_of(paths.lines()), lines_of(paths.lines(gap_um))
    assert len(whole) == len(gapped)
    for nth, (before, after) in enumerate(zip(whole, gapped, strict=True)):
        is_loop = paths.is_loop[paths.visits.path[nth]]
        if not is_loop or length(before) <= 4 * gap_um:
            assert (before == after).all()
            continue
        assert (after[0] == before[0]).all()
        assert length(before) - length(after) == pytest.approx(gap_um, abs=1.5)
        # It ends on the line that it was, and all before that stays.
        assert (after[:-1] == before[: len(after) - 1]).all()
        assert shapely.LineString(before).distance(shapely.Point(after[-1])) < 0.71


@quick
@given(seeds)
def test_no_line_repeats_a_place_or_is_one(seed: int) -> None:
    # Paths of a few um: vertices fall together, whole paths do.
    paths = Paths(seed, n=12, size_mm=0.003)
    for gap_um in (0.0, 1.0):
        lines = paths.lines(gap_um)
        assert (np.diff(lines.offsets) >= 2).all()
        for xy in lines_of(lines):
            assert (np.diff(xy, axis=0) != 0).any(axis=1).all()
    kept = set(paths.lines().path.tolist())
    for nth, path in enumerate(paths.visits.path.tolist()):
        rounded = (paths.wanted_nm(nth) + 500) // 1000
        assert (path in kept) == (np.ptp(rounded, axis=0) > 0).any()


def test_nothing_to_lay_is_no_line() -> None:
    nobody = np.empty(0, np.int64)
    nowhere = np.empty((0, 2), np.int64)
    visits = Visits(nobody, np.empty(0, bool), nobody)
    for gap_um in (0.0, 60.0):
        lines = lay_lines(
            nowhere,
            np.zeros(1, np.int64),
            np.empty(0, bool),
            visits,
            Seams(nobody, nowhere),
            gap_um,
            carried(nowhere),
        )
        assert len(lines.path) == 0
        assert len(lines.lengths_um()) == 0


def test_the_seam_gap_shortens_across_vertices() -> None:
    # The last sides are shorter than the gap: it eats them whole and ends on the one before.
    xy = np.array([[0, 0], [10, 0], [10, 10], [0.1, 10], [0.1, 0.05], [0, 0.05]]) * MM
    offsets, loop = np.array([0, 6]), np.array([True])
    visits = Visits(np.array([0]), np.array([False]), np.array([-1]))
    seams = Seams(np.array([1]), xy[[0]].astype(np.int64))
    lines = lay_lines(xy.astype(np.int64), offsets, loop, visits, seams, 400.0, carried(xy))
    assert lines.xy_um.tolist() == [
        [0, 0],
        [10_000, 0],
        [10_000, 10_000],
        [100, 10_000],
        [100, 300],
    ]

"""Strips that stay bare where the border runs beside a line, against their outlines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.chaining import Border, Ends, border, lower_ends, upper_ends
from printstd.kernels.crossings import Crossings, Pieces, paired
from printstd.kernels.hatch import Lines, hatched
from printstd.kernels.rings import Rings
from printstd.kernels.tangents import bare_nm, without_tips
from printstd.kernels.zigzag import walk
from tests.oracles.areas import MM, area_of, hole, holed, rectangle, rings_of
from tests.oracles.effort import few

quick = few(25)
seeds = st.integers(0, 2**31)


class Cut(NamedTuple):
    """An area cut by lines along x."""

    crossings: Crossings
    pieces: Pieces
    at: Border
    upper: Ends
    lower: Ends


def cut(area: Rings, step_mm: float, first_mm: float = 0.0) -> Cut:
    lines = Lines(
        np.array([[1, 0]]), np.ones(1), np.array([first_mm * MM]), np.array([step_mm * MM])
    )
    crossings = hatched(area, np.zeros(area.n_rings, np.int64), lines)
    return around(area, crossings, paired(crossings))


def around(area: Rings, crossings: Crossings, pieces: Pieces) -> Cut:
    at = border(area, crossings)
    return Cut(crossings, pieces, at, upper_ends(at, pieces), lower_ends(at, pieces))


def bare(found: Cut, ends: Ends, spacing_nm: int) -> np.ndarray:
    n = len(found.pieces.start)
    return bare_nm(
        found.at,
        found.pieces,
        ends,
        among=np.ones(n, bool),
        spacing_nm=np.full(n, spacing_nm),
    )


def test_beyond_the_last_line_a_tip_is_bare_to_its_point() -> None:
    # A roof over the last line at y = 3: its ridge is 0.7 above it.
    roof = rings_of([(0, 0), (10, 0), (10, 3), (5, 3.7), (0, 3)])
    found = cut(roof, 1.0, first_mm=-0.0001)
    last = int(found.crossings.line[found.pieces.start].argmax())
    assert bare(found, found.upper, MM)[last] == pytest.approx(0.7001 * MM, abs=2)
    below_all = int(found.crossings.line[found.pieces.start].argmin())
    others = np.delete(np.arange(len(found.pieces.start)), [last, below_all])
    assert not bare(found, found.upper, MM)[others].any()
    assert not bare(found, found.lower, MM)[others].any()


def test_past_a_hole_is_bare_what_it_leaves_to_the_next_line() -> None:
    # One line is interrupted by a hole that reaches 0.3 over it: 0.5 is left to the next.
    area = rings_of(rectangle(0, 0, 20, 4), hole(8, 1.9, 4, 0.4))
    found = cut(area, 0.8, first_mm=0.4)
    line = found.crossings.line[found.pieces.start]
    left, right = np.flatnonzero(line == np.bincount(line).argmax()).tolist()
    assert bare(found, found.upper, 800_000)[[left, right]].tolist() == [0.0, 500_000.0]
    assert bare(found, found.lower, 800_000)[[left, right]].tolist() == [700_000.0, 0.0]


def test_a_tip_over_an_interrupted_line_is_bare_to_its_point_too() -> None:
    # A hole's corner touches the last line from below: the roof leads back to its other piece.
    roof = [(0, 0), (10, 0), (10, 3), (5, 3.7), (0, 3)]
    area = rings_of(roof, [(4, 1), (5, 3.05), (6, 1)])
    found = cut(area, 1.0, first_mm=-0.0001)
    line = found.crossings.line[found.pieces.start]
    last = np.flatnonzero(line == line.max())
    # One upper end goes around by the roof, the other past the hole's corner.
    wide = np.sort(bare(found, found.upper, MM)[last])
    assert wide == pytest.approx([0.7001 * MM, 0.9499 * MM], abs=2)


@quick
@given(seeds)
def test_a_tip_is_as_bare_as_its_border_strays(seed: int) -> None:
    area = holed(seed, depth=0.6)
    found = cut(area, 0.45)
    ring = found.at.ring
    for ends in (found.upper, found.lower):
        wide = bare(found, ends, 450_000)
        own_end = (ends.met == found.pieces.start) | (ends.met == found.pieces.end)
        for i in np.flatnonzero(own_end).tolist():
            leave, meet = ends.crossing[i : i + 1], ends.met[i : i + 1]
            edge = found.crossings.edge
            run = walk(area, ring[leave], edge[leave], edge[meet], ends.with_ring[i : i + 1])
            y = found.crossings.xy_nm[leave[0], 1]
            stray = np.abs(run.xy_nm[:, 1] - y).max(initial=0)
            assert wide[i] == pytest.approx(stray, abs=2)


@quick
@given(seeds, st.sampled_from([0, 300_000, 2 * MM]))
def test_tips_are_short_pieces_from_which_the_border_comes_straight_back(
    seed: int, longest_nm: int
) -> None:
    area = holed(seed, depth=0.6)
    found = cut(area, 0.45)
    n = len(found.pieces.start)
    kept = around(
        area,
        *without_tips(
            found.crossings, found.pieces, found.upper, found.lower, np.full(n, longest_nm)
        ),
    )
    # What is left is still whole pieces of the same lines, each crossing in one of them.
    ends = np.concatenate([kept.pieces.start, kept.pieces.end])
    assert (np.sort(ends) == np.arange(len(kept.crossings.edge))).all()
    pieces = {tuple(row) for row in places(found).tolist()}
    left = {tuple(row) for row in places(kept).tolist()}
    assert left <= pieces
    gone = np.array(sorted(pieces - left)).reshape(-1, 4)
    assert (gone[:, 2] - gone[:, 0] <= longest_nm).all()
    shape = area_of(area)
    for x0, y, x1, _ in (gone / MM).tolist():
        # On one side of the piece the area is a cap that no other line crosses.
        caps = [
            cap
            for side in (shapely.box(-99, y, 99, 99), shapely.box(-99, -99, 99, y))
            for cap in shapely.get_parts(shape.intersection(side))
            if cap.distance(shapely.Point((x0 + x1) / 2, y)) < 1e-6
        ]
        assert min(cap.bounds[3] - cap.bounds[1] for cap in caps) < 0.45 + 1e-6


def places(found: Cut) -> np.ndarray:
    """(n, 4) both ends of every piece."""
    xy = found.crossings.xy_nm
    return np.hstack([xy[found.pieces.start], xy[found.pieces.end]])


def test_an_area_of_one_line_keeps_it() -> None:
    found = cut(rings_of(rectangle(0, 0.1, 3, 0.8)), 0.9, first_mm=0.5)
    assert len(found.pieces.start) == 1
    crossings, pieces = without_tips(
        found.crossings, found.pieces, found.upper, found.lower, np.array([10 * MM])
    )
    assert len(pieces.start) == 1
    assert len(crossings.edge) == 2

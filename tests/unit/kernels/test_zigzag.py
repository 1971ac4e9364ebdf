"""Pieces of line joined, ordered and turned into paths: chaining, sweep and zigzag together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import chaining, clip, sweep, zigzag
from printstd.kernels.crossings import Crossings, Pieces, overlaps, paired
from printstd.kernels.hatch import Lines, hatched, lengths
from printstd.kernels.rings import Rings, concat, translated
from printstd.kernels.turns import direction
from tests.oracles.areas import MM, area_of, hole, holed, rectangle, rings_of, star
from tests.oracles.effort import few

quick = few(25)
seeds = st.integers(0, 2**31)
angles = st.sampled_from([0.0, 45.0, 90.0, 63.0])
FAR = 10**9


class Joined(NamedTuple):
    area: Rings
    crossings: Crossings
    pieces: Pieces
    at: chaining.Border
    upper: chaining.Ends
    lower: chaining.Ends
    joins: chaining.Joins

    @property
    def line(self) -> np.ndarray:
        return self.crossings.line[self.pieces.start]

    def chains(self, *, is_swept: bool) -> chaining.Chains:
        n = len(self.line)
        xy = self.crossings.xy_nm
        return sweep.swept(
            self.crossings,
            self.pieces,
            self.joins.successor,
            np.zeros(n, np.int64),
            np.full(n, is_swept),
            (xy[self.lower.crossing], xy[self.upper.crossing]),
        )

    def paths(self, chains: chaining.Chains, hook_nm: int, clearance_nm: int) -> zigzag.Paths:
        hooks = np.full(len(self.line), hook_nm)
        return zigzag.paths(
            self.at,
            self.upper,
            self.lower,
            self.joins,
            chains,
            hooks=zigzag.Hooks(hooks, hooks, np.full(self.area.n_rings, clearance_nm)),
        )


def joined(area: Rings, angle_deg: float, step_mm: float, longest_nm: int = FAR) -> Joined:
    along = np.array([direction(angle_deg)], np.int64)
    lines = Lines(along, lengths(along), np.array([12_345.0]), np.array([step_mm * MM]))
    crossings = hatched(area, np.zeros(area.n_rings, np.int64), lines)
    pieces = paired(crossings)
    at = chaining.border(area, crossings)
    upper, lower = chaining.upper_ends(at, pieces), chaining.lower_ends(at, pieces)
    found = chaining.joins(at, pieces, upper, lower, np.full(area.n_rings, longest_nm))
    return Joined(area, crossings, pieces, at, upper, lower, found)


def two_parts(seed: int) -> Rings:
    return clip.union([holed(seed), translated(holed(seed + 1), (17 * MM, MM))])


def length_mm(xy_nm: np.ndarray) -> float:
    return float(np.hypot(*(np.diff(xy_nm, axis=0) / MM).T).sum())


@quick
@given(seeds, angles, st.sampled_from([FAR, 3 * MM, MM // 2]))
def test_joins_never_fork_nor_close_nor_reach_too_far(
    seed: int, angle_deg: float, longest_nm: int
) -> None:
    found = joined(two_parts(seed), angle_deg, 0.8, longest_nm)
    successor, line = found.joins.successor, found.line
    goes_on = np.flatnonzero(successor >= 0)
    then = successor[goes_on]
    assert len(np.unique(then)) == len(then)
    assert ((line[then] == line[goes_on] + 1) | (line[then] == line[goes_on])).all()
    # Walking the joins ends: as many steps as there are pieces lead nowhere.
    head = chaining.heads(successor)
    assert not np.isin(head, then).any()
    place = found.at.place_nm[found.crossings.edge] + found.crossings.run_nm
    for a, b in zip(goes_on.tolist(), then.tolist(), strict=True):
        leave, enter = int(found.upper.crossing[a]), int(found.lower.crossing[b])
        ring = found.at.ring[leave]
        assert found.at.ring[enter] == ring
        ahead = int(place[enter] - place[leave])
        ahead = ahead if found.joins.with_ring[a] else -ahead
        ahead += int(found.at.round_nm[ring]) if ahead < 0 else 0
        assert ahead <= longest_nm
        # No other crossing lies on the way: no join runs over another line's end.
        mine = np.flatnonzero(found.at.ring == ring)
        off = (place[mine] - place[leave]) * (1 if found.joins.with_ring[a] else -1)
        off = np.where(off < 0, off + int(found.at.round_nm[ring]), off)
        between = (off > 0) & (off < ahead)
        assert not between.any()


@quick
@given(seeds, angles, st.booleans())
def test_every_piece_is_printed_once_and_whole(seed: int, angle_deg: float, is_swept: bool) -> None:
    found = joined(two_parts(seed), angle_deg, 0.8, 4 * MM)
    chains = found.chains(is_swept=is_swept)
    assert sorted(chains.order.tolist()) == list(range(len(found.line)))
    paths = found.paths(chains, 0, 0)
    whole = area_of(found.area).buffer(3e-6)
    for a, b in zip(paths.offsets[:-1].tolist(), paths.offsets[1:].tolist(), strict=True):
        assert b - a >= 2
        xy = paths.xy_nm[a:b]
        assert (np.diff(xy, axis=0) != 0).any(axis=1).all()
        assert whole.covers(shapely.LineString(xy / MM))
    # What is laid: the pieces, and of the border what the joins take.
    pieces = (
        found.crossings.along_nm[found.pieces.end] - found.crossings.along_nm[found.pieces.start]
    )
    goes_on = np.flatnonzero(chains.goes_on)
    ways = joined_ways_nm(found, chains.order[goes_on])
    total = sum(
        length_mm(paths.xy_nm[a:b])
        for a, b in zip(paths.offsets[:-1].tolist(), paths.offsets[1:].tolist(), strict=True)
    )
    assert total == pytest.approx((pieces.sum() + ways.sum()) / MM, abs=4e-6 * len(paths.xy_nm))


def joined_ways_nm(found: Joined, piece: np.ndarray) -> np.ndarray:
    """Lengths of the joins that follow the pieces, along the border."""
    place = found.at.place_nm[found.crossings.edge] + found.crossings.run_nm
    leave, enter = found.upper.crossing[piece], found.lower.crossing[found.joins.successor[piece]]
    way = np.where(
        found.joins.with_ring[piece], place[enter] - place[leave], place[leave] - place[enter]
    )
    return np.where(way < 0, way + found.at.round_nm[found.at.ring[leave]], way)


@quick
@given(seeds, angles)
def test_swept_areas_are_laid_beside_what_lies_there_already(seed: int, angle_deg: float) -> None:
    found = joined(two_parts(seed), angle_deg, 0.6)
    rank = np.empty(len(found.line), np.int64)
    rank[found.chains(is_swept=True).order] = np.arange(len(found.line))
    below, above = overlaps(found.crossings, found.pieces)
    assert len(below) > 3
    assert (rank[below] < rank[above]).all()


@quick
@given(seeds, angles, st.sampled_from([200_000, 2_500_000, FAR]), st.sampled_from([0, 400_000]))
def test_hooks_follow_the_border_no_further_than_asked(
    seed: int, angle_deg: float, hook_nm: int, clearance_nm: int
) -> None:
    found = joined(two_parts(seed), angle_deg, 0.9, 2 * MM)
    chains = found.chains(is_swept=False)
    plain, hooked = (found.paths(chains, hook, clearance_nm) for hook in (0, hook_nm))
    assert (plain.piece == hooked.piece).all()
    last = chains.order[~chains.goes_on]
    border = area_of(found.area).boundary.buffer(3e-6)
    n_hooks = 0
    for row, (first_piece, last_piece) in enumerate(zip(plain.piece, last, strict=True)):
        a = plain.xy_nm[plain.offsets[row] : plain.offsets[row + 1]]
        b = hooked.xy_nm[hooked.offsets[row] : hooked.offsets[row + 1]]
        # The path itself is in the hooked one, unchanged.
        begin = next(i for i in range(len(b) - len(a) + 1) if (b[i : i + len(a)] == a).all())
        for hook, ends, piece in (
            (b[: begin + 1], found.lower, first_piece),
            (b[begin + len(a) - 1 :], found.upper, last_piece),
        ):
            room = max(0, int(ends.way_nm[piece]) - clearance_nm)
            assert length_mm(hook) * MM <= min(hook_nm, room) + 2 * len(hook)
            if len(hook) > 1:
                n_hooks += 1
                assert border.covers(shapely.LineString(hook / MM))
    assert n_hooks


def test_hooks_that_meet_share_the_way_between_them() -> None:
    # One slot, two lines that end on the same stretch of border and are not joined.
    area = rings_of(rectangle(0, 0, 10, 4))
    found = joined(area, 90.0, 3.0, 0)
    paths = found.paths(found.chains(is_swept=False), FAR, 400_000)
    lines = [
        paths.xy_nm[a:b] / MM for a, b in zip(paths.offsets[:-1], paths.offsets[1:], strict=True)
    ]
    for i, one in enumerate(lines):
        for other in lines[i + 1 :]:
            assert shapely.LineString(one).distance(shapely.LineString(other)) > 0.399


def test_a_convex_area_is_one_path() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        area = clip.hull(star(rng, 12, 30))
        found = joined(area, float(rng.uniform(0, 180)), 0.5)
        for is_swept in (False, True):
            chains = found.chains(is_swept=is_swept)
            assert chains.goes_on.sum() == len(chains.order) - 1


def test_lines_go_on_beyond_a_hole_between_them_and_the_next() -> None:
    # A hole narrower than the lines' distance interrupts one line; the border leads back to it.
    area = rings_of(rectangle(0, 0, 20, 5), hole(8, 1.9, 4, 0.4))
    found = joined(area, 0.0, 1.0)
    interrupted = np.flatnonzero(np.bincount(found.line) == 2)
    assert len(interrupted) == 1
    left, right = np.flatnonzero(found.line == interrupted[0]).tolist()
    assert found.joins.successor[left] == right or found.joins.successor[right] == left


def test_walks_pass_the_vertices_between() -> None:
    rings = concat([rings_of(rectangle(0, 0, 4, 4)), rings_of(rectangle(10, 0, 2, 2))])
    ring, start, end = (np.array(v) for v in ([0, 0, 0, 1, 1], [0, 3, 1, 4, 6], [2, 0, 1, 7, 5]))
    run = zigzag.walk(rings, ring, start, end, np.array([True, True, True, False, False]))
    assert run.counts.tolist() == [2, 1, 0, 1, 1]
    wanted = [rings.xy_nm[i] for i in (1, 2, 0, 4, 6)]
    assert (run.xy_nm == np.array(wanted)).all()

"""Between two lines: when the filament is drawn back, how it is wiped, and ways around walls."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.rings import Rings, area_mm2, translated
from printstd.profiles.models import Retraction
from printstd.toolpath.avoid import kept_inside
from printstd.toolpath.feeds import WIPE_SPEED_RATIO
from printstd.toolpath.lines import Lines
from printstd.toolpath.travel import Hops, plan_hops, plan_wipes, wipe_rate_e5_um
from tests.layer_specs import layer_spec
from tests.oracles.areas import MM, area_of, hole, holed, rectangle, rings_of
from tests.oracles.effort import few
from tests.unit.kernels.test_detours import places_in

UM = 1000
quick = few(40)
seeds = st.integers(0, 2**31)
RETRACTION = Retraction(
    length_mm=0.8,
    speed_mm_s=35.0,
    deretract_speed_mm_s=25.0,
    min_travel_mm=1.5,
    lift_mm=0.2,
    hop_slope_deg=0.0,
    is_wiping=True,
    before_wipe_ratio=0.0,
    on_layer_change=False,
    only_when_leaving=True,
    max_length_mm=6.0,
)


def with_(**changes: object) -> Retraction:
    return RETRACTION.model_copy(update=changes)


def lines_between(places_um: np.ndarray, is_loop: bool = False) -> Lines:
    """Short lines, one at each place: 30 um, so that ways run from place to place."""
    n = len(places_um)
    xy = np.repeat(places_um, 2, axis=0)
    xy[1::2, 0] += 30
    return Lines(
        xy,
        2 * np.arange(n + 1),
        np.arange(n),
        np.full(n, is_loop),
        np.full(2 * n, 1000, np.int16),
        np.zeros(2 * n, np.int64),
    )


def is_roomy(section: Rings) -> bool:
    return area_mm2(clip.offset(section, -300_000)) > 4


class Case:
    """Places in and around random sections of three layers."""

    def __init__(self, seed: int, n: int = 40) -> None:
        rng = np.random.default_rng(seed)
        some = (holed(seed + i, depth=0.6) for i in itertools.count())
        self.sections = list(itertools.islice(filter(is_roomy, some), 3))
        self.layer = np.sort(rng.integers(0, 3, n))
        self.lines = lines_between(rng.integers(-9_000, 9_000, (n, 2)))

    def hops(self, retraction: Retraction = RETRACTION) -> Hops:
        return plan_hops(self.lines, self.layer, self.sections, (50_000, 0), retraction)


@quick
@given(seeds, st.booleans())
def test_the_filament_is_drawn_back_on_long_ways_out_of_the_part(
    seed: int, on_layer_change: bool
) -> None:
    case = Case(seed)
    hops = case.hops(with_(on_layer_change=on_layer_change))
    n = len(case.layer)
    assert (hops.from_um[1:] == case.lines.last_um).all()
    assert (hops.to_um[:-1] == case.lines.first_um).all()
    # The first way comes from the start code, nothing follows the last line.
    assert hops.is_retracted[[0, n]].all()
    areas = [area_of(section) for section in case.sections]
    for i in range(1, n):
        steps = case.layer[i] != case.layer[i - 1]
        assert hops.is_step[i] == steps
        way = shapely.LineString([hops.from_um[i] / UM, hops.to_um[i] / UM])
        leaves = way.length >= 1.5 and way.crosses(areas[case.layer[i]].boundary)
        assert hops.is_retracted[i] == (leaves or (bool(steps) and on_layer_change))


def test_without_a_length_nothing_is_drawn_back() -> None:
    assert not Case(1).hops(with_(length_mm=0.0)).is_retracted.any()


@pytest.mark.parametrize("least_mm", [0.0, 2.0, 99.0])
def test_short_ways_are_just_travelled(least_mm: float) -> None:
    hops = Case(2).hops(with_(min_travel_mm=least_mm))
    way = np.hypot(*(hops.to_um - hops.from_um).astype(float).T)[1:-1] / UM
    assert not (hops.is_retracted[1:-1] & (way < least_mm)).any()
    assert hops.is_retracted[1:-1].any() == (least_mm < 99)


# ------------------------------------------------------------------------------------ wipe


def polylines(seed: int, n: int = 12) -> Lines:
    rng = np.random.default_rng(seed)
    counts = rng.integers(2, 7, n)
    xy = rng.integers(0, 3_000, (int(counts.sum()), 2))
    return Lines(
        xy,
        np.concatenate([[0], np.cumsum(counts)]),
        np.arange(n),
        rng.random(n) < 0.5,
        np.full(len(xy), 1000, np.int16),
        np.zeros(len(xy), np.int64),
    )


@quick
@given(seeds, st.sampled_from([0.0, 35.0, 1_000.0, 3_460.0, 90_000.0]))
def test_wiping_follows_the_line_just_laid_as_far_as_asked(seed: int, length_um: float) -> None:
    lines = polylines(seed)
    n = len(lines.path)
    rng = np.random.default_rng(seed)
    from_um = np.vstack([[[0, 0]], lines.last_um])
    to_um = np.vstack([lines.first_um, lines.last_um[-1:]])
    drawn = rng.random(n + 1) < 0.7
    none = np.empty((0, 2), np.int64), np.zeros(n + 2, np.int64)
    hops = Hops(from_um, to_um, drawn, np.zeros(n + 1, bool), *none)
    wipes = plan_wipes(lines, hops, length_um)
    assert wipes.hop.tolist() == [i for i in range(1, n + 1) if drawn[i]]
    for row, hop in enumerate(wipes.hop.tolist()):
        moves = wipes.xy_um[wipes.offsets[row] : wipes.offsets[row + 1]]
        line = lines.xy_um[lines.offsets[hop - 1] : lines.offsets[hop]]
        way = np.vstack([lines.last_um[hop - 1], moves]).astype(float)
        steps = np.hypot(*np.diff(way, axis=0).T)
        assert steps == pytest.approx(wipes.step_um[wipes.offsets[row] : wipes.offsets[row + 1]])
        assert (steps > 0).all()
        whole = np.hypot(*np.diff(line, axis=0).astype(float).T).sum()
        wiped = min(length_um, whole)
        if lines.is_loop[hop - 1]:
            # On past the seam: the gap to the first vertex is bridged straight, on to what comes.
            wanted = shapely.LineString(line).interpolate(wiped)
        else:
            wanted = shapely.LineString(line[::-1]).interpolate(wiped)
            assert steps.sum() == pytest.approx(wiped, abs=2)
        if len(moves) and wiped > 1:
            assert shapely.Point(way[-1]).distance(wanted) < 1.5
            middle = way[1:-1]
            assert (
                shapely.distance(shapely.LineString(line), shapely.points(middle)).max(initial=0)
                < 1
            )


@pytest.mark.parametrize("travel_mm_s", [120.0, 300.0])
def test_the_filament_comes_back_along_the_wipe_at_its_own_speed(travel_mm_s: float) -> None:
    """Facts of slicers 2.10: 0.95 retraction speed / (0.8 travel speed) per mm of way."""
    rate = wipe_rate_e5_um(RETRACTION, travel_mm_s)
    assert rate * 1000 / 1e5 == pytest.approx(0.95 * 35 / (WIPE_SPEED_RATIO * travel_mm_s))


def test_the_published_wipe() -> None:
    rate = wipe_rate_e5_um(RETRACTION, 180.0) * 1000 / 1e5
    assert rate == pytest.approx(0.2309, abs=1e-4)
    assert 0.8 / rate == pytest.approx(3.46, abs=0.005)


# ------------------------------------------------------------------------------- avoidance


def avoided(case: Case) -> tuple[Hops, Hops]:
    hops = case.hops()
    return hops, kept_inside(hops, case.layer, case.sections, [layer_spec()] * 3, 0.0)


class InsideCase(Case):
    """Places where beads lie: at least half a bead inside."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        rng = np.random.default_rng(seed)
        places = self.lines.first_um.copy()
        for number, section in enumerate(self.sections):
            mine = self.layer == number
            room = clip.offset(section, -225_000)
            places[mine] = places_in(room, rng, int(mine.sum())) // UM
        self.lines = lines_between(places)


@quick
@given(seeds)
def test_ways_around_walls_cross_nothing_and_save_the_retraction(seed: int) -> None:
    case = InsideCase(seed)
    before, after = avoided(case)
    areas = [area_of(section) for section in case.sections]
    points, owner = after.points_um()
    assert (after.from_um == before.from_um).all()
    assert (after.to_um == before.to_um).all()
    routed = np.flatnonzero(before.is_retracted & ~after.is_retracted)
    assert not (after.is_retracted & ~before.is_retracted).any()
    corners = np.diff(after.corner_offsets)
    assert (corners[np.setdiff1d(np.arange(len(corners)), routed)] == 0).all()
    for hop in routed.tolist():
        assert corners[hop] > 0
        way = shapely.LineString(points[owner == hop] / UM)
        section = areas[case.layer[hop]]
        assert section.buffer(1e-5).covers(way)
        # Never further than halfway around every wall of the part.
        straight = np.hypot(*(before.to_um[hop] - before.from_um[hop]).astype(float)) / UM
        assert way.length < straight + section.boundary.length / 2
    assert after.lengths_um().sum() >= before.lengths_um().sum() - 1


def test_most_ways_inside_an_island_find_one() -> None:
    kept, asked = 0, 0
    for seed in range(25):
        case = InsideCase(seed)
        before, after = avoided(case)
        for i in range(1, len(case.layer)):
            if before.is_retracted[i] and not before.is_step[i]:
                room = clip.offset(case.sections[case.layer[i]], -200_000)
                parts = shapely.get_parts(area_of(room))
                ends = shapely.points(np.stack([before.from_um[i], before.to_um[i]]) / UM)
                if any(shapely.covers(part, ends).all() for part in parts):
                    asked += 1
                    kept += not after.is_retracted[i]
    assert asked > 60
    assert kept > 0.97 * asked


def test_ways_between_islands_and_layers_stay_as_they_are() -> None:
    section = rings_of(rectangle(0, 0, 10, 10), rectangle(20, 0, 10, 10))
    places = np.array([[2_000, 2_000], [22_000, 2_000], [2_000, 8_000], [2_000, 8_000]])
    lines, layer = lines_between(places), np.array([0, 0, 1, 1])
    hops = plan_hops(lines, layer, [section] * 2, (0, 0), with_(on_layer_change=True))
    found = kept_inside(hops, layer, [section] * 2, [layer_spec()] * 2, 0.0)
    assert (found.is_retracted == hops.is_retracted).all()
    assert len(found.corner_um) == 0


def test_around_a_hole_the_way_runs_along_its_wall() -> None:
    section = rings_of(rectangle(0, 0, 20, 20), hole(5, 5, 10, 10))
    lines = lines_between(np.array([[2_000, 10_000], [18_000, 10_000]]))
    layer = np.zeros(2, np.int64)
    hops = plan_hops(lines, layer, [section], (0, 0), RETRACTION)
    assert hops.is_retracted.tolist() == [True, True, True]
    found = kept_inside(hops, layer, [section], [layer_spec()], 0.0)
    assert found.is_retracted.tolist() == [True, False, True]
    # By way of two corners of the hole, at least half a bead from it, on either side.
    spec = layer_spec()
    off = (spec.external.width_nm // 2 + spec.external.spacing_nm // 2) / MM
    low = np.hypot(3 - off, 5 + off) * 2 + 10 + 2 * off
    assert found.lengths_um()[1] / UM == pytest.approx(low, abs=0.3)


@quick
@given(seeds)
def test_moving_all_moves_the_ways(seed: int) -> None:
    case = InsideCase(seed)
    _, here = avoided(case)
    moved = InsideCase(seed)
    shift = np.array([37_000, -11_000])
    moved.sections = [translated(s, tuple((shift * UM).tolist())) for s in case.sections]
    moved.lines = case.lines._replace(xy_um=case.lines.xy_um + shift)
    _, there = avoided(moved)
    assert (here.is_retracted == there.is_retracted)[1:].all()
    assert (here.corner_offsets == there.corner_offsets).all()
    assert np.abs(there.corner_um - shift - here.corner_um).max(initial=0) <= 1


def test_lengths_of_ways_count_their_corners() -> None:
    ends = np.array([[0, 0], [3_000, 0], [5, 5]])
    hops = Hops(
        ends,
        np.array([[0, 4_000], [3_000, 0], [5, 5]]),
        np.zeros(3, bool),
        np.zeros(3, bool),
        np.array([[3_000, 0], [3_000, 4_000], [3_000, 9_000]]),
        np.array([0, 2, 3, 3]),
    )
    assert hops.lengths_um().tolist() == [3_000 + 4_000 + 3_000, 18_000, 0]
    points, owner = hops.points_um()
    assert owner.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2]
    assert points[:4].tolist() == [[0, 0], [3_000, 0], [3_000, 4_000], [0, 4_000]]


@quick
@given(seeds)
def test_a_way_around_is_taken_if_it_is_no_longer_than_allowed(seed: int) -> None:
    case = Case(seed)
    hops = case.hops()
    specs = [layer_spec()] * 3
    free = kept_inside(hops, case.layer, case.sections, specs, 0.0)
    held = kept_inside(hops, case.layer, case.sections, specs, 1.0)
    way = (hops.to_um - hops.from_um).astype(float)
    longer = free.lengths_um() - np.hypot(*way.T)
    around = hops.is_retracted & ~free.is_retracted
    assert (held.is_retracted[~around] == free.is_retracted[~around]).all()
    assert (held.is_retracted[around] == (longer[around] > 1000.0)).all()
    assert np.array_equal(
        held.lengths_um()[~held.is_retracted], free.lengths_um()[~held.is_retracted]
    )


@quick
@given(seeds)
def test_without_the_saving_every_long_way_draws_back(seed: int) -> None:
    case = Case(seed)
    always = case.hops(with_(only_when_leaving=False))
    usual = case.hops()
    is_long = usual.lengths_um() >= 1500.0
    assert (always.is_retracted >= usual.is_retracted).all()
    assert (always.is_retracted[1:-1] == (is_long | usual.is_retracted)[1:-1]).all()

"""What hangs: a T, a gate, islands, slopes; and what must not change it."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.kernels.hanging import Hanging
from printstd.kernels.overhang import Reach, hanging
from printstd.kernels.rings import EMPTY, Rings, translated
from tests.oracles.areas import MM, rectangle, rings_of

REACH = Reach(carried_nm=200_000, worth_nm=450_000, longest_span_nm=10 * MM)


def found(*sections: Rings) -> list[Hanging]:
    return hanging(list(sections), REACH)


def test_a_wall_straight_up_hangs_nowhere() -> None:
    wall = rings_of(rectangle(0, 0, 20, 20))
    assert found(wall, wall, wall) == []


def test_the_arms_of_a_t_hang_beyond_what_the_stem_carries() -> None:
    stem, bar = rings_of(rectangle(10, 0, 4, 5)), rings_of(rectangle(0, 0, 24, 5))
    left, right = found(stem, stem, bar)
    assert (left.layer, right.layer) == (2, 2)
    for arm in (left, right):
        assert arm.area_mm2 == pytest.approx((10 - 0.2) * 5, abs=1e-6)
        assert not arm.is_island
        assert arm.span_nm is None
    assert left.low_nm == (0, 0)
    assert left.high_nm == (10 * MM - 200_000, 5 * MM)


@pytest.mark.parametrize(("gap_mm", "hangs"), [(2, False), (8, False), (10.3, False), (10.5, True)])
def test_a_gate_is_bridged_up_to_the_longest_span(gap_mm: float, hangs: bool) -> None:
    posts = rings_of(rectangle(0, 0, 5, 6), rectangle(5 + gap_mm, 0, 5, 6))
    lintel = rings_of(rectangle(0, 0, 10 + gap_mm, 6))
    areas = found(posts, posts, lintel)
    assert bool(areas) == hangs
    for area in areas:
        # Carried beyond both posts.
        assert area.span_nm == pytest.approx(round((gap_mm - 0.4) * MM), abs=2_000)


def test_a_roof_held_all_around_is_a_bridge() -> None:
    from tests.oracles.areas import hole

    walls = rings_of(rectangle(0, 0, 12, 12), hole(2, 2, 8, 8))
    assert found(walls, rings_of(rectangle(0, 0, 12, 12))) == []


def test_an_island_in_the_air() -> None:
    base = rings_of(rectangle(0, 0, 5, 5))
    (island,) = found(base, rings_of(rectangle(0, 0, 5, 5), rectangle(9, 0, 3, 3)))
    assert island.is_island
    assert island.area_mm2 == pytest.approx(9)
    (all_of_it,) = found(base, EMPTY, base)
    assert all_of_it.is_island
    assert all_of_it.layer == 2


@pytest.mark.parametrize(("step_mm", "hangs"), [(0.15, False), (0.6, False), (0.7, True)])
def test_a_slope_hangs_where_a_whole_bead_has_nothing_below(step_mm: float, hangs: bool) -> None:
    low, high = rings_of(rectangle(0, 0, 9, 9)), rings_of(rectangle(0, 0, 9 + step_mm, 9))
    assert bool(found(low, high)) == hangs


@pytest.mark.parametrize("seed", range(5))
def test_where_it_lies_has_no_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = (int(v) for v in rng.integers(-90 * MM, 90 * MM, 2))
    layers = [rings_of(rectangle(10, 0, 4, 5)), rings_of(rectangle(0, 0, 24, 5))]
    here = found(*layers)
    there = found(*(translated(rings, (x, y)) for rings in layers))
    assert [a.area_mm2 for a in here] == pytest.approx([a.area_mm2 for a in there])
    assert [a.low_nm for a in there] == [(a.low_nm[0] + x, a.low_nm[1] + y) for a in here]

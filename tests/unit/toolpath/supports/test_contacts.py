"""What must be held from below, against the same question asked of another polygon library."""

from __future__ import annotations

import math

import pytest

from printstd.kernels.rings import EMPTY, Rings
from printstd.toolpath.supports.areas import SupportSpec, free_reach_nm
from printstd.toolpath.supports.contacts import contacts_of
from tests.unit.toolpath.supports.parts import SPEC, box, boxes, disc, region, spec

HEIGHT = 200_000


def contact(section: Rings, below: Rings | None, own: SupportSpec = SPEC) -> Rings:
    (found,) = contacts_of([section], [below], [HEIGHT], own)
    return found


@pytest.mark.parametrize("angle", [1.0, 35.0, 50.0, 89.0])
def test_the_reach_is_that_of_the_angle(angle: float) -> None:
    wanted = HEIGHT / math.tan(math.radians(angle + 1))
    assert free_reach_nm(spec(angle_deg=angle), HEIGHT) == pytest.approx(wanted, abs=1)


def test_without_an_angle_it_is_half_an_external_perimeter() -> None:
    assert free_reach_nm(SPEC, HEIGHT) == SPEC.external_nm // 2


def test_all_of_an_overhang_that_reaches_too_far_is_held() -> None:
    arm, stem = box(0, 0, 10, 4), box(0, 0, 4, 4)
    assert region(contact(arm, stem)).equals(region(box(4, 0, 10, 4)))


def test_what_reaches_no_further_than_it_may_is_not() -> None:
    own = spec(angle_deg=44.0, min_area_nm2=0)
    reach = free_reach_nm(own, HEIGHT) / 1e6
    assert contact(disc(5 + reach - 0.01), disc(5), own).is_empty
    ring = region(contact(disc(5 + reach + 0.2), disc(5), own))
    wanted = region(disc(5 + reach + 0.2)) - region(disc(5))
    assert ring.symmetric_difference(wanted).area < 0.01 * wanted.area


def test_nothing_is_held_on_the_bed_or_over_the_same() -> None:
    assert contact(box(0, 0, 5, 5), None).is_empty
    assert contact(box(0, 0, 5, 5), box(0, 0, 5, 5)).is_empty
    assert contact(EMPTY, box(0, 0, 5, 5)).is_empty


def test_a_bridge_is_left_alone_unless_it_is_asked_for_or_too_long() -> None:
    posts = boxes((0, 0, 3, 5), (9, 0, 12, 5))
    lintel = box(0, 0, 12, 5)
    assert contact(lintel, posts).is_empty
    gap = region(box(3, 0, 9, 5))
    assert region(contact(lintel, posts, spec(longest_bridge_nm=None))).equals(gap)
    assert region(contact(lintel, posts, spec(longest_bridge_nm=5_900_000))).equals(gap)


def test_small_overhangs_are_left_alone_and_islands_in_the_air_never() -> None:
    base = box(0, 0, 5, 5)
    own = spec(min_area_nm2=round(4e12))
    assert contact(box(0, 0, 5.7, 5), base, own).is_empty
    assert not contact(box(0, 0, 5.9, 5), base, own).is_empty
    begun = boxes((0, 0, 5, 5), (20, 0, 21, 1))
    assert region(contact(begun, base, own)).equals(region(box(20, 0, 21, 1)))
    assert region(contact(box(0, 0, 1, 1), EMPTY, own)).equals(region(box(0, 0, 1, 1)))

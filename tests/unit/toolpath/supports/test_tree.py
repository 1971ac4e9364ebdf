"""Branches: out of the part's way, held layer by layer, on the bed where they can be."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely

from printstd.kernels.nearest import of_each_other, on_border
from printstd.kernels.rings import EMPTY, Rings
from printstd.toolpath.supports.areas import Levels, SupportAreas, levels_of
from printstd.toolpath.supports.columns import columns
from printstd.toolpath.supports.contacts import contacts_of
from printstd.toolpath.supports.tree import branches
from tests.unit.toolpath.supports.parts import MM, SPEC, box, boxes, disc, region, spec

LAYER_NM = 200_000


class Case:
    """A part given by its sections, and its tree."""

    def __init__(self, sections: list[Rings], **changes: object) -> None:
        self.sections = sections
        self.spec = spec(**changes)
        self.levels: Levels = levels_of(np.full(len(sections), 200), self.spec)
        below = [None, *sections[:-1]]
        heights = [LAYER_NM] * len(sections)
        self.contacts = contacts_of(sections, below, heights, self.spec)
        self.tree: SupportAreas = branches(self.contacts, sections, self.levels, self.spec)

    def whole(self, layer: int) -> shapely.Geometry:
        return region(self.tree.body[layer]) | region(self.tree.interface[layer])


def tee() -> list[Rings]:
    return [box(-4, -8, 4, 8)] * 100 + [box(-16, -8, 16, 8)] * 6


def ball() -> list[Rings]:
    z = np.arange(100) * 0.2 + 0.1
    return [disc(float(np.sqrt(100.5 - (z_mm - 10) ** 2)) if z_mm < 20 else 1.0) for z_mm in z]


def over_a_foot() -> list[Rings]:
    """A plate, half over the bed and half over a block that it could only stand on."""
    low = [boxes((-4, -8, 0, 8), (4, -30, 60, 30))] * 30
    return low + [box(-4, -8, 0, 8)] * 60 + [box(-20, -8, 40, 8)] * 4


PARTS = {"tee": tee, "ball": ball, "over a foot": over_a_foot}


@cache
def case(name: str) -> Case:
    return Case(PARTS[name]())


@pytest.mark.parametrize("name", PARTS)
def test_nothing_is_laid_into_the_gap_around_the_part(name: str) -> None:
    one = case(name)
    grown = {id(s): region(s).buffer(0.27, join_style="mitre") for s in one.sections}
    for layer in range(len(one.sections)):
        around = range(int(one.levels.low[layer]), int(one.levels.high[layer]) + 1)
        mine = one.whole(layer)
        for other in around:
            assert shapely.intersection(mine, grown[id(one.sections[other])]).area < 1e-5


@pytest.mark.parametrize("name", PARTS)
def test_every_layer_stands_on_the_one_below(name: str) -> None:
    """A branch goes no further to the side than it may lean, and grows as it may; an interface
    spans from tip to tip; columns stand on what is under them."""
    one = case(name)
    lean = 0.2 * 0.8391 * 1.5 + 0.2 * 0.0875 + 0.01
    tip_reach = 0.75 * np.sqrt(2) + 0.01
    for layer in range(1, len(one.sections)):
        under = one.whole(layer - 1) | region(one.sections[max(layer - 2, 0)])
        body = region(one.tree.body[layer])
        islands = shapely.get_parts(body)
        loose = shapely.area(shapely.difference(islands, under.buffer(lean, quad_segs=3)))
        # Cut by the gap beside the part, a disc stands on what is left of the one below.
        assert (loose < 0.02 * shapely.area(islands) + 1e-3).all()
        dense = region(one.tree.interface[layer])
        if not dense.is_empty:
            assert shapely.difference(dense, under.buffer(tip_reach)).area < 1e-3


@pytest.mark.parametrize("name", PARTS)
def test_what_hangs_is_held_no_further_apart_than_tips(name: str) -> None:
    one = case(name)
    for contact, rests_on in zip(one.contacts, one.levels.rests_on.tolist(), strict=True):
        if rests_on < 0 or contact.is_empty:
            continue
        held = one.whole(rests_on)
        # The gap beside the part stays, and half a tip.
        reach = 0.27 + 0.4 + 0.75 * np.sqrt(2)
        bare = shapely.difference(region(contact), held.buffer(reach))
        assert bare.area < 1e-3


def test_branches_join() -> None:
    one = case("tee")
    at_bed = len(shapely.get_parts(region(one.tree.body[0])))
    at_top = len(shapely.get_parts(region(one.tree.body[95])))
    assert 2 <= at_bed <= 4
    assert at_top > 10 * at_bed
    laid = sum(one.whole(layer).area for layer in range(100))
    straight = columns(one.contacts, one.sections, one.levels, one.spec)
    assert laid < 0.25 * sum(region(area).area for area in straight.body)


def test_what_no_branch_reaches_stands_on_the_part() -> None:
    one = case("over a foot")
    on_foot = shapely.box(18, -7, 39, 7)
    assert (one.whole(40) & on_foot).area > 0.5 * on_foot.area
    only_bed = Case(over_a_foot(), on_build_plate_only=True)
    assert all((only_bed.whole(layer) & on_foot).area < 1e-6 for layer in range(31, 60))
    # What lies beside the block is held all the same.
    assert only_bed.whole(20).area > 1.0


def test_without_overhangs_there_is_no_tree() -> None:
    one = Case([box(0, 0, 10, 10)] * 20)
    assert all(area is EMPTY for area in (*one.tree.body, *one.tree.interface))


def test_nearest_places_are_those_of_brute_force() -> None:
    rng = np.random.default_rng(3)
    points = rng.integers(-20 * MM, 20 * MM, (60, 2))
    ring = boxes((-9, -9, 9, 9), (12, 3, 15, 14))
    place, away = on_border(ring, points)
    border = region(ring).boundary
    for point, found, far in zip(points, place, away, strict=True):
        exact = border.distance(shapely.Point(point / MM))
        assert abs(far / MM - exact) < 1e-6
        assert border.distance(shapely.Point(found / MM)) < 2e-6
    nearest, apart = of_each_other(points)
    between = np.hypot(*(points[:, None] - points[None]).astype(float).transpose(2, 0, 1))
    np.fill_diagonal(between, np.inf)
    assert (nearest == between.argmin(axis=1)).all()
    assert np.allclose(apart, between.min(axis=1))
    alone, far = of_each_other(points[:1])
    assert (alone.tolist(), far.tolist()) == ([-1], [np.inf])
    assert SPEC.tree.trunk_radius_nm == 3_000_000

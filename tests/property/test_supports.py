"""Columns on random parts, held against another polygon library: where they may not be, what they
stand on, and that whatever must be held is.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.rings import EMPTY, Rings
from printstd.profiles.supports import SupportStyle
from printstd.toolpath.supports.areas import Levels, SupportAreas, SupportSpec, levels_of
from printstd.toolpath.supports.columns import columns
from printstd.toolpath.supports.contacts import contacts_of
from tests.unit.toolpath.supports.parts import box, disc, region, spec

quick = settings(max_examples=30, deadline=None, derandomize=True)
seeds = st.integers(0, 2**31)
SPECK_MM2 = 1e-4
"""What roundings to nm, along some hundred millimetres of outline, and mitres cut differently add
up to."""
STRAY_MM = 0.05
"""A tenth of a support's line: outlines of snug columns are simplified on every layer, and what
stands on nothing is no wider."""
styles = pytest.mark.parametrize("style", [SupportStyle.GRID, SupportStyle.SNUG])


def part(seed: int) -> list[Rings]:
    """Sections of random blocks and discs in a box of 20 mm, each over some of the layers."""
    rng = np.random.default_rng(seed)
    n_layers = int(rng.integers(6, 24))
    stack: list[list[Rings]] = [[box(0, 0, 3, 3)] for _ in range(n_layers)]
    for _ in range(int(rng.integers(2, 7))):
        x, y = rng.uniform(0, 15, 2).tolist()
        if rng.random() < 0.6:
            w, d = rng.uniform(1, 9, 2).tolist()
            shape = box(x, y, x + w, y + d)
        else:
            round_ = disc(float(rng.uniform(1, 4)), 24)
            shape = Rings(round_.xy_nm + np.rint([x * 1e6, y * 1e6]).astype(int), round_.offsets)
        low = int(rng.integers(0, n_layers))
        for layer in range(low, int(rng.integers(low, n_layers)) + 1):
            stack[layer].append(shape)
    return [clip.union(shapes) for shapes in stack]


class Found:
    def __init__(self, seed: int, own: SupportSpec) -> None:
        rng = np.random.default_rng(seed)
        self.spec = own
        self.sections = part(seed)
        heights = np.full(len(self.sections), 200, np.int64)
        heights[0] = int(rng.choice([150, 200, 300]))
        self.levels: Levels = levels_of(heights, own)
        below: list[Rings | None] = [None, *self.sections[:-1]]
        self.contacts = contacts_of(self.sections, below, (heights * 1000).tolist(), own)
        self.areas: SupportAreas = columns(self.contacts, self.sections, self.levels, own)

    def whole(self, layer: int) -> shapely.Geometry:
        return region(self.areas.body[layer]) | region(self.areas.interface[layer])

    def gap(self, layers: range) -> shapely.Geometry:
        """Sections grown by the gap."""
        grown = [
            region(self.sections[k]).buffer(self.spec.xy_gap_nm / 1e6, join_style="mitre")
            for k in layers
            if not self.sections[k].is_empty
        ]
        return shapely.union_all(grown) if grown else shapely.Polygon()


def asked(rng: np.random.Generator, style: SupportStyle, **more: object) -> SupportSpec:
    return spec(
        style=style,
        xy_gap_nm=int(rng.choice([0, 270_000, 500_000])),
        top_distance_nm=int(rng.choice([0, 200_000, 250_000])),
        bottom_distance_nm=int(rng.choice([0, 200_000, 500_000])),
        top_interface_layers=int(rng.integers(0, 4)),
        bottom_interface_layers=int(rng.integers(0, 3)),
        **more,
    )


@styles
@quick
@given(seeds)
def test_no_support_comes_nearer_to_the_part_than_its_gaps(style: SupportStyle, seed: int) -> None:
    """On its own layer, and on all within the contact distances above and below."""
    found = Found(seed, asked(np.random.default_rng(seed), style))
    top, bottom = found.levels.top_nm, found.levels.bottom_nm
    for layer in range(len(found.sections)):
        support = found.whole(layer)
        if support.is_empty:
            continue
        near = [
            k
            for k in range(len(found.sections))
            if bottom[k] < top[layer] + found.spec.top_distance_nm
            and top[k] > bottom[layer] - found.spec.bottom_distance_nm
        ]
        assert {layer} <= set(near)
        for k in near:
            assert support.intersection(found.gap(range(k, k + 1))).area < SPECK_MM2
        body, dense = (region(areas[layer]) for areas in found.areas)
        assert body.intersection(dense).area < SPECK_MM2


@styles
@quick
@given(seeds)
def test_every_column_stands_on_the_bed_on_itself_or_on_the_part(
    style: SupportStyle, seed: int
) -> None:
    found = Found(seed, asked(np.random.default_rng(seed), style))
    for layer in range(1, len(found.sections)):
        over = found.whole(layer) - found.whole(layer - 1)
        lands_on = found.gap(range(int(found.levels.low[layer - 1]), layer))
        assert (over - lands_on).buffer(-STRAY_MM / 2).area < SPECK_MM2


@styles
@quick
@given(seeds)
def test_all_that_must_be_held_is_where_there_is_room(style: SupportStyle, seed: int) -> None:
    found = Found(seed, asked(np.random.default_rng(seed), style))
    for layer, contact in enumerate(found.contacts):
        at = int(found.levels.rests_on[layer])
        if contact.is_empty or at < 0:
            continue
        room = found.gap(range(int(found.levels.low[at]), int(found.levels.high[at]) + 1))
        assert (region(contact) - room - found.whole(at)).area < SPECK_MM2


@styles
@quick
@given(seeds)
def test_on_the_build_plate_only_nothing_stands_on_the_part(style: SupportStyle, seed: int) -> None:
    found = Found(seed, asked(np.random.default_rng(seed), style, on_build_plate_only=True))
    for layer in range(1, len(found.sections)):
        support = found.whole(layer)
        assert support.intersection(found.gap(range(layer))).area < SPECK_MM2
        over = support - found.whole(layer - 1)
        assert over.buffer(-STRAY_MM / 2).area < SPECK_MM2


@quick
@given(seeds)
def test_interfaces_are_as_many_layers_as_asked_for(seed: int) -> None:
    """Under every contact so many layers of the column are dense; none is without a reason."""
    own = asked(np.random.default_rng(seed), SupportStyle.SNUG)
    found = Found(seed, own)
    count, half = own.top_interface_layers, own.width_nm / 1e6
    for layer in range(len(found.sections)):
        tops = [
            region(contact)
            for contact, at in zip(found.contacts, found.levels.rests_on, strict=True)
            if layer <= at < layer + count and not contact.is_empty
        ]
        wanted = shapely.union_all(tops) if tops else shapely.Polygon()
        dense = region(found.areas.interface[layer])
        assert (wanted & found.whole(layer) - dense).area < SPECK_MM2
        if not tops and not own.bottom_interface_layers:
            assert dense.is_empty
        elif not own.bottom_interface_layers:
            reach = own.closing_nm / 1e6 + own.xy_gap_nm / 1e6 + half
            assert (dense - wanted.buffer(3 * reach)).area < SPECK_MM2


def test_layers_that_rest_are_counted_in_whole_ones() -> None:
    """0.2 mm layers on a first of 0.3; 0.25 mm left free are two layers, 0 none."""
    heights = np.array([300, 200, 200, 200, 200])
    for top_um, wanted in (
        (0, [-1, 0, 1, 2, 3]),
        (200, [-1, -1, 0, 1, 2]),
        (250, [-1, -1, -1, 0, 1]),
    ):
        found = levels_of(heights, spec(top_distance_nm=top_um * 1000))
        assert found.rests_on.tolist() == wanted
    found = levels_of(heights, spec(top_distance_nm=0, bottom_distance_nm=0))
    assert found.low.tolist() == found.high.tolist() == [0, 1, 2, 3, 4]
    found = levels_of(heights, spec(top_distance_nm=250_000, bottom_distance_nm=200_000))
    assert found.low.tolist() == [0, 0, 1, 2, 3]
    assert found.high.tolist() == [2, 3, 4, 4, 4]


def test_nothing_is_asked_for_and_nothing_is_made() -> None:
    sections = [box(0, 0, 5, 5)] * 4
    levels = levels_of(np.full(4, 200), spec())
    areas = columns([EMPTY] * 4, sections, levels, spec())
    assert all(area.is_empty for area in (*areas.body, *areas.interface))

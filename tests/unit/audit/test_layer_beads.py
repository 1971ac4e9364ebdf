"""What beads leave bare, asked edge by edge and by union, against the union of all of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from printstd.audit.beads import Beads
from printstd.audit.layer_beads import Laid, LayerBeads, distances, layer_beads
from printstd.audit.scan import tape_over, united
from printstd.audit.sheet import Sheet
from printstd.audit.tapes import tapes_over
from printstd.audit.tracing import Border, Wider, trace, traces, traces_under

quick = settings(max_examples=60, deadline=None, derandomize=True)
COLUMNS = ("start_um", "end_um", "width_um")
points = st.tuples(st.integers(0, 6_000), st.integers(0, 6_000))
paths = st.lists(
    st.tuples(st.lists(points, min_size=2, max_size=8), st.sampled_from([300.0, 450.0, 1_400.0])),
    min_size=1,
    max_size=6,
)


def beads_of(found: list[tuple[list[tuple[int, int]], float]]) -> Beads:
    """Beads of one layer: each path a chain of one width."""
    start, end, width, chain = [], [], [], []
    for number, (path, wide) in enumerate(found):
        for a, b in pairwise(path):
            if a != b:
                start.append(a)
                end.append(b)
                width.append(wide)
                chain.append(number)
    s, e = np.array(start, float).reshape(-1, 2), np.array(end, float).reshape(-1, 2)
    n = len(s)
    w, order = np.array(width), np.arange(n)
    return Beads(
        start_um=s,
        end_um=e,
        middle_um=(s + e) / 2,
        width_um=w,
        thread_um=w,
        area_um2=w * 200,
        length_um=np.hypot(*(e - s).T) if n else np.zeros(0),
        z_um=np.full(n, 200.0),
        line=order,
        seq=order,
        chain=np.array(chain, np.int64),
        layer_offsets=np.array([0, n], np.int64),
    )


def layer_of(beads: Beads, core: shapely.Polygon) -> LayerBeads:
    return layer_beads([laid_of(beads, core)])[0]


def laid_of(beads: Beads, core: shapely.Polygon) -> Laid:
    return Laid(beads, np.zeros(len(beads.line), bool), core, 0.0, beads.width_um, 200.0)


def union_of(beads: Beads) -> shapely.Polygon:
    lines = shapely.linestrings(np.stack([beads.start_um, beads.end_um], axis=1))
    return shapely.union_all(shapely.buffer(lines, beads.width_um / 2, quad_segs=64))


@quick
@given(paths, st.integers(500, 2_500))
def test_a_trace_leaves_bare_what_the_union_does(
    found: list[tuple[list[tuple[int, int]], float]], depth: int
) -> None:
    """Whatever counts as the edge, and whichever beads lie further in."""
    beads = beads_of(found)
    ring = shapely.difference(
        shapely.box(500, 500, 5_500, 5_000), shapely.Point(3_000, 3_000).buffer(900)
    )
    own = layer_of(beads, shapely.buffer(shapely.box(0, 0, 6_000, 6_000), -depth))
    traced = trace(own, ring, beads.width_um)
    wanted = shapely.boundary(ring)
    if len(beads.line):
        wanted = shapely.difference(wanted, union_of(beads))
    assert traced.length_um.sum() == pytest.approx(ring.length)
    assert traced.bare_um == pytest.approx(wanted.length, abs=0.005 * ring.length)
    lines = traced.bare_lines(0.0)
    assert shapely.length(lines).sum() == pytest.approx(traced.bare_um, abs=1e-6)
    for line in lines:
        assert shapely.hausdorff_distance(line, shapely.boundary(ring)) < ring.length
        assert shapely.dwithin(shapely.boundary(ring), line, 1e-6)


def test_bare_stretches_join_across_corners_and_where_rings_start() -> None:
    """A square of which one bead covers the top: the other three sides are one stretch."""
    beads = beads_of([([(0, 5_000), (5_000, 5_000)], 450.0)])
    square = shapely.box(0, 0, 5_000, 5_000)
    for turned in range(4):
        ring = shapely.get_coordinates(square)[:-1]
        own = layer_of(beads, shapely.Polygon())
        border = shapely.Polygon(np.roll(ring, turned, axis=0))
        lines = trace(own, border, beads.width_um).bare_lines(1_000)
        assert len(lines) == 1
        assert lines[0].length == pytest.approx(15_000 - 2 * 225)


@quick
@given(paths, st.integers(0, 3_000))
def test_bare_areas_are_those_of_the_union(
    found: list[tuple[list[tuple[int, int]], float]], depth: int
) -> None:
    beads = beads_of(found)
    own = layer_of(beads, shapely.buffer(shapely.box(0, 0, 6_000, 6_000), -depth))
    asked = shapely.union(shapely.box(0, 0, 2_000, 6_000), shapely.box(4_000, 0, 5_000, 900))
    wanted = shapely.difference(asked, union_of(beads)) if len(beads.line) else asked
    assert own.bare(asked, beads.width_um).area == pytest.approx(wanted.area, rel=1e-2, abs=2e4)


@quick
@given(st.lists(st.tuples(points, points, points), min_size=1, max_size=20))
def test_distances_are_those_of_geos(
    rows: list[tuple[tuple[int, int], tuple[int, int], tuple[int, int]]],
) -> None:
    point, start, end = (np.array(column, float) for column in zip(*rows, strict=True))
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    wanted: NDArray[np.float64] = shapely.distance(shapely.points(point), lines)
    assert distances(point, start, end) == pytest.approx(wanted, abs=1e-6)


@quick
@given(paths, st.integers(500, 2_500), st.integers(0, 60))
def test_what_is_bare_under_wider_beads_is_bare_under_narrow_ones_and_found_among_it(
    found: list[tuple[list[tuple[int, int]], float]], depth: int, more: int
) -> None:
    """A trace asked again about wider beads says what a new one of them does."""
    beads = beads_of(found)
    ring = shapely.box(500, 500, 5_500, 5_000)
    own = layer_of(beads, shapely.buffer(shapely.box(0, 0, 6_000, 6_000), -depth))
    before = Wider(trace(own, ring, beads.width_um), more_um=more / 2)
    (again,) = traces_under(Sheet([own]), [before], beads.width_um * 1.05)
    anew = trace(own, ring, beads.width_um * 1.05 + more)
    assert again.bare_um == pytest.approx(anew.bare_um, abs=0.1)
    wanted, got = (
        shapely.union_all(one.bare_lines(1.0) or [shapely.Point()]) for one in (anew, again)
    )
    assert shapely.symmetric_difference(wanted, got).length < 0.1


@quick
@given(paths, st.integers(100, 400))
def test_where_no_line_tells_of_a_hole_no_disc_fits(
    found: list[tuple[list[tuple[int, int]], float]], radius: int
) -> None:
    """May say so of what has none, and never the other way round."""
    beads = beads_of(found)
    region = shapely.box(1_000, 1_000, 4_500, 3_000)
    own = layer_of(beads, shapely.box(0, 0, 1, 1))
    bare = shapely.difference(region, union_of(beads)) if len(beads.line) else region
    around = own.where_holes_may_be(region, beads.width_um, float(radius))
    if around.is_empty:
        assert shapely.buffer(bare, -(radius + 1)).is_empty
        return
    # What is found there is all that there is.
    whole, part = (
        shapely.buffer(own.bare(one, beads.width_um), -radius, quad_segs=2)
        for one in (region, around)
    )
    assert shapely.symmetric_difference(whole, part).area < 1.0


def test_a_hole_is_told_of() -> None:
    lines = [([(0, y), (6_000, y)], 450.0) for y in range(0, 6_000, 430)]
    region, radius = shapely.box(1_000, 1_000, 4_500, 3_000), 150.0
    own = layer_of(beads_of(lines), shapely.box(0, 0, 1, 1))
    assert own.where_holes_may_be(region, own.beads.width_um, radius).is_empty
    del lines[4]
    own = layer_of(beads_of(lines), shapely.box(0, 0, 1, 1))
    assert not own.where_holes_may_be(region, own.beads.width_um, radius).is_empty


@quick
@given(st.lists(paths, min_size=2, max_size=4), st.integers(500, 2_500))
def test_what_a_layer_leaves_bare_does_not_depend_on_those_asked_with_it(
    layers: list[list[tuple[list[tuple[int, int]], float]]], depth: int
) -> None:
    """To the last bit: a layer's figures must not change with how many workers share the work."""
    core = shapely.buffer(shapely.box(0, 0, 6_000, 6_000), -depth)
    ring = shapely.box(500, 500, 5_500, 5_000).difference(shapely.box(2_000, 2_000, 3_000, 3_001))
    owns = layer_beads([laid_of(beads_of(found), core) for found in layers])
    sheet = Sheet(owns)
    borders = [Border(ring, at) for at in range(len(owns))]
    together = traces(sheet, borders, sheet.width_um)
    wider = [Wider(one, at, 7.0) for at, one in enumerate(together)]
    again = traces_under(sheet, wider, sheet.width_um * 1.05)
    for own, one, more in zip(owns, together, again, strict=True):
        alone = trace(own, ring, own.beads.width_um)
        (under,) = traces_under(Sheet([own]), [Wider(alone, 0, 7.0)], own.beads.width_um * 1.05)
        for found, wanted in ((one, alone), (more, under)):
            assert found.bare_edge.tolist() == wanted.bare_edge.tolist()
            assert found.bare_from.tolist() == wanted.bare_from.tolist()
            assert found.bare_to.tolist() == wanted.bare_to.tolist()


@quick
@given(st.lists(paths, min_size=2, max_size=4))
def test_lengths_on_tapes_are_those_of_each_layer_alone(
    layers: list[list[tuple[list[tuple[int, int]], float]]],
) -> None:
    found = [beads for beads in map(beads_of, layers) if len(beads.line)]
    if not found:
        return
    low, high = np.tile([0.0, 0.0], (len(found), 1)), np.tile([6e3, 6e3], (len(found), 1))
    pitch = np.linspace(100.0, 170.0, len(found))
    tapes = tapes_over(low, high, pitch)
    columns = [np.concatenate([getattr(one, name) for one in found]) for name in COLUMNS]
    layer = np.repeat(np.arange(len(found)), [len(one.line) for one in found])
    lengths = tapes.lengths_um(united(tapes.of_beads(*columns[:2], columns[2] / 2, layer)))
    for at, one in enumerate(found):
        alone = tapes_over(low[at : at + 1], high[at : at + 1], pitch[at : at + 1])
        half, nought = one.width_um / 2, np.zeros(len(one.line), np.int64)
        own = alone.of_beads(one.start_um, one.end_um, half, nought)
        assert alone.lengths_um(united(own)) == lengths[at]
        first, last = united(
            tape_over((0.0, 0.0, 6e3, 6e3), float(pitch[at])).of_beads(
                one.start_um, one.end_um, half
            )
        )
        assert lengths[at] == pytest.approx((last - first).sum(), abs=0.01)

"""Bare strips between lines and border: where they get a path, and how far it goes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.rings import Rings
from printstd.kernels.strips import bare_strips
from printstd.kernels.zigzag import Paths
from tests.oracles.areas import MM, area_of, holed, rings_of
from tests.oracles.effort import few
from tests.unit.kernels.test_zigzag import Joined, joined

quick = few(25)
STEP_MM = 0.4


def strips(found: Joined, ratio: float = 0.5, step_mm: float = STEP_MM) -> Paths:
    spacing = np.full(found.area.n_rings, round(step_mm * MM))
    chains = found.chains(is_swept=True)
    return bare_strips(
        found.at, found.pieces, found.upper, found.lower, found.joins, chains, spacing, ratio
    )


def laid(found: Joined) -> shapely.Geometry:
    paths = found.paths(found.chains(is_swept=True), 0, 0)
    borders = zip(paths.offsets[:-1], paths.offsets[1:], strict=True)
    return shapely.MultiLineString([paths.xy_nm[a:b] / MM for a, b in borders])


def lines_mm(paths: Paths) -> list[shapely.LineString]:
    borders = zip(paths.offsets[:-1], paths.offsets[1:], strict=True)
    return [shapely.LineString(paths.xy_nm[a:b] / MM) for a, b in borders]


def stepped(gap_mm: float, depth_mm: float = 3.0) -> Rings:
    """A long side `gap_mm` under the last line that it has, and a foot that goes on below it."""
    low = 0.012345 - gap_mm
    return rings_of([(0, low), (20, low), (20, -depth_mm), (24, -depth_mm), (24, 5), (0, 5)])


@pytest.mark.parametrize("gap_mm", [0.05, 0.15, 0.25, 0.35, 0.39])
def test_a_strip_is_followed_where_it_is_wide_enough(gap_mm: float) -> None:
    """Whichever side the zigzag turns on: the strip along the long side is bare, or it is not."""
    found = joined(stepped(gap_mm), 0.0, STEP_MM)
    side = shapely.LineString([(0, 0.012345 - gap_mm), (20, 0.012345 - gap_mm)])
    covered = laid(found).buffer(1e-4).intersection(side).length > 15
    paths = lines_mm(strips(found))
    assert len(paths) == (0 if covered or gap_mm < 0.2 else 1)
    for path in paths:
        assert path.hausdorff_distance(side) < 1.0
        assert path.distance(side) < 1e-5


@quick
@given(st.integers(0, 2**31), st.sampled_from([0.3, 0.5, 0.8]))
def test_strips_run_along_the_border_beside_nothing(seed: int, ratio: float) -> None:
    found = joined(holed(seed), 45.0, STEP_MM)
    border = area_of(found.area).boundary.buffer(3e-6)
    others = laid(found)
    for path in lines_mm(strips(found, ratio)):
        assert border.covers(path)
        assert path.length >= 2 * STEP_MM - 1e-6
        # Looked at twice in a spacing: between samples a strip may be a little narrower.
        points = shapely.line_interpolate_point(path, np.arange(0.0, path.length, STEP_MM / 2))
        near = shapely.distance(points, others)
        assert near.min() > ratio * STEP_MM - STEP_MM / 4
        assert np.median(near) > ratio * STEP_MM - 1e-6


def test_no_strip_where_none_is_asked_for() -> None:
    found = joined(stepped(0.35), 0.0, STEP_MM)
    assert not len(strips(found, step_mm=0.0).piece)


@quick
@given(st.integers(0, 2**31))
def test_nothing_wide_stays_between_lines_and_border(seed: int) -> None:
    """Along every way from line to line that no turn and no strip covers the border lies within
    ratio and a sample of what is laid, or on for less than two spacings."""
    found = joined(holed(seed), 45.0, STEP_MM)
    ratio = 0.5
    everything = shapely.union_all([laid(found), *lines_mm(strips(found, ratio))])
    place = found.at.place_nm[found.crossings.edge] + found.crossings.run_nm
    line, following = found.crossings.line, found.at.following
    ring = found.at.ring
    for c in np.flatnonzero(line[following] != line).tolist():
        whole = shapely.LinearRing(found.area.ring(int(ring[c])) / MM)
        way = (place[following[c]] - place[c]) % found.at.round_nm[ring[c]] / MM
        steps = (place[c] / MM + np.arange(0, way, 0.02)) % whole.length
        bare = shapely.distance(shapely.line_interpolate_point(whole, steps), everything)
        wide = np.diff(np.flatnonzero(np.diff(np.r_[0, bare > ratio * STEP_MM + 1e-3, 0])))[::2]
        assert (wide * 0.02).max(initial=0.0) < 3 * STEP_MM

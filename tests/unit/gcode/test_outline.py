"""Outlines of objects against shapely's convex hull, and what Klipper is given of them."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.gcode.outline import FINEST_UM, hull, outline_of
from tests.toolpaths import Pen, solid_block
from tests.unit.gcode.writing import lines_of, resolved_for, written

quick = settings(max_examples=200, deadline=None, derandomize=True)
PLACES = st.lists(
    st.tuples(st.integers(-300, 300), st.integers(-300, 300))
    | st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    min_size=1,
    max_size=60,
)


def turns(corners: np.ndarray) -> np.ndarray:
    """Cross product at each corner."""
    before, after = np.roll(corners, 1, 0), np.roll(corners, -1, 0)
    a, b = corners - before, after - corners
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


@given(PLACES)
@quick
def test_the_hull_is_the_convex_hull_and_has_no_corner_too_many(places) -> None:
    found = hull(np.array(places, np.int64))
    expected = shapely.convex_hull(shapely.MultiPoint(places))
    assert {tuple(c) for c in found.tolist()} <= set(places)
    if expected.area == 0:
        assert {tuple(c) for c in found.tolist()} == {
            tuple(map(int, c)) for c in shapely.get_coordinates(expected).tolist()
        }
        return
    assert (turns(found) > 0).all()
    assert shapely.Polygon(found).equals(expected)
    assert tuple(found[0].tolist()) == min(places)


def test_a_hull_of_many_points_is_exact() -> None:
    rng = np.random.default_rng(11)
    places = np.rint(rng.normal(0, 40_000, (100_000, 2))).astype(np.int64)
    found = hull(places)
    assert shapely.Polygon(found).equals(shapely.convex_hull(shapely.MultiPoint(places)))


def wheel(n: int, radius_um: int) -> Pen:
    """A round wall of n beads about the middle of the bed."""
    turn = 2 * np.pi * np.arange(n + 1) / n
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * radius_um + 110_000
    places = [(round(x), round(y)) for x, y in ring.tolist()]
    pen = Pen()
    pen.go(places[0], z_um=200, object_id=0)
    for place in places[1:]:
        pen.lay(place, 1_500, Role.EXTERNAL_PERIMETER, 450_000)
    return pen


@given(st.integers(3, 400), st.sampled_from([500, 9_000, 60_000]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_outline_holds_every_bead_and_little_more(n: int, radius_um: int) -> None:
    toolpath = wheel(n, radius_um).toolpath()
    outline = shapely.Polygon(outline_of(toolpath, 0))
    beads = shapely.LineString(toolpath.xy_um.tolist()).buffer(225)
    assert outline.is_valid
    assert outline.exterior.is_ccw
    assert outline.buffer(FINEST_UM + 1).covers(beads)
    # Corners of half a bead's square stand out by 0.42 of it at most.
    assert beads.convex_hull.buffer(225 * 0.42 + FINEST_UM).covers(outline)


def test_the_start_of_a_bead_counts_and_travel_does_not() -> None:
    pen = Pen(start_xy_um=(10_000, 20_000), start_z_um=200)
    pen.lay((30_000, 20_000), 1_500, Role.PERIMETER, 450_000, object_id=0)
    pen.go((90_000, 90_000))
    pen.go((35_000, 40_000))
    pen.lay((20_000, 40_000), 1_500, Role.PERIMETER, 450_000)
    low_high = [
        [int(v) for v in f(outline_of(pen.toolpath(), 0), axis=0)] for f in (np.min, np.max)
    ]
    assert low_high == [[10_000 - 225, 20_000 - 225], [35_000 + 225, 40_000 + 225]]


def test_klippers_definition_is_its_outline_in_a_line_of_its_own() -> None:
    """A wheel of 2000 beads has more corners than fit: a coarser outline stands for it."""
    for pen in (wheel(2_000, 100_000), solid_block(Pen(), n_layers=1)):
        toolpath = pen.toolpath()
        lines = lines_of(written(toolpath, resolved_for("voron-2.4-350")))
        (define,) = [line for line in lines if line.startswith("EXCLUDE_OBJECT_DEFINE")]
        assert len(define) <= 1024
        keys = dict(word.split("=") for word in define.split(" ")[1:])
        polygon = np.array(json.loads(keys["POLYGON"]))
        exact = shapely.Polygon(outline_of(toolpath, 0) / 1_000)
        assert shapely.Polygon(polygon).hausdorff_distance(exact) < 0.5
        x, y = map(float, keys["CENTER"].split(","))
        assert (abs(np.array([x, y]) - 110) < 0.3).all()
        (info,) = [line for line in lines if line.startswith("; objects_info = ")]
        (row,) = json.loads(info.partition(" = ")[2])["objects"]
        np.testing.assert_allclose(row["polygon"], outline_of(toolpath, 0) / 1_000, atol=1e-9)


def test_corners_run_once_round() -> None:
    corners = outline_of(wheel(90, 20_000).toolpath(), 0)
    angles = np.arctan2(*(corners - 110_000).T[::-1])
    rises = sum(b > a for a, b in pairwise([*angles, angles[0]]))
    assert rises == len(corners) - 1

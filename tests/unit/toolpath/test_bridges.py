"""Bridges: the way their threads run, what they are held by, and how thick they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.kernels import clip
from printstd.kernels.rings import EMPTY, Rings, concat
from printstd.kernels.turns import direction
from printstd.toolpath.bridges import THREAD_GAP_NM, bridge_direction, gaps, thread
from printstd.toolpath.infill.jobs import Pitch
from printstd.toolpath.infill.plan import fill_layer
from printstd.toolpath.paths import PathSet
from printstd.toolpath.surfaces import NO_SURFACES
from tests.layer_specs import layer_spec
from tests.oracles.areas import (
    MM,
    area_of,
    hole,
    lengths_mm,
    lines_of,
    rectangle,
    rings_of,
    volume_mm2,
)
from tests.oracles.effort import few

PITCH = 450_000


def angle(gap: Rings, below: Rings | None) -> float:
    """Degrees, 0 to 180."""
    along = bridge_direction(gap, below, PITCH)
    assert along is not None
    return math.degrees(math.atan2(along[1], along[0])) % 180.0


def turned(outline: list[list[float]], angle_deg: float) -> list[list[float]]:
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return (np.array(outline) @ np.array([[c, s], [-s, c]])).tolist()


def apart(a: float, b: float) -> float:
    """Between directions, which have no front."""
    return abs((a - b + 90.0) % 180.0 - 90.0)


@pytest.mark.parametrize("tilt_deg", [0.0, 30.0, 45.0, 83.0, 122.5])
@pytest.mark.parametrize(("span", "width"), [(20, 6), (6, 20), (10, 10), (12, 2)])
def test_a_gap_between_two_piers_is_spanned_straight(
    tilt_deg: float, span: int, width: int
) -> None:
    gap = rings_of(turned(rectangle(0, 0, span, width), tilt_deg))
    piers = [rectangle(-5, -1, 5, width + 2), rectangle(span, -1, 5, width + 2)]
    below = rings_of(*(turned(pier, tilt_deg) for pier in piers))
    # Within a step of the tried directions, or the edge itself: no thread is longer by 0.4 %.
    assert apart(angle(gap, below), tilt_deg) < 0.01


def test_held_all_around_it_goes_the_short_way() -> None:
    gap = rings_of(rectangle(0, 0, 30, 8))
    assert apart(angle(gap, None), 90.0) < 0.01
    below = rings_of(rectangle(-5, -5, 40, 18), hole(0, 0, 30, 8))
    assert apart(angle(gap, below), 90.0) < 0.01


def test_held_on_one_side_threads_point_away_from_it() -> None:
    gap = rings_of(rectangle(0, 0, 6, 20))
    below = rings_of(rectangle(-8, -5, 8, 30))
    assert apart(angle(gap, below), 0.0) < 0.01


def test_around_a_corner_as_many_threads_as_can_be_are_held() -> None:
    """An L over an inner corner, held along both legs' inner sides: each thread runs from one
    leg's outline to the other's."""
    gap = rings_of([(0, 0), (12, 0), (12, 5), (5, 5), (5, 12), (0, 12)])
    below = rings_of([(5, 5), (20, 5), (20, 20), (5, 20)])
    found = bridge_direction(gap, below, PITCH)
    assert found is not None
    best = min(range(0, 180, 5), key=lambda a: loose_mm(gap, below, direction(a), PITCH))
    limit = loose_mm(gap, below, direction(best), PITCH)
    assert loose_mm(gap, below, found, PITCH) <= limit + 1.0


def loose_mm(gap: Rings, below: Rings, along: tuple[int, int], pitch_nm: int) -> float:
    """Length of threads not held at both ends, by shapely: 0.3 mm beyond an end something lies."""
    area, ground = area_of(gap), area_of(below)
    c, s = np.array(along) / math.hypot(*along)
    v = shapely.get_coordinates(area) @ np.array([-s, c])
    n = int((v.max() - v.min()) * MM / pitch_nm)
    first = (v.min() + v.max()) / 2 - n * pitch_nm / MM / 2
    loose = 0.0
    for i in range(n + 1):
        at = first + i * pitch_nm / MM
        line = shapely.LineString(
            [(-99 * c - at * s, -99 * s + at * c), (99 * c - at * s, 99 * s + at * c)]
        )
        for piece in shapely.get_parts(shapely.intersection(line, area)):
            if piece.length < 1e-9:
                continue
            ends = np.array(piece.coords)[[0, -1]]
            out = np.array([[-c, -s], [c, s]]) * 0.3
            held = sum(
                ground.covers(shapely.Point(end + o)) for end, o in zip(ends, out, strict=True)
            )
            loose += piece.length * (held < 2)
    return loose


@few(8)
@given(st.integers(0, 2**31))
def test_no_tried_direction_holds_much_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    c = turned(rectangle(0, 0, *rng.uniform(4, 15, 2)), float(rng.uniform(0, 180)))
    gap = rings_of(c)
    # Two to four of its sides rest on something.
    sides = rng.permutation(4)[: int(rng.integers(2, 4))]
    below = clip.union([beyond(np.array(c), int(side)) for side in sides])
    found = bridge_direction(gap, below, PITCH)
    assert found is not None
    others = [loose_mm(gap, below, direction(float(a)), PITCH) for a in range(0, 180, 5)]
    total = area_of(gap).area / (PITCH / MM)
    if min(others) < 0.8 * total:
        # An end near a corner may be told either way: a thread or two.
        longest = 2 * math.hypot(*np.ptp(np.array(c), axis=0))
        assert loose_mm(gap, below, found, PITCH) <= min(others) + longest


def beyond(corners: np.ndarray, side: int) -> Rings:
    """A ledge 3 mm wide outside one side of a counter-clockwise quadrangle."""
    a, b = corners[side], corners[(side + 1) % 4]
    way = (b - a) / math.hypot(*(b - a))
    out = np.array([way[1], -way[0]]) * 3
    return rings_of([a.tolist(), (a + out).tolist(), (b + out).tolist(), b.tolist()])


def test_over_nothing_there_is_no_direction() -> None:
    gap = rings_of(rectangle(0, 0, 9, 9))
    assert bridge_direction(gap, rings_of(rectangle(50, 50, 9, 9)), PITCH) is None
    assert bridge_direction(gap, EMPTY, PITCH) is None
    assert bridge_direction(EMPTY, None, PITCH) is None


def test_gaps_are_what_nothing_lies_under() -> None:
    bridge = rings_of(rectangle(-3, 0, 26, 6))
    below = rings_of(rectangle(-9, -1, 9, 9), rectangle(20, -1, 9, 9))
    assert area_of(gaps(bridge, below)).equals(shapely.box(0, 0, 20, 6))
    assert gaps(bridge, None) is bridge


# ---------------------------------------------------------------------------------- threads


@pytest.mark.parametrize("flow", [0.7, 0.95, 1.0])
def test_thick_threads_are_round_and_thin_ones_are_lines_with_less_flow(flow: float) -> None:
    spec = layer_spec(bridge_flow_ratio=flow)
    thick, thin = thread(spec, is_thick=True), thread(spec, is_thick=False)
    d = 0.4 * math.sqrt(flow)
    assert thick.bead.width_nm == thick.bead.height_nm == pytest.approx(d * MM, abs=1)
    assert thick.bead.area_nm2 == pytest.approx(math.pi / 4 * 0.16e12 * flow, rel=1e-5)
    assert thick.pitch is Pitch.SPREAD
    assert thick.pitch_nm == thick.bead.width_nm + THREAD_GAP_NM
    assert thick.flow_ratio == 1.0
    assert thin.bead == spec.solid
    assert thin.pitch is Pitch.FITTED
    assert thin.flow_ratio == flow


def bridge_paths(
    *, thick: bool, flow: float = 0.95, span: float = 20.0, tilt_deg: float = 0.0
) -> tuple[PathSet, Rings, Rings]:
    """A bridge over a gap, anchored 3 mm deep on both piers."""
    spec = layer_spec(thick_external_bridges=thick, bridge_flow_ratio=flow)
    outlines = [
        rectangle(-3, 0, span + 6, 9),
        rectangle(-8, -1, 8, 11),
        rectangle(span, -1, 8, 11),
    ]
    outlines = [turned(outline, tilt_deg) for outline in outlines]
    bridge, below = rings_of(outlines[0]), rings_of(*outlines[1:])
    surfaces = NO_SURFACES._replace(bridge=bridge)
    return fill_layer(surfaces, spec, layer=5, z_nm=10**6, below=below), bridge, below


@pytest.mark.parametrize("thick", [True, False])
@pytest.mark.parametrize("tilt_deg", [0.0, 35.0, 90.0])
def test_every_thread_is_held_at_both_ends(thick: bool, tilt_deg: float) -> None:
    paths, bridge, below = bridge_paths(thick=thick, tilt_deg=tilt_deg)
    over = area_of(gaps(bridge, below))
    assert set(paths.role.tolist()) == {Role.BRIDGE_INFILL}
    threads = [
        part
        for xy in lines_of(paths)
        for part in shapely.get_parts(shapely.LineString(xy).intersection(over))
    ]
    assert len(threads) > 15
    # From pier to pier, straight across: no turn lies over the gap.
    assert all(part.length == pytest.approx(20.0, abs=1e-3) for part in threads)
    assert all(len(part.coords) == 2 for part in threads)


def test_thick_threads_keep_their_pitch_and_thin_ones_fill_the_layer() -> None:
    thick, bridge, _ = bridge_paths(thick=True, flow=0.8)
    d = thread(layer_spec(bridge_flow_ratio=0.8), is_thick=True)
    assert set(thick.area_nm2.tolist()) == {d.bead.area_nm2}
    assert set(thick.height_nm.tolist()) == {d.bead.height_nm}
    y = np.unique(np.concatenate([xy[:, 1] for xy in lines_of(thick)]).round(4))
    # From edge to edge, as near together as they go without lying over each other.
    assert np.diff(y) == pytest.approx(np.diff(y)[0], abs=2e-4)
    assert d.bead.width_nm / MM <= np.diff(y)[0] <= d.pitch_nm / MM
    assert y[0] + y[-1] == pytest.approx(9.0, abs=1e-4)
    assert y[0] - d.pitch_nm / 2 / MM == pytest.approx(0.0, abs=0.003)
    thin, _, _ = bridge_paths(thick=False, flow=0.8)
    laid = volume_mm2(thin, 200_000)
    assert laid == pytest.approx(0.8 * area_of(bridge).area, rel=0.02)


def test_no_thread_is_laid_twice_as_thick_as_asked() -> None:
    for flow in (0.7, 1.0):
        paths, _, _ = bridge_paths(thick=False, flow=flow)
        spec = layer_spec()
        assert (paths.area_nm2 <= 1.2 * flow * spec.solid.area_nm2 + 1e6).all()


# --------------------------------------------------------------------------------- internal


def internal(spec_changes: dict[str, object], layer: int) -> PathSet:
    area = rings_of(rectangle(0, 0, 24, 10))
    spec = layer_spec(**spec_changes)
    surfaces = NO_SURFACES._replace(internal_bridge=area)
    return fill_layer(surfaces, spec, layer=layer, z_nm=10**6, below=None)


@pytest.mark.parametrize("layer", [4, 5])
def test_threads_over_sparse_infill_cross_its_lines(layer: int) -> None:
    paths = internal({"angle_deg": 20.0}, layer)
    assert set(paths.role.tolist()) == {Role.INTERNAL_BRIDGE_INFILL}
    way = np.concatenate([np.diff(xy, axis=0) for xy in lines_of(paths)])
    long = way[np.hypot(*way.T) > 3]
    angles = np.degrees(np.arctan2(long[:, 1], long[:, 0]))
    # Lines of layer n run at 20 degrees where n is even: those below run square to these.
    wanted = 20.0 if layer % 2 == 0 else 110.0
    assert all(apart(a, wanted) < 0.01 for a in angles.tolist())


def test_with_nothing_inside_threads_reach_from_wall_to_wall() -> None:
    paths = internal({"density_ratio": 0.0}, 4)
    way = np.concatenate([np.diff(xy, axis=0) for xy in lines_of(paths)])
    long = way[np.hypot(*way.T) > 3]
    assert (np.abs(long[:, 0]) < 1e-5).all()


@pytest.mark.parametrize("thick", [True, False])
def test_the_thickness_of_internal_bridges_is_their_own(thick: bool) -> None:
    paths = internal({"thick_internal_bridges": thick, "thick_external_bridges": not thick}, 4)
    spec = layer_spec()
    size = thread(spec, is_thick=thick)
    if thick:
        assert set(paths.area_nm2.tolist()) == {size.bead.area_nm2}
    else:
        assert set(paths.height_nm.tolist()) == {spec.height_nm}
    assert lengths_mm(paths).sum() > 300


def test_each_island_of_a_bridge_has_its_own_direction() -> None:
    bridge = rings_of(rectangle(-3, 0, 16, 8), rectangle(30, -3, 8, 16))
    below = concat(
        [
            rings_of(rectangle(-8, -1, 8, 10), rectangle(10, -1, 8, 10)),
            rings_of(rectangle(29, -8, 10, 8), rectangle(29, 10, 10, 8)),
        ]
    )
    surfaces = NO_SURFACES._replace(bridge=bridge)
    paths = fill_layer(surfaces, layer_spec(), layer=3, z_nm=10**6, below=below)
    for xy in lines_of(paths):
        way = np.abs(np.diff(xy, axis=0))
        long = way[way.max(axis=1) > 4]
        assert (long[:, 1 if xy[0, 0] < 20 else 0] < 1e-5).all()

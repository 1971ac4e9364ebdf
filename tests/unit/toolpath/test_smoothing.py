"""Smoothed lines stay where they were and have no short steps, each kind by its own bound."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from manifold3d import Manifold

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.toolpath.lines import Lines
from printstd.toolpath.paths import path_set
from printstd.toolpath.smoothing import STUB_UM, smoothed
from tests.oracles.effort import few
from tests.unit.kernels.test_short_steps import rough_line
from tests.unit.toolpath.planning import is_kind, lengths_um, lines_laid, plan, profiles

RESOLUTION_UM = 12.5
OUTLINE, HIDDEN = Role.EXTERNAL_PERIMETER, Role.SOLID_INFILL
quick = few(40)
seeds = st.integers(0, 2**31)


def smooth(
    xy_um: np.ndarray,
    role: Role,
    *,
    is_loop: bool = False,
    overlap_e3: np.ndarray | None = None,
    widening_nm: np.ndarray | None = None,
) -> Lines:
    n = len(xy_um)
    offsets = np.array([0, n])
    nm = xy_um.astype(np.int64) * 1000
    paths = path_set(nm, offsets, role=role, width_nm=450_000, height_nm=200_000, area_nm2=80_000)
    lines = Lines(
        xy_um.astype(np.int64),
        offsets,
        np.zeros(1, np.int64),
        np.array([is_loop]),
        np.full(n, 1000, np.int16) if overlap_e3 is None else overlap_e3,
        np.zeros(n, np.int64) if widening_nm is None else widening_nm,
    )
    return smoothed(lines, paths, RESOLUTION_UM)


def steps_of(lines: Lines) -> np.ndarray:
    return np.hypot(*np.diff(lines.xy_um, axis=0).T)


@quick
@given(seeds)
@pytest.mark.parametrize(("role", "times"), [(OUTLINE, 2.0), (Role.PERIMETER, 4.75), (HIDDEN, 3.0)])
def test_no_line_strays_further_than_its_bound(role: Role, times: float, seed: int) -> None:
    xy = rough_line(np.random.default_rng(seed))
    found = smooth(xy, role)
    before, after = shapely.LineString(xy), shapely.LineString(found.xy_um)
    bound = times * RESOLUTION_UM
    assert shapely.distance(before, shapely.points(found.xy_um)).max() <= bound
    # Infill may end a short step before the line does.
    most = bound + (2 * STUB_UM if role is HIDDEN else 0.0)
    assert shapely.distance(after, shapely.points(xy)).max() <= most
    if role is not HIDDEN:
        assert (found.xy_um[[0, -1]] == xy[[0, -1]]).all()
    assert len(found.xy_um) < len(xy)


@quick
@given(seeds)
def test_long_steps_of_an_outline_stay_as_they_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heading = np.cumsum(rng.normal(0, 0.02, 40))
    way = rng.uniform(301, 600, 40)[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    xy = np.rint(np.cumsum(way, axis=0))
    assert (smooth(xy, OUTLINE).xy_um == xy).all()
    assert len(smooth(np.rint(xy * 0.5), Role.PERIMETER).xy_um) < len(xy)


def test_a_finely_drawn_circle_is_laid_in_longer_steps() -> None:
    turn = np.arange(721) * (2 * np.pi / 720)
    xy = np.rint(3000 * np.stack([np.cos(turn), np.sin(turn)], axis=1))
    laid = smooth(xy, OUTLINE, is_loop=True)
    assert len(laid.xy_um) < 80
    assert (steps_of(laid) >= STUB_UM).all()
    assert np.abs(np.hypot(*laid.xy_um.T) - 3000).max() <= RESOLUTION_UM
    # Inside, where nobody sees it, fewer do.
    assert len(smooth(xy, Role.PERIMETER, is_loop=True).xy_um) < 0.6 * len(laid.xy_um)


def test_a_stub_at_a_corner_of_infill_is_one_corner() -> None:
    xy = np.array([[0, 0], [0, 4000], [577, 4000], [600, 3969], [600, 0.0]])
    found = smooth(xy, HIDDEN).xy_um.tolist()
    assert found[:2] + found[-1:] == [[0, 0], [0, 4000], [600, 0]]
    assert len(found) == 4


def test_infill_begins_and_ends_with_no_stub() -> None:
    xy = np.array([[25, 0], [0, 25], [0, 3800], [3800, 0], [3830, 20.0]])
    assert smooth(xy, HIDDEN).xy_um.tolist() == xy[1:4].tolist()
    # Nothing is taken from the ends of a thread over air, or of a wall.
    for role in (Role.BRIDGE_INFILL, Role.PERIMETER):
        assert (smooth(xy, role).xy_um[[0, -1]] == xy[[0, -1]]).all()


def test_what_has_another_width_or_hangs_further_out_stays() -> None:
    xy = np.stack([np.arange(0, 4000, 40), np.zeros(100)], axis=1)
    assert len(smooth(xy, OUTLINE).xy_um) == 2
    wider = np.where(np.arange(100) < 50, 0, 8000)
    assert [1960, 0] in smooth(xy, OUTLINE, widening_nm=wider).xy_um.tolist()
    overlap = np.where(np.arange(0, 4000, 160) < 2000, 1000, 400).astype(np.int16)
    far = xy[::4]
    found = smooth(far, Role.PERIMETER, overlap_e3=overlap)
    assert found.xy_um.tolist() == [far[i].tolist() for i in (0, 12, 13, 24)]
    assert found.overlap_e3.tolist() == [1000, 1000, 400, 400]


def test_lines_of_a_few_short_steps_stay() -> None:
    xy = np.array([[0, 0], [40, 0], [80, 10], [110, 40.0]])
    for role in (OUTLINE, HIDDEN):
        assert (smooth(xy, role).xy_um == xy).all()


def fine_ellipse() -> Manifold:
    """No circle, which would be drawn anew: 2000 sides of some 15 um."""
    return Manifold.cylinder(1.0, 6.0, 6.0, 2000).scale((1.0, 0.7, 1.0))


def beads(toolpath: Toolpath) -> tuple[np.ndarray, np.ndarray]:
    """Lengths, um, and roles of all beads."""
    length = lengths_um(toolpath)
    laid = is_kind(toolpath, MoveKind.EXTRUDE) & (length > 0)
    return length[laid], toolpath.role[laid]


def test_a_whole_slice_has_no_stubs_and_the_outline_that_it_had() -> None:
    made = plan(fine_ellipse(), profiles())
    length, role = beads(made)
    assert (length < STUB_UM).sum() <= length.sum() * 1e-7
    assert set(role.tolist()) >= {Role.EXTERNAL_PERIMETER, Role.PERIMETER, Role.SOLID_INFILL}
    outer = [one for one in lines_laid(made) if one.role is Role.EXTERNAL_PERIMETER and one.layer]
    width_um = profiles().process.widths.external_perimeter_mm * 1000
    turn = np.arange(20_000) * (2 * np.pi / 20_000)
    ellipse = shapely.Polygon(np.stack([6000 * np.cos(turn), 4200 * np.sin(turn)], axis=1))
    for wall in outer:
        centre = (wall.xy_um.min(axis=0) + wall.xy_um.max(axis=0)) / 2
        laid = shapely.LinearRing(wall.xy_um - np.rint(centre))
        wanted = ellipse.buffer(-width_um / 2, quad_segs=64).exterior
        # Once for the contour, once for the line, and what rounding to whole um takes.
        assert shapely.hausdorff_distance(laid.segmentize(20.0), wanted) <= 2 * RESOLUTION_UM + 2


def test_without_a_resolution_nothing_is_left_out() -> None:
    coarse = beads(plan(fine_ellipse(), profiles()))[0]
    fine = beads(plan(fine_ellipse(), profiles(("resolution_mm", "0.0"))))[0]
    assert len(fine) > 4 * len(coarse)
    assert (fine < STUB_UM).sum() > 0.5 * len(fine)


def test_crowded_inner_walls_get_fewer_steps_and_outer_walls_of_the_same_do_not() -> None:
    """A hole of 4.8 mm in steps of 0.36 mm: no vertex can be left out within the bound, but two can
    be one between them."""
    t = np.arange(43) * 2 * np.pi / 42
    xy = np.rint(2430 * np.c_[np.cos(t), np.sin(t)])
    found = smooth(xy, Role.PERIMETER, is_loop=True)
    assert len(found.xy_um) <= 0.85 * len(xy)
    assert len(smooth(xy, OUTLINE, is_loop=True).xy_um) == len(xy)


@pytest.mark.parametrize("diameter_mm", [3, 5, 9, 10])
def test_round_holes_keep_the_corners_that_make_them_as_large_as_they_shall_be(
    diameter_mm: int,
) -> None:
    """Holes whose outlines have steps that are thinned elsewhere."""
    tool = Manifold.cylinder(3.0, diameter_mm / 2, diameter_mm / 2, 64)
    block = Manifold.cube((16.0, 16.0, 1.2), center=True)
    resolved = profiles(("compensation.circle_chord_mm", "0.005"))
    laid = lines_laid(plan(block - tool.translate((0, 0, -1.5)), resolved))
    outer = [one for one in laid if one.role is Role.EXTERNAL_PERIMETER and one.layer]
    centre = np.concatenate([one.xy_um for one in outer])
    middle = shapely.Point((centre.min(axis=0) + centre.max(axis=0)) / 2)
    holes = [one for one in outer if np.ptp(one.xy_um[:, 0]) < 14_000]
    assert len(holes) == 5
    width_um = resolved.process.widths.external_perimeter_mm * 1000
    for hole in holes:
        free_um = shapely.distance(shapely.LineString(hole.xy_um), middle) - width_um / 2
        assert abs(2 * free_um - 1000 * diameter_mm) < 5

"""Gyroid waves against the surface's own equation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.crossings import paired
from printstd.kernels.gyroid import DENSITY_FACTOR, waves_at
from printstd.kernels.rings import Rings, concat, translated
from printstd.kernels.turns import direction
from printstd.kernels.waves import crossed, inside, sheets
from tests.oracles.areas import MM, area_of, holed, rectangle, rings_of
from tests.oracles.effort import few

UNIT_NM = 1_112_000.0
PERIOD_NM = round(2 * math.pi * UNIT_NM)
quick = few(25)
heights = st.integers(0, 40 * MM)
seeds = st.integers(0, 2**31)


def waves(
    areas: list[Rings], z_nm: int, unit_nm: float = UNIT_NM, angle_deg: float = 0.0
) -> list[list[np.ndarray]]:
    """Pieces of wave in each area, vertices in nm."""
    region = np.repeat(np.arange(len(areas)), [area.n_rings for area in areas])
    rings = concat(areas)
    over = sheets([waves_at(z_nm, unit_nm, direction(angle_deg))], np.zeros(len(areas), np.int64))
    crossings, wave = crossed(rings, region, over)
    pieces = paired(crossings)
    of = region[np.searchsorted(rings.offsets, crossings.edge[pieces.start], side="right") - 1]
    between, borders = inside(crossings, pieces, wave[pieces.start], of, over)
    found: list[list[np.ndarray]] = [[] for _ in areas]
    for i, region_of in enumerate(of.tolist()):
        a, b = crossings.xy_nm[[pieces.start[i], pieces.end[i]]]
        found[region_of].append(np.vstack([a, between[borders[i] : borders[i + 1]], b]))
    return found


def gyroid(x: np.ndarray, y: np.ndarray, z: float) -> np.ndarray:
    return np.sin(x) * np.cos(y) + np.sin(y) * math.cos(z) + math.sin(z) * np.cos(x)


def lines_mm(pieces: list[np.ndarray]) -> shapely.Geometry:
    return shapely.MultiLineString([piece / MM for piece in pieces])


@quick
@given(heights)
def test_vertices_lie_on_the_surface(z_nm: int) -> None:
    (pieces,) = waves([rings_of(rectangle(-11, 3, 25, 19))], z_nm)
    inner = np.concatenate([piece[1:-1] for piece in pieces]) / UNIT_NM
    assert len(inner) > 200
    off = gyroid(inner[:, 0], inner[:, 1], z_nm / UNIT_NM)
    # A vertex is rounded to the nm, and the equation's gradient is at most 3.
    assert np.abs(off).max() < 3 / UNIT_NM


@quick
@given(heights, seeds)
def test_every_sheet_of_the_surface_is_there_and_no_other(z_nm: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    laid = lines_mm(waves([rings_of(rectangle(-11, 3, 25, 19))], z_nm)[0])
    x_mm = np.linspace(-11, 14, 20_001)
    for y_mm in rng.uniform(3.5, 21.5, 6).tolist():
        y = np.full(len(x_mm), y_mm * MM / UNIT_NM)
        above = gyroid(x_mm * MM / UNIT_NM, y, z_nm / UNIT_NM) > 0
        changes = x_mm[np.flatnonzero(above[1:] != above[:-1])]
        scan = shapely.LineString([(-11, y_mm), (14, y_mm)])
        cuts = np.sort(shapely.get_coordinates(laid.intersection(scan))[:, 0])
        for some, others in ((changes, cuts), (cuts, changes)):
            for x in some[np.abs(some - 1.5) < 11].tolist():
                # A scan line that only just touches a wave may meet its chord or not.
                grazes = (np.abs(some - x) < 0.4).sum() > 1
                assert grazes or np.abs(others - x).min() < 0.2


@quick
@given(heights, st.sampled_from([0.0, 30.0, 45.0, 90.0, 200.0]))
def test_the_pattern_turns_with_its_direction(z_nm: int, angle_deg: float) -> None:
    (pieces,) = waves([rings_of(rectangle(-8, -8, 16, 16))], z_nm, angle_deg=angle_deg)
    c, s = (d / math.hypot(*direction(angle_deg)) for d in direction(angle_deg))
    inner = np.concatenate([piece[1:-1] for piece in pieces]) / UNIT_NM
    x, y = c * inner[:, 0] + s * inner[:, 1], c * inner[:, 1] - s * inner[:, 0]
    assert np.abs(gyroid(x, y, z_nm / UNIT_NM)).max() < 3 / UNIT_NM


@quick
@given(seeds, heights)
def test_pieces_fill_the_area_and_end_on_its_border(seed: int, z_nm: int) -> None:
    area = holed(seed)
    (pieces,) = waves([area], z_nm)
    (around,) = waves([rings_of(rectangle(-20, -20, 40, 40))], z_nm)
    shape = area_of(area)
    for piece in pieces:
        assert shape.boundary.distance(shapely.points(piece[[0, -1]] / MM)).max() < 2e-6
    # What lies in the area of the same waves laid all around it is what was laid there.
    wanted, laid = lines_mm(around).intersection(shape), lines_mm(pieces)
    assert laid.length == pytest.approx(wanted.length, rel=1e-4, abs=2e-3)
    assert wanted.difference(laid.buffer(2e-5)).length < 1e-3
    assert laid.difference(wanted.buffer(2e-5)).length < 1e-3


@quick
@given(seeds, seeds, heights)
def test_areas_do_not_feel_each_other(seed: int, other: int, z_nm: int) -> None:
    areas = [holed(seed), translated(holed(other), (2 * MM, -MM))]
    for alone, together in zip(
        [waves([area], z_nm)[0] for area in areas], waves(areas, z_nm), strict=True
    ):
        assert len(alone) == len(together)
        assert all((a == b).all() for a, b in zip(alone, together, strict=True))


def test_a_period_higher_lies_the_same_pattern() -> None:
    area = [rings_of(rectangle(-8, -8, 16, 16))]
    # The period is no whole number of nm: a nm of height moves no wave by more than 0.01 mm,
    # but for the saddles, where it moves as the root of the height.
    for z_nm in (0, 333_000, 1_900_000, 5_000_000):
        (here,), (there,) = waves(area, z_nm), waves(area, z_nm + PERIOD_NM)
        assert lines_mm(here).difference(lines_mm(there).buffer(1e-5)).length < 0.01


@pytest.mark.parametrize("rise_nm", [200_000, 50_000, 10_000])
def test_waves_move_little_from_layer_to_layer(rise_nm: int) -> None:
    """At saddles, where waves meet and part, they move as the root of the rise; elsewhere as far
    as the surface leans."""
    most_mm = 2.0 * math.sqrt(rise_nm * UNIT_NM) / MM + rise_nm / MM
    area, core = [rings_of(rectangle(-9, 3, 18, 14))], shapely.box(-7, 5, 7, 15)
    typical = []
    for z_nm in range(0, PERIOD_NM, PERIOD_NM // 24):
        here, there = (
            shapely.segmentize(lines_mm(waves(area, z)[0]), 0.1) for z in (z_nm, z_nm + rise_nm)
        )
        for one, other in ((here, there), (there, here)):
            points = shapely.points(shapely.get_coordinates(one))
            away = shapely.distance(points[shapely.covers(core, points)], other)
            assert away.max() < most_mm
            typical.append(np.median(away))
    assert np.median(typical) < rise_nm / MM


def test_density_is_the_one_asked_for_on_average() -> None:
    spacing_mm, side = 0.40708, 60.0
    area = [rings_of(rectangle(0, 0, side, side))]
    for density in (0.08, 0.15, 0.3):
        unit_nm = spacing_mm * MM / density / DENSITY_FACTOR
        period = 2 * math.pi * unit_nm
        laid = [lines_mm(waves(area, round(period * i / 24), unit_nm)[0]).length for i in range(24)]
        assert np.mean(laid) * spacing_mm / side**2 == pytest.approx(density, rel=0.02)


def test_columns_are_never_wider_than_half_a_millimetre() -> None:
    for unit_nm in (1e5, 1.1e6, 4e6, 1.3e7):
        wave = waves_at(123_456, unit_nm, (1, 0))
        assert len(wave.swing) >= 20
        assert 2 * math.pi * unit_nm / len(wave.swing) <= 500_000 or len(wave.swing) == 20

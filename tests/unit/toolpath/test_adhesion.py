"""Skirt and brim: how many lines, where, and what they never touch."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.kernels.rings import EMPTY, Rings, translated
from printstd.profiles.models import Volume
from printstd.profiles.resolved import Resolved
from printstd.toolpath.adhesion import plan_adhesion
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import LayerSpec, layer_spec
from tests.oracles.areas import (
    MM,
    area_of,
    beads,
    hole,
    holed,
    lengths_mm,
    lines_of,
    rectangle,
    rings_of,
)
from tests.oracles.effort import few
from tests.unit.toolpath.planning import printer_of, profiles

quick = few(25)
seeds = st.integers(0, 2**31)
PART = translated(rings_of(rectangle(0, 0, 30, 20), hole(5, 5, 10, 10)), (100 * MM, 80 * MM))
SIZE = layer_spec(profiles(), is_first=True, height_nm=200_000).external


def asked(**adhesion: object) -> Resolved:
    base = profiles()
    none = {
        "skirt_loops": 0,
        "skirt_min_filament_mm": 0.0,
        "skirt_layers": 1,
        "brim_width_mm": 0.0,
        "brim_gap_mm": 0.0,
    }
    wanted = base.process.adhesion.model_copy(update=none | adhesion)
    flat = base.process.compensation.model_copy(update={"elephant_foot_mm": 0.0})
    changes = {"adhesion": wanted, "compensation": flat}
    return replace(base, process=base.process.model_copy(update=changes))


def laid(sections: list[Rings], resolved: Resolved, volume: Volume | None = None) -> list[PathSet]:
    specs: list[LayerSpec] = [
        layer_spec(resolved, is_first=i == 0, height_nm=200_000) for i in range(len(sections))
    ]
    return plan_adhesion(sections, specs, resolved, volume or printer_of(resolved).volume)


def bed(x0: float, y0: float, x1: float, y1: float) -> Volume:
    corners = {"x_min_mm": x0, "y_min_mm": y0, "x_max_mm": x1, "y_max_mm": y1}
    return printer_of(profiles()).volume.model_copy(update=corners)


def loops(paths: PathSet) -> list[shapely.LinearRing]:
    assert paths.is_loop.all()
    assert set(paths.role.tolist()) == {Role.SKIRT_BRIM}
    return [shapely.LinearRing(xy) for xy in lines_of(paths)]


# ----------------------------------------------------------------------------------- skirt


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("distance", [0.0, 2.0, 7.5])
def test_a_skirt_is_so_many_loops_at_so_far(count: int, distance: float) -> None:
    (paths,) = laid([PART], asked(skirt_loops=count, skirt_distance_mm=distance))
    outline = shapely.box(100, 80, 130, 100)
    found = loops(paths)
    assert len(found) == count
    for i, loop in enumerate(found):
        assert shapely.Polygon(loop).contains(outline)
        middle = distance + SIZE.width_nm / 2 / MM + i * SIZE.spacing_nm / MM
        assert loop.distance(outline) == pytest.approx(middle, abs=0.051)
        assert loop.hausdorff_distance(outline.exterior) < middle * math.sqrt(2) + 0.1
    assert (paths.width_nm == SIZE.width_nm).all()
    assert (paths.area_nm2 == SIZE.area_nm2).all()


def test_a_skirt_goes_around_everything_once() -> None:
    away = translated(PART, (60 * MM, 40 * MM))
    both = Rings(
        np.concatenate([PART.xy_nm, away.xy_nm]),
        np.concatenate([PART.offsets, away.offsets[1:] + len(PART.xy_nm)]),
    )
    (paths,) = laid([both], asked(skirt_loops=1, skirt_distance_mm=2.0))
    (loop,) = loops(paths)
    assert shapely.Polygon(loop).contains(area_of(both))
    hull = area_of(both).convex_hull
    assert loop.length < hull.exterior.length + 2 * math.pi * 3


def test_skirts_of_all_layers_stand_on_the_first() -> None:
    # Wider further up: the skirt keeps clear of that as well.
    wide = translated(rings_of(rectangle(-5, -5, 40, 30)), (100 * MM, 80 * MM))
    resolved = asked(skirt_loops=2, skirt_layers=3, skirt_distance_mm=2.0)
    found = laid([PART, wide, PART], resolved)
    assert len(found) == 3
    for paths in found:
        assert (paths.xy_nm == found[0].xy_nm).all()
        assert all(loop.distance(area_of(wide)) > 2.0 for loop in loops(paths))
    upper = layer_spec(resolved, is_first=False, height_nm=200_000).external
    assert (found[1].width_nm == upper.width_nm).all()
    assert (found[0].width_nm == SIZE.width_nm).all()


def test_no_loops_or_no_layers_is_no_skirt() -> None:
    assert laid([PART], asked(skirt_loops=0)) == []
    assert laid([PART], asked(skirt_loops=3, skirt_layers=0)) == []
    assert laid([EMPTY], asked(skirt_loops=3)) == []


@pytest.mark.parametrize("least_mm", [4.0, 20.0, 40.0])
def test_loops_are_added_until_enough_filament_is_primed(least_mm: float) -> None:
    resolved = asked(skirt_loops=1, skirt_distance_mm=2.0, skirt_min_filament_mm=least_mm)
    small = translated(rings_of(rectangle(0, 0, 8, 8)), (100 * MM, 80 * MM))
    (paths,) = laid([small], resolved)
    per_mm = SIZE.area_nm2 / 1e12 / (math.pi / 4 * 1.75**2)
    fed = lengths_mm(paths) * per_mm
    assert fed.sum() >= least_mm
    assert fed[:-1].sum() < least_mm or len(fed) == 1


def test_a_tiny_part_gets_no_field_of_skirts() -> None:
    resolved = asked(skirt_loops=2, skirt_distance_mm=0.0, skirt_min_filament_mm=1e6)
    (paths,) = laid([PART], resolved)
    assert paths.n_paths == 22


@quick
@given(seeds)
def test_skirts_keep_their_distance_from_any_part(seed: int) -> None:
    section = translated(holed(seed), (100 * MM, 100 * MM))
    (paths,) = laid([section], asked(skirt_loops=2, skirt_distance_mm=3.0))
    area = area_of(section)
    near = min(loop.distance(area) for loop in loops(paths))
    # The skirt is smoothed by 0.05 mm.
    assert near > 3.0 + SIZE.width_nm / 2 / MM - 0.051
    # Around the hull of the part.
    assert all(shapely.Polygon(loop).contains(area.convex_hull) for loop in loops(paths))


def test_skirts_that_would_leave_the_bed_are_left_out() -> None:
    resolved = asked(skirt_loops=4, skirt_distance_mm=2.0)
    one = 2.0 + SIZE.width_nm / MM
    for room, wanted in ((one - 0.02, 0), (one + 0.02, 1), (one + 0.4, 2), (50.0, 4)):
        volume = bed(100 - room, 80 - 50, 130 + 50, 100 + 50)
        found = laid([PART], resolved, volume)
        assert (found[0].n_paths if found else 0) == wanted


# ------------------------------------------------------------------------------------ brim


@pytest.mark.parametrize("gap", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("width", [0.3, 2.0, 5.0])
def test_a_brim_is_lines_side_by_side_from_the_outline_on(width: float, gap: float) -> None:
    found = laid([PART], asked(brim_width_mm=width, brim_gap_mm=gap))
    count = int(width * MM) // SIZE.spacing_nm
    assert sum(paths.n_paths for paths in found) == count
    outline = shapely.box(100, 80, 130, 100)
    for i, loop in enumerate(loops(found[0]) if count else []):
        middle = gap + SIZE.width_nm / 2 / MM + i * SIZE.spacing_nm / MM
        assert loop.distance(outline) == pytest.approx(middle, abs=1e-5)
        assert shapely.Polygon(loop).contains(outline)


def test_the_gap_of_a_brim_is_from_where_the_foot_spreads_to() -> None:
    """Not from the section that was drawn in for it: the brim would lie in the part."""
    resolved = asked(brim_width_mm=2.0, brim_gap_mm=0.1)
    spread = resolved.process.compensation.model_copy(update={"elephant_foot_mm": 0.2})
    process = resolved.process.model_copy(update={"compensation": spread})
    found = laid([PART], replace(resolved, process=process))
    nearest = min(loop.distance(shapely.box(100, 80, 130, 100)) for loop in loops(found[0]))
    assert nearest == pytest.approx(0.1 + 0.2 + SIZE.width_nm / 2 / MM, abs=1e-5)


def test_a_brim_lies_outside_alone_and_fills_its_width() -> None:
    (paths,) = laid([PART], asked(brim_width_mm=4.0))
    outline = shapely.box(100, 80, 130, 100)
    covered = beads(paths)
    # Never in a hole.
    assert covered.intersection(shapely.box(104, 84, 116, 96)).area == 0
    count = int(4.0 * MM) // SIZE.spacing_nm
    reach = (SIZE.width_nm + (count - 1) * SIZE.spacing_nm) / MM
    ring = outline.buffer(reach) - outline.buffer(1e-6)
    assert (ring - covered.buffer(0.005)).area < 0.02 * ring.area
    assert covered.intersection(outline).area < 1e-3


@quick
@given(seeds)
def test_brims_touch_no_part_of_any_island(seed: int) -> None:
    section = translated(holed(seed), (100 * MM, 100 * MM))
    found = laid([section], asked(brim_width_mm=3.0, brim_gap_mm=0.1))
    covered = beads(found[0])
    assert covered.intersection(area_of(section).buffer(0.09)).area < 1e-6


def test_a_skirt_goes_around_the_brim() -> None:
    (paths,) = laid([PART], asked(brim_width_mm=3.0, skirt_loops=1, skirt_distance_mm=2.0))
    outline = shapely.box(100, 80, 130, 100)
    skirt, *brim = loops(paths)
    count = int(3.0 * MM) // SIZE.spacing_nm
    assert len(brim) == count
    reach = count * SIZE.spacing_nm / MM
    assert skirt.distance(outline) == pytest.approx(reach + 2.0 + SIZE.width_nm / 2 / MM, abs=0.06)


def test_brim_lines_that_would_leave_the_bed_are_left_out() -> None:
    found = laid([PART], asked(brim_width_mm=5.0), bed(98, 30, 180, 150))
    kept = loops(found[0])
    assert 0 < len(kept) < int(5.0 * MM) // SIZE.spacing_nm
    assert all(loop.bounds[0] - SIZE.width_nm / 2 / MM >= 98 for loop in kept)

"""Wall order, one wall on tops, and the precise outer wall, measured from areas and from moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from printstd.artifacts.toolpath import Role
from printstd.kernels.rings import EMPTY, Rings, area_mm2
from printstd.profiles.epochs import epoch_of
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.walls import Walls, plan_walls
from tests.layer_specs import layer_spec
from tests.oracles.areas import (
    MM,
    area_of,
    hole,
    lines_of,
    rectangle,
    rings_of,
    volume_mm2,
)
from tests.unit.toolpath.planning import Laid, of_role, plan, profiles
from tests.unit.toolpath.solids import block, steps

WALLS = (Role.EXTERNAL_PERIMETER, Role.PERIMETER)
TABLE = rings_of(rectangle(0, 0, 30, 20))
TOWER = rings_of(rectangle(0, 0, 12, 20))


def walls_of(section: Rings, above: Rings, **changes: object) -> tuple[Walls, LayerSpec]:
    spec = layer_spec(**{"one_wall_on_top": True} | changes)
    return plan_walls(section, spec, below=None, above=above), spec


def loop_depths(order: str, count: int = 4, epoch: int | None = None) -> list[list[int]]:
    """Depths of the walls of every layer, as they are laid: by how far they lie inside."""
    resolved = profiles(("walls.order", order), ("walls.count", str(count)))
    resolved = replace(resolved, epoch=epoch_of(epoch))
    found = []
    laid = of_role(plan(block(12, 12, 1), resolved), *WALLS)
    for layer in range(5):
        half = [float(np.ptp(line.xy_um[:, 0])) for line in laid if line.layer == layer]
        outside_in = sorted(half, reverse=True)
        found.append([outside_in.index(size) for size in half])
    return found


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("inner_outer", [3, 2, 1, 0]),
        ("outer_inner", [0, 1, 2, 3]),
        ("inner_outer_inner", [3, 2, 0, 1]),
    ],
)
def test_walls_are_laid_in_their_order(order: str, wanted: list[int]) -> None:
    assert loop_depths(order) == [wanted] * 5


def test_in_the_first_epoch_the_second_wall_came_before_the_outer_one() -> None:
    assert loop_depths("inner_outer_inner", epoch=1) == [[1, 0, 2, 3]] * 5


def test_between_two_walls_a_sandwich_is_inner_first() -> None:
    assert loop_depths("inner_outer_inner", 2) == loop_depths("inner_outer", 2)


def test_the_first_layer_of_a_brim_is_laid_from_outside() -> None:
    for order, above in (("inner_outer", [1, 0]), ("inner_outer_inner", [1, 0])):
        resolved = profiles(("walls.order", order), ("adhesion.brim_width_mm", "3.0"))
        laid = of_role(plan(block(12, 12, 1), resolved), *WALLS)
        depths = [[WALLS.index(line.role) for line in laid if line.layer == i] for i in range(5)]
        assert depths == [[0, 1], *[above] * 4]


# ------------------------------------------------------------------------- one wall on tops


def crossed_mm(walls: Walls, y_mm: float, x_mm: tuple[float, float]) -> int:
    """How many wall lines the stretch of a row crosses."""
    row = shapely.LineString([(x_mm[0], y_mm), (x_mm[1], y_mm)])
    lines = [shapely.LineString(xy) for xy in lines_of(walls.paths)]
    return sum(1 for line in lines if line.crosses(row))


def test_one_wall_where_nothing_lies_above_and_all_where_something_does() -> None:
    walls, _ = walls_of(TABLE, TOWER, wall_count=3)
    assert crossed_mm(walls, 10, (25, 31)) == 1
    assert crossed_mm(walls, 10, (-1, 5)) == 3
    # Inner walls close along the edge of what stands above.
    assert crossed_mm(walls, 10, (6, 20)) == 2
    top = area_of(TABLE) - area_of(TOWER)
    inner = [
        shapely.LineString(xy)
        for xy, depth in zip(lines_of(walls.paths), walls.paths.depth, strict=True)
        if depth > 0
    ]
    assert max(line.intersection(top).length for line in inner) < 1e-6


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("changes", [{}, {"inner_mm": 0.5}, {"gap_fill": False}])
@pytest.mark.parametrize(
    "above",
    [TOWER, rings_of(rectangle(8, 6, 9, 9)), EMPTY, rings_of(rectangle(0, 0, 29.3, 20))],
    ids=["half", "inside", "nothing", "a narrow step"],
)
def test_what_walls_give_up_infill_takes(
    count: int, changes: dict[str, object], above: Rings
) -> None:
    """Material of walls, gap fill and infill is the section, but for the rounding outside."""
    walls, spec = walls_of(TABLE, above, wall_count=count, **changes)
    outside = 0.2146018366 * spec.height_nm / 2 / MM * 100
    laid = volume_mm2(walls.paths, spec.height_nm) + area_mm2(walls.fill)
    assert laid == pytest.approx(600 - outside, rel=0.01)
    fill = area_of(walls.fill)
    reach = [
        shapely.LineString(xy).buffer((width / MM - 0.2 * 0.2146) / 2 - 1e-3)
        for xy, width in zip(lines_of(walls.paths), walls.paths.width_nm, strict=True)
    ]
    assert fill.intersection(shapely.union_all(reach)).area < 0.02


def test_narrow_steps_of_a_slope_keep_their_walls() -> None:
    step = rings_of(rectangle(0, 0, 29.3, 20))
    walls, _ = walls_of(TABLE, step)
    plain, _ = walls_of(TABLE, step, one_wall_on_top=False)
    assert walls.paths.xy_nm.tobytes() == plain.paths.xy_nm.tobytes()


def test_a_hole_under_the_open_sky_has_one_wall() -> None:
    plate = rings_of(rectangle(0, 0, 30, 20), hole(20, 8, 4, 4))
    walls, _ = walls_of(plate, TOWER)
    assert crossed_mm(walls, 10, (24, 28)) == 1
    assert crossed_mm(walls, 10, (26, 31)) == 1


def test_of_a_stepped_part_tops_have_one_wall_and_the_rest_has_two() -> None:
    def counts(setting: str) -> list[int]:
        laid = of_role(plan(steps(), profiles(("walls.one_on_top", setting))), *WALLS)
        return [sum(1 for line in laid if line.layer == i) for i in range(30)]

    assert counts("false") == [2] * 30
    wanted = [2] * 30
    # Layer 30 ends the part; on 10 and 20 the inner wall goes around the next step.
    wanted[29] = 1
    assert counts("true") == wanted
    laid = of_role(plan(steps(), profiles(("walls.one_on_top", "true"))), Role.PERIMETER)
    width_mm = {line.layer: float(np.ptp(line.xy_um[:, 0])) / 1000 for line in laid}
    assert width_mm[8] > 18
    assert width_mm[9] < 14


def test_the_first_layer_alone_has_one_wall() -> None:
    resolved = profiles(("walls.one_on_first_layer", "true"))
    laid = of_role(plan(block(12, 12, 1), resolved), *WALLS)
    assert [sum(1 for line in laid if line.layer == i) for i in range(5)] == [1, 2, 2, 2, 2]


# ----------------------------------------------------------------------- precise outer wall


@pytest.mark.parametrize(("outer_mm", "inner_mm"), [(0.45, 0.45), (0.42, 0.5)])
def test_a_precise_outer_wall_is_not_overlapped(outer_mm: float, inner_mm: float) -> None:
    def overlap(precise: bool) -> float:
        spec = layer_spec(width_mm=outer_mm, inner_mm=inner_mm, wall_count=3, precise_outer=precise)
        paths = plan_walls(TABLE, spec, below=None).paths
        first, second, third = (
            shapely.LinearRing(xy[:-1]).buffer(
                paths.width_nm[row] / 2 / MM, join_style="mitre", cap_style="flat"
            )
            for row, xy in enumerate(lines_of(paths))
        )
        # The others keep their spacing.
        assert second.intersection(third).area > 0.5
        return float(first.intersection(second).area)

    assert overlap(True) < 1e-9
    assert overlap(False) > 0.5


def test_a_precise_outer_wall_stays_where_it_is() -> None:
    def outer(precise: str) -> list[Laid]:
        laid = plan(block(12, 12, 1), profiles(("walls.precise_outer", precise)))
        return of_role(laid, Role.EXTERNAL_PERIMETER)

    for one, two in zip(outer("true"), outer("false"), strict=True):
        assert (one.xy_um == two.xy_um).all()
        assert np.abs(one.e_e5 - two.e_e5).max() <= 1

"""What is known of a layer's paths before they are ordered."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.kernels import clip
from printstd.kernels.rings import EMPTY, Rings, translated
from printstd.profiles.models import Printer
from printstd.toolpath.paths import NO_PATHS, join, path_set
from printstd.toolpath.ready import NO_ISLAND, prepare_layer
from printstd.toolpath.start import position_after_start_um
from printstd.toolpath.walls import plan_walls
from tests.layer_specs import layer_spec
from tests.oracles.areas import MM, area_of, hole, holed, lines_of, rectangle, rings_of
from tests.oracles.effort import few
from tests.unit.toolpath.planning import printer_of, profiles

quick = few(40)
seeds = st.integers(0, 2**31)


def two_islands(seed: int) -> Rings:
    return clip.union([holed(seed), translated(holed(seed + 1), (26 * MM, 0))])


def test_a_walls_parent_lies_beside_it() -> None:
    """Told by the one nearest vertex: in a tip so long that another wall's corner is nearer than
    the tip of its own, a wall may be laid after the wrong neighbour. One in some thousands is."""
    spec, n_walls, strangers = layer_spec(wall_count=3), 0, 0
    step = (spec.inner.spacing_nm + spec.external.spacing_nm) / 2 / MM
    for seed in range(40):
        section = two_islands(seed)
        paths = plan_walls(section, spec, below=None).paths
        ready = prepare_layer(paths, section)
        assert (ready.parent[paths.depth <= 0] == -1).all()
        lines = [shapely.LineString(xy) for xy in lines_of(paths)]
        for row in np.flatnonzero(paths.depth > 0).tolist():
            parent = int(ready.parent[row])
            assert paths.depth[parent] == paths.depth[row] - 1
            assert ready.island[parent] == ready.island[row]
            # In necks walls give way and lie a little further apart.
            strangers += lines[parent].distance(lines[row]) > 1.4 * step
            n_walls += 1
    assert n_walls > 200
    assert strangers <= n_walls // 100


@quick
@given(seeds)
def test_paths_belong_to_the_island_that_holds_them(seed: int) -> None:
    section, spec = two_islands(seed), layer_spec()
    walls = plan_walls(section, spec, below=None)
    ready = prepare_layer(walls.paths, section)
    found: list[set[int]] = []
    for island in clip.islands(section):
        area = area_of(island).buffer(1e-3)
        mine = [area.covers(shapely.LineString(xy)) for xy in lines_of(walls.paths)]
        found += [set(ready.island[mine].tolist())] if any(mine) else []
    assert all(len(numbers) == 1 for numbers in found)
    assert len(set.union(*found)) == len(found)


def test_islands_in_holes_are_islands_of_their_own() -> None:
    section = rings_of(rectangle(0, 0, 30, 30), hole(5, 5, 20, 20), rectangle(10, 10, 10, 10))
    paths = plan_walls(section, layer_spec(), below=None).paths
    ready = prepare_layer(paths, section)
    inner = [shapely.box(9, 9, 21, 21).covers(shapely.LineString(xy)) for xy in lines_of(paths)]
    numbers = set(ready.island[inner].tolist())
    assert len(numbers) == 1
    assert numbers.isdisjoint(ready.island[~np.array(inner)].tolist())


def test_skirt_and_brim_belong_to_none_and_beads_outside_to_the_nearest() -> None:
    section = rings_of(rectangle(0, 0, 10, 10), rectangle(20, 0, 10, 10))
    beads = [
        (Role.SKIRT_BRIM, (-3, 5)),
        (Role.SKIRT_BRIM, (5, 5)),
        (Role.EXTERNAL_PERIMETER, (1, 1)),
        (Role.EXTERNAL_PERIMETER, (21, 1)),
        (Role.EXTERNAL_PERIMETER, (30.2, 5)),
        (Role.EXTERNAL_PERIMETER, (-0.2, 5)),
    ]
    sets = [
        path_set(
            (np.array([xy, (xy[0], xy[1] + 1)]) * MM).astype(np.int64),
            np.array([0, 2]),
            role=role,
            width_nm=450_000,
            height_nm=200_000,
            area_nm2=1,
        )
        for role, xy in beads
    ]
    ready = prepare_layer(join(sets), section)
    assert ready.island.tolist() == [NO_ISLAND, NO_ISLAND, 0, 1, 1, 0]


def test_seams_are_sought_on_external_loops_alone() -> None:
    section = rings_of(rectangle(0, 0, 20, 20), hole(6, 6, 5, 5))
    paths = plan_walls(section, layer_spec(), below=None).paths
    ready = prepare_layer(paths, section)
    external = np.repeat(paths.depth == 0, np.diff(paths.offsets))
    assert (ready.hiding > 0).tolist() == external.tolist()


def test_an_empty_layer_is_ready() -> None:
    ready = prepare_layer(NO_PATHS, EMPTY)
    assert len(ready.island) == len(ready.parent) == len(ready.hiding) == 0


# ------------------------------------------------------------------------ where the nozzle is


def printer(name: str, **changes: object) -> Printer:
    return printer_of(profiles(printer=name), **changes)


def test_after_start_the_nozzle_is_where_the_start_code_leaves_it() -> None:
    assert position_after_start_um(printer("mk4s")) == (70_000, -3_000, 2_000)
    # Homed, then lifted.
    assert position_after_start_um(printer("peer")) == (0, 0, 5_000)


def test_start_code_is_followed_line_by_line() -> None:
    moves = {
        (): (0, 0, 0),
        ("G1 X10 Y20", "G0 Z3"): (10_000, 20_000, 3_000),
        ("G1 X10 Y20 Z3", "G28 X"): (0, 20_000, 3_000),
        ("G1 X10 Y20 Z3", "G28"): (0, 0, 0),
        ("G1 X10 ; X99", "G92 E0", "G29 X5"): (10_000, 0, 0),
        ("G1 X{park_x_mm} Y7 F3000",): (0, 7_000, 0),
        ("G1 X1.2345 Y-0.0004",): (1_234, 0, 0),
    }
    for code, wanted in moves.items():
        assert position_after_start_um(printer("peer", start_code=code)) == wanted


def test_home_is_the_corner_of_the_travel_nearest_to_zero() -> None:
    limits = {"travel_x_min_mm": 12.0, "travel_y_min_mm": -30.0, "travel_y_max_mm": -4.0}
    volume = printer("peer").volume.model_copy(update=limits)
    assert position_after_start_um(printer("peer", volume=volume))[:2] == (12_000, -4_000)

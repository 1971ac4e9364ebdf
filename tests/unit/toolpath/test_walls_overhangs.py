"""Walls over air: what is carried stays a wall, the rest becomes a bridge, nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from printstd.artifacts.toolpath import Role
from printstd.kernels import bead, clip
from printstd.kernels.rings import EMPTY
from printstd.toolpath.paths import PathSet
from printstd.toolpath.walls import plan_walls
from tests.layer_specs import layer_spec
from tests.oracles.areas import MM, area_of, hole, lengths_mm, lines_of, rectangle, rings_of, star


def is_air(paths: PathSet) -> np.ndarray:
    return np.asarray(paths.role == Role.OVERHANG_PERIMETER)


def test_a_step_within_half_a_nozzle_is_no_overhang() -> None:
    section = rings_of(rectangle(0, 0, 20, 20))
    below = rings_of(rectangle(0.42, 0.42, 19.16, 19.16))
    assert not is_air(plan_walls(section, layer_spec(), below=below).paths).any()


def test_a_loop_over_an_edge_is_one_group_from_a_carried_start() -> None:
    section, below = rings_of(rectangle(0, 0, 20, 20)), rings_of(rectangle(0, 0, 12, 20))
    spec = layer_spec(thick_external_bridges=True)
    paths = plan_walls(section, spec, below=below).paths
    for depth in (0, 1):
        rows = np.flatnonzero(paths.depth == depth)
        assert not paths.is_loop[rows].any()
        assert len(np.unique(paths.group[rows])) == 1
        assert paths.role[rows].tolist() == [depth + 1, Role.OVERHANG_PERIMETER, depth + 1]
        lines = [lines_of(paths)[row] for row in rows.tolist()]
        for one, two in zip(lines, lines[1:] + lines[:1], strict=True):
            assert (one[-1] == two[0]).all()
        # Half a nozzle beyond the edge of the layer below.
        assert lines[1][0][0] == pytest.approx(12.2, abs=1e-6)
        assert lines[1][-1][0] == pytest.approx(12.2, abs=1e-6)
        thread = bead.thread_diameter_nm(spec.nozzle_nm, spec.bridge_flow_ratio)
        assert (paths.width_nm[rows[1]], paths.height_nm[rows[1]]) == (thread, thread)
        assert paths.area_nm2[rows[1]] == bead.thread_area_nm2(thread)


def test_thin_bridges_keep_the_bead_and_take_its_flow() -> None:
    spec = layer_spec(bridge_flow_ratio=0.95)
    section, below = rings_of(rectangle(0, 0, 20, 20)), rings_of(rectangle(0, 0, 12, 20))
    paths = plan_walls(section, spec, below=below).paths
    air = is_air(paths)
    assert (paths.width_nm[air] == spec.external.width_nm).all()
    assert (paths.area_nm2[air] == round(0.95 * spec.external.area_nm2)).all()


def test_a_loop_wholly_over_air_stays_a_loop() -> None:
    section = rings_of(rectangle(0, 0, 20, 20), rectangle(40, 0, 5, 5))
    below = rings_of(rectangle(0, 0, 20, 20))
    paths = plan_walls(section, layer_spec(), below=below).paths
    assert paths.is_loop.all()
    right = np.array([line[:, 0].min() > 30 for line in lines_of(paths)])
    assert (is_air(paths) == right).all()
    nothing_below = plan_walls(section, layer_spec(), below=EMPTY).paths
    assert is_air(nothing_below).all()


def test_a_ceiling_inside_the_walls_is_not_their_matter() -> None:
    section = rings_of(rectangle(0, 0, 30, 30))
    below = rings_of(rectangle(0, 0, 30, 30), hole(12, 12, 6, 6))
    assert not is_air(plan_walls(section, layer_spec(), below=below).paths).any()


def test_walls_around_a_hole_over_a_wider_hole_are_overhangs() -> None:
    section = rings_of(rectangle(0, 0, 30, 30), hole(12, 12, 6, 6))
    below = rings_of(rectangle(0, 0, 30, 30), hole(8, 8, 14, 14))
    paths = plan_walls(section, layer_spec(), below=below).paths
    assert (is_air(paths) == paths.is_hole).all()
    assert is_air(paths).any()


@pytest.mark.parametrize("seed", range(12))
def test_centrelines_are_kept_and_split_where_support_ends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    section = clip.clean(star(rng, 12, 14, depth=0.3))
    below = clip.clean(star(rng, 12, 14, depth=0.5))
    spec = layer_spec(thin_walls=False, gap_fill=False)
    plain = plan_walls(section, spec, below=None).paths
    split = plan_walls(section, spec, below=below).paths
    assert lengths_mm(split).sum() == pytest.approx(lengths_mm(plain).sum(), abs=1e-4)
    carried = area_of(clip.offset(below, spec.nozzle_nm // 2))
    wrong = 0.0
    for line, air in zip(lines_of(split), is_air(split), strict=True):
        inside = shapely.LineString(line).intersection(carried).length
        wrong = max(wrong, inside if air else shapely.LineString(line).length - inside)
    # Stretches shorter than a bead is wide are left in the state around them.
    assert wrong < 6 * spec.external.width_nm / MM

"""Conservation and containment of walls on random sections and real parts."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.kernels import bead, clip
from printstd.kernels.rings import Rings, area_mm2, concat, lengths_nm
from printstd.toolpath.walls import plan_walls
from tests.layer_specs import layer_spec
from tests.oracles.areas import (
    MM,
    area_of,
    beads,
    depth_outside_mm,
    hole,
    lines_of,
    rings_of,
    star,
    volume_mm2,
)

quick = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**31)


def section_of(seed: int) -> Rings:
    rng = np.random.default_rng(seed)
    parts = [star(rng, float(rng.uniform(6, 12)), int(rng.integers(6, 24)), depth=0.35)]
    for _ in range(int(rng.integers(0, 4))):
        parts.append(rings_of(hole(*rng.uniform(-4, 3, 2), *rng.uniform(0.5, 3, 2))))
    return clip.clean(concat(parts))


@quick
@given(seeds)
def test_loops_lie_inside_and_nested(seed: int) -> None:
    section, spec = section_of(seed), layer_spec(wall_count=3)
    paths = plan_walls(section, spec, below=None).paths
    area = area_of(section)
    step, inset = (
        (spec.external.spacing_nm + spec.inner.spacing_nm) // 2,
        spec.external.width_nm // 2,
    )
    for row, xy in enumerate(lines_of(paths)):
        if not paths.is_loop[row] or paths.role[row] == Role.GAP_FILL:
            continue
        if paths.width_nm[row] not in (spec.external.width_nm, spec.inner.width_nm):
            continue
        line = shapely.LineString(xy)
        distance = shapely.distance(area.boundary, shapely.points(xy)).min()
        depth = int(paths.depth[row])
        assert area.covers(line)
        # What is left of narrow places is let 2 um wider than it was found, `walls._SLACK_NM`.
        assert distance > (inset + step * depth) / MM - 2.5e-3


@quick
@given(seeds)
def test_material_and_fill_add_up_to_the_section(seed: int) -> None:
    section, spec = section_of(seed), layer_spec()
    walls = plan_walls(section, spec, below=None)
    # Beads have round sides: half of what they lack is lost along the outline.
    lost = lengths_nm(section).sum() / MM * bead.ROUND_LOSS * spec.height_nm / 2 / MM
    laid = volume_mm2(walls.paths, spec.height_nm) + area_mm2(walls.fill)
    assert laid == pytest.approx(area_mm2(section) - lost, rel=0.02)


@quick
@given(seeds)
@example(511543786)  # a thin wall that narrows faster than its steps may be short
def test_beads_cover_the_section_and_stay_in_it(seed: int) -> None:
    section = section_of(seed)
    walls = plan_walls(section, layer_spec(), below=None)
    area = area_of(section)
    laid = beads(walls.paths, cap="round")
    assert depth_outside_mm(laid, area) < 0.05
    # Loops and thin walls alone make the outline; gap fill has no part in it.
    bare = area - laid - area_of(walls.fill).buffer(0.01)
    assert bare.area < 0.02 * area.area


@quick
@given(seeds)
def test_fill_keeps_clear_of_the_walls(seed: int) -> None:
    section, spec = section_of(seed), layer_spec()
    walls = plan_walls(section, spec, below=None)
    fill = area_of(walls.fill)
    if walls.fill.is_empty:
        return
    loops = [
        xy for xy, loop in zip(lines_of(walls.paths), walls.paths.is_loop, strict=True) if loop
    ]
    near = min(fill.distance(shapely.LineString(xy)) for xy in loops)
    assert near > spec.inner.spacing_nm / 2 / MM - 1e-5

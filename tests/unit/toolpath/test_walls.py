"""Walls against closed forms and against shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from printstd.artifacts.toolpath import Role
from printstd.kernels import bead
from printstd.kernels.rings import EMPTY, Rings, area_mm2, concat, signed_area2
from printstd.toolpath.paths import PathSet
from printstd.toolpath.walls import plan_walls, plan_walls_of
from tests.layer_specs import layer_spec
from tests.oracles.areas import (
    MM,
    area_of,
    beads,
    depth_outside_mm,
    hole,
    lengths_mm,
    lines_of,
    rectangle,
    rings_of,
    volume_mm2,
)


def loops_of(paths: PathSet, depth: int) -> list[np.ndarray]:
    """Vertices, nm, of the loops of one wall."""
    rows = np.flatnonzero(paths.is_loop & (paths.depth == depth))
    return [paths.xy_nm[paths.offsets[r] : paths.offsets[r + 1]] for r in rows.tolist()]


def sides_nm(loop: np.ndarray) -> list[int]:
    return [
        int(loop[:, 0].min()),
        int(loop[:, 0].max()),
        int(loop[:, 1].min()),
        int(loop[:, 1].max()),
    ]


def test_every_wall_lies_where_the_formula_puts_it() -> None:
    spec = layer_spec(wall_count=4, width_mm=0.42, inner_mm=0.5)
    walls = plan_walls(rings_of(rectangle(0, 0, 20, 20)), spec, below=None)
    s_e, s = spec.external.spacing_nm, spec.inner.spacing_nm
    inset = [210_000, 210_000 + (s_e + s) // 2]
    inset += [inset[1] + s, inset[1] + 2 * s]
    for depth, distance in enumerate(inset):
        (loop,) = loops_of(walls.paths, depth)
        assert sides_nm(loop) == [distance, 20 * MM - distance] * 2
        row = int(np.flatnonzero(walls.paths.depth == depth)[0])
        wanted = spec.inner if depth else spec.external
        assert walls.paths.width_nm[row] == wanted.width_nm
        assert walls.paths.area_nm2[row] == wanted.area_nm2
        assert walls.paths.role[row] == (Role.PERIMETER if depth else Role.EXTERNAL_PERIMETER)
    edge = inset[-1] + s // 2
    assert sides_nm(walls.fill.xy_nm) == [edge, 20 * MM - edge] * 2


def test_one_wall_leaves_fill_half_its_own_spacing_inside() -> None:
    spec = layer_spec(wall_count=1, width_mm=0.42, inner_mm=0.5)
    fill = plan_walls(rings_of(rectangle(0, 0, 20, 20)), spec, below=None).fill
    edge = 210_000 + spec.external.spacing_nm // 2
    assert sides_nm(fill.xy_nm) == [edge, 20 * MM - edge] * 2


def test_outer_loops_turn_left_and_hole_loops_right() -> None:
    section = rings_of(rectangle(0, 0, 20, 20), hole(5, 5, 6, 6), rectangle(7, 7, 2, 2))
    paths = plan_walls(section, layer_spec(), below=None).paths
    loops = paths.is_loop
    area2 = signed_area2(Rings(paths.xy_nm, paths.offsets))
    assert loops.sum() >= 5
    assert ((area2 < 0) == paths.is_hole)[loops].all()
    (around_hole,) = (
        loop
        for loop, is_hole in zip(loops_of(paths, 0), paths.is_hole[paths.depth == 0], strict=True)
        if is_hole
    )
    assert sides_nm(around_hole) == [5 * MM - 225_000, 11 * MM + 225_000] * 2


def test_external_centreline_is_half_a_width_from_the_outline_everywhere() -> None:
    # Small roundings too: an opening alone would bring them back as corners.
    rng = np.random.default_rng(4)
    for radius in (0.1, 0.3, 0.5, 2.0):
        outline = shapely.box(0, 0, 12, 9).buffer(-radius - 0.5).buffer(radius, quad_segs=6)
        notch = shapely.Point(rng.uniform(3, 9), rng.uniform(2, 3)).buffer(1.3, quad_segs=6)
        area = outline - notch
        section = rings_of(np.array(area.exterior.coords)[:-1][::-1].tolist())
        if signed_area2(section).sum() < 0:
            section = rings_of(np.array(area.exterior.coords)[:-1].tolist())
        paths = plan_walls(section, layer_spec(), below=None).paths
        area = area_of(section)
        for loop in loops_of(paths, 0):
            centreline = shapely.LinearRing(loop / MM)
            points = shapely.line_interpolate_point(
                centreline, np.arange(0, centreline.length, 0.02)
            )
            depth = shapely.distance(area.boundary, points)
            # Never too near; farther away only in corners that jut into the part.
            assert depth.min() > 0.225 - 2e-6
            assert np.quantile(depth, 0.9) < 0.2252


@pytest.mark.parametrize("width_mm", [0.7, 0.85, 1.0, 1.2, 1.5, 1.6, 1.8, 2.0, 2.4, 3.0])
def test_ribs_are_covered(width_mm: float) -> None:
    section = rings_of(rectangle(0, 0, 20, width_mm))
    walls = plan_walls(section, layer_spec(), below=None)
    area, covered = area_of(section), beads(walls.paths)
    bare = area - covered - area_of(walls.fill).buffer(0.01)
    assert bare.area < 0.004 * area.area
    assert depth_outside_mm(beads(walls.paths, cap="round"), area) < 1e-4


@pytest.mark.parametrize("width_mm", [0.15, 0.2, 0.3, 0.45, 0.6, 0.68])
def test_a_thin_wall_is_one_bead_of_its_own_width(width_mm: float) -> None:
    spec = layer_spec()
    paths = plan_walls(rings_of(rectangle(0, 0, 20, width_mm)), spec, below=None).paths
    assert paths.n_paths == 1
    assert paths.role[0] == Role.EXTERNAL_PERIMETER
    assert not paths.is_loop[0]
    assert paths.depth[0] == 0
    assert abs(int(paths.width_nm[0]) - round(width_mm * MM)) <= 1
    # Round ends touch the wall's ends.
    assert lengths_mm(paths)[0] == pytest.approx(20 - width_mm, abs=1e-5)
    width = int(paths.width_nm[0])
    if width >= spec.height_nm:
        assert paths.area_nm2[0] == bead.area_nm2(width, spec.height_nm)
    else:
        assert paths.area_nm2[0] == bead.thread_area_nm2(width)


def test_walls_too_thin_to_print_are_left_out() -> None:
    assert (
        plan_walls(rings_of(rectangle(0, 0, 20, 0.12)), layer_spec(), below=None).paths.n_paths == 0
    )


def test_without_thin_walls_only_loops_that_fit_are_laid() -> None:
    spec = layer_spec(thin_walls=False, gap_fill=False)
    section = rings_of(rectangle(0, 0, 20, 0.4), rectangle(0, 2, 20, 0.5))
    paths = plan_walls(section, spec, below=None).paths
    assert paths.is_loop.all()
    assert len(loops_of(paths, 0)) == 1


def test_gap_fill_brings_what_the_gap_holds() -> None:
    """Material of loops and gap fill together is the section's less the rounding outside."""
    spec = layer_spec()
    for width_mm in (1.0, 1.1, 1.2, 1.3, 1.9, 2.1):
        section = rings_of(rectangle(0, 0, 40, width_mm))
        walls = plan_walls(section, spec, below=None)
        assert (walls.paths.role == Role.GAP_FILL).any()
        outside = bead.ROUND_LOSS * spec.height_nm / 2 / MM * (2 * 40 + 2 * width_mm)
        laid = volume_mm2(walls.paths, spec.height_nm) + area_mm2(walls.fill)
        assert laid == pytest.approx(40 * width_mm - outside, rel=0.006)


def test_gap_fill_off_leaves_the_gap_to_infill() -> None:
    section = rings_of(rectangle(0, 0, 20, 2.0))
    on = plan_walls(section, layer_spec(), below=None)
    off = plan_walls(section, layer_spec(gap_fill=False), below=None)
    assert (on.paths.role == Role.GAP_FILL).any()
    assert not (off.paths.role == Role.GAP_FILL).any()
    assert on.fill.is_empty
    assert area_mm2(off.fill) == pytest.approx((2.0 - 4 * 0.4285 + 0.4285 - 0.4286) * 19, rel=1)
    assert not off.fill.is_empty


def test_a_wedge_is_followed_in_steps_without_a_stop() -> None:
    paths = plan_walls(rings_of([[0, 0], [20, 0], [20, 0.6]]), layer_spec(), below=None).paths
    thin = np.flatnonzero(~paths.is_loop)
    assert len(thin) > 5
    assert len(np.unique(paths.group[thin])) == 1
    assert paths.group[thin[0]] >= 0
    assert (np.diff(paths.width_nm[thin]) > 0).all()
    lines = lines_of(paths)
    for one, two in zip(thin[:-1].tolist(), thin[1:].tolist(), strict=True):
        assert (lines[one][-1] == lines[two][0]).all()
    area = area_of(rings_of([[0, 0], [20, 0], [20, 0.6]]))
    assert depth_outside_mm(beads(paths), area) < 0.02
    printable = 1 - (0.1334 / 0.6) ** 2
    assert (beads(paths) & area).area / area.area > printable - 0.06


def test_walls_of_a_layer_do_not_come_closer_than_their_spacing() -> None:
    section = rings_of(rectangle(0, 0, 20, 20), hole(6, 6, 8, 8))
    spec = layer_spec(wall_count=3)
    paths = plan_walls(section, spec, below=None).paths
    loops = [shapely.LinearRing(xy[:-1]) for xy in lines_of(paths)]
    for i, one in enumerate(loops):
        for two in loops[i + 1 :]:
            assert one.distance(two) > spec.inner.spacing_nm / MM - 2e-6


def test_an_empty_section_has_no_walls() -> None:
    walls = plan_walls(EMPTY, layer_spec(), below=None)
    assert walls.paths.n_paths == 0
    assert walls.fill.is_empty


def test_order_of_the_rings_does_not_matter() -> None:
    one = [
        rectangle(0, 0, 9, 9),
        hole(2, 2, 3, 3),
        rectangle(20, 0, 0.4, 9),
        rectangle(30, 0, 5, 1.2),
    ]
    wanted = plan_walls(rings_of(*one), layer_spec(), below=None)
    rng = np.random.default_rng(1)
    for _ in range(4):
        rings = [np.roll(np.array(ring), int(rng.integers(4)), axis=0) for ring in one]
        mixed = [rings[i].tolist() for i in rng.permutation(len(rings))]
        raw = concat([rings_of(ring) for ring in mixed])
        found = plan_walls(raw, layer_spec(), below=None)
        for name in PathSet.__slots__:
            assert getattr(found.paths, name).tobytes() == getattr(wanted.paths, name).tobytes()
        assert found.fill.xy_nm.tobytes() == wanted.fill.xy_nm.tobytes()


def test_layers_together_come_out_as_layers_apart() -> None:
    rng = np.random.default_rng(3)
    sections, specs = [EMPTY], [layer_spec(width_mm=0.5)]
    for i in range(9):
        width, depth = rng.uniform(0.2, 5, 2).tolist()
        sections.append(
            rings_of(rectangle(rng.uniform(0, 200), 0, 20, width), rectangle(0, 9, 8, depth))
        )
        specs.append(layer_spec(width_mm=0.5) if i % 3 == 0 else layer_spec(one_wall_on_top=True))
    below = [None, *sections[:-1]]
    above = [*sections[1:], EMPTY]
    together = plan_walls_of(sections, specs, below, above)
    for section, spec, under, over, walls in zip(
        sections, specs, below, above, together, strict=True
    ):
        apart = plan_walls(section, spec, below=under, above=over)
        for name in PathSet.__slots__:
            assert getattr(apart.paths, name).tobytes() == getattr(walls.paths, name).tobytes()
        assert apart.fill.xy_nm.tobytes() == walls.fill.xy_nm.tobytes()

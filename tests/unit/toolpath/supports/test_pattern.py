"""Lines of supports: at which distance, which way, and that no area is left without one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from printstd.artifacts.toolpath import Role
from printstd.kernels import clip
from printstd.kernels.rings import Rings
from printstd.profiles.supports import SupportStyle
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import bead_of
from printstd.toolpath.supports.pattern import (
    Fill,
    Patch,
    body_fill,
    foot_fill,
    interface_fill,
    lay_patches,
)
from tests.layer_specs import layer_spec
from tests.oracles.areas import area_of, beads, lines_of
from tests.unit.toolpath.supports.parts import MM, box, disc, spec

LAYER = layer_spec(support=bead_of(0.4, 200_000))
BEAD = LAYER.support
BODY, DENSE = body_fill(spec(), BEAD), interface_fill(spec(), BEAD)
GRID = body_fill(spec(style=SupportStyle.GRID), BEAD)


def laid(area: Rings, fill: Fill) -> PathSet:
    (paths,) = lay_patches([Patch(0, area, fill, LAYER)], 1)
    return paths


def strokes(paths: PathSet, axis: int) -> list[float]:
    """Where the long straight strokes along X (0) or Y (1) lie, mm."""
    found = []
    for xy in lines_of(paths):
        way = np.abs(np.diff(xy, axis=0))
        long = (way[:, axis] > 3.0) & (way[:, 1 - axis] < 1e-6)
        found += xy[:-1][long, 1 - axis].tolist()
    return sorted(found)


@pytest.mark.parametrize(
    ("fill", "axis", "wanted"),
    [(BODY, 1, 2.0 + BEAD.spacing_nm / MM), (DENSE, 0, 0.2 + BEAD.spacing_nm / MM)],
    ids=["body along Y", "interface along X"],
)
def test_lines_lie_a_spacing_apart(fill: Fill, axis: int, wanted: float) -> None:
    at = strokes(laid(box(0, 0, 20, 20), fill), axis)
    assert np.diff(at) == pytest.approx(np.full(len(at) - 1, wanted), abs=2e-6)
    assert len(at) >= int(19.6 / wanted)


def test_lines_of_other_layers_stand_on_each_other() -> None:
    one, other = (strokes(laid(box(*b), BODY), 1) for b in ((0, 0, 20, 20), (3.1, 1, 28, 9)))
    shared = [x for x in one if x > 3.5]
    assert len(shared) > 4
    assert all(min(abs(x - y) for y in other) < 2e-6 for x in shared)


def test_a_body_is_one_zigzag_and_in_a_grid_a_wall_around_it() -> None:
    paths = laid(box(0, 0, 20, 20), BODY)
    assert paths.n_paths == 1
    walled = laid(box(0, 0, 20, 20), GRID)
    assert walled.is_loop.tolist() == [True, False]
    wall = shapely.Polygon(lines_of(walled)[0])
    half = BEAD.spacing_nm / 2 / MM
    assert wall.symmetric_difference(shapely.box(half, half, 20 - half, 20 - half)).area < 1e-6


def test_nothing_is_laid_outside_its_area_and_roles_are_kept() -> None:
    area = clip.difference(disc(9), box(-2, -2, 3, 1))
    for fill in (BODY, GRID, DENSE, foot_fill(spec(), BEAD, 0.9)):
        paths = laid(area, fill)
        assert set(paths.role.tolist()) == {fill.role}
        allowed = area_of(area).buffer(0.03)
        assert (beads(paths) - allowed).area < 0.02


@pytest.mark.parametrize("fill", [BODY, GRID, DENSE], ids=["snug", "grid", "interface"])
@pytest.mark.parametrize("width", [0.3, 0.45, 0.6, 0.8, 1.2, 1.9, 2.3, 3.0])
def test_no_area_is_too_narrow_for_a_line(fill: Fill, width: float) -> None:
    """Rings and bars as narrow as a bead, wherever they lie among the lines."""
    for area in (
        clip.difference(disc(6), disc(6 - width)),
        box(0.7, 0, 0.7 + width, 12),
        box(0, 1.3, 12, 1.3 + width),
    ):
        paths = laid(area, fill)
        reach = (fill.pitch_nm / 2 + fill.bead.width_nm) / MM
        lines = shapely.union_all([shapely.LineString(xy) for xy in lines_of(paths)])
        assert (area_of(area) - lines.buffer(reach)).area < 0.01 * area_of(area).area


def test_the_lowest_layer_is_as_dense_as_asked_for() -> None:
    for density in (0.5, 0.9):
        paths = laid(box(0, 0, 30, 30), foot_fill(spec(), BEAD, density))
        fed = float(
            (paths.area_nm2 * 1e-12)
            @ np.array([shapely.LineString(x).length for x in lines_of(paths)])
        )
        assert fed / (30 * 30 * 0.2) == pytest.approx(density, rel=0.05)


def test_layers_do_not_depend_on_each_other() -> None:
    areas = [box(0, 0, 9, 9), disc(5), box(0, 0, 0.5, 9)]
    patches = [
        Patch(slot, area, fill, LAYER) for slot, area in enumerate(areas) for fill in (BODY, DENSE)
    ]
    together = lay_patches(patches, 3)
    for slot in range(3):
        alone = lay_patches([p._replace(slot=0) for p in patches if p.slot == slot], 1)[0]
        for a, b in zip(together[slot].arrays(), alone.arrays(), strict=True):
            assert np.array_equal(a, b)
    assert {int(r) for r in together[0].role} == {Role.SUPPORT, Role.SUPPORT_INTERFACE}

"""Extra walls over overhangs: each held by the one before, nothing bare, bridges left alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from manifold3d import Manifold

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.toolpath import MoveKind, Role
from printstd.kernels.rings import EMPTY, Rings, area_mm2
from printstd.toolpath.overhang_walls import held_walls
from printstd.toolpath.paths import HELD_FIRST, PathSet
from printstd.toolpath.spec import LayerSpec
from tests.layer_specs import layer_spec
from tests.oracles.areas import MM, area_of, lines_of, rectangle, rings_of, volume_mm2
from tests.unit.toolpath.planning import is_kind, lines_laid, plan, profiles
from tests.unit.toolpath.solids import block, bridge, tee

SPEC = layer_spec()
SPACING = SPEC.inner.spacing_nm / MM


def disc(radius: float) -> Rings:
    angle = np.arange(96) * (2 * np.pi / 96)
    return rings_of(np.c_[radius * np.cos(angle), radius * np.sin(angle)].tolist())


CASES = {
    # The room behind the walls, and what lies under it.
    "shelf": (rings_of(rectangle(0, 0, 14, 10)), rings_of(rectangle(-1, -1, 7, 12))),
    "corner": (rings_of(rectangle(0, 0, 14, 10)), rings_of(rectangle(-1, -1, 7, 6))),
    "slanting": (
        rings_of([[0, 0], [14, 0], [14, 6], [0, 10]]),
        rings_of([[-1, -1], [8, -1], [5, 12], [-1, 12]]),
    ),
    "disc": (disc(9), disc(3)),
    "narrow": (rings_of(rectangle(0, 0, 8, 10)), rings_of(rectangle(-1, -1, 7.9, 12))),
}


def held(name: str, spec: LayerSpec = SPEC) -> tuple[PathSet, Rings, list[shapely.Geometry]]:
    fill, below = CASES[name]
    walls, left = held_walls(fill, below, spec)
    return walls, left, [shapely.LineString(xy) for xy in lines_of(walls)]


@pytest.mark.parametrize("name", CASES)
def test_every_wall_is_held_by_the_layer_below_or_by_one_before(name: str) -> None:
    walls, _, lines = held(name)
    below = area_of(CASES[name][1])
    assert walls.n_paths >= 2
    standing = below
    for line, role in zip(lines, walls.role.tolist(), strict=True):
        points = shapely.line_interpolate_point(line, np.linspace(0, 1, 200), normalized=True)
        away = shapely.distance(standing, points)
        if role == Role.PERIMETER:
            # The first lies on the layer below with its whole width.
            assert below.buffer(-SPACING / 2 + 1e-3).covers(line)
        # Mitred fronts stand off further at the ends of their corners alone.
        assert np.quantile(away, 0.9) < 1.3 * SPACING
        assert away.max() < 2.0 * SPACING
        standing = standing.union(line)


@pytest.mark.parametrize("name", CASES)
def test_walls_and_what_they_leave_are_the_room(name: str) -> None:
    walls, left, lines = held(name)
    room = area_of(CASES[name][0])
    laid = volume_mm2(walls, SPEC.height_nm) + area_mm2(left)
    assert laid == pytest.approx(room.area, rel=0.025)
    covered = shapely.union_all([line.buffer(0.25) for line in lines]).union(area_of(left))
    bare = room.difference(covered).buffer(-0.1).buffer(0.1)
    assert bare.area < 0.002 * room.area
    # No bead reaches further into the walls around than infill does, and none over another.
    inside = room.buffer(-0.09)
    assert all(inside.covers(line) for line in lines)
    for i, one in enumerate(lines):
        for two in lines[i + 1 :]:
            assert one.distance(two) > 0.75 * SPACING


def test_what_bridges_span_and_what_nothing_holds_is_left_alone() -> None:
    room = rings_of(rectangle(0, 0, 20, 8))
    piers = rings_of(rectangle(-1, -1, 5, 10), rectangle(16, -1, 5, 10))
    far = rings_of(rectangle(50, 50, 5, 5))
    for below in (piers, far, EMPTY, rings_of(rectangle(-1, -1, 30, 20))):
        walls, left = held_walls(room, below, SPEC)
        assert walls.n_paths == 0
        assert left.xy_nm.tobytes() == room.xy_nm.tobytes()


def test_round_threads_are_laid_side_by_side() -> None:
    spec = layer_spec(thick_external_bridges=True)
    walls, _, lines = held("shelf", spec)
    over = np.flatnonzero(walls.role == Role.OVERHANG_PERIMETER).tolist()
    assert set(walls.width_nm[over].tolist()) == {400_000}
    gaps = [lines[a].distance(lines[b]) for a, b in itertools.pairwise(over)]
    assert min(gaps) > 0.36
    assert max(gaps) < 0.46


# ----------------------------------------------------------------------------------- plans


def laid(part: Manifold, *settings: tuple[str, str], on: str = "true") -> list[tuple[Role, int]]:
    toolpath = plan(part, profiles(("overhangs.extra_walls", on), *settings))
    return [(line.role, line.layer) for line in lines_laid(toolpath)]


def test_they_come_before_the_walls_that_hang() -> None:
    """First on the layer below, then outwards; the part's own walls and infill after."""
    toolpath = plan(tee(), profiles(("overhangs.extra_walls", "true")))
    mine = [line for line in lines_laid(toolpath) if line.layer == 30]
    upright = [line for line in mine if np.ptp(line.xy_um[:, 0]) < 5 and line.length_um > 5_000]
    first = mine[: len(upright)]
    assert all(a is b for a, b in zip(first, upright, strict=True))
    everywhere = np.concatenate([line.xy_um[:, 0] for line in mine])
    middle = (everywhere.min() + everywhere.max()) / 2
    for side in (-1, 1):
        away = [
            abs(line.xy_um[0, 0] - middle)
            for line in upright
            if side * (line.xy_um[0, 0] - middle) > 0
        ]
        assert len(away) > 8
        assert (np.diff(away) > 300).all()
    assert [line.role for line in upright].count(Role.PERIMETER) == 2
    assert {line.role for line in mine[len(upright) :]} >= {Role.OVERHANG_PERIMETER, Role.PERIMETER}


def test_only_layers_that_hang_have_them() -> None:
    assert laid(block(12, 10, 3)) == laid(block(12, 10, 3), on="false")
    assert laid(bridge()) == laid(bridge(), on="false")
    extra = {layer for role, layer in laid(tee()) if role is Role.OVERHANG_PERIMETER}
    assert extra == {30}


def test_the_part_holds_as_much() -> None:
    fed = []
    for on in ("true", "false"):
        toolpath = plan(tee(), profiles(("overhangs.extra_walls", on)))
        extruded = is_kind(toolpath, MoveKind.EXTRUDE) & (toolpath.layer == 30)
        fed.append(float(toolpath.e_e5[extruded].sum()))
    # Bridges reach 3 mm onto what carries them and are solid there; walls do not.
    assert 0.75 < fed[0] / fed[1] < 1.02


def test_many_processes_make_the_same() -> None:
    part, resolved = tee(), profiles(("overhangs.extra_walls", "true"))
    one, many = plan(part, resolved), plan(part, resolved, ProcessExecutor(2, chunk_size=3))
    assert one.xy_um.tobytes() == many.xy_um.tobytes()
    assert HELD_FIRST < -1

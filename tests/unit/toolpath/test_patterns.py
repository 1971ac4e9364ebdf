"""What each pattern promises beyond what all do (test_infill): across layers, near walls, under
roofs."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pytest
import shapely

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.kernels.rings import EMPTY, Rings
from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath.infill.patterns import PATTERNS, SURVEYED, surveyed
from printstd.toolpath.infill.plan import fill_layers
from printstd.toolpath.infill.survey import Survey
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.surfaces import NO_SURFACES
from tests.layer_specs import layer_spec
from tests.oracles.areas import MM, lengths_mm, lines_of, rectangle, rings_of, volume_mm2
from tests.shares import share
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import is_kind, plan, profiles, stack_for, starts_um
from tests.unit.toolpath.solids import block

HEIGHT = 200_000
UPRIGHT = [
    InfillPattern.ALIGNED_RECTILINEAR,
    InfillPattern.GRID,
    InfillPattern.TRIANGLES,
    InfillPattern.STARS,
    InfillPattern.HONEYCOMB,
    InfillPattern.CONCENTRIC,
]
"""Walls of these patterns stand straight."""


def laid(areas: Sequence[Rings], spec: LayerSpec, only: Sequence[int] = ()) -> list[PathSet]:
    """Sparse infill of a print of such areas, of all its layers or some."""
    specs, z_nm = [spec] * len(areas), [(i + 1) * HEIGHT for i in range(len(areas))]
    ways = surveyed(Survey(areas, specs, z_nm))
    return [
        fill_layers(
            [NO_SURFACES._replace(sparse=areas[i])],
            [spec],
            first_layer=i,
            z_nm=[z_nm[i]],
            below=[None],
            surveyed=ways,
        )[0]
        for i in only or range(len(areas))
    ]


def test_the_registry_is_closed() -> None:
    assert {*PATTERNS, *SURVEYED} == set(InfillPattern)
    assert not set(PATTERNS) & set(SURVEYED)


@pytest.mark.parametrize("pattern", UPRIGHT)
def test_upright_patterns_lie_on_themselves(pattern: InfillPattern) -> None:
    area = rings_of(rectangle(3.3, 4.4, 40, 30))
    a, b = laid([area] * 4, layer_spec(pattern=pattern), (1, 3))
    assert a.xy_nm.tobytes() == b.xy_nm.tobytes()
    # Grid only begins with the other family by turns.
    c = laid([area] * 3, layer_spec(pattern=pattern), (2,))[0]
    assert lengths_mm(c).sum() == pytest.approx(lengths_mm(a).sum(), rel=1e-6)


def test_cubes_stand_on_their_corners() -> None:
    """Every line lies in one of three families of planes that stand square on each other."""
    spec = layer_spec(pattern=InfillPattern.CUBIC, density_ratio=0.15, anchor_nm=0, anchor_max_nm=0)
    pitch = 3 * spec.sparse.spacing_nm / 0.15 / MM
    area = rings_of(rectangle(3.3, 4.4, 70, 60))
    normals = []
    for turn, side in ((45.0, 1), (105.0, -1), (165.0, 1)):
        a = np.deg2rad(turn)
        normals.append([-np.sin(a), np.cos(a), -side * np.sqrt(0.5)])
    n = np.array(normals)
    assert np.abs(n @ n.T - 1.5 * np.eye(3)).max() < 1e-12
    for layer in (0, 7, 33):
        paths = laid([area] * 34, spec, (layer,))[0]
        seen = set()
        for xy in lines_of(paths):
            ends = np.column_stack([xy, np.full(len(xy), (layer + 1) * HEIGHT / MM)]) @ n.T / pitch
            on = [k for k in range(3) if np.abs(ends[:, k] - round(ends[0, k])).max() < 1e-4]
            assert on
            seen |= set(on)
        assert seen == {0, 1, 2}


def test_a_honeycomb_has_cells_of_six_equal_sides() -> None:
    spec = layer_spec(pattern=InfillPattern.HONEYCOMB, density_ratio=0.1)
    paths = laid([rings_of(rectangle(0, 0, 60, 60))], spec)[0]
    covered = shapely.union_all(
        shapely.buffer([shapely.LineString(xy) for xy in lines_of(paths)], 0.21, cap_style="square")
    )
    cells = [
        shapely.Polygon(ring)
        for part in shapely.get_parts(covered)
        for ring in part.interiors
        if shapely.box(9, 9, 51, 51).covers(ring)
    ]
    assert len(cells) >= 9
    areas = np.array([cell.area for cell in cells])
    assert np.ptp(areas) < 0.02 * areas.mean()
    for cell in cells:
        corners = shapely.get_coordinates(cell.simplify(0.1))[:-1]
        sides = np.hypot(*np.diff(np.vstack([corners, corners[:1]]), axis=0).T)
        assert len(corners) == 6
        assert np.ptp(sides) < 0.12 * sides.mean()


def test_a_zigzag_is_laid_in_one_go() -> None:
    area = rings_of(rectangle(0, 0, 50, 20))
    spec = layer_spec(pattern=InfillPattern.ZIGZAG, density_ratio=0.1, anchor_max_nm=1_000_000)
    assert laid([area], spec)[0].n_paths == 1
    plain = layer_spec(density_ratio=0.1, anchor_max_nm=1_000_000)
    assert laid([area], plain)[0].n_paths > 5


# ------------------------------------------------------------------------------- adaptive


def volumes_of(pattern: InfillPattern, side: float) -> float:
    spec = layer_spec(pattern=pattern, density_ratio=0.3, anchor_nm=0, anchor_max_nm=0)
    n = round(side * MM / HEIGHT)
    areas = [rings_of(rectangle(0, 0, side, side))] * n
    return sum(volume_mm2(paths, HEIGHT) for paths in laid(areas, spec, range(0, n, 5)))


def test_adaptive_cubes_are_fine_near_the_surface_and_large_in_the_middle() -> None:
    side, n = 60.0, 300
    cubic, spec = (
        layer_spec(pattern=pattern, density_ratio=0.3, anchor_nm=0, anchor_max_nm=0)
        for pattern in (InfillPattern.CUBIC, InfillPattern.ADAPTIVE_CUBIC)
    )
    areas = [rings_of(rectangle(0, 0, side, side))] * n
    core = shapely.box(22, 22, 38, 38)
    band = shapely.box(0, 0, side, side) - shapely.box(3, 3, side - 3, side - 3)

    def length(of: LayerSpec, layer: int, place: shapely.Geometry) -> float:
        paths = laid(areas, of, (layer,))[0]
        return float(shapely.MultiLineString(lines_of(paths)).intersection(place).length)

    layers = range(110, 190, 8)
    # Next to the walls it is cubic infill, in the middle there is half as much and less.
    near, far = (
        sum(length(spec, i, place) for i in layers) / sum(length(cubic, i, place) for i in layers)
        for place in (band, core)
    )
    assert near == pytest.approx(1.0, abs=0.01)
    assert far < 0.6
    # Next to floor and roof it is fine everywhere.
    for layer in (2, n - 3):
        assert length(spec, layer, core) == pytest.approx(length(cubic, layer, core), rel=1e-3)


def test_adaptive_cubes_take_less_than_cubes() -> None:
    cubic, adaptive = (
        volumes_of(pattern, 60.0) for pattern in (InfillPattern.CUBIC, InfillPattern.ADAPTIVE_CUBIC)
    )
    assert adaptive < 0.8 * cubic
    # Its lines are those of cubic infill, some of them left out.
    small = [volumes_of(p, 9.0) for p in (InfillPattern.CUBIC, InfillPattern.ADAPTIVE_CUBIC)]
    assert small[1] == pytest.approx(small[0], rel=1e-3)


# ------------------------------------------------------------------------------ lightning


def beads_of(toolpath: Toolpath, layer: int, *roles: Role) -> shapely.Geometry:
    rows = (
        is_kind(toolpath, MoveKind.EXTRUDE)
        & (toolpath.layer == layer)
        & np.isin(toolpath.role, roles)
    )
    ends = np.stack([starts_um(toolpath)[rows], toolpath.xy_um[rows]], axis=1) / 1000
    return shapely.MultiLineString([*ends])


@functools.cache
def lightning_plan(part: str) -> Toolpath:
    body = {
        "box": block(50, 40, 30),
        "steps": block(50, 40, 12) + block(30, 20, 26, (6, 6, 0)),
        "dome": solids.dome(22.0),
        "cave": block(50, 40, 30) - block(20, 16, 8, (15, 12, 14)),
    }[part]
    resolved = profiles(("infill.pattern", "lightning"), ("adhesion.skirt_loops", "0"))
    return plan(stack_for(body, resolved), resolved)


LIGHTNING_PARTS = share(["steps", "box", "cave", "dome"], 2)


@pytest.mark.parametrize("part", LIGHTNING_PARTS)
def test_ribs_lie_on_what_is_below(part: str) -> None:
    toolpath = lightning_plan(part)
    n, most = len(toolpath.layer_top_um), 0.0
    everything = [role for role in Role if role is not Role.NONE]
    for layer in range(1, n):
        own = beads_of(toolpath, layer, Role.INTERNAL_INFILL)
        if own.is_empty:
            continue
        below = beads_of(toolpath, layer - 1, *everything)
        # A bead reaches 0.225 mm to its sides, and each layer 0.2 mm beyond the one below; the last
        # 0.2 mm of a rib are no more than a dot and left out, and it begins 0.35 mm beside the
        # middle of a wall.
        far = shapely.difference(own, shapely.buffer(below, 0.35 + 0.2 + 0.2 + 0.005))
        most = max(most, far.length)
        assert far.length < 1e-6
    assert most == 0.0


@pytest.mark.parametrize("part", LIGHTNING_PARTS)
def test_roofs_are_held_at_the_asked_spacing(part: str) -> None:
    toolpath = lightning_plan(part)
    pitch = 0.40708 / 0.15
    checked = 0
    for layer in range(1, len(toolpath.layer_top_um)):
        over = beads_of(toolpath, layer, Role.INTERNAL_BRIDGE_INFILL)
        if over.is_empty:
            continue
        below = beads_of(
            toolpath,
            layer - 1,
            *[role for role in Role if role is not Role.NONE],
        )
        checked += 1
        # No place is further from what carries than half the diagonal of the lattice.
        assert shapely.difference(over, shapely.buffer(below, 0.75 * pitch)).length < 1e-6
    assert checked


def test_lightning_takes_less_than_a_sparse_grid() -> None:
    def volume(*settings: tuple[str, str]) -> float:
        resolved = profiles(("adhesion.skirt_loops", "0"), *settings)
        toolpath = plan(stack_for(block(50, 40, 30), resolved), resolved)
        return float(toolpath.e_e5[toolpath.role == Role.INTERNAL_INFILL].sum())

    grid = volume(("infill.pattern", "grid"), ("infill.density_ratio", "0.05"))
    lightning = volume(("infill.pattern", "lightning"), ("infill.density_ratio", "0.15"))
    assert lightning < 0.6 * grid


# ----------------------------------------------------------------------------- same bytes


@pytest.mark.parametrize("pattern", [*SURVEYED, InfillPattern.CUBIC, InfillPattern.CONCENTRIC])
def test_the_same_bytes_however_layers_are_divided(pattern: InfillPattern) -> None:
    settings = [("infill.pattern", pattern.value)]
    if pattern is not InfillPattern.LIGHTNING:
        settings.append(("infill.combine_layers", "2"))
    resolved = profiles(*settings)
    stack = stack_for(block(40, 30, 6) + solids.dome(9.0).translate((15, 15, 5)), resolved)
    whole = plan(stack, resolved)
    executors = (
        ProcessExecutor(4, chunk_size=1, submit_order=lambda n: list(reversed(range(n)))),
        ProcessExecutor(1, chunk_size=3),
        ProcessExecutor(2, chunk_size=5),
    )
    for executor in share(executors, 3):
        other = plan(stack, resolved, executor)
        assert other.xy_um.tobytes() == whole.xy_um.tobytes()
        assert other.e_e5.tobytes() == whole.e_e5.tobytes()


def test_no_density_asks_for_no_survey() -> None:
    for pattern in SURVEYED:
        resolved = profiles(("infill.pattern", pattern.value), ("infill.density_ratio", "0.0"))
        assert not (plan(solids.cube(6), resolved).role == Role.INTERNAL_INFILL).any()
    assert not surveyed(Survey([EMPTY], [layer_spec()], [HEIGHT]))

"""Spiral vase: one line that rises all the way, with the material of the layers it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from manifold3d import CrossSection, Manifold

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.errors import ProfileError, SlicingError
from printstd.profiles.resolved import Resolved
from tests.unit.toolpath.planning import is_kind, lengths_um, plan, profiles, starts_um, volume_mm3
from tests.unit.toolpath.solids import block, hole_plate, two_bodies

VASE = (
    ("spiral_vase.is_on", "true"),
    ("walls.count", "1"),
    ("shells.top_layers", "0"),
    ("infill.density_ratio", "0.0"),
    ("compensation.elephant_foot_mm", "0.0"),
)
FLAT = 4
"""Layers of the bottom."""


def settings(*more: tuple[str, str]) -> Resolved:
    return profiles(*VASE, *more)


def cone() -> Manifold:
    return Manifold.cylinder(6, 8, 11, 72)


def twisted() -> Manifold:
    outline = CrossSection([np.array([(-8, -5), (8, -5), (8, 5), (-8, 5)], float)])
    return Manifold.extrude(outline, 6, 30, 25, (0.8, 0.8))


PARTS = {"box": lambda: block(20, 14, 5), "cone": cone, "twisted": twisted}


def spiral(toolpath: Toolpath, layer: int = FLAT) -> slice:
    """Rows from the first rising move to the last extrusion."""
    laid = np.flatnonzero(is_kind(toolpath, MoveKind.EXTRUDE) & (toolpath.layer >= layer))
    return slice(int(laid[0]), int(laid[-1]) + 1)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("smooth", ["false", "true"])
def test_it_is_one_extrusion_that_rises_by_a_layer_a_turn(name: str, smooth: str) -> None:
    toolpath = plan(PARTS[name](), settings(("spiral_vase.is_smooth", smooth)))
    rows = spiral(toolpath)
    assert set(toolpath.kind[rows].tolist()) == {int(MoveKind.EXTRUDE)}
    assert set(toolpath.role[rows].tolist()) == {int(Role.EXTERNAL_PERIMETER)}
    z, layer = toolpath.z_um[rows], toolpath.layer[rows]
    length = lengths_um(toolpath)[rows]
    tops = toolpath.layer_top_um
    # It begins on the bottom and never falls; a level turn at the top ends it.
    assert toolpath.z_um[rows.start - 1] == tops[FLAT - 1]
    climb = np.diff(z, prepend=tops[FLAT - 1])
    assert (climb >= 0).all()
    level = int(np.flatnonzero(z == tops[-1])[0]) + 1
    assert (z[level:] == tops[-1]).all()
    for i in range(FLAT, len(tops)):
        mine = np.flatnonzero((layer == i) & (np.arange(len(z)) < level))
        share = np.cumsum(length[mine]) / length[mine].sum()
        wanted = tops[i - 1] + (tops[i] - tops[i - 1]) * share
        assert np.abs(z[mine] - wanted).max() <= 1.0
        # Strictly: what is long enough for a um of rise has it.
        long = length[mine] * (tops[i] - tops[i - 1]) / length[mine].sum() > 1.0
        assert (climb[mine][long] > 0).all()


@pytest.mark.parametrize("name", PARTS)
def test_it_holds_what_flat_layers_would(name: str) -> None:
    made = plan(PARTS[name](), settings())
    rows = spiral(made)
    laid = made.e_e5[rows].sum() * 1e-5 * np.pi / 4 * 1.75**2
    area = 0.2 * (0.45 - 0.2 * 0.2146018366)
    flat = 0.0
    for i in range(FLAT, len(made.layer_top_um)):
        mine = np.flatnonzero(made.layer[rows] == i)
        length = lengths_um(made)[rows][mine].sum() / 1000
        flat += area * length * (0.5 if i == len(made.layer_top_um) - 1 else 1.0)
    assert laid == pytest.approx(flat, rel=0.02)
    assert volume_mm3(made) > laid


def test_the_first_turn_swells_and_the_last_one_fades() -> None:
    made = plan(block(20, 14, 5), settings(("resolution_mm", "0.0")))
    rows = spiral(made)
    per_mm = made.e_e5[rows] / np.maximum(lengths_um(made)[rows], 1)
    whole = np.median(per_mm)
    layer, last = made.layer[rows], len(made.layer_top_um) - 1
    first = per_mm[layer == FLAT]
    assert (np.diff(first[:4]) > 0).all()
    assert first[0] < 0.5 * whole
    closing = per_mm[layer == last][-4:]
    assert (np.diff(closing) < 0).all()
    inner = per_mm[(layer > FLAT) & (layer < last)]
    assert np.abs(inner / whole - 1).max() < 0.01


@pytest.mark.parametrize("smooth", [False, True])
def test_turns_lie_on_their_outlines_or_between_two(smooth: bool) -> None:
    """Of a cone whose radius grows by 0.1 mm a layer."""
    made = plan(cone(), settings(("spiral_vase.is_smooth", str(smooth).lower())))
    rows = spiral(made)
    xy, z = made.xy_um[rows].astype(float), made.z_um[rows].astype(float)
    centre = (xy.min(axis=0) + xy.max(axis=0)) / 2
    radius = np.hypot(*(xy - centre).T) / 1000
    tops = made.layer_top_um
    layer = made.layer[rows]
    # Middles of layers cut the cone; 72 facets are off by 0.01 mm.
    own = 8 + 0.5 * (tops[layer] - 100) / 1000 - 0.225
    inner = (layer > FLAT) & (z < tops[-1])
    share = (z - tops[layer - 1]) / 200
    wanted = own - (1 - share) * 0.1 if smooth else own
    assert np.abs(radius - wanted)[inner].max() < 0.03
    assert np.quantile(np.abs(radius - wanted)[inner], 0.9) < 0.015


def test_smooth_turns_do_not_step_at_their_start() -> None:
    def step(smooth: str) -> float:
        made = plan(cone(), settings(("spiral_vase.is_smooth", smooth)))
        rows = spiral(made)
        way = (made.xy_um - starts_um(made))[rows].astype(float)
        size = np.hypot(*way.T)
        (ax, ay), (bx, by) = (way[:-1] / size[:-1, None]).T, (way[1:] / size[1:, None]).T
        turn = np.abs(ax * by - ay * bx)
        return float(np.sort(turn[:-80])[-10])

    assert step("false") > 0.5
    assert step("true") < 0.25


def test_the_bottom_is_solid_and_nothing_else_is_filled() -> None:
    made = plan(block(20, 14, 5), settings())
    solid = {int(layer) for layer in made.layer[made.role == Role.SOLID_INFILL]}
    assert solid == set(range(FLAT))
    above = made.role[made.layer >= FLAT]
    assert set(above[made.kind[made.layer >= FLAT] == MoveKind.EXTRUDE]) == {1}


def test_without_a_bottom_the_first_layer_is_flat() -> None:
    made = plan(
        block(20, 14, 5), settings(("shells.bottom_layers", "0"), ("adhesion.skirt_layers", "1"))
    )
    assert set(made.z_um[(made.layer == 0) & is_kind(made, MoveKind.EXTRUDE)].tolist()) == {200}
    rows = spiral(made, 1)
    assert set(made.kind[rows].tolist()) == {int(MoveKind.EXTRUDE)}


@pytest.mark.parametrize("retract", ["true", "false"])
def test_nothing_is_drawn_back_between_turns(retract: str) -> None:
    made = plan(cone(), settings(("printer.retraction.on_layer_change", retract)))
    assert set(made.kind[spiral(made)].tolist()) == {int(MoveKind.EXTRUDE)}


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (two_bodies(), "2 islands and 0 holes"),
        (hole_plate() + block(5, 5, 4), "1 island and 4 holes"),
        (block(20, 14, 2) + block(0.3, 10, 4, (5, 2, 0)), "room for 0 loops"),
    ],
    ids=["two bodies", "holes", "too thin"],
)
def test_what_is_no_vase_is_refused_by_its_first_layer(part: Manifold, found: str) -> None:
    with pytest.raises(SlicingError) as caught:
        plan(part, settings())
    text = str(caught.value)
    assert "SLICE-07" in text
    assert "layer " in text
    assert found in text


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        (("walls.count", "2"), "walls.count"),
        (("shells.top_layers", "3"), "shells.top_layers"),
        (("infill.density_ratio", "0.1"), "infill.density_ratio"),
        (("overhangs.extra_walls", "true"), "overhangs.extra_walls"),
        (("adhesion.skirt_layers", "9"), "adhesion.skirt_layers"),
    ],
)
def test_settings_that_contradict_are_named(setting: tuple[str, str], named: str) -> None:
    with pytest.raises(ProfileError) as caught:
        profiles(*dict([*VASE, setting]).items())
    assert named in str(caught.value)
    assert "spiral_vase.is_on" in str(caught.value)


def test_many_processes_make_the_same() -> None:
    one, many = (
        plan(twisted(), settings()),
        plan(twisted(), settings(), ProcessExecutor(2, chunk_size=4)),
    )
    for name in ("kind", "xy_um", "z_um", "e_e5", "feed_mm_min"):
        assert getattr(one, name).tobytes() == getattr(many, name).tobytes()

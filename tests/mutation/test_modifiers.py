"""Modifiers: inside a volume of a project other settings hold, which show in what is laid, and to
which the program is held there and nowhere else."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

from printstd import pipeline
from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.audit import ClaimedRole, Motion
from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.demand import AuditDemand, RegionDemand
from printstd.artifacts.finding import Status
from printstd.audit import audit_program, read_motion
from printstd.errors import InputError, SlicingError
from printstd.profiles.decision import Outcome
from tests import meshes
from tests.projects import (
    CUT,
    MATERIAL,
    MODIFIER,
    SERIAL,
    SILENT,
    Thing,
    Volume,
    audited,
    failed,
    made,
    orca,
    prepared,
    prusa,
)
from tests.shares import share

BLOCK = meshes.box((50, 30, 8))
LEFT = meshes.moved(meshes.box((25, 40, 20)), (-1, -5, -5))
"""Reaches beyond the block on three sides, to X 24."""
CORE = meshes.moved(meshes.box((20, 20, 4)), (15, 5, 2))
"""Wholly inside."""
IN_LEFT, IN_RIGHT = ((4, 4, 2.1), (21, 26, 6.1)), ((27, 4, 2.1), (46, 26, 6.1))
"""Boxes away from walls, shells and the border, of whole layers of 0.2 mm."""
DENSE = {
    prusa: {"fill_density": "60%", "fill_pattern": "rectilinear", "perimeters": "5"},
    orca: {
        "sparse_infill_density": "60%",
        "sparse_infill_pattern": "rectilinear",
        "wall_loops": "5",
    },
}
LINES = {"infill__pattern": "rectilinear", "infill__density_ratio": "0.2"}
formats = pytest.mark.parametrize("project", [prusa, orca])


def with_modifiers(project, *modifiers: Volume, **own: str) -> bytes:
    return project(Thing([Volume(BLOCK), *modifiers], own))


@functools.cache
def plain_block(**settings: str) -> pipeline.Made:
    """Without any modifier."""
    return made(prusa(Thing([Volume(BLOCK)])), **settings)


@functools.cache
def half_dense(project) -> tuple[bytes, pipeline.Made]:
    data = with_modifiers(project, Volume(LEFT, MODIFIER, DENSE[project]))
    return data, made(data, **LINES)


_motions: dict[int, tuple[pipeline.Made, Motion]] = {}


def motion_of(own: pipeline.Made) -> Motion:
    """Read once of each program."""
    if id(own) not in _motions:
        _motions[id(own)] = own, read_motion(own.program.data, own.demand)
    return _motions[id(own)][1]


def density(own: pipeline.Made, box) -> float:
    """Plastic laid in a box of the model over the box's volume, by the program's bytes alone."""
    motion = motion_of(own)
    low, high = (np.array(end) * 1000.0 + own.demand.placement.translation_um for end in box)
    is_laid = motion.width_um > 0
    start, along = motion.start_um[is_laid], (motion.end_um - motion.start_um)[is_laid]
    # Between which of its shares each bead lies between the planes of each axis.
    moves = np.where(along == 0, 1.0, along)
    ends = np.stack([(low - start) / moves, (high - start) / moves])
    always = (along == 0) & (start > low) & (start < high)
    never = (along == 0) & ~always
    enters = np.where(always, 0.0, np.where(never, 1.0, ends.min(axis=0))).max(axis=1)
    leaves = np.where(always, 1.0, np.where(never, 0.0, ends.max(axis=0))).min(axis=1)
    inside = np.clip(np.minimum(leaves, 1.0) - np.maximum(enters, 0.0), 0.0, 1.0)
    laid = motion.e_um[is_laid] * np.pi / 4 * own.demand.machine.filament_um**2
    return float((laid * inside).sum() / np.prod(high - low))


def walls_from_front(own: pipeline.Made, x_mm: float, z_mm: float, deep_mm: float = 4.0) -> int:
    """How many walls along X a line from the block's front crosses in a layer."""
    motion = motion_of(own)
    x, y, z = np.array(own.demand.placement.translation_um, np.float64)
    start, end = motion.start_um, motion.end_um
    is_wall = np.isin(motion.claimed_role, [ClaimedRole.EXTERNAL_PERIMETER, ClaimedRole.PERIMETER])
    is_wall &= (motion.width_um > 0) & (start[:, 1] == end[:, 1]) & (start[:, 2] == z + z_mm * 1000)
    is_wall &= start[:, 1] < y + deep_mm * 1000
    across = np.sort(np.stack([start[:, 0], end[:, 0]]), axis=0)
    is_wall &= (across[0] < x + x_mm * 1000) & (across[1] > x + x_mm * 1000)
    return len(np.unique(start[is_wall, 1]))


@formats
def test_infill_and_walls_inside_and_outside(project) -> None:
    _, own = half_dense(project)
    assert density(own, IN_LEFT) == pytest.approx(0.6, rel=0.06)
    assert density(own, IN_RIGHT) == pytest.approx(0.2, rel=0.12)
    assert walls_from_front(own, 12, 4.0) == 5
    assert walls_from_front(own, 38, 4.0) == 2
    # As if the whole block were made so, on both sides.
    whole = plain_block(
        infill__pattern="rectilinear", infill__density_ratio="0.6", walls__count="5"
    )
    plain = plain_block(**LINES)
    assert density(own, IN_LEFT) == pytest.approx(density(whole, IN_LEFT), rel=0.03)
    assert density(own, IN_RIGHT) == pytest.approx(density(plain, IN_RIGHT), rel=0.08)


@formats
def test_audited_by_the_right_demand_on_each_side(project) -> None:
    data, own = half_dense(project)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    infill = [f.message for f in audit.findings if f.rule_id == "G-09"]
    assert len(infill) == 2
    assert infill[1].endswith("inside volume 2 of build item 1")
    (region,) = own.demand.regions
    assert region == RegionDemand(0, 1, (480, 840), "", 5, None, None)
    assert from_plain(AuditDemand, to_plain(own.demand)) == own.demand
    foreign = pipeline.foreign_demand([prepared(data, **LINES)], supports_allowed=False)
    assert foreign.regions == own.demand.regions
    assert audited(own.program.data, data, foreign)[1] is Outcome.PASSED


@pytest.mark.parametrize("project", share([prusa, orca], 2))
def test_programs_that_do_not_follow_a_modifier_fail(project) -> None:
    data, own = half_dense(project)
    plain = plain_block(**LINES)
    audit, outcome = audited(plain.program.data, data, own.demand)
    assert outcome is Outcome.FAILED
    said = [message for message in failed(audit) if "inside volume 2" in message]
    assert {message.split()[0] for message in said} - {"G-17"} == {"G-08", "G-09"}
    # Only the walls, only the infill, and on the wrong side.
    is_walls = {"perimeters", "wall_loops"}
    loops = {k: v for k, v in DENSE[project].items() if k in is_walls}
    lines = {k: v for k, v in DENSE[project].items() if k not in is_walls}
    for settings, mesh, rules in (
        (loops, LEFT, {"G-09"}),
        (DENSE[project], meshes.moved(LEFT, (27, 0, 0)), {"G-08", "G-09"}),
        (lines, LEFT, {"G-08"}),
    ):
        wrong = made(with_modifiers(project, Volume(mesh, MODIFIER, settings)), **LINES)
        said = failed(audited(wrong.program.data, data, own.demand)[0])
        assert {message.split()[0] for message in said} - {"G-13", "G-17"} == rules


def test_less_inside_than_outside() -> None:
    """A program that is light everywhere passes inside, and not outside."""
    light = {"fill_density": "10%", "perimeters": "1"}
    heavy = LINES | {"infill__density_ratio": "0.4", "walls__count": "4"}
    data = with_modifiers(prusa, Volume(LEFT, MODIFIER, light))
    own = made(data, **heavy)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    assert walls_from_front(own, 12, 4.0) == 1
    assert walls_from_front(own, 38, 4.0) == 4
    assert density(own, IN_LEFT) < 0.13 < 0.36 < density(own, IN_RIGHT)
    wrong = plain_block(
        infill__pattern="rectilinear", infill__density_ratio="0.1", walls__count="1"
    )
    said = failed(audited(wrong.program.data, data, own.demand)[0])
    assert {"G-08", "G-09"} <= {message.split()[0] for message in said}
    assert not any("inside volume" in message for message in said)


def test_wholly_inside() -> None:
    """Walls that only the core has run around it; the block's own stay as they are."""
    data = with_modifiers(prusa, Volume(CORE, MODIFIER, DENSE[prusa]))
    own = made(data, **LINES)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    assert density(own, ((18, 8, 3.1), (32, 22, 5.1))) == pytest.approx(0.6, rel=0.12)
    assert density(own, ((3, 3, 2.1), (13, 27, 6.1))) == pytest.approx(0.2, rel=0.25)
    assert walls_from_front(own, 25, 4.0) == 2
    assert walls_from_front(own, 25, 4.0, deep_mm=7.0) == 5
    assert walls_from_front(own, 25, 1.6, deep_mm=7.0) == 2


@pytest.mark.parametrize(
    "pattern", share(["gyroid", "honeycomb", "concentric", "cubic", "grid"], 2)
)
def test_patterns_inside(pattern: str) -> None:
    given = {"fill_density": "35%", "fill_pattern": pattern}
    data = with_modifiers(prusa, Volume(LEFT, MODIFIER, given))
    own = made(data, **LINES)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    assert density(own, IN_LEFT) == pytest.approx(0.35, rel=0.12)
    assert density(own, IN_RIGHT) == pytest.approx(0.2, rel=0.12)
    plain = plain_block(**LINES)
    assert audited(plain.program.data, data, own.demand)[1] is Outcome.FAILED


@pytest.mark.parametrize("base", share(["lightning", "gyroid", "adaptivecubic", "concentric"], 2))
def test_around_other_patterns(base: str) -> None:
    data = with_modifiers(
        prusa,
        Volume(LEFT, MODIFIER, {"fill_density": "50%", "fill_pattern": "grid"}),
        fill_pattern=base,
        fill_density="20%",
    )
    own = made(data)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    assert density(own, IN_LEFT) == pytest.approx(0.5, rel=0.12)


def test_skins_inside() -> None:
    """A modifier may leave its tops open, or ask for more layers of them than the rest has."""
    open_top = with_modifiers(prusa, Volume(LEFT, MODIFIER, {"top_solid_layers": "0"}))
    thick_top = with_modifiers(prusa, Volume(LEFT, MODIFIER, {"top_solid_layers": "12"}))
    under_roof = ((4, 4, 6.1), (21, 26, 6.7)), ((27, 4, 6.1), (46, 26, 6.7))
    at_roof = ((4, 4, 7.5), (21, 26, 8.1)), ((27, 4, 7.5), (46, 26, 8.1))
    opened, thick = made(open_top, **LINES), made(thick_top, **LINES)
    assert density(opened, at_roof[0]) < 0.3
    assert density(opened, at_roof[1]) > 0.9
    assert density(thick, under_roof[0]) > 0.9
    assert density(thick, under_roof[1]) < 0.3
    for data, own, other in ((open_top, opened, thick), (thick_top, thick, opened)):
        audit, outcome = audited(own.program.data, data, own.demand)
        assert outcome is Outcome.PASSED, failed(audit)
        said = failed(audited(other.program.data, data, own.demand)[0])
        assert any(message.startswith("G-07") for message in said) == (own is thick)


def test_open_on_both_sides_or_hollow() -> None:
    """Inside there are no skins at all, or no infill; around it all is as ever."""
    bare = {"top_solid_layers": "0", "bottom_solid_layers": "0", "fill_density": "40%"}
    hollow = {"fill_density": "0%", "perimeters": "1"}
    both = []
    for given, least, most in ((bare, 0.36, 0.44), (hollow, 0.0, 0.01)):
        data = with_modifiers(prusa, Volume(LEFT, MODIFIER, given))
        own = made(data, **LINES)
        audit, outcome = audited(own.program.data, data, own.demand)
        assert outcome is Outcome.PASSED, failed(audit)
        assert least <= density(own, IN_LEFT) <= most
        both.append((data, own))
    assert density(own, IN_RIGHT) == pytest.approx(0.2, rel=0.12)
    (data, own), (_, wrong) = both
    said = failed(audited(wrong.program.data, data, own.demand)[0])
    assert any(message.startswith("G-09") for message in said)


FEATURES = [
    {"walls__generator": "variable", "walls__one_on_top": "true"},
    {"infill__combine_layers": "2", "layer_height_mm": "0.15"},
    {"layers__max_surface_error_um": "60"},
    {"raft__layers": "3", "supports__enabled": "true"},
    {"fuzzy_skin__walls": "all"},
]


@pytest.mark.parametrize("settings", FEATURES, ids=lambda settings: "+".join(settings))
def test_with_other_features(settings: dict[str, str]) -> None:
    given = {"fill_density": "70%", "perimeters": "4", "top_solid_layers": "6"}
    data = with_modifiers(prusa, Volume(CORE, MODIFIER, given))
    own = made(data, **settings)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    if settings not in share(FEATURES, 2):
        return
    plain = plain_block(**settings)
    said = failed(audited(plain.program.data, data, own.demand)[0])
    assert any(message.startswith("G-09") for message in said)


def test_of_modifiers_within_one_another_the_last_counts() -> None:
    outer = Volume(LEFT, MODIFIER, {"fill_density": "40%", "perimeters": "4"})
    inner = Volume(
        meshes.moved(meshes.box((60, 15, 20)), (-5, 15, -5)), MODIFIER, {"fill_density": "70%"}
    )
    data = with_modifiers(prusa, outer, inner)
    own = made(data, **LINES)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    lower, upper = slice(4, 13), slice(17, 26)
    for x, y, wanted in (
        ((4, 21), lower, 0.4),
        ((4, 21), upper, 0.7),
        ((27, 46), lower, 0.2),
        ((27, 46), upper, 0.7),
    ):
        box = (x[0], y.start, 2.1), (x[1], y.stop, 6.1)
        assert density(own, box) == pytest.approx(wanted, rel=0.15), box
    assert walls_from_front(own, 12, 4.0) == 4
    turned = made(with_modifiers(prusa, inner, outer), **LINES)
    assert density(turned, ((4, 17, 2.1), (21, 26, 6.1))) == pytest.approx(0.4, rel=0.15)
    assert audited(turned.program.data, data, own.demand)[1] is Outcome.FAILED
    # What both say alike counts against what lies between them.
    back = Volume(inner.mesh, MODIFIER, {"fill_density": "20%"})
    again = made(with_modifiers(prusa, outer, back), **LINES)
    assert density(again, ((4, 17, 2.1), (21, 26, 6.1))) == pytest.approx(0.2, rel=0.15)


def test_a_part_of_an_object_with_settings_of_its_own() -> None:
    """Volumes of the material are regions as modifiers are."""
    post = meshes.moved(meshes.box((20, 20, 12)), (5, 5, 0))
    data = prusa(Thing([Volume(BLOCK), Volume(post, MATERIAL, {"fill_density": "60%"})]))
    own = made(data, **LINES)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    assert density(own, ((8, 8, 2.1), (22, 22, 10.1))) == pytest.approx(0.6, rel=0.12)
    assert density(own, IN_RIGHT) == pytest.approx(0.2, rel=0.12)


def test_of_its_own_object_alone() -> None:
    """A modifier that reaches into another object changes nothing there."""
    reaching = Volume(meshes.moved(meshes.box((80, 40, 20)), (5, -5, -5)), MODIFIER, DENSE[prusa])
    other = meshes.moved(BLOCK, (60, 0, 0))
    data = prusa(Thing([Volume(BLOCK), reaching]), Thing([Volume(other)]))
    own = made(data, **LINES)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    assert density(own, IN_RIGHT) == pytest.approx(0.6, rel=0.12)
    assert density(own, ((64, 4, 2.1), (80, 26, 6.1))) == pytest.approx(0.2, rel=0.12)


def test_beside_negative_volumes_turned_and_scaled() -> None:
    hole = meshes.moved(meshes.box((6, 6, 20)), (10, 12, -5))
    data = prusa(Thing([Volume(BLOCK), Volume(hole, CUT), Volume(LEFT, MODIFIER, DENSE[prusa])]))
    first = prepared(data, **LINES)
    order = pipeline.Order(rotate_deg=(0.0, 0.0, 30.0), scale_e6=1_200_000)
    turned = pipeline.prepare(first.model, order, first.resolved)
    own = pipeline.make_program(turned, executor=ProcessExecutor(2), progress=SILENT)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    again = pipeline.prepare(first.model, order, first.resolved)
    same = pipeline.make_program(again, executor=SERIAL, progress=SILENT)
    assert same.program.data == own.program.data


def test_what_a_region_cannot_differ_in_is_said() -> None:
    given = {
        "fill_density": "50%",
        "layer_height": "0.1",
        "support_material": "1",
        "fill_pattern": "lightning",
        "mystery": "7",
    }
    data = with_modifiers(prusa, Volume(LEFT, MODIFIER, given))
    followed, left = (f for f in prepared(data).notices if f.rule_id == "PAR-01")
    assert followed.message.endswith("build item 1, volume 2: infill.density_ratio = 0.5")
    assert left.status is Status.WARN
    for key in set(given) - {"fill_density"}:
        assert f"volume 2: {key} = {given[key]} (" in left.message


def test_an_open_modifier_is_refused() -> None:
    broken = meshes.without(LEFT, [5])
    with pytest.raises(SlicingError) as refused:
        made(with_modifiers(prusa, Volume(broken, MODIFIER, DENSE[prusa])))
    assert refused.value.code == "SLICE-01"
    assert str(refused.value.where).startswith("p.3mf, volume 2 of build item 1: layer")


@pytest.mark.parametrize(("item", "volume"), [(0, 2), (1, 0), (0, -1), (-1, 0)])
def test_a_demand_of_a_volume_that_is_not_there(item: int, volume: int) -> None:
    data, own = half_dense(prusa)
    region = replace(own.demand.regions[0], item=item, volume=volume)
    with pytest.raises(InputError) as refused:
        audit_program(own.program.data, data, replace(own.demand, regions=(region,)))
    assert refused.value.code == "AUD-MODEL"

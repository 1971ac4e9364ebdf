"""What the machine is told, move by move, on real parts for several machines."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np
import pytest
import shapely

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.kernels import clip
from printstd.kernels.bead import QUARTER_PI, ROUND_LOSS
from printstd.kernels.rings import Rings
from printstd.profiles.resolved import Resolved
from tests.oracles.areas import MM, area_of
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import (
    hops,
    is_kind,
    lengths_um,
    lines_laid,
    plan,
    profiles,
    stack_for,
    starts_um,
)

MACHINES: dict[str, dict[str, object]] = {
    "mk4s": {"printer": "mk4s"},
    "wipes": {
        "printer": "mk4s",
        "overrides": (
            ("printer.retraction.is_wiping", "true"),
            ("printer.retraction.lift_mm", "0.4"),
        ),
    },
    "ramps": {
        "printer": "mk4s",
        "overrides": (
            ("printer.retraction.is_wiping", "true"),
            ("printer.retraction.hop_slope_deg", "1.5"),
        ),
    },
    "bowden": {"printer": "ender3-v2", "process": "draft-0.30"},
    "keeps inside": {
        "printer": "voron-2.4-350",
        "process": "fine-0.12",
        "overrides": (("avoid_crossing_walls", "true"), ("adhesion.brim_width_mm", "3")),
    },
    "peer": {"printer": "peer", "material": "peer", "process": "peer-0.20"},
}
BRIDGES = (Role.BRIDGE_INFILL, Role.INTERNAL_BRIDGE_INFILL, Role.OVERHANG_PERIMETER)
CASES = [
    (part, machine)
    for machine, parts in (
        ("mk4s", list(solids.PARTS)),
        ("wipes", ["letters", "hole plate", "two bodies"]),
        ("ramps", ["letters", "two bodies"]),
        ("bowden", ["steps", "letters", "tilted"]),
        ("keeps inside", ["hole plate", "bridge"]),
        ("peer", ["tee", "ribs", "wedge"]),
    )
    for part in parts
]


@dataclass(frozen=True)
class Case:
    toolpath: Toolpath
    stack: LayerStack
    resolved: Resolved

    @property
    def retraction_e5(self) -> int:
        assert self.resolved.printer is not None
        return round(self.resolved.printer.retraction.length_mm * 1e5)


@functools.cache
def case(part: str, machine: str) -> Case:
    settings = dict(MACHINES[machine])
    overrides = settings.pop("overrides", ())
    resolved = profiles(*overrides, **settings)  # type: ignore[misc, arg-type]
    stack = stack_for(solids.PARTS[part](), resolved)
    return Case(plan(stack, resolved), stack, resolved)


pytestmark = pytest.mark.parametrize(("part", "machine"), CASES)


def test_moves_come_in_the_order_of_a_hop(part: str, machine: str) -> None:
    """R draw back, W wipe, U up or down, T travel, P push forward: between any two lines."""
    toolpath = case(part, machine).toolpath
    letter = {
        MoveKind.RETRACT: "R",
        MoveKind.WIPE: "W",
        MoveKind.LIFT: "U",
        MoveKind.TRAVEL: "T",
        MoveKind.UNRETRACT: "P",
    }
    found = list(hops(toolpath))
    for hop in found:
        text = "".join(letter[MoveKind(int(kind))] for kind in toolpath.kind[hop.rows])
        assert re.fullmatch("(R?W*R?)U?T*U?P?", text), text
        if hop.after < 0:
            assert re.fullmatch("R?W*R?", text)
        else:
            assert ("R" in text or "W" in text) == ("P" in text)
    assert found[-1].after == -1


def test_each_move_does_what_its_kind_says(part: str, machine: str) -> None:
    toolpath = case(part, machine).toolpath
    way = lengths_um(toolpath)
    rise = np.diff(toolpath.z_um, prepend=toolpath.start_z_um)
    e = toolpath.e_e5
    for kind, moves, lifts, feeds in (
        (MoveKind.EXTRUDE, True, False, 1),
        (MoveKind.TRAVEL, True, False, 0),
        (MoveKind.WIPE, True, False, -1),
        (MoveKind.RETRACT, False, False, -1),
        (MoveKind.UNRETRACT, False, False, 1),
        (MoveKind.LIFT, False, True, 0),
    ):
        mine = is_kind(toolpath, kind)
        assert ((way[mine] > 0) == moves).all()
        if machine != "ramps" or kind is not MoveKind.TRAVEL:
            assert ((rise[mine] != 0) == lifts).all()
        # A very short bead, or the end of a wipe, may want less than half a unit of filament.
        assert (np.sign(e[mine]) * (feeds or 1) >= 0).all()
        assert feeds or not e[mine].any()
    extrudes = is_kind(toolpath, MoveKind.EXTRUDE)
    assert (e[extrudes & (way > 10)] > 0).all()
    assert (extrudes == (toolpath.role != Role.NONE)).all()
    assert (extrudes == (toolpath.width_nm > 0)).all()
    assert (extrudes == (toolpath.height_nm > 0)).all()


def test_what_is_drawn_back_is_pushed_forward_again(part: str, machine: str) -> None:
    this = case(part, machine)
    toolpath, whole = this.toolpath, this.retraction_e5
    extrudes = is_kind(toolpath, MoveKind.EXTRUDE)
    drawn = np.cumsum(np.where(extrudes, 0, toolpath.e_e5))
    assert drawn.min() >= -whole
    assert drawn.max() <= 0
    assert not drawn[extrudes].any()
    assert set(drawn[is_kind(toolpath, MoveKind.TRAVEL)].tolist()) <= {0, -whole}
    # At the end the filament stays drawn back, for the machine's own end code.
    assert drawn[-1] == -whole
    assert not (drawn[is_kind(toolpath, MoveKind.UNRETRACT)]).any()


def test_the_nozzle_lays_at_its_layer_and_hops_over_what_lies_there(
    part: str, machine: str
) -> None:
    this = case(part, machine)
    toolpath = this.toolpath
    assert this.resolved.printer is not None
    retraction = this.resolved.printer.retraction
    lift = round(retraction.lift_mm * 1000)
    extrudes = is_kind(toolpath, MoveKind.EXTRUDE)
    assert (toolpath.z_um[extrudes] == toolpath.layer_top_um[toolpath.layer[extrudes]]).all()
    assert (np.diff(toolpath.z_um[extrudes]) >= 0).all()
    for number, hop in enumerate(hops(toolpath)):
        rows = hop.rows[toolpath.kind[hop.rows] == MoveKind.TRAVEL]
        if hop.after < 0 or not len(rows):
            continue
        after = int(toolpath.layer_top_um[toolpath.layer[hop.after]])
        is_drawn = (toolpath.kind[hop.rows] == MoveKind.UNRETRACT).any()
        wanted = after + lift if is_drawn else after
        if number == 0:
            wanted = max(wanted, toolpath.start_z_um)
        if machine == "ramps" and is_drawn and number:
            assert (toolpath.z_um[rows] <= wanted).all()
            assert (toolpath.z_um[rows] >= after).all()
        else:
            assert (toolpath.z_um[rows] == wanted).all()


def test_filament_is_what_the_beads_hold(part: str, machine: str) -> None:
    this = case(part, machine)
    process, diameter = this.resolved.process, this.resolved.material.filament_diameter_mm
    per_mm3 = this.resolved.material.flow_ratio / (QUARTER_PI * diameter**2) * 1e5
    exact_total = fed_total = 0.0
    for line in lines_laid(this.toolpath):
        w, h = (
            float(a[line.rows.start]) / MM
            for a in (this.toolpath.width_nm, this.toolpath.height_nm)
        )
        is_thread = w <= h + 1e-9
        area = QUARTER_PI * w * w if is_thread else h * (w - h * ROUND_LOSS)
        if line.role in BRIDGES and not is_thread:
            area *= process.bridges.flow_ratio
        exact = line.length_um / 1000 * area * per_mm3
        # The rest is carried on from line to line; widths are whole nm.
        fed = float(line.e_e5.sum())
        assert abs(fed - exact) < 1.0 + 2e-4 * exact
        exact_total += exact
        fed_total += fed
    assert fed_total == pytest.approx(exact_total, rel=5e-5, abs=2.0)


def test_layers_come_in_turn_and_every_one_has_its_beads(part: str, machine: str) -> None:
    this = case(part, machine)
    toolpath, stack = this.toolpath, this.stack
    laid = np.unique(toolpath.layer[(toolpath.role != Role.NONE) & (toolpath.object_id == 0)])
    full = [i for i in range(stack.n_layers) if len(stack.rings_of(i)[0])]
    assert laid.tolist() == full
    assert (toolpath.layer_top_um == stack.top_um).all()
    heights = toolpath.height_nm[toolpath.role == Role.EXTERNAL_PERIMETER]
    layers = toolpath.layer[toolpath.role == Role.EXTERNAL_PERIMETER]
    assert (heights == stack.height_um[layers] * 1000).all()
    of_none = toolpath.object_id[toolpath.role == Role.SKIRT_BRIM]
    assert (of_none == -1).all()


def test_beads_lie_inside_their_sections(part: str, machine: str) -> None:
    this = case(part, machine)
    toolpath = this.toolpath
    places = np.stack([starts_um(toolpath), toolpath.xy_um], axis=1)
    mine = (toolpath.role != Role.NONE) & (toolpath.role != Role.SKIRT_BRIM)
    for layer in range(this.stack.n_layers):
        rows = np.flatnonzero(mine & (toolpath.layer == layer))
        section = Rings(*this.stack.rings_of(layer))
        if len(rows):
            # Centrelines alone; what beads cover is measured in the tests of walls and infill.
            area = area_of(clip.offset(section, 2_000))
            assert shapely.covers(area, shapely.linestrings(places[rows] / 1000)).all()


def test_no_move_is_faster_than_the_machine_and_the_melt(part: str, machine: str) -> None:
    this = case(part, machine)
    toolpath, printer = this.toolpath, this.resolved.printer
    assert printer is not None
    limits = printer.motion.max_speed_mm_s
    way = lengths_um(toolpath) / 1000
    speed = toolpath.feed_mm_min / 60
    moves = way > 0
    assert (speed[moves] <= min(limits.x, limits.y) + 1e-9).all()
    assert (speed[is_kind(toolpath, MoveKind.LIFT)] <= limits.z + 1e-9).all()
    fed = np.abs(toolpath.e_e5) / 1e5
    still = ~moves & (fed > 0)
    assert (speed[still] <= limits.e + 1e-9).all()
    long = is_kind(toolpath, MoveKind.EXTRUDE) & (way > 2)
    per_s = fed[long] / (way[long] / speed[long])
    assert (per_s <= limits.e * 1.001).all()
    melt = per_s * QUARTER_PI * this.resolved.material.filament_diameter_mm**2
    assert (melt <= this.resolved.material.max_flow_mm3_s * 1.001).all()
    highest = min(printer.motion.print_accel_mm_s2, printer.motion.max_accel_mm_s2.x)
    assert (toolpath.accel_mm_s2 <= max(highest, printer.motion.travel_accel_mm_s2)).all()


def test_layers_last_their_least_time(part: str, machine: str) -> None:
    this = case(part, machine)
    toolpath, fan = this.toolpath, this.resolved.material.fan
    fed = np.where(lengths_um(toolpath) > 0, 0, np.abs(toolpath.e_e5) / 100)
    rise = np.abs(np.diff(toolpath.z_um, prepend=toolpath.start_z_um))
    time_s = (lengths_um(toolpath) + fed + rise) / 1000 / (toolpath.feed_mm_min / 60)
    least = fan.min_print_speed_mm_s * 60
    bridges = np.isin(toolpath.role, BRIDGES)
    for layer in range(this.stack.n_layers):
        mine = toolpath.layer == layer
        if time_s[mine].sum() < fan.slowdown_below_layer_time_s * 0.995:
            free = mine & is_kind(toolpath, MoveKind.EXTRUDE) & ~bridges
            assert (toolpath.feed_mm_min[free] <= np.ceil(least)).all()


def test_the_fan_is_off_on_the_first_layers(part: str, machine: str) -> None:
    this = case(part, machine)
    toolpath, fan = this.toolpath, this.resolved.material.fan
    off = toolpath.layer < fan.off_layers
    assert not toolpath.fan_ratio_e3[off].any()
    late = toolpath.layer + 1 >= max(fan.full_layer, fan.off_layers + 1)
    ratio = toolpath.fan_ratio_e3[late & (toolpath.role == Role.EXTERNAL_PERIMETER)]
    assert (ratio >= round(fan.min_ratio * 1000)).all()
    assert (ratio <= round(fan.max_ratio * 1000)).all()
    assert (toolpath.fan_ratio_e3 >= 0).all()
    assert (toolpath.fan_ratio_e3 <= 1000).all()


def test_everything_stays_on_the_bed(part: str, machine: str) -> None:
    this = case(part, machine)
    printer = this.resolved.printer
    assert printer is not None
    # From where the start code leaves the nozzle the first way leads onto the bed.
    first = np.flatnonzero(is_kind(this.toolpath, MoveKind.TRAVEL))[0]
    v, xy = printer.volume, this.toolpath.xy_um[first:] / 1000
    assert (xy >= [v.x_min_mm, v.y_min_mm]).all()
    assert (xy <= [v.x_max_mm, v.y_max_mm]).all()
    assert (this.toolpath.z_um <= v.z_max_mm * 1000).all()
    assert (this.toolpath.z_um > 0).all()


def test_travel_is_no_longer_than_a_fraction_of_what_is_laid(part: str, machine: str) -> None:
    toolpath = case(part, machine).toolpath
    way = lengths_um(toolpath)
    laid = way[is_kind(toolpath, MoveKind.EXTRUDE)].sum()
    first = next(iter(hops(toolpath)))
    travelled = way[is_kind(toolpath, MoveKind.TRAVEL)].sum() - way[first.rows].sum()
    # A thin wall that changes its width runs one way only: back to its start on every layer.
    assert travelled < (0.5 if part == "wedge" else 0.3) * laid

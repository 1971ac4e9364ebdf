"""Plates made by several tools: honest programs pass in every dialect, and what a change can lose
is found."""

from __future__ import annotations

import functools
import re
from dataclasses import replace

import pytest

from printstd import pipeline
from printstd.adapters.profile_files import default_source
from printstd.profiles.decision import Outcome, decide
from printstd.profiles.resolved import Request
from tests import meshes, plates
from tests.plates import audited, failures, made
from tests.shares import share

START = (
    '["G21", "G90", "M83", "M140 S{first_layer_bed_c}", "M190 S{first_layer_bed_c}", "G28",'
    ' "G1 Z2 F120", "M109 T{first_tool} S{first_layer_nozzle_c}", "G92 E0"]'
)
COOLER = ("printer.tools.standby_drop_c", "40")
KLIPPER = (
    ("printer.firmware", '"klipper"'),
    ("printer.allowlist", '"klipper-tools"'),
    ("printer.start_code", START),
)
MACROS = (
    *KLIPPER,
    COOLER,
    (
        "printer.macros",
        (
            '[{name="T0", parameters=[], expansion=["ACTIVATE_EXTRUDER EXTRUDER=extruder"]},'
            ' {name="T1", parameters=[], expansion=["ACTIVATE_EXTRUDER EXTRUDER=extruder1"]}]'
        ),
    ),
)
BUDDY = (("printer.firmware", '"prusa-buddy"'), ("printer.allowlist", '"prusa-buddy-tools"'))
REPRAP = (
    ("printer.firmware", '"reprapfirmware"'),
    ("printer.allowlist", '"reprapfirmware-tools"'),
)
ONE_NOZZLE = (("printer.tools.shares_nozzle", "true"),)
WAYS = {
    "marlin": (),
    "marlin, cooler": (COOLER,),
    "klipper": (*KLIPPER, COOLER),
    "klipper's own T": MACROS,
    "buddy": (*BUDDY, COOLER),
    "reprap": (*REPRAP, COOLER),
    "one nozzle": ONE_NOZZLE,
    "by a matrix": (("printer.tools.purge_matrix_mm3", "[[0, 60.0], [0, 0]]"),),
    "three tools": (
        *REPRAP,
        ("printer.tools.count", "3"),
        (
            "printer.end_code",
            '["M104 T0 S0", "M104 T1 S0", "M104 T2 S0", "M140 S0", "M107", "M84"]',
        ),
    ),
    "no tower": (("process.prime_tower.enabled", "false"),),
    "layers of other heights": (
        ("process.ranges", "[{from_mm=1.0, to_mm=1.8, layer_height_mm=0.1}]"),
    ),
}
EXTRUDERS = {"block": 1, "post": 2, "low": 1}
THREE = {"block": 1, "post": 2, "low": 3}


@functools.cache
def own_made(way: str) -> pipeline.Made:
    extruders = THREE if way == "three tools" else EXTRUDERS
    others = ("pla",) * (max(extruders.values()) - 1)
    request = Request(printer="bibo2-touch-dual", overrides=WAYS[way], more_materials=others)
    resolved = pipeline.resolve(request, default_source())
    parts = []
    for name, extruder in extruders.items():
        model = pipeline.ModelInput(meshes.stl_binary(plates.PARTS[name]()), f"{name}.stl")
        parts.append(pipeline.prepare(model, pipeline.Order(extruder=extruder), resolved))
    return made(pipeline.plate_of(parts))


def outcome(own: pipeline.Made, demand=None) -> Outcome:
    demand = demand or own.demand
    found = audited(own.program.data, own.plate, demand)
    return decide(
        found.findings, rules_run=found.rules_run, mandatory=demand.mandatory_rules
    ).outcome


def lines_of(own: pipeline.Made) -> list[str]:
    return own.program.data.decode("ascii").splitlines()


def rules(own: pipeline.Made, lines: list[str]) -> set[str]:
    program = ("\n".join(lines) + "\n").encode("ascii")
    return {rule for rule, _ in failures(audited(program, own.plate, own.demand))}


def changes(lines: list[str]) -> list[int]:
    """Lines that choose a tool, once the print has begun."""
    begun = lines.index(";LAYER_CHANGE")
    return [at for at, line in enumerate(lines) if at > begun and re.fullmatch(r"T\d", line)]


@pytest.mark.parametrize("way", share(WAYS, 2))
def test_an_honest_plate_passes(way):
    assert outcome(own_made(way)) is Outcome.PASSED


@pytest.mark.parametrize(
    "overrides",
    [
        (("process.raft.layers", "2"),),
        (
            ("process.spiral_vase.is_on", "true"),
            ("process.walls.count", "1"),
            ("process.shells.top_layers", "0"),
            ("process.infill.density_ratio", "0.0"),
        ),
        (("process.plate.by_object", "true"),),
    ],
    ids=["raft", "spiral", "one by one"],
)
def test_what_one_tool_can_do_the_second_one_can(overrides):
    request = Request(printer="bibo2-touch-dual", overrides=overrides)
    resolved = pipeline.resolve(request, default_source())
    model = pipeline.ModelInput(meshes.stl_binary(plates.PARTS["low"]()), "low.stl")
    part = pipeline.prepare(model, pipeline.Order(extruder=2), resolved)
    own = made(pipeline.plate_of([part], copies=2 if "by_object" in overrides[0][0] else 1))
    assert outcome(own) is Outcome.PASSED
    assert changes(lines_of(own)) == []
    other = tuple(replace(tool, number=0) for tool in own.demand.tools)
    assert "G-15" in {
        rule
        for rule, _ in failures(
            audited(own.program.data, own.plate, replace(own.demand, tools=other))
        )
    }


def test_a_program_without_a_tower_that_was_asked_for_is_found():
    own = own_made("no tower")
    parts = [own.plate.models[stand.model] for stand in own.plate.stands]
    demand = pipeline.foreign_demand(parts, supports_allowed=False)
    wanted = replace(demand, tower=replace(own_made("marlin").demand.tower, box_um=None))
    found = failures(audited(own.program.data, own.plate, wanted))
    assert {rule for rule, _ in found} == {"M-15"}


@pytest.mark.parametrize("way", ["marlin", "reprap", "one nozzle"])
def test_one_of_an_unknown_maker_passes_too(way):
    own = own_made(way)
    parts = [own.plate.models[stand.model] for stand in own.plate.stands]
    demand = pipeline.foreign_demand(parts, supports_allowed=False)
    assert demand.tower is not None
    assert demand.tower.box_um is None
    assert outcome(own, demand) is Outcome.PASSED


def test_parts_swapped_between_the_tools_are_found():
    own = own_made("marlin")
    swapped = tuple(replace(part, tool=1 - part.tool) for part in own.demand.parts)
    found = failures(audited(own.program.data, own.plate, replace(own.demand, parts=swapped)))
    assert found == {("G-15", stand.label) for stand in own.plate.stands}


@pytest.mark.parametrize("nth", [0, 3, -1])
def test_a_change_that_is_lost_is_found(nth):
    own = own_made("marlin")
    lines = lines_of(own)
    del lines[changes(lines)[nth]]
    assert "G-15" in rules(own, lines)


def test_a_program_that_never_changes_is_found():
    own = own_made("klipper")
    lines = [line for line in lines_of(own) if "ACTIVATE_EXTRUDER" not in line]
    assert "G-15" in rules(own, lines)


def test_a_macro_that_does_not_do_what_its_name_says_is_found():
    own = own_made("klipper's own T")
    lines = lines_of(own)
    assert changes(lines)
    assert not any(line.startswith("ACTIVATE") for line in lines)
    idle = tuple(
        replace(rule, expansion=("M400",)) if rule.command == "T1" else rule
        for rule in own.demand.commands
    )
    found = failures(audited(own.program.data, own.plate, replace(own.demand, commands=idle)))
    assert "G-15" in {rule for rule, _ in found}


def test_another_tool_than_the_prints_is_found():
    own = own_made("reprap")
    lines = lines_of(own)
    lines[changes(lines)[2]] = "T2"
    assert {"G-15", "M-14"} <= rules(own, lines)


def dried(lines: list[str], layer: int, typ: str = "Wipe tower") -> list[str]:
    """Without the filament of one kind of bead in one layer."""
    found, now, kind = [], -1, ""
    for line in lines:
        now += line == ";LAYER_CHANGE"
        kind = line.removeprefix(";TYPE:") if line.startswith(";TYPE:") else kind
        is_bead = line.startswith("G1 X") and " E" in line and " E-" not in line
        if now == layer and kind == typ and is_bead:
            line = " ".join(word for word in line.split() if word[0] != "E")
        found.append(line)
    return found


@pytest.mark.parametrize("layer", [0, 4])
def test_a_layer_of_the_tower_that_is_skipped_is_found(layer):
    own = own_made("marlin")
    assert "M-15" in rules(own, dried(lines_of(own), layer))


def test_a_tool_that_purges_too_little_is_found():
    """More is asked for than each layer of the tower holds; nothing else is wrong with it."""
    own = own_made("marlin")
    least = own.demand.tower
    assert least is not None
    more = tuple((leaves, comes, 80_000) for leaves, comes, _ in least.purge_mm3_e3)
    wanted = replace(own.demand, tower=replace(least, purge_mm3_e3=more))
    found = failures(audited(own.program.data, own.plate, wanted))
    assert {rule for rule, _ in found} == {"M-15"}


def test_a_tower_elsewhere_than_declared_is_found():
    own = own_made("marlin")
    tower = own.demand.tower
    assert tower is not None
    assert tower.box_um is not None
    x0, y0, x1, y1 = tower.box_um
    moved = replace(tower, box_um=(x0, y0 + 30_000, x1, y1 + 30_000))
    found = failures(audited(own.program.data, own.plate, replace(own.demand, tower=moved)))
    assert "M-15" in {rule for rule, _ in found}


def test_a_tool_that_is_not_hot_when_it_comes_is_found():
    own = own_made("marlin, cooler")
    lines = lines_of(own)
    late = [at for at, line in enumerate(lines) if line == "M109 T1 S210"][2]
    assert "M-06" in rules(own, [*lines[:late], *lines[late + 1 :]])
    # Set, but not waited for.
    assert "M-06" in rules(own, [*lines[:late], "M104 T1 S210", *lines[late + 1 :]])


def test_a_waiting_tool_may_be_cold_and_one_that_lays_may_not():
    own = own_made("marlin, cooler")
    lines = lines_of(own)
    assert any(re.fullmatch(r"M104 T\d S170", line) for line in lines)
    wrong = [re.sub(r"^M109 T1 S210$", "M109 T1 S170", line) for line in lines]
    assert "M-06" in rules(own, wrong)


def test_a_heater_left_on_is_found():
    own = own_made("marlin")
    assert "M-12" in rules(own, [line for line in lines_of(own) if line != "M104 T1 S0"])


def test_filament_that_is_not_brought_back_after_a_change_is_found():
    own = own_made("marlin")
    lines = lines_of(own)
    at = changes(lines)[4]
    push = next(n for n in range(at, at + 8) if re.fullmatch(r"G1 E1\.5( F\d+)?", lines[n]))
    assert "M-09" in rules(own, [*lines[:push], *lines[push + 1 :]])


def test_beads_of_another_filament_are_measured_by_their_own_tools():
    """One tool's filament is 2.85 mm thick in the demand alone: its beads hold 2.65 times as much,
    the other's are as they were."""
    own = own_made("marlin")
    thick = tuple(
        replace(tool, filament_um=2_850 if tool.number == 1 else tool.filament_um)
        for tool in own.demand.tools
    )
    found = failures(audited(own.program.data, own.plate, replace(own.demand, tools=thick)))
    of_second = next(
        stand.label for stand in own.plate.stands if own.plate.models[stand.model].resolved.tool
    )
    assert ("G-13", of_second) in found
    assert {label for rule, label in found if rule.startswith("G-")} == {of_second}

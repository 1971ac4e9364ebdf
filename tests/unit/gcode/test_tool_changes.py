"""What a program says where tools change: temperatures, commands, sums per tool."""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict

import pytest

from printstd import pipeline
from printstd.profiles.resolved import Request
from tests import meshes, plates
from tests.unit.profiles.sources import BUNDLED

COOLER = ("printer.tools.standby_drop_c", "40")
REPRAP = (
    ("printer.firmware", '"reprapfirmware"'),
    ("printer.allowlist", '"reprapfirmware-tools"'),
)
CODE = (
    ("printer.tools.before_change_code", '["G4 P10{previous_tool}{tool}"]'),
    ("printer.tools.after_change_code", '["G4 P{nozzle_c}"]'),
)
ADVANCE = (
    ("printer.uses_pressure_advance", "true"),
    ("material.pressure_advance_s", "0.05"),
)


@functools.cache
def made(*overrides: tuple[str, str], swapped: bool = False) -> pipeline.Made:
    resolved = pipeline.resolve(Request(printer="bibo2-touch-dual", overrides=overrides), BUNDLED)
    parts = []
    for extruder, name in enumerate(("low", "post") if swapped else ("post", "low"), 1):
        model = pipeline.ModelInput(meshes.stl_binary(plates.PARTS[name]()), f"{name}.stl")
        parts.append(pipeline.prepare(model, pipeline.Order(extruder=extruder), resolved))
    return plates.made(pipeline.plate_of(parts))


def lines_of(own: pipeline.Made) -> list[str]:
    return own.program.data.decode("ascii").splitlines()


def test_a_tool_waits_cooler_is_waited_for_and_is_off_when_done() -> None:
    """`low` has 10 layers and `post` 20: its tool is not needed any more then."""
    own = made(COOLER, ("printer.tools.preheat_s", "0.0"))
    targets: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for line in lines_of(own):
        found = re.fullmatch(r"(M104|M109) T(\d) S(\d+)", line)
        if found:
            targets[found.group(2)].append((found.group(1), int(found.group(3))))
    one, two = targets["0"], targets["1"]
    tallest = one if len([t for t in one if t == ("M104", 0)]) == 1 else two
    short = two if tallest is one else one
    # The short part's tool: off in the middle, and by the end code.
    assert [t for t in short if t[1] == 0] == [("M104", 0), ("M104", 0)]
    for told in (short, tallest):
        assert all(kind == "M109" for kind, target in told if target == 215)
        assert {t[1] for t in told} <= {0, 170, 175, 210, 215}
        # After a wait in the cool, a wait for the heat.
        for (_, before), (kind, after) in itertools.pairwise(told):
            if before in (170, 175) and after in (210, 215):
                assert kind == "M109"


def test_without_a_drop_a_tool_is_heated_once() -> None:
    text = lines_of(made())
    assert [line for line in text if line.startswith("M109")].count("M109 T1 S215") <= 1
    assert not [line for line in text if re.fullmatch(r"M10[49] T\d S1\d\d", line)]


def test_reprapfirmware_sets_both_temperatures_and_waits_for_the_tool() -> None:
    text = lines_of(made(*REPRAP, COOLER))
    waits = [at for at, line in enumerate(text) if line.startswith("M116")]
    assert waits
    for at in waits:
        tool = text[at].removeprefix("M116 P")
        assert re.fullmatch(rf"G10 P{tool} S(\d+) R\1", text[at - 1])
        assert text[at - 2] == f"T{tool}"


def test_the_machines_own_lines_stand_around_the_change() -> None:
    text = lines_of(made(*CODE))
    changes = [at for at, line in enumerate(text) if line.startswith("G4 P10")]
    assert changes
    for at in changes:
        tool = text[at + 1].removeprefix("T")
        assert text[at] == f"G4 P10{1 - int(tool)}{tool}"
        assert {"G4 P210", "G4 P215"} & set(text[at + 2 : at + 4])


def test_each_tool_that_comes_has_its_pressure_advance() -> None:
    text = lines_of(made(*ADVANCE))
    begun = text.index(";LAYER_CHANGE")
    for at, line in enumerate(text):
        if at > begun and re.fullmatch(r"T\d", line):
            assert "M900 K0.05" in text[at : at + 3]


def test_after_a_change_place_and_speed_are_said_again() -> None:
    text = lines_of(made())
    begun = text.index(";LAYER_CHANGE")
    for at, line in enumerate(text):
        if at > begun and re.fullmatch(r"T\d", line):
            move = next(one for one in text[at + 1 :] if one.startswith("G1"))
            assert re.fullmatch(r"G1 X\S+ Y\S+ Z\S+ F\d+", move)


def test_sums_are_told_per_tool_and_add_up() -> None:
    own = made()
    totals = own.program.totals
    assert [one.tool for one in totals.tools] == [0, 1]
    assert sum(one.filament_um for one in totals.tools) == pytest.approx(totals.filament_um, abs=1)
    assert sum(one.filament_mg for one in totals.tools) == totals.filament_mg
    text = lines_of(own)
    begun = text.index(";LAYER_CHANGE")
    fed: dict[int, float] = defaultdict(float)
    tool = next(int(line[1:]) for line in reversed(text[:begun]) if re.fullmatch(r"T\d", line))
    n_changes = 0
    end = next(at for at, line in enumerate(text) if at > begun and line == ";TYPE:Custom")
    for line in text[begun:end]:
        if re.fullmatch(r"T\d", line):
            tool, n_changes = int(line[1:]), n_changes + 1
        word = re.search(r" E(-?[\d.]+)", line)
        if line.startswith("G1") and word:
            fed[tool] += float(word.group(1))
    told = next(line for line in text if line.startswith("; filament used [mm] = "))
    values = [float(value) for value in told.partition("= ")[2].split(", ")]
    assert values == [pytest.approx(fed[n], abs=0.006) for n in (0, 1)]
    assert f"; total toolchanges = {n_changes}" in text
    assert totals.tool_changes == n_changes
    assert "; referenced_tools = 0,1" in text
    assert "; nozzle_diameter = 0.4,0.4" in text


def test_a_change_takes_its_time() -> None:
    slow = made(("printer.tools.change_s", "11.0")).program.totals
    quick = made(("printer.tools.change_s", "1.0")).program.totals
    assert slow.print_time_ms - quick.print_time_ms == pytest.approx(
        quick.tool_changes * 10_000, abs=2
    )


def test_a_plate_says_the_same_whatever_the_order_of_the_call() -> None:
    own = made()
    parts = [own.plate.models[stand.model] for stand in own.plate.stands]
    again = plates.made(pipeline.plate_of(list(reversed(parts))))
    assert again.program.data == own.program.data
    assert made(swapped=True).program.data != own.program.data


def test_a_tool_that_waits_heats_before_it_comes_and_never_before_it_has_left() -> None:
    """Between leaving and coming again a waiting tool is told once to heat; the sooner the longer
    `preheat_s` is, until that is longer than it is away."""
    places = []
    for seconds in ("0.0", "2.0", "9999.0"):
        text = lines_of(made(COOLER, ("printer.tools.preheat_s", seconds)))
        begun = text.index(";LAYER_CHANGE")
        left, told, found = dict[str, int](), dict[str, int](), []
        now = next(line[1:] for line in reversed(text[:begun]) if re.fullmatch(r"T\d", line))
        for at in range(begun, len(text)):
            heats = re.fullmatch(r"M104 T(\d) S2\d\d", text[at])
            if heats and heats.group(1) in left:
                assert heats.group(1) not in told
                told[heats.group(1)] = at
            if re.fullmatch(r"T\d", text[at]):
                coming = text[at][1:]
                if coming in left and seconds != "0.0":
                    assert left[coming] < told.pop(coming) < at
                    found.append(at)
                left[now], now = at, coming
                left.pop(now, None)
        places.append(len(found))
        assert not told
    assert places[0] == 0
    assert places[1] == places[2] > 5

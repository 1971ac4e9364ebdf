"""What a program commands at each byte, by a light reader, against the lines themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printstd.artifacts.demand import CommandRule
from printstd.farm.commanded import read_commanded, read_line, setting_of
from tests import small_part


def test_layers_begin_where_their_first_bead_is() -> None:
    program, demand = small_part.program(), small_part.demanded()
    found = read_commanded(program, demand)
    for layer in range(small_part.LAYERS):
        marker = program.index(b";LAYER:%d\n" % layer)
        bead = program.index(b" E0.", program.index(b"F2400\nG1 X", marker))
        assert found.layer_at(marker) == layer
        assert found.layer_at(bead) == layer + 1
    assert found.layer_at(len(program)) == small_part.LAYERS
    # Without a plan they are found by Z alone, and are the same ones.
    assert read_commanded(program).layer.offsets == found.layer.offsets


def test_values_hold_from_their_line_on() -> None:
    program = b"M104 S200\nM220 S90 ; slow\nG1 Z0.2\nM106 S51\nG1 X1 Y1 E1\nM109 R190\n"
    program += b"M107\nT1\nM104 S180\n"
    found = read_commanded(program)
    at = program.index
    assert [found.speed.at(at(b"M104")), found.speed.at(at(b"M220"))] == [1.0, 0.9]
    assert found.fan.at(at(b"G1 X")) == pytest.approx(0.2)
    assert found.nozzle[0].between(at(b"G1 Z"), len(program)) == (200.0, 190.0)
    assert found.nozzle[1].values == [180.0]
    assert found.fan.at(len(program)) == 0.0
    assert found.filament_changes == (at(b"T1"),)
    assert found.flow.between(0, len(program)) == (1.0,)


def test_macros_are_read_as_the_demand_expands_them() -> None:
    rule = CommandRule(
        "START_PRINT", "BED NOZZLE", "macro", expansion=("M140 S{BED=55}", "M109 S{NOZZLE}")
    )
    demand = replace(small_part.demanded(), commands=(rule,))
    found = read_commanded(b"START_PRINT NOZZLE=215\nG1 X1 Y1 E1\n", demand)
    assert (found.bed.at(5), found.nozzle[0].at(5)) == (55.0, 215.0)


def test_a_relative_hop_is_no_layer() -> None:
    program = b"".join(
        b"G90\nG1 Z%.1f\nG1 X9 Y1 E1\nG91\nG1 Z0.6\nG90\nG1 X0 Y0\n" % (0.2 * n) for n in (1, 2, 3)
    )
    assert read_commanded(program).layer.values == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("line", "what", "value"),
    [
        ("M106", "fan", 1.0),
        ("M106S128", "fan", 128 / 255),
        ("m107", "fan", 0.0),
        ("M220 S50", "speed", 0.5),
        ("M290 Z-0.02", "z_offset", -0.02),
        ("SET_GCODE_OFFSET Z=0.1 MOVE=1", "z_offset", 0.1),
        ("SET_GCODE_OFFSET Z_ADJUST=-.1", "z_offset", -0.1),
        ("SET_HEATER_TEMPERATURE HEATER=heater_bed TARGET=60", "bed", 60.0),
        ("SET_HEATER_TEMPERATURE HEATER=extruder1", "nozzle", 0.0),
    ],
)
def test_lines_that_set_a_value(line: str, what: str, value: float) -> None:
    found = setting_of(read_line(line))
    assert found is not None
    assert (found.what, found.value) == (what, pytest.approx(value))


@pytest.mark.parametrize("line", ["M220", "M106 P2 S255", "G1 X1", "", "SET_GCODE_OFFSET X=1"])
def test_lines_that_set_none(line: str) -> None:
    assert setting_of(read_line(line)) is None

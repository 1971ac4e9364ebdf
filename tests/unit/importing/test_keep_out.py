"""What a preset keeps free on the bed is kept free: by the profile, and by start and end code."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.errors import ProfileError
from printstd.importing.account import Fate
from printstd.importing.foreign import Kind
from printstd.importing.keep_out import crossing, free_stretch
from tests.unit.importing.texts import BUNDLE, MACHINE, PROCESS_ROOT, built, chosen, library

CORNER = ["0x0", "18x0", "18x28", "0x28"]
START = "G28\nG1 X100 Y2 F6000\nG1 Z0.3 F600\nG1 X160 E6 F1000\nM140 S60\nM104 S200"


def imported(area: list[str], **more: Any) -> tuple[dict[str, Any], dict[str, tuple[Fate, str]]]:
    """The printer's profile, and what became of its settings."""
    machine = MACHINE | {"bed_exclude_area": area} | more
    lib = library(machine__json=json.dumps(machine))
    result = built(lib, chosen(lib))
    (printer,) = result.profiles
    fates = {entry.key: (entry.fate, entry.note) for entry in result.entries}
    return tomllib.loads(printer.text), fates


def boxes(printer: dict[str, Any]) -> list[list[float]]:
    keys = ("x_min_mm", "y_min_mm", "x_max_mm", "y_max_mm", "top_mm")
    return [[zone[key] for key in keys] for zone in printer["volume"].get("keep_out", [])]


def test_a_corner_is_kept_free_to_the_top_and_our_code_stays_out_of_it() -> None:
    printer, fates = imported(CORNER)
    assert boxes(printer) == [[0.0, 0.0, 18.0, 28.0, 240.0]]
    assert fates["bed_exclude_area"][0] is Fate.CARRIED
    assert crossing(printer["start_code"], (0.0, 0.0), [(0.0, 0.0, 18.0, 28.0)]) == ""
    # Beside it, not above it: the line lies on the front edge as it does without.
    assert "G1 X23 Y3 F6000" in printer["start_code"]
    assert not any("park_x" in line for line in printer["end_code"])
    free, _ = imported(["0x0"])
    assert "keep_out" not in free["volume"]
    assert "G1 X5 Y3 F6000" in free["start_code"]
    assert any("park_x" in line for line in free["end_code"])


def test_rectangles_four_by_four_are_a_place_each_and_other_polygons_their_box() -> None:
    back = ["240x240", "250x240", "250x250", "240x250"]
    printer, _ = imported([*CORNER, *back])
    assert boxes(printer) == [[0, 0, 18, 28, 240], [240, 240, 250, 250, 240]]
    slanted, fates = imported(["0x0", "30x0", "0x20"])
    assert boxes(slanted) == [[0, 0, 30, 20, 240]]
    assert fates["bed_exclude_area"][0] is Fate.LOST
    assert "the box around the place" in fates["bed_exclude_area"][1]
    # A frame around the bed: its box is the bed.
    frame, fates = imported(["0x0", "250x0", "250x250", "0x250", "0x249", "249x249", "249x1"])
    assert boxes(frame) == []
    assert fates["bed_exclude_area"][0] is Fate.LOST
    with pytest.raises(ProfileError, match="corners, as"):
        imported(["0x0", "18", "18x28"])


def test_start_code_that_goes_there_is_not_carried() -> None:
    """A machine of another firmware, whose own code is otherwise carried."""
    marlin = {"gcode_flavor": "marlin2", "machine_start_gcode": START}
    carried, fates = imported(CORNER, **marlin)
    assert "G1 X100 Y2 F6000" in carried["start_code"]
    assert fates["machine_start_gcode"][0] is Fate.CARRIED
    into, fates = imported(["120x0", "140x0", "140x10", "120x10"], **marlin)
    assert fates["machine_start_gcode"][0] is Fate.LOST
    assert "keeps the bed free" in fates["machine_start_gcode"][1]
    assert crossing(into["start_code"], (0.0, 0.0), [(120.0, 0.0, 140.0, 10.0)]) == ""


def test_ways_count_from_where_the_code_has_said_the_place() -> None:
    corner = [(0.0, 0.0, 18.0, 28.0)]
    home = (0.0, 0.0)
    assert crossing(["G28", "G1 X60 F1", "G1 Y100"], home, corner) == ""
    assert crossing(["G28", "G1 X60 Y1", "G1 X10 Y1"], home, corner) == "G1 X10 Y1"
    assert crossing(["G28", "G1 X60 Y1", "G28", "G1 X90 Y9"], home, corner) == ""
    # Along the edge, and past the corner.
    assert crossing(["G28", "G1 X18 Y1", "G1 X18 Y28", "G1 X0 Y28"], home, corner) == ""
    assert crossing(["G28", "G1 X30 Y1", "G1 X0 Y40"], home, corner) == "G1 X0 Y40"


coordinate = st.integers(0, 100).map(float)


@given(st.lists(st.tuples(coordinate, coordinate), max_size=4), st.integers(0, 40))
def test_the_stretch_is_free_and_no_free_one_is_longer(
    spans: list[tuple[float, float]], probe: int
) -> None:
    kept = [(min(span), 0.0, max(span), 10.0) for span in spans]
    start, _, end, _ = free_stretch(3.0, 0.0, 100.0, kept)
    assert 0.0 <= start <= end <= 100.0
    assert not any(start < box[2] and box[0] < end for box in kept if start < end)
    # From any point of the line on, nothing longer is free.
    ahead = min([box[0] for box in kept if box[2] > probe] + [100.0])
    assert ahead - probe <= end - start or any(box[0] <= probe <= box[2] for box in kept)


def test_objects_one_after_the_other_with_room_for_what_moves_with_the_nozzle() -> None:
    room = {"extruder_clearance_radius": "65", "extruder_clearance_height_to_rod": "36"}
    printer, _ = imported(["0x0"], **room)
    assert printer["clearance"] == {"radius_mm": 65.0, "gantry_mm": 36.0}
    process = PROCESS_ROOT | {"name": "p", "instantiation": "true", "print_sequence": "by object"}
    lib = library(process__json=json.dumps(process))
    result = built(lib, chosen(lib))
    assert tomllib.loads(result.profiles[0].text)["plate"]["by_object"] is True


def test_prusaslicer_says_it_with_the_process() -> None:
    text = "complete_objects = 1\nextruder_clearance_radius = 35\nextruder_clearance_height = 25"
    lib = library(a__ini=BUNDLE.replace("layer_height = 0.2\n", f"layer_height = 0.2\n{text}\n", 1))
    names = {kind: lib.of(kind)[0].name for kind in Kind}
    result = built(lib, chosen(lib, names[Kind.PRINTER], names[Kind.PROCESS], names[Kind.MATERIAL]))
    process, _, printer = (tomllib.loads(profile.text) for profile in result.profiles)
    assert process["plate"]["by_object"] is True
    assert printer["clearance"] == {"radius_mm": 35.0, "gantry_mm": 25.0}

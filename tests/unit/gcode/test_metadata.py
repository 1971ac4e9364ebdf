"""What print hosts find in our programs, and what nobody can make them find."""

from __future__ import annotations

import json

import pytest

from printstd.artifacts.program import Thumbnail
from printstd.artifacts.toolpath import MoveKind
from printstd.kernels.bead import QUARTER_PI
from tests.oracles.gcode_reader import read
from tests.oracles.print_hosts import (
    moonraker,
    octoprint_filament_diameter,
    prusalink,
    reprapfirmware,
)
from tests.toolpaths import Pen, solid_block
from tests.unit.gcode.writing import PRINTERS, lines_of, resolved_for, written

BLOCK = solid_block(Pen(), n_layers=5, half_um=9_000).toolpath()
PICTURES = (
    Thumbnail(16, 16, bytes(range(256))),
    Thumbnail(380, 285, b"\x89PNG\r\n\x1a\n" + b"\0" * 51),
    Thumbnail(1, 1, b"x"),
)
PRICED = ("material.cost_per_kg", "25.4")
HOSTILE = (
    "x\n; layer_height = 9.9\nM112\n; filament used [mm] = 1 ; estimated printing time = 9d "
    "filament_diameter = 9 ;TYPE:Custom\r\n; thumbnail begin 1x1 4 \\u003b Кронштейн №4 \" ' *"
)


@pytest.mark.parametrize("printer", PRINTERS)
def test_moonraker_finds_every_field(printer: str) -> None:
    program = written(BLOCK, resolved_for(printer, PRICED), thumbnails=PICTURES)
    found = moonraker(program.data)
    fed_mm = int(BLOCK.e_e5.sum()) / 1e5
    grams = fed_mm * QUARTER_PI * 1.75**2 * 1.24 / 1e3
    assert found["slicer"] == "printstd"
    assert found["slicer_version"] == "0.1.0"
    assert found["slicer_of_0_10"] == "2.9.4"
    assert found["estimated_time"] == round(program.totals.print_time_ms / 1_000)
    assert found["object_height"] == 1.0
    assert float(found["layer_height"]) == float(found["first_layer_height"]) == 0.2
    assert float(found["filament_total"]) == pytest.approx(fed_mm, abs=0.005)
    assert float(found["filament_weight_total"]) == pytest.approx(grams, abs=0.0051)
    assert (found["filament_type"], found["filament_name"]) == ("PLA", "pla")
    assert [int(found[k]) for k in ("first_layer_extr_temp", "filament_temps")] == [215, 210]
    assert int(found["first_layer_bed_temp"]) == 60
    assert int(found["layer_count"]) == 5
    assert float(found["nozzle_diameter"]) == 0.4
    assert (found["filament_change_count"], found["mmu_print"]) == ("0", "0")
    assert found["thumbnails"] == [(p.width_px, p.height_px, p.png) for p in PICTURES]
    profile = resolved_for(printer).printer
    assert profile is not None
    assert (found["printer_vendor"], found["printer_model"]) == (profile.vendor, profile.model)
    assert found["profile_version"] == resolved_for(printer).digests["printer"][:12]
    assert float(found["chamber_temp"]) == 0.0
    # On Klipper, where Moonraker would mark the objects itself, they are marked already.
    assert found["has_objects"] is (printer == "voron-2.4-350")
    assert not (printer == "voron-2.4-350" and found["would_rewrite"])


@pytest.mark.parametrize("printer", PRINTERS)
def test_prusalink_finds_every_field(printer: str) -> None:
    program = written(BLOCK, resolved_for(printer, PRICED), thumbnails=PICTURES)
    found = prusalink(program.data)
    profile = resolved_for(printer).printer
    assert profile is not None
    assert found["printer_model"] == profile.model
    assert float(found["layer_height"]) == 0.2
    assert found["fill_density"] == "15%"
    assert [int(found[key]) for key in ("brim_width", "support_material", "ironing")] == [0, 0, 0]
    assert float(found["max_layer_z"]) == 1.0
    assert found["filament_type"] == "PLA"
    assert (int(found["temperature"]), int(found["bed_temperature"])) == (210, 60)
    assert float(found["nozzle_diameter"]) == 0.4
    volume = int(BLOCK.e_e5.sum()) / 1e5 * QUARTER_PI * 1.75**2
    assert float(found["filament used [cm3]"]) == pytest.approx(volume / 1e3, abs=0.0051)
    assert float(found["filament used [g]"]) == pytest.approx(volume * 1.24 / 1e3, abs=0.0051)
    cost = volume * 1.24 / 1e6 * 25.4
    assert float(found["filament cost"]) == pytest.approx(cost, abs=0.0051)
    assert found["total filament cost"] == found["filament cost"]
    assert found["estimated printing time (normal mode)"]
    assert found["layer_info_present"]
    assert found.get("percent_present", False) is profile.has_m73
    assert found.get("left_present", False) is (profile.has_m73 and printer != "voron-2.4-350")
    assert list(found["thumbnails"].values()) == [p.png for p in PICTURES]
    if profile.has_object_labels:
        (row,) = json.loads(found["objects_info"])["objects"]
        assert row["name"] == "part"
        xs, ys = zip(*row["polygon"], strict=True)
        assert (min(xs), max(xs), min(ys), max(ys)) == (101.0, 119.0, 101.0, 119.0)


@pytest.mark.parametrize("printer", PRINTERS)
def test_octoprint_and_reprapfirmware_find_theirs(printer: str) -> None:
    data = written(BLOCK, resolved_for(printer)).data
    assert octoprint_filament_diameter(data) == 1.75
    found = reprapfirmware(data)
    assert found["layer_height"] == "0.2"
    assert (found["generated_by"] or "").startswith("printstd 0.1.0 on 2026-11-24")


def test_a_price_that_nobody_gave_is_not_nought() -> None:
    found = prusalink(written(BLOCK, resolved_for("mk4s")).data)
    assert not {"filament cost", "total filament cost"} & set(found)


def test_a_brim_of_part_of_a_millimetre_is_a_brim() -> None:
    resolved = resolved_for("mk4s", ("adhesion.brim_width_mm", "0.5"))
    found = prusalink(written(BLOCK, resolved).data)
    assert int(found["brim_width"]) == 1
    assert found["printstd_process_adhesion_brim_width_mm"] == "0.5"


def test_what_hosts_read_lies_in_the_last_bytes() -> None:
    """PrusaLink reads 40 kB from the end, however long the program is."""
    data = written(BLOCK, resolved_for("voron-2.4-350")).data
    assert len(data) - data.index(b"; filament used [mm]") < 39_000


@pytest.mark.parametrize("length", [1, 57, 58, 59, 117, 1_000])
def test_thumbnails_have_the_length_that_they_declare(length: int) -> None:
    picture = Thumbnail(7, 9, bytes(i * 7 % 256 for i in range(length)))
    program = written(BLOCK, resolved_for("mk4s"), thumbnails=(picture,))
    assert moonraker(program.data)["thumbnails"] == [(7, 9, picture.png)]
    lines = lines_of(program)
    begin = lines.index(next(line for line in lines if line.startswith("; thumbnail begin")))
    block = lines[begin + 1 : lines.index("; thumbnail end")]
    assert [len(line) for line in block[:-1]] == [80] * (len(block) - 1)


@pytest.mark.parametrize(
    "key", ["printer.vendor", "printer.model", "material.name", "process.title_en"]
)
def test_no_name_can_pass_for_a_tag_a_key_or_a_command(key: str) -> None:
    plain = written(BLOCK, resolved_for("mk4s", (key, '"x"')), thumbnails=PICTURES)
    hostile = written(BLOCK, resolved_for("mk4s", (key, json.dumps(HOSTILE))), thumbnails=PICTURES)
    own = {
        "printer.vendor": "printer_vendor",
        "printer.model": "printer_model",
        "material.name": "filament_type",
    }.get(key)
    for host in (moonraker, prusalink):
        changed = {
            name
            for name, value in host(hostile.data).items()
            if value != host(plain.data).get(name)
        }
        kept = {name for name in changed if not name.startswith("printstd_")}
        # The digest of the printer's profile, with another name in it.
        moved = {"profile_version"} if key.startswith("printer.") else set()
        assert kept <= {own} | moved
    assert read(hostile.data).commands() == read(plain.data).commands()
    tags = [line for line in lines_of(plain) if line.startswith(";") and line[1:2] != " "]
    assert tags == [x for x in lines_of(hostile) if x.startswith(";") and x[1:2] != " "]
    assert reprapfirmware(hostile.data) == reprapfirmware(plain.data)
    lines = lines_of(hostile)
    block = lines[lines.index("; prusaslicer_config = begin") :]
    assert {(line.count(";"), line.count("=")) for line in block} == {(1, 1)}
    assert octoprint_filament_diameter(hostile.data) == 1.75


def test_the_estimate_of_the_first_layer_is_its_share() -> None:
    """All layers of the block are alike but for the way to the first one."""
    program = written(BLOCK, resolved_for("mk4s"))
    first, whole = program.totals.first_layer_time_ms, program.totals.print_time_ms
    assert whole / 6 < first < whole / 4
    line = next(x for x in lines_of(program) if "estimated first layer" in x)
    assert line.startswith("; estimated first layer printing time (normal mode) = ")


def test_a_program_without_beads_has_no_height() -> None:
    pen = Pen()
    pen.move(MoveKind.TRAVEL, 6_000, xy_um=(1_000, 1_000))
    found = prusalink(written(pen.toolpath(), resolved_for("mk4s")).data)
    assert float(found["max_layer_z"]) == 0.0


@pytest.mark.parametrize(
    ("printer", "said"),
    [
        ("voron-2.4-350", "square corner velocity, compared with Kalico"),
        ("mk4s", "classic jerk, compared with PrusaSlicer"),
        ("railcore-ii-300zl", "classic jerk, unverified for reprapfirmware"),
        ("bambu-p1s", "classic jerk, unverified for bambu"),
    ],
)
def test_a_program_says_what_its_time_was_compared_with(printer: str, said: str) -> None:
    assert f"; printstd_time_estimate = {said}" in lines_of(written(BLOCK, resolved_for(printer)))

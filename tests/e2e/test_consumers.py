"""The consumers of G-code themselves over our programs, a part in each dialect: every field that
they know is there and is ours, none meets an error or a command that it does not know."""

from __future__ import annotations

import base64
import json
import math
import re
from itertools import accumulate
from pathlib import Path

import pytest

import printstd
from printstd.certify.c14n import canonical_commands
from printstd.certify.carriers.carried import open_carrier, wrapped
from printstd.certify.carriers.forms import Form
from tests.e2e.consumed import CASES, Consumed, made
from tests.hosts import boards, told
from tests.hosts.klipper import Batch, batch
from tests.oracles.png_reader import read_png

OF_THEIR_FIRMWARE = {
    "klipper": set(),
    "marlin2": {"M200", "M201", "M203", "M205", "M486", "T0"},
    "prusa-buddy": {"G29", "M200", "M201", "M203", "M205", "M486", "T0"},
    "reprapfirmware": {"G32", "M201", "M203", "M486", "M566", "T0"},
}
"""Words that Klipper does not know: other firmwares' limits, objects and probing, and T0, which is
a macro there."""
SILENT_OR_CHANGED = {
    "quiet_percent_present",
    "quiet_left_present",
    "quiet_change_in_present",
    "normal_change_in_present",
}
"""What PrusaLink's reader knows of M73 for a silent mode and a next change of colour: our programs
have neither."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Consumed]:
    folder = tmp_path_factory.mktemp("programs")
    return {dialect: made(case, folder) for dialect, case in CASES.items()}


@pytest.fixture(params=CASES)
def one(request: pytest.FixtureRequest, programs: dict[str, Consumed]) -> Consumed:
    return programs[request.param]


def seconds(text: str) -> int:
    units = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
    return sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+)([dhms])", text))


def pictures(one: Consumed) -> list[tuple[int, int]]:
    return [(width, height) for width, height in one.printer.thumbnails_px]


# ----------------------------------------------------------------------------------- Moonraker


def test_moonrakers_reader_finds_every_field_that_it_knows(one: Consumed) -> None:
    found, fields = told.moonraker(one.path)
    missing = {name for name in fields if found.get(name) in (None, [], "")}
    assert not missing
    totals, material, printer = one.program.totals, one.material, one.printer
    grams = one.filament_mm * math.pi / 4 * material.filament_diameter_mm**2
    grams *= material.density_g_cm3 / 1000
    exactly = {
        "slicer": "printstd",
        "slicer_version": printstd.__version__,
        "size": len(one.program.data),
        "layer_count": totals.n_layers,
        "object_height": totals.max_z_um / 1000,
        "estimated_time": round(totals.print_time_ms / 1000),
        "nozzle_diameter": printer.nozzle_mm,
        "layer_height": one.resolved.process.layer_height_mm,
        "first_layer_height": one.resolved.process.first_layer_height_mm,
        "first_layer_extr_temp": material.first_layer_nozzle_c,
        "first_layer_bed_temp": material.first_layer_bed_c,
        "chamber_temp": 0,
        "filament_name": material.id,
        "filament_type": material.name,
        "filament_colors": ["#FF8000"],
        "extruder_colors": ["#FF8000"],
        "filament_temps": [material.nozzle_c],
        "filament_change_count": 0,
        "referenced_tools": [0],
        "mmu_print": 0,
        "printer_vendor": printer.vendor,
        "printer_model": printer.model,
        "printer_variant": f"{printer.nozzle_mm}",
        "profile_version": one.resolved.digests["printer"][:12],
    }
    assert {name: found[name] for name in exactly} == exactly
    assert found["filament_total"] == pytest.approx(one.filament_mm, abs=0.0051)
    assert found["filament_weight_total"] == pytest.approx(grams, abs=0.0051)
    assert found["filament_weights"] == [found["filament_weight_total"]]
    start, end = found["gcode_start_byte"], found["gcode_end_byte"]
    assert 0 < start < end <= len(one.program.data)
    assert b";LAYER_CHANGE" in one.program.data[start:end]


def test_moonraker_writes_the_pictures_out_as_they_were_drawn(one: Consumed) -> None:
    found, _ = told.moonraker(one.path)
    sizes = {(p["width"], p["height"]): p["relative_path"] for p in found["thumbnails"]}
    for size in pictures(one):
        indices, _ = read_png((one.path.parent / sizes[size]).read_bytes())
        assert indices.shape == size[::-1]
        # Somebody drew something.
        assert len(set(indices.ravel().tolist())) > 3
    # It makes a small one of the largest where there is none of that size; then it decoded it.
    assert any(max(size) == 32 for size in sizes)


# ----------------------------------------------------------------------------------- PrusaLink


def check_prusa_fields(found: dict, one: Consumed) -> None:
    """found : as text, or as numbers where the reader makes them."""
    totals, material = one.program.totals, one.material
    volume = one.filament_mm * math.pi / 4 * material.filament_diameter_mm**2
    near = {
        "filament used [mm]": one.filament_mm,
        "filament used [cm3]": volume / 1000,
        "filament used [g]": volume * material.density_g_cm3 / 1000,
        "filament cost": volume * material.density_g_cm3 / 1e6 * 25.4,
        "max_layer_z": totals.max_z_um / 1000,
        "layer_height": one.resolved.process.layer_height_mm,
        "nozzle_diameter": one.printer.nozzle_mm,
        "temperature": material.nozzle_c,
        "bed_temperature": material.bed_c,
        "brim_width": 0,
        "support_material": 0,
        "ironing": 0,
    }
    for name, value in near.items():
        assert float(found[name]) == pytest.approx(value, abs=0.0051), name
    assert found["filament_type"] == material.name
    assert found["printer_model"] == one.printer.model
    assert found["fill_density"] == f"{one.resolved.process.infill.density_ratio:.0%}"
    stated = seconds(found["estimated printing time (normal mode)"])
    assert stated == round(totals.print_time_ms / 1000)


def test_prusalinks_reader_finds_every_field_that_it_knows(one: Consumed) -> None:
    found = told.prusalink(one.path)
    unsaid = set(SILENT_OR_CHANGED)
    if one.printer.firmware.value == "klipper":
        # Klipper's M73 has no minutes left.
        unsaid.add("normal_left_present")
    assert set(found["fields"]) - set(found["data"]) == unsaid
    check_prusa_fields(found["data"], one)
    assert found["data"]["layer_info_present"]
    assert found["data"]["normal_percent_present"]
    sizes = {f"{width}x{height}_PNG" for width, height in pictures(one)}
    assert set(found["thumbnails"]) == sizes
    for name, data in found["thumbnails"].items():
        indices, _ = read_png(base64.b64decode(data, validate=True))
        assert "{1}x{0}_PNG".format(*indices.shape) == name


# ----------------------------------------------------------------------------------- OctoPrint


def test_octoprints_analysis_agrees_on_filament_size_and_roughly_on_time(one: Consumed) -> None:
    found = told.octoprint(one.path)
    moves = one.reading.moves
    assert found["filament_mm"] == [pytest.approx(one.farthest_e_mm, abs=0.01)]
    lays = [n for n, move in enumerate(moves) if move.e_e5 > 0]
    for axis in "xyz":
        ends = [getattr(moves[k].state, f"{axis}_um") for n in lays for k in (max(n - 1, 0), n)]
        known = [end / 1000 for end in ends if end is not None]
        assert found[f"max{axis.upper()}"] == pytest.approx(max(known), abs=0.002)
    # Its clock knows one acceleration for all; still, nobody is told hours for minutes.
    assert 0.5 < found["total_min"] * 60_000 / one.program.totals.print_time_ms < 1.5


# -------------------------------------------------------------------------------------- Kalico


def kalico(one: Consumed, folder: Path, more: str = "", before: str = "") -> Batch:
    """The program as it is, with commands of ours after it or before its first layer."""
    text = one.program.data.decode("ascii") + more
    if before:
        text = text.replace(";LAYER_CHANGE\n", f"{before}\n;LAYER_CHANGE\n", 1)
    folder.mkdir(exist_ok=True)
    path = folder / "program.gcode"
    path.write_text(text, "ascii")
    return batch(path, folder / "kalico", boards.of_printer(one.printer))


def position(log: str) -> dict[str, float]:
    """What GET_POSITION told at the end."""
    line = re.findall(r"^toolhead: (.*)$", log, re.MULTILINE)[-1]
    return {axis: float(value) for axis, value in re.findall(r"([XYZE]):(-?[0-9.]+)", line)}


@pytest.mark.parametrize("dialect", CASES)
def test_kalico_runs_every_program_to_its_end(
    dialect: str, programs: dict[str, Consumed], tmp_path: Path
) -> None:
    one = programs[dialect]
    done = kalico(one, tmp_path, more="GET_POSITION\n")
    assert done.is_done, done.error
    assert set(done.unknown) == OF_THEIR_FIRMWARE[dialect]
    assert not re.findall("Malformed|Internal error|Traceback", done.log)
    # Accelerations of printing and of travel are Marlin's; Klipper has one.
    assert ("Invalid M204" in done.log) is (dialect != "klipper")
    end = position(done.log)
    assert (end["X"], end["Y"], end["Z"]) == pytest.approx(one.last_position_mm(), abs=1e-6)
    # Its E is a sum over the whole program: the filament used, with the machine's own code.
    assert end["E"] == pytest.approx(one.all_filament_mm, abs=1e-4)
    if dialect == "klipper":
        assert one.program.totals.print_time_ms / 1000 == pytest.approx(done.print_time_s, rel=0.03)


def test_arcs_are_the_same_way_for_who_reads_them(tmp_path: Path) -> None:
    """OctoPrint follows them, Kalico cuts them to chords."""
    more = (("process.arcs.max_deviation_mm", "0.02"),)
    one = made(("ring", "ender3-v2", "pla", "standard-0.20"), tmp_path, more=more)
    text = one.program.data.decode("ascii")
    assert len(re.findall(r"^G[23] ", text, re.MULTILINE)) > 10
    done = kalico(one, tmp_path / "kalico", more="GET_POSITION\n")
    assert done.is_done, done.error
    assert set(done.unknown) == OF_THEIR_FIRMWARE["marlin2"]
    fed = [float(e) for e in re.findall(r"^G[123] [^;\n]*?E(-?[0-9.]+)", text, re.MULTILINE)]
    assert position(done.log)["E"] == pytest.approx(sum(fed), abs=1e-3)
    found = told.octoprint(one.path)
    assert found["filament_mm"] == [pytest.approx(max(accumulate(fed)), abs=0.01)]
    plain = told.octoprint(made(("ring", "ender3-v2", "pla", "standard-0.20"), tmp_path).path)
    assert found["maxX"] == pytest.approx(plain["maxX"], abs=0.02)
    assert found["maxY"] == pytest.approx(plain["maxY"], abs=0.02)


def test_two_tools_are_told_apart(tmp_path: Path) -> None:
    case = ("gate", "bibo2-touch-dual", "pla", "draft-0.30")
    one = made(case, tmp_path, by_second_tool="fin")
    own = one.program.totals.tools
    lengths = [tool.filament_um / 1000 for tool in own]
    grams = [tool.filament_mg / 1000 for tool in own]
    found, _ = told.moonraker(one.path)
    assert found["referenced_tools"] == [0, 1]
    assert found["filament_change_count"] == one.program.totals.tool_changes > 0
    assert json.loads(found["filament_type"]) == ["PLA", "PLA"]
    assert found["filament_colors"] == ["#FF8000"] * 2
    assert found["filament_weights"] == pytest.approx(grams, abs=0.0051)
    assert found["filament_total"] == pytest.approx(sum(lengths), abs=0.011)
    data = told.prusalink(one.path)["data"]
    assert data["filament used [mm] per tool"] == pytest.approx(lengths, abs=0.0051)
    assert data["filament_type per tool"] == ["PLA", "PLA"]
    measured = told.octoprint(one.path)["filament_mm"]
    # With what the start code primes the first with; no more than its retractions apart.
    assert len(measured) == 2
    assert measured == pytest.approx(lengths, abs=15)


def test_kalico_stops_at_a_program_that_leaves_the_machine(
    programs: dict[str, Consumed], tmp_path: Path
) -> None:
    done = kalico(programs["marlin2"], tmp_path, before="G1 Y900")
    assert not done.is_done
    assert "Move out of range" in done.log


def test_kalico_prints_all_but_an_object_that_is_excluded(tmp_path: Path) -> None:
    one = made(("gate", "voron-2.4-350", "abs", "standard-0.20"), tmp_path, copies=2)
    names = re.findall(r"^EXCLUDE_OBJECT_DEFINE NAME=(\S+)", "\n".join(one.reading.lines), re.M)
    assert len(names) == 2
    left_out = names[1]
    fed = dict.fromkeys(names, 0)
    for move in one.reading.moves:
        if move.state.object_name in fed:
            fed[move.state.object_name] += move.e_e5
    whole = kalico(one, tmp_path / "whole", more="EXCLUDE_OBJECT_DEFINE\nGET_POSITION\n")
    less = kalico(
        one,
        tmp_path / "less",
        more="EXCLUDE_OBJECT\nGET_POSITION\n",
        before=f"EXCLUDE_OBJECT NAME={left_out}",
    )
    assert whole.is_done
    assert less.is_done
    assert not whole.unknown + less.unknown
    listed = re.findall(r"[Kk]nown objects: (.*)", whole.log)[-1]
    assert set(listed.split()) == {name.upper() for name in names}
    assert left_out.upper() in re.findall(r"[Ee]xcluded objects: (.*)", less.log)[-1]
    gone = position(whole.log)["E"] - position(less.log)["E"]
    assert gone == pytest.approx(fed[left_out] / 1e5, abs=2 * 0.8)
    assert fed[left_out] / 1e5 > 20
    assert less.print_time_s < 0.75 * whole.print_time_s


# -------------------------------------------------------------------------------------- .bgcode


@pytest.fixture(scope="module")
def binary(programs: dict[str, Consumed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("binary") / "program.bgcode"
    path.write_bytes(wrapped(programs["prusa-buddy"].program.data, Form.BGCODE))
    return path


def test_prusas_own_library_reads_our_binary_programs(
    programs: dict[str, Consumed], binary: Path
) -> None:
    one = programs["prusa-buddy"]
    found = told.libbgcode(binary)
    check_prusa_fields(found["connect"], one)
    assert found["connect"]["extruder_colour"] == "#FF8000"
    assert len(json.loads(found["connect"]["objects_info"])["objects"]) == 1
    assert found["file"]["Producer"] == f"printstd {printstd.__version__}"
    assert found["slicer"]["printstd_time_estimate"] == "classic jerk, compared with PrusaSlicer"
    assert [(width, height) for width, height, _ in found["thumbnails"]] == pictures(one)
    for width, height, data in found["thumbnails"]:
        indices, _ = read_png(base64.b64decode(data))
        assert indices.shape == (height, width)


def test_what_prusas_library_unpacks_and_packs_has_the_same_commands(
    programs: dict[str, Consumed], binary: Path, tmp_path: Path
) -> None:
    """Its packing is deflate, heatshrink and MeatPack; ours is none."""
    one = programs["prusa-buddy"]
    wanted = canonical_commands(one.program.data)
    told.libbgcode_converted(binary, tmp_path / "again.gcode")
    assert canonical_commands((tmp_path / "again.gcode").read_bytes()) == wanted
    packed = tmp_path / "packed.bgcode"
    told.libbgcode_converted(one.path, packed)
    assert packed.stat().st_size < 0.6 * binary.stat().st_size
    assert canonical_commands(open_carrier(packed.read_bytes(), packed.name).program) == wanted


def test_an_independent_reader_of_binary_programs_has_every_line(
    programs: dict[str, Consumed], binary: Path
) -> None:
    one = programs["prusa-buddy"]
    found = told.gcode_lib(binary)
    assert (found["format"], found["pictures"]) == ("bgcode", len(pictures(one)))
    assert "\n".join(found["lines"]).encode("ascii") == one.program.data.rstrip(b"\n")

"""Settings out of programs and projects; our own programs give back what they were made with."""

from __future__ import annotations

import io
import tomllib
import zipfile

import pytest

from printstd.errors import InputError, ProfileError
from printstd.gcode.settings import settings_lines
from printstd.importing.account import Fate
from printstd.importing.foreign import Family, Kind
from printstd.profiles.models import Material, Printer, Process
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from tests.unit.importing.texts import built, chosen, library
from tests.unit.profiles.sources import BUNDLED, Overlay

FLAT = """
layer_height = 0.2
first_layer_height = 0.2
perimeters = 2
fill_density = 15%
fill_pattern = grid
filament_type = PLA
filament_diameter = 1.75
temperature = 210
first_layer_temperature = 210
bed_temperature = 60
first_layer_bed_temperature = 60
nozzle_diameter = 0.4
bed_shape = 0x0,200x0,200x200,0x200
gcode_flavor = marlin2
print_settings_id = My print
filament_settings_id = "My filament"
printer_settings_id = My printer
"""


def program(rows: list[str], begin: str, end: str) -> bytes:
    body = ["; made by hand", "G28", "G1 X1 Y1 F600", "", f"; {begin}"]
    return "\n".join([*body, *rows, f"; {end}", ""]).encode()


def rows_of(text: str) -> list[str]:
    return [f"; {line}" for line in text.strip().splitlines()]


@pytest.mark.parametrize(
    ("printer", "process", "material", "overrides"),
    [
        ("ender3-v2", "standard-0.20", "pla", ()),
        ("mk4s", "fine-0.12", "petg", (("process.infill.density_ratio", "0.31"),)),
        ("voron-2.4-350", "draft-0.30", "abs", (("material.pressure_advance_s", "0.035"),)),
        ("railcore-ii-300zl", "standard-0.20", "pla", (("process.walls.seam", "rear"),)),
        ("peer", "peer-0.20", "peer", ()),
    ],
)
def test_our_own_settings_come_back_as_they_were(
    printer: str, process: str, material: str, overrides: tuple[tuple[str, str], ...]
) -> None:
    request = Request(printer=printer, process=process, material=material, overrides=overrides)
    before = resolve(request, BUNDLED)
    assert before.printer is not None
    text = "\n".join(["; x", "G28", *settings_lines(before, before.printer), ""])
    lib = library(part__gcode=text)
    result = built(lib, chosen(lib))
    assert {entry.fate for entry in result.entries} == {Fate.CARRIED, Fate.ABOUT}
    files = {f"{p.folder}/{p.name}": p.text for p in result.profiles}
    names = {p.kind: p.name for p in result.profiles}
    after = resolve(
        Request(
            process=names[Kind.PROCESS],
            material=names[Kind.MATERIAL],
            printer=names[Kind.PRINTER],
        ),
        Overlay(files),
    )
    assert after.printer is not None
    about = {"id", "provenance", "title_en"}
    pairs: list[tuple[Process | Material | Printer, Process | Material | Printer]] = [
        (before.process, after.process),
        (before.material, after.material),
        (before.printer, after.printer),
    ]
    for old, new in pairs:
        assert new.model_dump(exclude=about) == old.model_dump(exclude=about)
        assert new.id == f"{old.id}-imported", "a bundled name is never hidden"


def test_a_setting_of_ours_that_is_no_value_is_a_profile_error() -> None:
    before = resolve(Request(printer="ender3-v2"), BUNDLED)
    assert before.printer is not None
    lines = settings_lines(before, before.printer)
    broken = [
        "; printstd_process_walls_count = two" if "_walls_count" in line else line for line in lines
    ]
    lib = library(part__gcode="\n".join(["G28", *broken, ""]))
    with pytest.raises(ProfileError, match="1 problem"):
        built(lib, chosen(lib))


@pytest.mark.parametrize(
    ("begin", "end"),
    [("prusaslicer_config = begin", "prusaslicer_config = end")],
)
def test_a_program_s_block_says_the_same_as_the_file(begin: str, end: str) -> None:
    one = library(flat__ini=FLAT)
    two = library(part__gcode=program(rows_of(FLAT), begin, end))
    first, second = (built(lib, chosen(lib)) for lib in (one, two))
    for a, b in zip(first.profiles, second.profiles, strict=True):
        old, new = tomllib.loads(a.text), tomllib.loads(b.text)
        assert old.pop("provenance") != new.pop("provenance")
        assert old == new
    assert [p.preset for p in second.profiles] == ["My print", "My filament", "My printer"]


def test_orca_s_block_is_read_with_orca_s_keys() -> None:
    text = FLAT.replace("perimeters = 2", "wall_loops = 3").replace(
        "bed_shape =", "printable_area ="
    )
    data = program(rows_of(text), "CONFIG_BLOCK_START", "CONFIG_BLOCK_END")
    lib = library(part__gcode=data)
    assert {preset.family for preset in lib.presets} == {Family.ORCA}
    assert tomllib.loads(built(lib, chosen(lib)).profiles[0].text)["walls"]["count"] == 3


def test_a_project_holds_the_same() -> None:
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("Metadata/Slic3r_PE.config", "\n".join(rows_of(FLAT)))
        lib = library(part__3mf=buffer.getvalue())
    assert len(built(lib, chosen(lib)).profiles) == 3


def test_one_kind_alone_is_imported_alone() -> None:
    lib = library(mine__ini="temperature = 235\nfilament_type = PETG\nfilament_diameter = 1.75\n")
    result = built(lib, chosen(lib))
    assert [(p.kind, p.name) for p in result.profiles] == [(Kind.MATERIAL, "mine")]


def _zip(**members: bytes) -> bytes:
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name.replace("__", "/"), data)
        return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a__gcode", b"; x\nG28\nG1 X1\n"),
        ("a__gcode", b"G28\n; prusaslicer_config = begin\n; layer_height = 0.2\n"),
        ("a__gcode", b"GCDE\x01\x00\x00\x00"),
        ("a__ini", b"\xff\xfe\x00"),
        ("a__ini", b"just words\n"),
        ("a__ini", b""),
        ("a__ini", b"[settings]\nx = 1\n"),
        ("a__3mf", b"PK\x03\x04 broken"),
        ("a__3mf", _zip(model=b"<model/>")),
        ("a__3mf", _zip(Metadata__Slic3r_PE=b"x")),
    ],
)
def test_what_holds_no_settings_is_unreadable(name: str, data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        library(**{name: data})
    assert caught.value.hint


def test_a_member_that_swells_is_refused() -> None:
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("Metadata/Slic3r_PE.config", b"; a = 1\n" * 4_000_000)
        with pytest.raises(InputError, match="too large"):
            library(a__3mf=buffer.getvalue())

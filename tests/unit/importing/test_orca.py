"""OrcaSlicer's chains: the leaf alone is not enough, and nothing is guessed."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile

import pytest

from printstd.errors import InputError, ProfileError
from printstd.importing.account import Fate
from printstd.importing.foreign import Kind
from tests.unit.importing.texts import (
    FILAMENT,
    MACHINE,
    PROCESS_LEAF,
    PROCESS_MIDDLE,
    PROCESS_ROOT,
    built,
    chosen,
    library,
    values_of,
)

FILES = {
    "leaf__json": json.dumps(PROCESS_LEAF),
    "middle__json": json.dumps(PROCESS_MIDDLE),
    "root__json": json.dumps(PROCESS_ROOT),
    "machine__json": json.dumps(MACHINE),
    "filament__json": json.dumps(FILAMENT),
}


def test_a_leaf_has_its_parents_speeds_and_not_the_program_s_defaults() -> None:
    """The case of OrcaSlicer#14718: inner walls at 300 mm/s, not at 60."""
    lib = library(**FILES)
    result = built(lib, chosen(lib))
    process = tomllib.loads(result.profiles[0].text)
    assert process["speeds"]["perimeter_mm_s"] == 300.0
    assert process["speeds"]["external_perimeter_mm_s"] == 150.0
    assert process["infill"]["density_ratio"] == 0.2
    assert process["widths"]["perimeter_mm"] == 0.42
    assert len(lib.of(Kind.PROCESS)) == 1


def test_a_leaf_without_its_parent_is_refused_by_name() -> None:
    with pytest.raises(ProfileError) as caught:
        library(leaf__json=FILES["leaf__json"], root__json=FILES["root__json"])
    assert "'fdm_process_middle'" in str(caught.value)
    assert "give the parent's file too" in str(caught.value)


def test_machine_and_filament() -> None:
    lib = library(**FILES)
    result = built(lib, chosen(lib))
    material, printer = (tomllib.loads(profile.text) for profile in result.profiles[1:])
    assert material["pressure_advance_s"] == 0.03
    assert material["nozzle_c"] == 220
    assert printer["firmware"] == "klipper"
    assert printer["motion"]["square_corner_velocity_mm_s"] == 5.0
    assert "jerk_mm_s" not in printer["motion"]
    assert printer["motion"]["max_speed_mm_s"]["x"] == 500.0
    assert printer["retraction"]["lift_mm"] == 0.4
    lost = {entry.key: entry.note for entry in result.entries if entry.fate is Fate.LOST}
    # A macro of the machine: what it does the file does not say. Ours stands for it.
    assert "PRINT_START" in lost["machine_start_gcode"]
    assert "G28" in printer["start_code"]


@pytest.mark.parametrize(
    ("machine", "filament", "slope", "is_lost"),
    [
        ({"z_hop_types": ["Normal Lift"], "travel_slope": ["2"]}, {}, 0.0, False),
        ({"z_hop_types": ["Slope Lift"], "travel_slope": ["2"]}, {}, 2.0, False),
        ({"z_hop_types": ["Slope Lift"]}, {}, 3.0, False),
        ({"z_hop_types": ["Spiral Lift"], "travel_slope": ["2"]}, {}, 2.0, True),
        (
            {"z_hop_types": ["Slope Lift"], "travel_slope": ["2"]},
            {"filament_z_hop_types": ["Normal Lift"]},
            0.0,
            False,
        ),
    ],
)
def test_how_the_nozzle_is_lifted(
    machine: dict[str, object], filament: dict[str, object], slope: float, is_lost: bool
) -> None:
    lib = library(
        **{
            **FILES,
            "machine__json": json.dumps({**MACHINE, **machine}),
            "filament__json": json.dumps({**FILAMENT, **filament}),
        }
    )
    result = built(lib, chosen(lib))
    printer = tomllib.loads(result.profiles[2].text)
    assert printer["retraction"]["hop_slope_deg"] == slope
    lost = {entry.key for entry in result.entries if entry.fate is Fate.LOST}
    assert ("z_hop_types" in lost) is is_lost


def test_what_the_process_says_of_walls_ways_and_heights() -> None:
    said = {
        "wall_generator": "arachne",
        "min_bead_width": "85%",
        "wall_transition_length": "100%",
        "reduce_infill_retraction": "1",
        "precise_z_height": "1",
        "max_travel_detour_distance": "10",
    }
    lib = library(**{**FILES, "leaf__json": json.dumps({**PROCESS_LEAF, **said})})
    process, _, printer = (tomllib.loads(p.text) for p in built(lib, chosen(lib)).profiles)
    walls = process["walls"]
    assert walls["generator"] == "variable"
    assert walls["min_bead_width_ratio"] == 0.85
    assert walls["transition_length_ratio"] == 1.0
    assert process["layers"]["exact_top"] is True
    assert process["max_detour_mm"] == 10.0
    assert printer["retraction"]["only_when_leaving"] is True


def test_presets_of_another_machine_are_refused() -> None:
    other = json.dumps({**MACHINE, "name": "Acme Three 0.4 nozzle"})
    lib = library(**{**FILES, "machine__json": other})
    with pytest.raises(ProfileError) as caught:
        chosen(lib)
    assert "Acme Two 0.4 nozzle" in str(caught.value)


def test_a_project_s_settings_are_flat() -> None:
    flat = {**PROCESS_ROOT, **PROCESS_MIDDLE, **PROCESS_LEAF, **MACHINE, **FILAMENT}
    for key in ("type", "name", "inherits", "instantiation"):
        flat.pop(key)
    flat["print_settings_id"] = "My process"
    flat["compatible_printers"] = []
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("Metadata/project_settings.config", json.dumps(flat))
        lib = library(part__3mf=buffer.getvalue())
    assert values_of(lib, Kind.PROCESS, "My process")["inner_wall_speed"] == "300"
    result = built(lib, chosen(lib))
    assert len(result.profiles) == 3


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1, 2]",
        '{"type": "process", "type": "process"}',
        '{"type": "process", "name": "x", "speed": NaN}',
        '{"type": "process", "name": "x", "speed": {"a": 1}}',
        "{" * 100_000,
    ],
)
def test_broken_json_is_unreadable(text: str) -> None:
    with pytest.raises(InputError):
        library(x__json=text if text[0] == "{" else "{}" + text)


def test_a_vendor_s_list_and_a_machine_model_are_no_presets() -> None:
    lists = {"name": "Acme", "version": "1", "process_list": []}
    model = {"type": "machine_model", "name": "Acme Two", "nozzle_diameter": "0.4"}
    lib = library(**FILES, acme__json=json.dumps(lists), model__json=json.dumps(model))
    assert len(lib.presets) == 3

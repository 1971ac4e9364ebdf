"""The settings block: all settings, each once, each readable again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from tests.oracles.print_hosts import prusalink
from tests.toolpaths import Pen, solid_block
from tests.unit.gcode.writing import PRINTERS, lines_of, resolved_for, written

BLOCK = solid_block(Pen(), n_layers=2, half_um=1_000).toolpath()


def block_of(data_lines: list[str]) -> list[tuple[str, str]]:
    begin = data_lines.index("; prusaslicer_config = begin")
    assert data_lines[-1] == "; prusaslicer_config = end"
    pairs = [line[2:].partition(" = ") for line in data_lines[begin + 1 : -1]]
    return [(key, value) for key, _, value in pairs]


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every value of a profile that is no table, under its path."""
    if isinstance(value, dict):
        return {
            k: v for key, inner in value.items() for k, v in leaves(inner, (*path, key)).items()
        }
    return {"_".join(path): value}


@pytest.mark.parametrize("printer", PRINTERS)
def test_every_setting_is_there_and_reads_back(printer: str) -> None:
    resolved = resolved_for(printer, material="petg")
    rows = dict(block_of(lines_of(written(BLOCK, resolved))))
    wanted = {}
    for kind in ("process", "material", "printer"):
        profile: BaseModel = getattr(resolved, kind)
        plain = profile.model_dump(mode="json")
        del plain["provenance"]
        wanted |= {f"printstd_{kind}_{key}": value for key, value in leaves(plain).items()}
    assert len(wanted) > 120
    found = {key: json.loads(rows[key]) for key in wanted}
    assert found == wanted
    for kind, sha256 in resolved.digests.items():
        is_of_the_program = kind != "properties"
        assert (rows.get(f"printstd_{kind}_sha256") == sha256) == is_of_the_program
    assert rows["printstd_designation"] == "MEX-TRB/P/PETG"
    assert rows["printstd_tolerance_class"] == resolved.tolerance_class


@pytest.mark.parametrize("printer", PRINTERS)
def test_the_block_is_sorted_and_has_each_key_once(printer: str) -> None:
    keys = [key for key, _ in block_of(lines_of(written(BLOCK, resolved_for(printer))))]
    assert keys == sorted(set(keys))
    # A viewer takes fewer than 80 for a damaged file.
    assert len(keys) > 80


@pytest.mark.parametrize(
    ("pair", "key", "value"),
    [
        (("layer_height_mm", "0.15"), "layer_height", "0.15"),
        (("first_layer_height_mm", "0.25"), "first_layer_height", "0.25"),
        (("infill.density_ratio", "0.125"), "fill_density", "12.5%"),
        (("infill.density_ratio", "1"), "fill_density", "100%"),
        (("adhesion.brim_width_mm", "3"), "brim_width", "3"),
        (("material.nozzle_c", "221"), "temperature", "221"),
        (("material.first_layer_nozzle_c", "222"), "first_layer_temperature", "222"),
        (("material.bed_c", "51"), "bed_temperature", "51"),
        (("material.first_layer_bed_c", "52"), "first_layer_bed_temperature", "52"),
        (("material.filament_diameter_mm", "2.85"), "filament_diameter", "2.85"),
        (("material.density_g_cm3", "1.305"), "filament_density", "1.305"),
        (("material.name", '"PLA+"'), "filament_type", "PLA+"),
        (("printer.nozzle_mm", "0.5"), "nozzle_diameter", "0.5"),
        (("printer.nozzle_mm", "0.5"), "printer_variant", "0.5"),
        (("printer.model", '"MK4S (0.4)"'), "printer_model", "MK4S (0.4)"),
        (("printer.vendor", '"Завод"'), "printer_vendor", "_____"),
    ],
)
def test_hosts_read_what_the_profiles_say(pair: tuple[str, str], key: str, value: str) -> None:
    assert prusalink(written(BLOCK, resolved_for("mk4s", pair)).data)[key] == value


def test_ids_are_those_of_the_files() -> None:
    found = prusalink(written(BLOCK, resolved_for("mk4s", process="fine-0.12")).data)
    assert found["print_settings_id"] == "fine-0.12"
    assert found["printer_settings_id"] == "mk4s"
    assert found["filament_settings_id"] == "pla"


@pytest.mark.parametrize(
    ("printer", "flavor"),
    [
        ("ender3-v2", "marlin2"),
        ("mk4s", "marlin2"),
        ("voron-2.4-350", "klipper"),
        ("railcore-ii-300zl", "reprapfirmware"),
    ],
)
def test_the_flavour_is_the_firmwares(printer: str, flavor: str) -> None:
    assert prusalink(written(BLOCK, resolved_for(printer)).data)["gcode_flavor"] == flavor

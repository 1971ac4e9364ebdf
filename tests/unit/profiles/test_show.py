"""Names, values with units and origins, and the check of whole folders."""

from __future__ import annotations

import pytest

from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from printstd.profiles.show import check_all, describe, titles, value_text
from tests.unit.profiles.sources import BUNDLED, Overlay, text_of

PLA = text_of("materials", "pla")


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("process.layer_height_mm", 0.2, "0.2 mm"),
        ("process.speeds.travel_mm_s", 180.0, "180.0 mm/s"),
        ("process.accelerations.default_mm_s2", 1000.0, "1000.0 mm/s2"),
        ("process.shells.solid_below_area_mm2", 70.0, "70.0 mm2"),
        ("material.max_flow_mm3_s", 15.0, "15.0 mm3/s"),
        ("material.density_g_cm3", 1.24, "1.24 g/cm3"),
        ("material.nozzle_window_c", [185, 235], "[185, 235] degC"),
        ("material.pressure_advance_s", None, "not set"),
        ("printer.motion.max_speed_mm_s.x", 500.0, "500.0 mm/s"),
        ("process.walls.thin_walls", True, "true"),
        ("process.walls.seam", "rear", '"rear"'),
        ("process.walls.count", 2, "2"),
        ("process.infill.density_ratio", 0.15, "0.15"),
    ],
)
def test_values_carry_their_units(key: str, value: object, text: str) -> None:
    assert value_text(key, value) == text


def test_every_value_is_shown_once_with_the_line_that_says_it() -> None:
    rows = describe(resolve(Request(printer="ender3-v2", material="petg"), BUNDLED))
    keys = [key for key, _, _ in rows]
    assert len(keys) == len(set(keys))
    assert ("material.nozzle_c", "245 degC") in {(key, text) for key, text, _ in rows}
    checked = 0
    for key, _, origin in rows:
        if origin == "default" or "," in origin or "[" in key:
            continue
        file, line = origin.rsplit(":", 1)
        folder, name = file.removeprefix("profiles/").rsplit("/", 1)
        row = text_of(folder, name.removesuffix(".toml")).splitlines()[int(line) - 1]
        kind, _, last = key.rpartition(".")
        assert last in row or kind.endswith("by_key"), (key, row)
        checked += 1
    assert checked > 150


def test_a_broken_file_is_listed_as_such() -> None:
    found = titles(Overlay({"materials/mine": "name = 1"}))
    assert "cannot be read" in found["materials"]["mine"]
    assert found["materials"]["pla"] == "PLA"


def test_check_tells_everything_wrong_in_every_file_once() -> None:
    source = Overlay(
        {
            "materials/pla": PLA.replace("nozzle_c = 210", "nozzle_c = 10", 1),
            "materials/child": 'extends = "pla"\nid = "child"\nbed_c = 500\n',
            "processes/mine": 'extends = "standard-0.20"\nid = "mine"\nlayer_heigth_mm = 0.2\n',
            "packs/odd": text_of("packs", "int")
            .replace('id = "int"', 'id = "odd"')
            .replace('"iso-2768-1-1989"', '"iso-2768-2"'),
            "printers/odd": text_of("printers", "mk4s")
            .replace('id = "mk4s"', 'id = "odd"')
            .replace('allowlist = "prusa-buddy"', 'allowlist = "marlin2"'),
        }
    )
    problems, count = check_all(source)
    assert count == check_all(BUNDLED)[1] + 4
    assert len(problems) == len(set(problems))
    places = {(p.file.rpartition("/")[2], p.key) for p in problems}
    assert places >= {
        ("pla.toml", "nozzle_c"),
        ("child.toml", "bed_c"),
        ("mine.toml", "layer_heigth_mm"),
        ("odd.toml", "tolerance_table"),
        ("odd.toml", "allowlist"),
    }
    nearest = {p.key: p.nearest for p in problems}
    assert nearest["layer_heigth_mm"] == "layer_height_mm"
    assert nearest["tolerance_table"] == "iso-2768-1-1989"


def test_one_pack_can_be_checked_by_itself() -> None:
    source = Overlay({"materials/pla": "broken ="})
    # The pack, and the three tables that it names.
    assert check_all(source, ("kz",)) == ([], 4)
    problems, _ = check_all(source, ("kzz",))
    assert [p.nearest for p in problems] == ["kz"]

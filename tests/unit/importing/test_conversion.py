"""What a foreign value becomes: computed values, losses told by name, an honest account."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from printstd.errors import ProfileError
from printstd.importing import orca_features, prusa_features
from printstd.importing.account import TABLES, Entry, Fate
from printstd.importing.build import Imported
from printstd.importing.foreign import Family, Kind
from printstd.profiles.keys import split_key, type_at
from printstd.profiles.load import MODELS
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from tests.unit.importing.texts import BUNDLE, built, chosen, library
from tests.unit.profiles.sources import Overlay


def imported(process: str = "", filament: str = "", printer: str = "") -> Imported:
    """The bundle's triple, with lines added to the chosen presets."""
    text = BUNDLE
    for header, more in (
        ("[print:Fine and fast]\n", process),
        ("[filament:Acme PLA]\n", filament),
        ("[printer:Acme One]\n", printer),
    ):
        text = text.replace(header, header + more)
    lib = library(acme__ini=text)
    return built(lib, chosen(lib, "Acme One", "Fine and fast", "Acme PLA"))


def tree(result: Imported, kind: Kind) -> dict[str, Any]:
    return tomllib.loads(next(p.text for p in result.profiles if p.kind is kind))


def at(result: Imported, kind: Kind, setting: str) -> Any:
    value: Any = tree(result, kind)
    for key in setting.split("."):
        value = value[key]
    return value


def entry(result: Imported, key: str) -> Entry:
    return next(entry for entry in result.entries if entry.key == key)


def lost(result: Imported) -> dict[str, str]:
    return {entry.key: entry.note for entry in result.entries if entry.fate is Fate.LOST}


PROCESS_VALUES = [
    ("extrusion_width = 0", "widths.perimeter_mm", 0.45),
    ("extrusion_width = 0", "widths.top_infill_mm", 0.4),
    ("extrusion_width = 0.5", "widths.perimeter_mm", 0.5),
    ("extrusion_width = 0.5\nperimeter_extrusion_width = 0.42", "widths.perimeter_mm", 0.42),
    ("perimeter_extrusion_width = 210%", "widths.perimeter_mm", 0.42),
    ("first_layer_extrusion_width = 200%", "widths.first_layer_mm", 0.5),
    ("first_layer_extrusion_width = 0", "widths.first_layer_mm", 0.45),
    ("first_layer_height = 150%", "first_layer_height_mm", 0.3),
    ("external_perimeter_speed = 40%", "speeds.external_perimeter_mm_s", 24.0),
    ("infill_speed = 80\nsolid_infill_speed = 50%\ntop_solid_infill_speed = 50%",
     "speeds.top_infill_mm_s", 20.0),
    ("travel_speed = 150\ntravel_speed_z = 0", "speeds.travel_z_mm_s", 150.0),
    ("fill_density = 20", "infill.density_ratio", 0.2),
    ("infill_overlap = 25%", "infill.overlap_ratio", 0.25),
    # 0.45 x 0.2 beads lie 0.40708 apart.
    ("infill_overlap = 0.1", "infill.overlap_ratio", 0.245652),
    ("infill_anchor = 600%", "infill.anchor_mm", 2.7),
    ("infill_anchor = 30\ninfill_anchor_max = 5", "infill.anchor_mm", 5.0),
    ("gap_fill_speed = 0", "walls.gap_fill", False),
    ("brim_type = no_brim\nbrim_width = 5", "adhesion.brim_width_mm", 0.0),
    ("seam_gap_distance = 0.08", "walls.seam_gap_ratio", 0.2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "setting", "value"), PROCESS_VALUES)
def test_process_values_are_computed(text: str, setting: str, value: object) -> None:
    assert at(imported(process=f"{text}\n"), Kind.PROCESS, setting) == pytest.approx(value)


MATERIAL_VALUES = [
    ("cooling = 0", "fan.slowdown_below_layer_time_s", 0.0),
    ("cooling = 0", "fan.max_ratio", 1.0),
    ("slowdown_below_layer_time = 20\nfan_below_layer_time = 10", "fan.below_layer_time_s", 20.0),
    ("full_fan_speed_layer = 0", "fan.full_layer", 2),
    ("first_layer_temperature = 0", "first_layer_nozzle_c", 210),
    ("filament_max_volumetric_speed = 0", "max_flow_mm3_s", 1000.0),
    ("filament_shrinkage_compensation_xy = 0.3%", "shrinkage_xy_ratio", 0.003),
    ("min_print_speed = 15 # slow", "fan.min_print_speed_mm_s", 15.0),
    ("temperature = 260", "nozzle_window_c", [185, 260]),
    ("temperature = 210", "nozzle_window_c", [185, 235]),
]


@pytest.mark.parametrize(("text", "setting", "value"), MATERIAL_VALUES)
def test_material_values_are_computed(text: str, setting: str, value: object) -> None:
    assert at(imported(filament=f"{text}\n"), Kind.MATERIAL, setting) == pytest.approx(value)


PRINTER_VALUES = [
    ("", "retraction.length_mm", 1.5),  # the filament's own
    ("deretract_speed = 0", "retraction.deretract_speed_mm_s", 35.0),
    ("retract_speed = 200\nmachine_max_feedrate_e = 60", "retraction.speed_mm_s", 60.0),
    ("max_layer_height = 0", "max_layer_height_mm", 0.3),
    ("max_layer_height = 0.18", "max_layer_height_mm", 0.25),  # the process's first layer
    ("bed_shape = -100x-90,100x-90,100x90,-100x90", "volume.x_min_mm", -100.0),
    ("machine_max_acceleration_x = 1000,960", "motion.max_accel_mm_s2.x", 1000.0),
    ("thumbnails = 16x16,160x120", "thumbnails_px", [[16, 16], [160, 120]]),
    ("", "max_nozzle_c", 275),  # the maker's hottest filament
    ("", "max_bed_c", 105),
    ("", "volume.travel_y_min_mm", -2.0),  # where the start code goes
    ("", "uses_pressure_advance", True),
    ("", "vendor", "Acme"),
]


@pytest.mark.parametrize(("text", "setting", "value"), PRINTER_VALUES)
def test_printer_values_are_computed(text: str, setting: str, value: object) -> None:
    found = at(imported(printer=f"{text}\n"), Kind.PRINTER, setting)
    assert found == (value if isinstance(value, list) else pytest.approx(value))


def test_the_box_in_a_round_bed_lies_inside_it_and_touches_it() -> None:
    from math import cos, hypot, pi, sin

    points = [(90 * cos(i * pi / 36), 90 * sin(i * pi / 36)) for i in range(72)]
    shape = ",".join(f"{x:.6g}x{y:.6g}" for x, y in points)
    volume = at(
        imported(printer=f"bed_shape = {shape}\nstart_gcode = G28\n"), Kind.PRINTER, "volume"
    )
    corner = hypot(volume["x_max_mm"], volume["y_max_mm"])
    assert 89.9 < corner <= 90
    assert volume["x_min_mm"] == pytest.approx(-volume["x_max_mm"], abs=0.002)


@pytest.mark.parametrize(
    ("text", "key", "setting", "instead"),
    [
        ("perimeter_generator = arachne", "perimeter_generator", None, None),
        ("fill_pattern = hilbertcurve", "fill_pattern", "infill.pattern", "grid"),
        ("seam_position = random", "seam_position", "walls.seam", "nearest"),
        ("first_layer_speed = 50%", "first_layer_speed", "speeds.first_layer_mm_s", 30.0),
        ("infill_speed = 0\nmax_print_speed = 90", "infill_speed", "speeds.infill_mm_s", 90.0),
        ("support_material_angle = 5\nsupport_material = 1", "support_material", None, None),
        ("what_is_this = 1", "what_is_this", None, None),
        ("post_process = /bin/true", "post_process", None, None),
    ],
)
def test_what_printstd_does_otherwise_is_lost_by_name(
    text: str, key: str, setting: str | None, instead: object
) -> None:
    result = imported(process=f"{text}\n")
    if setting is None and any(
        row.key == key and type_at(MODELS["process"], split_key(row.setting)) is not None
        for row in TABLES[Family.PRUSA][Kind.PROCESS].rows
    ):
        pytest.skip("this build has the feature")
    found = entry(result, key)
    assert found.fate is Fate.LOST
    assert found.note
    assert found.where is not None
    assert found.where.file == "acme.ini"
    if setting is not None:
        assert at(result, Kind.PROCESS, setting) == instead


def test_a_plain_triple_is_carried_whole() -> None:
    result = imported()
    assert lost(result) == {}
    assert {entry.fate for entry in result.entries} == {Fate.CARRIED, Fate.ABOUT}


def test_details_of_what_is_off_are_idle_and_count_once_it_is_on() -> None:
    off = imported(process="support_material_angle = 30\nironing_speed = 20\n")
    assert entry(off, "support_material_angle").fate is Fate.IDLE
    assert entry(off, "ironing_speed").fate is Fate.IDLE
    on = imported(process="support_material_angle = 30\nsupport_material = 1\n")
    assert entry(on, "support_material_angle").fate is Fate.LOST


def test_a_default_that_printstd_does_not_follow_is_lost_too() -> None:
    lib = library(acme__ini=BUNDLE.replace("perimeter_generator = classic\n", ""))
    result = built(lib, chosen(lib, "Acme One", "Fine and fast", "Acme PLA"))
    note = {entry.key: entry for entry in result.entries}.get("perimeter_generator")
    if note is not None and note.fate is Fate.LOST:
        assert note.where is None
    assert "default" in str(tree(result, Kind.PROCESS)["provenance"]["by_key"])


@pytest.mark.parametrize(
    ("where", "text", "word"),
    [
        ("process", "layer_height = thick", "layer_height"),
        ("process", "thin_walls = maybe", "thin_walls"),
        ("printer", "gcode_flavor = sailfish", "gcode_flavor"),
        ("printer", "bed_shape = 0x0,1", "bed_shape"),
        ("process", "layer_height = 0.35", "layer_height_mm"),  # of a 0.4 mm nozzle
        ("process", "perimeters = 2000", "walls.count"),
        ("filament", "extrusion_multiplier = 3", "flow_ratio"),
    ],
)
def test_what_cannot_be_is_a_profile_error(where: str, text: str, word: str) -> None:
    with pytest.raises(ProfileError) as caught:
        imported(**{where: f"{text}\n"})
    assert word in str(caught.value)


def test_profiles_resolve_together_and_say_where_they_come_from() -> None:
    import hashlib

    result = imported()
    files = {f"{p.folder}/{p.name}": p.text for p in result.profiles}
    names = {p.kind: p.name for p in result.profiles}
    resolved = resolve(
        Request(
            process=names[Kind.PROCESS],
            material=names[Kind.MATERIAL],
            printer=names[Kind.PRINTER],
        ),
        Overlay(files),
    )
    assert resolved.printer is not None
    digest = hashlib.sha256(BUNDLE.encode()).hexdigest()
    for profile in (resolved.process, resolved.material, resolved.printer):
        assert profile.provenance.confidence.value == "imported"
        assert digest in profile.provenance.source
        assert "acme.ini" in profile.provenance.source


OURS = {
    Kind.PROCESS: {"id", "title_en", "provenance", "integrity"},
    Kind.MATERIAL: {
        "id", "provenance", "nozzle_window_c", "bed_window_c", "min_wall_mm", "recommended_wall_mm",
    },
    Kind.PRINTER: {
        "id", "provenance", "vendor", "model", "proven", "max_nozzle_c", "max_bed_c", "macros",
        "uses_pressure_advance", "volume.travel_x_min_mm", "volume.travel_y_min_mm",
        "volume.travel_x_max_mm", "volume.travel_y_max_mm", "retraction.max_length_mm",
        "motion.square_corner_velocity_mm_s", "motion.minimum_cruise_ratio",
    },
}  # fmt: skip
"""Settings that no slicer's preset says."""


@pytest.mark.parametrize("family", list(TABLES))
def test_tables_name_settings_that_exist_and_no_feature_twice(family: Family) -> None:
    features = {*prusa_features.ROWS, *orca_features.ROWS}
    for kind, table in TABLES[family].items():
        model = MODELS[kind.value]
        keys = [off.key for off in table.offs]
        assert len(keys) == len(set(keys))
        for row in table.rows:
            is_here = type_at(model, split_key(row.setting)) is not None
            assert is_here or row in features, row
            top = row.setting.split(".")[0]
            assert row.setting not in OURS[kind], row
            assert top not in OURS[kind], row
            assert not table.is_about(row.key), row

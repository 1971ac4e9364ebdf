"""What a foreign value becomes: computed values, losses told by name, an honest account."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from printstd.errors import ProfileError
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
    ("perimeter_generator = arachne", "walls.generator", "variable"),
    ("perimeter_generator = classic", "walls.generator", "classic"),
    ("min_bead_width = 85%", "walls.min_bead_width_ratio", 0.85),
    ("min_bead_width = 0.3", "walls.min_bead_width_ratio", 0.75),
    ("wall_transition_length = 0.4", "walls.transition_length_ratio", 1.0),
    ("arc_fitting = emit_center\ngcode_resolution = 0.008", "arcs.max_deviation_mm", 0.008),
    ("arc_fitting = disabled\ngcode_resolution = 0.008", "arcs.max_deviation_mm", 0.0),
    ("avoid_crossing_perimeters = 1\navoid_crossing_perimeters_max_detour = 12",
     "max_detour_mm", 12.0),
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


BED, NOZZLE = "S{first_layer_bed_c}", "S{first_layer_nozzle_c}"
RAMPING = "travel_ramping_lift = 1\ntravel_slope = 2\ntravel_max_lift = 0.6\nretract_lift = 0.4"
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
    ("", "has_arcs", True),
    ("retract_lift = 0.4\ntravel_slope = 2", "retraction.hop_slope_deg", 0.0),
    ("retract_lift = 0.4\ntravel_slope = 2\ntravel_max_lift = 0.6", "retraction.lift_mm", 0.4),
    (RAMPING, "retraction.hop_slope_deg", 2.0),
    (RAMPING, "retraction.lift_mm", 0.6),
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
        (
            "perimeter_generator = arachne\nwall_transition_angle = 10",
            "wall_transition_angle",
            None,
            None,
        ),
        (
            "avoid_crossing_perimeters = 1\navoid_crossing_perimeters_max_detour = 50%",
            "avoid_crossing_perimeters_max_detour",
            "max_detour_mm",
            0.0,
        ),
        (
            "min_bead_width = 120%\nperimeter_generator = arachne",
            "min_bead_width",
            "walls.min_bead_width_ratio",
            1.0,
        ),
        (
            "arc_fitting = emit_center\ngcode_resolution = 0.2",
            "arc_fitting",
            "arcs.max_deviation_mm",
            0.1,
        ),
        ("top_fill_pattern = hilbertcurve", "top_fill_pattern", None, None),
        ("fill_pattern = hilbertcurve", "fill_pattern", "infill.pattern", "grid"),
        ("seam_position = random", "seam_position", "walls.seam", "nearest"),
        ("first_layer_speed = 50%", "first_layer_speed", "speeds.first_layer_mm_s", 30.0),
        ("infill_speed = 0\nmax_print_speed = 90", "infill_speed", "speeds.infill_mm_s", 90.0),
        ("support_material_angle = 5\nsupport_material = 1", "support_material_angle", None, None),
        ("what_is_this = 1", "what_is_this", None, None),
        ("post_process = /bin/true", "post_process", None, None),
    ],
)
def test_what_printstd_does_otherwise_is_lost_by_name(
    text: str, key: str, setting: str | None, instead: object
) -> None:
    result = imported(process=f"{text}\n")
    found = entry(result, key)
    assert found.fate is Fate.LOST
    assert found.note
    assert found.where is not None
    assert found.where.file == "acme.ini"
    if setting is not None:
        assert at(result, Kind.PROCESS, setting) == instead


def test_drawing_back_inside_is_said_by_the_process_and_set_at_the_printer() -> None:
    for said, wanted in (("0", False), ("1", True)):
        result = imported(process=f"only_retract_when_crossing_perimeters = {said}\n")
        assert at(result, Kind.PRINTER, "retraction.only_when_leaving") is wanted
        fate = entry(result, "only_retract_when_crossing_perimeters").fate
        assert fate is Fate.CARRIED


def test_a_filament_lifts_on_a_slope_of_its_own() -> None:
    own = "filament_travel_ramping_lift = 1\nfilament_travel_slope = 5\n"
    result = imported(filament=own, printer="travel_ramping_lift = 0\ntravel_slope = 2\n")
    assert at(result, Kind.PRINTER, "retraction.hop_slope_deg") == 5.0


def test_no_arcs_are_asked_of_a_machine_whose_list_has_none() -> None:
    arcs = "arc_fitting = emit_center\ngcode_resolution = 0.008\n"
    result = imported(process=arcs, printer="gcode_flavor = klipper\n")
    assert at(result, Kind.PRINTER, "has_arcs") is False
    assert at(result, Kind.PROCESS, "arcs.max_deviation_mm") == 0.0
    assert "klipper" in lost(result)["arc_fitting"]


@pytest.mark.parametrize(
    ("code", "ratio"), [("M221 S95", 0.931), ("M221 S95\\nM221 S100", 0.98), ("M220 S95", 0.98)]
)
def test_a_percentage_of_flow_in_start_code_is_the_filaments(code: str, ratio: float) -> None:
    result = imported(
        filament="extrusion_multiplier = 0.98\n", printer=f"start_gcode = G28\\n{code}\n"
    )
    assert at(result, Kind.MATERIAL, "flow_ratio") == pytest.approx(ratio)
    assert ("start_gcode" in lost(result)) is ("M220" in code)
    assert not any("M22" in line for line in at(result, Kind.PRINTER, "start_code"))


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (
            "G28|M190 S50|M140 S60|M109 S200|G1 Z5 F900",
            "G28|M190 S50|M140 S60|M190 S60|M109 S200|G1 Z5 F900",
        ),
        (
            "M140 S60|M104 S200|G28|G1 Z5 F900",
            "M140 S60|M104 S200|G28|M190 S60|M109 S200|G1 Z5 F900",
        ),
        (
            "M104 S170|G28|M109 R170|M104 S215|M109 S215|M190 S55",
            "M104 S170|G28|M109 R170|M104 S215|M109 S215|M190 S55",
        ),
        (
            "G28|G1 Z5 F900",
            f"M140 {BED}|M104 {NOZZLE}|G28|M190 {BED}|M109 {NOZZLE}|G1 Z5 F900",
        ),
    ],
)
def test_each_heater_is_waited_for_at_what_it_is_set_to_last(code: str, wanted: str) -> None:
    result = imported(printer="start_gcode = " + code.replace("|", r"\n") + "\n")
    assert at(result, Kind.PRINTER, "start_code") == wanted.split("|")


def test_an_acceleration_of_travel_chooses_no_tool() -> None:
    result = imported(printer=r"start_gcode = G28\nM204 T1250\nG1 Z5" + "\n")
    assert "M204 T1250" in at(result, Kind.PRINTER, "start_code")
    result = imported(printer=r"start_gcode = G28\nM104 T1 S200" + "\n")
    assert "M104 T1 S200" not in at(result, Kind.PRINTER, "start_code")


def test_pressure_advance_is_carried_out_of_code_that_says_more() -> None:
    code = r'{endif}\nM142 S40"'
    lib = library(acme__ini=BUNDLE.replace('{endif} ; advance"', code))
    result = built(lib, chosen(lib, "Acme One", "Fine and fast", "Acme PLA"))
    assert at(result, Kind.MATERIAL, "pressure_advance_s") == 0.04
    assert "M142" in lost(result)["start_filament_gcode"]


def test_a_row_that_holds_for_the_default_is_no_missing_feature() -> None:
    lib = library(acme__ini=BUNDLE.replace("perimeter_generator = classic\n", ""))
    result = built(lib, chosen(lib, "Acme One", "Fine and fast", "Acme PLA"))
    assert at(result, Kind.PROCESS, "walls.generator") == "variable"
    assert lost(result) == {}


@pytest.mark.parametrize(("text", "order"), [("0", "inner_outer"), ("1", "outer_inner")])
def test_the_order_of_walls_is_one_word(text: str, order: str) -> None:
    result = imported(process=f"external_perimeters_first = {text}\n")
    assert at(result, Kind.PROCESS, "walls.order") == order


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
    lib = library(acme__ini=BUNDLE.replace("extra_perimeters = 0\n", ""))
    result = built(lib, chosen(lib, "Acme One", "Fine and fast", "Acme PLA"))
    found = entry(result, "extra_perimeters")
    assert (found.fate, found.where) == (Fate.LOST, None)
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
    for kind, table in TABLES[family].items():
        model = MODELS[kind.value]
        keys = [off.key for off in table.offs]
        assert len(keys) == len(set(keys))
        for row in table.rows:
            assert type_at(model, split_key(row.setting)) is not None, row
            assert row.key not in keys, row
            top = row.setting.split(".")[0]
            assert row.setting not in OURS[kind], row
            assert top not in OURS[kind], row
            assert not table.is_about(row.key), row

"""Overrides, limits of the machine, relations between profiles."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace

import pytest

from printstd.errors import ProfileError, ProfileProblem
from printstd.profiles.resolve import parse_value, resolve
from printstd.profiles.resolved import Request, Resolved
from tests.unit.profiles.sources import BUNDLED, Overlay, line_of, text_of

ENDER = text_of("printers", "ender3-v2")
MARLIN = text_of("allowlists", "marlin2")


def with_set(*pairs: tuple[str, str], printer: str | None = None, **names: str) -> Resolved:
    return resolve(Request(printer=printer, overrides=pairs, **names), BUNDLED)


def problems_of(request: Request, source: object = BUNDLED) -> tuple[ProfileProblem, ...]:
    with pytest.raises(ProfileError) as caught:
        resolve(request, source)  # type: ignore[arg-type]
    return caught.value.problems


# ----------------------------------------------------------------------------------- --set


def test_a_value_set_changes_that_value_its_origin_its_digest_and_nothing_else() -> None:
    before, after = with_set(), with_set(("process.infill.density_ratio", "0.3"))
    assert after.process.infill.density_ratio == 0.3
    assert after.process.model_copy(update={"infill": before.process.infill}) == before.process
    changed = {key for key in before.origins if before.origins[key] != after.origins[key]}
    assert changed == {"process.infill.density_ratio"}
    assert after.origins["process.infill.density_ratio"] == "--set"
    differing = {kind for kind in before.digests if before.digests[kind] != after.digests[kind]}
    assert differing == {"process"}


def test_a_key_without_a_profile_is_one_of_the_process() -> None:
    long, short = (with_set((key, "3")) for key in ("process.walls.count", "walls.count"))
    assert short.process.walls.count == 3
    assert short.digests == long.digests


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3", 0.3),
        ("3", 3),
        ("true", True),
        ("rear", "rear"),
        ('"rear"', "rear"),
        ("[1, 2]", [1, 2]),
        ('["G28", "G1 Z5"]', ["G28", "G1 Z5"]),
        ("1\nother = 2", "1\nother = 2"),
        ("", ""),
    ],
)
def test_values_are_toml_and_a_bare_word_is_a_text(text: str, value: object) -> None:
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


def test_words_lists_and_whole_tables_can_be_set() -> None:
    resolved = with_set(
        ("walls.seam", "rear"),
        ("material.nozzle_window_c", "[190, 220]"),
        ("printer.start_code", '["G28", "M109 S{nozzle_c}"]'),
        ("printer.motion.jerk_mm_s", "{ x = 1, y = 2, z = 3, e = 4 }"),
        printer="ender3-v2",
    )
    assert resolved.process.walls.seam.value == "rear"
    assert resolved.material.nozzle_window_c == (190, 220)
    assert resolved.printer is not None
    assert resolved.printer.start_code == ("G28", "M109 S{nozzle_c}")
    assert resolved.printer.motion.jerk_mm_s is not None
    assert resolved.printer.motion.jerk_mm_s.e == 4.0
    for key in ("printer.start_code", "printer.motion.jerk_mm_s.e", "process.walls.seam"):
        assert resolved.origins[key] == "--set"


def test_the_last_of_two_settings_holds() -> None:
    assert with_set(("walls.count", "3"), ("walls.count", "4")).process.walls.count == 4


@pytest.mark.parametrize(
    ("key", "close"),
    [
        ("process.infil.density_ratio", "process.infill.density_ratio"),
        ("infill.densty_ratio", "process.infill.density_ratio"),
        ("density_ratio", "process.infill.density_ratio"),
        ("material.bed", "material.bed_c"),
        ("printer.nozle_mm", "printer.nozzle_mm"),
        ("materal.density_g_cm3", "material.density_g_cm3"),
        ("zzz", None),
        ("process", None),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_one(key: str, close: str | None) -> None:
    (wrong,) = problems_of(Request(printer="mk4s", overrides=((key, "1"),)))
    assert (wrong.file, wrong.key) == ("--set", key)
    assert close is None or wrong.nearest == close


@pytest.mark.parametrize("key", ["pack.mandatory_checks", "allowlist.commands", "standard.classes"])
def test_what_the_work_is_judged_by_cannot_be_set(key: str) -> None:
    (wrong,) = problems_of(Request(printer="mk4s", overrides=((key, "[]"),)))
    assert (wrong.file, wrong.key) == ("--set", key)


def test_a_printer_s_key_needs_a_printer() -> None:
    (wrong,) = problems_of(Request(overrides=(("printer.nozzle_mm", "0.6"),)))
    assert wrong.key == "printer.nozzle_mm"


def test_a_set_value_of_a_wrong_type_is_a_problem_of_the_command_line() -> None:
    (wrong,) = problems_of(Request(overrides=(("infill.density_ratio", "30"),)))
    assert (wrong.file, wrong.line, wrong.got) == ("--set", None, "30")
    assert wrong.wanted == "less than or equal to 1"


# ------------------------------------------------------------------------- limits of the machine


def test_speeds_and_accelerations_are_capped_by_the_machine_and_say_so() -> None:
    free, bound = with_set(), with_set(printer="ender3-v2")
    assert free.process.speeds.travel_z_mm_s == 12.0
    assert bound.process.speeds.travel_z_mm_s == 10.0
    assert free.process.accelerations.perimeter_mm_s2 == 800.0
    assert bound.process.accelerations.perimeter_mm_s2 == 500.0
    z_line = line_of(ENDER, "max_speed_mm_s")
    own = line_of(text_of("processes", "standard-0.20"), "travel_z_mm_s")
    assert bound.origins["process.speeds.travel_z_mm_s"] == (
        f"profiles/processes/standard-0.20.toml:{own}, "
        f"capped from 12 by profiles/printers/ender3-v2.toml:{z_line}"
    )
    assert free.digests["process"] != bound.digests["process"]


def test_zero_stays_do_not_set_and_nothing_is_raised_to_a_limit() -> None:
    free, bound = with_set(), with_set(printer="mk4s")
    assert bound.process == free.process


def test_no_capped_value_exceeds_what_the_machine_does() -> None:
    fast = tuple(
        (f"speeds.{name}", "9999.0") for name in type(with_set().process.speeds).model_fields
    )
    fast += tuple(
        (f"accelerations.{name}", "99999.0")
        for name in type(with_set().process.accelerations).model_fields
    )
    for printer in BUNDLED.names("printers"):
        resolved = with_set(*fast, printer=printer)
        assert resolved.printer is not None
        motion = resolved.printer.motion
        for name, value in resolved.process.speeds:
            axes = motion.max_speed_mm_s
            assert value == (axes.z if name == "travel_z_mm_s" else min(axes.x, axes.y))
        for name, value in resolved.process.accelerations:
            own = motion.travel_accel_mm_s2 if name == "travel_mm_s2" else motion.print_accel_mm_s2
            assert value == min(own, motion.max_accel_mm_s2.x, motion.max_accel_mm_s2.y)
        assert all(
            resolved.origins[f"process.{key}"].startswith("--set, capped") for key, _ in fast
        )


def test_a_file_s_layer_height_is_brought_into_the_printer_s_window() -> None:
    low = Overlay(
        {
            "printers/ender3-v2": ENDER.replace(
                "max_layer_height_mm = 0.32", "max_layer_height_mm = 0.25"
            )
        }
    )
    resolved = resolve(Request(process="draft-0.30", printer="ender3-v2"), low)
    assert resolved.process.layer_height_mm == 0.25
    assert "capped from 0.3 by" in resolved.origins["process.layer_height_mm"]
    high = Overlay(
        {
            "printers/ender3-v2": ENDER.replace(
                "min_layer_height_mm = 0.08", "min_layer_height_mm = 0.15"
            )
        }
    )
    resolved = resolve(Request(process="fine-0.12", printer="ender3-v2"), high)
    assert resolved.process.layer_height_mm == 0.15
    assert "raised from 0.12 by" in resolved.origins["process.layer_height_mm"]


def test_a_layer_height_that_the_user_set_is_refused_instead() -> None:
    request = Request(printer="mk4s", overrides=(("layer_height_mm", "0.31"),))
    (wrong,) = problems_of(request)
    assert (wrong.file, wrong.key, wrong.got) == ("--set", "layer_height_mm", "0.31")
    assert wrong.wanted.startswith("0.07 to 0.3")


# ------------------------------------------------------------------- relations between profiles


VARIABLE = (("walls.generator", "variable"),)
FINE = ("widths.first_layer_mm", "0.36")


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        ((("layer_height_mm", "0.33"), ("printer.max_layer_height_mm", "0.4")), "layer_height_mm"),
        ((("widths.top_infill_mm", "0.15"),), "widths.top_infill_mm"),
        ((("widths.infill_mm", "1.2"),), "widths.infill_mm"),
        ((("first_layer_height_mm", "0.32"), ("widths.first_layer_mm", "0.32")), "none"),
        ((("material.nozzle_c", "236"),), "nozzle_c"),
        ((("material.bed_c", "39"),), "bed_c"),
        ((("printer.max_nozzle_c", "209"),), "nozzle_c"),
        ((("printer.max_bed_c", "59"),), "bed_c"),
        ((("material.nozzle_window_c", "[230, 200]"),), "nozzle_window_c"),
        ((("material.fan.max_ratio", "0.5"),), "fan.min_ratio"),
        ((("printer.allowlist", "klipper"),), "allowlist"),
        ((("printer.allowlist", "none"),), "allowlist"),
        ((("printer.firmware", "klipper"),), "allowlist"),
        ((("printer.start_code", '["G28", "M999"]'),), "start_code[1]"),
        ((("printer.start_code", '["G1 X1 Q2"]'),), "start_code[0]"),
        ((("printer.end_code", '["G1 Z{layer_z}"]'),), "end_code[0]"),
        ((("printer.layer_change_code", '["START_PRINT"]'),), "layer_change_code[0]"),
        ((("printer.volume.x_max_mm", "-1"),), "volume.x_max_mm"),
        ((("printer.volume.travel_y_min_mm", "3"),), "volume.travel_y_min_mm"),
        ((("printer.retraction.speed_mm_s", "61"),), "retraction.speed_mm_s"),
        ((("printer.retraction.length_mm", "11"),), "retraction.length_mm"),
        ((("printer.min_layer_height_mm", "0.33"),), "min_layer_height_mm"),
        ((("integrity.volume_ratio", "[1.1, 0.9]"),), "integrity.volume_ratio"),
        ((("infill.anchor_max_mm", "1"),), "infill.anchor_max_mm"),
        ((("walls.max_bead_width_ratio", "1.1"),), "walls.max_bead_width_ratio"),
        ((*VARIABLE, ("walls.max_bead_width_ratio", "1.4")), "widths.external_perimeter_mm"),
        ((*VARIABLE, ("widths.perimeter_mm", "0.7")), "widths.perimeter_mm"),
        ((*VARIABLE, ("walls.min_bead_width_ratio", "1.0"), FINE), "widths.first_layer_mm"),
    ],
)
def test_profiles_that_do_not_agree(overrides: tuple[tuple[str, str], ...], key: str) -> None:
    request = Request(printer="ender3-v2", overrides=overrides)
    if key == "none":
        assert resolve(request, BUNDLED).process.first_layer_height_mm == 0.32
        return
    assert key in {problem.key for problem in problems_of(request)}


def test_two_corner_models_are_one_too_many() -> None:
    request = Request(
        printer="ender3-v2", overrides=(("printer.motion.square_corner_velocity_mm_s", "5"),)
    )
    (wrong,) = problems_of(request)
    assert wrong.key == "motion"
    assert "one of the two" in wrong.wanted


def test_a_machine_that_would_never_move_is_refused() -> None:
    """minimum_cruise_ratio 1 leaves nothing to speed up with; Klipper refuses it, too."""
    key = "motion.minimum_cruise_ratio"
    request = Request(printer="voron-2.4-350", overrides=((f"printer.{key}", "1.0"),))
    assert [problem.key for problem in problems_of(request)] == [key]
    resolve(replace(request, overrides=((f"printer.{key}", "0.99"),)), BUNDLED)


def test_a_material_too_hot_for_the_printer_names_both_files() -> None:
    text = ENDER.replace("max_nozzle_c = 255", "max_nozzle_c = 240")
    request = Request(printer="ender3-v2", material="petg")
    found = problems_of(request, Overlay({"printers/ender3-v2": text}))
    assert {p.key for p in found} == {"nozzle_c", "first_layer_nozzle_c"}
    assert all(p.file == "profiles/materials/petg.toml" for p in found)
    assert all(
        f"printers/ender3-v2.toml:{line_of(text, 'max_nozzle_c')}" in p.wanted for p in found
    )


MACRO = """
[[macros]]
name = "START_PRINT"
parameters = ["EXTRUDER_TEMP", "BED_TEMP"]
expansion = ["M190 S{BED_TEMP}", "G28", "M109 S{EXTRUDER_TEMP}"]
"""
CALL = '["START_PRINT EXTRUDER_TEMP={first_layer_nozzle_c} BED_TEMP={first_layer_bed_c}"]'


def test_a_declared_macro_may_be_called_and_reaches_the_demand() -> None:
    from printstd.profiles.demand import command_rules

    klipper = text_of("printers", "voron-2.4-350") + MACRO
    resolved = resolve(
        Request(printer="voron-2.4-350", overrides=(("printer.start_code", CALL),)),
        Overlay({"printers/voron-2.4-350": klipper}),
    )
    assert resolved.printer is not None
    assert resolved.allowlist is not None
    rule = command_rules(resolved.printer, resolved.allowlist)[-1]
    assert (rule.command, rule.letters, rule.meaning) == (
        "START_PRINT",
        "EXTRUDER_TEMP BED_TEMP",
        "macro",
    )
    assert rule.expansion == ("M190 S{BED_TEMP}", "G28", "M109 S{EXTRUDER_TEMP}")


@pytest.mark.parametrize(
    "wipe", ["[10.0, 250.0, 20.0, 265.0, -1.0]", "[10.0, 257.0, 20.0, 265.0, 1.0]"]
)
def test_a_nozzle_is_wiped_beside_the_bed_and_not_above_it(wipe: str) -> None:
    text = text_of("printers", "bambu-p1s")
    changed = re.sub(r"wipe_mm = .*", f"wipe_mm = {wipe}", text)
    found = problems_of(Request(printer="bambu-p1s"), Overlay({"printers/bambu-p1s": changed}))
    assert "volume.wipe_mm" in {p.key for p in found}


def test_what_moves_has_a_meaning_that_is_followed() -> None:
    text = text_of("allowlists", "bambu").replace(
        'command = "M970", letters = "QABCHKMO", meaning = "routine"',
        'command = "M970", letters = "QABCHKMO", meaning = "no_effect"',
    )
    found = problems_of(Request(printer="bambu-p1s"), Overlay({"allowlists/bambu": text}))
    assert any(p.key.endswith(".meaning") and p.got == "'no_effect'" for p in found)


def test_macros_may_call_each_other_and_have_values_for_what_a_call_leaves_out() -> None:
    own = MACRO.replace('"G28"', '"_HOME Z={EXTRUDER_TEMP=210}"')
    own += '[[macros]]\nname = "_HOME"\nparameters = ["Z"]\nexpansion = ["G28 Z"]\n'
    request = Request(printer="voron-2.4-350", overrides=(("printer.start_code", CALL),))
    voron = text_of("printers", "voron-2.4-350")
    assert resolve(request, Overlay({"printers/voron-2.4-350": voron + own})).printer is not None
    loop = own.replace('["G28 Z"]', '["START_PRINT"]')
    found = problems_of(request, Overlay({"printers/voron-2.4-350": voron + loop}))
    assert {p.key for p in found} == {"macros[0].expansion", "macros[1].expansion"}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("{BED_TEMP}", "{BED_TMP}", "macros[0].expansion[0]"),
        ('"G28"', '"SAVE_CONFIG"', "macros[0].expansion[1]"),
        ('"G28"', '"START_PRINT"', "macros[0].expansion"),
        ("{BED_TEMP}", "{BED=60}", "macros[0].expansion[0]"),
        ('"START_PRINT"', '"G28"', "macros[0].name"),
        ('"BED_TEMP"]', '"BED"]', "start_code[0]"),
    ],
)
def test_a_macro_that_says_more_than_the_list_allows(old: str, new: str, key: str) -> None:
    klipper = text_of("printers", "voron-2.4-350") + MACRO.replace(old, new, 1)
    request = Request(printer="voron-2.4-350", overrides=(("printer.start_code", CALL),))
    found = problems_of(request, Overlay({"printers/voron-2.4-350": klipper}))
    assert key in {p.key for p in found}


@pytest.mark.parametrize(
    ("old", "new", "key", "close"),
    [
        ('meaning = "home"', 'meaning = "homing"', "commands[7].meaning", "home"),
        ('command = "G1"', 'command = "G0"', "commands[1].command", None),
        ('where = "before"', 'where = "befor"', "commands[6].where", "before"),
    ],
)
def test_a_wrong_allow_list(old: str, new: str, key: str, close: str | None) -> None:
    text = MARLIN.replace(old, new, 1)
    found = problems_of(Request(printer="ender3-v2"), Overlay({"allowlists/marlin2": text}))
    wrong = next(p for p in found if p.key == key)
    assert wrong.nearest == close
    assert new in text.splitlines()[(wrong.line or 1) - 1]


ISO = text_of("standards", "iso-2768-1-1989")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("over_mm = 6, up_to_mm = 30", "over_mm = 7, up_to_mm = 30", "classes.f[2].over_mm"),
        ("over_mm = 6, up_to_mm = 30", "over_mm = 6, up_to_mm = 5", "classes.f[2].up_to_mm"),
        ("deviation_mm = 0.15", "deviation_mm = 0.01", "classes.f[3].deviation_mm"),
        ("{class}", "class", "designations[0].indication_template"),
        ('id = "gost-30893.1"', 'id = "iso-2768-1"', "designations[1].id"),
    ],
)
def test_a_wrong_table(old: str, new: str, key: str) -> None:
    found = problems_of(Request(), Overlay({"standards/iso-2768-1-1989": ISO.replace(old, new, 1)}))
    assert key in {p.key for p in found}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('designation = "iso-2768-1"', 'designation = "iso-2768"', "designation"),
        ('default_class = "m"', 'default_class = "k"', "default_class"),
        ('languages = ["en"]', 'languages = ["en", "kk"]', "document_title"),
        ('tolerance_table = "iso-2768-1-1989"', 'tolerance_table = "iso"', "standard"),
    ],
)
def test_a_wrong_pack(old: str, new: str, key: str) -> None:
    text = text_of("packs", "int").replace(old, new, 1)
    assert key in {p.key for p in problems_of(Request(), Overlay({"packs/int": text}))}


def test_origins_are_worked_out_when_asked_for_and_go_to_other_processes() -> None:
    resolved = resolve(Request(printer="mk4s", overrides=(("walls.count", "3"),)), BUNDLED)
    again = pickle.loads(pickle.dumps(resolved.origins))
    assert again == dict(resolved.origins)
    assert again["process.walls.count"] == "--set"
    assert again["printer.nozzle_mm"].startswith("profiles/printers/mk4s.toml:")


def test_a_gap_over_a_raft_that_no_bead_bridges_is_refused_as_the_setting_it_is() -> None:
    """The audit would refuse every program of it: more than a nozzle is left free."""
    raft = ("process.raft.layers", "2")
    wide = ("process.raft.contact_distance_mm", "0.41")
    (problem,) = problems_of(Request(printer="mk4s", overrides=(raft, wide)))
    assert problem.key == "raft.contact_distance_mm"
    assert "0.4" in problem.wanted
    widest = with_set(raft, ("process.raft.contact_distance_mm", "0.4"), printer="mk4s")
    assert widest.process.raft.contact_distance_mm == 0.4
    # Without a raft it is about nothing.
    assert with_set(wide, printer="mk4s").process.raft.layers == 0

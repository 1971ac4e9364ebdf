"""Wrong profiles: every problem, in its file, on its line, with what was wanted instead."""

from __future__ import annotations

import pytest

from printstd.errors import ProfileError, ProfileProblem
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from tests.unit.profiles.sources import BUNDLED, Overlay, line_of, text_of

PLA = text_of("materials", "pla")
STANDARD = text_of("processes", "standard-0.20")
ENDER = text_of("printers", "ender3-v2")


def problems(source: Overlay, request: Request = Request()) -> tuple[ProfileProblem, ...]:  # noqa: B008
    with pytest.raises(ProfileError) as caught:
        resolve(request, source)
    assert caught.value.exit_code == 3
    return caught.value.problems


def only(source: Overlay, request: Request = Request()) -> ProfileProblem:  # noqa: B008
    (problem,) = problems(source, request)
    return problem


def test_a_misspelt_key_is_named_with_its_line_and_the_key_that_was_meant() -> None:
    text = PLA.replace("density_g_cm3", "densty_g_cm3")
    found = {p.key: p for p in problems(Overlay({"materials/pla": text}))}
    wrong = found["densty_g_cm3"]
    assert (wrong.file, wrong.line) == ("materials/pla.toml", line_of(text, "densty"))
    assert wrong.nearest == "density_g_cm3"
    assert found["density_g_cm3"].got == "nothing"
    assert "did you mean 'density_g_cm3'?" in str(wrong)


def test_a_key_in_the_wrong_table_is_told_where_it_belongs() -> None:
    text = "count = 3\n" + STANDARD
    wrong = only(Overlay({"processes/standard-0.20": text}))
    assert (wrong.key, wrong.line, wrong.nearest) == ("count", 1, "walls.count")


@pytest.mark.parametrize(
    ("old", "new", "key", "wanted"),
    [
        ("nozzle_c = 210", "nozzle_c = 210.5", "nozzle_c", "a valid integer"),
        ("nozzle_c = 210", 'nozzle_c = "210"', "nozzle_c", "a valid integer"),
        ("nozzle_c = 210", "nozzle_c = true", "nozzle_c", "a valid integer"),
        ("flow_ratio = 1.0", "flow_ratio = 2.0", "flow_ratio", "less than 1.5"),
        ("flow_ratio = 1.0", "flow_ratio = nan", "flow_ratio", ""),
        ("flow_ratio = 1.0", "flow_ratio = inf", "flow_ratio", ""),
        ("min_wall_mm = 0.8", "min_wall_mm = 0", "min_wall_mm", "greater than 0"),
        ("min_wall_mm = 0.8", "min_wall_mm = 1e400", "min_wall_mm", ""),
        ('name = "PLA"', "name = 1", "name", "a valid string"),
        ('name = "PLA"', "name = 1979-05-27", "name", "a text"),
        ('name = "PLA"', "name = 07:32:00", "name", "a text"),
        ("nozzle_window_c = [185, 235]", "nozzle_window_c = [185]", "nozzle_window_c[1]", "whole"),
        ('confidence = "verified"', 'confidence = "verifed"', "provenance.confidence", "one of"),
        ('id = "pla"', 'id = "PLA"', "id", "'pla'"),
    ],
)
def test_a_wrong_value(old: str, new: str, key: str, wanted: str) -> None:
    assert PLA.count(old) >= 1
    text = PLA.replace(old, new, 1)
    found = problems(Overlay({"materials/pla": text}))
    wrong = next(p for p in found if p.key == key)
    assert wrong.line == line_of(text, new)
    assert wanted in wrong.wanted


def test_a_misspelt_choice_is_told_the_nearest_one() -> None:
    text = STANDARD.replace('"gyroid"', '"gyriod"')
    wrong = only(Overlay({"processes/standard-0.20": text}))
    assert (wrong.key, wrong.nearest) == ("infill.pattern", "gyroid")
    assert wrong.got == '"gyriod"'


def test_all_problems_of_all_files_come_at_once() -> None:
    material = PLA.replace("bed_c = 60", "bed_c = 600", 1).replace(
        "off_layers = 1", "off_layer = 1"
    )
    process = STANDARD.replace("travel_mm_s = 180.0", "travel_mm_s = -1.0")
    printer = ENDER.replace('"M104 S0"', '"M104 S0 X1"').replace("{park_z_mm}", "{park_zz}")
    found = problems(
        Overlay(
            {
                "materials/pla": material,
                "processes/standard-0.20": process,
                "printers/ender3-v2": printer,
            }
        ),
        Request(printer="ender3-v2", tolerance_class="x"),
    )
    places = {(p.file, p.line, p.key) for p in found}
    assert places >= {
        ("materials/pla.toml", line_of(material, "bed_c"), "bed_c"),
        ("materials/pla.toml", line_of(material, "off_layer "), "fan.off_layer"),
        (
            "processes/standard-0.20.toml",
            line_of(process, "travel_mm_s = -1"),
            "speeds.travel_mm_s",
        ),
        ("printers/ender3-v2.toml", line_of(printer, '    "M104 S0 X1"'), "end_code[3]"),
        ("printers/ender3-v2.toml", line_of(printer, '    "G1 Z{park_zz}'), "end_code[1]"),
        ("--class", None, "class of int"),
    }
    text = str(ProfileError(found))
    assert text.startswith(f"{len(found)} problems in the profiles")
    assert all(str(p) in text for p in found)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"id = \n", 1),
        (b"id = 'pla'\n[fan\n", 2),
        (b"id = 'pla'\nid = 'pla'\n", 2),
        (b"id = 'pla'\nname = '\xff'\n", 2),
        (b"\xef\xbb\xbfid = 'pla'\n", 1),
    ],
)
def test_what_is_no_toml(data: bytes, line: int) -> None:
    wrong = only(Overlay({"materials/pla": data}))
    assert (wrong.file, wrong.line) == ("materials/pla.toml", line)


def test_a_huge_file_is_refused() -> None:
    wrong = only(Overlay({"materials/pla": b"#" * (1 << 20) + b"\n"}))
    assert "bytes" in wrong.wanted


@pytest.mark.parametrize(
    ("request_", "close"),
    [
        (Request(material="plaa"), "pla"),
        (Request(process="standard-0.2"), "standard-0.20"),
        (Request(pack="kzz"), "kz"),
        (Request(printer="ender3v2"), "ender3-v2"),
        (Request(printer="../printers/mk4s"), None),
        (Request(material="PLA"), "pla"),
    ],
)
def test_an_unknown_name(request_: Request, close: str | None) -> None:
    wrong = only(Overlay({}), request_)
    assert wrong.nearest == close
    assert wrong.wanted.startswith("one of ")


# ------------------------------------------------------------------------------- extends


def test_a_child_takes_what_it_does_not_say_and_its_origins_name_both_files() -> None:
    child = (
        'extends = "pla"\nid = "my-pla"\nname = "PLA"\nnozzle_c = 220\n\n[fan]\noff_layers = 2\n'
    )
    resolved = resolve(Request(material="my-pla"), Overlay({"materials/my-pla": child}))
    parent = resolve(Request(), BUNDLED).material
    own = resolved.material
    assert (own.nozzle_c, own.fan.off_layers, own.id) == (220, 2, "my-pla")
    assert (
        own.model_copy(update={"id": "pla", "nozzle_c": parent.nozzle_c, "fan": parent.fan})
        == parent
    )
    assert own.fan.model_copy(update={"off_layers": 1}) == parent.fan
    assert resolved.origins["material.nozzle_c"] == "materials/my-pla.toml:4"
    assert resolved.origins["material.fan.off_layers"] == "materials/my-pla.toml:7"
    assert (
        resolved.origins["material.bed_c"] == f"profiles/materials/pla.toml:{line_of(PLA, 'bed_c')}"
    )


def test_a_flat_file_and_an_extending_one_of_the_same_values_have_one_digest() -> None:
    flat = PLA.replace('id = "pla"', 'id = "a"').replace("nozzle_c = 210", "nozzle_c = 220")
    child = 'extends = "pla"\nid = "a"\nnozzle_c = 220\n'
    digests = {
        resolve(Request(material="a"), Overlay({"materials/a": text})).digests["material"]
        for text in (flat, child)
    }
    assert len(digests) == 1


def test_a_child_has_a_name_of_its_own() -> None:
    wrong = only(
        Overlay({"materials/a": 'extends = "pla"\nnozzle_c = 220\n'}), Request(material="a")
    )
    assert (wrong.key, wrong.got) == ("id", "nothing")


def test_two_steps_of_extends_are_allowed_and_three_are_not() -> None:
    files = {
        f"materials/{name}": f'extends = "{parent}"\nid = "{name}"\n'
        for name, parent in (("a", "pla"), ("b", "a"), ("c", "b"))
    }
    assert resolve(Request(material="b"), Overlay(files)).material.nozzle_c == 210
    wrong = only(Overlay(files), Request(material="c"))
    assert (wrong.file, wrong.key) == ("materials/a.toml", "extends")


@pytest.mark.parametrize("parent", ["a", "b"])
def test_extends_may_not_go_in_circles(parent: str) -> None:
    files = {
        "materials/a": f'extends = "{parent}"\nid = "a"\n',
        "materials/b": 'extends = "a"\nid = "b"\n',
    }
    assert only(Overlay(files), Request(material="a")).key == "extends"


def test_a_parent_that_is_not_there_is_looked_for_by_the_child_s_line() -> None:
    text = '# mine\nextends = "plaa"\nid = "a"\n'
    wrong = only(Overlay({"materials/a": text}), Request(material="a"))
    assert (wrong.file, wrong.line, wrong.nearest) == ("materials/a.toml", 2, "pla")


@pytest.mark.parametrize("value", ["1", '["pla"]', "true"])
def test_extends_names_one_parent(value: str) -> None:
    text = f'extends = {value}\nid = "a"\n'
    assert only(Overlay({"materials/a": text}), Request(material="a")).key == "extends"


def test_a_parent_s_mistake_is_told_in_the_parent_s_file() -> None:
    files = {
        "materials/a": 'extends = "pla"\nid = "a"\n',
        "materials/pla": PLA.replace("bed_c = 60", "bed_c = -1", 1),
    }
    wrong = only(Overlay(files), Request(material="a"))
    assert (wrong.file, wrong.line) == ("materials/pla.toml", line_of(PLA, "bed_c"))

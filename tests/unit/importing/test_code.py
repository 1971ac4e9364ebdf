"""Custom code: decided, left open, held to limits, or not carried."""

from __future__ import annotations

import math
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.importing.custom_code import filled_lines
from printstd.importing.own_code import own_end, own_start
from printstd.importing.priming import MAX_AREA, Limits, flaw, held
from printstd.importing.toml_text import toml_text
from printstd.importing.walk import walk

SETTINGS = {
    "nozzle_diameter": "0.4",
    "layer_height": "0.2",
    "max_print_height": "200",
    "first_layer_temperature": "215",
    "temperature": "210",
    "print_settings_id": "0.20mm QUALITY",
}
LIMITS = Limits(0.4, 1.75, 15.0, 60.0, (0.0, 0.0), 200.0)
BOX = (0.0, 0.0, 200.0, 200.0)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (r"G28 ; home\n\n;nothing\nG1 Z5", ["G28", "G1 Z5"]),
        (r"M104 S[first_layer_temperature]", ["M104 S{first_layer_nozzle_c}"]),
        (r"M104 S{temperature[0]}", ["M104 S{nozzle_c}"]),
        (r"M104 S{first_layer_temperature[0]-50}", ["M104 S165"]),
        (r"{if layer_height<0.1}G1{elsif layer_height<0.3}G2{else}G3{endif} X1", ["G2 X1"]),
        (
            r"{if nozzle_diameter[0]==0.4}\nG1\n{if false}G2{endif}\nG3\n{else}G4{endif}",
            ["G1", "G3"],
        ),
        (r"{if false}M1 S{nobody}{endif}G28", ["G28"]),
        (r"G1 Z{min(max_layer_z+2, max_print_height)} F720", ["G1 Z{park_z_mm} F720"]),
        (r"{if max_layer_z < max_print_height}G1 Z{max_layer_z+1}{endif}", ["G1 Z{park_z_mm}"]),
        (r"G1 X1 ; at [layer_z]", ["G1 X1"]),
        (r'"M900 K0.05 ; advance"', ["M900 K0.05"]),
        (r"{if print_settings_id=~/.*(QUALITY|DETAIL).*/}M907 E430{endif}", ["M907 E430"]),
    ],
)
def test_code_is_filled_in(text: str, lines: list[str]) -> None:
    assert filled_lines(text, SETTINGS) == (lines, "")


@pytest.mark.parametrize(
    "text",
    [
        "{if layer_num == 2}G28{endif}",
        "G1 X{first_layer_print_min[0]}",
        "{if true}G28",
        "G28{endif}",
        "{if true}{else}{elsif true}{endif}",
        "{local x = 1}G28",
        "{if max_layer_z < 20}G1 Z50{endif}",
        "G1 X{max_layer_z}",
        "G1 X{1 +}",
    ],
)
def test_code_that_needs_more_is_not_carried_at_all(text: str) -> None:
    lines, problem = filled_lines(text, SETTINGS)
    assert lines == []
    assert problem


def test_priming_is_held_to_the_largest_bead_and_the_hottest_melt() -> None:
    lines = ["G28", "G92 E0", "M83", "G1 X60 E9 F1000", "G1 X100 E12.5", "G1 X100 Y40 E3 F6000"]
    out, changed = held(lines, LIMITS, is_start=True)
    filament_mm2 = math.pi / 4 * 1.75**2
    for before, after in zip(walk(lines, (0, 0)), walk(out, (0, 0)), strict=True):
        assert after.after == before.after, "where the nozzle goes does not change"
        if after.way_mm and after.filament_mm:
            area = after.filament_mm * filament_mm2 / after.way_mm
            assert area <= MAX_AREA * 0.16
            assert area * after.feed_mm_min / 60 <= 15.0
    assert out[3] == lines[3]
    assert len(changed) == 2


def test_a_slowed_line_does_not_slow_the_next() -> None:
    lines = ["G28", "M83", "G1 X10 E3 F6000", "G1 X50", "G1 X90"]
    out, _ = held(lines, LIMITS, is_start=True)
    feeds = [step.feed_mm_min for step in walk(out, (0, 0))]
    assert feeds[2] < 6000
    assert feeds[3:] == [6000, 6000]


def test_what_start_code_leaves_drawn_back_is_pushed_forward() -> None:
    out, changed = held(["G28", "M83", "G1 E-2 F1800"], LIMITS, is_start=True)
    assert sum(step.filament_mm for step in walk(out, (0, 0))) == pytest.approx(0)
    assert len(changed) == 1
    assert held(["M83", "G1 E-2 F1800"], LIMITS, is_start=False).lines == ["M83", "G1 E-2 F1800"]


@pytest.mark.parametrize(
    ("line", "is_start"),
    [
        ("T1", True),
        ("T-1", False),
        ("G2 X10 Y10 I5 J0", True),
        ("G1 E-41", False),
        ("G1 Z330", False),
        ("G1 Z-1", True),
        ("G20", True),
        ("G1 XY", False),
        ("M104 T1 S0", False),
    ],
)
def test_flaws(line: str, is_start: bool) -> None:
    assert flaw(["G28", "G91", "G90", "M83", line], LIMITS, is_start=is_start)


def test_code_may_not_move_before_homing_nor_from_where_the_part_ends() -> None:
    assert flaw(["G1 Z5", "G28"], LIMITS, is_start=True)
    assert flaw(["G91", "G1 X-10"], LIMITS, is_start=False)
    assert not flaw(["G91", "G1 Z5", "G90", "G1 X0 Y200"], LIMITS, is_start=False)


def test_our_own_code_has_no_flaw_and_asks_for_nothing_that_is_held_back() -> None:
    for lines, is_start in ((own_start(BOX), True), (own_end(), False)):
        assert not flaw(lines, LIMITS, is_start=is_start)
        assert held(lines, LIMITS, is_start=is_start) == (lines, [])


TREES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20),
        st.lists(st.text(max_size=30), max_size=6),
        st.lists(st.lists(st.integers(), max_size=3), max_size=3),
        st.lists(st.dictionaries(st.text(max_size=5), st.integers(), max_size=2), max_size=2),
    ),
    lambda inner: st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=12), TREES, max_size=6))
def test_a_tree_is_read_back_from_its_toml(tree: dict[str, object]) -> None:
    try:
        text = toml_text(tree)
        text.encode()
    except UnicodeEncodeError:
        return
    found = tomllib.loads(text)
    assert found == _without_empty(tree, found)


def _without_empty(tree, found):
    """A table without keys of its own is not written."""
    return {
        key: _without_empty(value, found.get(key, {})) if isinstance(value, dict) else value
        for key, value in tree.items()
        if key in found or not isinstance(value, dict)
    }

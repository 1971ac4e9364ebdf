"""Conditions: a strict grammar, with the answers that the slicers give."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.importing.expression import ExpressionError, UnknownName, evaluate, truth

SETTINGS = {
    "nozzle_diameter": "0.4,0.6",
    "printer_notes": r"Keep.\nPRINTER_VENDOR_ACME\nPRINTER_MODEL_ONE\n",
    "printer_model": "ONE",
    "printer_variant": "0.4",
    "single_extruder_multi_material": "0",
    "num_extruders": "2",
    "fill_density": "15%",
    "names": '"a b";"c"',
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("nozzle_diameter[0]==0.4", True),
        ("nozzle_diameter[1]==0.6", True),
        ("nozzle_diameter[7]==0.4", True),
        ("nozzle_diameter[0]!=0.4 or num_extruders>1", True),
        ('printer_model=="ONE" and ! single_extruder_multi_material', True),
        ("printer_notes=~/.*PRINTER_VENDOR_ACME.*/", True),
        ("printer_notes=~/PRINTER_VENDOR_ACME/", False),
        ("printer_notes!~/.*MODEL_TWO.*/ && printer_model=~/(ONE|TWO)/", True),
        ("! (printer_notes=~/.*ACME.*/ and single_extruder_multi_material)", True),
        ("not single_extruder_multi_material", True),
        ('printer_variant=="0.4" and printer_variant==0.4', True),
        ("fill_density>10", True),
        ('names[1]=="c"', True),
        ("1 + 2 * 3 == 7 and (1 + 2) * 3 == 9 and -2 < -1", True),
        ("max(2, 3) - min(2, 3) == 1 and round(2.5) == 3 and int(-2.5) == -2", True),
        ('num_extruders == 2 ? printer_model == "ONE" : nobody', True),
        ("false and nobody == 1", False),
        ("true or nobody == 1", True),
    ],
)
def test_conditions_hold_as_they_are_read(text: str, holds: bool) -> None:
    assert truth(text, SETTINGS) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "(1",
        "1 2",
        "nozzle_diameter[0",
        "printer_model=~ONE",
        "printer_model=~/(/",
        '"a" and true',
        "nobody",
        "2",
        "1/0 == 1",
        "printer_model + 1 == 2",
        "min(1) == 1",
        "__import__('os')",
        "a.b == 1",
        "(" * 200 + "1" + ")" * 200,
        "!" * 5000 + "true",
        "1 < 2 < 3",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        truth(text, SETTINGS)


def test_a_name_without_a_value_is_named() -> None:
    with pytest.raises(UnknownName) as caught:
        truth("layer_num == 2", SETTINGS)
    assert caught.value.name == "layer_num"


NUMBERS = st.integers(0, 20).map(str)


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(parts, st.sampled_from([" + ", " - ", " * "]), parts).map("".join),
        parts.map(lambda text: f"({text})"),
        parts.map(lambda text: f"-{text}" if text[0] != "-" else text),
    )


ARITHMETIC = st.recursive(NUMBERS, _joined, max_leaves=8)
COMPARED = st.tuples(ARITHMETIC, st.sampled_from([" < ", " == ", " >= "]), ARITHMETIC).map("".join)
TRUTHS = st.recursive(
    COMPARED,
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from([" and ", " or "]), parts).map("".join),
        parts.map(lambda text: f"({text})"),
    ),
    max_leaves=6,
)


@given(ARITHMETIC)
def test_sums_are_what_python_makes_of_them(text: str) -> None:
    assert evaluate(text, {}) == float(eval(text))


@given(TRUTHS)
def test_truths_are_what_python_makes_of_them(text: str) -> None:
    assert truth(text, {}) is bool(eval(text))


@given(st.text("0123456789ab<>=!&|/()[]\"'.~ ?:+-*%,", max_size=40))
def test_nothing_but_its_own_error_comes_out(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        evaluate(text, {"a": "1", "b": "x"})

"""The table of general tolerances against a second transcription, and the rule of its intervals."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request, Resolved
from tests.unit.profiles.sources import BUNDLED

# Columns of ISO 2768-1:1989, table 1, as a drawing office's wall chart has them: upper ends of
# the size ranges, then one row a class. A dash: the standard gives no value.
CHART = """
     3    6    30   120   400  1000  2000  4000
f  .05  .05   .10   .15   .20   .30   .50     -
m  .10  .10   .20   .30   .50   .80   1.2   2.0
c  .20  .30   .50   .80   1.2   2.0   3.0   4.0
v    -  .50   1.0   1.5   2.5   4.0   6.0   8.0
"""
SMALLEST = Decimal("0.5")
DIN_7168_COARSE = {"0.15": 3, "0.2": 6}
"""Wrong cells that circulate for class c: they are DIN 7168's."""


def chart() -> dict[str, list[tuple[Decimal, Decimal, Decimal | None]]]:
    """Class -> (over, up to, deviation) of each column."""
    head, *rows = CHART.strip().splitlines()
    ends = [Decimal(word) for word in head.split()]
    ranges = list(pairwise([SMALLEST, *ends]))
    return {
        letter: [
            (low, high, None if cell == "-" else Decimal(cell))
            for (low, high), cell in zip(ranges, cells, strict=True)
        ]
        for letter, *cells in map(str.split, rows)
    }


def resolved(letter: str, pack: str = "int") -> Resolved:
    return resolve(Request(pack=pack, tolerance_class=letter), BUNDLED)


@pytest.mark.parametrize("pack", ["int", "kz"])
@pytest.mark.parametrize("letter", list("fmcv"))
def test_every_cell_is_the_chart_s_and_there_are_no_others(letter: str, pack: str) -> None:
    have = {
        (Decimal(repr(b.over_mm)), Decimal(repr(b.up_to_mm))): Decimal(repr(b.deviation_mm))
        for b in resolved(letter, pack).bands
    }
    want = {(low, high): value for low, high, value in chart()[letter] if value is not None}
    assert have == want


def test_the_table_has_exactly_the_chart_s_classes() -> None:
    assert set(resolved("m").table.classes) == set(chart())


@pytest.mark.parametrize("letter", list("fmcv"))
def test_a_row_s_lower_end_belongs_to_the_row_below_and_its_upper_end_to_it(letter: str) -> None:
    request = resolved(letter)
    for low, high, value in chart()[letter]:
        expected = None if value is None else float(value)
        assert request.deviation_mm(float(high)) == expected
        assert request.deviation_mm(float(low) + 1e-9) == expected
        assert request.deviation_mm(float((low + high) / 2)) == expected


@pytest.mark.parametrize("letter", list("fmc"))
def test_half_a_millimetre_belongs_to_the_first_row_and_less_has_none(letter: str) -> None:
    request = resolved(letter)
    assert request.deviation_mm(0.5) == float(chart()[letter][0][2] or 0)
    assert request.deviation_mm(0.5 - 1e-9) is None


def test_the_very_coarse_class_starts_above_three() -> None:
    assert resolved("v").deviation_mm(3.0) is None
    assert resolved("v").deviation_mm(3.0 + 1e-9) == 0.5


@pytest.mark.parametrize("letter", list("fmcv"))
def test_beyond_the_last_row_there_is_no_tolerance(letter: str) -> None:
    request = resolved(letter)
    end = request.bands[-1].up_to_mm
    assert request.deviation_mm(end) is not None
    assert request.deviation_mm(end + 1e-6) is None


def test_a_coarser_class_is_never_tighter_and_a_larger_size_never_either() -> None:
    tables = {letter: resolved(letter) for letter in "fmcv"}
    sizes = [0.5, 1, 3, 3.1, 6, 6.1, 30, 31, 120, 121, 400, 401, 1000, 1001, 2000, 2001, 4000]
    for finer, coarser in pairwise("fmcv"):
        for size in sizes:
            a, b = tables[finer].deviation_mm(size), tables[coarser].deviation_mm(size)
            assert a is None or b is None or a <= b
    for table in tables.values():
        values = [d for size in sizes if (d := table.deviation_mm(size)) is not None]
        assert values == sorted(values)


def test_class_c_is_not_that_of_din_7168() -> None:
    coarse = resolved("c")
    for wrong, size in DIN_7168_COARSE.items():
        assert coarse.deviation_mm(size) != float(wrong)


def test_both_designations_carry_one_table_and_claim_no_more_than_is_known() -> None:
    international, national = resolved("m", "int"), resolved("m", "kz")
    assert international.bands == national.bands
    assert international.digests["standard"] == national.digests["standard"]
    iso, gost = international.designation, national.designation
    assert (iso.designation, iso.edition, iso.degree) == ("ISO 2768-1", "1989", "base")
    assert (iso.status.value, iso.confidence.value) == ("in_force_verified", "verified")
    assert "90.92" in iso.status_note
    assert gost.designation == "ГОСТ 30893.1-2002"
    assert gost.edition == "2002"
    # An identical text was not seen, and the national fund was not looked into.
    assert gost.degree != "IDT"
    assert (gost.status.value, gost.confidence.value) == (
        "in_force_unverified",
        "knowledge, medium",
    )
    assert international.indication == "ISO 2768-m"
    assert national.indication == "Общие допуски по ГОСТ 30893.1 – m"


def test_the_kazakh_pack_words_no_regulated_title_and_claims_no_adoption() -> None:
    pack = resolved("m", "kz").pack
    assert set(pack.document_title) == {"kk", "ru", "en"}
    for title in pack.document_title.values():
        for word in ("ертифик", "onformity", "әйкестік", "оответств"):
            assert word not in title
    for standard in pack.additive_standards:
        assert standard.status.value == "foreign_direct"
        assert standard.national_adoption == "not_verified"

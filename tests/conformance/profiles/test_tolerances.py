"""The table of general tolerances against a second transcription, and the rule of its intervals."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from printstd.profiles.geometrical_models import GeometricalTable
from printstd.profiles.load import load
from printstd.profiles.moulding_models import MouldingTable
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


@pytest.mark.parametrize("pack", sorted(set(BUNDLED.names("packs")) - {"us"}))
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


@pytest.mark.parametrize(
    ("letter", "first", "second", "third"),
    [("f", 0.2, 0.5, 1), ("m", 0.2, 0.5, 1), ("c", 0.4, 1, 2), ("v", 0.4, 1, 2)],
)
def test_broken_edges_have_their_own_rows_without_an_end(
    letter: str, first: float, second: float, third: float
) -> None:
    request = resolved(letter)
    expected = {0.5: first, 3: first, 3.001: second, 6: second, 6.001: third, 5000: third}
    assert {size: request.radius_deviation_mm(size) for size in expected} == expected
    assert request.radius_deviation_mm(0.499) is None


@pytest.mark.parametrize(
    ("letter", "minutes"),
    [
        ("f", (60, 30, 20, 10, 5)),
        ("m", (60, 30, 20, 10, 5)),
        ("c", (90, 60, 30, 15, 10)),
        ("v", (180, 120, 60, 30, 20)),
    ],
)
def test_angles_go_by_their_shorter_side(letter: str, minutes: tuple[int, ...]) -> None:
    request = resolved(letter)
    ends = (10, 50, 120, 400, 100_000)
    starts = (0.001, 10.001, 50.001, 120.001, 400.001)
    for start, end, value in zip(starts, ends, minutes, strict=True):
        assert request.angle_deviation_deg(start) == value / 60
        assert request.angle_deviation_deg(end) == value / 60
    assert request.angle_deviation_deg(0) is None


def test_the_title_block_holds_for_every_size_and_its_angle_where_given() -> None:
    request = resolve(
        Request(
            pack="us",
            overrides=(
                ("pack.title_block_tolerance_mm", "0.25"),
                ("pack.title_block_tolerance_minutes", "30"),
            ),
        ),
        BUNDLED,
    )
    for size in (0.01, 0.4, 3, 3999, 50_000):
        assert request.deviation_mm(size) == 0.25
        assert request.radius_deviation_mm(size) == 0.25
        assert request.angle_deviation_deg(size) == 0.5
    without = resolve(Request(pack="us"), BUNDLED)
    assert without.deviation_mm(20) is None
    assert without.wants_title_block
    assert not request.wants_title_block
    assert not resolved("m").wants_title_block


# Facts of standards 1.8: the finest grade that is not tighter than +-the deviation in mm.
EQUIVALENTS = [
    *((3, 0.1, 14), (3, 0.2, 15), (3, 0.3, 16), (3, 0.5, 17)),
    *((6, 0.1, 14), (6, 0.2, 15), (6, 0.3, 16), (6, 0.5, 17)),
    *((10, 0.1, 13), (10, 0.2, 15), (10, 0.3, 16), (10, 0.5, 17)),
    *((20, 0.1, 12), (20, 0.2, 14), (20, 0.3, 15), (20, 0.5, 16)),
    *((30, 0.1, 12), (30, 0.2, 14), (30, 0.3, 15), (30, 0.5, 16)),
    *((50, 0.1, 12), (50, 0.2, 14), (50, 0.3, 14), (50, 0.5, 15)),
    *((100, 0.1, 11), (100, 0.2, 13), (100, 0.3, 14), (100, 0.5, 15)),
    *((120, 0.1, 11), (120, 0.2, 13), (120, 0.3, 14), (120, 0.5, 15)),
    *((200, 0.1, 11), (200, 0.2, 12), (200, 0.3, 13), (200, 0.5, 14)),
    *((300, 0.1, 10), (300, 0.2, 12), (300, 0.3, 13), (300, 0.5, 14)),
]


@pytest.mark.parametrize(("size_mm", "deviation_mm", "grade"), EQUIVALENTS)
def test_grades_and_symmetric_tolerances_compare_as_derived(
    size_mm: int, deviation_mm: float, grade: int
) -> None:
    table = resolved("m").grades
    assert table is not None
    interval = table.interval(size_mm * 1_000_000)
    assert interval is not None
    width_nm = round(2 * deviation_mm * 1_000_000)
    widths = {n: table.width_nm(f"IT{n}", interval) or 0 for n in range(1, 19)}
    assert min(n for n, width in widths.items() if width >= width_nm) == grade


def test_form_and_mouldings_are_looked_up_by_their_own_intervals() -> None:
    form = load(BUNDLED, GeometricalTable, "geometrical", "iso-2768-2-1989", [])
    moulding = load(BUNDLED, MouldingTable, "moulding", "iso-20457-2018", [])
    assert form
    assert moulding
    flat = form.model.straightness_flatness
    sizes = (10, 10.01, 30, 100.01, 3000)
    assert [flat.tolerance_mm("K", size) for size in sizes] == [0.05, 0.1, 0.1, 0.4, 0.8]
    assert flat.tolerance_mm("K", 3000.01) is None
    assert flat.tolerance_mm("M", 10) is None
    assert form.model.perpendicularity.tolerance_mm("L", 100) == 0.6
    found = {
        size: [
            moulding.model.deviation_mm("TG6", size, is_tool_specific=is_tool_specific)
            for is_tool_specific in (True, False)
        ]
        for size in (0.99, 1, 3, 3.01, 80, 1000, 1000.1)
    }
    assert found == {
        0.99: [None, None],
        1: [0.07, 0.12],
        3: [0.07, 0.12],
        3.01: [0.12, 0.18],
        80: [0.37, 0.57],
        1000: [2.80, 3.10],
        1000.1: [None, None],
    }
    assert moulding.model.deviation_mm("TG5", 10, is_tool_specific=True) is None

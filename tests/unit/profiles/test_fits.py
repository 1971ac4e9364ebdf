"""Limits as drawings write them: read exactly, or refused with the reason."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.profiles.fits import Limits, LimitsKind, LimitsRefused, parse_limits
from printstd.profiles.general import SizeKind
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from tests.oracles.standard_charts import GRADE_NAMES, GRADES, SHAFTS, by_class, by_size
from tests.unit.profiles.sources import BUNDLED

INT = resolve(Request(), BUNDLED).size_tables
KZ = resolve(Request(pack="kz"), BUNDLED).size_tables


def read(text: str, nominal_mm: float | None = None) -> Limits:
    return parse_limits(
        text, KZ, nominal_nm=None if nominal_mm is None else round(nominal_mm * 1_000_000)
    )


# Text, nominal of the row -> nominal in um, lower and upper deviation in um.
READ = [
    ("12 H13", None, 12_000, 0, 270),
    ("⌀10 h9", None, 10_000, -36, 0),
    ("Ø10h9", None, 10_000, -36, 0),
    ("Ф10 h9", None, 10_000, -36, 0),
    ("20 JS14", None, 20_000, -260, 260),
    ("20 js14", None, 20_000, -260, 260),
    ("±IT14/2", 20, 20_000, -260, 260),
    ("H7", 12, 12_000, 0, 18),
    ("12 JS7", None, 12_000, -9, 9),
    ("8 JS7", None, 8_000, -7.5, 7.5),
    ("10 d9", None, 10_000, -76, -40),
    ("10 D9", None, 10_000, 40, 76),
    ("40 e8", None, 40_000, -89, -50),
    ("40 F7", None, 40_000, 25, 50),
    ("40 g6", None, 40_000, -25, -9),
    ("0,5 H01", None, 500, 0, 0.3),
    ("3150 H18", None, 3_150_000, 0, 33_000),
    ("1.000001 h14", None, 1_000.001, -250, 0),
    ("20H14(+0,52)", None, 20_000, 0, 520),
    ("20 h14 (-0.52)", None, 20_000, -520, 0),
    ("20 js14 (±0.26)", None, 20_000, -260, 260),
    ("10 D9 (+0.076/+0.040)", None, 10_000, 40, 76),
    ("+0.1/0", None, None, 0, 100),
    ("±0.2", None, None, -200, 200),
    ("+-0.2", None, None, -200, 200),
    ("+/- 0.2", None, None, -200, 200),
    ("+0,1/-0,05", None, None, -50, 100),
    ("-0.05/+0.1", None, None, -50, 100),
    ("+0.3/+0.1", 20, 20_000, 100, 300),
    ("−0,1/−0,3", 20, 20_000, -300, -100),
    ("12 ±0.1", None, 12_000, -100, 100),
    ("12 mm ±0.1", 12, 12_000, -100, 100),
    ("12 0/-0.1", None, 12_000, -100, 0),
    ("12 +0.1 -0.05", None, 12_000, -50, 100),
    ("１２ ±０.１", None, 12_000, -100, 100),
    ("m", 20, 20_000, -200, 200),
    ("M", 20, 20_000, -200, 200),
    ("ISO 2768-m", 20, 20_000, -200, 200),
    ("2768-c", 20, 20_000, -500, 500),
    ("GOST 30893.1 - m", 20, 20_000, -200, 200),
    ("ГОСТ 30893.1 – v", 20, 20_000, -1000, 1000),
    ("Общие допуски по ГОСТ 30893.1 – mK", 20, 20_000, -200, 200),
    ("20 f", None, 20_000, -100, 100),
]


@pytest.mark.parametrize(("text", "row_mm", "nominal_um", "lower_um", "upper_um"), READ)
def test_what_drawings_write(
    text: str,
    row_mm: float | None,
    nominal_um: float | None,
    lower_um: float,
    upper_um: float,
) -> None:
    limits = read(text, row_mm)
    assert (limits.lower_nm, limits.upper_nm) == (round(lower_um * 1000), round(upper_um * 1000))
    assert limits.nominal_nm == (None if nominal_um is None else round(nominal_um * 1000))
    assert limits.is_diameter == (text[0] in "⌀ØФ")


# Text, nominal of the row, a part of the reason.
REFUSED = [
    ("", None, "no limits to read"),
    ("x" * 121, None, "no limits to read"),
    ("12", None, "a size alone has no limits"),
    ("K7", 20, "position K is not carried"),
    ("12 a11", None, "position a is not carried"),
    ("12 Jd13", None, "position Jd is not carried"),
    ("12 H19", None, "no grade IT19"),
    ("12 IT14", None, "a grade alone"),
    ("4000 H7", None, "outside the table"),
    ("3150.000001 H7", None, "outside the table"),
    ("600 f7", None, "up to 500 mm only"),
    ("500.1 H0", None, "IT0 is not given"),
    ("1 H14", None, "not used for sizes up to 1 mm"),
    ("0.5 js18", None, "not used for sizes up to 1 mm"),
    ("20H14(+0,53)", None, "in brackets"),
    ("20H14(-0,52)", None, "in brackets"),
    ("20H14(0.52)", None, "in brackets"),
    ("20 H14 (see note)", None, "in brackets"),
    ("10 D9 (+0.076)", None, "in brackets"),
    ("12 H7/g6", None, "a hole and a shaft in one"),
    ("H13", None, "no nominal size"),
    ("m", None, "no nominal size"),
    ("12 h7", 13, "another nominal size"),
    ("0 H7", None, "more than 0"),
    ("12 Н13", None, "Cyrillic"),
    ("12 h1З", None, "no limits of a size"),
    ("м", 20, "Cyrillic"),
    ("ГОСТ 30893.1 – м", 20, "Cyrillic"),
    ("0.4 m", None, "no general tolerance for this size"),
    ("2 v", None, "no general tolerance for this size"),
    ("3000 f", None, "no general tolerance for this size"),
    ("12 q", None, "has no class q"),
    ("ISO 2768-mZ", 20, "no class Z of geometrical tolerances"),
    ("XYZ 9999-m", 20, "no limits of a size"),
    ("TG6", 20, "never judged by it"),
    ("20 TG6", None, "never judged by it"),
    ("DIN 16742 - TG5 (NW)", 20, "never judged by it"),
    ("ISO 20457:2018 TG6 W", 20, "never judged by it"),
    ("DIN ISO 20457:2020-03 TG6", 20, "never judged by it"),
    ("+0.1", 20, "no limits of a size"),
    ("0.1/0.05", 20, "no limits of a size"),
    ("12 13 H7", None, "no limits of a size"),
    ('1/2"', None, "no limits of a size"),
    ("0/0", 20, "no tolerance"),
    ("±0", 20, "no tolerance"),
    ("+0.1/+0.1", 20, "no tolerance"),
    ("-20/-30", 20, "leaves nothing"),
    ("+0.0000001/0", 20, "whole nanometres"),
    ("+0.10000000000000000000000000000000000001/0", 20, "whole nanometres"),
]


@pytest.mark.parametrize(("text", "row_mm", "reason"), REFUSED)
def test_what_cannot_be_said_is_refused_with_the_reason(
    text: str, row_mm: float | None, reason: str
) -> None:
    with pytest.raises(LimitsRefused) as refused:
        read(text, row_mm)
    assert reason in refused.value.what
    assert refused.value.exit_code == 4


def test_what_is_cited_is_what_the_pack_or_the_text_names() -> None:
    assert read("12 H13").source == "ГОСТ 25346-2013"
    assert parse_limits("12 H13", INT).source == "ISO 286-1:2010"
    assert parse_limits("m", INT, nominal_nm=7_000_000).source == "ISO 2768-1:1989"
    assert read("m", 7).source == "ГОСТ 30893.1-2002"
    assert read("ISO 2768-m", 7).source == "ISO 2768-1:1989"
    fit = read("12 H13")
    assert (fit.kind, fit.clause) == (
        LimitsKind.FIT,
        "table 1, IT13, over 10 up to 18 mm; position H",
    )
    assert read("m", 2).clause == "table 1, class m, from 0.5 up to 3 mm"
    assert read("±0.2").kind is LimitsKind.STATED
    assert read("±0.2").confidence is None


@pytest.mark.parametrize("letters", ["H", "h", "JS", "js", "D", "d", "E", "e", "F", "f", "G", "g"])
def test_every_fit_of_every_interval_is_that_of_the_charts(letters: str) -> None:
    """Both ends of each interval, every grade, exactly, against the second transcription."""
    grades = {(name, end): um for name, end, um in by_size(GRADES, GRADE_NAMES)}
    shafts = {(name, end): um for name, end, um in by_class(SHAFTS)}
    ends = sorted({end for _, end in grades if end is not None})
    read_any = 0
    for start, end in pairwise([0.0, *ends]):
        for name in GRADE_NAMES:
            width = grades.get((name, end))
            upper = 0.0 if letters.lower() == "h" else shafts.get((letters.lower(), end))
            for size_nm in (round(start * 1e6) + 1, round(end * 1e6)):
                text = f"{letters}{name.removeprefix('IT')}"
                is_small = size_nm <= 1_000_000 and name in ("IT14", "IT15", "IT16", "IT17", "IT18")
                if width is None or is_small or (letters.lower() != "js" and upper is None):
                    with pytest.raises(LimitsRefused):
                        parse_limits(text, INT, nominal_nm=size_nm)
                    continue
                width_nm = round(width * 1000)
                if letters.lower() == "js":
                    expected = (-width_nm / 2, width_nm / 2)
                elif letters.islower():
                    expected = (round(upper * 1000) - width_nm, round(upper * 1000))
                else:
                    expected = (-round(upper * 1000), -round(upper * 1000) + width_nm)
                limits = parse_limits(text, INT, nominal_nm=size_nm)
                assert (limits.lower_nm, limits.upper_nm) == expected, (text, size_nm)
                read_any += 1
    assert read_any > 2 * 13 * 15


def test_odd_grades_are_halved_exactly_and_the_choice_is_told() -> None:
    (note,) = read("8 JS7").notes
    assert "+-7 um instead of +-7.5 um" in note
    assert read("12 JS7").notes == ()
    # The rule is for IT7 to IT11 alone.
    assert read("60 JS5").upper_nm == 6_500
    assert read("60 JS5").notes == ()


def test_a_geometrical_class_is_told_and_says_nothing_of_the_size() -> None:
    limits = read("ISO 2768-mK", 20)
    assert limits.geometrical_class == "K"
    assert any("withdrawn" in note for note in limits.notes)


def test_broken_edges_have_a_table_of_their_own() -> None:
    def edge(size_mm: float, letter: str) -> int:
        return parse_limits(
            letter,
            INT,
            nominal_nm=round(size_mm * 1e6),
            size_kind=SizeKind.BROKEN_EDGE,
        ).upper_nm

    assert edge(3, "m") == 200_000
    assert edge(3.000001, "m") == 500_000
    assert edge(900, "v") == 2_000_000


@given(
    st.integers(1, 999_999),
    st.integers(0, 999_999),
    st.sampled_from([".", ","]),
    st.sampled_from(["{}/{}", "{} / {}", "{} {}", "{};{}"]),
)
def test_stated_deviations_are_exact(up_nm: int, down_nm: int, point: str, form: str) -> None:
    def written(nm: int) -> str:
        return f"{Fraction(nm, 1_000_000).__float__():.6f}".replace(".", point)

    text = form.format("+" + written(up_nm), "-" + written(down_nm))
    limits = read(text)
    assert (limits.lower_nm, limits.upper_nm) == (-down_nm, up_nm)


@given(st.text(max_size=130), st.none() | st.integers(-10, 10**12))
def test_no_text_does_anything_else_than_limits_or_a_refusal(
    text: str, nominal_nm: int | None
) -> None:
    try:
        limits = parse_limits(text, KZ, nominal_nm=nominal_nm)
    except LimitsRefused:
        return
    assert limits.lower_nm < limits.upper_nm


@pytest.mark.parametrize(
    ("pack", "group", "size_mm", "told"),
    [
        ("int", "TG6", 14.0, "+-0.22 mm within one half of the mould and +-0.26 mm across"),
        ("de", "TG6", 100.0, "+-0.57 mm within one half of the mould and +-0.8 mm across"),
        ("int", "TG6", 0.5, "as +-0.2"),  # below its first interval
        ("int", "TG5", 14.0, "as +-0.2"),  # not carried: its values could not be verified
        ("us", "TG6", 14.0, "as +-0.2"),  # nor by this pack
    ],
)
def test_a_group_of_mouldings_is_something_to_compare_with(
    pack: str, group: str, size_mm: float, told: str
) -> None:
    tables = resolve(Request(pack=pack), BUNDLED).size_tables
    with pytest.raises(LimitsRefused) as refused:
        parse_limits(group, tables, nominal_nm=round(size_mm * 1e6))
    assert group in str(refused.value)
    assert refused.value.wanted is not None
    assert told in refused.value.wanted

"""A drawing's table: every way in which a spreadsheet writes it gives the same rows; what could be
read in two ways, or not at all, is refused."""

from __future__ import annotations

import contextlib
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.characteristics import Characteristic
from printstd.artifacts.features import FeatureKind
from printstd.errors import InputError
from printstd.intake.characteristics import read_characteristics
from printstd.intake.characteristics.columns import _WORDS, column_of
from printstd.intake.characteristics.selectors import KIND_OF, selector_of
from printstd.intake.tables.numbers import NotANumberError, e6_of

ROWS = (
    ("1", "отверстие @ 8;20", "12,5", "H13", "сквозное"),
    ("2", "габарит X", "40", "±0,2", ""),
    ("3", "F12", "8", "+0,1/0", ""),
)


def table(separator: str, *, comma: bool = True, sep_line: bool = False) -> str:
    import csv

    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(("№", "Элемент", "Номинал (мм)", "Допуск", "Примечание"))
    for row in ROWS:
        writer.writerow([cell if comma else cell.replace(",", ".") for cell in row])
    return (f"sep={separator}\r\n" if sep_line else "") + out.getvalue()


def read(data: bytes, name: str = "drawing.csv") -> tuple[Characteristic, ...]:
    return read_characteristics(data, name).rows


def told(rows: tuple[Characteristic, ...]) -> list[tuple[object, ...]]:
    return [
        (row.number, row.selector.kinds, row.selector.point_nm, row.nominal_e6, row.note)
        for row in rows
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "kz1048"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("comma", [True, False])
@pytest.mark.parametrize("sep_line", [True, False])
def test_every_locale_says_the_same(encoding, separator, comma, sep_line):
    rows = read(table(separator, comma=comma, sep_line=sep_line).encode(encoding))
    assert told(rows) == [
        ("1", (FeatureKind.HOLE,), (8_000_000, 20_000_000), 12_500_000, "сквозное"),
        ("2", (FeatureKind.EXTENT,), (), 40_000_000, ""),
        ("3", (), (), 8_000_000, ""),
    ]
    assert rows[2].selector.feature_id == "F12"
    assert rows[1].selector.axis == "X"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Nr.;Formelement;Nennmaß;Toleranz;Bemerkung\n1;Bohrung @ 8 20;Ø12;H13;für Öl\n", "cp1252"),
        ("N°;Élément;Cote nominale;Écarts\n1;alésage @ 8 20;12;H13\n", "cp1252"),
        ("编号,要素,公称尺寸,公差\n1,孔 @ 8 20,12,H13\n", "gb18030"),
        ("编号,要素,公称尺寸,公差\n1,孔 @ 8 20,12,H13\n", "utf-8"),
        ("нөмір;элементі;номинал өлшем;шақтама\n1;тесік @ 8 20;12;H13\n", "kz1048"),
        ("number;feature;nominal;limits\n1;hole @ 8 20;12;H13\n", "ascii"),
    ],
)
def test_the_languages_of_the_packs(text, encoding):
    (row,) = read(text.encode(encoding))
    assert row.selector.kinds == (FeatureKind.HOLE,)
    assert row.selector.point_nm == (8_000_000, 20_000_000)
    assert (row.nominal_e6, row.limits.text) == (12_000_000, "H13")


def test_toml_says_the_same_exactly():
    (row,) = read(
        b'[[characteristic]]\nnumber = 7\nfeature = "extent Z"\nnominal = 10.123456\n'
        b'smallest = 10.0\nlargest = 10.2\ndatum = "A"\ndesignator = "KC"\nreference = "B2"\n',
        "drawing.toml",
    )
    assert (row.number, row.nominal_e6) == ("7", 10_123_456)
    assert (row.limits.lower_e6, row.limits.upper_e6) == (10_000_000, 10_200_000)
    assert row.limits.are_sizes
    assert (row.datum, row.designator, row.reference) == ("A", "KC", "B2")


def test_quotes_hold_separators_and_line_ends():
    (row,) = read(b'number,feature,nominal,note\n1,"hole @ 8,20",12,"a ""b"", c\nd"\n')
    assert row.selector.point_nm == (8_000_000, 20_000_000)
    assert row.note == 'a "b", c\nd'


HEAD = "number;feature;nominal;limits\n"
BAD = {
    "no bytes": (b"", "DRW-TABLE"),
    "a header alone": (HEAD.encode(), "DRW-TABLE"),
    "an unknown column": (b"number;feature;nominal;colour\n1;F1;2;red\n", "DRW-TABLE"),
    "a column twice": (b"number;feature;nominal;size\n1;F1;2;2\n", "DRW-TABLE"),
    "a column missing": (b"number;feature\n1;F1\n", "DRW-TABLE"),
    "UTF-16 without a mark": (HEAD.encode("utf-16-le"), "DRW-ENCODING"),
    "a mark that lies": (b"\xef\xbb\xbf" + HEAD.encode() + b"1;F1;2;\xff\n", "DRW-ENCODING"),
    "a letter of two code pages": (HEAD.encode() + b"1;F1;\xd8 12;\n", "DRW-AMBIGUOUS"),
    "a quote left open": (b'number,feature,nominal\n1,"F1,2\n', "DRW-TABLE"),
    "more cells than columns": (b"number,feature,nominal\n1,hole @ 8,20,12\n", "DRW-TABLE"),
    "a comma and a point": ((HEAD + "1;F1;1,5;\n2;F2;1.5;\n").encode(), "DRW-TABLE"),
    "thousands or decimals": (b'number,feature,nominal\n1,F1,"1,500"\n', "DRW-TABLE"),
    "a number with both marks": ((HEAD + "1;F1;1.234,5;\n").encode(), "DRW-ROW"),
    "no number": ((HEAD + ";F1;2;\n").encode(), "DRW-ROW"),
    "a number twice": ((HEAD + "1;F1;2;\n1;F2;2;\n").encode(), "DRW-ROW"),
    "a word for a size": ((HEAD + "1;F1;large;\n").encode(), "DRW-ROW"),
    "a size of nothing": ((HEAD + "1;F1;0;\n").encode(), "DRW-ROW"),
    "finer than a nanometre": ((HEAD + "1;F1;1.0000001;\n").encode(), "DRW-ROW"),
    "an unknown kind": ((HEAD + "1;frob @ 1 2;2;\n").encode(), "DRW-ROW"),
    "a kind alone": ((HEAD + "1;hole;2;\n").encode(), "DRW-ROW"),
    "one coordinate": ((HEAD + "1;hole @ 8;2;\n").encode(), "DRW-ROW"),
    "decimal commas between commas": ((HEAD + "1;hole @ 8,5,20,5;2;\n").encode(), "DRW-ROW"),
    "limits twice": ((HEAD + "1;F1;2 H13;h13\n").encode(), "DRW-ROW"),
    "limits upside down": (b"number;feature;nominal;lower;upper\n1;F1;2;0.1;0\n", "DRW-ROW"),
    "half of two limits": (b"number;feature;nominal;lower;upper\n1;F1;2;;0.1\n", "DRW-ROW"),
    "one column of two": (b"number;feature;nominal;lower\n1;F1;2;0\n", "DRW-TABLE"),
    "a separator of nobody": (b"sep=|\nnumber|feature|nominal\n1|F1|2\n", "DRW-TABLE"),
    "binary": (bytes(range(1, 256)) * 3, None),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_tables_are_refused_with_what_was_found(name):
    data, code = BAD[name]
    with pytest.raises(InputError) as caught:
        read(data)
    assert caught.value.got
    assert caught.value.hint
    assert code is None or caught.value.code == code, str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "x = 1", "[[characteristic]]\n", "[[characteristic]]\nnumber = [1]\n", "= ="]
)
def test_bad_toml_is_refused(text):
    with pytest.raises(InputError):
        read(text.encode(), "drawing.toml")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(InputError):
        read(b"number;feature;nominal\n1;F1;" + data)


@given(st.integers(1, 10**12), st.sampled_from([".", ","]))
def test_sizes_are_exact(value, mark):
    text = f"{value // 10**6}{mark}{value % 10**6:06d}"
    assert e6_of(text) == value
    assert Decimal(e6_of(text)) / 10**6 == Decimal(text.replace(",", "."))


@pytest.mark.parametrize("text", ["", "1e3", "٣", "1 000", "--1", "nan", "1.", "1.2.3", "0x10"])
def test_what_is_no_plain_number_is_none(text):
    with pytest.raises(NotANumberError):
        e6_of(text)


def test_no_word_means_two_columns_or_two_kinds():
    words: dict[str, str] = {}
    for column, text in _WORDS.items():
        for word in (w.strip() for part in text.split("|") for w in part.split(",")):
            assert words.setdefault(word, column) == column, word
            assert column_of(word) == column
    for word, kind in KIND_OF.items():
        assert selector_of(f"{word} @ 1 2").kinds == (kind,), word
        assert selector_of(f"{word} Z").axis == "Z", word

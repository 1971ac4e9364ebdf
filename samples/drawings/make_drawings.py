"""Writes the drawings of samples/bracket.stl beside this file: tables of characteristics as
spreadsheets of several locales save them, good and bad. `expected.toml` says what each must get."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

_GOOD: Final = (
    "number;feature;nominal;limits;datum;zone;critical;note",
    "1;extent X;50;;;A1;;",
    "2;extent Z;14;±0,2;;A1;;",
    '3;"boss @ 26; 17; 9";Ø16 ±0,1;;;B2;KC;bearing seat',
    '4;"hole @ 26; 17";8;JS13;A;B2;KC;bore of the shaft',
    '5;"hole @ 42,5; 7,5; 1";4,3;+0,2/-0,1;;C3;;screw M4',
    '6;"hole @ 42,5; 26,5; 1";4,3;+0,2/-0,1;;C3;;screw M4',
    '7;"gap @ 8,5; 17; 7,5";20;;;B1;;',
    '8;"thickness @ 25; 17; 2 axis Z";4;±0,15;;A2;;flange',
    '9;"rounding @ 4; 4";4;;;A1;;',
)
_RUSSIAN: Final = (
    "№;Элемент;Номинал, мм;Допуск;База;Лист/зона;Критичность;Примечание",
    "1;габарит X;50;;;1/A1;;",
    "2;габарит Y;34;общий;;1/A1;;",
    '3;"отверстие @ 26; 17";8;JS13;А;1/B2;ответственный;отверстие под вал',
    '4;"бобышка @ 26; 17; 9";16;±0,1;;1/B2;;',
    '5;"паз @ 8,5; 17; 7,5";20;ГОСТ 30893.1-m;;1/B1;;',
)
_TOML: Final = """\
[[characteristic]]
number = "1"
feature = "extent X"
nominal = 50
limits = "m"

[[characteristic]]
number = "2"
feature = "hole @ 26, 17"
nominal = 8
lower = -0.1
upper = 0.1
datum = "A"

[[characteristic]]
number = "3"
feature = "boss @ 26, 17, 9"
nominal = 16.0
smallest = 15.9
largest = 16.1
"""


def _csv(*lines: str) -> str:
    return "\r\n".join(lines) + "\r\n"


def drawings() -> dict[str, bytes]:
    """File name to bytes."""
    head = _GOOD[0]
    return {
        "bracket.csv": _csv(*_GOOD).encode("utf-8-sig"),
        "bracket_excel_unicode.csv": b"\xff\xfe" + _csv(*_tabbed(_GOOD)).encode("utf-16-le"),
        "кронштейн_cp1251.csv": _csv(*_RUSSIAN).encode("cp1251"),
        "bracket.toml": _TOML.encode(),
        "bracket_other_revision.csv": _csv(
            head, _GOOD[1], '4;"hole @ 26; 17";9;±0,2;A;B2;KC;was 8 before revision C'
        ).encode(),
        "bracket_no_such_hole.csv": _csv(head, _GOOD[1], '5;"hole @ 10; 10";4,3;;;C3;;').encode(),
        "bracket_two_holes_fit.csv": _csv(head, _GOOD[1], "5;hole axis Z;4,3;;;C3;;").encode(),
        "bracket_model_on_the_limit.csv": _csv(
            head, _GOOD[1], '4;"hole @ 26; 17";8;H13;A;B2;KC;'
        ).encode(),
        "bracket_unknown_encoding.csv": _csv(head).encode() + b"1;F4;\xd8 8;m;;;;\r\n",
        "bracket_no_tolerance.csv": _csv(head, "1;extent X;50;0.1/0.2;;A1;;").encode(),
    }


def _tabbed(lines: tuple[str, ...]) -> list[str]:
    """Semicolons outside quotes as tabs."""
    out = []
    for line in lines:
        pieces = line.split('"')
        out.append('"'.join(p if i % 2 else p.replace(";", "\t") for i, p in enumerate(pieces)))
    return out


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, content in drawings().items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")

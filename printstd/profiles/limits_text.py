"""The text behind a size on a drawing: its forms, and the letters that it may be made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from printstd.errors import InputError
from printstd.units import NM_PER_MM
from printstd.words import Said, said


class LimitsRefused(InputError):
    """What is written behind a size gives no limits here."""


_NUMBER: Final = r"(?:\d+(?:[.,]\d+)?|[.,]\d+)"
_DIAMETER: Final = "⌀∅øØΦφФф"
SIZE: Final = re.compile(
    rf"(?P<sign>[{_DIAMETER}]|dia\.?\s)?\s*(?P<nominal>{_NUMBER})?\s*(?:mm\b|мм\b)?\s*",
    re.IGNORECASE,
)
SYMMETRIC: Final = re.compile(rf"(?:±|\+/?-)\s*(?P<value>{_NUMBER})")
_DEVIATION: Final = rf"[+-]\s*{_NUMBER}|0(?:[.,]0+)?"
ONE: Final = re.compile(rf"[+-]\s*{_NUMBER}")
TWO: Final = re.compile(rf"(?P<first>{_DEVIATION})(?:\s*[/;]\s*|\s+)(?P<second>{_DEVIATION})")
FIT: Final = re.compile(r"(?P<letters>[A-Za-z]{1,2})(?P<grade>01|0|[1-9]\d?)")
CHECKED: Final = re.compile(r"(?P<fit>[A-Za-z]{1,2}\d{1,2})\s*\((?P<check>[^()]+)\)")
"""A fit with its deviations in brackets, as many drawings have it."""
PAIR: Final = re.compile(r"[A-Za-z]{1,2}\d{1,2}\s*[/-]\s*[A-Za-z]{1,2}\d{1,2}")
HALF_GRADE: Final = re.compile(
    r"(?:±|\+/?-)\s*IT\s?(?P<grade>01|0|[1-9]\d?)\s?/\s?2", re.IGNORECASE
)
CLASS: Final = re.compile(r"(?P<linear>[A-Za-z])(?P<geometrical>[A-Za-z])?")
MOULDING_GROUP: Final = re.compile(
    r"(?:(?:DIN\s+)?ISO\s*20457|DIN\s*16742)?[\s:,-]*(?:(?:19|20)\d\d(?:-\d\d)?)?[\s,-]*"
    r"TG\s?(?P<number>[1-9])(?:[\s,-]*\(?N?W\)?)?",
    re.IGNORECASE,
)
"""``TG6``, ``ISO 20457 - TG6``, ``DIN 16742:2013-10 TG6 (NW)``."""
_LOOK_ALIKES: Final = dict(
    zip("АВЕЅЈКМНОРСТХаеѕјкмнорстх", "ABESJKMHOPCTXaesjkmhopctx", strict=True)
)
"""Cyrillic letters -> the Latin ones that they look like in a drawing's type."""
MAX_TEXT: Final = 120


def examples() -> Said:
    """What limits look like, for messages."""
    return said("limits as 12 H13, ⌀10 h9, +0.1/0, ±0.2 or ISO 2768-m")


def plain_text(text: str) -> str:
    """Blanks, minus signs and digits of every script as ASCII has them."""
    text = unicodedata.normalize("NFKC", text)
    for dash in "−–—‐‑﹣":
        text = text.replace(dash, "-")
    return " ".join(text.split())


def is_readable(rest: str) -> bool:
    """Whether limits may stand behind a nominal in this way."""
    patterns = (HALF_GRADE, SYMMETRIC, TWO, CHECKED, FIT, CLASS)
    if not rest or any(pattern.fullmatch(rest) for pattern in patterns):
        return True
    # Something unreadable behind a nominal is better told as that than as a whole.
    return bool(rest) and rest[0].isalpha()


def length_nm(number: str, written: str) -> int:
    """Millimetres as written, in whole nm."""
    value = Fraction(number.replace(" ", "").replace(",", ".")) * NM_PER_MM
    if value.denominator != 1:
        raise LimitsRefused(
            said("a length is given more finely than in whole nanometres"),
            got=repr(written),
            wanted=said("at most six decimals of a millimetre"),
        )
    return int(value)


def refuse_look_alikes(rest: str, written: str, names: Sequence[str]) -> None:
    """Raises LimitsRefused for Cyrillic letters outside the names of standards.

    names : longest first, so that none hides another."""
    left = rest
    for name in names:
        # Words before the name ("Общие допуски по ...") are the drawing's own.
        left = re.sub(rf".*{re.escape(name)}", "", left, flags=re.IGNORECASE)
    for letter in left:
        if letter in _LOOK_ALIKES:
            raise LimitsRefused(
                said(
                    "{letter} here is a Cyrillic letter; letters of fits and classes are Latin, in "
                    "GOST too",
                    letter=letter,
                ),
                got=repr(written),
                wanted=said("the Latin {latin} where that is meant", latin=_LOOK_ALIKES[letter]),
            )

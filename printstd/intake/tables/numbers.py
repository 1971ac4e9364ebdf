"""Numbers of a drawing to whole millionths, exactly."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from printstd.words import Said, said

MOST_DIGITS: Final = 15
_NUMBER: Final = re.compile(r"([+\-]?)([0-9]+)(?:[.,]([0-9]+))?")
_MINUS: Final = str.maketrans(
    {"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{NO-BREAK SPACE}": " "}
)


class NotANumberError(ValueError):
    """Says what was found and what is wrong with it."""

    def __init__(self, problem: Said) -> None:
        super().__init__(problem)
        self.problem = problem


def plain(text: str) -> str:
    """With the minus signs and spaces that keyboards have."""
    return " ".join(text.translate(_MINUS).split())


def e6_of(text: str) -> int:
    """``12,5`` or ``12.5`` -> 12_500_000. Raises NotANumberError: nothing is rounded, and a number
    with both marks or groups of thousands is none."""
    found = _NUMBER.fullmatch(plain(text))
    if found is None:
        raise NotANumberError(said("{text!r} is no plain decimal number", text=text))
    sign, whole, fraction = found.groups(default="")
    return of_decimal(Decimal(f"{sign}{whole}.{fraction or 0}"))


def of_decimal(value: Decimal) -> int:
    """Raises NotANumberError where it is finer than a millionth, or has too many digits."""
    if not value.is_finite() or len(value.as_tuple().digits) > MOST_DIGITS:
        raise NotANumberError(said("{value} is no size of a drawing", value=value))
    scaled = value * 1_000_000
    if scaled != scaled.to_integral_value():
        raise NotANumberError(said("{value} is finer than a nanometre", value=value))
    return int(scaled)


def has_comma(text: str) -> bool:
    """A decimal comma stands in this number."""
    found = _NUMBER.fullmatch(plain(text))
    return found is not None and "," in text


def could_be_thousands(text: str) -> bool:
    """``1,234``: where commas part thousands, this is a whole number."""
    return re.fullmatch(r"[+\-]?[1-9][0-9]{0,2},[0-9]{3}", plain(text)) is not None

"""What a drawing writes of a size and behind it, taken apart; fits and classes are looked up later
(`printstd.profiles.fits`), where the pack's tables are known."""

from __future__ import annotations

import re
from typing import Final

from printstd.artifacts.characteristics import Limits
from printstd.intake.tables.numbers import NotANumberError, e6_of, plain
from printstd.words import said

_GENERAL: Final = frozenset(
    {"general", "gen", "общий", "общий допуск", "жалпы", "allgemein", "allgemeintoleranz"}
    | {"一般公差", "未注公差", "général", "tolérance générale"}
)
"""Words that say what an empty cell says."""
_DIAMETER: Final = "⌀Ø∅øФф"


def limits_of(text: str) -> Limits:
    """Of what stands behind a size."""
    written = plain(text)
    return Limits("" if written.casefold() in _GENERAL else written)


def of_columns(lower: str, upper: str, *, are_sizes: bool) -> Limits:
    """Of a row that has a column for each. Raises NotANumberError."""
    if not lower.strip() or not upper.strip():
        raise NotANumberError(said("one of two limits is empty"))
    low, high = e6_of(lower), e6_of(upper)
    written = f"{plain(lower)} to {plain(upper)}" if are_sizes else f"{plain(upper)}/{plain(lower)}"
    if low >= high:
        raise NotANumberError(
            said("{written!r}: the upper limit is not above the lower one", written=written)
        )
    return Limits(written, low, high, are_sizes)


def split_nominal(text: str) -> tuple[str, str]:
    """``⌀12 H13`` -> (``12``, ``H13``); a bare size has no second half."""
    written = plain(text).lstrip(_DIAMETER).lstrip()
    found = re.match(
        r"([0-9]+(?:[.,][0-9]+)?)(?![.,0-9])\s?(?:mm\b|мм\b|°|毫米)?(.*)", written, re.DOTALL
    )
    if found is None:
        return written, ""
    return found[1], found[2].strip()

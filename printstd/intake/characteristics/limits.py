"""What a drawing writes behind a nominal size: deviations, a fit, a class."""

from __future__ import annotations

import re
from typing import Final

from printstd.artifacts.characteristics import Limits, LimitsKind
from printstd.intake.characteristics.numbers import NotANumberError, e6_of, plain

_SIGNED: Final = r"[+\-]?\s?\d+(?:[.,]\d+)?"
_BOTH: Final = re.compile(rf"(?:±|\+/-|\+-|\+/\N{{MINUS SIGN}})\s?(\d+(?:[.,]\d+)?)")
_PAIR: Final = re.compile(rf"({_SIGNED})\s?(?:/|;|\s)\s?({_SIGNED})")
_FIT: Final = re.compile(r"([A-Za-z]{1,2})\s?(\d{1,2})")
_CLASS: Final = re.compile(
    r"(?:(?:.*?2768|.*?30893(?:\.1)?|.*?1804|.*?0405)(?:-1)?(?:[-:]\d{4})?\s?[-–—]?\s?)?([fmcv])[HKL]?"
)
_GENERAL: Final = frozenset(
    {"", "general", "gen", "общий", "общий допуск", "жалпы", "allgemein", "allgemeintoleranz"}
    | {"一般公差", "未注公差", "général", "tolérance générale"}
)
_DIAMETER: Final = "⌀Ø∅øФф"


def limits_of(text: str) -> Limits:
    """``+0.1/0``, ``±0,2``, ``H13``, ``m``, ``ISO 2768-m``, or nothing: the request's class. Raises
    NotANumberError naming what was found."""
    written = plain(text)
    if written.casefold() in _GENERAL:
        return Limits(LimitsKind.GENERAL, written)
    if both := _BOTH.fullmatch(written):
        half = e6_of(both[1])
        return Limits(LimitsKind.DEVIATIONS, written, -half, half)
    if fit := _FIT.fullmatch(written):
        return Limits(LimitsKind.FIT, written, symbol=f"{fit[1]}{int(fit[2])}")
    if own := _CLASS.fullmatch(written):
        return Limits(LimitsKind.GENERAL, written, symbol=own[1])
    if pair := _PAIR.fullmatch(written):
        first, second = (e6_of(side.replace(" ", "")) for side in pair.groups())
        _check_signed(written, pair[1], pair[2])
        lower, upper = sorted((first, second))
        return _in_order(Limits(LimitsKind.DEVIATIONS, written, lower, upper))
    raise NotANumberError(
        f"{text!r} is no tolerance: wanted `+0.1/0`, `±0.2`, a fit as `H13`, a class as `m`, or "
        "nothing for the general class"
    )


def _check_signed(written: str, *sides: str) -> None:
    """``0.1/0.2`` may be sizes, deviations or a slip: a deviation that is not 0 has its sign."""
    for side in sides:
        if side.strip()[0] not in "+-" and e6_of(side.replace(" ", "")) != 0:
            raise NotANumberError(f"{written!r}: a deviation needs its sign, + or -")


def of_columns(lower: str, upper: str, kind: LimitsKind) -> Limits:
    """Of a row that has a column for each: deviations, or sizes."""
    if not lower.strip() or not upper.strip():
        raise NotANumberError("one of two limits is empty")
    made = Limits(kind, f"{plain(upper)} / {plain(lower)}", e6_of(lower), e6_of(upper))
    return _in_order(made)


def _in_order(limits: Limits) -> Limits:
    if limits.lower_e6 is None or limits.upper_e6 is None or limits.lower_e6 >= limits.upper_e6:
        raise NotANumberError(f"{limits.text!r}: the upper limit is not above the lower one")
    return limits


def split_nominal(text: str) -> tuple[str, str]:
    """``⌀12 H13`` -> (``12``, ``H13``); a bare size has no second half. `°` says degrees and is
    left to the kind of feature."""
    written = plain(text).lstrip(_DIAMETER).lstrip()
    found = re.match(r"(\d+(?:[.,]\d+)?)(?:\s?(?:mm|мм|°|毫米))?(.*)", written, re.DOTALL)
    if found is None:
        return written, ""
    return found[1], found[2].strip()

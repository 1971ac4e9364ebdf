"""What each row of the drawing demands of its feature: exact limits, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from printstd.artifacts.characteristics import Characteristic, CharacteristicList
from printstd.artifacts.features import Feature, FeatureKind, FeatureList
from printstd.profiles.fits import Limits, LimitsKind, LimitsRefused, parse_limits
from printstd.profiles.general import SizeKind
from printstd.profiles.resolved import Resolved
from printstd.validate.drawing.matching import described, matched
from printstd.words import said

INSIDE: Final = frozenset({FeatureKind.HOLE, FeatureKind.GAP, FeatureKind.FILLET})
"""Features of size whose fits have capital letters."""
_EDGES: Final = frozenset({FeatureKind.ROUNDING, FeatureKind.CHAMFER})


@dataclass(frozen=True, slots=True)
class Asked:
    """One row, its feature and its limits; deviations in millionths of the row's unit.

    feature, lower_e6, upper_e6 : None where `problem` says why.
    """

    row: Characteristic
    feature: Feature | None
    lower_e6: int | None
    upper_e6: int | None
    limits_from: str
    problem: str
    geometrical: str | None = None
    """What the row says of general geometrical tolerances besides, which nobody judges."""

    @property
    def is_individual(self) -> bool:
        """The drawing gives this size limits of its own, beside the general class."""
        return bool(self.row.limits.text) or self.row.limits.lower_e6 is not None


def asked(drawing: CharacteristicList, found: FeatureList, resolved: Resolved) -> tuple[Asked, ...]:
    """Every row, in the order of the drawing."""
    rows = []
    for row, feature, problem in matched(drawing, found):
        if feature is None:
            rows.append(Asked(row, None, None, None, "", problem))
            continue
        try:
            rows.append(_limited(row, feature, resolved))
        except LimitsRefused as error:
            rows.append(Asked(row, feature, None, None, "", _why(error)))
    return tuple(rows)


def _why(error: LimitsRefused) -> str:
    if not error.wanted:
        return error.what
    return said("{problem}; wanted {wanted}", problem=error.what, wanted=error.wanted)


def _limited(row: Characteristic, feature: Feature, resolved: Resolved) -> Asked:
    limits = row.limits
    if limits.lower_e6 is not None and limits.upper_e6 is not None:
        base = row.nominal_e6 if limits.are_sizes else 0
        lower, upper = limits.lower_e6 - base, limits.upper_e6 - base
        return Asked(row, feature, lower, upper, said("the drawing"), "")
    if row.unit == "deg" and not limits.text:
        why = said("a general tolerance of angles goes by the shorter side, which no row says")
        return Asked(row, feature, None, None, "", why)
    text = limits.text.replace("°", "") or resolved.tolerance_class
    read = parse_limits(
        text,
        resolved.size_tables,
        nominal_nm=row.nominal_e6,
        size_kind=SizeKind.BROKEN_EDGE if feature.kind in _EDGES else SizeKind.LINEAR,
    )
    if row.unit == "deg" and read.kind is not LimitsKind.STATED:
        why = said("{text} is a tolerance of lengths, and this is an angle", text=limits.text)
        return Asked(row, feature, None, None, "", why)
    problem = _wrong_side(read, feature)
    if problem:
        return Asked(row, feature, None, None, "", problem)
    besides = read.notes[0] if read.geometrical_class is not None else None
    return Asked(row, feature, read.lower_nm, read.upper_nm, _source(read), "", besides)


def _wrong_side(read: Limits, feature: Feature) -> str:
    """A hole's fit on a shaft, or the other way round, is a slip in the drawing or the selector."""
    if read.kind is not LimitsKind.FIT:
        return ""
    letters = read.written.lstrip("⌀Ø∅ø0123456789., ")
    if not letters[:1].isalpha() or letters[:1].isupper() == (feature.kind in INSIDE):
        return ""
    if letters[:1].isupper():
        return said(
            "{fit} is a fit of an inner feature, and {feature} is an outer one",
            fit=letters,
            feature=described(feature),
        )
    return said(
        "{fit} is a fit of an outer feature, and {feature} is an inner one",
        fit=letters,
        feature=described(feature),
    )


def _source(read: Limits) -> str:
    if read.kind is LimitsKind.STATED:
        return said("the drawing")
    confidence = f" [{read.confidence.value}]" if read.confidence is not None else ""
    return f"{read.source}, {read.clause}{confidence}"


def decisive(rows: Sequence[Asked]) -> list[Asked]:
    """Those that have all that a measurement needs."""
    return [row for row in rows if row.feature is not None and not row.problem]

"""What a drawing writes behind a size, as limit deviations in nm: ``12 H13``, ``+0.1/0``,
``ISO 2768-m``.

    parse_limits("⌀10 h9", tables).upper_nm == 0, .lower_nm == -36_000
    parse_limits("ISO 2768-m", tables, nominal_nm=20_000_000).upper_nm == 200_000

Nothing is guessed: what the tables do not carry, and what could be read in two ways, is refused
with the reason. Letters of fits are Latin in GOST too. A Cyrillic letter that looks like one is
refused: older national systems of fits used Cyrillic letters of their own, so the look alone does
not tell what was meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from printstd.profiles.general import SizeKind, general_deviation_nm
from printstd.profiles.grade_models import GRADES, GradeTable
from printstd.profiles.limits_text import (
    CHECKED,
    CLASS,
    FIT,
    HALF_GRADE,
    MAX_TEXT,
    MOULDING_GROUP,
    ONE,
    PAIR,
    SIZE,
    SYMMETRIC,
    TWO,
    LimitsRefused,
    examples,
    is_readable,
    length_nm,
    plain_text,
    refuse_look_alikes,
)
from printstd.profiles.models import Confidence
from printstd.profiles.moulding_models import MouldingTable
from printstd.profiles.standard_models import Designation, ToleranceTable
from printstd.units import NM_PER_MM
from printstd.words import Said, said

__all__ = ("Limits", "LimitsKind", "LimitsRefused", "SizeTables", "parse_limits")


class LimitsKind(StrEnum):
    STATED = "stated"
    """The drawing gives the deviations themselves."""
    FIT = "fit"
    """A position and a grade: ``H13``."""
    GENERAL = "general"
    """A class of general tolerances: ``ISO 2768-m``. A violation of one is not a reason for
    rejection by itself where the function is not impaired (facts of standards 1.1)."""


@dataclass(frozen=True, slots=True)
class SizeTables:
    """What the pack judges sizes by, and the names that it cites the tables under."""

    general: ToleranceTable
    general_designation: Designation
    grades: GradeTable | None = None
    grades_designation: Designation | None = None
    moulding: MouldingTable | None = None
    """Nothing is judged by it."""
    moulding_designation: Designation | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a size may lie from its nominal."""

    written: str
    """As it was given, without blanks at its ends."""
    kind: LimitsKind
    nominal_nm: int | None
    """None where neither the text nor the caller gives one: only for STATED."""
    is_diameter: bool
    """The text has a diameter sign."""
    lower_nm: int
    upper_nm: int
    """Deviations from the nominal, lower < upper; a size is within where
    ``nominal + lower <= size <= nominal + upper``."""
    source: str
    """The standard by the name that is cited, with its edition; ``as stated`` for STATED."""
    clause: str
    """Table, grade, position and interval."""
    confidence: Confidence | None
    """Of the table's cells; None for STATED."""
    notes: tuple[Said, ...] = ()
    """What a reader must know besides: a choice that the standard leaves open, a withdrawn part."""
    geometrical_class: str | None = None
    """``K`` of ``ISO 2768-mK``: says nothing of sizes."""

    @property
    def width_nm(self) -> int:
        return self.upper_nm - self.lower_nm

    @property
    def lower_mm(self) -> float:
        return self.lower_nm / NM_PER_MM

    @property
    def upper_mm(self) -> float:
        return self.upper_nm / NM_PER_MM


_SMALLEST_COARSE_NM: Final = NM_PER_MM
"""IT14 to IT18 are not used up to and including 1 mm (facts of standards 1.4)."""
_ODD_GRADES: Final = frozenset(f"IT{number}" for number in range(7, 12))


def parse_limits(
    text: str,
    tables: SizeTables,
    *,
    nominal_nm: int | None = None,
    size_kind: SizeKind = SizeKind.LINEAR,
) -> Limits:
    """The limits that `text` gives.

    nominal_nm : the nominal size where `text` has none, as from another column. size_kind : which
    table of general tolerances a class is looked up in. Raises LimitsRefused, with the reason, for
    what cannot be read, what the tables do not carry, and a nominal other than `nominal_nm`.
    """
    written = text.strip()
    if not written or len(written) > MAX_TEXT:
        raise LimitsRefused(
            said("there are no limits to read"),
            got=repr(written[:40]),
            wanted=examples(),
        )
    plain = plain_text(written)
    head = SIZE.match(plain)
    rest = plain[head.end() :] if head else plain
    # "0/-0.1" begins with a deviation, not with a nominal; "2768-m" with a standard's number.
    if head and head["nominal"] and not is_readable(rest):
        head, rest = SIZE.match(""), plain
    stated_nm = length_nm(head["nominal"], written) if head and head["nominal"] else None
    nominal_nm = _one_nominal(stated_nm, nominal_nm, written)
    is_diameter = bool(head and head["sign"])
    reader = _Reader(written, tables, nominal_nm, is_diameter, size_kind)
    if found := HALF_GRADE.fullmatch(rest):
        return reader.fit("js", found["grade"])
    if found := SYMMETRIC.fullmatch(rest):
        value = length_nm(found["value"], written)
        return reader.stated(-value, value)
    if found := TWO.fullmatch(rest):
        first, second = length_nm(found["first"], written), length_nm(found["second"], written)
        return reader.stated(min(first, second), max(first, second))
    refuse_look_alikes(rest, written, _names(tables.general.designations))
    if found := MOULDING_GROUP.fullmatch(rest):
        raise reader.of_mouldings(f"TG{found['number']}")
    if found := CHECKED.fullmatch(rest):
        rest, check = found["fit"], found["check"].strip()
    else:
        check = None
    if found := FIT.fullmatch(rest):
        limits = reader.fit(found["letters"], found["grade"])
        if check is not None:
            reader.hold_against(limits, check)
        return limits
    if PAIR.fullmatch(rest):
        raise reader.refusal(
            said("a hole and a shaft in one: a part has one of the two"),
            wanted=said("the hole's or the shaft's alone, as 12 H13 or 12 h9"),
        )
    if not rest:
        raise reader.refusal(said("a size alone has no limits"), wanted=examples())
    return reader.general(rest)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One text on its way to limits."""

    written: str
    tables: SizeTables
    nominal_nm: int | None
    is_diameter: bool
    size_kind: SizeKind

    def stated(self, lower_nm: int, upper_nm: int) -> Limits:
        if lower_nm == upper_nm:
            raise self.refusal(
                said("both deviations are the same, which leaves no tolerance"),
                wanted=examples(),
            )
        if self.nominal_nm is not None and self.nominal_nm + lower_nm <= 0:
            raise self.refusal(
                said("the lower deviation leaves nothing of the size"),
                wanted=said("a lower deviation smaller than the nominal size"),
            )
        return self._limits(LimitsKind.STATED, lower_nm, upper_nm, said("as stated"), "", None)

    def hold_against(self, limits: Limits, check: str) -> None:
        """The deviations in brackets are those of the fit; one alone is that which is not 0."""
        told: set[int] | None = None
        if found := SYMMETRIC.fullmatch(check):
            value = length_nm(found["value"], self.written)
            told = {-value, value}
        elif found := TWO.fullmatch(check):
            told = {length_nm(found[side], self.written) for side in ("first", "second")}
        elif ONE.fullmatch(check):
            told = {length_nm(check, self.written), 0}
        if told != {limits.lower_nm, limits.upper_nm}:
            raise self.refusal(
                said("what stands in brackets are not the deviations of the fit before it"),
                wanted=said(
                    "({upper:+g}/{lower:+g}), or nothing in brackets",
                    upper=limits.upper_mm,
                    lower=limits.lower_mm,
                ),
            )

    def fit(self, letters: str, number: str) -> Limits:
        """A position by its letters and a grade by its number."""
        table, designation = self.tables.grades, self.tables.grades_designation
        if table is None or designation is None:
            raise self.refusal(
                said("the pack carries no table of limits and fits"),
                hint=said("write the deviations themselves, as +0.1/0, or choose a pack with one"),
            )
        nominal_nm, grade = self._needed_nominal(), f"IT{number}"
        interval = table.interval(nominal_nm)
        if grade not in GRADES or interval is None:
            raise self._outside(table, grade, nominal_nm)
        width_nm = table.width_nm(grade, interval)
        if width_nm is None:
            raise self.refusal(
                said("{grade} is not given for this size", grade=grade),
                wanted=said("a grade from IT1 on over 500 mm"),
            )
        if GRADES.index(grade) >= GRADES.index("IT14") and nominal_nm <= _SMALLEST_COARSE_NM:
            raise self.refusal(
                said("{grade} is not used for sizes up to 1 mm", grade=grade),
                wanted=said("IT13 or finer, or stated deviations"),
            )
        lower_nm, upper_nm = self._zone(letters, table, interval, width_nm)
        over, up_to = table.sizes_mm[interval], table.sizes_mm[interval + 1]
        notes: tuple[Said, ...] = ()
        half_um, is_odd = divmod(width_nm // 1000, 2)
        if letters.lower() == "js" and grade in _ODD_GRADES and is_odd:
            notes = (
                said(
                    "the grade is an odd number of um: the standard allows +-{rounded} um instead "
                    "of +-{exact:g} um, which was not done",
                    rounded=half_um,
                    exact=width_nm / 2000,
                ),
            )
        clause = f"{table.clause}, {grade}, over {over} up to {up_to} mm; position {letters}"
        return self._limits(
            LimitsKind.FIT,
            lower_nm,
            upper_nm,
            _named(designation),
            clause,
            table.confidence,
            notes,
        )

    def _zone(
        self, letters: str, table: GradeTable, interval: int, width_nm: int
    ) -> tuple[int, int]:
        """(lower, upper) deviation of a position."""
        if letters.upper() == "JS":
            return -width_nm // 2, width_nm // 2
        if letters.upper() == "IT":
            raise self.refusal(
                said("a grade alone does not say where the tolerance lies"),
                wanted=said(
                    "a position with it: H13 for a hole, h13 for a shaft, JS13 for either way"
                ),
            )
        upper_nm = table.upper_shaft_nm(letters.lower(), interval)
        if upper_nm is None or len(letters) != 1:
            carried = sorted({"h", *table.positions.upper_shaft_um})
            what = (
                said("position {letters} is carried up to 500 mm only", letters=letters)
                if letters.lower() in carried
                else said(
                    "the fundamental deviation of position {letters} is not carried",
                    letters=letters,
                )
            )
            wanted = said(
                "{letters}, or the same in capitals for a hole", letters=", ".join([*carried, "js"])
            )
            raise self.refusal(
                what,
                wanted=wanted,
                hint=said("write the deviations themselves, as +0.1/0"),
            )
        if letters.islower():
            return upper_nm - width_nm, upper_nm
        return -upper_nm, -upper_nm + width_nm

    def general(self, rest: str) -> Limits:
        """A class of general tolerances, alone or behind the name of a standard."""
        table = self.tables.general
        found = _named_class(rest, self.tables)
        if found is None:
            raise self.refusal(said("this gives no limits of a size"), wanted=examples())
        designation, letters = found
        linear, geometrical = letters[:1].lower(), letters[1:].upper() or None
        if linear not in table.classes:
            if not table.classes:
                raise self.refusal(
                    said("{name} has no classes", name=designation.designation),
                    wanted=said("the deviations themselves, as +-0.2"),
                )
            raise self.refusal(
                said("{name} has no class {letter}", name=designation.designation, letter=letters),
                wanted=", ".join(table.classes),
            )
        if geometrical is not None and geometrical not in ("H", "K", "L"):
            raise self.refusal(
                said("there is no class {letter} of geometrical tolerances", letter=geometrical),
                wanted=said("H, K or L behind the class of sizes"),
            )
        nominal_nm = self._needed_nominal()
        row = general_deviation_nm(table, linear, nominal_nm, self.size_kind)
        if row is None:
            raise self.refusal(
                said(
                    "class {letter} of {name} has no general tolerance for this size",
                    letter=linear,
                    name=designation.designation,
                ),
                wanted=said("deviations stated with the size, as +-0.2"),
            )
        notes: tuple[Said, ...] = ()
        if geometrical is not None:
            notes = (
                said(
                    "class {letter} of geometrical tolerances says nothing of sizes; ISO 2768-2, "
                    "which it is of, was withdrawn in favour of ISO 22081:2021, which has no "
                    "classes",
                    letter=geometrical,
                ),
            )
        return self._limits(
            LimitsKind.GENERAL,
            -row.deviation_nm,
            row.deviation_nm,
            _named(designation),
            f"{row.clause}, class {linear}, {row.interval}",
            row.confidence,
            notes,
            geometrical,
        )

    def of_mouldings(self, group: str) -> LimitsRefused:
        """TG1 to TG9: what a moulding of this size would keep, where the pack carries it."""
        wanted = said("the deviations themselves, as +-0.2")
        table, named = self.tables.moulding, self.tables.moulding_designation
        if table is not None and named is not None and self.nominal_nm is not None:
            size_mm = self.nominal_nm / NM_PER_MM
            one = table.deviation_mm(group, size_mm, is_tool_specific=True)
            across = table.deviation_mm(group, size_mm, is_tool_specific=False)
            if one is not None and across is not None:
                wanted = said(
                    "the deviations themselves; to compare with, a {group} moulding keeps "
                    "+-{one:g} mm within one half of the mould and +-{across:g} mm across its "
                    "halves ({standard})",
                    group=group,
                    one=one,
                    across=across,
                    standard=_named(named),
                )
        what = said(
            "{group} is a group of tolerances of plastic mouldings, not written for additive "
            "manufacturing: a printed part is compared with it and never judged by it",
            group=group,
        )
        return self.refusal(what, wanted=wanted)

    def refusal(
        self, what: Said, *, wanted: str | None = None, hint: str | None = None
    ) -> LimitsRefused:
        return LimitsRefused(what, got=repr(self.written), wanted=wanted, hint=hint)

    def _needed_nominal(self) -> int:
        if self.nominal_nm is None:
            raise self.refusal(
                said("the limits depend on the size, and no nominal size is given"),
                wanted=said("the nominal with it, as 12 H13"),
            )
        return self.nominal_nm

    def _outside(self, table: GradeTable, grade: str, nominal_nm: int) -> LimitsRefused:
        if grade not in GRADES:
            return self.refusal(
                said("there is no grade {grade}", grade=grade),
                wanted=said("IT01, IT0, IT1 to IT18"),
            )
        return self.refusal(
            said(
                "{size:g} mm lies outside the table of standard tolerance grades",
                size=nominal_nm / NM_PER_MM,
            ),
            wanted=said("over 0 up to {most} mm", most=table.sizes_mm[-1]),
            hint=said("write the deviations themselves, as +0.1/0"),
        )

    def _limits(
        self,
        kind: LimitsKind,
        lower_nm: int,
        upper_nm: int,
        source: str,
        clause: str,
        confidence: Confidence | None,
        notes: tuple[Said, ...] = (),
        geometrical_class: str | None = None,
    ) -> Limits:
        return Limits(
            self.written,
            kind,
            self.nominal_nm,
            self.is_diameter,
            lower_nm,
            upper_nm,
            source,
            clause,
            confidence,
            notes,
            geometrical_class,
        )


def _named(designation: Designation) -> str:
    """The standard with its edition, once."""
    name, edition = designation.designation, designation.edition
    return name if edition in name or not edition[:1].isdigit() else f"{name}:{edition}"


def _one_nominal(stated_nm: int | None, given_nm: int | None, written: str) -> int | None:
    if stated_nm is None or given_nm is None or stated_nm == given_nm:
        nominal_nm = given_nm if stated_nm is None else stated_nm
        if nominal_nm is not None and nominal_nm <= 0:
            raise LimitsRefused(
                said("a nominal size must be more than 0"),
                got=f"{nominal_nm / NM_PER_MM:g} mm",
                wanted=said("a length in mm"),
            )
        return nominal_nm
    raise LimitsRefused(
        said("the limits name another nominal size than the row"),
        got=f"{written!r} for {given_nm / NM_PER_MM:g} mm",
        wanted=said("the same size in both, or in one alone"),
    )


def _names(designations: tuple[Designation, ...]) -> list[str]:
    """Every name of every designation, longest first, so that none hides another."""
    found = {name for one in designations for name in (one.designation, *one.aliases)}
    return sorted(found, key=lambda name: (-len(name), name))


def _named_class(rest: str, tables: SizeTables) -> tuple[Designation, str] | None:
    """(the standard that is named or else the pack's, the letters of the class)."""
    if CLASS.fullmatch(rest):
        return tables.general_designation, rest
    # Where two share a name, the pack's own is meant.
    known_ones = (*reversed(tables.general.designations), tables.general_designation)
    by_name = {
        name.casefold(): one for one in known_ones for name in (one.designation, *one.aliases)
    }
    folded = rest.casefold()
    for name in sorted(by_name, key=lambda name: (-len(name), name)):
        number = name.rsplit(" ", 1)[-1]
        for known in (name, number if number[:1].isdigit() else name):
            start = folded.find(known)
            # Words before the name ("general tolerances to ...") are the drawing's own.
            if start < 0 or any(c.isdigit() for c in folded[:start]):
                continue
            letters = re.fullmatch(r"\s*-?\s*([A-Za-z]{1,2})", rest[start + len(known) :])
            if letters and (known == name or start == 0):
                return by_name[name], letters[1]
    return None

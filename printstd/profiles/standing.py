"""How the standards stand that a request is judged by: cited with their status, and warned of where
they are withdrawn or nobody has looked them up for a year. Nothing here changes a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from printstd.named_tuple import NamedTuple
from printstd.profiles.kinds import Date
from printstd.profiles.resolved import Resolved
from printstd.profiles.standard_models import Designation, StandardStatus
from printstd.words import Said, said

STALE_AFTER_YEARS: Final = 1
"""A status that was looked up longer ago is stale (facts of standards 8.14)."""


class Citation(NamedTuple):
    """One standard, and what is known of its standing."""

    designation: str
    title: str
    role: str
    """What it is cited for."""
    status: str
    status_checked_on: str
    note: str
    source: str


_ADOPTIONS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "not_applicable": said("not applicable"),
        "verified": said("verified"),
        "not_verified": said("not verified"),
    }
)


def citations(resolved: Resolved) -> tuple[Citation, ...]:
    """Every standard that the request cites: those of sizes first, then the pack's others."""
    cited = [
        Citation(
            designation=one.designation,
            title=one.title_en,
            role=role,
            status=one.status.value,
            status_checked_on=one.status_checked_on.isoformat(),
            note=one.status_note,
            source=one.source,
        )
        for role, one in _designations(resolved)
    ]
    cited += [
        Citation(
            designation=one.designation,
            title=one.title_en,
            role=said("additive manufacturing"),
            status=one.status.value,
            status_checked_on=one.status_checked_on.isoformat(),
            note=said(
                "national adoption: {adoption}",
                adoption=_ADOPTIONS.get(one.national_adoption, one.national_adoption),
            ),
            source=one.source,
        )
        for one in resolved.pack.additive_standards
    ]
    return tuple(cited)


def notices(resolved: Resolved, today: str) -> tuple[Said, ...]:
    """What a reader of a report must know of the standards that it cites.

    today : the run's date, ``2026-11-26``.
    """
    found: list[Said] = []
    for role, one in _designations(resolved):
        if one.status is StandardStatus.WITHDRAWN:
            found.append(
                said(
                    "{standard} holds only where the parties agreed on it: {note}",
                    standard=one.designation,
                    note=one.status_note,
                )
            )
        if is_stale(one.status_checked_on, today):
            found.append(
                said(
                    "the status of {standard}, cited for {role}, was looked up on {day}, over 12 "
                    "months ago: look it up again",
                    standard=one.designation,
                    role=role,
                    day=one.status_checked_on.isoformat(),
                )
            )
    unjudged = unjudged_class(resolved)
    if unjudged is not None:
        found.append(unjudged)
    stale = [
        one for one in resolved.pack.additive_standards if is_stale(one.status_checked_on, today)
    ]
    if stale:
        found.append(
            said(
                "the status of {count} standards for additive manufacturing that pack {pack} names "
                "was looked up over 12 months ago, of {standard} on {day}",
                count=len(stale),
                pack=resolved.pack.id,
                standard=stale[0].designation,
                day=min(one.status_checked_on for one in stale).isoformat(),
            )
        )
    return tuple(found)


def unjudged_class(resolved: Resolved) -> Said | None:
    """What becomes of a class of general geometrical tolerances that was asked for; None without.

    It is told and never judged: flatness, perpendicularity, symmetry and run-out are of the printed
    part, and the mesh is what was drawn.
    """
    if resolved.geometrical_class is None:
        return None
    named = resolved.geometrical_designation
    if named is None:
        return said(
            "pack {pack} carries no class {letter} of geometrical tolerances: it is not judged",
            pack=resolved.pack.id,
            letter=resolved.geometrical_class,
        )
    return said(
        "class {letter} of {standard} ({note}) is recorded and not evaluated: no check judges "
        "form, position or run-out on a mesh; state those that matter, and measure them",
        letter=resolved.geometrical_class,
        standard=named.designation,
        note=named.status_note,
    )


def is_stale(checked_on: Date, today: str) -> bool:
    """Whether more than 12 months lie between the two. The same day of the next year is not more.

    today : ``2026-11-26``; dates so written sort as they follow each other."""
    day = checked_on.isoformat()
    return f"{int(day[:4]) + STALE_AFTER_YEARS:04d}{day[4:]}" < today


def _designations(resolved: Resolved) -> Iterator[tuple[Said, Designation]]:
    """(what for, the name it is cited by)."""
    yield said("general tolerances"), resolved.designation
    if resolved.geometrical_designation is not None:
        yield said("general geometrical tolerances"), resolved.geometrical_designation
    if resolved.grades is not None and resolved.grades_designation is not None:
        yield said("limits and fits"), resolved.grades_designation
        for one in resolved.grades.designations:
            if one.id == resolved.pack.deviations_designation != resolved.grades_designation.id:
                yield said("limit deviations of holes and shafts"), one

"""What checks of records share: whether one was given, and where in it something stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from printstd.artifacts.finding import Finding, Status, Where
from printstd.validate.check import Check, Reason
from printstd.validate.context import CheckContext
from printstd.words import Said, said

if TYPE_CHECKING:
    from printstd.profiles.feedstock_models import Feedstock
    from printstd.profiles.order_models import OrderRecord
    from printstd.profiles.records import Held


def feedstock_record(context: CheckContext) -> Reason | None:
    """A need: `--feedstock` was given."""
    if context.resolved.records.feedstock is not None:
        return None
    return Status.NOT_APPLICABLE, said("no record of the feedstock was given (--feedstock)")


def order_record(context: CheckContext) -> Reason | None:
    """A need: `--order` was given."""
    if context.resolved.records.order is not None:
        return None
    return Status.NOT_APPLICABLE, said("no record of an order was given (--order)")


def feedstock_of(context: CheckContext) -> Held[Feedstock]:
    held = context.resolved.records.feedstock
    assert held is not None  # `needs` has seen to it
    return held


def order_of(context: CheckContext) -> Held[OrderRecord]:
    held = context.resolved.records.order
    assert held is not None  # `needs` has seen to it
    return held


def in_record(held: Held[Feedstock] | Held[OrderRecord], key: str) -> tuple[Where, ...]:
    """The place of a dotted key in its file, or of the table that it would stand in."""
    return (Where(frame=held.name, line=held.line(key) or 1),)


def is_same_polymer(one: str, other: str) -> bool:
    """Whether two designations are one, apart from case, blanks and hyphens: ``PA6-CF``, ``pa6
    cf``."""
    return _bare(one) == _bare(other)


def _bare(designation: str) -> str:
    return "".join(sign for sign in designation.casefold() if sign.isalnum())


def completeness(
    check: Check,
    held: Held[Any],
    essential: tuple[str, ...],
    expected: tuple[str, ...],
    *,
    lacks: Callable[[str], Said],
    whole: Callable[[int], Said],
) -> tuple[Finding, ...]:
    """What of a record is missing: FAIL without an essential field, WARN without an expected one.
    lacks : says it of the fields' names. whole : says that all so many are there."""
    from printstd.profiles.read_records import missing

    findings = []
    for status, fields in ((Status.FAIL, essential), (Status.WARN, expected)):
        lost = missing(held.says, fields)
        if lost:
            findings.append(
                check.says(
                    status,
                    lacks(", ".join(name.replace("|", " or ") for name in lost)),
                    measured=len(lost),
                    limit=0,
                    unit="fields",
                    where=in_record(held, lost[0].split("|")[0]),
                )
            )
    if findings:
        return tuple(findings)
    told = whole(len(essential) + len(expected))
    return (check.says(Status.PASS, told, measured=0, limit=0, unit="fields"),)

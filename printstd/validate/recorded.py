"""What checks of records share: whether one was given, and where in it something stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from printstd.artifacts.finding import Status, Where
from printstd.validate.check import Reason
from printstd.validate.context import CheckContext
from printstd.words import said

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

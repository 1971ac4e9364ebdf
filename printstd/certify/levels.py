"""Conformance levels: how much a set of verified statements shows, and what it takes to show more.

C0 digest only; C1 signed provenance; C2 and re-checked; C3 by a different key, and entered in a
log; C4 and made again bit for bit by somebody else, under a log whose head witnesses cosigned.
Source: facts of certification 0 and 6.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from printstd.certify.inclusion import Inclusion, LogAnswer
from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.opening import Statement


class Sameness(StrEnum):
    IDENTICAL = "IDENTICAL"
    DIFFERENT = "DIFFERENT"
    NOT_EVALUATED = "NOT_EVALUATED"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of making the program again from its statement and the models."""

    sameness: Sameness
    reason: str


@dataclass(frozen=True, slots=True)
class Reached:
    """missing : what the next level would take; empty at C4."""

    level: str
    missing: tuple[str, ...]


def reached(
    made: Statement | None,
    checked: Statement | None,
    logged: LogAnswer,
    rebuilt: Rebuilt | None,
) -> Reached:
    """The level of a program's verified statements. logged : of the re-check, which names the
    generation statement by its digest."""
    if made is None and checked is None:
        return Reached("C0", (said("there is no signed statement"),))
    if checked is None:
        return Reached("C1", (said("there is no re-check"),))
    missing = _for_c3(made, checked, logged)
    if missing:
        return Reached("C2", missing)
    missing = _for_c4(logged, rebuilt)
    return Reached("C3", missing) if missing else Reached("C4", ())


def _for_c3(made: Statement | None, checked: Statement, logged: LogAnswer) -> tuple[str, ...]:
    missing = []
    if made is None:
        missing.append(
            said("there is no generation certificate, so no other key than the re-check's")
        )
    elif made.by.key_id == checked.by.key_id:
        missing.append(said("one key signed both the generation and the re-check"))
    elif made.by.identity is not None and made.by.identity == checked.by.identity:
        missing.append(said("one identity signed both the generation and the re-check"))
    if logged.inclusion is not Inclusion.INCLUDED:
        missing.append(said("the log: {reason}", reason=logged.reason))
    return tuple(missing)


def _for_c4(logged: LogAnswer, rebuilt: Rebuilt | None) -> tuple[str, ...]:
    missing = []
    if rebuilt is None:
        missing.append(said("the program was not made again (--rebuild)"))
    elif rebuilt.sameness is not Sameness.IDENTICAL:
        missing.append(said("made again: {reason}", reason=rebuilt.reason))
    if not logged.is_witnessed:
        missing.append(said("no quorum of witnesses has cosigned the log"))
    return tuple(missing)

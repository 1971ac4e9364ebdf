"""What may become of an instance: one table, (state, event) -> (state, effects).

States: facts of farms, section e. Whatever is not in the table is refused. The one rule that all
of it serves: once the intention to start is on record, nothing leads back into the queue but proof
that the printer never began (`Event.NEVER_BEGAN`), since no host's start can be repeated safely.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from printstd.artifacts.job import JobState
from printstd.errors import PrintstdError
from printstd.words import said


class Event(StrEnum):
    # What the coordinator decides and does.
    MATCH = "match"
    UNMATCH = "unmatch"
    VERIFY = "verify"
    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"
    STORED_OTHERWISE = "stored_otherwise"
    """What the host gave back is not what was certified."""
    INTEND = "intend"
    """Verified, stored, read back: the start is about to be told."""
    RECORDED = "recorded"
    """All that is to be known of the print is on record."""
    # What the host shows: evidence.
    ACCEPTED = "accepted"
    """It answered yes to the start."""
    NEVER_BEGAN = "never_began"
    """Proof that it did not begin and cannot begin any more."""
    SEEN_PRINTING = "seen_printing"
    SEEN_PAUSED = "seen_paused"
    SEEN_COMPLETED = "seen_completed"
    SEEN_CANCELLED = "seen_cancelled"
    SEEN_FAILED = "seen_failed"
    INTERRUPTED = "interrupted"
    """It began, prints no more, and the host does not say how it ended."""
    SILENT = "silent"
    """The host could not be reached for longer than the farm's patience."""
    # What a person says.
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    CLEARED = "cleared"
    REJECTED = "rejected"
    """Taken off the bed, and not good."""
    GIVEN_UP = "given_up"
    """Nobody will ever know; it is not printed again as this instance."""


class Effect(StrEnum):
    """What is done in the same transaction as the step."""

    RESERVE = "reserve"
    """Printer and filament."""
    FREE = "free"
    """Printer and filament, unused."""
    NAME_FILE = "name_file"
    """A name at the host that nothing else ever had."""
    BEGIN = "begin"
    """It printed: on record for ever."""
    SOIL = "soil"
    """Something may lie on the bed."""
    CONSUME = "consume"
    """The filament that was reserved."""
    ADJUST = "adjust"
    """The part of it that was used."""
    CLEAN = "clean"
    """The bed is free again."""
    OWE = "owe"
    """Its signed record: made after this step, and asked for until it is."""


class Step(NamedTuple):
    state: JobState
    effects: tuple[Effect, ...] = ()


_S, _E, _F = JobState, Event, Effect
_STOPPED: Final = (_F.BEGIN, _F.SOIL, _F.ADJUST, _F.OWE)
_NOBODY_KNOWS: Final = (_F.SOIL, _F.ADJUST)
_BEGAN: Final = MappingProxyType(
    {
        _E.SEEN_PRINTING: Step(_S.PRINTING, (_F.BEGIN,)),
        _E.SEEN_PAUSED: Step(_S.PAUSED, (_F.BEGIN,)),
        _E.SEEN_COMPLETED: Step(_S.FINISHING, (_F.BEGIN, _F.SOIL)),
        _E.SEEN_CANCELLED: Step(_S.CANCELLED, _STOPPED),
        _E.SEEN_FAILED: Step(_S.FAILED, _STOPPED),
        _E.INTERRUPTED: Step(_S.FAILED, _STOPPED),
    }
)
"""What evidence leads to, wherever an instance stands that may have begun."""

TABLE: Final = MappingProxyType(
    {
        (_S.QUEUED, _E.MATCH): Step(_S.MATCHED, (_F.RESERVE,)),
        (_S.QUEUED, _E.HOLD): Step(_S.HELD),
        (_S.QUEUED, _E.CANCEL): Step(_S.CANCELLED),
        (_S.HELD, _E.RELEASE): Step(_S.QUEUED),
        (_S.HELD, _E.CANCEL): Step(_S.CANCELLED),
        # Nothing was told to the printer yet: each of these can be left without harm.
        **{
            (state, event): step
            for state in (_S.MATCHED, _S.VERIFYING, _S.UPLOADING)
            for event, step in (
                (_E.UNMATCH, Step(_S.QUEUED, (_F.FREE,))),
                (_E.HOLD, Step(_S.HELD, (_F.FREE,))),
                (_E.CANCEL, Step(_S.CANCELLED, (_F.FREE,))),
            )
        },
        (_S.MATCHED, _E.VERIFY): Step(_S.VERIFYING),
        (_S.VERIFYING, _E.VERIFIED): Step(_S.UPLOADING, (_F.NAME_FILE,)),
        (_S.VERIFYING, _E.NOT_VERIFIED): Step(_S.FAILED, (_F.FREE,)),
        (_S.UPLOADING, _E.STORED_OTHERWISE): Step(_S.FAILED, (_F.FREE,)),
        (_S.UPLOADING, _E.INTEND): Step(_S.STARTING),
        **{(_S.STARTING, event): step for event, step in _BEGAN.items()},
        (_S.STARTING, _E.ACCEPTED): Step(_S.PRINTING, (_F.BEGIN,)),
        (_S.STARTING, _E.NEVER_BEGAN): Step(_S.QUEUED, (_F.FREE,)),
        (_S.STARTING, _E.GIVEN_UP): Step(_S.FAILED, _NOBODY_KNOWS),
        **{
            (state, event): step
            for state in (_S.PRINTING, _S.PAUSED, _S.LOST)
            for event, step in _BEGAN.items()
            if step.state is not state
        },
        (_S.PRINTING, _E.SILENT): Step(_S.LOST),
        (_S.PAUSED, _E.SILENT): Step(_S.LOST),
        (_S.LOST, _E.GIVEN_UP): Step(_S.FAILED, _NOBODY_KNOWS),
        (_S.FINISHING, _E.RECORDED): Step(_S.AWAITING_CLEAR, (_F.CONSUME,)),
        (_S.AWAITING_CLEAR, _E.CLEARED): Step(_S.DONE, (_F.CLEAN,)),
        (_S.AWAITING_CLEAR, _E.REJECTED): Step(_S.FAILED, (_F.CLEAN,)),
    }
)

ENDED: Final = frozenset({_S.DONE, _S.CANCELLED, _S.FAILED})
"""Nothing leads out of these."""
WAITING: Final = frozenset({_S.QUEUED, _S.HELD})
"""Without a printer."""
ON_PRINTER: Final = frozenset(JobState) - ENDED - WAITING
"""One instance at a time may be in these on one printer."""
AT_WORK: Final = frozenset({_S.STARTING, _S.PRINTING, _S.PAUSED, _S.LOST, _S.FINISHING})
"""The printer was or may have been told; the coordinator looks until it is over."""


class StepRefused(PrintstdError):
    """An event that cannot happen in this state."""

    exit_code = 2


def step(state: JobState, event: Event) -> Step:
    """What `event` makes of an instance in `state`; StepRefused where the table has nothing."""
    found = TABLE.get((state, event))
    if found is None:
        known = sorted(at.value for at, what in TABLE if what is event)
        raise StepRefused(
            said("this cannot be done now"),
            got=said("{event}, while it is {state}", event=event.value, state=state.value),
            wanted=said("one that is {states}", states=", ".join(known)),
            hint=said("`printstd farm queue` tells where everything stands"),
        )
    return found


def as_markdown() -> str:
    """The table for docs/farm.md."""
    rows = ["| state | event | becomes | with it |", "|---|---|---|---|"]
    for (state, event), found in TABLE.items():
        effects = ", ".join(found.effects)
        rows.append(f"| {state} | {event} | {found.state} | {effects} |")
    return "\n".join(rows) + "\n"

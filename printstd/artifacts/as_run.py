"""AsRun: how a certified program was really run, held against what its certificate says.

Signed, so it holds whole numbers and texts. Times are milliseconds since the host said that it
prints; the host's clock is not asked. Layers count from 1; 0 is what comes before the first one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from printstd.artifacts.codec import LEFT_OUT_WHEN_EMPTY as _IF_SAID


class Aspect(StrEnum):
    """What is held against the certificate. Each is told of in every record."""

    PROGRAM = "program"
    """The stored bytes, read again from the host, and nothing written to them meanwhile."""
    COMPLETION = "completion"
    """It ran to its end, as the host's own history has it."""
    COMMANDS = "commands"
    """Nothing was sent to the printer that the program does not hold, and nothing left out."""
    SPEED = "speed"
    FLOW = "flow"
    FAN = "fan"
    Z_OFFSET = "z_offset"
    OBJECTS = "objects"
    PAUSES = "pauses"
    FILAMENT = "filament"
    NOZZLE = "nozzle_temperature"
    BED = "bed_temperature"
    PANEL = "panel"
    """What is changed at the printer itself, past the host."""


class Conformance(StrEnum):
    CONFORMS = "conforms"
    DEVIATES = "deviates"
    NOT_EVALUATED = "NOT_EVALUATED"


class Source(StrEnum):
    """How an aspect was seen."""

    STATE = "state"
    """The printer's own state, whoever changed it."""
    SENT = "sent"
    """The lines that the host sent to the printer."""
    BYTES = "bytes"
    HISTORY = "history"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Departure:
    """One stretch in which an aspect was not as certified.

    at_ms, until_ms : first and last look that showed it; None while it lasted to the end, or where
    it is a thing of one moment. layer : of the program, at the byte that the host had come to; None
    where the host did not tell one. got, wanted : values with their units, or the line that was
    sent.
    """

    aspect: Aspect
    at_ms: int
    until_ms: int | None
    layer: int | None
    got: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One aspect. looks : how many looks told of it. apart_ms : the longest stretch between two of
    them while it counted: what began and ended within one was not seen. reason : why it is
    NOT_EVALUATED."""

    aspect: Aspect
    result: Conformance
    source: Source
    looks: int
    apart_ms: int
    reason: str = field(default="", metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class Pause:
    """until_ms : None where it never went on. is_programmed : the program itself asked for it."""

    at_ms: int
    until_ms: int | None
    layer: int | None
    is_programmed: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch in which the host told nothing; until_ms : None where it stayed silent."""

    at_ms: int
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class RunOf:
    """What was run where. statement : kind of the certificate's statement, ``gcode-recheck/v1``;
    statement_sha256 : of its signed payload. printer : the instance's own name. host_kind :
    ``octoprint``, ``moonraker``, ... run_id : the host's own name of this print, or empty."""

    statement: str
    statement_sha256: str
    program_name: str
    program_sha256: str
    printer: str
    host_kind: str
    run_id: str = field(default="", metadata=_IF_SAID)
    job: str = field(default="", metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class AsRun:
    """The whole record.

    reread_sha256 : of the bytes that the host gave back after the run; empty where it gives none.
    began_at, ended_at : UTC by the clock of whoever watched. outcome : as `RunOutcome`. watched :
    ``pushed`` (the host told of changes by itself, at intervals of no less than
    `interval_ms`) or ``polled`` (it was asked so often). departures_left_out : more of them than a
    record holds.
    """

    run: RunOf
    reread_sha256: str
    began_at: str
    ended_at: str
    duration_ms: int
    outcome: str
    watched: str
    interval_ms: int
    looks: int
    verdict: Conformance
    observations: tuple[Observation, ...]
    departures: tuple[Departure, ...] = field(default=(), metadata=_IF_SAID)
    departures_left_out: int = field(default=0, metadata=_IF_SAID)
    pauses: tuple[Pause, ...] = field(default=(), metadata=_IF_SAID)
    silences: tuple[Silence, ...] = field(default=(), metadata=_IF_SAID)

    def of(self, aspect: Aspect) -> Observation:
        return next(one for one in self.observations if one.aspect is aspect)

    @property
    def not_evaluated(self) -> tuple[Observation, ...]:
        return tuple(one for one in self.observations if one.result is Conformance.NOT_EVALUATED)

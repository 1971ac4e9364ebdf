"""What a record says of each aspect, from how it was seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from printstd.artifacts.as_run import Aspect, Conformance, Observation, Silence, Source
from printstd.artifacts.host import RunOutcome
from printstd.farm.commanded import Commanded
from printstd.farm.looks import Sight
from printstd.words import said


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known once the print is over. reread : the bytes that the host gave back; None where
    it gives none, and `reread_reason` says why. message : the host's own words where it failed."""

    at_s: float
    outcome: RunOutcome
    began_at: str
    ended_at: str
    reread: bytes | None
    reread_reason: str = ""
    run_id: str = ""
    message: str = ""


@dataclass(slots=True)
class Times:
    """How often an aspect was told of. apart_s : the longest stretch between two times."""

    looks: int = 0
    last_s: float | None = None
    apart_s: float = 0.0

    def add(self, at_s: float) -> None:
        if self.last_s is not None:
            self.apart_s = max(self.apart_s, at_s - self.last_s)
        self.last_s, self.looks = at_s, self.looks + 1


@dataclass(slots=True)
class Told:
    """What a print was seen by. by_state : aspects that looks told of. lost_lines : lines may have
    been sent that were not told. was_seen : it was seen to print. has_lines, has_all_lines : of the
    program, among those that were sent."""

    commanded: Commanded
    sight: Sight
    is_late: bool
    seen: dict[Aspect, Times] = field(default_factory=lambda: {one: Times() for one in Aspect})
    by_state: set[Aspect] = field(default_factory=set)
    silences: list[Silence] = field(default_factory=list)
    lost_lines: bool = False
    was_seen: bool = False
    has_lines: bool = False
    has_all_lines: bool = False


def observed(aspect: Aspect, told: Told, ending: Ending, *, deviates: bool) -> Observation:
    """deviates : a departure of it was seen, which counts however little else was."""
    source, reason = _source(aspect, told, ending)
    counted = {Source.SENT: Aspect.COMMANDS}.get(source, aspect)
    times = told.seen[Aspect.PAUSES if counted is Aspect.PANEL else counted]
    looks, apart_ms = times.looks, round(times.apart_s * 1000)
    if deviates:
        # What somebody gave the host to send was seen, though this host tells no more of it.
        source = Source.SENT if source is Source.NOTHING else source
        return Observation(aspect, Conformance.DEVIATES, source, looks, apart_ms)
    reason = reason or _unseen(source, told)
    result = Conformance.NOT_EVALUATED if reason else Conformance.CONFORMS
    return Observation(aspect, result, source, looks, apart_ms, reason)


def _source(aspect: Aspect, told: Told, ending: Ending) -> tuple[Source, str]:
    """How an aspect was seen, and why it could not be, if it could not."""
    sight = told.sight
    if aspect is Aspect.PROGRAM:
        return Source.BYTES, "" if ending.reread is not None else (
            ending.reread_reason or said("the host does not give the stored bytes back")
        )
    if aspect is Aspect.COMPLETION:
        is_told = ending.outcome is not RunOutcome.UNKNOWN
        return Source.HISTORY, "" if is_told else said("the host does not tell how it ended")
    if not told.was_seen:
        return Source.NOTHING, said("the host was not seen to print")
    if aspect is Aspect.PANEL:
        if sight.tells_panel:
            return Source.STATE, ""
        return Source.NOTHING, said(
            "what is changed at the printer's own panel is not told to this host"
        )
    if aspect is Aspect.COMMANDS:
        return _lines(told, ending)
    if aspect is Aspect.PAUSES or aspect in told.by_state:
        is_told = told.seen[aspect].looks > 0
        return Source.STATE, "" if is_told else said("no look at the printer came in time")
    if aspect in (Aspect.NOZZLE, Aspect.BED):
        return Source.NOTHING, _no_temperature(aspect, told.commanded)
    if sight.sends_lines:
        return Source.SENT, "" if told.has_lines else said("no line of the program was told")
    return Source.NOTHING, said("this host does not tell it, or not while the part was printed")


def _lines(told: Told, ending: Ending) -> tuple[Source, str]:
    if not told.sight.sends_lines:
        return Source.NOTHING, said("this host does not tell each line that it sends")
    if not told.has_lines:
        return Source.SENT, said("no line of the program was told")
    if ending.outcome is RunOutcome.COMPLETED and not told.has_all_lines:
        return Source.SENT, said("not every line of the program was told")
    return Source.SENT, ""


def _no_temperature(aspect: Aspect, commanded: Commanded) -> str:
    if aspect is Aspect.BED and not commanded.bed.offsets:
        return said("the program commands no bed temperature")
    if aspect is Aspect.NOZZLE and not commanded.nozzle:
        return said("the program commands no nozzle temperature")
    return said("no temperature was told while the part was printed")


def _unseen(source: Source, told: Told) -> str:
    if source in (Source.STATE, Source.SENT) and told.is_late:
        return said("it was watched only after it had begun")
    if source is Source.STATE and told.silences:
        longest = max(told.silences, key=lambda one: (one.until_ms or 0) - one.at_ms)
        if longest.until_ms is None:
            return said("the host told nothing from {from_s:.1f} s on", from_s=longest.at_ms / 1000)
        return said(
            "the host told nothing from {from_s:.1f} s to {to_s:.1f} s",
            from_s=longest.at_ms / 1000,
            to_s=longest.until_ms / 1000,
        )
    if source is Source.SENT and told.lost_lines:
        return said("lines may have been sent that were not told")
    return ""

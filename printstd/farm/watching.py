"""A fold over all that was seen of a print into its as-run record.

What is held: the printer's state at each look against what the program commands around the byte
at which the host stood, and each line that the host sent against the program's lines. What no look
or line told is NOT_EVALUATED, and what happened between two looks was not seen: each observation
says how far apart they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from printstd.artifacts.as_run import (
    Aspect,
    AsRun,
    Conformance,
    Pause,
    RunOf,
    Silence,
)
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.host import HostState, HostStatus, RunOutcome
from printstd.farm.commanded import (
    FILAMENT_CHANGES,
    PAUSES,
    Line,
    Setting,
    read_commanded,
    read_line,
    setting_of,
    tool_of,
)
from printstd.farm.concluding import Ending, Told, observed
from printstd.farm.departures import Ledger
from printstd.farm.evidence import is_file
from printstd.farm.holding import Trail, held_by_state, stretch, windows_of
from printstd.farm.looks import Event, Happening, Look, Seen, Sent, Sight
from printstd.farm.sent_lines import (
    HARMLESS,
    Following,
    Own,
    Unnumbered,
    command_of,
)

_SILENCE_S: Final = 2.0
_SILENT_INTERVALS: Final = 10
_ACTIVE: Final = (HostState.PRINTING, HostState.PAUSED)
_OF_HOSTS: Final = frozenset(
    (
        "SDCARD_PRINT_FILE",
        "SDCARD_RESET_FILE",
        "M23",
        "M24",
        "RESUME",
        "CANCEL_PRINT",
        "CLEAR_PAUSE",
        "PAUSE",
    )
)
"""Given to a host to run a print; pauses and cancelling show in the state."""
_ASPECTS: Final[Mapping[str, Aspect]] = {
    "speed": Aspect.SPEED,
    "flow": Aspect.FLOW,
    "fan": Aspect.FAN,
    "z_offset": Aspect.Z_OFFSET,
    "nozzle": Aspect.NOZZLE,
    "bed": Aspect.BED,
}
_MOVES_Z_ORIGIN: Final = ("M206", "M428", "M851", "M565", "SET_GCODE_OFFSET")
_OBJECTS: Final = ("M486", "EXCLUDE_OBJECT")
_NOTHING_ELSE: Final = "nothing but the program"
_SAME: Final = 1e-6


class Watch:
    """The fold's state. `take` all that is seen in the order of time, then `finish`.

    file : the program's name at the host. base_z_offset_mm : what this printer adds to Z before any
    print, by its own calibration. is_late : the print ran already when it began to be watched.
    """

    def __init__(
        self,
        program: bytes,
        demand: AuditDemand,
        sight: Sight,
        *,
        file: str = "",
        base_z_offset_mm: float = 0.0,
        is_late: bool = False,
    ) -> None:
        self.program, self.sight, self.base_z_offset_mm = program, sight, base_z_offset_mm
        self.file = file
        self.commanded = read_commanded(program, demand)
        self.ledger = Ledger()
        self._fan_scale = 1.0 if demand.dialect == "reprapfirmware" else 255.0
        self._windows = windows_of(demand)
        self._trail = Trail()
        self._following = Following(self.program)
        self._unnumbered = Unnumbered()
        self._told = Told(self.commanded, sight, is_late=is_late)
        if is_late:
            self._following.lose()
        self._over: dict[str, float] = {}
        """What was set from outside and holds instead of the program's value."""
        self._excluded: set[str] = set()
        self._tool_changes: int | None = None
        self._pauses: list[Pause] = []
        self._may_lack_lines = False
        self._started_s: float | None = None
        self.began_s: float | None = None
        self.ended_s: float | None = None
        self._last_s: float | None = None
        self._position: int | None = None
        self._is_exact = False
        self._host_layer: int | None = None
        self._looks = 0
        self.message = ""

    # -- what comes in

    @property
    def is_over(self) -> bool:
        """The host said that it printed, and then that it does no more."""
        return self.ended_s is not None

    @property
    def layer(self) -> int | None:
        """Of the program, where the host stood last; its own count where it tells no byte."""
        if self._position is None or not self._is_exact:
            return self._host_layer
        return self.commanded.layer_at(self._position)

    def started(self, at_s: float) -> None:
        """The host took the order to print, whenever it shows that it does."""
        self._started_s = at_s

    def take(self, seen: Seen) -> None:
        if isinstance(seen, Look):
            self._look(seen)
        elif isinstance(seen, Sent):
            self._sent(seen)
        else:
            self._event(seen)

    def _ms(self, at_s: float) -> int:
        return max(0, round((at_s - (self.began_s if self.began_s is not None else at_s)) * 1000))

    def _look(self, look: Look) -> None:
        status = look.status
        if self.began_s is None:
            if status.state not in _ACTIVE or not self._is_ours(status):
                return
            self._begin(look)
        if self.is_over:
            return
        if status.state not in (*_ACTIVE, HostState.BUSY) or not self._is_ours(status):
            self.ended_s, self.message = look.at_s, status.message
            self._end_pause(look.at_s)
            return
        self._heard(look.at_s)
        self._looks += 1
        position = look.position
        if self.sight.sends_lines and self._following.at:
            position = self._position
        place = stretch(position, status, self.program)
        if place is None:
            return
        low, high = place
        self._is_exact, self._host_layer = position is not None, status.layer
        self._position = position if position is not None else (low + high) // 2
        self._trail.add(look.at_s, low, high)
        self._pause(look, high)
        self._other_things(look, high)
        first, last = self.commanded.first_bead, self.commanded.last_bead
        if first is None or last is None or not first <= self._position <= last:
            return
        aspects: set[Aspect] = set()
        for held in held_by_state(
            status,
            self.commanded,
            self._windows,
            self._trail,
            look.at_s,
            high,
            base_z_offset_mm=self.base_z_offset_mm,
            has_heaters=look.has_heaters,
        ):
            aspects.add(held.aspect)
            at_ms, off = self._ms(look.at_s), held.off
            if off is None:
                self.ledger.close(held.key, at_ms)
                continue
            self.ledger.show(
                off.key, off.aspect, at_ms, self.layer, off.got, off.wanted, off=off.off
            )
        self._told.by_state |= aspects
        for aspect in aspects:
            self._told.seen[aspect].add(look.at_s)

    def _is_ours(self, status: HostStatus) -> bool:
        return not (self.file and status.file) or is_file(status.file, self.file)

    def _begin(self, look: Look) -> None:
        """The time since the start counts from when the host began, not from when it was seen."""
        since = [look.at_s]
        if look.status.elapsed_s is not None:
            since.append(look.at_s - look.status.elapsed_s)
        if self._started_s is not None:
            since.append(self._started_s)
        self.began_s = self._last_s = min(since)
        if self._may_lack_lines and look.position:
            self._following.lose()
            self._told.lost_lines = True

    @property
    def _longest_s(self) -> float:
        return max(_SILENCE_S, _SILENT_INTERVALS * self.sight.interval_s)

    def _heard(self, at_s: float) -> None:
        if self._last_s is not None and at_s - self._last_s > self._longest_s:
            self._told.silences.append(Silence(self._ms(self._last_s), self._ms(at_s)))
        self._last_s = at_s

    def _pause(self, look: Look, high: int) -> None:
        self._told.seen[Aspect.PAUSES].add(look.at_s)
        if look.status.state is not HostState.PAUSED:
            self._end_pause(look.at_s)
            return
        if self._pauses and self._pauses[-1].until_ms is None:
            return
        low = self._trail.back_to(look.at_s - 1.0)
        is_programmed = self.commanded.asks(self.commanded.pauses, low, high)
        self._pauses.append(Pause(self._ms(look.at_s), None, self.layer, is_programmed))
        if not is_programmed:
            self.ledger.show(
                ("pause", len(self._pauses)),
                Aspect.PAUSES,
                self._ms(look.at_s),
                self.layer,
                "paused",
                "no pause here",
            )

    def _end_pause(self, at_s: float) -> None:
        if self._pauses and self._pauses[-1].until_ms is None:
            self.ledger.close(("pause", len(self._pauses)), self._ms(at_s))
            self._pauses[-1] = replace(self._pauses[-1], until_ms=self._ms(at_s))

    def _other_things(self, look: Look, high: int) -> None:
        status, at_ms = look.status, self._ms(look.at_s)
        if status.excluded is not None:
            self._told.by_state.add(Aspect.OBJECTS)
            self._told.seen[Aspect.OBJECTS].add(look.at_s)
            programmed = {name for offset, name in self.commanded.excluded if offset <= high}
            for name in status.excluded:
                if name not in self._excluded and name.upper() not in programmed:
                    self.ledger.once(
                        Aspect.OBJECTS, at_ms, self.layer, f"{name} excluded", f"{name} printed"
                    )
                self._excluded.add(name)
        if status.tool_changes_asked is not None or self.sight.tells_filament:
            self._told.by_state.add(Aspect.FILAMENT)
            self._told.seen[Aspect.FILAMENT].add(look.at_s)
        asked = status.tool_changes_asked
        if asked is not None:
            before, self._tool_changes = self._tool_changes, asked
            low = self._trail.back_to(look.at_s - 1.0)
            is_programmed = self.commanded.asks(self.commanded.filament_changes, low, high)
            if before is not None and asked > before and not is_programmed:
                self.ledger.once(
                    Aspect.FILAMENT, at_ms, self.layer, "filament change", "no filament change"
                )

    def _sent(self, sent: Sent) -> None:
        command = self._unnumbered.take(sent.line)
        if command is None or self.is_over or self.began_s is None:
            return
        for one in self._following.take(command):
            if isinstance(one, Own):
                self._own(one, sent.at_s)
            else:
                self._outside(one.line, sent.at_s, self._position)

    def _own(self, own: Own, at_s: float) -> None:
        self._position, self._is_exact = own.offset, True
        for offset, text in own.left_out:
            self.ledger.once(
                Aspect.COMMANDS,
                self._ms(at_s),
                self.commanded.layer_at(offset),
                f"not sent: {text[:80]}",
                text[:80],
            )
        self._told.seen[Aspect.COMMANDS].add(at_s)
        last = self.commanded.last_bead
        if self._over and last is not None and own.offset <= last:
            end = self.program.find(b"\n", own.offset)
            text = self.program[own.offset : end if end >= 0 else None].decode("utf-8", "replace")
            change = setting_of(read_line(text.split(";", 1)[0]), self._fan_scale)
            if change is not None and change.what in self._over:
                del self._over[change.what]
                self.ledger.close(("sent", change.what), self._ms(at_s))

    def _outside(self, text: str, at_s: float, position: int | None) -> None:
        """A line that the program does not hold, given when the host stood at `position`."""
        last = self.commanded.last_bead
        is_behind = position is not None and last is not None and position > last
        if command_of(text) in HARMLESS or is_behind:
            return
        line = read_line(text)
        change = setting_of(line, self._fan_scale)
        at_ms = self._ms(at_s)
        layer = None if position is None else self.commanded.layer_at(position)
        if change is None:
            self.ledger.once(_aspect_of(line), at_ms, layer, text[:80], _NOTHING_ELSE)
            return
        what = change.what
        commanded = self._commanded_at(change, position or 0)
        value = change.value
        if change.is_added and value is not None:
            value += self._over.get(what, commanded or 0.0)
        key = ("sent", what)
        if value is None or (commanded is not None and abs(value - commanded) < _SAME):
            self._over.pop(what, None)
            self.ledger.close(key, at_ms)
            return
        self._over[what] = value
        self.ledger.show(key, _ASPECTS[what], at_ms, layer, text[:80], _NOTHING_ELSE)

    def _commanded_at(self, change: Setting, position: int) -> float | None:
        if change.what == "nozzle":
            steps = self.commanded.nozzle.get(change.tool or 0)
            return steps.at(position) if steps is not None else None
        found: float | None = getattr(self.commanded, change.what).at(position)
        return found

    def _event(self, event: Event) -> None:
        if event.happening is Happening.LINES_LOST:
            if self.began_s is None:
                self._may_lack_lines = True
            else:
                self._following.lose()
                self._told.lost_lines = True
            return
        if event.happening is Happening.STARTED:
            if self.began_s is None:
                self.began_s = self._last_s = event.at_s
            return
        if self.began_s is None or self.is_over:
            return
        at_ms, detail = self._ms(event.at_s), event.detail
        if event.happening is Happening.COMMAND:
            for text in detail.splitlines():
                if text.strip() and command_of(text) not in _OF_HOSTS:
                    self._outside(text.strip(), event.at_s, self._trail.at(event.at_s))
        elif event.happening is Happening.FILE_WRITTEN:
            self.ledger.once(Aspect.PROGRAM, at_ms, self.layer, detail, "the stored file untouched")
        elif event.happening is Happening.FILAMENT_OUT:
            self.ledger.once(Aspect.FILAMENT, at_ms, self.layer, detail, "filament there")
        elif event.happening is Happening.FILAMENT_SELECTED:
            self.ledger.once(Aspect.FILAMENT, at_ms, self.layer, detail, "the same spool")
        elif event.happening is Happening.PRINTER_LOST:
            self.ledger.once(Aspect.COMPLETION, at_ms, self.layer, detail, "one run without a stop")

    # -- what comes out

    def finish(self, run: RunOf, ending: Ending) -> AsRun:
        for one in self._following.settle():
            if isinstance(one, Own):
                self._own(one, ending.at_s)
        end_s = self.ended_s if self.ended_s is not None else ending.at_s
        if self._last_s is not None and end_s - self._last_s > self._longest_s:
            self._told.silences.append(Silence(self._ms(self._last_s), None))
        digest = "" if ending.reread is None else hashlib.sha256(ending.reread).hexdigest()
        if digest and digest != run.program_sha256:
            self.ledger.once(
                Aspect.PROGRAM,
                self._ms(end_s),
                None,
                f"sha256 {digest}",
                f"sha256 {run.program_sha256}",
            )
        if ending.outcome not in (RunOutcome.COMPLETED, RunOutcome.UNKNOWN):
            words = ending.message or self.message
            got = f"{ending.outcome.value}: {words[:120]}" if words else ending.outcome.value
            self.ledger.once(
                Aspect.COMPLETION, self._ms(end_s), self.layer, got, RunOutcome.COMPLETED.value
            )
        departures = self.ledger.finish()
        self._told.was_seen = self.began_s is not None
        self._told.has_lines = self._following.at > 0
        self._told.has_all_lines = self._following.is_done
        observations = tuple(
            observed(aspect, self._told, ending, deviates=aspect in self.ledger.aspects)
            for aspect in Aspect
        )
        return AsRun(
            run=replace(run, run_id=ending.run_id or run.run_id),
            reread_sha256=digest,
            began_at=ending.began_at,
            ended_at=ending.ended_at,
            duration_ms=self._ms(end_s),
            outcome=ending.outcome.value,
            watched="pushed" if self.sight.is_pushed else "polled",
            interval_ms=round(self.sight.interval_s * 1000),
            looks=self._looks,
            verdict=Conformance.DEVIATES if self.ledger.aspects else Conformance.CONFORMS,
            observations=observations,
            departures=departures,
            departures_left_out=self.ledger.left_out,
            pauses=tuple(self._pauses),
            silences=tuple(self._told.silences),
        )


def _aspect_of(line: Line) -> Aspect:
    """What a line from outside touches that sets no value."""
    if line.name in PAUSES:
        return Aspect.PAUSES
    if line.name in FILAMENT_CHANGES or tool_of(line) is not None:
        return Aspect.FILAMENT
    if line.name in _MOVES_Z_ORIGIN:
        return Aspect.Z_OFFSET
    return Aspect.OBJECTS if line.name in _OBJECTS else Aspect.COMMANDS

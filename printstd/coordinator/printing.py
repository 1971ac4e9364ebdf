"""One printer and the instance on it, led from state to state by what its host shows.

Whatever was begun is gone on with from the state that is on record: a coordinator that was killed
at any point leaves nothing that this does not take up. The start alone is told once. Where it is
not known whether it was heard, the host is looked at; and if nothing shows that it began, the file
is taken away first, so that a start that is still on its way finds nothing to print.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from printstd.adapters.farm_store.queue_rows import Moved, Note
from printstd.adapters.farm_store.store import FarmStore
from printstd.artifacts.certificate import CertifiedProgram
from printstd.artifacts.farm import FarmPrinter, Seen
from printstd.artifacts.host import HostState, HostStatus
from printstd.artifacts.job import Instance, JobState, Wish
from printstd.coordinator.sending import send
from printstd.coordinator.settings import Patience
from printstd.errors import (
    HostRefused,
    HostSilent,
    HostUnsure,
    InputError,
    OutsideError,
    VerificationError,
)
from printstd.farm.evidence import Evidence, evidence, is_file
from printstd.farm.foreign import Expected, ForeignWatch
from printstd.farm.host import Host
from printstd.farm.states import AT_WORK, Event
from printstd.words import said

LOG = logging.getLogger("printstd.farm")


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A program that verified under the farm's policy a moment ago, and the file it came in."""

    program: CertifiedProgram
    container: bytes


Verify = Callable[[Sequence[tuple[str, bytes]], str], Checked]
"""(files as they were handed in, UTC time) -> the program; VerificationError or InputError."""


class Watcher(Protocol):
    """Told of every print before its start, at every look, and of its end: before that is on record
    where it came to its end, after it where it did not. May raise OutsideError at an end: then it
    is told again at the next look, by whichever coordinator takes it."""

    def starting(
        self, printer: FarmPrinter, one: Instance, host: Host, program: CertifiedProgram
    ) -> None: ...

    def began(
        self, printer: FarmPrinter, one: Instance, host: Host, program: CertifiedProgram
    ) -> None: ...

    def saw(
        self, printer: FarmPrinter, one: Instance, host: Host, status: HostStatus, at_ms: int
    ) -> None: ...

    def ended(self, printer: FarmPrinter, one: Instance, host: Host, at_ms: int) -> None: ...

    def close(self) -> None:
        """The coordinator ends; prints may go on."""
        ...


@dataclass
class Memory:
    """What one printer's last looks were, of no use to anybody but this process. heard_ms : of the
    last answer. doubt : an event of absence and since when every look has shown it. foreign : what
    it prints that the farm did not begin."""

    heard_ms: int
    doubt: Event | None = None
    doubt_ms: int = 0
    foreign: ForeignWatch = field(default_factory=ForeignWatch)


@dataclass(frozen=True, slots=True, eq=False)
class Printing:
    """What leading prints takes. owner : this coordinator, by its name in leases and history."""

    store: FarmStore
    verify: Verify
    now_ms: Callable[[], int]
    now_utc: Callable[[], str]
    owner: str
    patience: Patience
    watchers: tuple[Watcher, ...] = ()
    memory: dict[str, Memory] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    """How far prints were seen to be, to be kept."""

    def look(
        self,
        printer: FarmPrinter,
        host: Host,
        one: Instance | None,
        owed: Sequence[Instance] = (),
    ) -> tuple[Seen, Instance | None]:
        """Look at a printer, lead its instance as far as it goes now; what was seen, and where the
        instance stands. owed : prints that ended there before their end, whose record is still to
        be made: it is, before anything else begins."""
        now = self.now_ms()
        kept = self.memory.setdefault(printer.name, Memory(now))
        try:
            status = host.status()
        except OutsideError as error:
            if one is not None:
                one = self._silent(one, kept, error)
            return Seen(printer.name, now, "silent", message=error.what), one
        kept.heard_ms = now
        for ended in owed:
            self._stopped(printer, host, ended)
        self._watch_for_foreign(printer, one, status, kept, now)
        if one is not None:
            try:
                before, one = one, self._lead(printer, host, one, status, kept)
                if before.state in AT_WORK and one.state in (JobState.FAILED, JobState.CANCELLED):
                    self._stopped(printer, host, one)
            except Moved as error:
                LOG.info("%s: %s", printer.name, error.got)
                with self.store.reading() as rows:
                    one = rows.on_printers([printer.name]).get(printer.name)
            except OutsideError as error:
                # The host stopped answering between two questions: the next look goes on.
                LOG.warning("%s: %s", printer.name, error)
        return seen_of(printer.name, status, now), one

    def _watch_for_foreign(
        self,
        printer: FarmPrinter,
        one: Instance | None,
        status: HostStatus,
        kept: Memory,
        now_ms: int,
    ) -> None:
        """What the farm did not begin is on record as uncertified, once, and lies on the bed."""
        expected = None
        if one is not None and one.state in AT_WORK and is_file(status.file, one.file):
            expected = Expected(status.file or one.file, one.run_id or None)
        foreign = kept.foreign.look(status, now_ms / 1000, expected)
        if foreign is None:
            return
        LOG.warning("%s: a print that the farm did not begin: %s", printer.name, foreign.file)
        with self.store.writing(self.owner) as rows:
            rows.tell(
                "uncertified print",
                now_ms,
                printer=printer.name,
                file=foreign.file or "",
                run=foreign.run_id or "",
            )
            if one is None and not printer.auto_clear:
                rows.set_printer(replace(rows.printer(printer.name), needs_clear=True))

    def _stopped(self, printer: FarmPrinter, host: Host, one: Instance) -> None:
        """It ended before its end, which is on record, and so is that its own record is owed: the
        printer goes on, and what could not be made now is made at a later look."""
        for watcher in self.watchers:
            try:
                watcher.ended(printer, one, host, self.now_ms())
            except OutsideError as error:
                LOG.warning("%s: %s", printer.name, error)
                return
        with self.store.leasing() as rows:
            rows.settle(one.number)

    def _silent(self, one: Instance, kept: Memory, error: OutsideError) -> Instance:
        if self.now_ms() - kept.heard_ms < self.patience.silent_s * 1000:
            return one
        reason = said("its host does not answer: {what}", what=error.what)
        try:
            if one.state in (JobState.PRINTING, JobState.PAUSED):
                return self._move(one, Event.SILENT, reason=reason)
            if one.state in (JobState.MATCHED, JobState.VERIFYING, JobState.UPLOADING):
                return self._move(one, Event.UNMATCH, reason=reason)
        except Moved as moved:
            LOG.info("%s: %s", one.printer, moved.got)
        return one

    def _move(
        self,
        one: Instance,
        event: Event,
        *,
        reason: str = "",
        run_id: str = "",
        used_ratio: float | None = None,
    ) -> Instance:
        with self.store.writing(self.owner) as rows:
            return rows.move(
                one.number,
                event,
                self.now_ms(),
                seen_in=one.state,
                owner=self.owner,
                reason=reason,
                run_id=run_id,
                used_ratio=used_ratio,
            )

    def _lead(
        self,
        printer: FarmPrinter,
        host: Host,
        one: Instance,
        status: HostStatus,
        kept: Memory,
    ) -> Instance:
        if one.state in (JobState.MATCHED, JobState.VERIFYING, JobState.UPLOADING):
            return self._begin(printer, host, one, status)
        if one.state is JobState.STARTING:
            return self._was_it_heard(printer, host, one, status, kept)
        if one.state in (JobState.PRINTING, JobState.PAUSED, JobState.LOST):
            one = self._follow(printer, host, one, status, kept)
        if one.state is JobState.FINISHING:
            return self._finish(printer, host, one)
        if one.state is JobState.AWAITING_CLEAR and printer.auto_clear:
            one = self._move(one, Event.CLEARED)
        return one

    # From a match to a start

    def _begin(
        self, printer: FarmPrinter, host: Host, one: Instance, status: HostStatus
    ) -> Instance:
        if status.state not in (HostState.IDLE, HostState.ERROR):
            words = said("its host says {state}", state=status.state.value)
            return self._move(one, Event.UNMATCH, reason=words)
        if one.state is JobState.MATCHED:
            one = self._move(one, Event.VERIFY)
        with self.store.reading() as rows:
            files = rows.program_files(rows.job(one.job).program_sha256)
        try:
            checked = self.verify(files, self.now_utc())
        except (VerificationError, InputError) as error:
            if one.state is JobState.UPLOADING:
                return self._move(one, Event.STORED_OTHERWISE, reason=error.what)
            return self._move(one, Event.NOT_VERIFIED, reason=error.what)
        if one.state is JobState.VERIFYING:
            one = self._move(one, Event.VERIFIED)
        try:
            differs = send(host, one.file, checked.program, checked.container)
        except HostRefused as error:
            return self._hold(self._move(one, Event.UNMATCH), error)
        if differs:
            return self._move(one, Event.STORED_OTHERWISE, reason=differs)
        return self._start(printer, host, self._move(one, Event.INTEND), checked.program)

    def _start(
        self, printer: FarmPrinter, host: Host, one: Instance, program: CertifiedProgram
    ) -> Instance:
        """The intention is on record. From here it is told once, and not again."""
        for watcher in self.watchers:
            watcher.starting(printer, one, host, program)
        try:
            host.start(one.file)
        except HostUnsure as error:
            LOG.warning("%s: %s", printer.name, error)
            return one
        except (HostRefused, HostSilent) as error:
            # Surely nothing was done. Should the host show otherwise, it is believed.
            try:
                shown = evidence(one.file, host.status(), host.runs())
            except OutsideError:
                return one
            if shown.event is not None:
                return one
            return self._never_began(one, error)
        one = self._move(one, Event.ACCEPTED)
        for watcher in self.watchers:
            watcher.began(printer, one, host, program)
        return one

    def _never_began(self, one: Instance, error: OutsideError | None = None) -> Instance:
        words = error.in_full().replace("\n  ", "; ") if error is not None else ""
        reason = words or said("nothing shows that it began, and its file was taken away")
        one = self._move(one, Event.NEVER_BEGAN, reason=reason)
        if one.attempt < self.patience.most_attempts:
            return one
        return self._hold(one, error)

    def _hold(self, one: Instance, error: OutsideError | None) -> Instance:
        what = error.what if error is not None else said("the printer never began")
        reason = said("held after {count} attempts: {what}", count=one.attempt, what=what)
        with self.store.writing(self.owner) as rows:
            return rows.move(
                one.number, Event.HOLD, self.now_ms(), seen_in=one.state, reason=reason
            )

    # What became of it

    def _is_settled(self, kept: Memory, host: Host, event: Event) -> bool:
        """Has every look shown this for long enough?"""
        now = self.now_ms()
        if kept.doubt is not event:
            kept.doubt, kept.doubt_ms = event, now
        return now - kept.doubt_ms >= 1000 * self._settles_s(host)

    def _settles_s(self, host: Host) -> float:
        return max(self.patience.settle_s, host.abilities.history_lag_s)

    def _was_it_heard(
        self,
        printer: FarmPrinter,
        host: Host,
        one: Instance,
        status: HostStatus,
        kept: Memory,
    ) -> Instance:
        shown = self._evidence(host, one, status)
        if shown.event is Event.INTERRUPTED and not self._is_settled(kept, host, shown.event):
            return one
        if shown.event is not None:
            return self._ended_or_on(one, shown, kept)
        if status.state is HostState.OFFLINE:
            return one  # Its printer may be printing unseen.
        if self.now_ms() - one.since_utc_ms < 1000 * self._settles_s(host):
            return one
        try:
            host.delete(one.file)
        except HostRefused as error:
            LOG.info("%s: %s", printer.name, error)
        if host.file(one.file) is not None:
            return one
        again = self._evidence(host, one, host.status())
        if again.event is not None:
            return one
        kept.doubt = None
        return self._never_began(one)

    def _evidence(self, host: Host, one: Instance, status: HostStatus) -> Evidence:
        """The status is older than the history: what ends between is seen as ended."""
        is_on = status.state in (HostState.PRINTING, HostState.PAUSED)
        runs = () if is_on and is_file(status.file, one.file) else host.runs()
        return evidence(one.file, status, runs, was_told_to_stop=one.wish == Wish.CANCEL.value)

    def _ended_or_on(self, one: Instance, shown: Evidence, kept: Memory) -> Instance:
        assert shown.event is not None
        kept.doubt = None
        return self._move(one, shown.event, reason=shown.reason, run_id=shown.run_id)

    def _follow(
        self,
        printer: FarmPrinter,
        host: Host,
        one: Instance,
        status: HostStatus,
        kept: Memory,
    ) -> Instance:
        shown = self._evidence(host, one, status)
        on = {Event.SEEN_PRINTING: JobState.PRINTING, Event.SEEN_PAUSED: JobState.PAUSED}
        if shown.event in on:
            kept.doubt = None
            for watcher in self.watchers:
                watcher.saw(printer, one, host, status, self.now_ms())
            self._note(one, status, shown.run_id)
            if on[shown.event] is not one.state:
                one = self._ended_or_on(one, shown, kept)
            return self._grant(host, one)
        if status.state is HostState.OFFLINE and shown.event is None:
            return one  # Its printer may be printing unseen.
        event = shown.event or Event.INTERRUPTED
        if event is Event.INTERRUPTED and not self._is_settled(kept, host, event):
            return one
        reason = shown.reason or said("it prints no more, and its host does not tell how it ended")
        return self._ended_or_on(
            one,
            Evidence(event, "" if event is Event.SEEN_COMPLETED else reason, shown.run_id),
            kept,
        )

    def _note(self, one: Instance, status: HostStatus, run_id: str) -> None:
        """Kept until the round of looks is over: a thousand prints are one transaction."""
        progress = one.progress_permille
        if status.progress_ratio is not None:
            progress = round(1000 * min(max(status.progress_ratio, 0.0), 1.0))
        note = Note(one.number, progress, status.layer, run_id or one.run_id)
        if note != Note(one.number, one.progress_permille, one.layer, one.run_id):
            self.notes.append(note)

    def _grant(self, host: Host, one: Instance) -> Instance:
        """What a person wished, where it is not so already. A cancel stays wished until the host
        shows an end, so that an end without a name is known for what it is."""
        if one.wish == Wish.CANCEL.value:
            host.cancel()
            return one
        if one.wish == Wish.PAUSE.value and one.state is JobState.PRINTING:
            host.pause()
        elif one.wish == Wish.RESUME.value and one.state is JobState.PAUSED:
            host.resume()
        elif not one.wish:
            return one
        with self.store.leasing() as rows:
            rows.forget_wish(one.number)
        return one

    def _finish(self, printer: FarmPrinter, host: Host, one: Instance) -> Instance:
        for watcher in self.watchers:
            watcher.ended(printer, one, host, self.now_ms())
        now = self.now_ms()
        with self.store.writing(self.owner) as rows:
            number, owner = one.number, self.owner
            one = rows.move(number, Event.RECORDED, now, seen_in=one.state, owner=owner)
            if printer.auto_clear:
                one = rows.move(number, Event.CLEARED, now, seen_in=one.state, owner=owner)
        if self.patience.is_tidy:
            try:
                host.delete(one.file)
            except OutsideError as error:
                LOG.info("%s: %s", printer.name, error)
        return one


def seen_of(printer: str, status: HostStatus, at_ms: int) -> Seen:
    """A host's word as it is kept for lists and pages."""

    def thousandths(*names: str) -> int | None:
        for heater in status.heaters:
            if heater.name in names:
                return round(heater.celsius * 1000)
        return None

    progress = status.progress_ratio
    return Seen(
        printer,
        at_ms,
        status.state.value,
        status.file or "",
        status.message,
        None if progress is None else round(1000 * progress),
        status.layer,
        thousandths("extruder", "tool0", "nozzle", "hotend"),
        thousandths("heater_bed", "bed"),
        any(h.target_c > 0 and h.celsius < h.target_c - 5.0 for h in status.heaters),
    )

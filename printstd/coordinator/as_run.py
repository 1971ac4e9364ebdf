"""Watching a certified program being printed, to the signed record of how it went.

The one entry for a coordinator, around a start::

    recorder = begin_recording(host, address=..., secrets=..., what=certified_run(...), clock=...)
    host.start(name)
    recorder.started()
    ...                                   # until the job is over, by the coordinator's own lights
    bundle = recorder.bundle(signer, tool=tool_facts())     # OUT.gcode.asrun.json

`begin_recording` comes before the start, so that nothing is missed. Whoever finds a print running
after a restart of its own says `is_late`: then what was before is told as not seen.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from printstd.artifacts.as_run import AsRun, RunOf
from printstd.artifacts.certificate import CertifiedProgram
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.host import HostRun, HostStatus, RunOutcome
from printstd.certify.as_run_statement import as_run_statement
from printstd.certify.dsse import sign_bundle
from printstd.certify.predicates import RECHECK, ToolFacts
from printstd.certify.reading import read_statement
from printstd.errors import InputError, OutsideError
from printstd.farm.concluding import Ending
from printstd.farm.host import Host
from printstd.farm.looks import Look, Seen, Sight
from printstd.farm.watching import Watch
from printstd.ports import Clock, Signer
from printstd.words import said

if TYPE_CHECKING:
    from printstd.adapters.hosts.pushing import Channel

POLL_S: Final = 2.0
_STEP_S: Final = 0.5
_SETTLE_S: Final = 5.0
"""After the end, for the host's history to know of it."""


@dataclass(frozen=True, slots=True, eq=False)
class CertifiedRun:
    """What is to be run: the bytes, what they were certified under, and what the record names."""

    program: bytes
    demand: AuditDemand
    run: RunOf


def certified_run(
    program: CertifiedProgram, *, name: str, printer: str, host_kind: str, job: str = ""
) -> CertifiedRun:
    """program : verified a moment ago. name : that it has at the host. printer : the instance's own
    name, as users know it."""
    payload = program.recheck.payload
    demand = read_statement(payload).demand
    if demand is None:
        raise InputError(
            said("the certificate does not say what the program was held against"),
            where=name,
            wanted=said("a re-check with its demand"),
            hint=said("`printstd certify OUT.gcode --model MODEL` makes one"),
        )
    run = RunOf(
        statement=RECHECK.removeprefix("https://printstd.example/"),
        statement_sha256=hashlib.sha256(payload).hexdigest(),
        program_name=name,
        program_sha256=hashlib.sha256(program.data).hexdigest(),
        printer=printer,
        host_kind=host_kind,
        job=job,
    )
    return CertifiedRun(program.data, demand, run)


class Asked:
    """A host that pushes nothing: it is asked every `every_s`."""

    def __init__(self, host: Host, kind: str, every_s: float = POLL_S) -> None:
        self._host, self._every_s, self._next_s = host, every_s, 0.0
        self.sight = Sight(kind, is_pushed=False, interval_s=every_s)

    def next(self, timeout_s: float) -> tuple[Seen, ...]:
        wait = self._next_s - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, timeout_s))
        if self._next_s > time.monotonic():
            return ()
        self._next_s = time.monotonic() + self._every_s
        try:
            status = self._host.status()
        except OutsideError:
            return ()
        return (Look(time.monotonic(), status),)

    def close(self) -> None:
        """The host is its owner's."""


def begin_recording(
    host: Host,
    *,
    address: str,
    secrets: Mapping[str, str],
    what: CertifiedRun,
    clock: Clock,
    base_z_offset_mm: float = 0.0,
    is_late: bool = False,
    on_status: Callable[[HostStatus], None] | None = None,
) -> RunRecorder:
    """Watch from now on, in a thread of its own. on_status : called there with each state that was
    seen, for pages and telemetry."""
    from printstd.adapters.hosts.pushing import open_channel

    name = what.run.program_name
    channel = open_channel(address, secrets, file=name) or Asked(host, what.run.host_kind)
    return RunRecorder(
        host,
        channel,
        what,
        clock,
        base_z_offset_mm=base_z_offset_mm,
        is_late=is_late,
        on_status=on_status,
    )


class RunRecorder:
    """One run. `record` and `bundle` wait until the host says that it is over, or `stop`."""

    def __init__(
        self,
        host: Host,
        channel: Channel,
        what: CertifiedRun,
        clock: Clock,
        *,
        base_z_offset_mm: float = 0.0,
        is_late: bool = False,
        on_status: Callable[[HostStatus], None] | None = None,
    ) -> None:
        self._host, self._channel, self._what, self._clock = host, channel, what, clock
        self._on_status = on_status
        self._watch = Watch(
            what.program,
            what.demand,
            channel.sight,
            file=what.run.program_name,
            base_z_offset_mm=base_z_offset_mm,
            is_late=is_late,
        )
        self._known = frozenset() if is_late else self._run_ids()
        self._began_at = self._ended_at = ""
        self._stopped, self._over = threading.Event(), threading.Event()
        self._record: AsRun | None = None
        self._thread = threading.Thread(target=self._follow, name="as-run", daemon=True)
        self._thread.start()

    def started(self) -> None:
        """The host took the order to print, just now."""
        self._watch.started(time.monotonic())

    @property
    def layer(self) -> int | None:
        return self._watch.layer

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until the host says that the print is over; False where it did not in time."""
        return self._over.wait(timeout_s)

    def stop(self) -> None:
        """Watch no longer, whatever the printer does."""
        self._stopped.set()
        self._thread.join()

    def record(self, timeout_s: float | None = None) -> AsRun:
        """The record; made once. After `timeout_s` the print is taken as it stands."""
        if self._record is None:
            self._over.wait(timeout_s)
            self.stop()
            self._record = self._watch.finish(self._what.run, self._ending())
        return self._record

    def bundle(self, signer: Signer, *, tool: ToolFacts, timeout_s: float | None = None) -> bytes:
        """The signed record, as a file beside the certificate."""
        payload = as_run_statement(
            self.record(timeout_s), tool=tool, issued_at=self._clock.now_utc()
        )
        return sign_bundle(payload, signer)

    def _follow(self) -> None:
        try:
            while not self._stopped.is_set():
                for seen in self._channel.next(_STEP_S):
                    self._watch.take(seen)
                    if isinstance(seen, Look) and self._on_status is not None:
                        self._on_status(seen.status)
                if self._watch.began_s is not None and not self._began_at:
                    self._began_at = self._clock.now_utc()
                if self._watch.is_over:
                    break
        finally:
            self._ended_at = self._clock.now_utc()
            self._channel.close()
            self._over.set()

    def _run_ids(self) -> frozenset[str]:
        with contextlib.suppress(OutsideError):
            return frozenset(run.run_id for run in self._host.runs())
        return frozenset()

    def _ending(self) -> Ending:
        own = self._own_run()
        reread, reason = self._reread()
        now = self._clock.now_utc()
        ended_at = self._ended_at or now
        return Ending(
            at_s=time.monotonic(),
            outcome=RunOutcome.UNKNOWN if own is None else own.outcome,
            began_at=self._began_at or ended_at,
            ended_at=ended_at,
            reread=reread,
            reread_reason=reason,
            run_id="" if own is None else own.run_id,
        )

    def _own_run(self) -> HostRun | None:
        """The host's own word of this run, once it says that it ended."""
        until = time.monotonic() + self._host.abilities.history_lag_s + _SETTLE_S
        found: HostRun | None = None
        while True:
            with contextlib.suppress(OutsideError):
                own = [
                    run
                    for run in self._host.runs()
                    if run.file == self._what.run.program_name and run.run_id not in self._known
                ]
                found = own[-1] if own else None
            is_known = found is not None and found.outcome is not RunOutcome.RUNNING
            if is_known or not self._watch.is_over or time.monotonic() > until:
                return found
            time.sleep(0.2)

    def _reread(self) -> tuple[bytes | None, str]:
        if self._host.abilities.carrier != "gcode":
            return None, said("this kind of host stores the program in a container")
        if not self._host.abilities.downloads:
            return None, said("this kind of host does not give stored bytes back")
        try:
            return self._host.download(self._what.run.program_name), ""
        except OutsideError as error:
            return None, said("the stored bytes could not be read: {error}", error=error.what)

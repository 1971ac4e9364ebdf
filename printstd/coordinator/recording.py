"""An as-run record for every print of a farm: watched from before its start, signed at its end.

A `Watcher` of `printstd.coordinator.printing`. Hosts that push are watched over their own channel;
of others each look that the coordinator takes anyway is taken.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol

from printstd.adapters.hosts.pushing import open_channel
from printstd.artifacts.as_run import AsRun
from printstd.artifacts.certificate import CertifiedProgram
from printstd.artifacts.farm import FarmPrinter
from printstd.artifacts.host import HostState, HostStatus
from printstd.artifacts.job import Instance
from printstd.certify.predicates import ToolFacts
from printstd.coordinator.as_run import RunRecorder, certified_run
from printstd.errors import InputError, OutsideError, PrintstdError, VerificationError
from printstd.farm.host import Host
from printstd.farm.looks import Look, Seen, Sight
from printstd.ports import Clock, Signer
from printstd.words import said

LOG = logging.getLogger("printstd.farm")
_PATIENCE_S: Final = 5.0
"""How long the coordinator waits for a record; after that it comes back for it."""


_AT_ONCE: Final = 8


class Fed:
    """A channel that is fed the looks of whoever asks the host anyway."""

    def __init__(self, kind: str, every_s: float) -> None:
        self.sight = Sight(kind, is_pushed=False, interval_s=every_s)
        self._looks: queue.SimpleQueue[Seen] = queue.SimpleQueue()

    def feed(self, status: HostStatus) -> None:
        self._looks.put(Look(time.monotonic(), status))

    def next(self, timeout_s: float) -> tuple[Seen, ...]:
        try:
            return (self._looks.get(timeout=timeout_s),)
        except queue.Empty:
            return ()

    def close(self) -> None:
        """Nothing is open."""


class Keep(Protocol):
    def __call__(
        self,
        printer: FarmPrinter,
        one: Instance,
        program: CertifiedProgram,
        record: AsRun,
        bundle: bytes,
    ) -> None:
        """Put a signed record where it belongs; OutsideError where it cannot be written."""
        ...


@dataclass(eq=False)
class _Run:
    recorder: RunRecorder
    program: CertifiedProgram
    fed: Fed | None
    recording: Future[None] | None = None
    patience_s: float = _PATIENCE_S
    """For the print to be seen to end; nothing where it was over before anybody watched."""


@dataclass(eq=False)
class RunKeeper:
    """secrets : of a printer's host. program_of : the verified program of an instance that was
    found printing, after a restart. is_kept : is the record of this one made already, by a
    coordinator that is gone? poll_s : the coordinator's own."""

    signer: Signer
    tool: ToolFacts
    clock: Clock
    keep: Keep
    secrets: Callable[[FarmPrinter], Mapping[str, str]]
    program_of: Callable[[Instance], CertifiedProgram]
    is_kept: Callable[[Instance], bool]
    poll_s: float
    _runs: dict[tuple[int, int], _Run] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="as-run record")
    )

    def starting(
        self, printer: FarmPrinter, one: Instance, host: Host, program: CertifiedProgram
    ) -> None:
        """Before it is told to print, so that nothing is missed."""
        self.forget(one.number)
        self._begin(printer, one, host, program, is_late=False)

    def began(
        self, printer: FarmPrinter, one: Instance, host: Host, program: CertifiedProgram
    ) -> None:
        run = self._runs.get(_key(one))
        if run is not None:
            run.recorder.started()

    def saw(
        self, printer: FarmPrinter, one: Instance, host: Host, status: HostStatus, at_ms: int
    ) -> None:
        del at_ms
        run = self._runs.get(_key(one))
        if run is None:
            try:
                program = self.program_of(one)
            except (VerificationError, InputError) as error:
                LOG.error("%s: no record of this print: %s", printer.name, error)
                return
            run = self._begin(printer, one, host, program, is_late=True)
        if run.fed is not None:
            run.fed.feed(status)

    def ended(self, printer: FarmPrinter, one: Instance, host: Host, at_ms: int) -> None:
        """OutsideError while the record is being made: then it is to be called again."""
        run = self._runs.get(_key(one))
        if run is None and self.is_kept(one):
            return
        if run is None:
            # Too short to have been looked at, or begun by a coordinator that is gone.
            self.saw(printer, one, host, HostStatus(HostState.IDLE), at_ms)
            run = self._runs.get(_key(one))
            if run is None:
                return
            run.patience_s = 0.0
        if run.recording is None:
            if run.fed is not None:
                run.fed.feed(HostStatus(HostState.IDLE))
            run.recording = self._pool.submit(self._record, printer, one, run)
        try:
            run.recording.result(_PATIENCE_S)
        except TimeoutError as error:
            raise OutsideError(said("the record of this print is still being made")) from error
        except OutsideError:
            run.recording = None
            raise
        except PrintstdError as error:
            # Another look would end in the same: the farm goes on without this record.
            LOG.error("%s: no record of this print: %s", printer.name, error)
        del self._runs[_key(one)]

    def forget(self, instance: int) -> None:
        """Attempts of this instance that came to nothing."""
        for key in [key for key in self._runs if key[0] == instance]:
            self._runs.pop(key).recorder.stop()

    def close(self) -> None:
        for run in self._runs.values():
            run.recorder.stop()
        self._runs.clear()
        self._pool.shutdown()

    def _begin(
        self,
        printer: FarmPrinter,
        one: Instance,
        host: Host,
        program: CertifiedProgram,
        *,
        is_late: bool,
    ) -> _Run:
        kind = printer.host.kind
        what = certified_run(
            program, name=one.file, printer=printer.name, host_kind=kind, job=f"{one.job}"
        )
        pushed = open_channel(printer.host.address, self.secrets(printer), file=one.file)
        fed = Fed(kind, self.poll_s) if pushed is None else None
        channel = pushed if pushed is not None else fed
        assert channel is not None
        recorder = RunRecorder(host, channel, what, self.clock, is_late=is_late)
        run = self._runs[_key(one)] = _Run(recorder, program, fed)
        return run

    def _record(self, printer: FarmPrinter, one: Instance, run: _Run) -> None:
        bundle = run.recorder.bundle(self.signer, tool=self.tool, timeout_s=run.patience_s)
        self.keep(printer, one, run.program, run.recorder.record(), bundle)


def _key(one: Instance) -> tuple[int, int]:
    return one.number, one.attempt

"""A printer's host inside the process: it keeps its own history, and fails where it is told to.

For what no real server can be asked: every order of failures in a millisecond, a thousand at once.
What real servers do is tested on them (tests/e2e).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from printstd.artifacts.host import (
    HostAbilities,
    HostFile,
    HostRun,
    HostState,
    HostStatus,
    RunOutcome,
)
from printstd.errors import HostRefused, HostSilent, HostUnsure

ABILITIES = HostAbilities(
    history=True,
    downloads=True,
    digests="sha256",
    pausing=True,
    factors=False,
    fan=False,
    z_offset=False,
    excluded=False,
    carrier="gcode",
    proven="wire",
)


@dataclass
class Run:
    file: str
    outcome: RunOutcome
    began_s: float
    ended_s: float | None = None


@dataclass
class SimulatedHost:
    """clock : seconds. print_s : how long every print takes. before : called with the name of each
    call, to fail it or to stop the process there; `after` likewise, once it was done."""

    clock: Callable[[], float]
    print_s: float = 60.0
    before: Callable[[str], None] = lambda name: None
    after: Callable[[str], None] = lambda name: None
    files: dict[str, bytes] = field(default_factory=dict)
    history: list[Run] = field(default_factory=list)
    paused: bool = False
    offline: bool = False
    """Its printer is unplugged."""
    keeps_history: bool = True
    starts: list[str] = field(default_factory=list)
    """Every start that was obeyed."""

    abilities = ABILITIES

    def _call(self, name: str) -> None:
        self.before(name)
        self.pass_time()

    def pass_time(self) -> None:
        run = self.running()
        if run is not None and not self.paused and self.clock() - run.began_s >= self.print_s:
            run.outcome, run.ended_s = RunOutcome.COMPLETED, run.began_s + self.print_s

    def running(self) -> Run | None:
        if self.history and self.history[-1].outcome is RunOutcome.RUNNING:
            return self.history[-1]
        return None

    def end(self, outcome: RunOutcome) -> None:
        """What happens at the machine."""
        run = self.running()
        if run is not None:
            run.outcome, run.ended_s, self.paused = outcome, self.clock(), False

    def status(self) -> HostStatus:
        self._call("status")
        if self.offline:
            return HostStatus(HostState.OFFLINE, message="unplugged")
        run = self.running()
        if run is None:
            found = HostStatus(HostState.IDLE)
        else:
            state = HostState.PAUSED if self.paused else HostState.PRINTING
            ratio = min(1.0, (self.clock() - run.began_s) / self.print_s)
            found = HostStatus(state, file=run.file, progress_ratio=ratio)
        self.after("status")
        return found

    def upload(self, name: str, data: bytes) -> None:
        self._call("upload")
        self.files[name] = data
        self.after("upload")

    def file(self, name: str) -> HostFile | None:
        self._call("file")
        data = self.files.get(name)
        if data is None:
            return None
        return HostFile(name, len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")

    def download(self, name: str) -> bytes:
        self._call("download")
        return self.files[name]

    def delete(self, name: str) -> None:
        self._call("delete")
        run = self.running()
        if name not in self.files or (run is not None and run.file == name):
            raise HostRefused("no such file, or it is in use")
        del self.files[name]
        self.after("delete")

    def start(self, name: str) -> None:
        self._call("start")
        self.obey_start(name)
        self.after("start")

    def obey_start(self, name: str) -> None:
        if name not in self.files or self.running() is not None or self.offline:
            raise HostRefused("cannot begin")
        self.starts.append(name)
        self.history.append(Run(name, RunOutcome.RUNNING, self.clock()))

    def pause(self) -> None:
        self._call("pause")
        self.paused = True

    def resume(self) -> None:
        self._call("resume")
        self.paused = False

    def cancel(self) -> None:
        self._call("cancel")
        self.end(RunOutcome.CANCELLED)

    def runs(self) -> tuple[HostRun, ...]:
        self._call("runs")
        if not self.keeps_history:
            return ()
        return tuple(
            HostRun(str(n), run.file, run.outcome, run.began_s, run.ended_s)
            for n, run in enumerate(self.history)
        )

    def close(self) -> None: ...


def silent(name: str) -> None:
    raise HostSilent("it does not answer")


def unsure(name: str) -> None:
    raise HostUnsure("no answer came")

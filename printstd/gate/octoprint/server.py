"""The gate inside OctoPrint: what its plugin does. Nothing of OctoPrint is imported here.

A job is held from before its first line; a thread verifies its file, then lets its lines through
one by one (`LineGate`) or cancels it. The hook on lines is the gate; holding jobs only gives the
thread its time. Files on the printer's own card are never printed: nobody can read them.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final

from printstd.adapters.files import read_file
from printstd.errors import PrintstdError, VerificationError
from printstd.gate.decision import GateDecision, refused_by
from printstd.gate.gate import MAX_PROGRAM_BYTES, Gate
from printstd.gate.octoprint.lines import LineGate
from printstd.words import said

_ENDINGS: Final = {"PrintDone": "complete", "PrintFailed": "failed", "PrintCancelled": "cancelled"}
_BEGINNING_S: Final = 5.0
_REASONS: Final = {
    "sd": said("a file of the printer's own card"),
    "changed": said("a line that is not the program's next one"),
    "unverified": said("a line of a job that was not verified"),
}


def connector_of(printer: Any) -> str:
    """What carries commands to the printer: hooks on lines run for ``serial`` alone. OctoPrint 1
    has nothing else; later ones tell it of their connection; empty where they do not."""
    connection = getattr(printer, "_connection", None)
    if connection is not None:
        return str(getattr(connection, "connector", "") or "")
    return "serial" if hasattr(printer, "_comm") else ""


class OctoPrintGate:
    """One printer's. printer : OctoPrint's `PrinterInterface`. on_disk : (origin, path) -> path."""

    def __init__(
        self,
        settings: str,
        printer: Any,
        on_disk: Callable[[str, str], str],
        log: Any,
    ) -> None:
        self.gate = Gate(Path(os.path.expanduser(settings)))
        # One whose settings cannot be read stays closed, and says so.
        self.gate.settings()
        self.printer, self.on_disk, self.log = printer, on_disk, log
        self.lines = LineGate()
        self.told: dict[str, Any] = {"verdict": "none"}
        self._running: tuple[Path, GateDecision] | None = None
        self._is_held = False
        self._holding = threading.Lock()
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._worker, name="printstd gate", daemon=True)
        self._thread.start()

    def passes(self, command: str, gcode: str | None, tags: Collection[str] | None) -> bool:
        """The hook; it opens no file. The first line that is stopped cancels its job, here: from
        another thread OctoPrint would go through the whole file first."""
        if self.lines.passes(command, gcode, tags):
            return True
        reason = self.lines.take_reason()
        if reason:
            if reason != "refused":
                self._work.put(lambda: self._stopped(reason, command))
            self.printer.cancel_print()
        return False

    def on_event(self, event: str, payload: Mapping[str, Any]) -> None:
        if event in ("Connecting", "Disconnected"):
            # Another connection knows of no hold.
            with self._holding:
                self._is_held = False
            self.lines.close()
        elif event == "PrinterStateChanged" and payload.get("state_id") == "OPERATIONAL":
            # Not before: what ends a job is a part of it, and would be held too.
            self._hold()
        elif event == "PrintStarted":
            told = dict(payload)
            self._work.put(lambda: self._begun(told))
        elif event in _ENDINGS:
            state, is_whole = _ENDINGS[event], self.lines.is_through
            self.lines.close()
            self._work.put(lambda: self._ended(state, is_whole))

    def stop(self) -> None:
        self.lines.close()
        self._work.put(None)

    # In the thread ------------------------------------------------------------------------------

    def _worker(self) -> None:
        while (task := self._work.get()) is not None:
            try:
                task()
            except PrintstdError as error:
                self.log.error("printstd gate: %s", error)
                self._refuse()

    def _begun(self, payload: Mapping[str, Any]) -> None:
        name, origin = str(payload.get("path", "")), str(payload.get("origin", ""))
        decision = self._decided(origin, name)
        if decision.is_allowed and decision.program is not None:
            self.gate.note("started", file=name, program_sha256=decision.program_sha256)
            self._running = (Path(self.on_disk(origin, name)), decision)
            self.told = decision.record()
            self.lines.open_for(decision.program)
            self._release()
        else:
            self.told = decision.record()
            self.log.warning("printstd gate: %s is not printed: %s", name, decision.reason)
            self._refuse()
            if origin != "local":
                self._cancel_begun()

    def _decided(self, origin: str, name: str) -> GateDecision:
        printer = self.gate.settings().printer.id
        connector = connector_of(self.printer)
        if connector != "serial" or origin != "local":
            refused = refused_by(
                VerificationError(
                    said("lines cannot be held against the program on this way to the printer"),
                    where=printer,
                    got=said(
                        "connector {connector}, file of {origin}",
                        connector=connector or "-",
                        origin=origin or "-",
                    ),
                    wanted=said("the serial connector, and a file that OctoPrint keeps"),
                    hint=said("upload the program to OctoPrint and print it from there"),
                ),
                printer=printer,
                file=name,
            )
            self.gate.note("uncertified", file=name, origin=origin, reason=str(refused.reason))
            return refused
        return self.gate.decide_file(Path(self.on_disk(origin, name)), name)

    def _stopped(self, reason: str, command: str) -> None:
        self.told = {"verdict": "stopped", "reason": str(_REASONS[reason]), "command": command}
        self.log.warning("printstd gate: stopped %r: %s", command, _REASONS[reason])
        self.gate.note("stopped", reason=reason, command=command)

    def _ended(self, state: str, is_whole: bool) -> None:
        """The file is read once more, to its end. is_whole : every line of the program was sent."""
        running, self._running = self._running, None
        if running is None:
            return
        path, decision = running
        try:
            sha256 = hashlib.sha256(read_file(path, max_bytes=MAX_PROGRAM_BYTES)).hexdigest()
        except PrintstdError:
            sha256 = ""
        self.gate.note(
            "ended",
            program_sha256=decision.program_sha256,
            state=state,
            is_same=sha256 == decision.file_sha256,
            is_whole=is_whole,
        )

    # Jobs ---------------------------------------------------------------------------------------

    def _hold(self) -> None:
        """OctoPrint counts holds: exactly one is ours."""
        with self._holding:
            if not self._is_held:
                self._is_held = bool(self.printer.set_job_on_hold(True))

    def _release(self) -> None:
        with self._holding:
            was_held, self._is_held = self._is_held, False
        if was_held:
            self.printer.set_job_on_hold(False)

    def _refuse(self) -> None:
        """The job goes on to its first line, which cancels it: OctoPrint takes a job that is
        cancelled while it is held for one that prints."""
        self.lines.refuse()
        self._release()

    def _cancel_begun(self) -> None:
        """A print from the printer's card has no lines that could be stopped: it is cancelled once
        OctoPrint has it as printing."""
        until = time.monotonic() + _BEGINNING_S
        while time.monotonic() < until and self.printer.get_state_id() != "PRINTING":
            time.sleep(0.05)
        self.printer.cancel_print()

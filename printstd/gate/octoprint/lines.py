"""Line by line: is what OctoPrint is about to send the next line of the program that was verified.

No file, no clock: this is asked for every line, in OctoPrint's own thread. The verified program is
held in memory, so a file that is changed between check and start, or while it is printed, or that
another plugin rewrites, is stopped at its first line that differs.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Final

SD_COMMANDS: Final = frozenset({"M23", "M24", "M26", "M28", "M32"})
"""Select, start, skip in, write and run files of the printer's own card: nobody verified those."""


def lines_of(program: bytes) -> tuple[str, ...]:
    """The lines as OctoPrint sends them: without comments and blanks, none that is empty."""
    text = program.decode("utf-8-sig", errors="replace")
    cut = (line.partition(";")[0].strip() for line in text.split("\n"))
    return tuple(line for line in cut if line)


class LineGate:
    """Closed until a program is let in; then open for its lines, each once, in their order.

    wait_s : so long a job's first line may wait for its verdict, where the job was not held."""

    def __init__(self, wait_s: float = 10.0) -> None:
        self._lock = threading.Lock()
        self._decided = threading.Event()
        self._wait_s = wait_s
        self._expected: tuple[str, ...] | None = None
        self._at = 0
        self._reason = ""
        self._is_told = self._is_refused = False

    def open_for(self, program: bytes) -> None:
        expected = lines_of(program)
        with self._lock:
            self._expected, self._at, self._reason = expected, 0, ""
            self._is_told = self._is_refused = False
        self._decided.set()

    def close(self) -> None:
        """Between jobs."""
        self._decided.clear()
        with self._lock:
            self._expected, self._at, self._reason = None, 0, ""
            self._is_told = self._is_refused = False

    def refuse(self) -> None:
        """For the job that is about to begin: why is known already."""
        with self._lock:
            self._expected, self._is_refused, self._is_told = None, True, False
        self._decided.set()

    @property
    def is_open(self) -> bool:
        with self._lock:
            return self._expected is not None

    @property
    def is_through(self) -> bool:
        """Was every line of the program let through."""
        with self._lock:
            return self._expected is not None and self._at == len(self._expected)

    def take_reason(self) -> str:
        """Why the last line was stopped; told once for a job."""
        with self._lock:
            reason, self._reason = self._reason, ""
            return reason

    def passes(self, command: str, gcode: str | None, tags: Collection[str] | None) -> bool:
        """May this command go to the printer. What is not of a job is a person's or a plugin's own
        doing, and passes."""
        told = tags or ()
        if gcode in SD_COMMANDS:
            return "trigger:comm.cancel" in told or self._stop("sd")
        if "source:file" not in told:
            # What OctoPrint's own scripts send before a job goes only before a verified one.
            return "script:beforePrintStarted" not in told or self.is_open
        if not self._decided.is_set() and not self._is_told:
            self._decided.wait(self._wait_s)
        with self._lock:
            expected, at = self._expected, self._at
            if expected is not None and at < len(expected) and command == expected[at]:
                self._at = at + 1
                return True
            if not self._is_told and self._is_refused:
                self._reason = "refused"
            elif not self._is_told:
                self._reason = "changed" if expected is not None else "unverified"
            self._expected, self._is_told = None, True
            return False

    def _stop(self, reason: str) -> bool:
        with self._lock:
            self._reason = reason
        return False

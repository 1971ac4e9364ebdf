"""What was printed over a serial line, on disk: the history that no board keeps.

One JSON object a line, written before what it tells of is done. A print that is in the middle when
the process ends has no end here, and what is read afterwards says so: it failed, or, where its last
line had gone out, nobody knows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from printstd.artifacts.host import HostRun, RunOutcome
from printstd.words import said

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Journal:
    """path : made where it is not there. utc_s : seconds since 1970."""

    def __init__(self, path: Path, utc_s: Callable[[], float]) -> None:
        self._path, self._utc_s = path, utc_s

    def _write(self, event: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({**event, "utc_s": self._utc_s()}, sort_keys=True) + "\n"
        with self._path.open("ab") as file:
            if file.tell():
                # A line that was cut by the end of a process must not swallow the next one.
                line = "\n" + line
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def began(self, file: str, digest: str) -> str:
        """The new run's id."""
        run_id = str(len(self.runs()) + 1)
        self._write({"event": "began", "run": run_id, "file": file, "digest": digest})
        return run_id

    def last_line(self, run_id: str) -> None:
        """All but the last line have gone out."""
        self._write({"event": "last line", "run": run_id})

    def ended(self, run_id: str, outcome: RunOutcome, words: str = "") -> None:
        self._write({"event": "ended", "run": run_id, "outcome": outcome.value, "words": words})

    def runs(self, *, running: str | None = None, is_last_on: bool = False) -> tuple[HostRun, ...]:
        """running : the run that this process is printing. is_last_on : another process holds the
        line, and prints the last one if that has no end."""
        events: dict[str, dict[str, dict[str, Any]]] = {}
        for event in self._events():
            events.setdefault(str(event["run"]), {})[str(event["event"])] = event
        if is_last_on and events:
            running = list(events)[-1]
        return tuple(
            _run(run_id, found, is_running=run_id == running)
            for run_id, found in events.items()
            if "began" in found
        )

    def _events(self) -> list[dict[str, Any]]:
        if not self._path.exists():
            return []
        found = []
        for line in self._path.read_bytes().splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and "event" in event and "run" in event:
                found.append(event)
        return found


class Holding:
    """A line is held by one process, as long as that lives: a lock on a file.

    Where the system has no such locks, nobody is ever elsewhere; the port itself is exclusive.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self) -> None:
        """OSError where another process has it."""
        if fcntl is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise OSError(said("another program holds this line")) from error
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_elsewhere(self) -> bool:
        if fcntl is None or self._file is not None or not self._path.exists():
            return False
        with self._path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
        return False


def _run(run_id: str, found: dict[str, dict[str, Any]], *, is_running: bool) -> HostRun:
    began, ended = found["began"], found.get("ended")
    if ended is not None:
        outcome = RunOutcome(ended["outcome"])
    elif is_running:
        outcome = RunOutcome.RUNNING
    else:
        outcome = RunOutcome.UNKNOWN if "last line" in found else RunOutcome.FAILED
    return HostRun(
        run_id,
        str(began["file"]),
        outcome,
        began["utc_s"],
        ended["utc_s"] if ended is not None else None,
    )

"""`watch`: a printer's host is asked every two seconds what it prints; what no gate started is
recorded as uncertified.

It sees what a gate cannot stop: a plugin that was disabled, macros that were taken out, a print
from a touchscreen. What was started is read from the gate's own journal.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from printstd.adapters.clock import SystemClock
from printstd.adapters.files import read_file
from printstd.artifacts.host import HostState, HostStatus
from printstd.errors import OutsideError
from printstd.farm.foreign import Expected, ForeignWatch
from printstd.gate.asking import ask
from printstd.gate.journal import Journal, last_started
from printstd.gate.settings import read_settings
from printstd.words import said

if TYPE_CHECKING:
    from printstd.gate.settings import GateSettings

_MOONRAKER: Final = {
    "printing": HostState.PRINTING,
    "paused": HostState.PAUSED,
    "error": HostState.ERROR,
}
_OCTOPRINT: Final = (
    ("cancelling", HostState.PRINTING),
    ("finishing", HostState.PRINTING),
    ("paused", HostState.PAUSED),
    ("pausing", HostState.PRINTING),
    ("printing", HostState.PRINTING),
    ("error", HostState.ERROR),
    ("closedOrError", HostState.OFFLINE),
)


def moonraker_status(url: str, key: str | None = None) -> HostStatus:
    """One look at Klipper; the file is its path on the machine."""
    told = ask(f"{url.rstrip('/')}/printer/objects/query?print_stats&virtual_sdcard", key=key)
    status = told["result"]["status"]
    return HostStatus(
        _MOONRAKER.get(status["print_stats"]["state"], HostState.IDLE),
        file=status["virtual_sdcard"].get("file_path") or status["print_stats"].get("filename"),
    )


def octoprint_status(url: str, key: str | None = None) -> HostStatus:
    """One look at OctoPrint; the file is ``origin/path``."""
    job = ask(f"{url.rstrip('/')}/api/job", key=key)
    words = str(job.get("state", ""))
    flags: dict[str, Any] = {}
    if not words.startswith(("Offline", "Error", "Opening")):
        flags = ask(f"{url.rstrip('/')}/api/printer?exclude=temperature,sd", key=key)["state"][
            "flags"
        ]
    state = next((found for flag, found in _OCTOPRINT if flags.get(flag)), HostState.IDLE)
    if not flags:
        state = HostState.OFFLINE
    file = (job.get("job") or {}).get("file") or {}
    named = f"{file.get('origin')}/{file.get('path')}" if file.get("path") else None
    return HostStatus(state, file=named, message=words)


def expected_of(settings: GateSettings, *, is_octoprint: bool) -> Expected | None:
    """What the gate's journal says was started and has not ended, as the host would call it."""
    started = last_started(settings.journal)
    if started is None:
        return None
    if is_octoprint:
        return Expected(f"local/{started['file']}")
    return Expected(str(started.get("copy")))


def watch(
    settings_file: Path,
    url: str,
    *,
    is_octoprint: bool,
    api_key_file: Path | None,
    every_s: float,
    seconds: float | None,
) -> int:
    """Until it is stopped, or for so many seconds. A host that does not answer is asked again."""
    key = (
        read_file(api_key_file, max_bytes=4096).decode("utf-8", "replace").strip()
        if api_key_file is not None
        else None
    )
    if urlsplit(url).scheme not in ("http", "https"):
        ask(url)  # says what is wrong with it
    look = octoprint_status if is_octoprint else moonraker_status
    watching = ForeignWatch()
    until = time.monotonic() + seconds if seconds is not None else None
    is_silent = False
    while until is None or time.monotonic() < until:
        settings = read_settings(settings_file)
        try:
            status = look(url, key)
            is_silent = False
        except OutsideError as error:
            if not is_silent:
                sys.stderr.write(f"{error.in_full()}\n")
            is_silent = True
            time.sleep(every_s)
            continue
        expected = expected_of(settings, is_octoprint=is_octoprint)
        foreign = watching.look(status, time.monotonic(), expected)
        if foreign is not None:
            record = {
                "event": "uncertified",
                "printer": settings.printer.id,
                "file": foreign.file,
                "seen_for_s": round(time.monotonic() - foreign.since_s, 1),
                "by": "watch",
            }
            Journal(settings.journal).append(record, SystemClock().now_utc())
            sys.stdout.write(
                said(
                    "{printer}: a print that no gate started: {file}",
                    printer=settings.printer.id,
                    file=foreign.file or "-",
                )
                + "\n"
            )
            sys.stdout.flush()
        time.sleep(every_s)
    return 0

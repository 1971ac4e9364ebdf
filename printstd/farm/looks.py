"""What is seen of a print while it runs: looks at the printer, lines sent to it, events.

Push channels and pollers (``adapters/hosts/*_push.py``, `printstd.coordinator.as_run`) make them,
`printstd.farm.watching` folds them. `at_s` is monotonic time of whoever watches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from printstd.artifacts.host import HostStatus


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the printer's state.

    position : byte of the program up to which the host has read it; None where it tells none (then
    `status.progress_ratio` says it roughly). has_heaters : `status.heaters` is of this look, and
    not left from an earlier one.
    """

    at_s: float
    status: HostStatus
    position: int | None = None
    has_heaters: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """A line as the host sent it to the printer, without line number and checksum."""

    at_s: float
    line: str


class Happening(StrEnum):
    STARTED = "started"
    """The host began to print: what it sends from here on is of this print."""
    FILE_WRITTEN = "file written"
    """Of the stored program: written, moved, removed."""
    COMMAND = "command"
    """A person or another program gave the host a command for the printer."""
    FILAMENT_OUT = "filament out"
    """A sensor says so, or the printer asked for another filament."""
    FILAMENT_SELECTED = "filament selected"
    """Another spool was declared to be in use."""
    PRINTER_LOST = "printer lost"
    """The printer or its firmware restarted, or left the host."""
    LINES_LOST = "lines lost"
    """Lines may have been sent that were not told: the channel was interrupted."""


@dataclass(frozen=True, slots=True)
class Event:
    at_s: float
    happening: Happening
    detail: str = ""


Seen = Look | Sent | Event


@dataclass(frozen=True, slots=True)
class Sight:
    """What a channel to one host can show at all.

    kind : of host. is_pushed : the host tells of changes by itself. interval_s : it tells or is
    asked no more often. sends_lines : `Sent` comes for each line. tells_commands : `Happening`
    COMMAND comes for what others give the host. tells_files, tells_filament : the same for
    FILE_WRITTEN, and for FILAMENT_OUT (there is a sensor). tells_panel : what is done at the
    printer itself shows in the same state.
    """

    kind: str
    is_pushed: bool
    interval_s: float
    sends_lines: bool = False
    tells_commands: bool = False
    tells_files: bool = False
    tells_filament: bool = False
    tells_panel: bool = False

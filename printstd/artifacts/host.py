"""HostStatus, HostFile, HostRun: what the server in front of a printer tells, in one vocabulary.

A host is OctoPrint, Moonraker, PrusaLink, a board on a serial line, and so on: each of them knows
less or more. What one cannot tell is None, and never a guess: whoever needs it reports
NOT_EVALUATED.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HostState(StrEnum):
    """What the printer is doing, as its host says it."""

    OFFLINE = "offline"
    """The host answers, the printer behind it does not (unplugged, shut down, halted)."""
    BUSY = "busy"
    """Neither printing nor free: heating by hand, homing, a dialog on its screen."""
    IDLE = "idle"
    PRINTING = "printing"
    PAUSED = "paused"
    ERROR = "error"
    """The last print stopped with an error; `HostStatus.message` says which. Where the host keeps
    saying so until the next print begins (Moonraker), it takes a start nevertheless."""


class RunOutcome(StrEnum):
    """How a print ended, as its host has it in its history."""

    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    STOPPED = "stopped"
    """It ended before its end: cancelled or failed, the host does not say which."""
    UNKNOWN = "unknown"
    """The host says that it ended and not how."""


@dataclass(frozen=True, slots=True)
class Heater:
    """celsius, target_c : what is measured and what is commanded; 0 where it is off."""

    name: str
    celsius: float
    target_c: float


@dataclass(frozen=True, slots=True)
class HostStatus:
    """One look at a printer.

    file : name of the program that is loaded or printing, as the host has it. run_id : the host's
    own name of this print, where it has such names: the one that `Host.runs` has for it.
    progress_ratio : by the program's bytes that were read, 0 to 1 (by time where docs/hosts.md
    says so). layer : counted from 1. elapsed_s : since the print began, pauses included.
    speed_ratio, flow_ratio : 1 is as programmed. fan_ratio : part fan, 0 to 1. z_offset_mm : added
    to Z while printing (baby steps). excluded : objects that are skipped, by label.
    filament_mm : used by this print. tool_changes_asked : times that the program or a person asked
    for another filament during this print. message : the host's own words.
    """

    state: HostState
    file: str | None = None
    run_id: str | None = None
    progress_ratio: float | None = None
    layer: int | None = None
    elapsed_s: float | None = None
    heaters: tuple[Heater, ...] = ()
    speed_ratio: float | None = None
    flow_ratio: float | None = None
    fan_ratio: float | None = None
    z_offset_mm: float | None = None
    z_mm: float | None = None
    excluded: tuple[str, ...] | None = None
    filament_mm: float | None = None
    tool_changes_asked: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class HostFile:
    """digest : of the stored bytes where the host counts one, as ``sha256:HEX`` or ``sha1:HEX``."""

    name: str
    size: int | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class HostRun:
    """A print in the host's own history: what is counted, not what we believe.

    run_id : unique at this host. began_utc_s, ended_utc_s : seconds since 1970 by the host's clock.
    """

    run_id: str
    file: str
    outcome: RunOutcome
    began_utc_s: float | None
    ended_utc_s: float | None
    filament_mm: float | None = None


@dataclass(frozen=True, slots=True)
class HostAbilities:
    """What this kind of host can do or tell, so that nobody has to try.

    history : it keeps prints with an id each. downloads : stored bytes can be read back. digests :
    it counts a digest of what it stored (of which kind). pausing : pause and resume work. factors,
    fan, z_offset, excluded : the same-named things of `HostStatus` can be told. name_characters :
    characters that names of files may hold beside ASCII letters and digits. carrier : what a
    program must be in, ``gcode`` or ``gcode.3mf``. proven : ``real`` where tests run the real
    server, ``wire`` where only the protocol's bytes were tried. history_lag_s : a print that began
    or ended may be absent from `Host.runs`, or `RUNNING` there, for so long. notice : what must be
    told to people before anything is sent, empty where there is nothing.
    """

    history: bool
    downloads: bool
    digests: str | None
    pausing: bool
    factors: bool
    fan: bool
    z_offset: bool
    excluded: bool
    carrier: str
    proven: str
    name_characters: str = "._-"
    history_lag_s: float = 0.0
    notice: str = ""

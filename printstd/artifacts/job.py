"""Job and Instance: what a farm is asked to print, and each single printing of it.

A job is a certified program and how many good copies are wanted. Every printing of it is an
instance, which is told to a printer at most once in its life: whoever wants another try makes
another instance. Whole numbers and texts only, so that records and their history can be hashed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from printstd.artifacts.codec import absent_means


class JobState(StrEnum):
    """Where an instance stands. `printstd.farm.states` has what leads from one to another."""

    QUEUED = "queued"
    HELD = "held"
    """Waits for a person to let it go on."""
    MATCHED = "matched"
    """A printer and the filament on it are reserved."""
    VERIFYING = "verifying"
    UPLOADING = "uploading"
    """Certified under the farm's policy a moment ago; the host gets it and is asked for it back."""
    STARTING = "starting"
    """The intention to start is on record. From here on only evidence says whether it printed."""
    PRINTING = "printing"
    PAUSED = "paused"
    LOST = "lost"
    """It began to print and its host is silent."""
    FINISHING = "finishing"
    """The host said that it is done; what is to be recorded of it is being recorded."""
    AWAITING_CLEAR = "awaiting_clear"
    """It lies on the bed until somebody takes it off and says so."""
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Wish(StrEnum):
    """What a person asked for and the coordinator has not done yet."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Feed:
    """What one tool is fed. tool : from 0. material : id of its profile. mg : by the certificate;
    None where that does not say."""

    tool: int
    material: str
    mg: int | None


@dataclass(frozen=True, slots=True)
class ToolWindow:
    """What a certificate holds of one tool, that a machine's calibrations are held against.

    tool : from 0. flow_permille : declared flow ratio. nozzle_mc : window of the material.
    advance_e6 : every pressure advance that the program sets, microseconds; empty where it sets
    none and the machine's own counts.
    """

    tool: int
    flow_permille: int
    nozzle_mc: tuple[int, int]
    advance_e6: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProgramFacts:
    """What the certificates of a program say that matters to a farm.

    sha256 : of the program's bytes. name : as it was handed in, for display. printer : id of the
    printer profile that it was certified for. nozzle_um : of that machine. bed_mc, nozzle_mc :
    windows of the material, thousandths of a degree. flow_permille : declared flow ratio.
    print_time_ms, filament_um : None where no generation certificate says so. capability : the
    record of the machine's capability took part in the verdict.
    """

    sha256: str
    name: str
    printer: str
    nozzle_um: int
    feeds: tuple[Feed, ...]
    nozzle_mc: tuple[int, int]
    bed_mc: tuple[int, int]
    flow_permille: int
    layers: int | None
    print_time_ms: int | None
    filament_um: int | None
    pack: str
    indication: str
    level: str
    windows: tuple[ToolWindow, ...] = field(default=(), metadata=absent_means(()))
    first_layer_um: int = field(default=0, metadata=absent_means(0))
    """Height of the first layer, 0 where it was not kept."""

    @property
    def mg(self) -> int | None:
        amounts = [feed.mg for feed in self.feeds]
        return None if None in amounts else sum(amount or 0 for amount in amounts)


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a job asks of a printer; jobs that ask for the same are one class of the queue.

    materials : (tool, material id) of every tool that is fed. tags : all of them must be offered.
    names : one of these printers; empty: any. group : empty: any. needs_capability : a valid
    record of what the machine holds. windows, first_layer_um : as in `ProgramFacts`.
    needs_calibration : kinds (`artifacts.calibration`) of which a valid one must be there.
    """

    printer: str
    nozzle_um: int
    materials: tuple[tuple[int, str], ...]
    flow_permille: int = 1000
    tags: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    group: str = ""
    needs_capability: bool = False
    windows: tuple[ToolWindow, ...] = field(default=(), metadata=absent_means(()))
    first_layer_um: int = field(default=0, metadata=absent_means(0))
    needs_calibration: tuple[str, ...] = field(default=(), metadata=absent_means(()))


@dataclass(frozen=True, slots=True)
class Job:
    """number : the farm's, from 1. priority : higher is sooner. due_utc_s : None: no date.
    by : who asked for it."""

    number: int
    name: str
    program_sha256: str
    copies: int
    priority: int
    due_utc_s: int | None
    requirements: Requirements
    submitted_utc_ms: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """One printing. number : the farm's, over all jobs, from 1. copy : of its job, from 1.

    attempt : times that it was sent to a host, and `file` the name that it had there, which no
    other attempt of anything has or had. did_begin : evidence was seen that it printed.
    progress_permille : as last seen. reason : of failed, held, cancelled, lost. since_utc_ms : in
    this state.
    """

    number: int
    job: int
    copy: int
    state: JobState
    since_utc_ms: int
    printer: str = ""
    attempt: int = 0
    file: str = ""
    run_id: str = ""
    did_begin: bool = False
    progress_permille: int = 0
    wish: str = ""
    reason: str = ""
    layer: int | None = field(default=None, metadata=absent_means(None))
    began_utc_ms: int | None = field(default=None, metadata=absent_means(None))
    ended_utc_ms: int | None = field(default=None, metadata=absent_means(None))

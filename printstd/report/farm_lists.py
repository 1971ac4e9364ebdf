"""What `printstd farm` and `printstd quote` print as JSON, by their published schemas.

The commands make rows of the store's records; these models say what is in them, closed, and tests
hold every JSON that a command prints against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from printstd.artifacts.calibration import CalibrationKind
from printstd.artifacts.job import JobState

Moment = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z$")]
"""UTC."""
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
JobName = Annotated[str, Field(pattern=r"^J[0-9]+$")]
Money = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$")]
"""As text: cents are no floats."""
Count = Annotated[int, Field(ge=0)]
Counts = dict[JobState, Count]
"""Prints by state; a state without any may be left out."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Document(_Closed):
    schema_version: Literal[1]


class CalibrationRow(_Closed):
    """One setting of one machine, as it was measured. value, u : in `unit`; u is expanded, k = 2.
    until : the last day on which it counts. applied : of a first layer: the machine was set to it.
    """

    kind: CalibrationKind
    printer: str
    serial: str
    nozzle: str
    spool: str
    material: str
    value: float
    u: float
    unit: Literal["1", "s", "degC", "mm"]
    on: Day
    until: Day
    expired: bool
    applied: bool
    by: str
    record_sha256: Sha256


class PrinterRow(_Closed):
    """A machine of the farm. loaded : spools with their materials, by tool. state, message : as its
    host last told, at `seen`. instance : the print that is on it."""

    name: str
    profile: str
    host: str
    serial: str
    nozzle: str
    nozzle_mm: float
    nozzle_hours: float
    loaded: list[str]
    tags: list[str]
    group: str
    capability_until: Moment | None
    calibrations: list[CalibrationRow]
    auto_clear: bool
    paused: bool
    retired: bool
    needs_clear: bool
    state: str
    seen: Moment | None
    message: str
    instance: int | None
    instance_state: JobState | None
    progress_percent: float | None


class Printers(_Document):
    """`printstd farm list --format json`."""

    printers: list[PrinterRow]


class Status(_Document):
    """`printstd farm status --format json`."""

    printers: list[PrinterRow]
    counts: Counts


class PrintRow(_Closed):
    """One printing. progress_percent : None while it has no printer. wish : what a person asked for
    and the coordinator has not done yet. file : the name that it has at the host."""

    print: Annotated[int, Field(ge=1)]
    job: JobName
    copy_: Annotated[int, Field(ge=1, alias="copy")]
    of: Annotated[int, Field(ge=1)]
    name: str
    state: JobState
    printer: str
    progress_percent: float | None
    priority: int
    due: Moment | None
    since: Moment
    wish: Literal["", "pause", "resume", "cancel"]
    reason: str
    file: str
    program_sha256: Sha256


class Queue(_Document):
    """`printstd farm queue --format json`."""

    prints: list[PrintRow]
    counts: Counts


class SubmittedJob(_Closed):
    job: JobName
    name: str
    copies: Annotated[int, Field(ge=1)]


class Submitted(_Document):
    """`printstd farm submit --format json`."""

    jobs: list[SubmittedJob]


class ReasonRow(_Closed):
    """could : the printer would take it now, were it the first of the queue."""

    printer: str
    could: bool
    reason: str


class PrintState(_Closed):
    print: int
    state: JobState
    reason: str


class Explained(_Document):
    """`printstd farm explain JOB --format json`."""

    job: JobName
    printers: list[ReasonRow]
    prints: list[PrintState]


class EventRow(_Closed):
    """A line of the history. about : by key; of a sentence, what it was made of lies under the same
    key and ``.said``, as JSON. sha256 : over number, time, who, kind, about and the line before."""

    number: Annotated[int, Field(ge=1)]
    at: Moment
    by: str
    kind: str
    about: dict[str, str]
    sha256: Sha256


class History(_Document):
    """`printstd farm history --format json`."""

    events: list[EventRow]


class SpoolRow(_Closed):
    """promised_g : what prints on their way will take. on : the printer that it is on."""

    spool: str
    material: str
    left_g: float
    promised_g: float
    on: str
    colour: str
    lot: str
    calibrations: list[CalibrationRow]


class Spools(_Document):
    """`printstd farm spools --format json`."""

    spools: list[SpoolRow]


class QuoteRow(_Closed):
    """amount : None where a figure is missing that it needs; `reason` says which."""

    name: str
    amount: Money | None
    reason: str


class Quoted(_Document):
    """`printstd quote --format json`: of all prints together. total : None where a line has no
    amount. grams : by material."""

    program: str
    sha256: str
    prints: Annotated[int, Field(ge=1)]
    machine_hours: float | None
    print_time_s: float | None
    grams: dict[str, float | None]
    currency: str
    lines: list[QuoteRow]
    total: Money | None


SCHEMAS: dict[str, type[_Document]] = {
    "farm-list": Printers,
    "farm-status": Status,
    "farm-submit": Submitted,
    "farm-queue": Queue,
    "farm-explain": Explained,
    "farm-history": History,
    "farm-spools": Spools,
    "quote": Quoted,
}


def schema(name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of one of them."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://printstd.example/schema/{name}/1",
        **SCHEMAS[name].model_json_schema(by_alias=True),
    }

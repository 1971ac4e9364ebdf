"""Prints made up of looks and lines, of the small certified program: what folds are tried on."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from printstd.artifacts.as_run import Aspect, AsRun, Departure, RunOf
from printstd.artifacts.host import Heater, HostState, HostStatus, RunOutcome
from printstd.farm.concluding import Ending
from printstd.farm.looks import Look, Seen, Sight
from printstd.farm.sent_lines import Following
from printstd.farm.watching import Watch
from tests import small_part

POLLED = Sight("prusalink", is_pushed=False, interval_s=1.0)
STATE = Sight(
    "moonraker",
    is_pushed=True,
    interval_s=0.25,
    tells_commands=True,
    tells_files=True,
    tells_filament=True,
    tells_panel=True,
)
LINES = Sight("octoprint", is_pushed=True, interval_s=0.5, sends_lines=True, tells_files=True)
RUN = RunOf(
    "gcode-recheck/v1",
    "0" * 64,
    "small.gcode",
    hashlib.sha256(small_part.program()).hexdigest(),
    "bench 1",
    "moonraker",
)
HOT = (Heater("extruder", 210.0, 210.0), Heater("heater_bed", 60.0, 60.0))


def watch(sight: Sight = STATE, **options: object) -> Watch:
    return Watch(small_part.program(), small_part.demanded(), sight, **options)  # type: ignore[arg-type]


def status_at(position: int, program: Watch, **changes: object) -> HostStatus:
    """As everything is commanded there."""
    own = program.commanded
    honest = HostStatus(
        HostState.PRINTING,
        file="small.gcode",
        progress_ratio=position / own.size,
        heaters=HOT,
        speed_ratio=own.speed.at(position),
        flow_ratio=own.flow.at(position),
        fan_ratio=own.fan.at(position),
        z_offset_mm=own.z_offset.at(position),
        excluded=(),
    )
    return replace(honest, **changes)  # type: ignore[arg-type]


def looks(program: Watch, count: int = 60, every_s: float = 0.5) -> list[Look]:
    """An honest print, looked at evenly."""
    size = program.commanded.size
    places = [round(size * number / count) for number in range(count)]
    return [
        Look(100.0 + number * every_s, status_at(place, program), place)
        for number, place in enumerate(places)
    ]


def ended(at_s: float = 1000.0, **changes: object) -> Ending:
    ending = Ending(
        at_s,
        RunOutcome.COMPLETED,
        "2026-09-21T14:13:20Z",
        "2026-09-21T15:13:20Z",
        small_part.program(),
    )
    return replace(ending, **changes)  # type: ignore[arg-type]


def record_of(program: Watch, seen: list[Seen], **changes: object) -> AsRun:
    last = max((one.at_s for one in seen), default=100.0)
    for one in seen:
        program.take(one)
    program.take(Look(last + 0.2, HostStatus(HostState.IDLE)))
    return program.finish(RUN, ended(last + 0.2, **changes))


def of(record: AsRun, aspect: Aspect) -> list[Departure]:
    return [one for one in record.departures if one.aspect is aspect]


def program_lines() -> list[str]:
    return [text for _, _, text in Following(small_part.program()).lines_from(0)]

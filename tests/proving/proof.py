"""Programs of one printer run to their end, and everything that is wrong with how they went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from printstd.profiles.decision import Outcome
from printstd.profiles.machine_code import command_of, placeholders
from printstd.profiles.models import Firmware, Printer
from tests.hosts.installed import VERSIONS
from tests.hosts.klipper import Batch, batch
from tests.proving.line import Sent, send
from tests.proving.machine import NOT_INTERPRETED, STATE, printer_sections
from tests.proving.parts import Sample
from tests.proving.track import FIRST_LAYER, Track, entering, track

PURGE_BEYOND_MM: Final = 5.0
"""Sheets and plates are larger than what is printed on: a line to begin with may lie so far off the
printable area, and no further, whatever the travel allows."""
REACH_MM: Final = 1.0
"""From the edge of the printable area to the middle of the outermost bead, at most."""
SPEAKS_MARLIN: Final = (Firmware.MARLIN2, Firmware.PRUSA_BUDDY)
PLANNER: Final = VERSIONS["kalico"].replace("kalico==", "Kalico ")
BOARD: Final = VERSIONS["octoprint"].replace("octoprint==", "OctoPrint's virtual printer ")


@dataclass(frozen=True, slots=True)
class Run:
    """One program, run. wrong : what is wrong, in words. unknown : commands that the planner does
    not know."""

    sample: str
    lines: int
    print_time_s: float
    unknown: tuple[str, ...]
    wrong: tuple[str, ...]


def by_whom(firmware: Firmware) -> str:
    """The proof's `by`: what ran the programs, and how far that is the machine's firmware."""
    if firmware is Firmware.KLIPPER:
        return f"{PLANNER}, all commands"
    if firmware in SPEAKS_MARLIN:
        return f"{PLANNER}, the commands that it shares; {BOARD}, line by line"
    return f"{PLANNER}, the commands that it shares with this firmware"


def run(printer: Printer, sample: Sample, folder: Path) -> Run:
    """The sample's program in the planner and, if the firmware speaks so, on a serial line."""
    text = sample.made.program.data.decode("ascii")
    wrong: list[str] = []
    if sample.checked is not None and sample.checked.decision.outcome is not Outcome.PASSED:
        wrong.append(f"the audit says {sample.checked.decision.outcome.value}")
    planned = planned_by(printer, text, folder)
    wrong += wrong_in(printer, text, planned)
    if sample.name == "far":
        wrong += not_reached(printer, track(text.splitlines()))
    elif printer.firmware in SPEAKS_MARLIN:
        wrong += wrong_on_line(printer, send(text, folder / "line"), planned)
    unknown = tuple(sorted({command_of(line) for line in planned.unknown}))
    n_lines = sum(bool(command_of(line)) for line in text.splitlines())
    return Run(sample.name, n_lines, planned.print_time_s, unknown, tuple(wrong))


def planned_by(printer: Printer, text: str, folder: Path) -> Batch:
    """What Kalico's planner makes of a program."""
    folder.mkdir(parents=True, exist_ok=True)
    told = text.replace(FIRST_LAYER, f"{STATE} AT=start\n{FIRST_LAYER}", 1)
    program = folder / "program.gcode"
    program.write_text(f"{told}\n{STATE} AT=end\n")
    return batch(program, folder / "kalico", printer_sections(printer))


def wrong_in(printer: Printer, text: str, planned: Batch) -> list[str]:
    """All that the planner and the program's own lines show to be wrong."""
    return [*_wrong_in_planner(printer, planned), *_wrong_in_track(printer, text)]


def _wrong_in_planner(printer: Printer, planned: Batch) -> Iterator[str]:
    if not planned.is_done:
        yield f"the planner stops: {_said(planned)}"
    if printer.firmware is Firmware.KLIPPER and "Invalid " in _said(planned):
        yield f"the planner does not understand: {_said(planned)}"
    unknown = {command_of(line) for line in planned.unknown}
    for command in sorted(unknown - set(NOT_INTERPRETED[printer.firmware])):
        yield f"the planner does not know {command}, and nothing says why that is no matter"
    if not planned.is_done:
        return
    start, end = (_state(planned, at) for at in ("start", "end"))
    if start is None or end is None:
        yield "start or end code does not come to its end"
        return
    if start["homed"] != "xyz":
        yield f"homed is {start['homed']!r} where the part begins"
    if float(start["nozzle"]) < 170 or float(start["bed"]) <= 0:
        yield "the nozzle or the bed is not heated where the part begins"
    if float(end["nozzle"]) or float(end["bed"]):
        yield f"still heated after the end: nozzle {end['nozzle']}, bed {end['bed']} degC"


def _said(planned: Batch) -> str:
    """What it says while it runs, but for what it says of every program."""
    _, _, running = planned.log.rpartition("\nConfigured MCU")
    _, _, running = running.partition("\n")
    usual = ("Unknown command", "homing:", "proof ", "Extruder extruder already", "Exiting ")
    told = [line for line in running.splitlines() if line and not line.startswith(usual)]
    return "; ".join(dict.fromkeys(told)) or planned.error


def _state(planned: Batch, at: str) -> dict[str, str] | None:
    found = re.findall(rf"(?m)^proof {at} (.*)$", planned.log)
    return dict(re.findall(r"(\w+)=(\S*)", found[-1])) if found else None


def _wrong_in_track(printer: Printer, text: str) -> Iterator[str]:
    way = track(_expanded(printer, text.splitlines()))
    volume = printer.volume
    for name, asked, most in zip(
        ("nozzle", "bed"), way.hottest_c, (printer.max_nozzle_c, printer.max_bed_c), strict=True
    ):
        if asked > most:
            yield f"the {name} is asked for {asked:g} degC, it stands {most}"
    if way.cold:
        yield f"line {way.cold[0]} feeds through a cold nozzle"
    purged = way.is_start & (way.fed_mm > 0)
    ends = np.concatenate([way.start_mm[purged], way.end_mm[purged]])
    low = np.array([volume.x_min_mm, volume.y_min_mm]) - PURGE_BEYOND_MM
    high = np.array([volume.x_max_mm, volume.y_max_mm]) + PURGE_BEYOND_MM
    if ((ends[:, :2] < low) | (ends[:, :2] > high)).any():
        yield "the line to begin with does not lie on the bed"
    if (ends[:, 2] <= 0).any():
        yield "the line to begin with lies in the bed"
    for zone in volume.keep_out:
        inside = entering(way.start_mm, way.end_mm, zone.box_mm)
        if inside.any():
            yield f"line {way.line[inside][0]} runs into {zone.what}"


def _expanded(printer: Printer, lines: Sequence[str]) -> list[str]:
    """With what macros of the machine run in their place; parameters have no part in moves."""
    macros = {macro.name: macro for macro in printer.macros}
    found: list[str] = []
    for line in lines:
        macro = macros.get(command_of(line))
        if macro is None:
            found.append(line)
            continue
        words = dict(word.split("=", 1) for word in line.split()[1:])
        for inner in macro.expansion:
            told = inner
            for name in placeholders(inner):
                key, _, default = name.partition("=")
                told = told.replace(f"{{{name}}}", words.get(key, default))
            found += _expanded(printer, [told])
    return found


def not_reached(printer: Printer, way: Track) -> Iterator[str]:
    """The far part must go to all corners, or it shows nothing."""
    volume = printer.volume
    laid = ~way.is_start & (way.fed_mm > 0)
    low, high = way.end_mm[laid].min(axis=0), way.end_mm[laid].max(axis=0)
    x0, y0, x1, y1 = volume.rooms_mm()[0]
    for axis, (least, most) in enumerate(((x0, x1), (y0, y1))):
        if low[axis] > least + REACH_MM or high[axis] < most - REACH_MM:
            yield f"the far part reaches {low[axis]:g} to {high[axis]:g} of {least:g} to {most:g}"
    if high[2] < volume.z_max_mm - REACH_MM:
        yield f"the far part reaches {high[2]:g} of {volume.z_max_mm:g} mm"


def wrong_on_line(printer: Printer, sent: Sent, planned: Batch) -> Iterator[str]:
    if sent.error:
        yield f"on the serial line after {sent.lines} lines: {sent.error}"
        return
    if sent.targets_c != (0.0, 0.0):
        yield f"the board is still heated after the end: {sent.targets_c}"
    end = _state(planned, "end")
    if end is not None and sent.position is not None:
        # After homing each firmware stands where it wants to.
        homed = {axis for line in printer.end_code if command_of(line) == "G28" for axis in line}
        place = tuple(float(end[axis]) for axis in "xyz")
        for axis, a, b in zip("XYZ", place, sent.position, strict=True):
            if abs(a - b) > 0.01 and axis not in homed:
                yield f"planner and board end at different {axis}: {a:g}, {b:g}"

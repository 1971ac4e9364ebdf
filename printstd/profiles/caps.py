"""A process on a printer: what the machine cannot do is brought down to what it can.

Speeds and accelerations are capped wherever they come from, since the firmware would do the
same. A layer height outside the printer's window is brought into it where it comes from a file,
and refused where the user set it: nobody who asks for 0.35 wants 0.30 without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from printstd.errors import ProfileProblem
from printstd.named_tuple import NamedTuple
from printstd.profiles.load import Loaded
from printstd.profiles.models import Printer, Process
from printstd.profiles.raw import Origin
from printstd.profiles.toml_lines import KeyPath
from printstd.words import said


class Limit(NamedTuple):
    """A process key, its bounds, and the printer's key that each comes from."""

    key: KeyPath
    low: float
    low_from: KeyPath
    high: float
    high_from: KeyPath


class Capped(NamedTuple):
    """The process as the printer can run it, and what changed in it.

    asked : what the process wanted of each limit that it went past.
    """

    process: Process
    asked: tuple[tuple[Limit, float], ...]

    def origins(self, process: Loaded[Process], printer: Loaded[Printer]) -> dict[KeyPath, Origin]:
        """Where each value that changed comes from, and what it was. Worked out when somebody
        asks: it takes the lines of both files."""
        return {
            limit.key: replace(
                process.raw.origin(limit.key),
                note=_note(limit, asked, _bound_by(limit, asked, printer)),
            )
            for limit, asked in self.asked
        }


def cap(
    process: Loaded[Process], printer: Loaded[Printer], problems: list[ProfileProblem]
) -> Capped:
    """Bring the process inside the printer's limits; refused --set values go to `problems`."""
    values = process.model.model_dump()
    asked_of: list[tuple[Limit, float]] = []
    for limit in _limits(process.model, printer.model):
        table = values
        for part in limit.key[:-1]:
            table = table[str(part)]
        name = str(limit.key[-1])
        asked = float(table[name])
        bound = min(max(asked, limit.low), limit.high)
        if bound == asked:
            continue
        if len(limit.key) == 1 and process.raw.is_told(limit.key):
            at = _bound_by(limit, asked, printer)
            problems.append(
                process.raw.problem(
                    limit.key,
                    f"{asked:g}",
                    said("{low:g} to {high:g} by {at}", low=limit.low, high=limit.high, at=at),
                )
            )
            continue
        table[name] = bound
        asked_of.append((limit, asked))
    return Capped(Process.model_validate(values), tuple(asked_of))


def _bound_by(limit: Limit, asked: float, printer: Loaded[Printer]) -> Origin:
    return printer.raw.origin(limit.high_from if asked > limit.high else limit.low_from)


def _note(limit: Limit, asked: float, at: Origin) -> str:
    if asked > limit.high:
        return said("capped from {asked:g} by {at}", asked=asked, at=at)
    return said("raised from {asked:g} by {at}", asked=asked, at=at)


def _limits(process: Process, printer: Printer) -> Iterator[Limit]:
    for height in ("layer_height_mm", "first_layer_height_mm"):
        yield Limit(
            (height,),
            printer.min_layer_height_mm,
            ("min_layer_height_mm",),
            printer.max_layer_height_mm,
            ("max_layer_height_mm",),
        )
    speed, accel = printer.motion.max_speed_mm_s, printer.motion.max_accel_mm_s2
    speed_from: KeyPath = ("motion", "max_speed_mm_s")
    accel_from: KeyPath = ("motion", "max_accel_mm_s2")
    slow_axis = "x" if speed.x <= speed.y else "y"
    lazy_axis = "x" if accel.x <= accel.y else "y"
    for name in type(process.speeds).model_fields:
        axis = "z" if name == "travel_z_mm_s" else slow_axis
        yield Limit(("speeds", name), 0, (), getattr(speed, axis), (*speed_from, axis))
    for name in type(process.accelerations).model_fields:
        own = "travel_accel_mm_s2" if name == "travel_mm_s2" else "print_accel_mm_s2"
        high, where = min(
            (getattr(printer.motion, own), ("motion", own)),
            (getattr(accel, lazy_axis), (*accel_from, lazy_axis)),
        )
        yield Limit(("accelerations", name), 0, (), high, where)

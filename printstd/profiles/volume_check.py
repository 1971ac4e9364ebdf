"""A printer's volume is one: low ends are low, and what it says of places stands in it."""

from __future__ import annotations

from collections.abc import Iterator

from printstd.errors import ProfileProblem
from printstd.profiles.load import Loaded
from printstd.profiles.models import Printer
from printstd.words import said

Problems = Iterator[ProfileProblem]


def check_volume(printer: Loaded[Printer]) -> Problems:
    """What the nozzle reaches is in order."""
    volume = printer.model.volume
    if volume.wipe_mm is not None:
        x0, y0, x1, y1, floor = volume.wipe_mm
        is_beside = (
            x1 <= volume.x_min_mm
            or x0 >= volume.x_max_mm
            or y1 <= volume.y_min_mm
            or y0 >= volume.y_max_mm
        )
        if not (x0 < x1 and y0 < y1 and floor <= 0 and is_beside):
            yield printer.problem(
                "volume.wipe_mm",
                list(volume.wipe_mm),
                said("a place beside the printable area, and a height of at most 0"),
            )
    yield from _keep_out(printer)
    for axis in "xy":
        ends = [
            getattr(volume, f"{prefix}{axis}_{end}_mm")
            for prefix, end in (("travel_", "min"), ("", "min"), ("", "max"), ("travel_", "max"))
        ]
        if not ends[1] < ends[2]:
            yield printer.problem(
                f"volume.{axis}_max_mm",
                ends[2],
                said("more than {axis}_min_mm, {ends}", axis=axis, ends=ends[1]),
            )
        if ends[0] > ends[1]:
            yield printer.problem(
                f"volume.travel_{axis}_min_mm",
                ends[0],
                said("at most {axis}_min_mm, {ends}", axis=axis, ends=ends[1]),
            )
        if ends[3] < ends[2]:
            yield printer.problem(
                f"volume.travel_{axis}_max_mm",
                ends[3],
                said("at least {axis}_max_mm, {ends}", axis=axis, ends=ends[2]),
            )


def _keep_out(printer: Loaded[Printer]) -> Problems:
    """Each place to keep out of is one, and they leave room to print."""
    volume = printer.model.volume
    for number, zone in enumerate(volume.keep_out):
        if not (zone.x_min_mm < zone.x_max_mm and zone.y_min_mm < zone.y_max_mm):
            yield printer.problem(
                f"volume.keep_out[{number}]",
                list(zone.box_mm[:4]),
                said("a rectangle, its low corner first"),
            )
            return
    if volume.keep_out and not volume.rooms_mm():
        yield printer.problem(
            "volume.keep_out", said("nothing left of the bed"), said("room to print")
        )

"""What reports say of where parts stand, in the terms of ISO 17295."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.plate import Box, Position
    from printstd.pipeline import Plate, Prepared
    from printstd.profiles.models import Printer
    from printstd.report.document import Fact


def position_rows(parts: Sequence[Prepared], plate: Plate | None = None) -> tuple[Fact, ...]:
    """Process, orientation, bounding boxes and origins. plate : where the parts stand together."""
    from printstd.report.document import Fact

    resolved = parts[0].resolved
    printer = resolved.printer
    rows = [Fact(said("process designation"), resolved.process_designation)]
    if printer is None:
        return tuple(rows)
    from printstd.stages import position_of

    stands = (
        [(plate.models[stand.model], stand.placement) for stand in plate.stands]
        if plate is not None
        else [(part, part.placement) for part in parts]
    )
    found: list[Position] = []
    for prepared, placement in stands:
        own = position_of(prepared, placement) if placement is not None else None
        if own is None or not own.letters:
            continue
        found.append(own)
        if len(stands) == 1:
            rows += _of_one(own)
    x, y = centre_mm(printer)
    volume = printer.volume
    size = (
        volume.x_max_mm - volume.x_min_mm,
        volume.y_max_mm - volume.y_min_mm,
        volume.z_max_mm,
    )
    rows.append(
        Fact(
            said("build volume"),
            said(
                "{size} mm; origin (ISO 17295): the centre of the build platform, at "
                "({x:g} {y:g} 0) from the machine's own",
                size=_sides(size),
                x=x,
                y=y,
            ),
        )
    )
    if found:
        box = master_box(found)
        name = said("machine bounding box") if len(found) == 1 else said("master bounding box")
        rows.append(
            Fact(
                name,
                said(
                    "{origin} from the origin, {machine} from the machine's own",
                    origin=_corners(from_centre(box, printer)),
                    machine=_corners(box),
                ),
            )
        )
    return tuple(rows)


def centre_mm(printer: Printer) -> tuple[float, float]:
    """The origin of ISO 17295, from the machine's own: the centre of the build platform. Programs
    count from the machine's, mostly a corner."""
    volume = printer.volume
    return (
        (volume.x_min_mm + volume.x_max_mm) / 2,
        (volume.y_min_mm + volume.y_max_mm) / 2,
    )


def from_centre(box: Box, printer: Printer) -> Box:
    """A box from the machine's own origin, from that of ISO 17295."""
    x, y = centre_mm(printer)
    a, b, c, d, e, f = box
    return (a - x, b - y, c, d - x, e - y, f)


def master_box(positions: Sequence[Position]) -> Box:
    """The box along the machine's axes around all parts."""
    low = [min(one.machine_mm[axis] for one in positions) for axis in range(3)]
    high = [max(one.machine_mm[axis] for one in positions) for axis in range(3, 6)]
    return (low[0], low[1], low[2], high[0], high[1], high[2])


def _of_one(found: Position) -> tuple[Fact, ...]:
    from printstd.report.document import Fact

    letters = found.letters
    if found.ties:
        ties = ", ".join(f"{pair[0]} = {pair[1]}" for pair in found.ties)
        orientation: str = said(
            "{letters} (ISO 17295), ambiguous: {ties} within the tie tolerance",
            letters=letters,
            ties=ties,
        )
    else:
        orientation = said("{letters} (ISO 17295)", letters=letters)
    numbers = [f"{value / 1e9 + 0.0:.9g}" for value in found.rotation_e9]
    matrix = "; ".join(" ".join(numbers[k : k + 3]) for k in (0, 3, 6))
    return (
        Fact(said("orientation"), orientation),
        Fact(said("rotation"), said("[{matrix}], file to machine", matrix=matrix)),
        Fact(
            said("arbitrarily oriented bounding box"),
            said("{size} mm, the smallest found", size=_sides(found.smallest_mm)),
        ),
    )


def _sides(size_mm: tuple[float, float, float]) -> str:
    return " x ".join(f"{side:.2f}" for side in size_mm)


def _corners(box: Box) -> str:
    low, high = (
        " ".join(f"{value + 0.0:.3f}" for value in corner) for corner in (box[:3], box[3:])
    )
    return said("({low}) to ({high}) mm", low=low, high=high)

"""Where the machine's own start code leaves the nozzle."""

from __future__ import annotations

from printstd.profiles.machine_code import command_of
from printstd.profiles.models import Printer
from printstd.units import um


def position_after_start_um(printer: Printer) -> tuple[int, int, int]:
    """X, Y, Z in um, bed frame, after `start_code`. Homing goes to the corner of the machine's
    travel that is nearest to zero; a coordinate that is a placeholder counts as not given."""
    volume = printer.volume
    home = (
        min(max(0.0, volume.travel_x_min_mm), volume.travel_x_max_mm),
        min(max(0.0, volume.travel_y_min_mm), volume.travel_y_max_mm),
        0.0,
    )
    at = list(home)
    for line in printer.start_code:
        command = command_of(line)
        words = line.split(";", 1)[0].split()[1:]
        named = {word[0]: word[1:] for word in words}
        if command == "G28":
            at = [
                home[i] if letter in named or not named else at[i] for i, letter in enumerate("XYZ")
            ]
        elif command in ("G0", "G1"):
            for i, letter in enumerate("XYZ"):
                value = named.get(letter, "{")
                at[i] = at[i] if "{" in value else float(value)
    return um(at[0]), um(at[1]), um(at[2])

"""Programs of printstd for the tests of what consumers make of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.program import Program
from printstd.profiles.models import Material, Printer
from printstd.profiles.resolved import Request, Resolved
from tests.golden.parts import PARTS
from tests.meshes import stl_binary
from tests.oracles.gcode_reader import Reading, read

BRACKET = Path(__file__).parents[2] / "samples" / "bracket.stl"
SETTINGS = (("material.colour", '"#FF8000"'), ("material.cost_per_kg", "25.4"))
CASES = {
    "klipper": ("bracket", "voron-2.4-350", "abs", "draft-0.30"),
    "marlin2": ("gate", "ender3-v2", "pla", "standard-0.20"),
    "prusa-buddy": ("fin", "mk4s", "petg", "fine-0.12"),
    "reprapfirmware": ("gate", "railcore-ii-300zl", "petg", "draft-0.30"),
}
"""Dialect -> part, printer, material, process."""


@dataclass(frozen=True)
class Consumed:
    """A program, its file, and what it was made from."""

    program: Program
    path: Path
    resolved: Resolved
    reading: Reading

    @property
    def printer(self) -> Printer:
        assert self.resolved.printer is not None
        return self.resolved.printer

    @property
    def material(self) -> Material:
        return self.resolved.material_of(0)

    @property
    def filament_mm(self) -> float:
        return self.program.totals.filament_um / 1000

    @property
    def all_filament_mm(self) -> float:
        """The machine's own start and end code with it."""
        return sum(move.e_e5 for move in self.reading.moves) / 1e5

    @property
    def farthest_e_mm(self) -> float:
        """How far E got, before filament was drawn back."""
        fed = most = 0
        for move in self.reading.moves:
            fed += move.e_e5
            most = max(most, fed)
        return most / 1e5

    def last_position_mm(self) -> tuple[float, float, float]:
        state = self.reading.moves[-1].state
        assert None not in (state.x_um, state.y_um, state.z_um)
        return (state.x_um / 1000, state.y_um / 1000, state.z_um / 1000)  # type: ignore[operator]


def made(
    case: tuple[str, str, str, str],
    folder: Path,
    *,
    copies: int = 1,
    by_second_tool: str = "",
    more: tuple[tuple[str, str], ...] = (),
) -> Consumed:
    """by_second_tool : a part beside that of the case. more : settings."""
    part, printer, material, process = case
    overrides = (*SETTINGS, *more)
    request = Request(printer=printer, material=material, process=process, overrides=overrides)
    resolved = pipeline.resolve(request, default_source())
    orders = {part: pipeline.Order()}
    if by_second_tool:
        orders = {part: pipeline.Order(extruder=1), by_second_tool: pipeline.Order(extruder=2)}
    prepared = [
        pipeline.prepare(pipeline.ModelInput(_stl(name), f"{name}.stl"), order, resolved)
        for name, order in orders.items()
    ]
    plate = pipeline.plate_of(prepared, copies=copies)
    program = pipeline.make_plate(plate, executor=SerialExecutor(), progress=NoProgress()).program
    path = folder / f"{'-'.join(orders)}-{copies}-{printer}.gcode"
    path.write_bytes(program.data)
    return Consumed(program, path, resolved, read(program.data))


def _stl(part: str) -> bytes:
    return BRACKET.read_bytes() if part == "bracket" else stl_binary(PARTS[part]())

"""The parts whose programs are the proof: one that is small, one that goes as far as the machine
does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.ports import ProfileSource
from printstd.profiles.models import Printer
from printstd.profiles.resolved import Request, Resolved
from printstd.results import Checked, Made
from tests.meshes import box, merged, stl_binary, tube

MATERIAL: Final = "pla"
POST_MM: Final = 8.0
LOW_MM: Final = 1.2
FAR_SETTINGS: Final = (
    ("infill.density_ratio", "0.0"),
    ("walls.count", "1"),
    ("shells.top_layers", "1"),
    ("shells.bottom_layers", "1"),
    ("shells.top_min_thickness_mm", "0.0"),
    ("shells.bottom_min_thickness_mm", "0.0"),
)
"""A post is as good as a wall where only the way of the nozzle is looked at."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A program of the proof. name : ``small`` or ``far``. checked : what printstd's own auditor
    found in it; None where only the way of the nozzle is looked at."""

    name: str
    made: Made
    checked: Checked | None


def samples_of(name: str, source: ProfileSource | None = None) -> tuple[Printer, list[Sample]]:
    """The programs for the printer of that name, as `printstd slice` makes them."""
    own = source or default_source()
    small = pipeline.resolve(Request(printer=name, material=MATERIAL, **_process(name)), own)
    printer = small.printer
    assert printer is not None
    first = _sample("small", small_part(), small, is_audited=True)
    settings = _process(name)
    far = pipeline.resolve(
        Request(printer=name, material=MATERIAL, overrides=FAR_SETTINGS, **settings), own
    )
    return printer, [first, _sample("far", far_part(far), far, is_audited=False)]


def _process(name: str) -> dict[str, str]:
    return {"process": "peer-0.20" if name == "peer" else "standard-0.20"}


def _sample(
    name: str, model: pipeline.ModelInput, resolved: Resolved, *, is_audited: bool
) -> Sample:
    prepared = pipeline.prepare(model, pipeline.Order(), resolved)
    executor, progress = SerialExecutor(), NoProgress()
    made = pipeline.make_program(prepared, executor=executor, progress=progress)
    if not is_audited:
        return Sample(name, made, None)
    checked = pipeline.audit(
        made.program.data, [prepared.model], made.demand, executor=executor, progress=progress
    )
    return Sample(name, made, checked)


def small_part() -> pipeline.ModelInput:
    """A block with a hole: walls inside and out, solid layers, infill."""
    return pipeline.ModelInput(stl_binary(tube(8.0, 4.0, 3.0, 48)), "small.stl")


def far_part(resolved: Resolved) -> pipeline.ModelInput:
    """A post in every corner of the printable area, or of the largest place beside what one keeps
    out of, two of them as high as the machine reaches."""
    printer = resolved.printer
    assert printer is not None
    volume, material, process = printer.volume, resolved.material, resolved.process
    x0, y0, x1, y1 = volume.rooms_mm()[0]
    # What shrinks is laid larger: as large as it may be asked for.
    kept_xy, kept_z = 1 - material.shrinkage_xy_ratio, 1 - material.shrinkage_z_ratio
    x = (x1 - x0) * kept_xy - 0.02
    y = (y1 - y0) * kept_xy - 0.02
    first, each = process.first_layer_height_mm, process.layer_height_mm
    z = (first + each * np.floor((volume.z_max_mm * kept_z - first) / each)) - 0.001
    posts = [
        box(
            (POST_MM, POST_MM, z if is_high else LOW_MM),
            (px, py, 0.0),
        )
        for px, py, is_high in (
            (0.0, 0.0, True),
            (x - POST_MM, 0.0, False),
            (0.0, y - POST_MM, False),
            (x - POST_MM, y - POST_MM, True),
        )
    ]
    return pipeline.ModelInput(stl_binary(merged(*posts)), "far.stl")

"""Our own programs for the plate of `tiny_slicer`, with the tags by which operators find their way.

The auditor reads no comment, so tags change nothing that it sees (a test says so).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from tests.mutation.tiny_slicer import as_bytes, plate_with_pin, prism_stl

LAYERS: Final = 24
HEIGHT_MM: Final = 4.8
_KINDS: Final = {
    "External perimeter": "outer",
    "Perimeter": "inner",
    "Overhang perimeter": "outer",
    "Internal infill": "sparse",
    "Solid infill": "solid",
    "Top solid infill": "solid",
    "Bridge infill": "bridge",
    "Gap fill": "gap",
    "Skirt/Brim": "skirt",
    "Ironing": "ironing",
    "Custom": "custom",
}


@dataclass(frozen=True)
class OwnCase:
    """A program of ours, its lines tagged, with all that the auditor is given."""

    lines: list[str]
    program: bytes
    model: bytes
    demand: AuditDemand

    def audit(self, lines: Iterable[str]) -> Audit:
        return audit_program(as_bytes(lines), self.model, self.demand)

    @property
    def centre_mm(self) -> tuple[float, float]:
        """Where the model's origin stands."""
        place = self.demand.placement
        assert place is not None
        return place.translation_um[0] / 1000, place.translation_um[1] / 1000


@functools.cache
def prepared(
    printer: str,
    material: str = "pla",
    process: str = "standard-0.20",
    *overrides: tuple[str, str],
) -> pipeline.Prepared:
    request = Request(printer=printer, material=material, process=process, overrides=overrides)
    resolved = pipeline.resolve(request, default_source())
    model = pipeline.ModelInput(prism_stl(plate_with_pin(), HEIGHT_MM), "plate.stl")
    return pipeline.prepare(model, pipeline.Order(), resolved)


def made(part: pipeline.Prepared) -> pipeline.Made:
    return pipeline.make_program(part, executor=SerialExecutor(), progress=NoProgress())


@functools.cache
def own_case(
    printer: str,
    material: str = "pla",
    process: str = "standard-0.20",
    *overrides: tuple[str, str],
) -> OwnCase:
    part = prepared(printer, material, process, *overrides)
    done = made(part)
    return OwnCase(tagged(done.program.data), done.program.data, part.model.data, done.demand)


def tagged(program: bytes) -> list[str]:
    """The program's lines with the tags of `tiny_slicer` in place of its own comments."""
    out, layer, kind = [], -1, "custom"
    for text in program.decode("ascii").splitlines():
        if text == ";LAYER_CHANGE":
            layer += 1
            out += [f";LAYER:{layer}", f";TYPE:{kind}"]
        elif text.startswith(";TYPE:"):
            kind = _KINDS[text[6:]]
            out.append(f";TYPE:{kind}")
        elif text and not text.startswith(";"):
            out.append(text)
    return out

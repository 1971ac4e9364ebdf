"""Plates of several small parts, and what is done to their programs to see them fail."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

import numpy as np

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.plates import Plate, Prepared
from printstd.ports import Executor
from printstd.profiles.resolved import Request
from tests import meshes
from tests.meshes import Triangles


def angle() -> Triangles:
    """An L of two blocks: another part finds room within its box."""
    return meshes.merged(meshes.box((30, 6, 5)), meshes.moved(meshes.box((6, 24, 3)), (0, 6, 0)))


def _round(mesh: Triangles) -> Triangles:
    # Sines may differ in their last bits from one libm to the next.
    return np.round(mesh[0], 4), mesh[1]


PARTS: dict[str, Callable[[], Triangles]] = {
    "block": lambda: meshes.box((24, 18, 6)),
    "low": lambda: meshes.box((18, 24, 2)),
    "post": lambda: _round(meshes.cylinder(radius=9, height=4, n_sides=48)),
    "angle": angle,
}


@functools.cache
def part(
    name: str,
    *overrides: tuple[str, str],
    printer: str = "mk4s",
    order: pipeline.Order | None = None,
) -> Prepared:
    request = Request(printer=printer, overrides=overrides)
    resolved = pipeline.resolve(request, default_source())
    model = pipeline.ModelInput(meshes.stl_binary(PARTS[name]()), f"{name}.stl")
    return pipeline.prepare(model, order or pipeline.Order(), resolved)


def plate(*names: str, copies: int = 1, printer: str = "mk4s") -> Plate:
    return pipeline.plate_of([part(name, printer=printer) for name in names], copies=copies)


def made(own: Plate, executor: Executor | None = None) -> pipeline.Made:
    return pipeline.make_plate(own, executor=executor or SerialExecutor(), progress=NoProgress())


@functools.cache
def made_of(*names: str, copies: int = 1, printer: str = "mk4s") -> pipeline.Made:
    return made(plate(*names, copies=copies, printer=printer))


def audited(program: bytes, own: Plate, demand: AuditDemand) -> Audit:
    return audit_program(program, [prepared.model.data for prepared in own.models], demand)


def failures(audit: Audit) -> set[tuple[str, str]]:
    """(rule, label of the part that its message begins with)."""
    return {
        (finding.rule_id, finding.message.split(":")[0])
        for finding in audit.findings
        if finding.status is Status.FAIL
    }


def dried(program: bytes, object_id: int, kinds: Iterable[str] | None = None) -> bytes:
    """The program without the filament of one object's beads, of some types perhaps: the moves
    stay, so that nothing else changes."""
    lines = program.decode("ascii").splitlines()
    wanted = None if kinds is None else set(kinds)
    own, kind = False, ""
    for at, line in enumerate(lines):
        if line.startswith("M486 S"):
            own = line == f"M486 S{object_id}"
        elif line.startswith(";TYPE:"):
            kind = line.removeprefix(";TYPE:")
        elif (
            own
            and (wanted is None or kind in wanted)
            and line.startswith(("G1 X", "G2 X", "G3 X"))
            and " E" in line
            and " E-" not in line
        ):
            lines[at] = " ".join(word for word in line.split() if word[0] != "E")
    return ("\n".join(lines) + "\n").encode("ascii")

"""The line itself: the only module that knows the order of the stages.

model file -> intake -> validate -> slicing -> toolpath -> gcode -> audit -> certify

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from printstd import RELEASE_DATE, __version__
from printstd.errors import SlicingError, UsageError
from printstd.profiles.decision import Decision, Outcome, combine, decide
from printstd.units import NM_PER_UNIT, LengthUnit

if TYPE_CHECKING:
    from printstd.artifacts.audit import Audit
    from printstd.artifacts.demand import AuditDemand
    from printstd.artifacts.finding import Finding, Report
    from printstd.artifacts.mesh import ModelFile, Placement
    from printstd.artifacts.plate import Stand
    from printstd.artifacts.program import Program, Thumbnail
    from printstd.certify.predicates import ToolFacts
    from printstd.certify.statement import ModelFacts
    from printstd.ports import Clock, Executor, ProfileSource, Progress, Signer
    from printstd.profiles.resolved import Request, Resolved


@dataclass(frozen=True, slots=True)
class ModelInput:
    """A model file's bytes under the name the user knows it by."""

    data: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asks of a run, apart from the profiles."""

    unit: LengthUnit | None = None
    scale_e6: int = 1_000_000
    rotate_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    plate: int | None = None
    allowed_undecided: tuple[str, ...] = ()

    @property
    def is_as_filed(self) -> bool:
        return self.scale_e6 == 1_000_000 and self.rotate_deg == (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A model read, its profiles resolved, its place on the bed fixed."""

    model: ModelInput
    order: Order
    file: ModelFile
    resolved: Resolved
    placement: Placement | None
    """None where the request names no printer."""


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """The parts of one print, each on its place.

    models : each once, placed where its first copy stands. stands : every copy; one where the print
    is of one part.
    """

    models: tuple[Prepared, ...]
    stands: tuple[Stand, ...]

    @property
    def resolved(self) -> Resolved:
        return self.models[0].resolved

    @property
    def order(self) -> Order:
        return self.models[0].order

    def copies_of(self, number: int) -> tuple[Stand, ...]:
        """Of one model."""
        return tuple(stand for stand in self.stands if stand.model == number)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A program, what the auditor will hold it against, and what its user must be told."""

    plate: Plate
    program: Program
    demand: AuditDemand
    notices: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A finished program with the auditor's answer and the decision over it."""

    audit: Audit
    demand: AuditDemand
    decision: Decision


@dataclass(frozen=True, slots=True, eq=False)
class Signed:
    """What `certify` writes, if its decision lets it."""

    report: Report | None
    report_decision: Decision | None
    checked: Checked | None
    """None where the checks of the model said no: no program was made."""
    program: bytes | None
    generation: bytes | None
    recheck: bytes | None

    @property
    def decision(self) -> Decision:
        """The decision over all that was done."""
        parts = (self.report_decision, self.checked.decision if self.checked else None)
        return combine(*(decision for decision in parts if decision is not None))


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """A generation statement that stands beside a program: what a re-check is about."""

    payload: bytes
    demand: AuditDemand


def resolve(request: Request, source: ProfileSource) -> Resolved:
    """The request's profiles; ProfileError with everything that is wrong with them."""
    from printstd.profiles.resolve import resolve as resolve_profiles

    return resolve_profiles(request, source)


def prepare(model: ModelInput, order: Order, resolved: Resolved) -> Prepared:
    """Read the model and place it. Raises InputError where the file is refused."""
    from printstd.intake import read_model

    file = read_model(model.data, name=model.name, unit=order.unit, plate=order.plate)
    placement = _placement(file, order, resolved) if resolved.printer else None
    return Prepared(model, order, file, resolved, placement)


def _placement(file: ModelFile, order: Order, resolved: Resolved) -> Placement:
    from printstd.artifacts.mesh import Placement
    from printstd.kernels.placing import default_placement, rotation_e9_from_degrees

    if resolved.printer is None:
        raise UsageError("a printer must be chosen before a part can be placed")
    volume = resolved.printer.volume
    centre_um = (
        round((volume.x_min_mm + volume.x_max_mm) * 500),
        round((volume.y_min_mm + volume.y_max_mm) * 500),
    )
    rotation = rotation_e9_from_degrees(*order.rotate_deg)
    translation = default_placement(
        file.mesh.vertices_mm,
        file.mesh.faces,
        bed_centre_um=centre_um,
        rotation_e9=rotation,
        scale_e6=order.scale_e6,
        shrink_xy_e6=shrink_e6(resolved.material.shrinkage_xy_ratio),
        shrink_z_e6=shrink_e6(resolved.material.shrinkage_z_ratio),
    )
    return Placement(rotation, translation, order.scale_e6)


def shrink_e6(shrinkage_ratio: float) -> int:
    """Nominal times this is printed, in 1e-6, so that what is left after shrinking is nominal."""
    return round(1_000_000 / (1.0 - shrinkage_ratio))


def validate(prepared: Prepared, *, progress: Progress) -> tuple[Report, Decision]:
    """Run the pack's checks and decide."""
    from printstd.validate.registry import validate_model

    report = validate_model(
        prepared.file, prepared.resolved, placement=prepared.placement, progress=progress
    )
    decision = decide(
        report.findings,
        rules_run=report.rules_run,
        mandatory=prepared.resolved.pack.mandatory_checks,
        allowed_undecided=prepared.order.allowed_undecided,
    )
    return report, decision


def require_printer(resolved: Resolved) -> None:
    """Slicing without a printer is a usage error: there is no default machine."""
    if resolved.printer is None:
        raise UsageError(
            "no printer was chosen",
            wanted="--printer NAME",
            hint="`printstd profiles list` names the printers",
        )


def alone(prepared: Prepared) -> Plate:
    """A print of one part, in the middle of the bed."""
    from printstd.artifacts.plate import Stand

    require_printer(prepared.resolved)
    if prepared.placement is None:
        raise UsageError("the part has no place on the bed")
    label = part_label(prepared.file.mesh.source.sha256)
    return Plate((prepared,), (Stand(0, label, prepared.placement),))


def plate_of(parts: Sequence[Prepared], *, copies: int = 1) -> Plate:
    """One print of several parts, so many copies of each. The same file twice is two copies; the
    order of the parts makes no difference. Raises SlicingError where one does not fit."""
    from printstd.plating import arrange

    require_printer(parts[0].resolved)
    counts: dict[str, int] = {}
    models: dict[str, Prepared] = {}
    for part in parts:
        sha256 = part.file.mesh.source.sha256
        models.setdefault(sha256, part)
        counts[sha256] = counts.get(sha256, 0) + copies
    placements = [part.placement for part in models.values() if part.placement is not None]
    stands = arrange(
        [part.file for part in models.values()],
        placements,
        list(counts.values()),
        _names(models),
        parts[0].resolved,
    )
    # Models in the order of the plate, whatever the order of the call.
    rank = list(dict.fromkeys(stand.model for stand in stands))
    stands = tuple(replace(stand, model=rank.index(stand.model)) for stand in stands)
    first = {stand.model: stand.placement for stand in reversed(stands)}
    known = list(models.values())
    return Plate(tuple(replace(known[i], placement=first[n]) for n, i in enumerate(rank)), stands)


def _names(digests: Iterable[str]) -> list[str]:
    """Labels of models, none like another."""
    known = list(digests)
    for digits in range(8, 65, 8):
        names = [f"part_{sha256[:digits]}"[:50] for sha256 in known]
        if len(set(names)) == len(names):
            break
    return names


def make_program(prepared: Prepared, *, executor: Executor, progress: Progress) -> Made:
    """Slice, plan and write. Raises SlicingError where no program can be made of the model."""
    return make_plate(alone(prepared), executor=executor, progress=progress)


def make_plate(plate: Plate, *, executor: Executor, progress: Progress) -> Made:
    """Slice, plan and write all parts of a plate as one program. Raises SlicingError where no
    program can be made of one of them, naming it."""
    resolved = plate.resolved
    for prepared in plate.models:
        _check_sliceable(prepared, progress)
    from printstd.gcode import write_program
    from printstd.profiles.demand import audit_demand, part_demand
    from printstd.slicing import layer_plan_of, slice_mesh
    from printstd.toolpath.plan import plan_plate
    from printstd.toolpath.plate import PlatePart
    from printstd.validate.checks.overhangs import told

    parts = []
    for number, prepared in enumerate(plate.models):
        copies = plate.copies_of(number)
        with naming(prepared.model.name, len(plate.models)):
            stack = slice_mesh(
                prepared.file.mesh,
                copies[0].placement,
                resolved,
                executor=executor,
                progress=progress,
            )
        shifts = [(s.placement.translation_um, copies[0].placement.translation_um) for s in copies]
        shift_nm = [[(a - b) * 1000 for a, b in zip(x[:2], y[:2], strict=True)] for x, y in shifts]
        labels = tuple(stand.label for stand in copies)
        parts.append(PlatePart(stack, resolved, labels, np.array(shift_nm, np.int64)))
    toolpath = plan_plate(parts, resolved, executor=executor, progress=progress)
    digests = [prepared.file.mesh.source.sha256 for prepared in plate.models]
    program = write_program(
        toolpath,
        resolved,
        models=list(zip(_names(digests), digests, strict=True)),
        thumbnails=_thumbnails(plate),
        tool_version=__version__,
        release_date=RELEASE_DATE,
    )
    tallest = max((part.stack for part in parts), key=lambda stack: stack.n_layers)
    source = plate.models[0].file.mesh.source
    demand = audit_demand(
        resolved,
        placement=plate.stands[0].placement,
        layers=layer_plan_of(tallest),
        model_unit_nm=NM_PER_UNIT[source.unit],
        model_plate=source.plate,
        supports_allowed=False,
        parts=[
            part_demand(
                stand.label,
                plate.models[stand.model].file.mesh.source,
                stand.placement,
                parts[stand.model].stack.n_layers,
            )
            for stand in plate.stands
        ],
    )
    supports = told(toolpath.hanging, [top / 1000 for top in tallest.top_um.tolist()])
    return Made(plate, program, demand, (supports,))


def _check_sliceable(prepared: Prepared, progress: Progress) -> None:
    """SlicingError where what always runs first says that no program can be made."""
    from printstd.validate.blockers import blocking_findings

    blocked = blocking_findings(
        prepared.file, prepared.resolved, placement=prepared.placement, progress=progress
    )
    if blocked:
        first = blocked[0]
        raise SlicingError(
            "no program can be made of this model",
            where=prepared.model.name,
            got="; ".join(f"{f.rule_id}: {f.message}" for f in blocked),
            wanted="a closed model that fits the printer",
            hint=f"`printstd validate` shows every place; `printstd explain {first.rule_id}`",
        )


@contextmanager
def naming(name: str, of: int) -> Iterator[None]:
    """Errors about one of several parts say which."""
    try:
        yield
    except SlicingError as error:
        if of > 1:
            error.where = f"{name}: {error.where}" if error.where else name
        raise


def _thumbnails(plate: Plate) -> tuple[Thumbnail, ...]:
    from printstd.artifacts.program import Thumbnail
    from printstd.kernels.placing import place_vertices
    from printstd.kernels.png import encode_palette_png
    from printstd.kernels.raster import render

    if plate.resolved.printer is None or not plate.resolved.printer.thumbnails_px:
        return ()
    vertices, faces, count = [], [], 0
    for stand in plate.stands:
        mesh = plate.models[stand.model].file.mesh
        vertices.append(
            place_vertices(
                mesh.vertices_mm,
                rotation_e9=stand.placement.rotation_e9,
                translation_um=stand.placement.translation_um,
                scale_e6=stand.placement.scale_e6,
            )
        )
        faces.append(mesh.faces + np.int32(count))
        count += len(mesh.vertices_mm)
    pictures = []
    for width, height in plate.resolved.printer.thumbnails_px:
        indices, palette = render(
            np.concatenate(vertices), np.concatenate(faces), width_px=width, height_px=height
        )
        pictures.append(Thumbnail(width, height, encode_palette_png(indices, palette)))
    return tuple(pictures)


def part_label(model_sha256: str) -> str:
    """What the program calls the part. The file's name is not in the program: the same model
    under another name gives the same bytes."""
    return f"part_{model_sha256[:8]}"


def ascii_name(name: str) -> str:
    """A name that every machine takes: the stem's ASCII letters and digits, and a digest
    where that is not all of it (two parts called by other scripts must not collide)."""
    stem = name.rsplit(".", 1)[0] or name
    kept = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_-")[:40]
    if kept == stem:
        return kept
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept}_{digest}" if kept else f"part_{digest}"


def foreign_demand(prepared: Prepared, *, supports_allowed: bool) -> AuditDemand:
    """What a program that anybody made is held against. The audit searches the part's place
    among shifts and quarter turns; where the order turns or scales the part, it is declared."""
    from printstd.profiles.demand import foreign_demand as demand_of

    return demand_of(
        prepared.resolved,
        prepared.file.mesh.source,
        placement=None if prepared.order.is_as_filed else prepared.placement,
        supports_allowed=supports_allowed,
    )


def audit(
    program: bytes,
    model: ModelInput,
    demand: AuditDemand,
    *,
    allowed_undecided: Sequence[str] = (),
    executor: Executor,
    progress: Progress | None = None,
) -> Checked:
    """Forget how the program was made; read its bytes and decide."""
    from printstd.audit import audit_program

    found = audit_program(
        program, model.data, demand, model_name=model.name, executor=executor, progress=progress
    )
    decision = decide(
        found.findings,
        rules_run=found.rules_run,
        mandatory=demand.mandatory_rules,
        allowed_undecided=allowed_undecided,
    )
    return Checked(found, demand, decision)


def certify_model(
    prepared: Prepared,
    *,
    program_name: str,
    signer: Signer,
    clock: Clock,
    tool: ToolFacts,
    executor: Executor,
    progress: Progress,
    sign_failure: bool = False,
) -> Signed:
    """Validate, make, audit and sign. On a no nothing is signed, unless `sign_failure`; a model
    that its checks refuse is not sliced at all."""
    from printstd.certify.dsse import sign_bundle
    from printstd.certify.statement import (
        generation_statement,
        recheck_statement,
        refusal_statement,
    )

    require_printer(prepared.resolved)
    report, report_decision = validate(prepared, progress=progress)
    facts = model_facts(prepared)
    if report_decision.outcome is Outcome.FAILED:
        refusal = None
        if sign_failure:
            payload = refusal_statement(
                model=facts,
                resolved=prepared.resolved,
                report=report,
                decision=report_decision,
                tool=tool,
                issued_at=clock.now_utc(),
            )
            refusal = sign_bundle(payload, signer)
        return Signed(report, report_decision, None, None, None, refusal)
    made = make_program(prepared, executor=executor, progress=progress)
    checked = audit(
        made.program.data,
        prepared.model,
        made.demand,
        allowed_undecided=prepared.order.allowed_undecided,
        executor=executor,
        progress=progress,
    )
    whole = combine(report_decision, checked.decision)
    if not _is_signed(whole, sign_failure):
        return Signed(report, report_decision, checked, made.program.data, None, None)
    now = clock.now_utc()
    generation = None
    if whole.outcome is Outcome.PASSED and prepared.placement is not None:
        generation = generation_statement(
            name=program_name,
            program=made.program.data,
            totals=made.program.totals,
            model=facts,
            machine_name=f"{ascii_name(program_name)}.gcode",
            part_label=part_label(prepared.file.mesh.source.sha256),
            resolved=prepared.resolved,
            placement=prepared.placement,
            demand=made.demand,
            report=report,
            tool=tool,
            issued_at=now,
        )
    recheck = recheck_statement(
        name=program_name,
        program=made.program.data,
        model=facts,
        resolved=prepared.resolved,
        demand=made.demand,
        audit=checked.audit,
        decision=whole,
        generation_payload=generation,
        tool=tool,
        issued_at=now,
    )
    return Signed(
        report,
        report_decision,
        checked,
        made.program.data,
        sign_bundle(generation, signer) if generation is not None else None,
        sign_bundle(recheck, signer),
    )


def certify_program(
    program: bytes,
    prepared: Prepared,
    *,
    program_name: str,
    supports_allowed: bool,
    signer: Signer,
    clock: Clock,
    tool: ToolFacts,
    executor: Executor,
    progress: Progress,
    generation: Generation | None = None,
    sign_failure: bool = False,
) -> Signed:
    """Audit a program that anybody made, and sign what was found: the re-check alone.

    generation : the statement of the program's maker, where one stands beside it. The re-check
    then names it, and holds the program against the same demand.
    """
    from printstd.certify.dsse import sign_bundle
    from printstd.certify.statement import recheck_statement

    if generation is None:
        demand = foreign_demand(prepared, supports_allowed=supports_allowed)
    else:
        from printstd.profiles.demand import declared_demand

        demand = declared_demand(prepared.resolved, prepared.file.mesh.source, generation.demand)
    checked = audit(
        program,
        prepared.model,
        demand,
        allowed_undecided=prepared.order.allowed_undecided,
        executor=executor,
        progress=progress,
    )
    if not _is_signed(checked.decision, sign_failure):
        return Signed(None, None, checked, program, None, None)
    payload = recheck_statement(
        name=program_name,
        program=program,
        model=model_facts(prepared),
        resolved=prepared.resolved,
        demand=demand,
        audit=checked.audit,
        decision=checked.decision,
        generation_payload=generation.payload if generation else None,
        tool=tool,
        issued_at=clock.now_utc(),
    )
    return Signed(None, None, checked, program, None, sign_bundle(payload, signer))


def _is_signed(decision: Decision, sign_failure: bool) -> bool:
    """A yes is signed; a no where that was asked for; what could not be decided never is."""
    return decision.outcome is Outcome.PASSED or (
        sign_failure and decision.outcome is Outcome.FAILED
    )


def model_facts(prepared: Prepared) -> ModelFacts:
    """The model as the statements describe it."""
    from printstd.certify.statement import ModelFacts
    from printstd.kernels.solid import signed_volume_mm3

    mesh = prepared.file.mesh
    low, high = mesh.box_mm
    x, y, z = (round(float(size) * 1000) for size in high - low)
    volume = signed_volume_mm3(mesh.vertices_mm, mesh.faces)
    return ModelFacts(mesh.source, len(mesh.faces), (x, y, z), round(volume * 1e9))

"""The line itself: the only module that knows the order of the stages.

model file -> intake -> validate -> slicing -> toolpath -> gcode -> audit -> certify

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from printstd import RELEASE_DATE, __version__
from printstd.errors import InputError
from printstd.layered import (
    foreign_demand,
    layered,
    own_demand,
    statement_parts,
    wishes_of_piece,
    zones_of_piece,
)
from printstd.plates import (
    ModelInput,
    Order,
    Plate,
    Prepared,
    alone,
    ascii_name,
    check_sliceable,
    check_together,
    distinct_models,
    labelled,
    model_facts,
    names_of,
    naming,
    part_label,
    piece_label,
    plate_of,
    prepare,
    require_printer,
    thumbnails_of,
)
from printstd.profiles.decision import Decision, Outcome, combine, decide
from printstd.units import NM_PER_UNIT

__all__ = [
    "Checked",
    "Generation",
    "Made",
    "ModelInput",
    "Order",
    "Plate",
    "Prepared",
    "Signed",
    "alone",
    "ascii_name",
    "audit",
    "certify_model",
    "certify_plate",
    "certify_program",
    "distinct_models",
    "foreign_demand",
    "make_plate",
    "make_program",
    "model_facts",
    "part_label",
    "plate_of",
    "prepare",
    "require_printer",
    "resolve",
    "validate",
    "validate_plate",
]

if TYPE_CHECKING:
    from printstd.artifacts.audit import Audit, Motion
    from printstd.artifacts.demand import AuditDemand, PartDemand
    from printstd.artifacts.finding import Finding, Report
    from printstd.artifacts.program import Program
    from printstd.certify.predicates import ToolFacts
    from printstd.ports import Clock, Executor, ProfileSource, Progress, Signer
    from printstd.profiles.resolved import Request, Resolved
    from printstd.toolpath.plate import PlatePart


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


def validate(prepared: Prepared, *, progress: Progress) -> tuple[Report, Decision]:
    """Run the pack's checks and decide."""
    from printstd.validate.registry import validate_model

    report = validate_model(
        prepared.file,
        prepared.resolved,
        placement=prepared.placement,
        is_healed=prepared.order.is_healed,
        progress=progress,
        layers=layered(prepared),
    )
    decision = decide(
        report.findings,
        rules_run=report.rules_run,
        mandatory=prepared.resolved.pack.mandatory_checks,
        allowed_undecided=prepared.order.allowed_undecided,
    )
    return report, decision


def validate_plate(plate: Plate, *, progress: Progress) -> tuple[Report, Decision]:
    """Every model's checks, as one report where there are several: findings then say of which."""
    from printstd.artifacts.finding import Report

    found = [validate(prepared, progress=progress) for prepared in plate.models]
    if len(found) == 1:
        return found[0]
    names = names_of(prepared.file.mesh.source.sha256 for prepared in plate.models)
    findings = tuple(
        replace(finding, message=f"{name}: {finding.message}")
        for name, (report, _) in zip(names, found, strict=True)
        for finding in report.findings
    )
    first, _ = found[0]
    subject = " + ".join(prepared.model.name for prepared in plate.models)
    report = Report(subject, first.subject_sha256, findings, first.rules_run)
    return report, combine(*(decision for _, decision in found))


def make_program(prepared: Prepared, *, executor: Executor, progress: Progress) -> Made:
    """`make_plate` of one part in the middle of the bed."""
    return make_plate(alone(prepared), executor=executor, progress=progress)


def make_plate(plate: Plate, *, executor: Executor, progress: Progress) -> Made:
    """Slice, plan and write all parts of a plate as one program. Raises SlicingError where no
    program can be made of one of them, naming it."""
    resolved = plate.resolved
    for prepared in plate.models:
        check_sliceable(prepared, progress)
    from printstd.gcode import write_program
    from printstd.plating import printing_order
    from printstd.profiles.demand import audit_demand, part_demand, plan_asked
    from printstd.slicing import layer_plan_of, slice_mesh
    from printstd.toolpath.plan import plan_plate
    from printstd.toolpath.plate import PlatePart, check_apart
    from printstd.validate.notices import slicing_notices

    check_together(plate)
    parts: list[PlatePart] = []
    demands: list[PartDemand] = []
    for number, prepared in enumerate(plate.models):
        copies = plate.copies_of(number)
        shifts = [(s.placement.translation_um, copies[0].placement.translation_um) for s in copies]
        shift_nm = np.array([np.subtract(x[:2], y[:2]) * 1000 for x, y in shifts], np.int64)
        of_model: list[PlatePart] = []
        for nth, piece in enumerate(prepared.pieces):
            with naming(prepared.model.name, len(plate.models)):
                stack = slice_mesh(
                    piece.mesh,
                    copies[0].placement,
                    piece.resolved,
                    is_healed=prepared.order.is_healed,
                    executor=executor,
                    progress=progress,
                    cut=piece.cut,
                )
            labels = tuple(piece_label(stand.label, prepared, nth) for stand in copies)
            where = prepared, piece, stack, copies[0].placement, executor
            zones, wishes = zones_of_piece(*where), wishes_of_piece(*where)
            of_model.append(
                PlatePart(
                    stack, piece.resolved, labels, np.array(shift_nm, np.int64), zones, wishes
                )
            )
            demands += [
                part_demand(
                    label,
                    prepared.file.mesh.source,
                    stand.placement,
                    stack.n_layers,
                    items=piece.items,
                    own=own_demand(piece),
                )
                for label, stand in zip(labels, copies, strict=True)
            ]
        check_apart(of_model)
        parts += of_model
    toolpath = plan_plate(
        parts,
        resolved,
        executor=executor,
        progress=progress,
        order=printing_order([p.file for p in plate.models], plate.stands, resolved),
    )
    sources = [prepared.file.mesh.source for prepared in plate.models]
    digests = [source.sha256 for source in sources]
    program = write_program(
        toolpath,
        resolved,
        models=list(zip(names_of(digests), digests, strict=True)),
        thumbnails=thumbnails_of(plate),
        tool_version=__version__,
        release_date=RELEASE_DATE,
    )
    stacks = [part.stack for part in parts]
    tallest = max(stacks, key=lambda stack: stack.n_layers)
    demand = audit_demand(
        resolved,
        placement=plate.stands[0].placement,
        layers=layer_plan_of(tallest, plan_asked(resolved)),
        model_unit_nm=NM_PER_UNIT[sources[0].unit],
        model_plate=sources[0].plate,
        supports_allowed=False,
        is_healed=plate.order.is_healed,
        parts=demands,
    )
    names = [part.names[0] for part in parts] if len(parts) > len(digests) else names_of(digests)
    held = any(part.resolved.process.supports.enabled for part in parts)
    notices = slicing_notices(stacks, names, toolpath.hanging, resolved, has_supports=held)
    told = [finding for prepared in plate.models for finding in prepared.notices]
    return Made(plate, program, demand, (*told, *notices))


def audit(
    program: bytes,
    models: ModelInput | Sequence[ModelInput],
    demand: AuditDemand,
    *,
    allowed_undecided: Sequence[str] = (),
    executor: Executor,
    progress: Progress | None = None,
) -> Checked:
    """Forget how the program was made; read its bytes and decide."""
    from printstd.audit import audit_program

    data = [one.data for one in ([models] if isinstance(models, ModelInput) else models)]
    found = audit_program(program, data, demand, executor=executor, progress=progress)
    decision = decide(
        found.findings,
        rules_run=found.rules_run,
        mandatory=demand.mandatory_rules,
        allowed_undecided=allowed_undecided,
    )
    return Checked(found, demand, decision)


def read_program(program: bytes, *, name: str) -> Motion:
    """What a program of any slicer lays down, read as the audit reads it, for pictures.

    Raises InputError where the bytes are no G-code, or lay nothing.
    """
    from printstd.audit import read_motion

    motion = read_motion(program)
    if not len(motion.layer_top_um):
        raise InputError(
            "this is no G-code, or none that lays anything",
            where=name,
            got=f"{len(program)} bytes, {len(motion.line)} moves and no bead",
            wanted="a program with moves that feed filament (G1 X Y E)",
            hint="give a finished program; `printstd inspect` says what a file is",
        )
    return motion


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
    """`certify_plate` of one part in the middle of the bed."""
    return certify_plate(
        alone(prepared),
        program_name=program_name,
        signer=signer,
        clock=clock,
        tool=tool,
        executor=executor,
        progress=progress,
        sign_failure=sign_failure,
    )


def certify_plate(
    plate: Plate,
    *,
    program_name: str,
    signer: Signer,
    clock: Clock,
    tool: ToolFacts,
    executor: Executor,
    progress: Progress,
    sign_failure: bool = False,
) -> Signed:
    """Validate, make, audit and sign. On a no nothing is signed, unless `sign_failure`; a plate
    of which a model is refused by its checks is not sliced at all."""
    from printstd.certify.dsse import sign_bundle
    from printstd.certify.statement import (
        generation_statement,
        recheck_statement,
        refusal_statement,
    )

    require_printer(resolved := plate.resolved)
    report, report_decision = validate_plate(plate, progress=progress)
    facts = [model_facts(prepared) for prepared in plate.models]
    if report_decision.outcome is Outcome.FAILED:
        refusal = None
        if sign_failure:
            payload = refusal_statement(
                models=facts,
                resolved=resolved,
                report=report,
                decision=report_decision,
                tool=tool,
                issued_at=clock.now_utc(),
            )
            refusal = sign_bundle(payload, signer)
        return Signed(report, report_decision, None, None, None, refusal)
    made = make_plate(plate, executor=executor, progress=progress)
    checked = audit(
        made.program.data,
        [prepared.model for prepared in plate.models],
        made.demand,
        allowed_undecided=plate.order.allowed_undecided,
        executor=executor,
        progress=progress,
    )
    whole = combine(report_decision, checked.decision)
    if not _is_signed(whole, sign_failure):
        return Signed(report, report_decision, checked, made.program.data, None, None)
    now = clock.now_utc()
    generation = None
    if whole.outcome is Outcome.PASSED:
        generation = generation_statement(
            name=program_name,
            program=made.program.data,
            totals=made.program.totals,
            models=facts,
            machine_name=f"{ascii_name(program_name)}.gcode",
            parts=statement_parts(plate),
            resolved=resolved,
            demand=made.demand,
            report=report,
            tool=tool,
            issued_at=now,
        )
    recheck = recheck_statement(
        name=program_name,
        program=made.program.data,
        models=facts,
        resolved=resolved,
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
    parts: Prepared | Sequence[Prepared],
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

    parts : every copy of every model in it. generation : the statement of the program's maker,
    where one stands beside it. The re-check then names it, and holds the program against the same
    demand.
    """
    from printstd.certify.dsse import sign_bundle
    from printstd.certify.statement import recheck_statement

    own = [parts] if isinstance(parts, Prepared) else list(parts)
    models = {prepared.file.mesh.source.sha256: prepared for _, prepared in labelled(own)}
    resolved, order = own[0].resolved, own[0].order
    if len(own) == 1 and len(own[0].pieces) == 1:
        resolved = own[0].pieces[0].resolved
    if generation is None:
        demand = foreign_demand(own, supports_allowed=supports_allowed)
    else:
        from printstd.profiles.demand import declared_demand

        sources = [prepared.file.mesh.source for prepared in models.values()]
        settings = {
            (sha256, piece.items): own_demand(piece)
            for sha256, prepared in models.items()
            for piece in prepared.pieces
        }
        demand = declared_demand(
            resolved, sources, generation.demand, is_healed=order.is_healed, settings_of=settings
        )
    checked = audit(
        program,
        [prepared.model for prepared in models.values()],
        demand,
        allowed_undecided=order.allowed_undecided,
        executor=executor,
        progress=progress,
    )
    if not _is_signed(checked.decision, sign_failure):
        return Signed(None, None, checked, program, None, None)
    payload = recheck_statement(
        name=program_name,
        program=program,
        models=[model_facts(prepared) for prepared in models.values()],
        resolved=resolved,
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
    no = sign_failure and decision.outcome is Outcome.FAILED
    return no or decision.outcome is Outcome.PASSED

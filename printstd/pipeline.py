"""The line itself: the only module that knows the order of the stages.

model file -> intake -> validate -> slicing -> toolpath -> gcode -> audit -> certify

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from printstd.artifacts.finding import Finding
from printstd.errors import InputError, InternalError, UsageError
from printstd.plates import (
    ModelInput,
    Order,
    Plate,
    Prepared,
    alone,
    ascii_name,
    distinct_models,
    labelled,
    model_facts,
    names_of,
    part_label,
    plate_of,
    prepare,
    require_printer,
)
from printstd.profiles.decision import Decision, Outcome, combine, decide
from printstd.reuse.kept import Kept
from printstd.stages import (
    Told,
    check_sliceable,
    heights_of,
    laid,
    notices,
    sections_of,
    written,
)
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
    from printstd.artifacts.demand import AuditDemand
    from printstd.artifacts.finding import Report
    from printstd.artifacts.program import Program
    from printstd.certify.predicates import ToolFacts
    from printstd.ports import Cache, Clock, Executor, ProfileSource, Progress, Signer
    from printstd.profiles.resolved import Request, Resolved


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A program, what the auditor will hold it against, and what its user must be told."""

    plate: Plate
    program: Program
    demand: AuditDemand
    told: Kept[Told]

    @property
    def notices(self) -> tuple[Finding, ...]:
        return self.told.value().findings


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
    names = names_of(prepared.source.sha256 for prepared in plate.models)
    findings = tuple(
        replace(finding, message=f"{name}: {finding.message}")
        for name, (report, _) in zip(names, found, strict=True)
        for finding in report.findings
    )
    first, _ = found[0]
    subject = " + ".join(prepared.model.name for prepared in plate.models)
    report = Report(subject, first.subject_sha256, findings, first.rules_run)
    return report, combine(*(decision for _, decision in found))


def make_program(
    prepared: Prepared, *, executor: Executor, progress: Progress, cache: Cache | None = None
) -> Made:
    """Slice, plan and write. Raises SlicingError where no program can be made of the model."""
    return make_plate(alone(prepared), executor=executor, progress=progress, cache=cache)


def make_plate(
    plate: Plate, *, executor: Executor, progress: Progress, cache: Cache | None = None
) -> Made:
    """Slice, plan and write all parts of a plate as one program. Raises SlicingError where no
    program can be made of one of them, naming it.

    cache : where the program, and what it is made of, is taken from as far as it was made before.
    What the auditor will hold it against rests on the models (and their own caches) alone.
    """
    resolved = plate.resolved
    for prepared in plate.models:
        check_sliceable(prepared, progress)
    from printstd.profiles.demand import audit_demand, part_demand

    sections = sections_of(plate, executor, progress)
    heights = heights_of(plate, sections)
    course = laid(plate, sections, executor, progress, cache)
    program = written(plate, course, cache)
    source = plate.models[0].source
    demand = audit_demand(
        resolved,
        placement=plate.stands[0].placement,
        layers=heights.plan,
        model_unit_nm=NM_PER_UNIT[source.unit],
        model_plate=source.plate,
        supports_allowed=False,
        is_healed=plate.order.is_healed,
        parts=[
            part_demand(
                stand.label,
                plate.models[stand.model].source,
                stand.placement,
                heights.n_layers[stand.model],
            )
            for stand in plate.stands
        ],
    )
    return Made(plate, program, demand, notices(plate, sections, course, cache))


def foreign_demand(parts: Sequence[Prepared], *, supports_allowed: bool) -> AuditDemand:
    """What a program that anybody made is held against. The audit searches each part's place
    among shifts and quarter turns.

    parts : every copy of every model. Where the order turns or scales a part that is alone, its
    place is declared; parts of a plate cannot be declared so, for nobody has said where they are.
    """
    from printstd.profiles.demand import foreign_demand as demand_of
    from printstd.profiles.demand import part_demand

    first = parts[0]
    if len(parts) > 1 and not first.order.is_as_filed:
        raise UsageError(
            "parts of a plate are searched for as their files have them",
            got="--rotate or --scale, and several models",
            wanted="models turned and scaled as they were printed",
            hint="verify the program by its certificate, which says where each part stands",
        )
    return demand_of(
        first.resolved,
        first.source,
        placement=None if first.order.is_as_filed else first.placement,
        supports_allowed=supports_allowed,
        parts=[part_demand(label, part.source, None, None) for label, part in labelled(parts)],
        is_healed=first.order.is_healed,
    )


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

    own = [models] if isinstance(models, ModelInput) else list(models)
    found = audit_program(
        program, [model.data for model in own], demand, executor=executor, progress=progress
    )
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
    cache: Cache | None = None,
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
        cache=cache,
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
    cache: Cache | None = None,
) -> Signed:
    """Validate, make, audit and sign. On a no nothing is signed, unless `sign_failure`; a plate
    of which a model is refused by its checks is not sliced at all.

    cache : for the program alone; checks, demand and audit know nothing of it.
    """
    from printstd.certify.dsse import sign_bundle
    from printstd.certify.statement import (
        Part,
        generation_statement,
        recheck_statement,
        refusal_statement,
    )

    resolved = plate.resolved
    require_printer(resolved)
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
    if any(prepared.cache is not None for prepared in plate.models):
        raise InternalError("a certificate rests on the models themselves, not on what was kept")
    made = make_plate(plate, executor=executor, progress=progress, cache=cache)
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
            parts=[Part(stand.label, stand.model, stand.placement) for stand in plate.stands],
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
    models = {prepared.source.sha256: prepared for _, prepared in labelled(own)}
    resolved, order = own[0].resolved, own[0].order
    if generation is None:
        demand = foreign_demand(own, supports_allowed=supports_allowed)
    else:
        from printstd.profiles.demand import declared_demand

        sources = [prepared.source for prepared in models.values()]
        demand = declared_demand(resolved, sources, generation.demand, is_healed=order.is_healed)
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
    return decision.outcome is Outcome.PASSED or (
        sign_failure and decision.outcome is Outcome.FAILED
    )

"""The line itself: the only module that knows the order of the stages.

model file -> intake -> validate -> slicing -> toolpath -> gcode -> audit -> certify

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from printstd.errors import InputError, InternalError, PrintstdError
from printstd.facts import (
    distinct_facts,
    distinct_models,
    model_facts,
    statement_orders,
    statement_parts,
)
from printstd.inputs import ModelInput
from printstd.judging import (
    check_records,
    is_refused,
    judge,
    judging_ms,
    validate,
    validate_plate,
)
from printstd.layered import foreign_demand, parts_of
from printstd.naming import ascii_name, part_label
from printstd.pieces import own_demand
from printstd.plates import (
    Order,
    Plate,
    Prepared,
    alone,
    check_together,
    labelled,
    plate_of,
    prepare,
    prepare_all,
    require_printer,
)
from printstd.profiles.decision import Decision, Outcome, combine, decide
from printstd.profiles.proof import require_proven
from printstd.results import Checked, Generation, Made, Signed, Stated, parts_stated, signed
from printstd.reuse.kept import Kept
from printstd.sizes import characteristics_of, drawing_demand
from printstd.stages import Heights, check_sliceable, heights_of, laid, notices, written
from printstd.units import NM_PER_UNIT
from printstd.words import said

__all__ = [
    "Checked",
    "Generation",
    "Made",
    "ModelInput",
    "Order",
    "Plate",
    "Prepared",
    "Signed",
    "Stated",
    "alone",
    "ascii_name",
    "audit",
    "certify_model",
    "certify_plate",
    "certify_program",
    "characteristics_of",
    "check_records",
    "distinct_models",
    "foreign_demand",
    "make_plate",
    "make_program",
    "model_facts",
    "part_label",
    "plate_of",
    "prepare",
    "prepare_all",
    "require_printer",
    "resolve",
    "signed",
    "state_plate",
    "validate",
    "validate_plate",
]

if TYPE_CHECKING:
    from printstd.artifacts.audit import Motion
    from printstd.artifacts.demand import AuditDemand
    from printstd.certify.predicates import ToolFacts
    from printstd.ports import Cache, Clock, Executor, ProfileSource, Progress, Signer
    from printstd.profiles.resolved import Request, Resolved


def resolve(request: Request, source: ProfileSource, *, with_fits: bool = True) -> Resolved:
    """The request's profiles; ProfileError with everything that is wrong with them."""
    from printstd.profiles.resolve import resolve as resolve_profiles

    return resolve_profiles(request, source, with_fits=with_fits)


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
    for prepared in plate.models:
        check_sliceable(prepared, progress)
    check_together(plate)
    parts = [
        part
        for number in range(len(plate.models))
        for part in parts_of(plate, number, executor, progress)
    ]
    heights = heights_of(plate, [part.sections for part in parts])
    n_layers = {
        name: n for part, n in zip(parts, heights.n_layers, strict=True) for name in part.names
    }
    course = laid(plate, parts, executor, progress, cache)
    program = written(plate, course, cache)
    # Who wants a program alone pays for no demand.
    asked = Kept(None, "demand", _demand_kind, (), lambda: _asked(plate, heights, n_layers))
    return Made(plate, program, heights.plan, asked, notices(plate, parts, course, cache))


def _demand_kind() -> type[AuditDemand]:
    from printstd.artifacts.demand import AuditDemand

    return AuditDemand


def _asked(plate: Plate, heights: Heights, n_layers: Mapping[str, int]) -> AuditDemand:
    """What the auditor will hold the program of a plate against. n_layers : of each piece."""
    from printstd.profiles.demand import audit_demand, part_demand

    source = plate.models[0].source
    return audit_demand(
        plate.resolved,
        placement=plate.stands[0].placement,
        layers=heights.plan,
        model_unit_nm=NM_PER_UNIT[source.unit],
        model_plate=source.plate,
        supports_allowed=False,
        is_healed=plate.order.is_healed,
        parts=[
            part_demand(
                label,
                plate.models[stand.model].source,
                stand.placement,
                n_layers[label],
                plate.models[stand.model].resolved.tool,
                items=piece.items,
                own=own_demand(piece),
                drawing=drawing_demand(plate.models[stand.model], stand.placement),
            )
            for label, stand, piece in plate.pieces()
        ],
        tools=plate.tools,
        tower=plate.tower,
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

    data = [own.data for own in ([models] if isinstance(models, ModelInput) else models)]
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
            said("this is no G-code, or none that lays anything"),
            where=name,
            got=said(
                "{bytes} bytes, {moves} moves and no bead",
                bytes=len(program),
                moves=len(motion.line),
            ),
            wanted=said("a program with moves that feed filament (G1 X Y E)"),
            hint=said("give a finished program; `printstd inspect` says what a file is"),
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
    container_of: Callable[[bytes], str | None] | None = None,
) -> Signed:
    """`state_plate`, signed."""
    stated = state_plate(
        plate,
        program_name=program_name,
        clock=clock,
        tool=tool,
        executor=executor,
        progress=progress,
        with_failure=sign_failure,
        cache=cache,
        container_of=container_of,
    )
    return signed(stated, signer)


def state_plate(
    plate: Plate,
    *,
    program_name: str,
    clock: Clock,
    tool: ToolFacts,
    executor: Executor,
    progress: Progress,
    with_failure: bool = False,
    cache: Cache | None = None,
    container_of: Callable[[bytes], str | None] | None = None,
) -> Stated:
    """Validate, make, audit, and put in words what a key will sign. On a no nothing is stated,
    unless `with_failure`; of a plate of which a model is refused by its checks no program is made,
    whatever else is wrong with it.

    cache : for the program alone; checks, demand and audit know nothing of it. container_of : the
    digest of the file that a program will travel in, to be stated with it.
    """
    from printstd.certify.statement import (
        generation_statement,
        recheck_statement,
        refusal_statement,
    )

    resolved = plate.resolved
    require_proven(resolved)
    if any(prepared.cache is not None for prepared in plate.models):
        raise InternalError("a certificate rests on the models themselves, not on what was kept")
    # Whether the model may be made is found out while it is made: both take about as long, and
    # neither can use all cores all the time.
    progress.stage(said("validate"), 0)
    with executor.beside(judge, plate, work_ms=judging_ms(plate)) as judged:
        made = checked = error = None
        try:
            if not is_refused(judged):
                made = make_plate(plate, executor=executor, progress=progress, cache=cache)
            if made is not None and not is_refused(judged):
                checked = audit(
                    made.program.data,
                    distinct_models(plate.models),
                    made.demand,
                    allowed_undecided=plate.order.allowed_undecided,
                    executor=executor,
                    progress=progress,
                )
        except PrintstdError as caught:
            error = caught
        report, report_decision = judged.result()
    facts, fact_of = distinct_facts(plate.models)
    if report_decision.outcome is Outcome.FAILED:
        refusal = None
        if with_failure:
            refusal = refusal_statement(
                models=facts,
                resolved=resolved,
                report=report,
                decision=report_decision,
                tool=tool,
                issued_at=clock.now_utc(),
            )
        return Stated(report, report_decision, None, None, None, refusal, report.characteristics)
    if error is not None:
        raise error
    if made is None or checked is None:
        raise AssertionError("made and audited, unless refused or raised")
    whole = combine(report_decision, checked.decision)
    rows = characteristics_of(plate.models, checked.audit.sizes)
    if not _is_signed(whole, with_failure):
        return Stated(
            report,
            report_decision,
            checked,
            made.program.data,
            None,
            None,
            rows,
        )
    now = clock.now_utc()
    generation = None
    container_sha256 = container_of(made.program.data) if container_of is not None else None
    if whole.outcome is Outcome.PASSED:
        generation = generation_statement(
            name=program_name,
            program=made.program.data,
            totals=made.program.totals,
            models=facts,
            machine_name=f"{ascii_name(program_name)}.gcode",
            parts=statement_parts(plate, fact_of),
            resolved=resolved,
            demand=made.demand,
            report=report,
            tool=tool,
            issued_at=now,
            orders=statement_orders(plate),
            container_sha256=container_sha256,
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
        container_sha256=container_sha256,
    )
    return Stated(
        report,
        report_decision,
        checked,
        made.program.data,
        generation,
        recheck,
        rows,
        parts_stated(made.program.data, facts, resolved, checked, whole, recheck, tool, now),
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
    container_sha256: str | None = None,
) -> Signed:
    """Audit a program that anybody made, and sign what was found: the re-check alone.

    parts : every copy of every model in it. generation : the statement of the program's maker,
    where one stands beside it. The re-check then names it, and holds the program against the same
    demand. container_sha256 : of the file that the program came in, see `certify.statement`.
    """
    from printstd.certify.statement import recheck_statement

    own = [parts] if isinstance(parts, Prepared) else list(parts)
    models = {prepared.source.sha256: prepared for _, prepared in labelled(own)}
    resolved, order = own[0].resolved, own[0].order
    require_proven(resolved)
    if len(own) == 1 and len(own[0].pieces) == 1:
        resolved = own[0].pieces[0].resolved
    if generation is None:
        demand = foreign_demand(own, supports_allowed=supports_allowed)
    else:
        from printstd.profiles.demand import declared_demand, placement_of

        sources = [prepared.source for prepared in models.values()]
        settings = {
            (prepared.source.sha256, prepared.resolved.tool, piece.items): own_demand(piece)
            for prepared in own
            for piece in prepared.pieces
        }
        declared = generation.demand
        place = declared.parts[0].placement if declared.parts else declared.placement
        demand = declared_demand(
            resolved,
            sources,
            declared,
            is_healed=order.is_healed,
            settings_of=settings,
            drawing=drawing_demand(own[0], placement_of(place)),
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
        return Signed(
            None, None, checked, program, None, None, characteristics_of(own, checked.audit.sizes)
        )
    now = clock.now_utc()
    facts = distinct_facts([prepared for _, prepared in labelled(own)])[0]
    payload = recheck_statement(
        name=program_name,
        program=program,
        models=facts,
        resolved=resolved,
        demand=demand,
        audit=checked.audit,
        decision=checked.decision,
        generation_payload=generation.payload if generation else None,
        tool=tool,
        issued_at=now,
        container_sha256=container_sha256,
    )
    stated = Stated(
        None,
        None,
        checked,
        program,
        None,
        payload,
        characteristics_of(own, checked.audit.sizes),
        parts_stated(program, facts, resolved, checked, checked.decision, payload, tool, now),
    )
    return signed(stated, signer)


def _is_signed(decision: Decision, sign_failure: bool) -> bool:
    """A yes is signed; a no where that was asked for; what could not be decided never is."""
    return decision.outcome is Outcome.PASSED or (
        sign_failure and decision.outcome is Outcome.FAILED
    )

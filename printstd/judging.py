"""What the checks say of a model, or of a plate's, and what is decided from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from printstd.errors import SlicingError
from printstd.layered import layered
from printstd.plates import Plate, Prepared, part_names
from printstd.profiles.decision import Decision, Outcome, combine, decide
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.finding import Finding, Report
    from printstd.ports import Executor, Pending, Progress


def validate(
    prepared: Prepared, *, progress: Progress | None = None, executor: Executor | None = None
) -> tuple[Report, Decision]:
    """Run the pack's checks and decide."""
    from printstd.validate.registry import validate_model

    report = validate_model(
        prepared.file,
        prepared.resolved,
        placement=prepared.placement,
        is_healed=prepared.order.is_healed,
        progress=progress,
        layers=layered(prepared),
        executor=executor,
        drawing=prepared.order.drawing,
    )
    mandatory = prepared.resolved.mandatory_checks
    if mandatory and prepared.order.drawing is not None:
        mandatory = (*mandatory, "DRW-01")
    decision = decide(
        report.findings,
        rules_run=report.rules_run,
        mandatory=mandatory,
        allowed_undecided=prepared.order.allowed_undecided,
    )
    return report, decision


def check_records(prepared: Prepared) -> tuple[Finding, ...]:
    """What the checks of the records that were given say of a model. Raises SlicingError where the
    order is of another file."""
    records = prepared.resolved.records
    is_judged = records.capability is not None or prepared.resolved.pack.requires_capability
    if records.feedstock is None and records.order is None and not is_judged:
        return ()
    from printstd.validate.record_checks import check_records, of_another_part

    report = check_records(prepared.file, prepared.resolved, prepared.placement)
    wrong = of_another_part(report.findings)
    if wrong is not None:
        raise SlicingError(
            said("the order is of another part"),
            where=prepared.model.name,
            got=listed((wrong.rule_id, wrong.message), ": "),
            wanted=said("the file that the order names"),
            hint=said("find the ordered issue; `printstd explain {rule}`", rule=wrong.rule_id),
            code="SLICE-16",
        )
    return report.findings


def validate_plate(plate: Plate, *, progress: Progress | None = None) -> tuple[Report, Decision]:
    """Every model's checks, as one report where there are several: findings then say of which."""
    from printstd.artifacts.finding import Report

    found = [validate(prepared, progress=progress) for prepared in plate.models]
    if len(found) == 1:
        return found[0]
    names = part_names(plate.models)
    findings = tuple(
        replace(finding, message=listed((name, finding.message), ": "))
        for name, (report, _) in zip(names, found, strict=True)
        for finding in report.findings
    )
    first, _ = found[0]
    subject = " + ".join(prepared.model.name for prepared in plate.models)
    rows = tuple(row for report, _ in found for row in report.characteristics)
    report = Report(subject, first.subject_sha256, findings, first.rules_run, characteristics=rows)
    return report, combine(*(decision for _, decision in found))


_JUDGING_MS_PER_FACET: Final = 0.03


def judging_ms(plate: Plate) -> float:
    """What the checks of all models take, about."""
    return _JUDGING_MS_PER_FACET * sum(len(one.file.mesh.faces) for one in plate.models)


def judge(plate: Plate) -> tuple[Report, Decision]:
    """What runs beside slicing."""
    return validate_plate(plate)


def is_refused(judged: Pending[tuple[Report, Decision]]) -> bool:
    """The checks are known to have said no."""
    return judged.is_ready() and judged.result()[1].outcome is Outcome.FAILED

"""All checks over one model: Mesh -> Report."""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Report, Status
from printstd.artifacts.mesh import ModelFile, Placement
from printstd.ports import Progress
from printstd.profiles.resolved import Resolved
from printstd.validate.context import CheckContext
from printstd.validate.registry import CHECKS, SLICE_BLOCKERS, SLICEABLE


def validate_model(
    model: ModelFile,
    resolved: Resolved,
    *,
    placement: Placement | None = None,
    progress: Progress | None = None,
    only: Iterable[str] | None = None,
) -> Report:
    """Whether the model may be made under the resolved demands.

    `only` limits the run to those rule ids; KeyError names one that is not in the registry.
    Without a placement the model is judged as it lies in the file, unscaled, put at the bed's
    centre.
    """
    chosen = list(CHECKS.values()) if only is None else [CHECKS[rule_id] for rule_id in only]
    context = CheckContext(model, resolved, placement)
    findings: list[Finding] = []
    if progress:
        progress.stage("validate", len(chosen))
    for check in chosen:
        findings.extend(check.findings(context))
        if progress:
            progress.advance()
    source = model.mesh.source
    return Report(source.name, source.sha256, tuple(findings), tuple(check.id for check in chosen))


def slice_blockers(report: Report) -> list[Finding]:
    """The findings for which no program can be made; empty where slicing may go on.

    An edge with four balanced facets is a fault of the model, and yet has an inside: the finding
    says that it is sliceable, and does not block.
    """
    return [
        finding
        for finding in report.findings
        if finding.rule_id in SLICE_BLOCKERS
        and finding.status is Status.FAIL
        and SLICEABLE not in finding.details
    ]

"""Some checks over one model: Mesh -> Report."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.artifacts.finding import Finding, Report
from printstd.artifacts.mesh import ModelFile, Placement
from printstd.ports import Progress
from printstd.profiles.resolved import Resolved
from printstd.validate.check import Check
from printstd.validate.context import CheckContext


def run_checks(
    model: ModelFile,
    resolved: Resolved,
    checks: Sequence[Check],
    *,
    placement: Placement | None = None,
    progress: Progress | None = None,
) -> Report:
    """What the checks say of the model under the resolved demands.

    Without a placement the model is judged as it lies in the file, unscaled, put at the bed's
    centre.
    """
    context = CheckContext(model, resolved, placement)
    findings: list[Finding] = []
    if progress:
        progress.stage("validate", len(checks))
    for check in checks:
        findings.extend(check.findings(context))
        if progress:
            progress.advance()
    source = model.mesh.source
    return Report(source.name, source.sha256, tuple(findings), tuple(check.id for check in checks))

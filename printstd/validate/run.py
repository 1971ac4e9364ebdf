"""Some checks over one model: Mesh -> Report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from printstd.artifacts.characteristics import CharacteristicList
from printstd.artifacts.finding import Finding, Report, Status
from printstd.artifacts.mesh import ModelFile, Placement
from printstd.ports import Progress
from printstd.profiles.resolved import Resolved
from printstd.validate.check import Check
from printstd.validate.context import CheckContext, Layered

HEALABLE: Final = ("GEO-02", "GEO-03", "GEO-07", "GEO-08")
"""Checks of what `--heal` mends layer by layer: open and badly wound surfaces, and in the union of
each layer's outlines facets that are there twice and shells inside out."""


def run_checks(
    model: ModelFile,
    resolved: Resolved,
    checks: Sequence[Check],
    *,
    placement: Placement | None = None,
    is_healed: bool = False,
    progress: Progress | None = None,
    layers: Sequence[Layered] = (),
    drawing: CharacteristicList | None = None,
) -> Report:
    """What the checks say of the model under the resolved demands.

    is_healed : the user lets open and badly wound surfaces be healed, so they are no reason to
    refuse the model; but what its shape is there nobody can tell. layers : in which it is printed,
    where they are not simply its mesh cut at even heights. drawing : that it is judged by, too.

    Without a placement the model is judged as it lies in the file, unscaled, put at the bed's
    centre.
    """
    context = CheckContext(model, resolved, placement, layers, drawing)
    findings: list[Finding] = []
    if progress:
        progress.stage("validate", len(checks))
    for check in checks:
        found = check.findings(context)
        if is_healed and check.id in HEALABLE:
            found = tuple(_left_to_healing(finding) for finding in found)
        findings.extend(found)
        if progress:
            progress.advance()
    source = model.mesh.source
    return Report(
        source.name,
        source.sha256,
        tuple(findings),
        tuple(check.id for check in checks),
        context.characteristics,
    )


def _left_to_healing(finding: Finding) -> Finding:
    if finding.status is not Status.FAIL:
        return finding
    message = f"{finding.message}; --heal mends it layer by layer, what is meant there is a guess"
    return replace(finding, status=Status.INDETERMINATE, message=message)

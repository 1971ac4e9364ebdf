"""Some checks over one model: Mesh -> Report."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from printstd.artifacts.finding import Finding, Report, Status
from printstd.artifacts.mesh import ModelFile, Placement
from printstd.ports import Executor, Progress
from printstd.profiles.resolved import Resolved
from printstd.validate.check import Check
from printstd.validate.context import CheckContext, Layered
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.characteristics import CharacteristicList
    from printstd.kernels.recognition.shapes import RoundShape
    from printstd.kernels.triangle_pairs import Contacts
    from printstd.validate.recognised import Surface

_ASK_FOR_CONTACTS: Final = ("GEO-10", "GEO-11")
_ASK_FOR_ROUND_SHAPES: Final = ("FEA-01", "FEA-02", "DIM-01")
_WORTH_FACETS: Final = 200_000
_MS_PER_FACET: Final = 0.006

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
    executor: Executor | None = None,
    drawing: CharacteristicList | None = None,
) -> Report:
    """What the checks say of the model under the resolved demands.

    is_healed : the user lets open and badly wound surfaces be healed, so they are no reason to
    refuse the model; but what its shape is there nobody can tell. layers : in which it is printed,
    where they are not simply its mesh cut at even heights. executor : with which the pairs of
    facets of a large model are looked at beside the other checks. drawing : that it is judged by,
    too.

    Without a placement the model is judged as it lies in the file, unscaled, put at the bed's
    centre.
    """
    context = CheckContext(model, resolved, placement, layers, drawing)
    with ExitStack() as stack:
        _begin_beside(context, checks, executor, stack)
        findings = _findings(context, checks, is_healed=is_healed, progress=progress)
    source = model.mesh.source
    rules = tuple(check.id for check in checks)
    return Report(
        source.name,
        source.file_sha256,
        tuple(findings),
        rules,
        context.told_features,
        context.characteristics,
    )


def _findings(
    context: CheckContext,
    checks: Sequence[Check],
    *,
    is_healed: bool,
    progress: Progress | None,
) -> list[Finding]:
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
    return findings


def _begin_beside(
    context: CheckContext,
    checks: Sequence[Check],
    executor: Executor | None,
    stack: ExitStack,
) -> None:
    """The pairs of facets, and the round shapes, each begun in another process where that is worth
    it: of a large model each takes a fifth of the time of all checks, and both are asked for in the
    middle."""
    n_facets = len(context.faces)
    asked = {check.id for check in checks}
    if executor is None or n_facets < _WORTH_FACETS:
        return
    work_ms = n_facets * _MS_PER_FACET
    if asked.intersection(_ASK_FOR_CONTACTS):
        # What both need is there before they part.
        _ = context.edges, context.has_area
        begun = executor.beside(_contacts, context, work_ms=work_ms)
        context.await_contacts(stack.enter_context(begun).result)
    if asked.intersection(_ASK_FOR_ROUND_SHAPES):
        _ = context.surface
        shapes = executor.beside(_round_shapes, context.surface, work_ms=work_ms)
        context.surface.await_round_shapes(stack.enter_context(shapes).result)


def _contacts(context: CheckContext) -> Contacts | None:
    return context.contacts


def _round_shapes(surface: Surface) -> list[RoundShape]:
    return surface.round_shapes


def _left_to_healing(finding: Finding) -> Finding:
    if finding.status is not Status.FAIL:
        return finding
    message = said(
        "{message}; --heal mends it layer by layer, what is meant there is a guess",
        message=finding.message,
    )
    return replace(finding, status=Status.INDETERMINATE, message=message)

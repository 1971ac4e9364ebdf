"""The few checks that `slice` always runs first, apart from the registry: slicing a small part must
not pay for the import of checks that it does not run."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from printstd.artifacts.finding import Finding, Report, Status
from printstd.artifacts.mesh import ModelFile, Placement
from printstd.kernels.edges import is_paired
from printstd.ports import Progress
from printstd.profiles.resolved import Resolved
from printstd.validate.checks import boundary_edges, build_volume, winding
from printstd.validate.outcome import SLICEABLE
from printstd.validate.run import HEALABLE, run_checks

BLOCKERS: Final = MappingProxyType(
    {module.CHECK.id: module.CHECK for module in (boundary_edges, winding, build_volume)}
)
"""A FAIL of these means that no program can be made, unless the finding carries `SLICEABLE`."""


def blocking_findings(
    model: ModelFile,
    resolved: Resolved,
    *,
    placement: Placement | None = None,
    is_healed: bool = False,
    progress: Progress | None = None,
) -> list[Finding]:
    """Runs the blockers; empty where slicing may go on. is_healed : open and badly wound surfaces
    are sliced all the same."""
    # Both checks of edges say PASS of such a surface, and take longer to say it.
    is_sound = is_healed or is_paired(model.mesh.faces)
    checks = tuple(check for check in BLOCKERS.values() if not (is_sound and check.id in HEALABLE))
    report = run_checks(model, resolved, checks, placement=placement, progress=progress)
    return slice_blockers(report)


def slice_blockers(report: Report) -> list[Finding]:
    """The findings for which no program can be made; empty where slicing may go on.

    An edge with four balanced facets is a fault of the model, and yet has an inside: the finding
    says that it is sliceable, and does not block.
    """
    return [
        finding
        for finding in report.findings
        if finding.rule_id in BLOCKERS
        and finding.status is Status.FAIL
        and SLICEABLE not in finding.details
    ]

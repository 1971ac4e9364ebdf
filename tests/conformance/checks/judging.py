"""Run the real line of reading, placing and checking over a mesh that was built in a test."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from printstd.adapters.profile_files import default_source
from printstd.artifacts.finding import Finding, Report, Status, worst
from printstd.pipeline import ModelInput, Order, prepare
from printstd.pipeline import resolve as resolve_request
from printstd.profiles.resolved import Request, Resolved
from printstd.units import LengthUnit
from printstd.validate.registry import validate_model
from tests import meshes

MESH = meshes.Triangles


@lru_cache(maxsize=32)
def resolved(
    printer: str | None = "mk4s",
    tolerance_class: str = "m",
    material: str = "pla",
    overrides: tuple[tuple[str, str], ...] = (),
) -> Resolved:
    request = Request(
        tolerance_class=tolerance_class, material=material, printer=printer, overrides=overrides
    )
    return resolve_request(request, default_source())


def validated(
    model: MESH | bytes,
    *,
    only: tuple[str, ...] | None = None,
    name: str = "part.stl",
    demands: Resolved | None = None,
    unit: LengthUnit | None = LengthUnit.MILLIMETER,
    scale: float = 1.0,
    rotate_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Report:
    """`unit` is stated, so that UNT-01 has nothing to say unless a test is about it."""
    if not isinstance(model, bytes):
        model = meshes.ply(model) if name.endswith("ply") else meshes.stl_ascii(model)
    demands = demands or resolved()
    order = Order(unit=unit, scale_e6=round(scale * 1e6), rotate_deg=rotate_deg)
    prepared = prepare(ModelInput(model, name), order, demands)
    return validate_model(prepared.file, demands, placement=prepared.placement, only=only)


def judged(rule: str, model: MESH | bytes, **how: object) -> list[Finding]:
    """The findings of one rule; each is complete."""
    report = validated(model, only=(rule,), **how)  # type: ignore[arg-type]
    assert report.missing_rules() == ()
    for finding in report.findings:
        assert_complete(finding)
    return list(report.findings)


def status(rule: str, model: MESH | bytes, **how: object) -> Status:
    return worst(finding.status for finding in judged(rule, model, **how))


def only_of(rule: str, model: MESH | bytes, **how: object) -> Finding:
    findings = judged(rule, model, **how)
    assert len(findings) == 1, [f"{f.status}: {f.message}" for f in findings]
    return findings[0]


def assert_complete(finding: Finding) -> None:
    """Issue part 4: each with id, clause or source, measured, limit, unit, where."""
    assert finding.rule_id
    assert finding.source
    assert finding.message
    assert "\n" not in finding.message
    if finding.rule_id == "PAR-01":
        return
    if finding.status in (Status.FAIL, Status.WARN):
        assert finding.measured is not None, finding.message
        assert finding.unit
        assert finding.limit is not None, finding.message
        assert finding.where, finding.message
    if finding.measured is not None:
        assert np.isfinite(finding.measured)
        assert finding.unit


def places(finding: Finding) -> list[tuple[float, float, float]]:
    return [where.point_mm for where in finding.where if where.point_mm is not None]

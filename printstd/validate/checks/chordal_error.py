"""FEA-02: Chordal error of round surfaces

What it demands
    Flat facets stray from the round surface that they stand for by no more than a tenth of the
    general tolerance of its size; up to a quarter is warned about.

Why
    What the file cannot represent, no printer can make. A hole of 12 flat sides is narrower than
    its diameter before anything is printed.

How it is measured
    Cylinders, cones, spheres and fillets are recognised on the mesh (FEA-01): the vertices lie on
    the true surface to float precision, so radius R and width w of the widest strip give the
    chordal error R - sqrt(R2 - w2/4), of cones at the wide end. The size is the diameter for half a
    turn and more, else the radius. Arcs of less that bend outward are held against the table of
    external radii where the pack has it. Other arcs have no table of their own; held against that
    of sizes they are warned about at most. Cylinders and arcs of fewer than six flat strips are
    left out, and edges that fold by more than 31 degrees are corners of a polygon. Fillets along
    circular edges are judged along their section. Free forms and threads are not fitted. Of a STEP
    file the shapes are its own, and the error is what was measured between mesh and surface.

Example
    A hole of 12 mm drawn with 16 sides strays by 0.115 mm; the class m tolerance is 0.2 mm, so it
    fails. With 48 sides it strays by 0.013 mm and passes.

Standard and clause
    Tolerance tables of the pack (ISO 2768-1, tables 1 and 2); ISO/ASTM 52902 practice: instrument,
    here the file, to a quarter of the tolerance at most
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.recognition.shapes import RoundShape, Shape
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets, tolerance_table
from printstd.validate.recognised import HALF_TURN_DEG
from printstd.words import Said, said

_LEAST_STRIPS = 6
_PASS_RATIO = 0.1
_WARN_RATIO = 0.25
_LEAST_SLACK_MM = 1e-6
"""What is drawn at the limit is not above it for the rounding of the arithmetic."""


@dataclass(frozen=True, slots=True)
class _Judged:
    shape: RoundShape
    size_mm: float
    error_mm: float
    deviation_mm: float
    status: Status

    @property
    def share(self) -> float:
        """Chordal error over the permissible deviation."""
        return self.error_mm / self.deviation_mm


def run(context: CheckContext) -> tuple[Finding, ...]:
    judged = [
        found
        for shape in context.surface.round_shapes
        if shape.strips >= _LEAST_STRIPS and (found := _judge(context, shape)) is not None
    ]
    if not judged:
        return (
            CHECK.says(
                Status.NOT_APPLICABLE,
                said("no round surface of six strips or more has a general tolerance"),
            ),
        )
    # Equal but for rounding is equal: the order then stays that of size and facets.
    judged.sort(key=lambda found: -round(found.share, 6))
    findings = [
        _finding(context, status, [found for found in judged if found.status is status])
        for status in (Status.FAIL, Status.WARN)
        if any(found.status is status for found in judged)
    ]
    return tuple(findings) or (_finding(context, Status.PASS, judged),)


def _is_arc(shape: RoundShape) -> bool:
    return shape.shape is Shape.TORUS or shape.arc_deg < HALF_TURN_DEG


def _judge(context: CheckContext, shape: RoundShape) -> _Judged | None:
    is_arc = _is_arc(shape)
    radius = shape.largest_radius if shape.shape is Shape.CONE else shape.radius
    # To a micrometre: a diameter drawn as 120 mm is not above 120 mm for the rounding of the fit.
    size = round(radius if is_arc else 2 * radius, 3)
    deviation, may_fail = context.resolved.deviation_mm(size), not is_arc
    if is_arc and not shape.is_concave and shape.shape is not Shape.CONE:
        edge = context.resolved.radius_deviation_mm(size)
        if edge is not None:
            deviation, may_fail = edge, True
    if deviation is None:
        return None
    error, slack = shape.sagitta, _uncertainty_mm(context, shape)
    if shape.shape is Shape.CONE:
        error *= radius / shape.radius / float(np.sqrt(1 + shape.slope**2))
    status = Status.PASS
    if error > _PASS_RATIO * deviation + slack:
        status = Status.WARN
    if error > _WARN_RATIO * deviation + slack and may_fail:
        status = Status.FAIL
    return _Judged(shape, size, error, deviation, status)


def _uncertainty_mm(context: CheckContext, shape: RoundShape) -> float:
    """Of the chordal error, for the rounding of the file's numbers: R - sqrt(R2 - w2/4) for a width
    whose two ends are off by that, and a radius that is off by the residual of the fit."""
    height = max(shape.radius - shape.sagitta, 1e-300)
    by_width = shape.widest / (2 * height) * context.ulp_mm
    by_radius = shape.sagitta / height * shape.residual
    return float(max(by_width + by_radius, _LEAST_SLACK_MM))


def _name(judged: _Judged) -> Said:
    shape = judged.shape
    if _is_arc(shape):
        return said("R {radius:.2f} mm", radius=judged.size_mm)
    if shape.shape is Shape.CONE:
        return said("cone of {size:.2f} mm", size=judged.size_mm)
    if shape.shape is Shape.SPHERE:
        return said("sphere of {size:.2f} mm", size=judged.size_mm)
    if shape.is_concave:
        return said("hole of {size:.2f} mm", size=judged.size_mm)
    return said("boss of {size:.2f} mm", size=judged.size_mm)


def _message(status: Status, judged: list[_Judged]) -> Said:
    worst = judged[0]
    allowed = _PASS_RATIO * worst.deviation_mm
    radius = worst.size_mm if _is_arc(worst.shape) else worst.size_mm / 2
    values = {
        "count": len(judged),
        "error": worst.error_mm,
        "name": _name(worst),
        "deviation": worst.deviation_mm,
        "needed": int(np.ceil(np.pi / np.arccos(1 - allowed / radius))),
    }
    if status is Status.PASS:
        if len(judged) == 1:
            return said(
                "1 round surface strays from the true shape by up to {error:.4f} mm ({name}, "
                "tolerance +-{deviation:g} mm)",
                **values,
            )
        return said(
            "{count} round surfaces stray from the true shape by up to {error:.4f} mm ({name}, "
            "tolerance +-{deviation:g} mm)",
            **values,
        )
    if len(judged) == 1:
        return said(
            "1 round surface strays from the true shape by up to {error:.4f} mm ({name}, "
            "tolerance +-{deviation:g} mm); export with {needed} facets to the turn or more",
            **values,
        )
    return said(
        "{count} round surfaces stray from the true shape by up to {error:.4f} mm ({name}, "
        "tolerance +-{deviation:g} mm); export with {needed} facets to the turn or more",
        **values,
    )


def _finding(context: CheckContext, status: Status, judged: list[_Judged]) -> Finding:
    worst = judged[0]
    shape, ratio = worst.shape, _WARN_RATIO if status is Status.FAIL else _PASS_RATIO
    return CHECK.says(
        status,
        _message(status, judged),
        measured=round(worst.error_mm, 6),
        limit=ratio * worst.deviation_mm,
        unit="mm",
        where=tuple(
            context.where(
                context.vertices_mm[context.faces[found.shape.facets].reshape(-1)],
                found.shape.facets,
            )
            for found in (judged[:MOST_PLACES] if status is not Status.PASS else ())
        ),
        source=said(
            "{indication}, 1/{parts} of the tolerance",
            indication=context.resolved.indication,
            parts=round(1 / ratio),
        ),
        details=(
            (said("radius"), said("{mm:.4f} mm", mm=shape.radius)),
            (said("residual of the fit"), said("{mm:.2g} mm", mm=shape.residual)),
            (
                said("strips"),
                said("{strips} over {arc:.0f} deg", strips=shape.strips, arc=shape.arc_deg),
            ),
        ),
    )


CHECK = Check(
    "FEA-02",
    said("Chordal error of round surfaces"),
    said("ISO 2768-1, tables 1 and 2, 1/10 and 1/4 of the tolerance"),
    run,
    (facets, tolerance_table),
)

"""FEA-02: Chordal error of round surfaces

What it demands
    Flat facets stray from the round surface that they stand for by no more than a tenth of the
    general tolerance of its size; up to a quarter is warned about.

Why
    What the file cannot represent, no printer can make. A hole of 12 flat sides is narrower than
    its diameter before anything is printed.

How it is measured
    Cylinders and arcs of six flat strips or more are fitted to the mesh: the vertices lie on the
    true surface to float precision, so radius R and width w of the widest strip give the chordal
    error R - sqrt(R2 - w2/4). The size is the diameter for half a turn and
    more, else the radius. Arcs below half a turn are fillets and rounded corners, whose general
    tolerances stand in another table (broken edges), wider and not carried by the packs; held
    against the table of sizes they are warned about at most. Edges that fold by more than 31
    degrees are corners of a polygon. Cones, spheres, tori and threads are not fitted yet.

Example
    A hole of 12 mm drawn with 16 sides strays by 0.115 mm; the class m tolerance is 0.2 mm, so it
    fails. With 48 sides it strays by 0.013 mm and passes.

Standard and clause
    Tolerance table of the pack (ISO 2768-1, table 1); ISO/ASTM 52902 practice: instrument, here
    the file, to a quarter of the tolerance at most
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.cylinders import Cylinder
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets, tolerance_table
from printstd.validate.outcome import counted

_HALF_TURN_DEG = 179.5
"""An arc of 180 degrees adds up to a little less."""

_PASS_RATIO = 0.1
_WARN_RATIO = 0.25


@dataclass(frozen=True, slots=True)
class _Judged:
    patch: Cylinder
    size_mm: float
    deviation_mm: float
    status: Status

    @property
    def share(self) -> float:
        """Chordal error over the permissible deviation."""
        return self.patch.sagitta / self.deviation_mm


def run(context: CheckContext) -> tuple[Finding, ...]:
    judged = [
        found for patch in context.round_shapes if (found := _judge(context, patch)) is not None
    ]
    if not judged:
        return (
            CHECK.says(
                Status.NOT_APPLICABLE,
                "no cylinder or arc of six strips or more has a general tolerance",
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


def _judge(context: CheckContext, patch: Cylinder) -> _Judged | None:
    is_arc = patch.arc_deg < _HALF_TURN_DEG
    # To a micrometre: a diameter drawn as 120 mm is not above 120 mm for the rounding of the fit.
    size = round(patch.radius if is_arc else 2 * patch.radius, 3)
    deviation = context.resolved.deviation_mm(size)
    if deviation is None:
        return None
    status = Status.PASS
    if patch.sagitta > _PASS_RATIO * deviation + context.rounding_mm:
        status = Status.WARN
    if patch.sagitta > _WARN_RATIO * deviation + context.rounding_mm and not is_arc:
        status = Status.FAIL
    return _Judged(patch, size, deviation, status)


def _finding(context: CheckContext, status: Status, judged: list[_Judged]) -> Finding:
    worst = judged[0]
    patch, ratio = worst.patch, _WARN_RATIO if status is Status.FAIL else _PASS_RATIO
    limit = ratio * worst.deviation_mm
    needed = int(np.ceil(np.pi / np.arccos(1 - _PASS_RATIO * worst.deviation_mm / patch.radius)))
    what = "hole" if patch.is_hole else "boss"
    name = (
        f"{what} of {worst.size_mm:.2f} mm"
        if patch.arc_deg >= _HALF_TURN_DEG
        else f"R {patch.radius:.2f} mm"
    )
    verb = "stray" if len(judged) > 1 else "strays"
    surfaces = counted(len(judged), "round surface")
    advice = "" if status is Status.PASS else f"; export with {needed} facets to the turn or more"
    return CHECK.says(
        status,
        f"{surfaces} {verb} from the true shape by up to {patch.sagitta:.4f} mm ({name}, "
        f"tolerance +-{worst.deviation_mm:g} mm){advice}",
        measured=round(patch.sagitta, 6),
        limit=limit,
        unit="mm",
        where=tuple(
            context.where(
                context.vertices_mm[context.faces[found.patch.facets].reshape(-1)],
                found.patch.facets,
            )
            for found in (judged[:MOST_PLACES] if status is not Status.PASS else ())
        ),
        source=f"{context.resolved.indication}, 1/{round(1 / ratio)} of the tolerance",
        details=(
            ("radius", f"{patch.radius:.4f} mm"),
            ("residual of the fit", f"{patch.residual:.2g} mm"),
            ("strips", f"{patch.strips} over {patch.arc_deg:.0f} deg"),
        ),
    )


CHECK = Check(
    "FEA-02",
    "Chordal error of round surfaces",
    "ISO 2768-1, table 1, 1/10 and 1/4 of the tolerance",
    run,
    (facets, tolerance_table),
)

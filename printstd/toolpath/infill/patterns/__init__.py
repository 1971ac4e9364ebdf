"""The patterns of sparse infill: a closed registry, one entry each.

To add one: a member of `profiles.models.InfillPattern`, a function here that lays it, an entry in
`PATTERNS`, or in `SURVEYED` if it must know of other layers. The tests of all patterns (density,
containment, anchors, certificates) run over both. A pattern gets the sparse areas of several layers
at once and lays each of them as if it were alone; of other layers it knows only what the survey of
the print (`infill.survey`) has told it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath.infill.connect import Laid
from printstd.toolpath.infill.jobs import Job, Sparse
from printstd.toolpath.infill.patterns import concentric, crossed, parallel, waves
from printstd.toolpath.infill.patterns.adaptive_cubic import AdaptiveCubic
from printstd.toolpath.infill.patterns.lightning import Lightning
from printstd.toolpath.infill.survey import Survey

Lay = Callable[[Sequence[Sparse]], tuple[Sequence[Job], Laid]]

PATTERNS: Final[Mapping[InfillPattern, Lay]] = {
    InfillPattern.RECTILINEAR: parallel.rectilinear,
    InfillPattern.ALIGNED_RECTILINEAR: parallel.aligned_rectilinear,
    InfillPattern.ZIGZAG: parallel.zigzag,
    InfillPattern.GRID: parallel.grid,
    InfillPattern.TRIANGLES: crossed.triangles,
    InfillPattern.STARS: crossed.stars,
    InfillPattern.CUBIC: crossed.cubic,
    InfillPattern.HONEYCOMB: waves.honeycomb,
    InfillPattern.GYROID: waves.gyroid,
    InfillPattern.CONCENTRIC: concentric.concentric,
}
"""Patterns for which a layer is enough."""

SURVEYED: Final[Mapping[InfillPattern, Callable[[Survey], Lay]]] = {
    InfillPattern.ADAPTIVE_CUBIC: AdaptiveCubic.of,
    InfillPattern.LIGHTNING: Lightning.of,
}
"""Patterns that look across layers: what they make of the whole print lays the layers of it."""


def surveyed(survey: Survey) -> dict[InfillPattern, Lay]:
    """The ways to lay the surveyed patterns that a print asks for."""
    asked = dict.fromkeys(spec.pattern for spec in survey.specs if spec.density_ratio)
    return {pattern: SURVEYED[pattern](survey) for pattern in asked if pattern in SURVEYED}

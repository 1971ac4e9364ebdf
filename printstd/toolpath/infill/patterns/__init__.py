"""The patterns of sparse infill: a closed registry, one entry each.

To add one: a member of `profiles.models.InfillPattern`, a function here that lays it, an entry in
`PATTERNS`, or in `SURVEYED` if it must know of other layers. The tests of all patterns (density,
containment, anchors, certificates) run over both. A pattern gets the sparse areas of several layers
at once and lays each of them as if it were alone; of other layers it knows only what the survey of
the print (`infill.survey`) has told it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath.infill.connect import Laid
from printstd.toolpath.infill.jobs import Job, Sparse

if TYPE_CHECKING:
    from printstd.toolpath.infill.survey import Survey

Lay = Callable[[Sequence[Sparse]], tuple[Sequence[Job], Laid]]


def _from(module: str, name: str) -> Any:
    """What a module of this folder has, imported when a print first asks for it: most prints use
    one pattern, and a small one is over before all of them are read."""

    def called(asked: Any) -> Any:
        return getattr(import_module(f"{__name__}.{module}"), name)(asked)

    return called


PATTERNS: Final[Mapping[InfillPattern, Lay]] = {
    pattern: cast(Lay, _from(module, name))
    for pattern, module, name in (
        (InfillPattern.RECTILINEAR, "parallel", "rectilinear"),
        (InfillPattern.ALIGNED_RECTILINEAR, "parallel", "aligned_rectilinear"),
        (InfillPattern.ZIGZAG, "parallel", "zigzag"),
        (InfillPattern.GRID, "parallel", "grid"),
        (InfillPattern.TRIANGLES, "crossed", "triangles"),
        (InfillPattern.STARS, "crossed", "stars"),
        (InfillPattern.CUBIC, "crossed", "cubic"),
        (InfillPattern.HONEYCOMB, "waves", "honeycomb"),
        (InfillPattern.GYROID, "waves", "gyroid"),
        (InfillPattern.CONCENTRIC, "concentric", "concentric"),
    )
}
"""Patterns for which a layer is enough."""

SURVEYED: Final[Mapping[InfillPattern, Callable[[Survey], Lay]]] = {
    InfillPattern.ADAPTIVE_CUBIC: _from("adaptive_cubic", "survey_of"),
    InfillPattern.LIGHTNING: _from("lightning", "survey_of"),
}
"""Patterns that look across layers: what they make of the whole print lays the layers of it."""


def surveyed(survey: Survey) -> dict[InfillPattern, Lay]:
    """The ways to lay the surveyed patterns that a print asks for."""
    asked = dict.fromkeys(spec.pattern for spec in survey.specs if spec.density_ratio)
    return {pattern: SURVEYED[pattern](survey) for pattern in asked if pattern in SURVEYED}

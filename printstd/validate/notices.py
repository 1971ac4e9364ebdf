"""What the user of a program must be told of the model that it was made of: it decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from printstd.artifacts.finding import Finding
from printstd.artifacts.layers import LayerStack
from printstd.kernels.hanging import Hanging
from printstd.profiles.resolved import Resolved
from printstd.units import nm
from printstd.validate.checks import boundary_edges, overhangs
from printstd.words import said


def slicing_notices(
    stacks: Sequence[LayerStack],
    names: Sequence[str],
    hanging: Sequence[Hanging],
    resolved: Resolved,
    *,
    has_supports: bool,
) -> tuple[Finding, ...]:
    """What was healed, where that was asked for, and what hangs over nothing.

    stacks : of each model, whose layers lie at the same heights as far as they go. names : of the
    models; findings about one of several say it. has_supports : of any of them.
    """
    limit_nm = nm(resolved.process.heal_gap_mm)
    found = []
    for name, stack in zip(names, stacks, strict=True):
        if stack.healed is None:
            continue
        told = boundary_edges.told_healed(stack.healed, _tops_mm(stack), limit_nm)
        of_one = replace(told, message=said("{model}: {message}", model=name, message=told.message))
        found.append(of_one if len(stacks) > 1 else told)
    tallest = max(stacks, key=lambda stack: stack.n_layers)
    supports = overhangs.Supporting.LAID if has_supports else overhangs.Supporting.NONE
    needs_supports = overhangs.told(hanging, _tops_mm(tallest), supports=supports)
    return (*found, needs_supports)


def _tops_mm(stack: LayerStack) -> list[float]:
    return [top / 1000 for top in stack.top_um.tolist()]

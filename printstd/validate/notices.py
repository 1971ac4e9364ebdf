"""What the user of a program must be told of the model that it was made of: it decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.artifacts.finding import Finding
from printstd.artifacts.layers import LayerStack
from printstd.kernels.overhang import Hanging
from printstd.profiles.resolved import Resolved
from printstd.units import nm
from printstd.validate.checks import boundary_edges, overhangs


def slicing_notices(
    stack: LayerStack, hanging: Sequence[Hanging], resolved: Resolved
) -> tuple[Finding, ...]:
    """What was healed, where that was asked for, and what hangs over nothing."""
    tops_mm = [top / 1000 for top in stack.top_um.tolist()]
    needs_supports = overhangs.told(hanging, tops_mm)
    if stack.healed is None:
        return (needs_supports,)
    limit_nm = nm(resolved.process.heal_gap_mm)
    return boundary_edges.told_healed(stack.healed, tops_mm, limit_nm), needs_supports

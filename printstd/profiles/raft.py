"""The layers of a raft and how high they lift the part: what slicing, toolpath and the demand must
agree on.

The lowest is a first layer like any other. Those above are as thick as the nozzle lays them well,
max(layer height, 0.75 nozzle), as far as the machine lets it (facts of slicers 2.9). Between the
uppermost and the part the contact distance is left free.
"""

from __future__ import annotations

from typing import Final

from printstd.named_tuple import NamedTuple
from printstd.profiles.resolved import Resolved
from printstd.units import um

_THICK_RATIO: Final = 0.75
"""Of the nozzle."""


class RaftPlan(NamedTuple):
    """height_um : of each layer, bottom up; none where there is no raft. floor_um : where the part
    begins, above the bed."""

    height_um: tuple[int, ...]
    floor_um: int


def raft_plan(resolved: Resolved) -> RaftPlan:
    process = resolved.process
    count = process.raft.layers
    if not count:
        return RaftPlan((), 0)
    thick_mm = _THICK_RATIO * resolved.nozzle_mm
    if resolved.printer is not None:
        thick_mm = min(thick_mm, resolved.printer.max_layer_height_mm)
    upper = um(max(process.layer_height_mm, thick_mm))
    heights = (um(process.first_layer_height_mm), *[upper] * (count - 1))
    return RaftPlan(heights, sum(heights) + um(process.raft.contact_distance_mm))

"""How high above the bed a part begins whose raft nobody declared.

A part stands on a raft whose height is its slicer's own. The highest bead of the program is the
part's last layer: what is between it and the bed beyond the part's own layers is the raft.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from printstd.artifacts.demand import AuditDemand
from printstd.audit.beads import is_bead, planned_heights
from printstd.audit.machine import Track


def with_found_floor(demand: AuditDemand, track: Track, height_um: float) -> AuditDemand:
    """The demand with the floor that the program's own height tells, where supports were not
    declared and it is one; as it is anywhere else. height_um : of the part as placed.

    Layers over a raft are all alike; whether the raft is there, rule G-02 finds out.
    """
    plan = demand.layers
    if "supports" not in demand.undeclared or plan.floor_um or plan.top_um or plan.is_varied:
        return demand
    laid = is_bead(track)
    if not laid.any():
        return demand
    top = float(track.end_um[laid, 2].max())
    over = replace(plan, first_um=plan.height_um)
    own = planned_heights(replace(demand, layers=over), height_um).top_um
    floor = round(top - float(own[-1])) if len(own) else 0
    # A plan that ends a layer sooner or later than the program is no raft.
    if floor <= 1.5 * plan.height_um or not np.isfinite(top):
        return demand
    return replace(demand, layers=replace(over, floor_um=floor))

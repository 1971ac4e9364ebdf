"""M-05: Volumetric flow

What it demands
    No bead asks for more molten plastic a second than the material and hot end give, and none
    has a cross-section over four nozzle diameters squared.

Why
    What the hot end cannot melt is not laid: the bead is thinner than commanded, and everything
    measured on commanded geometry is wrong. Klipper aborts a print at the cross-section limit.

How it is measured
    Filament volume over the time of the move, each number rounded in the program's favour (a
    move's length by 1.5 um, its filament by half of 10^-5 mm). Moves shorter than 0.1 mm are
    joined to their neighbours of the same speed.

Example
    0.45 x 0.2 mm at 184 mm/s is 15 mm3/s.

Source
    material profile, max_flow_mm3_s; Klipper max_extrude_cross_section
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.audit.machine import Track
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.audit.tools import of_each
from printstd.words import said

SLACK = 1.005
SHORT_UM = 100.0


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track, demand = evidence.track, evidence.demand
    rows = np.flatnonzero(evidence.is_laid & (track.kind <= 3))
    if not len(rows):
        yield from rule.does_not_apply(said("nothing is laid"))
        return
    # Column by column, and moves gone once they are added up: a large program has millions.
    length, feed_um_s = _length_um(track, rows), np.nan_to_num(track.feed_um_s[rows])
    # Of one speed: a bead that grows wider gets slower from one short move to the next.
    is_head = np.ones(len(rows), bool)
    is_head[1:] = (np.diff(rows) != 1) | (feed_um_s[1:] != feed_um_s[:-1])
    # Short moves add up with the ones before them until they are long enough to tell.
    run = np.cumsum(length)
    run /= SHORT_UM
    is_head[1:] |= np.diff(np.floor(run, out=run)) > 0
    del run
    heads = np.flatnonzero(is_head)
    feed = np.maximum.reduceat(feed_um_s, heads)
    del feed_um_s
    way = np.add.reduceat(length, heads) + 1.5
    del length, is_head
    tool = track.tool[rows]
    diameter = of_each(demand, tool, lambda own: own.filament_um, demand.machine.filament_um)
    volume = np.maximum(track.e_um[rows] - 0.005, 0.0)
    volume *= np.pi * (diameter / 2) ** 2
    del diameter
    area = np.add.reduceat(volume, heads) / way
    del volume
    line = track.line[rows[heads]]
    flow = area * feed / 1e9
    usual = demand.material.max_flow_mm3_s_e3
    limit = of_each(demand, tool[heads], lambda own: own.material.max_flow_mm3_s_e3, usual) / 1000
    worst = int((flow / limit).argmax())
    is_clean = True
    fast = np.flatnonzero(flow > limit * SLACK)
    if len(fast):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said("more plastic a second than the material allows"),
            measured=float(flow[worst]),
            limit=float(limit[worst]),
            unit="mm3/s",
            where=at_lines(line[fast].tolist()),
        )
    thickest = 4.0 * demand.machine.nozzle_um**2
    thick = np.flatnonzero(area > thickest)
    if len(thick):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said("a bead of impossible cross-section"),
            measured=float(area.max()) / 1e6,
            limit=thickest / 1e6,
            unit="mm2",
            where=at_lines(line[thick].tolist()),
        )
    if is_clean:
        yield from rule.passes(
            said("flow within the material's limit"),
            measured=float(flow[worst]),
            limit=float(limit[worst]),
            unit="mm3/s",
        )


def _length_um(track: Track, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) of moves, in XY."""
    x, y = (track.end_um[rows, axis] - track.start_um[rows, axis] for axis in range(2))
    return np.asarray(np.hypot(x, y, out=x))


RULE = Rule("M-05", said("Volumetric flow"), said("material profile: max_flow_mm3_s"), check)

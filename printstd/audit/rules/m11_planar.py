"""M-11: Flat layers, clear travel

What it demands
    From the part's first bead to its last, no bead climbs or falls while it is laid, and no
    travel runs lower than what has been printed. Where a spiral is declared its turns climb evenly
    from each planned height to the next, without a break. Of parts printed one after the other,
    each is finished before the next begins; lower than a finished part's top the nozzle keeps the
    head's radius away from it, and the beam above the head stays over it.

Why
    A bead that climbs has no known height, so its width cannot be known either. A nozzle that
    travels below the top of the print drives through it, and a head that comes too near to a
    finished part tears it off.

How it is measured
    Z at both ends of every bead; for travels along XY, Z against the highest bead before. In a
    spiral, Z at the end of every bead against the way that it has come in its turn (to 5 um), and
    all that the nozzle does between its first bead and its last. One after the other: against the
    highest bead of the same part; and for every move after a part is finished that comes lower
    than its top, its distance in XY from the convex outline of that part's beads.

Example
    A "spiral vase" that no layer plan declares, or one that rises in steps.

Source
    planar layers: ISO/ASTM 52900:2021, 3.1 (layer)
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, Stretch, at_lines
from printstd.audit.spiral import Turns
from printstd.words import counted, said

ROUNDING_UM = 1.0
EVEN_UM = 5.0
"""Of a spiral's climb: heights of whole um, and ways of a turn whose ends are known to one step."""


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track = evidence.track
    begin, end = evidence.print_span
    inside = (track.seq >= begin) & (track.seq <= end)
    laid = evidence.is_laid & inside
    climb = np.abs(track.end_um[:, 2] - track.start_um[:, 2])
    is_ramp = laid & (climb > ROUNDING_UM)
    is_clean = True
    turns = evidence.deposit.turns
    if turns is not None:
        is_ramp[evidence.deposit.moves[turns.rows]] = False
        for finding in _spiral(rule, evidence, turns):
            is_clean = False
            yield finding
    ramps = np.flatnonzero(is_ramp)
    if len(ramps):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said(
                "{beads} laid while Z changes",
                beads=counted("{count} bead", "{count} beads", count=len(ramps)),
            ),
            measured=float(climb[ramps].max()) / 1000,
            limit=0,
            unit="mm",
            where=at_lines(track.line[ramps].tolist()),
        )
    if evidence.stretches:
        found = list(_one_by_one(rule, evidence))
    else:
        found = list(_below_top(rule, evidence, inside, laid))
    yield from found
    if is_clean and not found:
        what = said("every bead lies flat") if turns is None else said("the spiral rises evenly")
        yield from rule.passes(said("{what} and no travel runs below the print", what=what))


def _below_top(
    rule: Rule,
    evidence: Evidence,
    inside: NDArray[np.bool_],
    laid: NDArray[np.bool_],
    name: str = "the print",
) -> Iterable[Finding]:
    """Travels among some moves that run lower than the highest bead among them so far."""
    track = evidence.track
    z = np.where(laid, track.end_um[:, 2], -np.inf)
    top = np.maximum.accumulate(z) if len(z) else z
    moving = (track.end_um[:, :2] != track.start_um[:, :2]).any(axis=1)
    lowest = np.minimum(track.start_um[:, 2], track.end_um[:, 2])
    low = np.flatnonzero(inside & moving & ~laid & (lowest < top - ROUNDING_UM))
    if len(low):
        yield rule.says(
            Status.FAIL,
            said(
                "{travels} lower than the top of {name}",
                travels=counted("{count} travel", "{count} travels", count=len(low)),
                name=name,
            ),
            measured=float((top - lowest)[low].max()) / 1000,
            limit=0,
            unit="mm",
            where=at_lines(track.line[low].tolist()),
        )


def _one_by_one(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track = evidence.track
    for done, following in pairwise(evidence.stretches):
        if following.first <= done.last:
            yield rule.says(
                Status.FAIL,
                said(
                    "{label} begins before {other} is finished",
                    label=following.label,
                    other=done.label,
                ),
                where=at_lines(following.beads.line[:1].tolist()),
            )
    for part in evidence.stretches:
        own = (track.seq >= part.first) & (track.seq <= part.last)
        yield from _below_top(rule, evidence, own, evidence.is_laid & own, part.label)
        yield from _too_near(rule, evidence, part)


def _too_near(rule: Rule, evidence: Evidence, part: Stretch) -> Iterable[Finding]:
    """Moves after a part is finished that bring head or beam to it."""
    import shapely

    track, clearance = evidence.track, evidence.demand.clearance
    if clearance is None:
        return
    _, end = evidence.print_span
    lowest = np.minimum(track.start_um[:, 2], track.end_um[:, 2])
    after = (track.seq > part.last) & (track.seq <= end)
    under = np.flatnonzero(after & (lowest + clearance.gantry_um < part.top_um - ROUNDING_UM))
    if len(under):
        yield rule.says(
            Status.FAIL,
            said("{label} is finished and higher than the beam passes over it", label=part.label),
            measured=float((part.top_um - lowest[under]).max()) / 1000,
            limit=clearance.gantry_um / 1000,
            unit="mm",
            where=at_lines(track.line[under].tolist()),
        )
    beside = np.flatnonzero(after & (lowest < part.top_um - ROUNDING_UM))
    # A way up from the part's own last bead leaves it behind.
    is_rising = track.end_um[:, 2] > track.start_um[:, 2]
    is_still = (track.end_um[:, :2] == track.start_um[:, :2]).all(axis=1)
    beside = beside[~(is_rising & is_still)[beside]]
    if not len(beside):
        return
    ends = np.concatenate([part.beads.start_um, part.beads.end_um])
    hull = shapely.convex_hull(shapely.multipoints(ends))
    half = float(part.beads.width_um.max()) / 2
    ways = np.stack([track.start_um[beside, :2], track.end_um[beside, :2]], axis=1)
    far = shapely.distance(shapely.linestrings(ways), hull) - half
    near = np.flatnonzero(far < clearance.radius_um - ROUNDING_UM)
    if len(near):
        yield rule.says(
            Status.FAIL,
            said(
                "{moves} beside {label}, which is finished, nearer than the head is wide",
                moves=counted("{count} move", "{count} moves", count=len(near)),
                label=part.label,
            ),
            measured=max(float(far.min()), 0.0) / 1000,
            limit=clearance.radius_um / 1000,
            unit="mm",
            where=at_lines(track.line[beside[near]].tolist()),
        )


def _spiral(rule: Rule, evidence: Evidence, turns: Turns) -> Iterable[Finding]:
    """What is wrong with the climb of a declared spiral."""
    track, moves = evidence.track, evidence.deposit.moves
    if not len(turns.rows):
        yield rule.says(Status.FAIL, said("the spiral that was declared is not there"))
        return
    mine = moves[turns.rows]
    off = np.abs(track.end_um[mine, 2] - turns.wanted_um)
    falls = track.end_um[mine, 2] < track.start_um[mine, 2] - ROUNDING_UM / 2
    uneven = np.flatnonzero((off > EVEN_UM) | falls)
    if len(uneven):
        yield rule.says(
            Status.FAIL,
            said(
                "{beads} of the spiral off the even climb",
                beads=counted("{count} bead", "{count} beads", count=len(uneven)),
            ),
            measured=float(off[uneven].max()) / 1000,
            limit=EVEN_UM / 1000,
            unit="mm",
            where=at_lines(track.line[mine[uneven]].tolist()),
        )
    between = np.arange(mine[0], mine[-1] + 1)
    does = (track.e_um[between] != 0) | (track.end_um[between] != track.start_um[between]).any(
        axis=1
    )
    breaks = np.setdiff1d(between[does], mine)
    if len(breaks):
        yield rule.says(
            Status.FAIL,
            said(
                "the spiral is broken by {moves} that lay nothing",
                moves=counted("{count} move", "{count} moves", count=len(breaks)),
            ),
            measured=len(breaks),
            limit=0,
            unit="moves",
            where=at_lines(track.line[breaks].tolist()),
        )


RULE = Rule("M-11", said("Flat layers, clear travel"), "ISO/ASTM 52900:2021, 3.1", check)

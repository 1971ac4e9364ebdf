"""M-15: Purged after every change

What it demands
    Where tools are to purge, each one that comes lays the volume that the machine asks for on the
    prime tower before it lays anything of a part. The tower stands on the bed clear of all parts,
    and in every layer up to that of the last change something of it lies on what is below.

Why
    What hangs in a nozzle that has waited is missing, burnt or of the other colour: the first
    decimetre of a part's wall would be made of it. A tower with a layer missing falls, and what
    is purged then falls on the part.

How it is measured
    Beads inside the declared box are the tower's (of a program of unknown maker: what touches the
    place where nearly every tool begins that comes). Their volume is counted from each change to
    the first bead anywhere else. Beads are cut to pieces of 1 mm at most: none lies further than
    2.5 mm from a bead of the tower's layer below.

Example
    A line "T1" added by hand: the other filament begins in the middle of a wall.

Source
    printer profile, tools; process profile, prime_tower
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.beads import Beads
from printstd.audit.rule import Evidence, Rule, at_line, at_lines
from printstd.audit.tower import Tower, changes_of
from printstd.words import counted, said

CLEAR_UM = 500.0
REACH_UM = 2500.0
PIECE_UM = 1000.0
ROUNDING = 0.99
"""Of the volume: moves are rounded to 1 um, filament to 10^-5 mm."""


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    demand, tower = evidence.demand.tower, evidence.tower
    if demand is None:
        yield from rule.does_not_apply(said("no tool is asked to purge"))
        return
    changes = changes_of(evidence.run)
    if tower is None:
        yield rule.says(
            Status.FAIL,
            said(
                "tools change {times}, and in no one place do they purge",
                times=counted("{count} time", "{count} times", count=len(changes)),
            ),
        )
        return
    found = [*_place(rule, evidence, tower), *_standing(rule, evidence, tower)]
    asked = {(leaves, comes): volume / 1000 for leaves, comes, volume in demand.purge_mm3_e3}
    purged = [
        (volume - asked.get(pair, 0.0), volume, asked.get(pair, 0.0), line)
        for volume, pair, line in _purged(evidence, tower, changes)
    ]
    poor = [one for one in purged if one[1] < one[2] * ROUNDING]
    _, volume, least, _ = min(purged, default=(0.0, 0.0, 0.0, 0))
    if poor:
        found.append(
            rule.says(
                Status.FAIL,
                said(
                    "{tools} of {count} that come purge too little before they go on",
                    tools=counted("{count} tool", "{count} tools", count=len(poor)),
                    count=len(purged),
                ),
                measured=volume,
                limit=least,
                unit="mm3",
                where=at_lines(line for *_, line in poor),
            )
        )
    yield from found
    if not found:
        yield from rule.passes(
            said(
                "purged after each of {changes}, on a tower of {layers}",
                changes=counted("{count} change", "{count} changes", count=len(purged)),
                layers=counted("{count} layer", "{count} layers", count=tower.layers),
            ),
            measured=volume,
            limit=least,
            unit="mm3",
        )


def _place(rule: Rule, evidence: Evidence, tower: Tower) -> Iterable[Finding]:
    import shapely

    (x0, y0), (x1, y1) = tower.box_um.tolist()
    box = shapely.box(x0, y0, x1, y1)
    hulls = [
        shapely.convex_hull(shapely.multipoints(o)) for o in evidence.outlines_um if o is not None
    ]
    near = min((float(shapely.distance(box, hull)) for hull in hulls), default=np.inf)
    if near < CLEAR_UM:
        yield rule.says(
            Status.FAIL,
            said("the prime tower stands too near to a part"),
            measured=near / 1000,
            limit=CLEAR_UM / 1000,
            unit="mm",
        )
    bed = evidence.demand.machine.bed_um
    if x0 < bed[0] or y0 < bed[1] or x1 > bed[2] or y1 > bed[3]:
        yield rule.says(Status.FAIL, said("the prime tower reaches beyond the bed"))


def _standing(rule: Rule, evidence: Evidence, tower: Tower) -> Iterable[Finding]:
    """Every layer is there and lies on the one below."""
    beads = tower.beads
    counts = np.diff(beads.layer_offsets)[: tower.layers]
    empty = np.flatnonzero(counts == 0)
    if len(empty):
        yield rule.says(
            Status.FAIL,
            said(
                "{layers} of the prime tower missing",
                layers=counted("{count} layer", "{count} layers", count=len(empty)),
            ),
            measured=len(empty),
            limit=0,
            unit="layers",
            where=[Where(frame="bed", layer=int(layer)) for layer in empty[:5]],
        )
    for layer in np.flatnonzero(counts).tolist():
        if layer == 0 or counts[layer - 1] == 0:
            continue
        far = _hanging(beads, layer)
        if far is not None:
            yield rule.says(
                Status.FAIL,
                said("the prime tower is laid over nothing"),
                measured=far[0] / 1000,
                limit=REACH_UM / 1000,
                unit="mm",
                where=[at_line(far[1])],
            )
            return


def _hanging(beads: Beads, layer: int) -> tuple[float, int] | None:
    """(how far off the layer below, line) of a piece of a bead that is too far; None where all are
    near enough."""
    import shapely

    rows, below = beads.of_layer(layer), beads.of_layer(layer - 1)
    points, line = _pieces(beads, rows)
    lines = shapely.linestrings(np.stack([beads.start_um[below], beads.end_um[below]], axis=1))
    tree = shapely.STRtree(lines)
    places = shapely.points(points)
    near = tree.query_nearest(places, max_distance=REACH_UM, all_matches=False)[0]
    off = np.setdiff1d(np.arange(len(points)), near)
    if not len(off):
        return None
    _, distance = tree.query_nearest(places[off[:1]], return_distance=True, all_matches=False)
    return float(distance[0]), int(line[off[0]])


def _pieces(beads: Beads, rows: slice) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(k, 2) middles of pieces of some beads, and the line of each."""
    count = np.maximum(np.ceil(beads.length_um[rows] / PIECE_UM), 1).astype(np.int64)
    of = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    share = (nth + 0.5) / count[of]
    start, end = beads.start_um[rows][of], beads.end_um[rows][of]
    return start + (end - start) * share[:, None], beads.line[rows][of]


def _purged(
    evidence: Evidence, tower: Tower, changes: Sequence[tuple[int, int, int]]
) -> list[tuple[float, tuple[int, int], int]]:
    """(mm3 on the tower, tools that leave and come, line of the first bead elsewhere) after each
    change that anything is laid after, beside the tower; the first tool of all begins as the
    machine's start code lets it."""
    planned = evidence.deposit.planned
    order = np.argsort(planned.seq, kind="stable")
    seq, is_own, line = planned.seq[order], tower.is_own[order], planned.line[order]
    if not len(seq):
        return []
    volume = (planned.area_um2 * planned.length_um)[order] / 1e9
    before = np.concatenate([[0.0], np.cumsum(np.where(is_own, volume, 0.0))])
    others = np.flatnonzero(~is_own)
    found = []
    for nth, (change, *pair) in enumerate(changes):
        first = int(np.searchsorted(seq, change))
        following = changes[nth + 1][0] if nth + 1 < len(changes) else np.iinfo(np.int64).max
        stop = int(np.searchsorted(seq, following))
        at = int(np.searchsorted(others, first))
        if first == 0 or at == len(others) or others[at] >= stop:
            continue
        row = int(others[at])
        found.append((float(before[row] - before[first]), (pair[0], pair[1]), int(line[row])))
    return found


RULE = Rule(
    "M-15", said("Purged after every change"), said("printer profile: tools.purge_mm3"), check
)

"""G-10: Nothing laid twice

What it demands
    No layer holds more than 1.6 times the volume of the room that its beads cover, and no bead
    is laid twice along the same line. An ironing pass, where one is declared, stays on skins that
    face up and brings no more than its flow.

Why
    The second bead has nowhere to go: it goes up, and the nozzle runs into it.

How it is measured
    Volume over covered area times height, less what of a bridge's round threads goes down into
    the air under them; moves with the same two ends in one layer are counted. Beads as thin as the
    declared ironing makes them are judged apart: their volume over skin times height, a fifth and
    a bead along the skin's border more at most. By how much the covered area may differ between
    models of a bead is bounded by the lengths of their borders; with 3 % of flow it brackets the
    ratio: PASS and FAIL hold throughout, and between them it is INDETERMINATE.

Example
    A layer's commands pasted twice.

Source
    conservation of volume
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.bead_models import FLOW_RATIO
from printstd.audit.beads import Beads
from printstd.audit.rule import Evidence, Rule, at_line, at_spot, parts_of_u, parts_of_volume
from printstd.words import counted, said

RATIO = 1.6
AREA_UM2 = 20e6
IRONED_RATIO = 1.2
IRONED_LEAST_UM3 = 0.05e9
"""As much as this is no matter, on skins as small as that."""
IRONED_ASIDE_UM = 20_000.0
REPEATED_SHARE = 0.05
REPEATED_UM = 20_000.0
_AT_ONCE = 200_000
_FACTORS = np.array([1, 1_000_003, 998_244_353_000_019, 2_147_483_647, 67_280_421_310_721, 999_983])


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    heights = evidence.heights.height_um
    asked = [f for f in evidence.figures or () if f.coverage.covered_area > AREA_UM2]
    ratios = [
        (f.coverage.flat_volume / (f.coverage.covered_area * heights[f.layer]), f.layer)
        for f in asked
    ]
    # Of more or less plastic the beads are wider or narrower, too: the areas of the models say it.
    least = [f.coverage.flat_volume / (f.coverage.most_area * heights[f.layer]) for f in asked]
    most = [
        f.coverage.flat_volume / max(f.coverage.least_area * heights[f.layer], 1.0) for f in asked
    ]
    full = sorted(
        (item for item, ratio in zip(ratios, least, strict=True) if ratio > RATIO), reverse=True
    )
    unsure = sorted(
        (item for item, ratio in zip(ratios, most, strict=True) if ratio > RATIO), reverse=True
    )
    details = parts_of_u(evidence.reach_spread) + parts_of_volume()
    is_clean = True
    if full or unsure:
        is_clean = False
        crowded = full or unsure
        many = counted("{count} layer", "{count} layers", count=len(crowded))
        yield rule.says(
            Status.FAIL if full else Status.INDETERMINATE,
            said("{layers} hold more than their beads have room for", layers=many)
            if full
            else said(
                "whether {layers} hold more than their beads have room for depends on how their "
                "sides lie",
                layers=many,
            ),
            measured=float(crowded[0][0]),
            limit=RATIO,
            unit="of the room",
            where=[Where(frame="bed", layer=layer) for _, layer in crowded[:5]],
            details=details,
        )
    for finding in _ironing(rule, evidence):
        is_clean = False
        yield finding
    layers, line, length = _repeated(evidence)
    if layers:
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said(
                "beads laid twice in {layers}",
                layers=counted("{count} layer", "{count} layers", count=len(layers)),
            ),
            measured=length / 1000,
            limit=REPEATED_UM / 1000,
            unit="mm",
            where=[at_line(line), *(Where(frame="bed", layer=layer) for layer in layers[:4])],
        )
    if is_clean:
        yield from rule.passes(
            said("no bead on another of its layer"),
            measured=float(max(ratios)[0]) if ratios else 0.0,
            limit=RATIO,
            unit="of the room",
            details=details,
        )


def _ironing(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    demand = evidence.demand.integrity.ironing
    if demand is None:
        return
    heights = evidence.heights.height_um
    flow = demand.flow_permille / 1000
    strays = [f for f in evidence.figures or () if f.ironing.off_um > IRONED_ASIDE_UM]
    if strays:
        worst = max(strays, key=lambda f: f.ironing.off_um)
        yield rule.says(
            Status.FAIL,
            said(
                "ironing beside the skins that face up in {layers}",
                layers=counted("{count} layer", "{count} layers", count=len(strays)),
            ),
            measured=worst.ironing.off_um / 1000,
            limit=IRONED_ASIDE_UM / 1000,
            unit="mm",
            where=[
                at_spot(evidence, f.layer, f.ironing.off_at) for f in strays if f.ironing.off_at
            ],
        )
    rich, unsure = [], []
    for f in evidence.figures or ():
        room = flow * f.ironing.skin_area * heights[f.layer]
        allowed = IRONED_RATIO * room + IRONED_LEAST_UM3
        own = (f.ironing.volume / max(room, 1.0) * flow, f.layer)
        if f.ironing.volume * (1 - FLOW_RATIO) > allowed:
            rich.append(own)
        elif f.ironing.volume * (1 + FLOW_RATIO) > allowed:
            unsure.append(own)
    if rich or unsure:
        found = rich or unsure
        many = counted("{count} layer", "{count} layers", count=len(found))
        yield rule.says(
            Status.FAIL if rich else Status.INDETERMINATE,
            said("ironing brings more than its flow to {layers}", layers=many)
            if rich
            else said(
                "whether ironing brings more than its flow to {layers} depends on its own flow",
                layers=many,
            ),
            measured=float(max(found)[0]),
            limit=IRONED_RATIO * flow,
            unit="of the layer's volume",
            where=[Where(frame="bed", layer=layer) for _, layer in found[:5]],
            details=parts_of_volume(),
        )


def _repeated(evidence: Evidence) -> tuple[list[int], int, float]:
    """(layers with much repeated length, first repeated line, repeated length of the worst)."""
    beads = evidence.deposit.planned
    if not len(beads.line):
        return [], 0, 0.0
    n_layers = len(evidence.heights)
    layer = np.repeat(np.arange(n_layers), np.diff(beads.layer_offsets))
    # Some layers at a time: what is made on the way of a large program is as large as itself.
    rows = np.concatenate(
        [
            _again(beads, slice(int(beads.layer_offsets[first]), int(beads.layer_offsets[last])))
            for first, last in _runs(beads.layer_offsets)
        ]
    )
    n = n_layers
    repeated = np.bincount(layer[rows], beads.length_um[rows], n)
    whole = np.bincount(layer, beads.length_um, n)
    bad = np.flatnonzero(repeated > np.maximum(REPEATED_UM, REPEATED_SHARE * whole))
    if not len(bad):
        return [], 0, 0.0
    first = rows[np.isin(layer[rows], bad)][0]
    return bad.tolist(), int(beads.line[first]), float(repeated.max())


def _runs(offsets: NDArray[np.int64]) -> list[tuple[int, int]]:
    """(first, behind the last) of runs of layers with about so many beads."""
    n = len(offsets) - 1
    ends = np.searchsorted(offsets, np.arange(_AT_ONCE, int(offsets[-1]), _AT_ONCE))
    cuts = np.unique(np.concatenate([[0], ends, [n]])).tolist()
    return list(pairwise(cuts))


def _again(beads: Beads, rows: slice) -> NDArray[np.int64]:
    """Rows of beads that lie on the same line as an earlier one of their layer."""
    n_rows = rows.stop - rows.start
    layer = np.searchsorted(beads.layer_offsets, np.arange(rows.start, rows.stop), side="right")
    ends = np.rint(np.concatenate([beads.start_um[rows], beads.end_um[rows]], axis=1))
    ends = ends.astype(np.int64).reshape(n_rows, 4)
    swap = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[swap] = ends[swap][:, [2, 3, 0, 1]]
    # Turns of a spiral lie over each other at heights of their own.
    columns = np.column_stack([layer, ends, np.rint(beads.z_um[rows] * 2).astype(np.int64)])
    # One number of the six tells who may be alike; the six themselves decide among those.
    key = (columns * _FACTORS).sum(axis=1)
    by_key = np.argsort(key, kind="stable")
    same = np.append(False, np.diff(key[by_key]) == 0)
    same[:-1] |= same[1:]
    doubtful = by_key[same]
    order = doubtful[np.lexsort((doubtful, *columns[doubtful].T))]
    again = (columns[order[1:]] == columns[order[:-1]]).all(axis=1)
    return np.asarray(np.sort(order[1:][again]) + rows.start, np.int64)


RULE = Rule("G-10", said("Nothing laid twice"), said("conservation of volume"), check, True)

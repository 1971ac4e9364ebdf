"""G-11: Nothing beside the part

What it demands
    Beads that are none of the part's are a skirt or brim in the first layers, or supports,
    where the process allows them; what is purged before the part begins may lie anywhere on the
    bed beside it. All else is refused.

Why
    A strand across a bore, a tower of blobs, a second object: none of it is in the model.

How it is measured
    A bead whose middle lies more than 0.3 of its width outside the section is none of the
    part's. Skirt and brim lie outside the outer outline, a skirt's upper layers at least 0.5 mm
    away. Where supports are allowed they are told by lying outside, and only listed; but along no
    more than the integrity's contiguous length may one of them cover a tenth of its width of the
    section.

Example
    A line from wall to wall through a hole; a support's line that runs on through the part.

Source
    process profile, adhesion; --supports
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.beads import Beads
from printstd.audit.rule import Evidence, Rule
from printstd.words import counted, listed, said

SKIRT_LAYERS = 5
SKIRT_GAP_UM = 500.0


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    limits, beads = evidence.demand.integrity, evidence.deposit.planned
    begin, _ = evidence.print_span
    stray: list[int] = []
    stray_layers: set[int] = set()
    support = adhesion = purge = 0.0
    into: list[tuple[float, int, int]] = []
    for figures in evidence.figures or ():
        rows = figures.sorted.outside
        if not len(rows):
            continue
        length = beads.length_um[rows]
        is_purge = beads.seq[rows] < begin
        is_skirt = np.zeros(len(rows), bool)
        if limits.adhesion_allowed and figures.layer < SKIRT_LAYERS:
            is_skirt = figures.sorted.is_beyond & (
                (figures.layer == 0) | (figures.sorted.outside_um >= SKIRT_GAP_UM)
            )
        is_support = np.full(len(rows), limits.supports_allowed)
        purge += float(length[is_purge & ~is_skirt].sum())
        adhesion += float(length[is_skirt].sum())
        is_support &= ~is_skirt & ~is_purge
        support += float(length[is_support].sum())
        entering = _by_chain(beads.chain[rows], np.where(is_support, figures.sorted.entering_um, 0))
        if entering.max() > limits.contiguous_um:
            worst = int(entering.argmax())
            into.append((float(entering[worst]), figures.layer, int(rows[worst])))
        wrong = rows[~is_purge & ~is_skirt & ~is_support]
        if len(wrong):
            stray += wrong.tolist()
            stray_layers.add(figures.layer)
    if stray:
        first = stray[0]
        yield rule.says(
            Status.FAIL,
            said(
                "{beads} beside the part in {layers}",
                beads=counted("{count} bead", "{count} beads", count=len(stray)),
                layers=counted("{count} layer", "{count} layers", count=len(stray_layers)),
            ),
            measured=float(beads.length_um[stray].sum()) / 1000,
            limit=0,
            unit="mm",
            where=[at_bead(beads, first)],
        )
        return
    if into:
        worst_um, _, row = max(into)
        yield rule.says(
            Status.FAIL,
            said(
                "supports are laid into the part in {layers}",
                layers=counted("{count} layer", "{count} layers", count=len(into)),
            ),
            measured=worst_um / 1000,
            limit=limits.contiguous_um / 1000,
            unit="mm",
            where=[at_bead(beads, row)],
        )
        return
    parts = [
        told
        for length, told in (
            (purge, said("purge {length_mm:.0f} mm", length_mm=purge / 1000)),
            (adhesion, said("skirt and brim {length_mm:.0f} mm", length_mm=adhesion / 1000)),
            (support, said("supports {length_mm:.0f} mm", length_mm=support / 1000)),
        )
        if length
    ]
    raft = sum(float(evidence.below.length_um[rows].sum()) for rows in evidence.raft)
    if raft and rule.is_left_open(evidence, "supports"):
        parts.append(
            said(
                "a raft of {layers} layers, {length_mm:.0f} mm",
                layers=len(evidence.raft),
                length_mm=raft / 1000,
            )
        )
        support += raft
    if parts and rule.is_left_open(evidence, "adhesion", "supports"):
        yield from rule.only_measured(
            evidence,
            said("beside the part {parts}", parts=listed(parts)),
            measured=(purge + adhesion + support) / 1000,
            unit="mm",
        )
        return
    yield from rule.passes(
        said("beside the part only {parts}", parts=listed(parts))
        if parts
        else said("nothing beside the part"),
        measured=0,
        limit=0,
        unit="mm",
    )


def _by_chain(chain: NDArray[np.int64], length: NDArray[np.float64]) -> NDArray[np.float64]:
    """(o,) of each bead, what the beads that are laid with it in one go add up to."""
    first = chain.min()
    return np.asarray(np.bincount(chain - first, length)[chain - first])


def at_bead(beads: Beads, row: int) -> Where:
    x, y = (beads.middle_um[row] / 1000).round(3).tolist()
    z = round(float(beads.z_um[row]) / 1000, 3)
    return Where(frame="bed", point_mm=(x, y, z), line=int(beads.line[row]))


RULE = Rule(
    "G-11", said("Nothing beside the part"), said("process: adhesion; --supports"), check, True
)

"""G-15: Made by the right tool

What it demands
    On a machine with several tools every bead of a part is laid by the tool that was asked to make
    it.

Why
    Another tool has another filament: another colour, strength or melting point, and nothing in
    the part's shape shows it.

How it is measured
    Commands that change the tool are followed in order, those inside macros too; each bead that
    counts as the part's has the tool that was at hand.

Example
    One change lost in the middle: the rest of the print is made of the wrong material.

Source
    the order: --extruder, or the model file's own
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.words import counted, listed, said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    if not evidence.demand.tools:
        yield from rule.does_not_apply(said("the machine has one tool"))
        return
    wanted, beads = evidence.demand.tools[0].number, evidence.deposit.planned
    rows = [
        np.arange(len(beads.seq))[beads.of_layer(figures.layer)][figures.sorted.is_part]
        for figures in evidence.figures or ()
    ]
    own = np.concatenate([np.zeros(0, np.int64), *rows])
    tool = evidence.tool_at(beads.seq[own])
    wrong = own[tool != wanted]
    if not len(wrong):
        yield from rule.passes(
            said("all {count} beads laid by T{wanted}", count=len(own), wanted=wanted),
            measured=0,
            limit=0,
            unit="beads",
        )
        return
    names = listed(
        said("none") if t < 0 else f"T{t}" for t in np.unique(tool[tool != wanted]).tolist()
    )
    yield rule.says(
        Status.FAIL,
        said(
            "{beads} laid by {names} instead of T{wanted}",
            beads=counted("{count} bead", "{count} beads", count=len(wrong)),
            names=names,
            wanted=wanted,
        ),
        measured=float(beads.length_um[wrong].sum()) / 1000,
        limit=0,
        unit="mm",
        where=at_lines(beads.line[wrong].tolist()),
    )


RULE = Rule("G-15", said("Made by the right tool"), said("the order: --extruder"), check, True)

"""M-08: Part fan

What it demands
    The part fan stands during the first layers that the material names, and from its full-fan
    layer on reaches the material's least share of speed, averaged over the length of all beads.
    Only the part's own fan is switched. Of several tools each is held to its own material.

Why
    A cooled first layer does not stick; an uncooled PLA part sags at every overhang.

How it is measured
    Fan commands are followed in order; each bead counts with its length and the fan's speed
    while it is laid. A fan with a number is the part's only where the machine's allow-list says
    so (M106 P1 of a Bambu Lab machine).

Example
    Without M106 the mean is 0.

Source
    material profile, fan
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.audit.machine import Event
from printstd.audit.rule import Evidence, Rule, at_line, at_lines
from printstd.audit.tools import materials
from printstd.audit.verbs import Verb
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    beads = evidence.deposit.planned
    events = evidence.run.of(Verb.FAN, Verb.FAN_OFF)
    other = [event for event in events if _is_other(evidence, event)]
    is_clean = True
    if other:
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said("another fan than the part's is switched"),
            where=at_lines(event.line for event in other),
        )
    if not len(beads.seq):
        yield from rule.does_not_apply(said("nothing is laid"))
        return
    own = [event for event in events if event not in other]
    seq = np.array([event.seq for event in own], np.int64)
    ratio = np.array([0.0, *(_ratio(event.verb, event.command.get("S")) for event in own)])
    # Layers are counted from the bed: those of a raft are the first ones.
    raft, below = evidence.raft, evidence.below
    rows = np.concatenate([np.zeros(0, np.int64), *raft])
    own_layer = np.repeat(np.arange(len(evidence.heights)), np.diff(beads.layer_offsets))
    layer = np.concatenate([np.repeat(np.arange(len(raft)), [len(r) for r in raft]), own_layer])
    layer[len(rows) :] += len(raft)
    at = np.concatenate([below.seq[rows], beads.seq])
    line = np.concatenate([below.line[rows], beads.line])
    speed = ratio[np.searchsorted(seq, at, side="right")]
    length = np.concatenate([below.length_um[rows], beads.length_um])
    tool = evidence.tool_at(at)
    means = []
    for number, material, name in materials(evidence.demand):
        mine = np.full(len(at), True) if number is None else tool == number
        if rule.is_left_open(evidence, "fan"):
            if not is_clean:
                return
            first = mine & (layer < max(material.fan_off_layers, 1))
            rest = mine & ~first
            yield from rule.only_measured(
                evidence,
                said(
                    "the part fan runs at {rest:.0%} on the whole, {first:.0%} in the first layer",
                    rest=_mean(speed[rest], length[rest]),
                    first=_mean(speed[first], length[first]),
                ),
                measured=_mean(speed[rest], length[rest]) * 100,
                unit="%",
            )
            return
        early = np.flatnonzero(mine & (layer < material.fan_off_layers) & (speed > 0))
        if len(early):
            is_clean = False
            yield rule.says(
                Status.FAIL,
                said(
                    "the part fan runs in layer {layer}; it must stand in the first {layers} of "
                    "{tool}",
                    layer=int(layer[early[0]]) + 1,
                    layers=material.fan_off_layers,
                    tool=name,
                )
                if name
                else said(
                    "the part fan runs in layer {layer}; it must stand in the first {layers}",
                    layer=int(layer[early[0]]) + 1,
                    layers=material.fan_off_layers,
                ),
                measured=float(speed[early].max()) * 100,
                limit=0,
                unit="%",
                where=[at_line(line[early[0]])],
            )
        # Layer numbers of the profile count from 1.
        late = mine & (layer >= max(material.full_fan_layer - 1, 0))
        way = float(length[late].sum())
        least = material.min_fan_permille / 1000
        mean = float((speed[late] * length[late]).sum() / way) if way > 0 else least
        means.append((mean - least, mean, least))
        if mean < least - 1e-9:
            is_clean = False
            yield rule.says(
                Status.FAIL,
                said("the part fan is too slow on the whole for the material of {tool}", tool=name)
                if name
                else said("the part fan is too slow on the whole"),
                measured=mean * 100,
                limit=least * 100,
                unit="%",
            )
    if is_clean:
        _, mean, least = min(means)
        yield from rule.passes(
            said("the part fan runs as the material wants"),
            measured=mean * 100,
            limit=least * 100,
            unit="%",
        )


def _mean(speed: NDArray[np.float64], length: NDArray[np.float64]) -> float:
    way = float(length.sum())
    return float((speed * length).sum() / way) if way > 0 else 0.0


def _is_other(evidence: Evidence, event: Event) -> bool:
    """By its number, unless the machine's list says of just this number that it is the part's."""
    if (event.command.get("P") or 0.0) == 0.0:
        return False
    listed = evidence.meanings.rule_of(event.command)
    return listed is None or not listed.command.partition(" ")[2].startswith("P")


def _ratio(verb: Verb | None, value: float | None) -> float:
    """M106 S0 to S255; S up to 1 is a share on RepRapFirmware; no S is full speed."""
    if verb is Verb.FAN_OFF:
        return 0.0
    if value is None:
        return 1.0
    return min(max(value if value <= 1.0 else value / 255.0, 0.0), 1.0)


RULE = Rule("M-08", said("Part fan"), said("material profile: fan"), check)

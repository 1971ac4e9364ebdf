"""What the two temperature rules say: the same of nozzle and bed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_line, at_lines
from printstd.audit.rules.heating import Heater
from printstd.words import said


def temperature_findings(
    rule: Rule,
    evidence: Evidence,
    heater: Heater,
    *,
    name: str,
    window_mc: tuple[int, int],
    highest_mc: int,
    tool: int | None = None,
) -> Iterable[Finding]:
    """Target in the window and reached whenever a bead is laid, never over the machine's limit.

    tool : whose beads are looked at; None for all. Where nobody declared the window, the machine's
    own limit remains.
    """
    is_open = rule.is_left_open(evidence, "nozzle" if rule.id == "M-06" else "bed")
    if is_open:
        window_mc = (0, highest_mc)
    is_clean = True
    hot = np.flatnonzero(heater.target_mc > highest_mc)
    if len(hot):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said("the {name} is set hotter than the machine allows", name=name),
            measured=float(heater.target_mc[hot].max()) / 1000,
            limit=highest_mc / 1000,
            unit="degC",
            where=at_lines(heater.line[hot].tolist()),
        )
    is_own = evidence.is_laid
    if tool is not None:
        is_own = is_own & (evidence.track.tool == tool)
    seq = evidence.track.seq[is_own]
    lines = evidence.track.line[is_own]
    if not len(seq):
        yield from rule.does_not_apply(said("nothing is laid"))
        return
    index = heater.at(seq)
    target = np.where(index < 0, 0, heater.target_mc[index] if len(heater.seq) else 0)
    low, high = window_mc
    outside = np.flatnonzero((target < low) | (target > high))
    if len(outside):
        is_clean = False
        first = outside[0]
        yield rule.says(
            Status.FAIL,
            said(
                "beads are laid with the {name} set to {target:g} degC, outside {low:g} to "
                "{high:g}",
                name=name,
                target=target[first] / 1000,
                low=low / 1000,
                high=high / 1000,
            ),
            measured=float(target[first]) / 1000,
            limit=float(low if target[first] < low else high) / 1000,
            unit="degC",
            where=[at_line(lines[first])],
        )
    reached = np.where(index < 0, False, heater.is_reached[index] if len(heater.seq) else False)
    cold = _not_waited(evidence, heater, seq, index, reached)
    if len(cold) and not len(outside):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said(
                "beads are laid before the {name} is known to have reached its temperature",
                name=name,
            ),
            measured=len(cold),
            limit=0,
            unit="beads",
            where=[at_line(lines[cold[0]])],
        )
    if is_clean and is_open:
        yield from rule.only_measured(
            evidence,
            said(
                "{name} at {targets} degC",
                name=name,
                targets=", ".join(f"{t / 1000:g}" for t in sorted(set(target.tolist()))),
            ),
            measured=float(target.max()) / 1000,
            unit="degC",
        )
    elif is_clean:
        yield from rule.passes(
            said(
                "{name} at {targets} degC",
                name=name,
                targets=", ".join(f"{t / 1000:g}" for t in sorted(set(target.tolist()))),
            ),
            measured=float(target.max()) / 1000,
            limit=high / 1000,
            unit="degC",
        )


def _not_waited(
    evidence: Evidence,
    heater: Heater,
    seq: np.ndarray,
    index: np.ndarray,
    reached: np.ndarray,
) -> np.ndarray:
    """Beads laid under a target that was not waited for; one change with the second layer, which
    every slicer makes on the fly, is in order."""
    found = _first_two_layers(evidence)
    if found is not None:
        from_, upto = found
        changes = np.flatnonzero(heater.is_change & ~heater.is_reached)
        allowed = [i for i in changes.tolist() if from_ < heater.seq[i] <= upto and i > 0]
        if len(allowed) == 1:
            after = np.flatnonzero(heater.is_change & (heater.seq > heater.seq[allowed[0]]))
            stop = int(after[0]) if len(after) else len(heater.seq)
            reached = reached | ((index >= allowed[0]) & (index < stop))
    return np.flatnonzero(~reached)


def _first_two_layers(evidence: Evidence) -> tuple[int, int] | None:
    """(last seq of the first layer on the bed, first seq of the second): a raft's, if there is
    one."""
    beads, starts = evidence.deposit.planned, evidence.layer_start_seq
    lowest = [evidence.below.seq[rows] for rows in evidence.raft]
    if lowest:
        then = lowest[1].min() if len(lowest) > 1 else starts[0] if len(starts) else None
        return None if then is None else (int(lowest[0].max()), int(then))
    if len(starts) < 2:
        return None
    first = beads.seq[beads.of_layer(0)]
    # Of parts printed one after the other, the first one's.
    first = first[first < int(starts[1])]
    return (int(first.max()) if len(first) else 0), int(starts[1])

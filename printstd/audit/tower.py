"""The prime tower: which beads are its own, told by where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import AuditDemand
from printstd.audit.beads import Beads, Deposit
from printstd.audit.machine import MachineRun
from printstd.audit.places import bead_groups
from printstd.audit.verbs import Verb

_ASIDE_UM: Final = 1.0
_SHARE: Final = 0.9
"""Of all changes: where so many are followed by a bead in one place, that is the tower."""


@dataclass(frozen=True, slots=True, eq=False)
class Tower:
    """box_um : (2, 2) its corners, bed frame. beads : in the planned layers of the plate. is_own :
    (n,) bool, which of the plate's planned beads they are. layers : layers that it must stand in,
    from the bed to that of the last change."""

    box_um: NDArray[np.float64]
    beads: Beads
    is_own: NDArray[np.bool_]
    layers: int


def tower_of(demand: AuditDemand, run: MachineRun, planned: Beads) -> Tower | None:
    """Where it was declared, or else where tools purge; None where there is none, or none is asked
    for."""
    if demand.tower is None:
        return None
    first = first_after_changes(run, planned)
    box = np.array(demand.tower.box_um or (), np.float64).reshape(-1, 2)
    if not len(box):
        found = _where_tools_purge(planned, first)
        if found is None:
            return None
        box = found
    ends = np.stack([planned.start_um, planned.end_um], axis=1)
    low, high = box[0] - _ASIDE_UM, box[1] + _ASIDE_UM
    is_own = ((ends >= low) & (ends <= high)).all(axis=(1, 2))
    layer = layers_of(planned)
    return Tower(box, _some(planned, is_own), is_own, int(layer[first].max(initial=-1)) + 1)


def without(laid: Deposit, tower: Tower | None) -> Deposit:
    """What is laid beside it."""
    return laid if tower is None else replace(laid, planned=_some(laid.planned, ~tower.is_own))


def changes_of(run: MachineRun) -> list[tuple[int, int, int]]:
    """(seq, tool that leaves, tool that comes) of each change of tools."""
    found, now = [], None
    for event in run.of(Verb.TOOL):
        if event.tool != now and now is not None:
            found.append((event.seq, now, event.tool))
        now = event.tool
    return found


def first_after_changes(run: MachineRun, planned: Beads) -> NDArray[np.int64]:
    """Rows of the first planned bead after each change but those before the first bead of all, and
    those after which nothing is laid."""
    if not len(planned.seq):
        return np.zeros(0, np.int64)
    order = np.argsort(planned.seq, kind="stable")
    in_time = planned.seq[order]
    seqs = np.array([seq for seq, _, _ in changes_of(run)], np.int64)
    at = np.searchsorted(in_time, seqs[seqs > in_time[0]])
    return np.asarray(order[np.unique(at[at < len(order)])])


def layers_of(beads: Beads) -> NDArray[np.int64]:
    """(n,) the layer of each."""
    return np.repeat(np.arange(len(beads.layer_offsets) - 1), np.diff(beads.layer_offsets))


def _where_tools_purge(planned: Beads, first: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """The box of the beads that touch one another where nearly every tool begins that comes."""
    groups, label = bead_groups(planned)
    begins = label[first]
    counts = np.bincount(begins[begins >= 0], minlength=1)
    if counts.max() < max(_SHARE * len(first), 1):
        return None
    own: Sequence[NDArray[np.float64]] = groups[int(counts.argmax())]
    return np.stack(own)


def _some(beads: Beads, kept: NDArray[np.bool_]) -> Beads:
    rows = np.flatnonzero(kept)
    borders = np.searchsorted(rows, beads.layer_offsets).astype(np.int64)
    return replace(beads.chosen(rows), layer_offsets=borders)

"""Shells of a working mesh: which are closed, how much they hold, which lies in which."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.kernels.facets import signed_volumes, winding_numbers
from printstd.repair.working import Working

_WITNESSES = 5
_MOST_WORK = 40_000_000


class Shells(NamedTuple):
    """label : (f,) int64, shell of each facet, joined by edges with two facets. is_closed : (s,)
    bool, each of its edges has as many uses one way as the other. volume : (s,), mm3. low, high :
    (s, 3), its box."""

    label: NDArray[np.int64]
    is_closed: NDArray[np.bool_]
    volume: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def n_shells(self) -> int:
        return len(self.volume)


def shells_of(work: Working) -> Shells:
    edges = work.edges
    _, first, second = edges.two_facet_edges()
    label, count = component_labels(len(work.faces), first, second)
    edge = np.repeat(np.arange(len(edges.counts)), edges.counts)
    start = work.faces[edges.facets, edges.corners]
    sign = np.where(start == edges.vertices[edge, 0], 1, -1)
    key = edge * count + label[edges.facets]
    _, group = np.unique(key, return_inverse=True)
    surplus = np.bincount(group, weights=sign)
    is_closed = np.ones(count, bool)
    is_closed[label[edges.facets[surplus[group] != 0]]] = False
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    corners = work.corners
    np.minimum.at(low, label, corners.min(axis=1))
    np.maximum.at(high, label, corners.max(axis=1))
    volume = signed_volumes(work.vertices, work.faces, label, count)
    return Shells(label, is_closed, volume, low, high)


def hosts_of(work: Working, shells: Shells) -> list[list[int]] | None:
    """For each shell the closed shells that it lies in; None where that would take too long."""
    found: list[list[int]] = [[] for _ in range(shells.n_shells)]
    size = np.bincount(shells.label, minlength=shells.n_shells)
    spent = 0
    for outer in np.flatnonzero(shells.is_closed).tolist():
        is_in = (shells.low >= shells.low[outer]).all(axis=1)
        is_in &= (shells.high <= shells.high[outer]).all(axis=1)
        is_in[outer] = False
        if not is_in.any():
            continue
        corners = work.corners[shells.label == outer]
        for inner in np.flatnonzero(is_in).tolist():
            spent += int(size[outer]) * _WITNESSES
            if spent > _MOST_WORK:
                return None
            own = np.unique(work.faces[shells.label == inner])
            witnesses = work.vertices[own[:: max(1, len(own) // _WITNESSES)][:_WITNESSES]]
            wound = np.abs(winding_numbers(witnesses, corners)) > 0.5
            if 2 * int(wound.sum()) > len(witnesses):
                found[inner].append(outer)
    return found

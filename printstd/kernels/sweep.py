"""Monotonic order: an area is swept in one direction, every piece laid beside pieces that are
already there (facts of slicers D9), so that a surface shines evenly.

A piece may be printed once every piece beside it on the line below is. Chains (kernels.chaining)
are cut before pieces that also lie beside others than the one they come from; then a chain waits
for others with its first piece only, and chains are put in an order that respects this with
short ways between them.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.chaining import Chains, heads
from printstd.kernels.crossings import Crossings, Pieces, overlaps
from printstd.kernels.distinct import distinct

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def swept(
    crossings: Crossings,
    pieces: Pieces,
    successor: NDArray[np.int64],
    region: NDArray[np.int64],
    is_swept: NDArray[np.bool_],
    ends_nm: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Chains:
    """Pieces in the order of printing, region after region.

    successor : (n,) int64, the piece each is joined to (kernels.chaining), or -1.
    region : (n,) int64, region of each piece. is_swept : (n,) bool, does its region want
    monotonic order (otherwise chains stay whole and follow by their first pieces).
    ends_nm : (n, 2) int64 each, where paths enter pieces and where they leave them.
    """
    below = above = np.empty(0, np.int64)
    if is_swept.any():
        below, above = overlaps(crossings, pieces)
        wanted = is_swept[below]
        below, above = below[wanted], above[wanted]
    kept = _uncut(successor, below, above)
    head = heads(kept)
    # Along a chain lines rise; on one line it runs with odd lines, against even ones.
    line = crossings.line[pieces.start]
    nth = np.arange(len(line))
    order = np.lexsort((np.where(line & 1, nth, -nth), line, head, region))
    chain_of = np.empty(len(order), np.int64)
    first = np.ones(len(order), bool)
    first[1:] = head[order[1:]] != head[order[:-1]]
    chain_of[order] = np.cumsum(first) - 1
    borders = np.append(np.flatnonzero(first), len(order))
    ranks = _ranks(order, borders, (chain_of[below], chain_of[above]), successor, region, ends_nm)
    order = order[np.argsort(ranks[chain_of[order]], kind="stable")]
    goes_on = np.zeros(len(order), bool)
    goes_on[:-1] = successor[order[:-1]] == order[1:]
    return Chains(order, goes_on)


def _uncut(
    successor: NDArray[np.int64], below: NDArray[np.int64], above: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Joins to pieces that lie beside no other piece below than the one they come from."""
    others = np.bincount(above[successor[below] != above], minlength=len(successor))
    cut = (successor >= 0) & (others[successor] > 0)
    return np.where(cut, -1, successor)


def _ranks(
    order: NDArray[np.int64],
    borders: NDArray[np.int64],
    after: Pairs,
    successor: NDArray[np.int64],
    region: NDArray[np.int64],
    ends_nm: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """(c,) int64: the place of each chain in the order of printing. Chain `after[1]` waits for
    chain `after[0]`; chains are numbered by region and first piece."""
    n_chains = len(borders) - 1
    ranks = np.arange(n_chains)
    first, last = order[borders[:-1]], order[borders[1:] - 1]
    waits = after[0] != after[1]
    key = distinct(after[0][waits] * n_chains + after[1][waits])
    before, behind = key // n_chains, key % n_chains
    # A region that none of whose chains waits keeps the order by first pieces.
    of_region = region[first]
    busy = distinct(of_region[behind])
    begin, end = np.searchsorted(of_region, busy), np.searchsorted(of_region, busy, side="right")
    chain_of_first = np.full(len(successor), -1, np.int64)
    chain_of_first[first] = np.arange(n_chains)
    goes_to = np.where(successor[last] >= 0, chain_of_first[successor[last]], -1)
    entry, leave = ends_nm[0][first], ends_nm[1][last]
    pair_of = np.searchsorted(before, np.append(begin, n_chains))
    for i, (a, b) in enumerate(zip(begin.tolist(), end.tolist(), strict=True)):
        stop = int(np.searchsorted(before, b))
        waiting = (before[pair_of[i] : stop] - a, behind[pair_of[i] : stop] - a)
        found = _short_order(waiting, goes_to[a:b] - a, entry[a:b], leave[a:b])
        ranks[a + found] = np.arange(a, b)
    return ranks


def _short_order(
    waiting: Pairs,
    goes_to: NDArray[np.int64],
    entry_nm: NDArray[np.int64],
    leave_nm: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Chains of one region in an order in which none comes before those it waits for: on along
    the border where that is allowed, else to the nearest that is ready (ties by number)."""
    n = len(goes_to)
    missing = np.bincount(waiting[1], minlength=n)
    borders = np.searchsorted(waiting[0], np.arange(n + 1)).tolist()
    behind = [waiting[1][a:b] for a, b in pairwise(borders)]
    ready = missing == 0
    found = np.empty(n, np.int64)
    at = -1
    for place in range(n):
        following = int(goes_to[at]) if at >= 0 else -1
        if at < 0:
            at = int(np.flatnonzero(ready)[0])
        elif following >= 0 and ready[following]:
            at = following
        else:
            free = np.flatnonzero(ready)
            way = (entry_nm.take(free, axis=0) - leave_nm[at]).astype(np.float64)
            at = int(free[np.argmin(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])])
        found[place] = at
        ready[at] = False
        missing[behind[at]] -= 1
        ready[behind[at]] = missing[behind[at]] == 0
    return found

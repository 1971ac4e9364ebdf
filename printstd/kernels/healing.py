"""Open sections closed, and facets turned over turned back: what `--heal` does to a broken surface.

Each open chain of a section ends in a tail and began with a head. Tails are joined to heads of
their plane by straight lines, the nearest two first, until none is left; so every chain becomes
part of a loop, and no plane that the surface crosses is left out. What is joined depends on the
places of the ends alone, not on the order of the facets.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.errors import SlicingError
from printstd.kernels.components import component_labels
from printstd.kernels.edges import edge_table
from printstd.words import said

MOST_ENDS: Final = 20_000
"""Open ends on one plane: a surface in more pieces is a heap of facets, not a broken body."""
_BLOCK: Final = 1 << 22


class Ends(NamedTuple):
    """Where n chains end or begin. layer : (n,) int64. xy_nm : (n, 2) int64."""

    layer: NDArray[np.int64]
    xy_nm: NDArray[np.int64]


def joined(tails: Ends, heads: Ends) -> NDArray[np.int64]:
    """(n,) int64: the head that each tail is joined to; a permutation. Every plane has as many
    heads as tails. Equally near pairs are taken in the order of their places, x before y.

    Raises SlicingError where a plane has more than `MOST_ENDS`.
    """
    by_tail = np.lexsort((tails.xy_nm[:, 1], tails.xy_nm[:, 0], tails.layer))
    by_head = np.lexsort((heads.xy_nm[:, 1], heads.xy_nm[:, 0], heads.layer))
    found = np.empty(len(by_tail), np.int64)
    layers = tails.layer[by_tail]
    starts = np.flatnonzero(np.r_[True, layers[1:] != layers[:-1]][: len(layers)])
    for a, b in zip(starts.tolist(), [*starts[1:].tolist(), len(layers)], strict=True):
        if b - a > MOST_ENDS:
            raise SlicingError(
                said("the surface is in too many pieces to be healed"),
                got=said("{count} open ends on one layer", count=b - a),
                wanted=said("at most {most}", most=MOST_ENDS),
                hint=said("repair the model before slicing"),
                code="SLICE-06",
            )
        mine = by_tail[a:b]
        found[mine] = by_head[a:b][_nearest_first(tails.xy_nm[mine], heads.xy_nm[by_head[a:b]])]
    return found


def _nearest_first(tails: NDArray[np.int64], heads: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: heads of n tails, joined greedily by (distance, tail, head).

    The pair that comes next is always one of which each is the other's nearest, and such pairs do
    not stand in each other's way: all of them are joined at a time.
    """
    found = np.full(len(tails), -1, np.int64)
    free_tails, free_heads = np.arange(len(tails)), np.arange(len(heads))
    while len(free_tails):
        head = _nearest(tails[free_tails], heads[free_heads])
        tail = _nearest(heads[free_heads], tails[free_tails])
        is_mutual = tail[head] == np.arange(len(free_tails))
        found[free_tails[is_mutual]] = free_heads[head[is_mutual]]
        left = np.ones(len(free_heads), bool)
        left[head[is_mutual]] = False
        free_tails, free_heads = free_tails[~is_mutual], free_heads[left]
    return found


def _nearest(points: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: which of `among` is nearest to each point; the first of equals."""
    found = np.empty(len(points), np.int64)
    step = max(1, _BLOCK // len(among))
    for begin in range(0, len(points), step):
        way = points[begin : begin + step, None, :] - among
        found[begin : begin + step] = (way * way).sum(axis=2).argmin(axis=1)
    return found


def facing_alike(faces: NDArray[np.int32]) -> tuple[NDArray[np.int32], int]:
    """The facets, those turned over that are wound against the others of their shell, and how many
    they were. Shells are joined by edges with two facets; the side that more facets have stays.
    Shells that have no two sides stay as they are.
    """
    edges = edge_table(faces)
    edge, first, second = edges.two_facet_edges()
    n = len(faces)
    # Every facet as it is (f) and turned over (f + n); what fits together is joined.
    over = np.where(edges.is_balanced[edge], 0, n)
    label, _ = component_labels(
        2 * n,
        np.concatenate([first, first + n]),
        np.concatenate([second + over, second + n - over]),
    )
    as_is, turned = label[:n], label[n:]
    size = np.bincount(as_is, minlength=2 * n)
    is_turned = (as_is != turned) & (
        (size[as_is] < size[turned]) | ((size[as_is] == size[turned]) & (turned < as_is))
    )
    if not is_turned.any():
        return faces, 0
    return np.where(is_turned[:, None], faces[:, ::-1], faces), int(is_turned.sum())

"""Plane sections of a triangle mesh, all planes at once, as closed rings in whole nanometres.

A vertex that lies exactly on a plane counts as above it. Every edge is then either crossed or
not, every crossed triangle has exactly one edge going up through the plane and one going down,
and no plane meets a special case. A triangle's segment runs from its downward to its upward
edge, which puts the material on its left when facets are counter-clockwise seen from outside.

The point on an edge is interpolated from the end below to the end above, so both triangles of
the edge get the same bits whatever their order in the file; segments are chained by edge, never
by coordinate (facts of slicers, B1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.errors import SlicingError
from printstd.kernels.placing import divide_half_even
from printstd.kernels.rings import differ
from printstd.named_tuple import NamedTuple
from printstd.words import said

if TYPE_CHECKING:
    from printstd.kernels.healing import Ends

RANGE_NM: Final = 1 << 30
"""1.07 m: products of two coordinate differences then fit int64."""

# By which corners are above the plane (bit i = corner i): the corner that starts the edge going
# up, and the one that starts the edge going down. 0 and 7 do not cross.
_UP: Final = np.array([0, 2, 0, 2, 1, 1, 0, 0], np.int64)
_DOWN: Final = np.array([0, 0, 1, 1, 2, 0, 2, 0], np.int64)


class Sections(NamedTuple):
    """Rings of all planes, in plane order; raw: they may touch, overlap or cross.

    xy_nm : (p, 2) int64, nm. ring_offsets : (r + 1,) into xy_nm. layer_offsets : (l + 1,) into
    rings. Consecutive vertices of a ring differ.
    gap_layer : (g,) int64; gap_xy_nm : (g, 2) int64: ends of chains that do not close.
    gap_nm : (g,) float64: from there to the nearest start of such a chain on the plane; where
    sections are healed, to the start that it was joined to.
    """

    xy_nm: NDArray[np.int64]
    ring_offsets: NDArray[np.int64]
    layer_offsets: NDArray[np.int64]
    gap_layer: NDArray[np.int64]
    gap_xy_nm: NDArray[np.int64]
    gap_nm: NDArray[np.float64]


def section_rings(
    vertices_nm: NDArray[np.int64],
    faces: NDArray[np.int32],
    planes_nm: NDArray[np.int64],
    *,
    is_healed: bool = False,
) -> Sections:
    """Sections of a mesh at ascending heights. is_healed : open chains are closed
    (`kernels.healing`) instead of left out.

    vertices_nm : (v, 3) int64, nm. faces : (f, 3) int32, counter-clockwise seen from outside;
    facets with a repeated corner are ignored. planes_nm : (l,) int64, nm, ascending.
    Raises SlicingError where a coordinate is beyond `RANGE_NM`.
    """
    _check_range(vertices_nm)
    whole = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    )
    faces = faces if bool(whole.all()) else faces[whole]

    # Planes at or below each vertex: corner c is above plane k exactly where rank[c] > k. What no
    # plane meets is left alone from here on: of fine models, most of their facets.
    rank = np.searchsorted(planes_nm, vertices_nm[:, 2], side="right").astype(np.int32)
    faces = _met(faces, rank)
    twin = twin_half_edges(vertices_nm, faces, rank)
    if (twin[_is_crossed(faces, rank)] < 0).any():
        single = _without_copies(faces)
        if len(single) < len(faces):
            faces = single
            twin = twin_half_edges(vertices_nm, faces, rank)

    corner_rank = rank[faces]
    lowest = np.minimum(np.minimum(corner_rank[:, 0], corner_rank[:, 1]), corner_rank[:, 2])
    highest = np.maximum(np.maximum(corner_rank[:, 0], corner_rank[:, 1]), corner_rank[:, 2])
    lowest, count = lowest.astype(np.int64), (highest - lowest).astype(np.int64)
    first = np.cumsum(count) - count
    triangle = np.repeat(np.arange(len(faces)), count)
    layer = np.arange(len(triangle)) - np.repeat(first - lowest, count)

    is_above = corner_rank.take(triangle, axis=0) > layer[:, None]
    code = is_above[:, 0] + 2 * is_above[:, 1] + 4 * is_above[:, 2]
    up, down = 3 * triangle + _UP[code], 3 * triangle + _DOWN[code]
    corner = faces.reshape(-1)
    end_xy = _crossing(vertices_nm, corner[up], corner[_along(up)], planes_nm[layer])

    neighbour = twin[up] // 3
    after = np.where(neighbour >= 0, first[neighbour] + layer - lowest[neighbour], -1)
    gaps = (np.empty(0, np.int64), np.empty((0, 2), np.int64), np.empty(0))
    if (after < 0).any():
        is_tail, is_head = after < 0, twin[down] < 0
        heads = down[is_head]
        head_xy = _crossing(
            vertices_nm, corner[_along(heads)], corner[heads], planes_nm[layer[is_head]]
        )
        if is_healed:
            from printstd.kernels.healing import Ends

            tails = Ends(layer[is_tail], end_xy[is_tail])
            heads_at = Ends(layer[is_head], head_xy)
            return _healed(end_xy, layer, after, tails, heads_at, is_head, len(planes_nm))
        gaps = _gaps(is_tail, is_head, layer, end_xy[is_tail], head_xy)
        kept = np.flatnonzero(_on_closed_chains(after))
        number = np.full(len(after), -1)
        number[kept] = np.arange(len(kept))
        after, layer, end_xy = number[after[kept]], layer[kept], end_xy[kept]
    return Sections(*_rings(end_xy, layer, after, len(planes_nm)), *gaps)


def _healed(
    end_xy: NDArray[np.int64],
    layer: NDArray[np.int64],
    after: NDArray[np.int64],
    tails: Ends,
    heads: Ends,
    is_head: NDArray[np.bool_],
    n_layers: int,
) -> Sections:
    """Sections whose open chains are closed: what leads from a tail to its head is one segment
    more, which ends where the head begins."""
    from printstd.kernels.healing import joined

    chosen = joined(tails, heads)
    n = len(after)
    closed = np.concatenate([after, np.flatnonzero(is_head)[chosen]])
    closed[np.flatnonzero(after < 0)] = n + np.arange(len(chosen))
    ends = np.concatenate([end_xy, heads.xy_nm[chosen]])
    step = (heads.xy_nm[chosen] - tails.xy_nm).astype(np.float64)
    order = np.argsort(tails.layer, kind="stable")
    return Sections(
        *_rings(ends, np.concatenate([layer, tails.layer]), closed, n_layers),
        tails.layer[order],
        tails.xy_nm[order],
        np.sqrt((step * step).sum(axis=1))[order],
    )


def _along(half_edge: NDArray[np.int64]) -> NDArray[np.int64]:
    """The next half-edge round the facet: its corner is where this one ends."""
    return half_edge + np.where(half_edge % 3 == 2, -2, 1)


def _check_range(vertices_nm: NDArray[np.int64]) -> None:
    if vertices_nm.size and int(np.abs(vertices_nm).max()) > RANGE_NM:
        raise SlicingError(
            said("the placed model reaches out of range"),
            got=said("a coordinate of {reach:.3f} m", reach=int(np.abs(vertices_nm).max()) / 1e9),
            wanted=said("at most {most:.3f} m from the printer's origin", most=RANGE_NM / 1e9),
            hint=said("check the unit of the file (--units) and --scale"),
            code="SLICE-04",
        )


def _met(faces: NDArray[np.int32], rank: NDArray[np.int32]) -> NDArray[np.int32]:
    """The facets that some plane meets."""
    first, second, third = (rank[faces[:, corner]] for corner in range(3))
    is_met = (first != second) | (second != third)
    return faces if bool(is_met.all()) else faces.compress(is_met, axis=0)


def _is_crossed(faces: NDArray[np.int32], rank: NDArray[np.int32]) -> NDArray[np.bool_]:
    """(3 f,) bool: some plane crosses the half-edge."""
    corner_rank = rank[faces]
    return np.asarray(corner_rank != np.roll(corner_rank, -1, axis=1)).reshape(-1)


def twin_half_edges(
    vertices_nm: NDArray[np.int64], faces: NDArray[np.int32], rank: NDArray[np.int32] | None = None
) -> NDArray[np.int64]:
    """(3 f,) int64: for half-edge 3 t + i (from corner i of facet t to the next corner) the
    half-edge that runs along the same edge the other way; -1 where there is none.

    Where an edge has several each way they are paired in the order of their facets' third
    corners, by coordinates, so that the order of the facets in the file has no say.

    rank : (v,), of each vertex; half-edges between vertices of the same rank are not paired.
    """
    start = faces.reshape(-1)
    end = np.roll(faces, -1, axis=1).reshape(-1)
    twin = np.full(len(start), -1)
    asked = None if rank is None else np.flatnonzero(_is_crossed(faces, rank))
    if asked is not None:
        start, end = start[asked], end[asked]
    is_backward = start > end
    key = np.where(is_backward, end, start).astype(np.int64)
    key *= len(vertices_nm)
    key += np.where(is_backward, start, end)
    key = key * 2 + is_backward
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    number = order if asked is None else asked[order]
    # One forward (even key) and one backward each: the ordinary mesh. That the first is even must
    # be asked: the backward use of one edge and the forward use of the next are one apart, too.
    forward, backward = ordered[0::2], ordered[1::2]
    is_paired = len(forward) == len(backward) and bool(
        ((forward + 1 == backward) & (forward & 1 == 0)).all()
    )
    if is_paired:
        twin[number[0::2]], twin[number[1::2]] = number[1::2], number[0::2]
        return twin
    third = np.roll(faces, -2, axis=1).reshape(-1)
    apex = vertices_nm[third if asked is None else third[asked]]
    order = np.lexsort((apex[:, 2], apex[:, 1], apex[:, 0], key))
    ordered = key[order]
    number = order if asked is None else asked[order]
    edge = ordered >> 1
    new_edge = np.r_[True, edge[1:] != edge[:-1]][: len(edge)]
    new_run = np.r_[True, ordered[1:] != ordered[:-1]][: len(edge)]
    run_start = np.flatnonzero(new_run)
    nth = np.arange(len(edge)) - run_start[np.cumsum(new_run) - 1]
    # Match the n-th forward with the n-th backward half-edge of the same edge.
    match_key = (np.cumsum(new_edge) - 1) * (int(nth.max(initial=0)) + 1) + nth
    by_match = np.argsort(match_key, kind="stable")
    pairs = np.flatnonzero(match_key[by_match][1:] == match_key[by_match][:-1])
    a, b = number[by_match[pairs]], number[by_match[pairs + 1]]
    twin[a], twin[b] = b, a
    return twin


def _without_copies(faces: NDArray[np.int32]) -> NDArray[np.int32]:
    """Facets, each kept once: an exact copy (same corners, same winding) says nothing new."""
    turn = np.argmin(faces, axis=1)
    turned = np.take_along_axis(faces, (turn[:, None] + np.arange(3)) % 3, axis=1)
    order = np.lexsort((turned[:, 2], turned[:, 1], turned[:, 0]))
    sorted_ = turned[order]
    is_copy = np.r_[False, (sorted_[1:] == sorted_[:-1]).all(axis=1)][: len(order)]
    keep = np.ones(len(faces), bool)
    keep[order[is_copy]] = False
    return faces[keep]


def _crossing(
    vertices_nm: NDArray[np.int64],
    below: NDArray[np.int32],
    above: NDArray[np.int32],
    plane_nm: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(n, 2) int64, nm: where edges between two corners meet their planes, to the nearest nm."""
    low, high = vertices_nm.take(below, axis=0), vertices_nm.take(above, axis=0)
    rise = high[:, 2] - low[:, 2]
    climbed = plane_nm - low[:, 2]
    xy = np.empty((len(low), 2), np.int64)
    for axis in range(2):
        run = high[:, axis] - low[:, axis]
        xy[:, axis] = low[:, axis] + divide_half_even(climbed * run, rise)
    return xy


def _gaps(
    is_tail: NDArray[np.bool_],
    is_head: NDArray[np.bool_],
    layer: NDArray[np.int64],
    tail_xy: NDArray[np.int64],
    head_xy: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Layer, place and size of what is missing after each open end (last fields of Sections)."""
    gap_layer = layer[is_tail]
    order = np.argsort(gap_layer, kind="stable")
    gap_layer = gap_layer[order]
    gap_xy = tail_xy[order]
    gap_nm = np.full(len(gap_layer), np.inf)
    head_layer = layer[is_head]
    for number in np.flatnonzero(np.bincount(gap_layer)):
        mine = np.flatnonzero(gap_layer == number)
        heads = head_xy[head_layer == number].astype(np.float64)
        if len(heads):
            step = gap_xy[mine].astype(np.float64)[:, None, :] - heads
            gap_nm[mine] = np.sqrt((step**2).sum(axis=2)).min(axis=1)
    return gap_layer, gap_xy, gap_nm


def _on_closed_chains(after: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) bool: does following `after` (-1 ends a chain) come round again."""
    jump = np.where(after < 0, np.arange(len(after)), after)
    for _ in range(len(after).bit_length()):
        jump = jump[jump]
    return after[jump] >= 0


def _ring_labels(after: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: the smallest index on each element's cycle of the permutation `after`.

    Windows double every round; once a round changes nothing they go all the way round (two
    windows that do not overlap have different smallest members).
    """
    label = np.minimum(np.arange(len(after)), after)
    jump = after
    while True:
        jump = jump[jump]
        wider = np.minimum(label, label[jump])
        if bool((wider == label).all()):
            return label
        label = wider


def _steps_to(head: NDArray[np.bool_], after: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: steps along `after` to the cycle's head; 0 at the head (list ranking)."""
    steps = np.where(head, 0, 1)
    jump = np.where(head, np.arange(len(after)), after)
    while True:
        more = steps[jump]
        if not more.any():
            return steps
        steps = steps + more
        jump = jump[jump]


def _rings(
    end_xy: NDArray[np.int64],
    layer: NDArray[np.int64],
    after: NDArray[np.int64],
    n_layers: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(xy_nm, ring_offsets, layer_offsets) of segments that all lie on closed chains."""
    label = _ring_labels(after)
    is_head = label == np.arange(len(after))
    heads = np.flatnonzero(is_head)
    heads = heads[np.argsort(layer[heads], kind="stable")]
    number = np.empty(len(after), np.int64)
    number[heads] = np.arange(len(heads))
    ring = number[label]
    counts = np.bincount(ring, minlength=len(heads))
    steps = _steps_to(is_head, after)
    place = np.where(steps == 0, 0, counts[ring] - steps)
    starts = np.cumsum(counts) - counts
    xy = np.empty_like(end_xy)
    xy[starts[ring] + place] = end_xy

    # Segments shorter than a nanometre leave equal neighbours.
    before = np.arange(len(xy)) - 1
    before[starts] = starts + counts - 1
    keep = differ(xy, xy.take(before, axis=0))
    ring_of = np.repeat(np.arange(len(heads)), counts)
    counts = np.bincount(ring_of[keep], minlength=len(heads))
    real = counts >= 3
    keep &= real[ring_of]
    offsets = np.zeros(int(real.sum()) + 1, np.int64)
    np.cumsum(counts[real], out=offsets[1:])
    layer_offsets = np.searchsorted(layer[heads][real], np.arange(n_layers + 1))
    return xy.compress(keep, axis=0), offsets, layer_offsets.astype(np.int64)

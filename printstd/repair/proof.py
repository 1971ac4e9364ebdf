"""What a repaired mesh is worth: how far it lies from its source, proved from the two alone.

Nothing here trusts a step of the repair. Facets that both meshes have contribute nothing; of the
others the two-sided distance is bounded (facts of validation, 4.2). Two things are told apart, by
the names of facets: fillings, whose distance from the source is the size of the guess, and dust.
Where bodies were united, surface is gone that lay inside the body: no difference of the
solid (3MF Core 1.4.0, 4.1: the Positive fill rule), however far it is from the surface. That the
new surface lies on the old one is proved then, too; so in every space that the old surface leaves
between its facets the new body is there or not as a whole, and points of what is gone, evenly
spread, tell whether it is: inside the new body, with material of the old on both sides.

Distance has no sign, so test points beside the changed surface, on both sides, must have the
material on the right side.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.repair import RepairProof
from printstd.kernels.edges import edge_table
from printstd.kernels.facets import facet_shapes, winding_numbers
from printstd.kernels.nearest_facets import FacetTree, facet_tree, nearest_facets
from printstd.kernels.surface_distance import Bounds, in_four, largest_distance

_WIDTH_RATIO: Final = 0.1
"""Of the bound, or of the distance where that is more: how narrow the proved interval is."""

_POINTS: Final = 200
"""Changed facets beside which the sides are looked at, evenly chosen."""

_MOST_WINDINGS: Final = 20_000_000
"""Points times facets for winding numbers (some seconds)."""

_MOST_POINTS: Final = 4_000
"""Of removed surface at which it is looked at whether they lie inside the repaired body."""

_STEP_RATIO: Final = 2.0
"""Of the bound: how far beside the surface it is looked whether there is material."""

_WHOLE: Final = 0.05
"""A winding number this far from a whole one is that of a surface with holes near by."""

Vectors = NDArray[np.float64]
Mask = NDArray[np.bool_]


def proved(
    source: tuple[Vectors, NDArray[np.int32]],
    result: tuple[Vectors, NDArray[np.int32]],
    *,
    is_fill: Mask,
    is_dust: Mask,
    bound_mm: float,
) -> RepairProof:
    """source, result : (vertices_mm (v, 3), faces (f, 3)). is_fill : (result's facets,) put into
    holes. is_dust : (source's facets,) left out as too small to be anything. bound_mm : what the
    distance is wanted to be below; the interval is a tenth of it wide at most."""
    before, after = source[0][source[1]], result[0][result[1]]
    removed, added = changed(before, after)
    removed &= ~is_dust
    added_now = added & ~is_fill
    tree_before, tree_after = facet_tree(before), facet_tree(after)
    width = _WIDTH_RATIO * bound_mm
    nothing = Bounds(0.0, 0.0, 0, np.zeros(3))
    to_source = nothing
    if added_now.any():
        to_source = largest_distance(
            after[added_now], tree_before, width=width, width_ratio=_WIDTH_RATIO
        )
    fill = nothing
    if (added & is_fill).any():
        fill = largest_distance(
            after[added & is_fill], tree_before, width=width, width_ratio=_WIDTH_RATIO
        )
    to_result, inside = nothing, 0
    if removed.any():
        to_result, inside = _to_result(before[removed], source, result, tree_after, bound_mm)
    worse = max(to_source, to_result, key=lambda bounds: bounds.lower)
    points, wrong = _sides(source, result, added, bound_mm)
    is_any = bool(removed.any() or added_now.any())
    x, y, z = (round(float(value), 6) + 0.0 for value in worse.place)
    return RepairProof(
        lower_mm=worse.lower,
        upper_mm=max(to_source.upper, to_result.upper),
        removed=int(removed.sum()),
        added=int(added.sum()),
        fill_mm=fill.upper,
        queries=to_source.queries + to_result.queries + fill.queries,
        inside_points=inside,
        points=points,
        wrong_points=wrong,
        place_mm=(x, y, z) if is_any else None,
    )


def _to_result(
    removed: Vectors,
    source: tuple[Vectors, NDArray[np.int32]],
    result: tuple[Vectors, NDArray[np.int32]],
    tree: FacetTree,
    bound_mm: float,
) -> tuple[Bounds, int]:
    """Bounds of how far removed surface lies from the repaired one; or none, and the points that
    were looked at, where all of them that are off the repaired surface lie inside its body, and the
    source had material on both sides of them."""
    plain = largest_distance(removed, tree, width=_WIDTH_RATIO * bound_mm, width_ratio=_WIDTH_RATIO)
    if plain.upper <= bound_mm or not edge_table(result[1]).is_balanced.all():
        return plain, 0
    after, before = result[0][result[1]], source[0][source[1]]
    if not edge_table(source[1]).is_balanced.all():
        return plain, 0
    most = max(len(removed), min(_MOST_POINTS, _MOST_WINDINGS // (len(after) + 2 * len(before))))
    pieces = removed
    while 4 * len(pieces) <= most:
        pieces = in_four(pieces)
    points = pieces.mean(axis=1)
    distance = nearest_facets(points, tree).distance
    is_off = distance > bound_mm
    if not is_off.any() or (winding_numbers(points[is_off], after) < 0.5).any():
        return plain, 0
    # There was material on both sides of what is gone: no cavity was filled.
    is_clear = distance > 2 * _STEP_RATIO * bound_mm
    normal = np.cross(pieces[:, 1] - pieces[:, 0], pieces[:, 2] - pieces[:, 0])
    length = np.sqrt((normal * normal).sum(axis=1))
    step = _STEP_RATIO * bound_mm * normal / np.where(length > 0, length, 1.0)[:, None]
    for sign in (1, -1):
        if (winding_numbers((points + sign * step)[is_clear], before) < 0.5).any():
            return plain, 0
    return Bounds(0.0, 0.0, plain.queries + len(points), plain.place), int(is_off.sum())


def changed(before: Vectors, after: Vectors) -> tuple[Mask, Mask]:
    """(removed (f,), added (g,)): facets of `before` (f, 3, 3) that `after` (g, 3, 3) has not, bit
    for bit, and the other way round; whichever way they are wound, and as often as each is there.
    """
    rows = [_canonical(corners) for corners in (before, after)]
    every = np.concatenate(rows)
    order = np.lexsort(every.T[::-1])
    ordered = every[order]
    is_new = np.ones(len(every), bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    group = np.empty(len(every), np.int64)
    group[order] = np.cumsum(is_new) - 1
    in_before = np.zeros(int(is_new.sum()), bool)
    in_after = in_before.copy()
    in_before[group[: len(before)]] = True
    in_after[group[len(before) :]] = True
    return ~in_after[group[: len(before)]], ~in_before[group[len(before) :]]


def _canonical(corners: Vectors) -> Vectors:
    """(f, 9) float64: the corners of each facet in the order of their coordinates."""
    x, y, z = (corners[:, :, axis] + 0.0 for axis in range(3))
    order = np.lexsort((z, y, x), axis=1)
    return np.take_along_axis(corners + 0.0, order[:, :, None], axis=1).reshape(-1, 9)


def _sides(
    source: tuple[Vectors, NDArray[np.int32]],
    result: tuple[Vectors, NDArray[np.int32]],
    added: Mask,
    bound_mm: float,
) -> tuple[int, int]:
    """(points looked at, wrong ones): beside changed facets, twice the bound outside and inside.

    Where the source has a whole winding number of its own, both must agree whether there is
    material. A source that has holes has none: the repaired surface must then have material on its
    inner side, and nowhere less than none.
    """
    flipped = _turned(source, result)
    chosen = np.flatnonzero(added | flipped)
    shapes = facet_shapes(result[0], result[1])
    chosen = chosen[shapes.height[chosen] > 0]
    if not len(chosen):
        return 0, 0
    n_facets = len(source[1]) + len(result[1])
    most = max(8, min(_POINTS, _MOST_WINDINGS // (2 * n_facets)))
    chosen = chosen[np.linspace(0, len(chosen) - 1, min(most, len(chosen))).astype(np.int64)]
    middle = result[0][result[1][chosen]].mean(axis=1)
    step = _STEP_RATIO * bound_mm * shapes.normal[chosen]
    after, before = result[0][result[1]], source[0][source[1]]
    outer = winding_numbers(middle + step, after)
    inner = winding_numbers(middle - step, after)
    if not edge_table(source[1]).is_balanced.all():
        is_wrong = (np.rint(outer) < 0) | (np.rint(inner) < 1)
    else:
        is_wrong = np.zeros(len(chosen), bool)
        for points, now in ((middle + step, outer), (middle - step, inner)):
            then = winding_numbers(points, before)
            is_whole = np.abs(then - np.rint(then)) < _WHOLE
            # A source that is inside out has the same material, with the sign reversed.
            is_wrong |= is_whole & ((np.abs(np.rint(then)) > 0) != (np.rint(now) > 0))
    return 2 * len(chosen), int(is_wrong.sum())


def _turned(
    source: tuple[Vectors, NDArray[np.int32]], result: tuple[Vectors, NDArray[np.int32]]
) -> Mask:
    """(result's facets,) bool: the source has it wound the other way only."""
    after, before = result[0][result[1]], source[0][source[1]]
    _, added = changed(before, after)
    kept = np.flatnonzero(~added)
    keys = [_wound(corners) for corners in (before, after[kept])]
    known = set(map(bytes, np.ascontiguousarray(keys[0]).view(np.uint8)))
    turned = np.zeros(len(after), bool)
    rows = np.ascontiguousarray(keys[1]).view(np.uint8)
    turned[kept] = [bytes(row) not in known for row in rows]
    return turned


def _wound(corners: Vectors) -> Vectors:
    """(f, 9) float64: the corners of each facet from its least on, in their order."""
    x, y, z = (corners[:, :, axis] + 0.0 for axis in range(3))
    first = np.lexsort((z, y, x), axis=1)[:, 0]
    turned = (first[:, None] + np.arange(3)) % 3
    return np.take_along_axis(corners + 0.0, turned[:, :, None], axis=1).reshape(-1, 9)

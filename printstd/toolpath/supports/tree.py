"""Supports as trees: branches from many tips that join on their way down to the bed.

From the top down, every node moves towards its nearest neighbour as far as a branch may lean, two
that meet go on as one, and all keep out of what `avoidance` says the bed cannot be reached from.
A branch grows thicker with its length. What no tree on the bed can hold gets columns (`columns`),
which may stand on the part. Source: facts of slicers 2.9, E3: the growth of organic supports (tip,
branch diameter, angle, diameter angle, merging), with nodes in place of influence areas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.clip import Area, Fill
from printstd.kernels.nearest import of_each_other, on_border
from printstd.kernels.rings import EMPTY, Rings, contains
from printstd.kernels.turns import cos_sin
from printstd.toolpath.supports.areas import Levels, SupportAreas, SupportSpec, TreeSpec
from printstd.toolpath.supports.avoidance import Avoidance
from printstd.toolpath.supports.columns import Gaps, columns_under, tops_of
from printstd.toolpath.supports.tips import tips_of

_NOTHING: Final = Area.of(EMPTY)
_SIDES: Final = 12
_RADII: Final = 4
"""Thicknesses for which the way to the bed is looked for; a branch has the next one above its
own in mind."""
_PAST_BORDER_NM: Final = 2_000
"""A node that is put on the border of what it avoids goes so much further."""
_MOST_REACH: Final = 1.5
"""A node that drawing in by square corners left too far inside may lean so much more, once."""


class _Nodes(NamedTuple):
    """xy_nm : (n, 2) int64. below_nm, tips : (n,) int64, how far the highest of so many tips lies
    above. kind : (n,) int64, the number of the radius that it keeps room for."""

    xy_nm: NDArray[np.int64]
    below_nm: NDArray[np.int64]
    tips: NDArray[np.int64]
    kind: NDArray[np.int64]

    def at(self, rows: NDArray[np.bool_]) -> _Nodes:
        return _Nodes(*(column[rows] for column in self))


_NONE: Final = np.empty(0, np.int64)
_NO_NODES: Final = _Nodes(np.empty((0, 2), np.int64), _NONE, _NONE, _NONE)


def branches(
    contacts: Sequence[Rings], sections: Sequence[Rings], levels: Levels, spec: SupportSpec
) -> SupportAreas:
    """Areas of the style `tree`; all lists hold one entry per layer."""
    tops = tops_of(contacts, levels, spec)
    if not tops:
        return SupportAreas([EMPTY] * len(sections), [EMPTY] * len(sections))
    gaps = Gaps(sections, levels, spec)
    n_layers = max(tops) + 1
    height = levels.top_nm - levels.bottom_nm
    tree = spec.tree
    reach = [round(float(h) * tree.lean_ratio) for h in height[:n_layers].tolist()]
    radii = _radii(tree)
    avoidance = Avoidance(gaps, reach, radii.tolist(), n_layers)
    roofs: list[list[Area]] = [[] for _ in range(n_layers)]
    tips: dict[int, list[NDArray[np.int64]]] = {}
    left: dict[int, Area] = {}
    for layer, top in tops.items():
        begin = max(layer - spec.top_interface_layers, 0)
        held, rest = _reached(top, avoidance.rings(0, begin), spec)
        if not rest.is_empty:
            left[layer] = rest
        if held.is_empty:
            continue
        for roof in range(begin + 1 if spec.top_interface_layers else layer + 1, layer + 1):
            roofs[roof].append(held)
        if begin == 0 and spec.top_interface_layers:
            roofs[0].append(held)
        else:
            tips.setdefault(begin, []).append(
                tips_of(held, tree.tip_distance_nm, tree.tip_radius_nm)
            )
    grown = _grown(tips, height, reach, radii, avoidance, tree)
    body, dense = [EMPTY] * len(sections), [EMPTY] * len(sections)
    for layer in range(n_layers):
        nodes = grown[layer]
        radius = np.minimum(tree.radius_nm(nodes.below_nm, nodes.tips), radii[nodes.kind])
        discs = _discs(nodes.xy_nm, radius)
        body[layer], dense[layer] = _areas(discs, roofs[layer], gaps.around(layer))
    if left and not spec.on_build_plate_only:
        below = columns_under(left, sections, levels, spec)
        for layer in range(n_layers):
            dense[layer] = clip.union([dense[layer], below.interface[layer]])
            both = clip.union([body[layer], below.body[layer]])
            body[layer] = clip.difference(both, dense[layer])
    return SupportAreas(body, dense)


def _radii(tree: TreeSpec) -> NDArray[np.int64]:
    """(_RADII,) int64, nm: from the tip's to the thickest, each so many times the one before."""
    thin, thick = tree.tip_radius_nm, tree.trunk_radius_nm
    steps = np.arange(_RADII) * np.arange(1, _RADII + 1)
    return thin + (thick - thin) * steps // int(steps[-1])


def _reached(top: Area, avoided: Rings, spec: SupportSpec) -> tuple[Area, Area]:
    """(what of a top branches can hold, what is left): a tip holds what is around it, and beside
    the part what lies over the gap and its own radius."""
    free = top - Area.of(avoided)
    around = spec.tree.tip_radius_nm + spec.xy_gap_nm + spec.tree.tip_distance_nm // 2
    held = free.offset(around) & top
    half = spec.width_nm // 2
    return held, (top - held).offset(-half, half)


def _areas(discs: Rings, roofs: Sequence[Area], around: Area) -> tuple[Rings, Rings]:
    """(body, interface) of one layer."""
    dense = clip.united(roofs) - around if roofs else _NOTHING
    body = Area.of(discs, Fill.NONZERO) - around
    if not dense.is_empty:
        body = body - dense
    found = clip.rings_of([body, dense])
    return found[0], found[1]


def _discs(xy_nm: NDArray[np.int64], radius_nm: NDArray[np.int64]) -> Rings:
    """A polygon around each point."""
    cosine, sine = cos_sin(np.arange(_SIDES) / _SIDES)
    around = np.stack([cosine, sine], axis=1)
    xy = xy_nm[:, None, :] + np.rint(radius_nm[:, None, None] * around).astype(np.int64)
    return Rings(xy.reshape(-1, 2), _SIDES * np.arange(len(xy_nm) + 1, dtype=np.int64))


# ----------------------------------------------------------------------------------- growth


def _grown(
    tips: dict[int, list[NDArray[np.int64]]],
    height_nm: NDArray[np.int64],
    reach_nm: Sequence[int],
    radii_nm: NDArray[np.int64],
    avoidance: Avoidance,
    tree: TreeSpec,
) -> list[_Nodes]:
    """The nodes of every layer, from the bed up."""
    grown = [_NO_NODES] * len(reach_nm)
    nodes = _NO_NODES
    to_bed = np.cumsum(np.array(reach_nm))
    for layer in range(len(reach_nm) - 1, -1, -1):
        nodes = _joined(nodes, tips.get(layer, ()), avoidance.rings(0, layer))
        grown[layer] = nodes
        if layer and len(nodes.xy_nm):
            step = _Step(int(reach_nm[layer]), int(to_bed[layer]), int(height_nm[layer]))
            nodes = _lower(nodes, step, radii_nm, avoidance, layer - 1, tree)
    return grown


def _joined(nodes: _Nodes, tips: Sequence[NDArray[np.int64]], avoided: Rings) -> _Nodes:
    """With the tips that begin on this layer, pushed out of what is avoided."""
    if not len(tips):
        return nodes
    xy = np.concatenate(tips)
    inside = contains(avoided, xy)
    if inside.any():
        xy = xy.copy()
        xy[inside] = _outside(avoided, xy[inside])[0]
    new = np.zeros(len(xy), np.int64)
    return _Nodes(
        np.concatenate([nodes.xy_nm, xy]),
        np.concatenate([nodes.below_nm, new]),
        np.concatenate([nodes.tips, new + 1]),
        np.concatenate([nodes.kind, new]),
    )


def _outside(
    avoided: Rings, xy_nm: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The places just beyond the border nearest to points inside, and how far they are."""
    border, away = on_border(avoided, xy_nm)
    out = (border - xy_nm).astype(np.float64)
    more = 1.0 + _PAST_BORDER_NM / np.maximum(away, 1.0)
    moved = xy_nm + np.rint(out * np.minimum(more, 1e6)[:, None]).astype(np.int64)
    return moved, away + _PAST_BORDER_NM


class _Step(NamedTuple):
    """One layer down. reach_nm : how far a node may move. to_bed_nm : in all, down to the bed."""

    reach_nm: int
    to_bed_nm: int
    height_nm: int


def _lower(
    nodes: _Nodes,
    step: _Step,
    radii_nm: NDArray[np.int64],
    avoidance: Avoidance,
    layer: int,
    tree: TreeSpec,
) -> _Nodes:
    """The nodes of the layer below."""
    target, partner = _wanted(nodes.xy_nm, step)
    below = nodes.below_nm + step.height_nm
    wanted = np.searchsorted(radii_nm, tree.radius_nm(below, nodes.tips), side="left")
    wanted = np.minimum(np.maximum(wanted, nodes.kind), len(radii_nm) - 1)
    xy, kind, is_there = _settled(nodes.xy_nm, target, wanted, nodes.kind, avoidance, layer, step)
    # Two that met go on as one, where both came to the place they wanted.
    met = (partner >= 0) & is_there & is_there[np.maximum(partner, 0)]
    kept = ~(met & (partner < np.arange(len(partner))))
    other = np.where(met, np.maximum(partner, 0), np.arange(len(partner)))
    tips = nodes.tips + np.where(met, nodes.tips[other], 0)
    # As thick as the thicker one had room for.
    return _Nodes(xy, np.maximum(below, below[other]), tips, np.maximum(kind, kind[other])).at(kept)


def _wanted(xy_nm: NDArray[np.int64], step: _Step) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n, 2) where each node would go; (n,) the one it meets there, -1 for none."""
    nearest, away = of_each_other(xy_nm)
    row = np.arange(len(xy_nm))
    is_mutual = (nearest >= 0) & (nearest[np.maximum(nearest, 0)] == row)
    meets = is_mutual & (away <= 2 * step.reach_nm)
    towards = (nearest >= 0) & (away / 2 <= step.to_bed_nm)
    other = xy_nm[np.maximum(nearest, 0)]
    share = np.where(meets, 0.5, np.minimum(step.reach_nm / np.maximum(away, 1.0), 0.5))
    share = np.where(towards, share, 0.0)
    # The midpoint of a pair is the same seen from both.
    moved = np.where(
        meets[:, None],
        (xy_nm + other) // 2,
        xy_nm + np.rint((other - xy_nm) * share[:, None]).astype(np.int64),
    )
    return moved, np.where(meets, nearest, -1)


def _settled(
    xy_nm: NDArray[np.int64],
    target_nm: NDArray[np.int64],
    wanted: NDArray[np.int64],
    kept: NDArray[np.int64],
    avoidance: Avoidance,
    layer: int,
    step: _Step,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Where the nodes come to stand: as wanted, else straight below, else just outside of what is
    avoided; for the radius that they would have, or else for the one that they have."""
    xy, kind = target_nm.copy(), wanted.copy()
    is_open = np.ones(len(xy), np.bool_)
    is_there = np.zeros(len(xy), np.bool_)
    for radius in (wanted, kept):
        for number in sorted(set(radius[is_open].tolist())):
            avoided = avoidance.rings(number, layer)
            rows = np.flatnonzero(is_open & (radius == number))
            goes = ~contains(avoided, target_nm[rows])
            is_open[rows[goes]], kind[rows[goes]], is_there[rows[goes]] = False, number, True
            rows = rows[~goes]
            goes = ~contains(avoided, xy_nm[rows])
            is_open[rows[goes]], kind[rows[goes]] = False, number
            xy[rows[goes]] = xy_nm[rows[goes]]
            rows = rows[~goes]
            if len(rows):
                place, away = _outside(avoided, xy_nm[rows])
                goes = away <= _MOST_REACH * step.reach_nm
                is_open[rows[goes]], kind[rows[goes]] = False, number
                xy[rows[goes]] = place[goes]
    # What is left is walled in by roundings: straight on, cut off beside the part.
    xy[is_open], kind[is_open] = xy_nm[is_open], kept[is_open]
    return xy, kind, is_there

"""Where the parts of a plate stand when nobody has declared it: as the beads say.

What is laid falls apart into groups that do not touch: parts, bodies of parts, a skirt. Every model
is tried on every group that is large enough for its largest body, in each quarter turn; the
best fits are taken, no group twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.audit.beads import Beads
from printstd.audit.placing import Standing, inside_share, search, turned, turned_sections
from printstd.audit.sections import Sections

CELL_UM: Final = 500.0
"""Beads in cells of this size that touch are of one group: parts stand further apart."""
LOOKED_AT: Final = 40
"""Layers that groups are told by."""
SLACK_UM: Final = 1000.0
REACHED_UM: Final = 600.0
"""A bead this near to a point of the outline has reached it, to tell one model from another."""
POINTS: Final = 400


class Group(NamedTuple):
    """low_um, high_um : (2,) its box."""

    low_um: NDArray[np.float64]
    high_um: NDArray[np.float64]


class _Fit(NamedTuple):
    """One model on some groups. score : 4 where everything fits."""

    score: float
    standing: Standing
    groups: frozenset[int]


def found_places(
    sections: Sequence[Sections], lift_um: Sequence[float], beads: Beads
) -> list[Standing | None]:
    """A place for each part; None where what is laid has none left.

    sections : of each part as it was filed, in the lowest layers of the plate. Parts whose sections
    are one and the same object are copies.
    """
    groups, label = bead_groups(beads)
    fits: dict[int, list[_Fit]] = {}
    for part, own in enumerate(sections):
        first = next(k for k in range(part + 1) if _alike(sections[k], own))
        fits[part] = (
            fits[first] if first in fits else _fits(own, lift_um[part], beads, groups, label)
        )
    ranked = sorted(
        ((fit, part) for part, own in fits.items() for fit in own),
        key=lambda one: (-round(one[0].score, 2), -one[0].score, one[1], sorted(one[0].groups)),
    )
    places: list[Standing | None] = [None] * len(sections)
    taken: set[int] = set()
    for fit, part in ranked:
        if places[part] is None and not fit.groups & taken:
            places[part] = fit.standing
            taken |= fit.groups
    return places


def _alike(first: Sections, second: Sections) -> bool:
    return first is second or (
        first.xy_um.shape == second.xy_um.shape
        and bool((first.xy_um == second.xy_um).all())
        and np.array_equal(first.layer_offsets, second.layer_offsets)
    )


def _fits(
    sections: Sections,
    lift_um: float,
    beads: Beads,
    groups: Sequence[Group],
    label: NDArray[np.int64],
) -> list[_Fit]:
    """Every way in which a model could have been laid by some of the groups."""
    found: dict[frozenset[int], _Fit] = {}
    n_layers = len(sections.layer_offsets) - 1
    own = _first_layers(beads, n_layers)
    for turns in range(4):
        points = turned(sections.xy_um, turns)
        if not len(points):
            return []
        low, high = points.min(axis=0), points.max(axis=0)
        body = _largest_body(turned_sections(sections, turns))
        for number, group in enumerate(groups):
            size, wanted = group.high_um - group.low_um, body.high_um - body.low_um
            if (size < wanted - SLACK_UM).any():
                continue
            shift = (group.low_um + group.high_um - body.low_um - body.high_um) / 2
            within = {
                k
                for k, other in enumerate(groups)
                if (other.low_um >= low + shift - SLACK_UM).all()
                and (other.high_um <= high + shift + SLACK_UM).all()
            } | {number}
            key = frozenset(within)
            if key in found:
                continue
            rows = np.flatnonzero(np.isin(label, list(within)))
            n_own = int(np.searchsorted(rows, len(own.seq)))
            fit = _fit(sections, lift_um, _some(own, rows[:n_own]), key)
            if fit is not None:
                # What is laid above the model is none of it: a low part fits a tall one's feet.
                length = beads.length_um[rows]
                share = float(length[:n_own].sum() / max(float(length.sum()), 1e-9))
                found[key] = fit._replace(score=fit.score + share)
    return list(found.values())


def _fit(sections: Sections, lift_um: float, beads: Beads, groups: frozenset[int]) -> _Fit | None:
    standing = search(sections, beads, lift_um)
    if standing is None:
        return None
    stood = turned_sections(sections, standing.quarter_turns).moved(
        np.array(standing.translation_um[:2], np.float64)
    )
    filled = np.flatnonzero(np.diff(beads.layer_offsets) > 0)
    score = standing.agreeing + inside_share(stood, beads, filled) + _reached(stood, beads)
    return _Fit(score, standing, groups)


def _reached(sections: Sections, beads: Beads) -> float:
    """Share of the points of some layers' outlines that a bead lies near to."""
    import shapely

    layers = np.flatnonzero(np.diff(sections.layer_offsets) > 0)
    near = asked = 0
    for layer in layers[np.unique(np.linspace(0, len(layers) - 1, 12).astype(np.int64))].tolist():
        points = np.concatenate(sections.rings_of(layer))
        points = points[np.unique(np.linspace(0, len(points) - 1, POINTS).astype(np.int64))]
        asked += len(points)
        rows = beads.of_layer(layer)
        ends = np.stack([beads.start_um[rows], beads.end_um[rows]], axis=1)
        if not len(ends):
            continue
        tree = shapely.STRtree(shapely.linestrings(ends))
        pairs = tree.query_nearest(
            shapely.points(points), max_distance=REACHED_UM, all_matches=False
        )
        near += pairs.shape[1]
    return near / asked if asked else 0.0


def _first_layers(beads: Beads, n_layers: int) -> Beads:
    """The beads of the lowest layers, in as many layers as are asked for."""
    n = min(n_layers, len(beads.layer_offsets) - 1)
    own = beads.chosen(np.arange(int(beads.layer_offsets[n])))
    borders = np.append(
        beads.layer_offsets[: n + 1], np.full(n_layers - n, beads.layer_offsets[n], np.int64)
    )
    return _in_layers(own, borders)


def _some(beads: Beads, rows: NDArray[np.int64]) -> Beads:
    """Some beads, in the same layers."""
    return _in_layers(beads.chosen(rows), np.searchsorted(rows, beads.layer_offsets))


def _in_layers(beads: Beads, borders: NDArray[np.int64]) -> Beads:
    return replace(beads, layer_offsets=np.asarray(borders, np.int64))


# ------------------------------------------------------------------------------------- groups


def bead_groups(beads: Beads) -> tuple[list[Group], NDArray[np.int64]]:
    """What touches one another, as its boxes, and which of them each bead belongs to, -1 none."""
    groups, cells, group_of_cell = _groups(beads)
    return groups, _labels(beads.middle_um, cells, group_of_cell)


def _groups(beads: Beads) -> tuple[list[Group], NDArray[np.int64], NDArray[np.int64]]:
    """(groups from the leftmost on, their cells' keys rising, the group of each cell)."""
    n = len(beads.layer_offsets) - 1
    low = min(LOOKED_AT // 4, n)
    some = np.unique(np.linspace(low, max(n - 1, low), LOOKED_AT - low).astype(np.int64))
    is_asked = np.zeros(n, bool)
    is_asked[:low] = True
    is_asked[some[some < n]] = True
    rows = np.flatnonzero(np.repeat(is_asked, np.diff(beads.layer_offsets)))
    return _grouped(beads.start_um[rows], beads.end_um[rows])


def _largest_body(sections: Sections) -> Group:
    """Of a model, told apart as the beads are."""
    last = sections.ring_offsets[1:] - 1
    following = np.arange(1, len(sections.xy_um) + 1)
    following[last] = sections.ring_offsets[:-1]
    groups, _, _ = _grouped(sections.xy_um, sections.xy_um[following])
    return max(groups, key=lambda g: float(np.prod(g.high_um - g.low_um)))


def _grouped(
    start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[list[Group], NDArray[np.int64], NDArray[np.int64]]:
    """Groups of lines that touch, in cells."""
    count = np.maximum(np.ceil(np.hypot(*(end - start).T) / CELL_UM), 1).astype(np.int64)
    line = np.repeat(np.arange(len(count)), count + 1)
    place = np.arange(len(line)) - np.repeat(np.cumsum(count + 1) - count - 1, count + 1)
    points = start[line] + (end - start)[line] * (place / count[line])[:, None]
    cells = np.unique(_keys(points))
    group = _components(cells)
    of_point = group[np.searchsorted(cells, _keys(points))]
    order = np.argsort(of_point, kind="stable")
    borders = np.searchsorted(of_point[order], np.arange(int(group.max(initial=-1)) + 1))
    if not len(borders):
        return [], cells, group
    lows = np.minimum.reduceat(points[order], borders)
    highs = np.maximum.reduceat(points[order], borders)
    return [Group(low, high) for low, high in zip(lows, highs, strict=True)], cells, group


_STRIDE: Final = 1 << 20


def _keys(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Cells as one number each; the next in x is `_STRIDE` further."""
    cell = np.floor(points / CELL_UM).astype(np.int64) + _STRIDE // 2
    return np.asarray(cell[:, 0] * _STRIDE + cell[:, 1], np.int64)


def _components(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) number of the group of each cell, cells that touch at a side or a corner being one."""
    pairs = []
    for step in (1, _STRIDE - 1, _STRIDE, _STRIDE + 1):
        at = np.searchsorted(cells, cells + step)
        at[at == len(cells)] = 0
        first = np.flatnonzero(cells[at] == cells + step) if len(cells) else at
        pairs.append(np.stack([first, at[first]]))
    a, b = np.concatenate(pairs, axis=1)
    root = np.arange(len(cells))
    while True:
        lower = np.minimum(root[a], root[b])
        before = root.copy()
        np.minimum.at(root, root[a], lower)
        np.minimum.at(root, root[b], lower)
        root = root[root]
        if (root == before).all():
            break
    _, number = np.unique(root, return_inverse=True)
    return np.asarray(number, np.int64)


def _labels(
    points: NDArray[np.float64], cells: NDArray[np.int64], group: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(n,) the group of each point, or of a cell beside it; -1 where there is none."""
    found = np.full(len(points), -1, np.int64)
    if not len(cells):
        return found
    keys = _keys(points)
    steps = [0, *(dx * _STRIDE + dy for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)]
    for step in steps:
        at = np.minimum(np.searchsorted(cells, keys + step), len(cells) - 1)
        fits = (found < 0) & (cells[at] == keys + step)
        found[fits] = group[at[fits]]
    return found

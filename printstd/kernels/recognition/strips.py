"""Strips that follow each other round a common axis, and the rulings between them.

A strip is a flat region whose neighbours across smooth edges lie along its long sides, the
rulings. Two strips and the ruling between them are three parallel lines and say one radius: where
rulings that share a strip say the same, they belong to one arc. A wall that is tangent to an arc
says a far larger one, so arcs end at walls, and the last strip of an arc counts as all others
do. Strips much wider than the others are flats that were drawn, and end an arc too.

The rulings of a cone or of one band of a torus are not parallel, but of one length and one fold
all round.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.kernels.edges import EdgeTable
from printstd.kernels.planes import Folds, Planes
from printstd.kernels.recognition.grouped import (
    Floats,
    Ints,
    distinct_pairs,
    maxima,
    medians,
    order_within,
    sums,
)
from printstd.kernels.vectors import dots, norms

LEAST_FOLD_DEG = 0.3
MOST_FOLD_DEG = 31.0
"""Twelve facets to the turn and more are a circle; ten and fewer are a polygon."""

_PARALLEL_COSINE = 1 - 1e-5  # 0.26 degrees
_SAME_RADIUS = 1.2
_SAME_LENGTH = 1.02
_SAME_FOLD = 1.1
_WIDE = 1.8


class Links(NamedTuple):
    """Smooth borders between two flat regions.

    fold : (k,) int64, row of the folds, that of the longest edge. first, second : (k,) int64, the
    regions.
    ends : (k, 2) int64 vertices. direction : (k, 3) unit. length, angle_deg, is_convex : (k,).
    """

    fold: Ints
    first: Ints
    second: Ints
    ends: Ints
    direction: Floats
    length: Floats
    angle_deg: Floats
    is_convex: NDArray[np.bool_]

    def taken(self, rows: Ints | NDArray[np.bool_]) -> Links:
        return Links(
            self.fold[rows],
            self.first[rows],
            self.second[rows],
            self.ends[rows],
            self.direction[rows],
            self.length[rows],
            self.angle_deg[rows],
            self.is_convex[rows],
        )


class Runs(NamedTuple):
    """n runs of links. run : (m,) int64, of each link, ascending. link : (m,) int64. strip_run,
    strip : (s,) int64, every strip of every run once, runs ascending."""

    run: Ints
    link: Ints
    strip_run: Ints
    strip: Ints
    number: int


def run_of_region(links: Links, runs: Runs, n_regions: int) -> Ints:
    """(n_regions,) int64: the run that each region belongs to, of several the one with most strips
    (on a torus the band, not the meridian), of as many strips the one whose rulings are all of one
    length, as a band's are; -1 for none."""
    size = np.bincount(runs.strip_run, minlength=runs.number)
    length = links.length[runs.link]
    longest = maxima(runs.run, length, runs.number)
    shortest = -maxima(runs.run, -length, runs.number, -np.inf)
    order = np.lexsort(
        (-runs.strip_run, (shortest / longest)[runs.strip_run], size[runs.strip_run])
    )
    found = np.full(n_regions, -1, np.int64)
    found[runs.strip[order]] = runs.strip_run[order]
    return found


def smooth_links(vertices: Floats, folded: Folds, edges: EdgeTable, flat: Planes) -> Links:
    """All smooth borders between two regions, however little they fold. The edges that a border is
    divided into are one link from its one end to the other: two planes meet in one line."""
    smooth = np.flatnonzero(folded.angle_deg <= MOST_FOLD_DEG)
    first, second = flat.labels[folded.first[smooth]], flat.labels[folded.second[smooth]]
    apart = first != second
    smooth, first, second = smooth[apart], first[apart], second[apart]
    first, second = np.minimum(first, second), np.maximum(first, second)
    ends = edges.vertices[folded.edge[smooth]]
    along = vertices[ends[:, 1]] - vertices[ends[:, 0]]
    length = norms(along)
    links = Links(
        smooth,
        first,
        second,
        ends,
        along / np.maximum(length, 1e-300)[:, None],
        length,
        folded.angle_deg[smooth],
        folded.is_convex[smooth],
    )
    key = ((first * len(flat.area)) + second) * 2 + links.is_convex
    order = np.argsort(key, kind="stable")
    new = np.append(True, np.diff(key[order]) > 0)[: len(key)]
    return links if new.all() else _whole(vertices, links.taken(order), np.cumsum(new) - 1)


def _whole(vertices: Floats, links: Links, group: Ints) -> Links:
    """The links of each group, `group` (k,) ascending, as one: the longest one's direction, from
    the first end along it to the last; folds are means by length."""
    count = int(group[-1]) + 1
    lead = np.flatnonzero(np.append(True, np.diff(group) > 0))
    several = np.bincount(group, minlength=count) > 1
    rows = np.flatnonzero(several[group])
    longest = rows[np.lexsort((-links.length[rows], group[rows]))]
    lead[several] = longest[np.append(True, np.diff(group[longest]) > 0)]
    length = sums(group, links.length, count)
    angle = sums(group, links.length * links.angle_deg, count) / np.maximum(length, 1e-300)
    ends = links.ends[lead]
    own, vertex = np.repeat(group[rows], 2), links.ends[rows].reshape(-1)
    away = vertices[vertex] - vertices[links.ends[lead[own], 0]]
    ranked = np.lexsort(((away * links.direction[lead[own]]).sum(axis=1), own))
    own, vertex = own[ranked], vertex[ranked]
    is_first = np.append(True, np.diff(own) > 0)[: len(own)]
    is_last = np.append(is_first[1:], True)[: len(own)]
    ends[own[is_first], 0] = vertex[is_first]
    ends[own[is_last], 1] = vertex[is_last]
    angle = np.where(several, angle, links.angle_deg[lead])
    return links.taken(lead)._replace(ends=ends, length=length, angle_deg=angle)


def parallel_runs(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    flat: Planes,
    links: Links,
    *,
    least_strips: int,
) -> tuple[Links, Runs]:
    """(rulings, runs of them that say one radius), rulings being the links parallel to the
    longest one of both their regions."""
    count = len(flat.area)
    longest = _longest(links, count)
    along_first = np.abs(dots(links.direction, links.direction[longest[links.first]]))
    along_second = np.abs(dots(links.direction, links.direction[longest[links.second]]))
    rulings = links.taken(np.minimum(along_first, along_second) > _PARALLEL_COSINE)
    width, low, high, across = _widths(vertices, faces, flat, rulings)
    radius = _radii(vertices, rulings, low, high, across)
    rows = np.arange(len(rulings.fold))
    runs = runs_alike(rulings, rows, (radius,), (_SAME_RADIUS,), least_strips=least_strips)
    middle = medians(runs.strip_run, width[runs.strip], runs.number)
    most = _WIDE * middle[runs.run]
    first, second = rulings.first[runs.link], rulings.second[runs.link]
    narrow = np.maximum(width[first], width[second]) <= most
    if not narrow.all():
        again = np.sort(runs.link[narrow])
        runs = runs_alike(rulings, again, (radius,), (_SAME_RADIUS,), least_strips=least_strips)
    return rulings, runs


def even_runs(links: Links, *, least_strips: int, noise: float) -> Runs:
    """Runs of links that are of one length and one fold: the bands of cones and tori."""
    rows = np.flatnonzero(links.length > 8 * noise)
    keys, ratios = (links.length, links.angle_deg), (_SAME_LENGTH, _SAME_FOLD)
    runs = runs_alike(links, rows, keys, ratios, least_strips=least_strips)
    # A flat that a fillet runs out into meets all of its last band alike; no strip has three.
    first, second = links.first[runs.link], links.second[runs.link]
    wide = int(max(first.max(initial=0), second.max(initial=0))) + 1
    strip = np.tile(runs.run, 2) * wide + np.concatenate([first, second])
    met = distinct_pairs(strip, np.concatenate([second, first]))[0]
    number = np.searchsorted(met, strip, side="right") - np.searchsorted(met, strip)
    is_hub = number > 2
    lean = ~(is_hub[: len(runs.link)] | is_hub[len(runs.link) :])
    if lean.all():
        return runs
    return runs_alike(links, np.sort(runs.link[lean]), keys, ratios, least_strips=least_strips)


def _longest(links: Links, count: int) -> Ints:
    """(count,) int64: the longest edge of each region, -1 where it has none."""
    order = np.argsort(links.length, kind="stable")
    longest = np.full(count, -1, np.int64)
    regions = np.stack([links.first[order], links.second[order]], axis=1).reshape(-1)
    longest[regions] = np.repeat(order, 2)  # of what is written twice the last stays
    return longest


def _widths(
    vertices: Floats, faces: NDArray[np.integer[Any]], flat: Planes, links: Links
) -> tuple[Floats, Floats, Floats, Floats]:
    """(width (p,), low (p,), high (p,), across (p, 3)): how far each region reaches in its plane
    across its rulings; zeros for regions that have none."""
    count = len(flat.area)
    longest = _longest(links, count)
    across = np.zeros((count, 3))
    ruled = longest >= 0
    across[ruled] = np.cross(flat.normal[ruled], links.direction[longest[ruled]])
    low, high = np.zeros(count), np.zeros(count)
    facets = np.flatnonzero((flat.labels >= 0) & ruled[flat.labels])
    if len(facets):
        own = flat.labels[facets]
        one, two, three = (dots(vertices[faces[facets, k]], across[own]) for k in range(3))
        low[ruled], high[ruled] = np.inf, -np.inf
        np.minimum.at(low, own, np.minimum(np.minimum(one, two), three))
        np.maximum.at(high, own, np.maximum(np.maximum(one, two), three))
    return high - low, low, high, across


def _radii(vertices: Floats, links: Links, low: Floats, high: Floats, across: Floats) -> Floats:
    """(k,) float64: of the circle through a ruling and the far borders of its two strips."""
    start = vertices[links.ends[:, 0]]
    chords = []
    for strip in (links.first, links.second):
        place = dots(across[strip], start)
        chords.append(np.maximum(high[strip] - place, place - low[strip]))
    turn = np.deg2rad(links.angle_deg)
    a, b = chords
    apart = np.sqrt(np.maximum(a * a + b * b + 2 * a * b * np.cos(turn), 0.0))
    return np.asarray(apart / (2 * np.sin(turn)), np.float64)


def runs_alike(
    links: Links,
    rows: Ints,
    keys: tuple[Floats, ...],
    ratios: tuple[float, ...],
    *,
    least_strips: int,
) -> Runs:
    """`rows` of the links grouped: two are of one run where they share a strip, turn the same way
    and are next to each other by the first key, all keys alike within their ratios. Groups of too
    few strips are left out."""
    strip = np.concatenate([links.first[rows], links.second[rows]])
    row = np.tile(np.arange(len(rows)), 2)
    turn = links.is_convex[rows][row]
    values = [key[rows][row] for key in keys]
    order = order_within(strip, turn, values[0])
    before, after = order[:-1], order[1:]
    same = (strip[before] == strip[after]) & (turn[before] == turn[after])
    for value, ratio in zip(values, ratios, strict=True):
        low, high = (f(value[before], value[after]) for f in (np.minimum, np.maximum))
        same &= high <= ratio * low
    label, count = component_labels(len(rows), row[before[same]], row[after[same]])
    strip_run, members = distinct_pairs(label[row], strip)
    enough = np.bincount(strip_run, minlength=count) >= least_strips
    number = np.cumsum(enough) - 1
    kept = np.flatnonzero(enough[label])
    kept = kept[np.argsort(label[kept], kind="stable")]
    kept_strips = enough[strip_run]
    return Runs(
        number[label[kept]],
        rows[kept],
        number[strip_run[kept_strips]],
        members[kept_strips],
        int(enough.sum()),
    )

"""Layer heights that keep the stairs of a print near its surface, in whole micrometres.

A layer of height h cut halfway up stands for a planar facet with the unit normal n by an upright
wall through the cut; its corners are off the facet's plane by

    e = h/2 |n_z|

(the cusp of Dolenc and Makela 1994, halved because the cut is in the middle; Wasserfall, Hendrich
and Zhang 2017). The bound holds for a layer if e stays within it for every facet that the open
interval between the layer's bottom and top meets. Facets that lie flat span no layer: they are
levels, and a layer ends exactly there where that is possible.

Along Z everything is in cells of one micrometre: `ceiling_um[k]` is the greatest height of a layer
that meets the cell from k to k + 1. A layer that is right stays right when it is made shorter, so
the end of the highest layer from z rises with z; taking the highest every time therefore needs
the fewest layers, and what is over can be taken back from any of them.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple
from printstd.units import NM_PER_UM

FLAT_NM: Final = 1_000
"""Facets no higher than this lie flat: heights are in whole micrometres."""
LEAST_LEVEL_NM2: Final = 0.2e12
"""Flat facets of one level that together are smaller than a bead squared need no layer."""


class Window(NamedTuple):
    """The heights that the nozzle can lay, um."""

    least_um: int
    most_um: int


class Levels(NamedTuple):
    """z_um : (n,) int64, rising. area_nm2 : (n,) float64, of the flat facets there."""

    z_um: NDArray[np.int64]
    area_nm2: NDArray[np.float64]


class Facets(NamedTuple):
    """What matters of n facets. low_nm, high_nm : (n,) int64, their reach along Z. upright :
    (n,) float64, |n_z| of the unit normal. area_nm2 : (n,) float64."""

    low_nm: NDArray[np.int64]
    high_nm: NDArray[np.int64]
    upright: NDArray[np.float64]
    area_nm2: NDArray[np.float64]

    @property
    def is_flat(self) -> NDArray[np.bool_]:
        return self.high_nm - self.low_nm <= FLAT_NM


def facets_along_z(vertices_nm: NDArray[np.int64], faces: NDArray[np.int32]) -> Facets:
    """Of every facet with area. vertices_nm : (v, 3). faces : (f, 3)."""
    corners = vertices_nm[faces].astype(np.float64)
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    x = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    y = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    z = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    doubled = np.sqrt(x * x + y * y + z * z)
    kept = doubled > 0
    heights = vertices_nm[faces[kept], 2]
    return Facets(
        heights.min(axis=1),
        heights.max(axis=1),
        np.abs(z[kept]) / doubled[kept],
        doubled[kept] / 2,
    )


def ceilings_um(
    facets: Facets, max_error_um: int, window: Window, n_cells: int
) -> NDArray[np.int64]:
    """(n_cells,) int64: the greatest height that the bound allows a layer in each cell, within the
    window. Where the bound would want less than the nozzle can lay, the least height stands."""
    steep = ~facets.is_flat
    low = facets.low_nm[steep] // NM_PER_UM
    high = -(-facets.high_nm[steep] // NM_PER_UM)
    low, high = np.clip(low, 0, n_cells), np.clip(high, 0, n_cells)
    upright = facets.upright[steep]
    most = np.full(len(upright), float(window.most_um))
    # A hair's breadth of float noise must not cost a micrometre.
    allowed = 2 * max_error_um + 1e-9
    np.divide(allowed, upright, out=most, where=upright * window.most_um > allowed)
    most_um = np.clip(np.floor(most), window.least_um, window.most_um).astype(np.int64)
    binds = (high > low) & (most_um < window.most_um)
    return _least_over(low[binds], high[binds], most_um[binds], n_cells, window.most_um)


def _least_over(
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    value: NDArray[np.int64],
    n_cells: int,
    otherwise: int,
) -> NDArray[np.int64]:
    """(n_cells,) the least value of all half-open intervals over each cell.

    Each interval is laid as two of the length of a power of two, which are halved on the way down.
    """
    size = stop - start
    rank = np.zeros(len(size), np.int64)
    n_ranks = max(1, n_cells.bit_length())
    for k in range(1, n_ranks):
        rank += size >= (1 << k)
    table = np.full((n_ranks, n_cells), otherwise, np.int64)
    for k in range(n_ranks):
        mine = rank == k
        np.minimum.at(table[k], start[mine], value[mine])
        np.minimum.at(table[k], stop[mine] - (1 << k), value[mine])
    for k in range(n_ranks - 1, 0, -1):
        half = 1 << (k - 1)
        np.minimum(table[k - 1], table[k], out=table[k - 1])
        np.minimum(table[k - 1][half:], table[k][:-half], out=table[k - 1][half:])
    found: NDArray[np.int64] = table[0]
    return found


def levels_of(facets: Facets) -> Levels:
    """The heights at which something flat lies."""
    flat = facets.is_flat
    middle = (facets.low_nm[flat] + facets.high_nm[flat]) // 2
    z_um = (middle + NM_PER_UM // 2) // NM_PER_UM
    order = np.argsort(z_um, kind="stable")
    z_um, area = z_um[order], facets.area_nm2[flat][order]
    is_new = np.ones(len(z_um), bool)
    is_new[1:] = z_um[1:] != z_um[:-1]
    number = np.cumsum(is_new) - 1
    total = np.bincount(number, area, int(is_new.sum()))
    kept = total >= LEAST_LEVEL_NM2
    return Levels(z_um[is_new][kept], np.asarray(total[kept], np.float64))


def between_levels(
    ceiling_um: NDArray[np.int64], start_um: int, stop_um: int, levels: Levels, window: Window
) -> list[int] | None:
    """Tops of the layers from one height to another, the last one `stop_um`; None where no layers
    within the window end there. Levels in between are hit, except where the layers that this
    takes are none: then the smaller of two neighbours is passed over."""
    inner = (levels.z_um > start_um) & (levels.z_um < stop_um)
    area = dict(zip(levels.z_um[inner].tolist(), levels.area_nm2[inner].tolist(), strict=True))
    ends = [start_um, *sorted(area), stop_um]
    laid: dict[tuple[int, int], list[int] | None] = {}
    at = 0
    while at < len(ends) - 1:
        step = (ends[at], ends[at + 1])
        if step not in laid:
            laid[step] = fewest_layers(ceiling_um, *step, window)
        if laid[step] is not None:
            at += 1
            continue
        beside = [end for end in step if end in area]
        if not beside:
            return None
        ends.remove(min(beside, key=lambda end: (area[end], end)))
        at = max(0, at - 1)
    return [top for step in pairwise(ends) for top in laid[step] or ()]


class _Ways:
    """The highest layers from and up to heights between two, under the ceilings; beyond those two
    nothing bounds them but the window."""

    def __init__(
        self, ceiling_um: NDArray[np.int64], start_um: int, stop_um: int, window: Window
    ) -> None:
        self._start_um = start_um
        self._least, self._most = window
        self._ceiling = np.full(stop_um - start_um + 2 * self._most, self._most, np.int64)
        self._ceiling[self._most : -self._most] = ceiling_um[start_um:stop_um]
        self._heights = np.arange(1, self._most + 1)

    def up(self, z_um: int) -> int:
        """Where the highest layer from z ends."""
        at = z_um - self._start_um + self._most
        return z_um + self._height(self._ceiling[at : at + self._most])

    def down(self, z_um: int) -> int:
        """Where the highest layer up to z begins."""
        at = z_um - self._start_um + self._most
        return z_um - self._height(self._ceiling[at - self._most : at][::-1])

    def _height(self, ceiling: NDArray[np.int64]) -> int:
        met = np.minimum.accumulate(ceiling)
        return max(self._least, int((met >= self._heights).sum()))


def highest_layers(
    ceiling_um: NDArray[np.int64], start_um: int, stop_um: int, window: Window
) -> list[int]:
    """Tops of layers each as high as may be, as long as their middles lie under `stop_um`."""
    ways = _Ways(ceiling_um, start_um, stop_um, window)
    tops = [start_um]
    while tops[-1] < stop_um and tops[-1] + ways.up(tops[-1]) < 2 * stop_um:
        tops.append(ways.up(tops[-1]))
    return tops[1:]


def fewest_layers(
    ceiling_um: NDArray[np.int64], start_um: int, stop_um: int, window: Window
) -> list[int] | None:
    """Tops of as few layers as lead from `start_um` to exactly `stop_um` under the ceilings and
    within the window, heights as even as those allow; None where there are none."""
    least = window.least_um
    ways = _Ways(ceiling_um, start_um, stop_um, window)
    greedy = [start_um]
    while greedy[-1] < stop_um:
        greedy.append(ways.up(greedy[-1]))
    count = len(greedy) - 1
    if count * least > stop_um - start_um:
        return None
    lowest = [stop_um]
    for _ in range(count - 1):
        lowest.append(ways.down(lowest[-1]) if lowest[-1] > start_um else start_um)
    lowest.reverse()
    tops: list[int] = []
    z = start_um
    for number, bottom in enumerate(lowest, 1):
        even = (greedy[number] - start_um) * (stop_um - start_um) // (greedy[-1] - start_um)
        highest = min(ways.up(z), stop_um - (count - number) * least)
        z = min(max(start_um + even, bottom, z + least), highest)
        tops.append(z)
    return tops


def even_layers(
    start_um: int, stop_um: int, height_um: int, window: Window, few: int
) -> list[int] | None:
    """Tops of layers from one height to exactly another, all of `height_um` but the uppermost,
    which share what is left over: `few` of them, or as many more as keeps them within the window.
    None where there is no such stack."""
    least, most = window
    rise = stop_um - start_um
    nearest = (2 * rise + height_um) // (2 * height_um)
    for count in sorted(
        (nearest - 1, nearest, nearest + 1), key=lambda n: abs(n * height_um - rise)
    ):
        if count < 1 or not count * least <= rise <= count * most:
            continue
        rest = rise - count * height_um
        shared = min(few, count)
        while not shared * least <= shared * height_um + rest <= shared * most:
            shared += 1
        whole, over = divmod(shared * height_um + rest, shared)
        if whole < least or whole + bool(over) > most:
            shared = count
            whole, over = divmod(rise, count)
        heights = [height_um] * (count - shared) + [whole + 1] * over + [whole] * (shared - over)
        return list(accumulate(heights, initial=start_um))[1:]
    return None

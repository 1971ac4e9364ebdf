"""Where layers must be solid and where they may be sparse, in cells, for a run of layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.cells import (
    Bits,
    Grid,
    counted_cells,
    counted_sides,
    shrunk,
    spread,
    steps_within,
)
from printstd.audit.outline import OutlineStack
from printstd.audit.sheet import Sheet

SPARSE_MARGIN_UM: Final = 1500.0
"""Infill is measured this far from walls and shells, where anchors and overlaps end."""
STAIRS_RATIO: Final = np.pi / 4
"""Length of a border over the length of the stairs that cells make of it, on the whole."""
NEIGHBOURS_GAP_RATIO: Final = 0.25
"""Of a bead: a gap between lines of a shell up to so wide is one of flow, not of a missing line."""
SHELL_MARGIN_RATIO: Final = 1.0
"""Of a bead: what is nearer than this to an outline or to sparse infill is no shell."""


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """One layer's inside; areas um2.

    sparse : cells that may be sparse; free : those of them away from walls. sparse_share : of the
    section away from walls, what may be. measured : cells in which infill is measured;
    measured_edge_um : length of their border. watched : cells in which no place may be further from
    infill than so many times what lines of the least density allow. carried : cells in which infill
    lies on infill; None where that need not be asked.
    shell : cells that must be solid, margins apart. is_solid : nothing but margins may be
    sparse. has_top, has_bottom : it reaches more than a cell beyond the layer above, below:
    narrower skins are walls. zones : of a part that has some, each zone's own, None where it is not
    in the layer; this one is then of the rest, but for `sparse`, `shell` and `is_solid`, which are
    of all.
    """

    grid: Grid
    sparse: Bits
    free: Bits
    sparse_share: float
    measured: Bits
    measured_area: float
    measured_edge_um: float
    watched: tuple[tuple[Bits, float], ...]
    carried: Bits | None
    shell: Bits
    shell_area: float
    is_solid: bool
    has_top: bool
    has_bottom: bool
    zones: tuple[Inside | None, ...] = ()

    def masked(
        self, mask: Bits, *, free: Bits, measured: Bits, watched: Bits, shell: Bits
    ) -> Inside:
        """Of the cells of a mask alone; the others say which of them count for what."""
        n_free, cell_area = int(counted_cells(self.free)), self.grid.cell_um**2
        left, cells, solid = self.free & free, self.measured & measured, self.shell & shell
        return replace(
            self,
            sparse=self.sparse & mask,
            free=left,
            sparse_share=self.sparse_share * int(counted_cells(left)) / max(n_free, 1),
            measured=cells,
            measured_area=float(counted_cells(cells)) * cell_area,
            measured_edge_um=float(counted_sides(cells)) * self.grid.cell_um * STAIRS_RATIO,
            watched=tuple((own & watched, times) for own, times in self.watched),
            carried=None if self.carried is None else self.carried & watched,
            shell=solid,
            shell_area=float(counted_cells(solid)) * cell_area,
        )


def shells_bare(
    sheet: Sheet, insides: Sequence[Inside | None], reach_um: NDArray[np.float64]
) -> list[float]:
    """Of each layer of a sheet, the area of the shell's cells whose middles no bead covers, um2; 0
    where there is none. reach_um : (n,) to each side."""
    found = [0.0] * len(insides)
    shells = [(at, one) for at, one in enumerate(insides) if one is not None and one.shell_area]
    if not shells:
        return found
    grid, n_shells = shells[0][1].grid, len(shells)
    cells = np.stack([one.shell for _, one in shells])
    place = np.full(len(insides), -1)
    place[[at for at, _ in shells]] = np.arange(n_shells)
    rows = np.flatnonzero(place[sheet.layer_of] >= 0)
    layer = place[sheet.layer_of[rows]]
    start, end = sheet.start_um.take(rows, axis=0), sheet.end_um.take(rows, axis=0)
    reach = reach_um[rows, None]
    low, high = grid.boxes(cells)
    # Beads away from all of the shell need not be cut.
    near = np.flatnonzero(
        (
            (np.minimum(start, end) - reach <= high[layer])
            & (np.maximum(start, end) + reach >= low[layer])
        ).all(axis=1)
    )
    start, end = start.take(near, axis=0), end.take(near, axis=0)
    covered = grid.of_beads(start, end, reach[near, 0], layer[near], n_shells)
    bare = counted_cells(cells & ~covered)
    for (at, _), count in zip(shells, bare.tolist(), strict=True):
        found[at] = float(count) * grid.cell_um**2
    return found


def gaps_closed(laid_um: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) how far beads so wide reach to each side where gaps between neighbouring lines are not
    asked about: they count as wide enough to close them. Cells and lines are both regular, and a
    gap of a hundredth of a millimetre can lie under a third of all middles."""
    return laid_um * (0.5 + NEIGHBOURS_GAP_RATIO / 2)


class InfillLaid(NamedTuple):
    """Of one layer: um3 of beads in the measured cells; cells that beads of the part run through,
    None where infill is not measured."""

    volume_um3: float = 0.0
    cells: Bits | None = None


def infill_laid(
    sheet: Sheet, insides: Sequence[Inside | None], more_than_um2: float
) -> list[InfillLaid]:
    """Of each layer of a sheet, where infill is measured in more than so much; each bead counts in
    pieces of a cell's length."""
    found = [InfillLaid()] * len(insides)
    measured = [
        (at, one)
        for at, one in enumerate(insides)
        if one is not None and one.measured_area >= more_than_um2
    ]
    if not measured:
        return found
    grid = measured[0][1].grid
    place = np.full(len(insides), -1)
    place[[at for at, _ in measured]] = np.arange(len(measured))
    layer = place[sheet.layer_of]
    rows = np.flatnonzero(layer >= 0)
    layer = layer[rows]
    start, end = sheet.start_um.take(rows, axis=0), sheet.end_um.take(rows, axis=0)
    length = sheet.column(lambda own: own.beads.length_um)[rows]
    area = sheet.column(lambda own: own.beads.area_um2)[rows]
    count = np.maximum(np.ceil(length / grid.cell_um), 1).astype(np.int64)
    bead = np.repeat(np.arange(len(count)), count)
    along = np.arange(len(bead)) - np.repeat(np.cumsum(count) - count, count)
    share = ((along + 0.5) / count[bead])[:, None]
    points = start.take(bead, axis=0) + (end - start).take(bead, axis=0) * share
    cells = np.stack([one.measured for _, one in measured])
    of_point = layer[bead]
    inside = grid.has_each(cells, of_point, points)
    pieces = np.bincount(bead[inside], minlength=len(count))
    volume = area * length / count * pieces
    touched = grid.around_points(points, of_point, len(measured))
    borders = np.searchsorted(layer, np.arange(len(measured) + 1)).tolist()
    for (at, _), (first, last), own in zip(measured, pairwise(borders), touched, strict=True):
        found[at] = InfillLaid(float(volume[first:last].sum()), own)
    return found


def have_no_voids(
    insides: Sequence[Inside | None], laid: Sequence[InfillLaid], radius_um: Sequence[float]
) -> list[bool]:
    """Of each layer, whether no watched cell's middle can be further than a radius from a bead:
    cells beside cells that beads run through, so many steps away as the least radius spans."""
    known = [
        (at, own.cells)
        for at, own in enumerate(laid)
        if own.cells is not None and radius_um[at] > 0
    ]
    asked = [at for at, _ in known]
    found = [False] * len(laid)
    if not asked:
        return found
    one = insides[asked[0]]
    assert one is not None
    steps = steps_within(min(radius_um[at] for at in asked) / one.grid.cell_um)
    reached = spread(np.stack([cells for _, cells in known]), steps)
    for at, cells in zip(asked, reached, strict=True):
        inside = insides[at]
        found[at] = inside is not None and not any(
            (watched & ~cells).any() for watched, _ in inside.watched
        )
    return found


def nothing_known(grid: Grid) -> Inside:
    """Of a layer of which no shells are demanded: all of it may be sparse, and nothing is asked."""
    none = np.zeros((grid.n_rows, grid.n_words), np.uint64)
    return Inside(grid, ~none, none, 0.0, none, 0.0, 0.0, (), None, none, 0.0, False, False, False)


def insides(
    stack: OutlineStack,
    grid: Grid,
    layers: range,
    limits: Sequence[IntegrityLimits],
    spacing_um: float,
    *,
    of_zone: bool = False,
) -> dict[int, Inside]:
    """Layer -> its inside; none for layers of which no shells are demanded, unless that is so in a
    zone alone. limits : of all."""
    with_above = range(layers.start, layers.stop + 1)
    shells = [limits[min(layer, len(limits) - 1)].solid_layers for layer in with_above]
    if not of_zone and not any(any(shell) for shell in shells[:-1]):
        return {}
    lowest = min(
        max(layer - max(shell[0], 1), 0) for layer, shell in zip(layers, shells, strict=False)
    )
    beyond = min(
        max(layer + 1 + max(shell[1], 1) for layer, shell in zip(with_above, shells, strict=True)),
        stack.n_layers,
    )
    outlines = [stack.fine(k) for k in range(lowest, beyond)]
    different = list(dict.fromkeys(outlines))
    place = {outline: at for at, outline in enumerate(different)}
    cells = grid.of_regions([outline.region for outline in different])
    sections = cells[[place[outline] for outline in outlines]]
    reach = spread(sections, 1)
    first = layers.start - lowest
    own = sections[first : first + len(layers)]
    # Of one layer more, which says where the last one's roofs are.
    sparse = np.zeros((len(with_above), *own.shape[1:]), own.dtype)
    for i, (layer, (bottom, top)) in enumerate(zip(with_above, shells, strict=True)):
        if bottom <= layer < stack.n_layers - top:
            window = sections[first + i - bottom : first + i + top + 1]
            np.bitwise_and.reduce(window, axis=0, out=sparse[i])
    above, sparse = sparse[1:], sparse[:-1]

    def steps(distance_um: float) -> int:
        return max(round(distance_um / grid.cell_um), 1)

    def is_free(layer: int, by: int) -> bool:
        at = layer - lowest
        if not 0 <= at + by < len(sections):
            return True
        return bool((sections[at] & ~reach[at + by]).any())

    away = np.zeros_like(own)
    walls = np.array([max(limits[layer].min_wall_count, 1) for layer in layers])
    for count in sorted(set(walls.tolist())):
        rows = np.flatnonzero(walls == count)
        away[rows] = shrunk(own[rows], steps(count * spacing_um))
    free = sparse & away
    inner = shrunk(free, steps(SPARSE_MARGIN_UM))
    mine = [limits[layer] for layer in layers]
    measured = np.zeros_like(inner)
    watched: list[tuple[tuple[Bits, float], ...]] = [()] * len(mine)
    for asked in dict.fromkeys((one.infill_permille, one.infill_shows) for one in mine):
        alike = [
            i for i, one in enumerate(mine) if (one.infill_permille, one.infill_shows) == asked
        ]
        found = _looked_at(*asked, spacing_um, free[alike], inner[alike], above[alike], steps)
        measured[alike] = found[0]
        for at, layer in enumerate(alike):
            watched[layer] = tuple((cells_[at], times) for cells_, times in found[1])
    margin = steps(SHELL_MARGIN_RATIO * spacing_um)
    shell = shrunk(own, margin) & ~spread(sparse, margin)
    shell &= spread(shrunk(shell, margin), margin)
    rest = shrunk(sparse, steps(2 * spacing_um))
    n_away, n_free, n_measured, n_shell, n_rest = (
        counted_cells(bits) for bits in (away, free, measured, shell, rest)
    )
    sides = counted_sides(measured)
    cell_area = grid.cell_um**2
    return {
        layer: Inside(
            grid=grid,
            sparse=sparse[i],
            free=free[i],
            sparse_share=float(n_free[i] / n_away[i]) if n_away[i] else 0.0,
            measured=measured[i],
            measured_area=float(n_measured[i]) * cell_area,
            measured_edge_um=float(sides[i]) * grid.cell_um * STAIRS_RATIO,
            watched=watched[i],
            carried=inner[i] if mine[i].infill_shows == "under_roofs" else None,
            shell=shell[i],
            shell_area=float(n_shell[i]) * cell_area,
            is_solid=not n_rest[i],
            has_top=shells[i][1] > 0 and is_free(layer, 1),
            has_bottom=shells[i][0] > 0 and is_free(layer, -1),
        )
        for i, layer in enumerate(layers)
        if of_zone or any(shells[i])
    }


def _looked_at(
    window: tuple[int, int] | None,
    shows: str,
    spacing_um: float,
    free: Bits,
    inner: Bits,
    above: Bits,
    steps: Callable[[float], int],
) -> tuple[Bits, list[tuple[Bits, float]]]:
    """(cells in which density is measured, cells and how much wider than usual voids may be there).

    window, shows : `IntegrityLimits.infill_permille`, `infill_shows` of these layers. free : all
    that may be sparse, away from walls; inner : without what lies near walls and shells. above :
    what may be sparse one layer up.
    """
    if window is None or shows == "middle":
        return inner, [(inner, 1.0)]
    if shows == "whole":
        return free, [(inner, 1.0)]
    if shows == "under_roofs":
        # How much there is may be as little as carries the roofs.
        return np.zeros_like(inner), [(inner & ~above, 1.0)]
    found, rest, times = [], inner, 1.0
    while rest.any():
        # In a layer walls are no nearer than the nearest surface is.
        deeper = shrunk(rest, steps(times * spacing_um * 1000 / max(window[0], 1)))
        found.append((rest & ~deeper, times))
        rest, times = deeper, 2.0 * times
    return (found[0][0] if found else inner), found

"""Zones of a part: inside the modifiers of a project other settings are demanded than around them.

A zone is inside all of some modifiers and outside all others; where several demand something, the
one that the file has last counts. Along the border of a zone nothing is measured that depends on
which side it lies on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import IntegrityLimits, RegionDemand
from printstd.audit.beads import Heights
from printstd.audit.cells import Bits, Grid, counted_cells, shrunk
from printstd.audit.hollow import Shells
from printstd.audit.inside import SPARSE_MARGIN_UM, Inside, nothing_known
from printstd.audit.limits import limits_of_layers
from printstd.audit.regions import Region, polygon_of
from printstd.audit.sections import Sections
from printstd.words import said

TIE_UM: Final = 2.0
"""A modifier that ends so near to a layer's middle may have the layer, or not."""


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """limits, areas : of each layer; None where it is not in the layer."""

    name: str
    limits: tuple[IntegrityLimits, ...]
    areas: tuple[Region | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """beside : of each layer where the rest of the part does not lie, for certain; None where there
    is no zone."""

    beside: tuple[Region | None, ...] = ()
    zones: tuple[Zone, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.zones)


NO_ZONES: Final = Zones()


def sections_around(shells: Shells, planes_um: NDArray[np.float64]) -> tuple[Sections, Sections]:
    """A modifier's sections a little below and a little above each plane."""
    return shells.sections(planes_um - TIE_UM), shells.sections(planes_um + TIE_UM)


def zones_of(
    regions: Sequence[tuple[Sections, Sections]],
    demands: Sequence[RegionDemand],
    limits: IntegrityLimits,
    heights: Heights,
) -> Zones:
    """regions : of each demand, where the part was found."""
    if not demands:
        return NO_ZONES
    n_layers = len(heights)
    beside: list[Region | None] = []
    found: dict[tuple[int, ...], list[Region | None]] = {}
    for layer in range(n_layers):
        whole, zones = _zones_in_layer(regions, layer)
        beside.append(whole)
        for numbers, area in zones.items():
            found.setdefault(numbers, [None] * n_layers)[layer] = area
    return Zones(
        tuple(beside),
        tuple(
            Zone(
                _named([demands[number] for number in numbers]),
                limits_of_layers(limits, heights, [demands[number] for number in numbers]),
                tuple(areas),
            )
            for numbers, areas in sorted(found.items())
        ),
    )


def _zones_in_layer(
    regions: Sequence[tuple[Sections, Sections]], layer: int
) -> tuple[Region | None, dict[tuple[int, ...], Region]]:
    import shapely

    zones: dict[tuple[int, ...], Region] = {}
    whole = shapely.Polygon()
    for number, both in enumerate(regions):
        below, above = (polygon_of(one.rings_of(layer)) for one in both)
        certain = below if below.equals(above) else shapely.intersection(below, above)
        possible = below if below.equals(above) else shapely.union(below, above)
        if possible.is_empty:
            continue
        for numbers, area in list(zones.items()):
            zones[numbers] = shapely.difference(area, possible)
            zones[(*numbers, number)] = shapely.intersection(area, certain)
        zones[number,] = shapely.difference(certain, whole)
        whole = shapely.union(whole, possible)
    kept = {numbers: area for numbers, area in zones.items() if area.area > 0}
    return (None if whole.is_empty else whole), kept


def _named(demands: Sequence[RegionDemand]) -> str:
    volumes = [
        said("{volume} of build item {item}", volume=one.volume + 1, item=one.item + 1)
        for one in demands
    ]
    named = volumes[0]
    for volume in volumes[1:]:
        named = said("{first} and {other}", first=named, other=volume)
    return said("inside volume {volume}", volume=named)


# -------------------------------------------------------------------------------------- cells


def divided(
    zones: Zones,
    layers: range,
    grid: Grid,
    base: dict[int, Inside],
    own: Sequence[dict[int, Inside]],
    limits: Sequence[IntegrityLimits],
    spacing_um: float,
) -> dict[int, Inside]:
    """The insides of a run of layers, each place by the limits of its zone.

    base : by those of the rest of the part, `limits`; own : by those of each zone.
    """
    found = {}
    for layer in layers:
        beside = zones.beside[layer]
        rest = base.get(layer)
        if beside is None:
            if rest is not None:
                found[layer] = replace(rest, zones=(None,) * len(zones.zones))
            continue
        walls = walls_in_layer(zones, limits, layer)
        outside = _masked(
            rest or nothing_known(grid),
            ~_cells(grid, beside),
            limits[layer],
            walls,
            spacing_um,
        )
        parts: list[Inside | None] = []
        for zone, its in zip(zones.zones, own, strict=True):
            area = zone.areas[layer]
            if area is None:
                parts.append(None)
                continue
            mask = _cells(grid, area)
            inside = its.get(layer) or nothing_known(grid)
            parts.append(_masked(inside, mask, zone.limits[layer], walls, spacing_um))
        there = [part for part in parts if part is not None]
        sparse, shell = outside.sparse, outside.shell
        for part in there:
            sparse, shell = sparse | part.sparse, shell | part.shell
        found[layer] = replace(
            outside,
            sparse=sparse,
            shell=shell,
            shell_area=float(counted_cells(shell)) * grid.cell_um**2,
            is_solid=outside.is_solid and all(part.is_solid for part in there),
            zones=tuple(parts),
        )
    return found


def _cells(grid: Grid, region: Region) -> Bits:
    """Those whose middles lie in a region, which may reach beyond the grid."""
    import shapely

    x1, y1 = grid.x0 + grid.n_columns * grid.cell_um, grid.y0 + grid.n_rows * grid.cell_um
    own = shapely.intersection(region, shapely.box(grid.x0, grid.y0, x1, y1))
    cells: Bits = grid.of_regions([own])[0]
    return cells


def walls_in_layer(zones: Zones, limits: Sequence[IntegrityLimits], layer: int) -> int:
    """The least number of walls that is demanded anywhere in a layer: further ones may run along
    the border of a zone."""
    here = [limits[layer], *(z.limits[layer] for z in zones.zones if z.areas[layer] is not None)]
    return min(max(one.min_wall_count, 1) for one in here)


def _masked(
    inside: Inside, mask: Bits, limits: IntegrityLimits, walls: int, spacing_um: float
) -> Inside:
    grid = inside.grid

    def shrunk_by(um: float) -> Bits:
        # Beyond the grid nothing is known, and nothing is asked.
        return shrunk(mask, round(um / grid.cell_um))

    more = (max(limits.min_wall_count, 1) - walls) * spacing_um
    free = shrunk_by(more)
    near = shrunk_by(more + SPARSE_MARGIN_UM)
    edge = shrunk_by(2 * spacing_um)
    return inside.masked(
        mask,
        free=free,
        measured=free if limits.infill_shows == "whole" else near,
        watched=near,
        shell=edge,
    )

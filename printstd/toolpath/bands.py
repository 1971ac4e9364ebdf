"""Layers put in order band by band, so that several processes can do it.

Where the nozzle comes from decides where a layer begins, so layers would have to wait for each
other. A band of layers begins where its first path does instead of wherever the band below ends:
one way in so many layers is a little longer. Where bands begin follows from what is laid alone.
Where several tools lay a print, its steps are what is said here of layers: which tool each of them
is laid by is known before (`toolpath.tools`), so that no band can change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.tour import Speed
from printstd.named_tuple import NamedTuple
from printstd.ports import Executor
from printstd.profiles.wall_models import WallOrder
from printstd.toolpath.order import AnyGates, Sheet, Visits, order_paths

LAYERS: Final = 32
"""Of a band at least."""
PATHS: Final = 600
"""Of a band at least, of those that may be laid in any order; what is begun once for a band takes
as long as a hundred of them."""
_MS_PER_PATH: Final = 0.035


class _Asked(NamedTuple):
    """The arguments of `order_in_bands`; layers, rows : the first ones of each band, then the
    number of all."""

    sheet: Sheet
    start_nm: tuple[int, int]
    travel: Speed
    wall_order: Sequence[WallOrder]
    any_gates: AnyGates | None
    is_third_first: bool
    layers: list[int]
    rows: list[int]


def order_in_bands(
    sheet: Sheet,
    *,
    start_nm: tuple[int, int],
    travel: Speed,
    wall_order: Sequence[WallOrder],
    any_gates: AnyGates | None = None,
    is_third_first: bool = False,
    executor: Executor,
) -> Visits:
    """`order_paths` of each band."""
    rows = np.searchsorted(sheet.layer, np.arange(len(wall_order) + 1))
    # The paths of a group have their order already.
    free = np.append(0, np.cumsum(sheet.group < 0))[rows]
    layers = _borders(free)
    asked = _Asked(
        sheet,
        start_nm,
        travel,
        wall_order,
        any_gates,
        is_third_first,
        layers,
        rows[layers].tolist(),
    )
    tasks = executor.chunks((np.diff(free[layers]) * _MS_PER_PATH).tolist())
    found = [band for run in executor.map(_bands, tasks, shared=asked) for band in run]
    if not found:
        return Visits(np.empty(0, np.int64), np.empty(0, np.bool_), np.empty(0, np.int64))
    return Visits(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _borders(free: NDArray[np.int64]) -> list[int]:
    """First layers of bands, then the number of layers. free : (l + 1,) free paths below each."""
    n_layers = len(free) - 1
    borders = [0]
    while borders[-1] < n_layers:
        first = borders[-1]
        enough = int(np.searchsorted(free, free[first] + PATHS))
        borders.append(min(max(enough, first + LAYERS), n_layers))
    return borders


def _bands(asked: _Asked, run: range) -> list[Visits]:
    return [_band(asked, number) for number in run]


def _band(asked: _Asked, number: int) -> Visits:
    first, last = asked.rows[number : number + 2]
    bottom, top = asked.layers[number : number + 2]
    sheet = _rows(asked.sheet, first, last, bottom)
    start_nm = asked.start_nm
    if number and last > first:
        start_nm = (int(sheet.begin_nm[0, 0]), int(sheet.begin_nm[0, 1]))
    gates = asked.any_gates
    if gates is not None:
        mine = slice(*np.searchsorted(gates.path, [first, last]).tolist())
        gates = AnyGates(
            gates.path[mine] - first,
            gates.vertex[mine],
            gates.xy_nm[mine],
            gates.detour_nm[mine],
        )
    found = order_paths(
        sheet,
        start_nm=start_nm,
        travel=asked.travel,
        wall_order=asked.wall_order[bottom:top],
        any_gates=gates,
        is_third_first=asked.is_third_first,
    )
    return found._replace(path=found.path + first)


def _rows(sheet: Sheet, first: int, last: int, layer: int) -> Sheet:
    """Rows first..last-1, counted from 0 as their layers are."""
    wall, gap = sheet.beside
    mine = (wall >= first) & (wall < last)
    parent = sheet.parent[first:last]
    return Sheet(
        layer=sheet.layer[first:last] - layer,
        island=sheet.island[first:last],
        parent=np.where(parent >= 0, parent - first, parent),
        group=sheet.group[first:last],
        depth=sheet.depth[first:last],
        role=sheet.role[first:last],
        is_loop=sheet.is_loop[first:last],
        begin_nm=sheet.begin_nm[first:last],
        end_nm=sheet.end_nm[first:last],
        beside=(wall[mine] - first, gap[mine] - first),
    )

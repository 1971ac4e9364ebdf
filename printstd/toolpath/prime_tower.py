"""The prime tower: where a tool that has come lays what hangs in its nozzle before it goes on.

In plan a rectangle with one wall and a strip for each change that a layer may have (facts of
slicers K5). A strip in which a tool purges is filled by lines along X, whose flow is set so that
they hold the asked volume to the bit; strips that a layer does not need are filled sparsely, by
lines along Y that stand on each other and carry what purges above them. So nothing of it is laid
over a gap of more than `_SPARSE_PITCH_NM`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.plate import TowerStand
from printstd.artifacts.toolpath import Role
from printstd.kernels import bead
from printstd.kernels.rings import Rings
from printstd.named_tuple import NamedTuple
from printstd.profiles.tower import TowerSize
from printstd.toolpath.paths import PathSet, join, path_set
from printstd.units import NM_PER_UM

_SPARSE_PITCH_NM: Final = 2_000_000

Line = NDArray[np.int64]
"""(v, 2) vertices of one open path, nm."""


class TowerLayer(NamedTuple):
    """What of the tower is laid in one layer. paths : in order. visit : (k,) int64, in which of the
    layer's purges each of them is laid, from 0."""

    paths: PathSet
    visit: NDArray[np.int64]


def lay_tower(
    stand: TowerStand,
    size: TowerSize,
    heights_nm: Sequence[int],
    purges_nm3: Sequence[Sequence[int]],
) -> list[TowerLayer]:
    """Layers of the tower, bottom up.

    heights_nm, purges_nm3 : of each layer that has a part of it; a layer without a purge keeps it
    standing.
    """
    return [
        _layer(stand, size, height, purges, is_first=number == 0)
        for number, (height, purges) in enumerate(zip(heights_nm, purges_nm3, strict=True))
    ]


def outline_of(stand: TowerStand, *, with_brim: bool = False) -> Rings:
    """What it takes of the bed."""
    x0, y0, x1, y1 = (v * NM_PER_UM for v in (stand.outer_um if with_brim else stand.box_um))
    return Rings(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.int64), np.array([0, 4]))


def _layer(
    stand: TowerStand, size: TowerSize, height: int, purges: Sequence[int], *, is_first: bool
) -> TowerLayer:
    x0, y0, x1, y1 = (value * NM_PER_UM for value in stand.box_um)
    width = size.bead_width_nm
    spacing = bead.spacing_nm(width, height)
    plain = bead.area_nm2(width, height)
    # Strips begin half a spacing inside the wall's middle line.
    inset = width // 2 + spacing // 2
    paths, visit = [], []
    low = y0 + inset
    for nth, volume in enumerate(purges):
        if volume:
            line, area = _purge(x0 + width // 2 + spacing, low, size, volume, plain)
            paths.append(_path(line, height, area))
            visit.append(nth)
            low += size.strip_nm(volume)
    last = max(len(purges) - 1, 0)
    if y1 - inset - low > spacing:
        across = x0 + width // 2 + spacing, x1 - width // 2 - spacing
        paths.append(_path(_sparse(*across, low, y1 - inset), height, plain, width=width))
        visit.append(last)
    # The wall last: it goes around what has just been purged, and wipes the nozzle.
    for loop in [*range(size.brim_loops, 0, -1), 0] if is_first else [0]:
        out = loop * spacing - width // 2
        corners = _rectangle(x0 - out, y0 - out, x1 + out, y1 + out)
        paths.append(_path(corners, height, plain, width=width))
        visit.append(last)
    # What is laid in one visit is laid in this order.
    group = np.array(visit, np.int32)
    return TowerLayer(replace(join(paths), group=group), group.astype(np.int64))


def _purge(x: int, low: int, size: TowerSize, volume: int, plain: int) -> tuple[Line, int]:
    """Lines to and fro, and the cross-section with which they hold the volume, nm3. plain : that
    of a bead of nominal width."""
    n_rows = max(1, round(volume / (plain * size.row_nm)))
    pitch = size.strip_nm(volume) // n_rows
    way = n_rows * size.row_nm + (n_rows - 1) * pitch
    area = -(-volume // way)
    y = low + pitch // 2 + pitch * np.arange(n_rows, dtype=np.int64)
    ends = np.where(np.arange(n_rows)[:, None] % 2 == 0, [0, size.row_nm], [size.row_nm, 0])
    line = np.stack([x + ends, np.repeat(y[:, None], 2, axis=1)], axis=2).reshape(-1, 2)
    return line, max(area, plain) if n_rows == 1 else area


def _sparse(x0: int, x1: int, y0: int, y1: int) -> Line:
    """Lines along Y, one after the other; they end where the outermost purging line would."""
    n = -(-(x1 - x0) // _SPARSE_PITCH_NM) + 1
    x = x0 + np.arange(n, dtype=np.int64) * (x1 - x0) // (n - 1)
    ends = np.where(np.arange(n)[:, None] % 2 == 0, [y0, y1], [y1, y0])
    return np.stack([np.repeat(x[:, None], 2, axis=1), ends], axis=2).reshape(-1, 2)


def _rectangle(x0: int, y0: int, x1: int, y1: int) -> Line:
    """Closed by its own first corner: it has no seam to choose."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]], np.int64)


def _path(line: Line, height: int, area: int, *, width: int | None = None) -> PathSet:
    """width : of the bead; None: what its area makes."""
    wide = width or bead.width_nm(area // height, height)
    return path_set(
        line,
        np.array([0, len(line)], np.int64),
        role=Role.WIPE_TOWER,
        width_nm=wide,
        height_nm=height,
        area_nm2=area,
        is_loop=False,
    )

"""The ground that beads take up when each is as wide as its spacing: bead by bead side by side,
with mitred corners, in mm."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from printstd.kernels.bead import ROUND_LOSS
from printstd.toolpath.paths import PathSet

_BLUNTEST = 0.1
GRID_MM = 1e-6
"""Without one, unions of edges that nearly coincide lose areas."""


class Segments(NamedTuple):
    """start, end : (n, 2) mm. spacing, width : (n,) mm. path : (n,)."""

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    spacing: NDArray[np.float64]
    width: NDArray[np.float64]
    path: NDArray[np.int64]


def segments_of(paths: PathSet) -> Segments:
    start, end, spacing, width, path = [], [], [], [], []
    for row in range(paths.n_paths):
        mine = slice(*paths.offsets[row : row + 2].tolist())
        xy, wider = paths.xy_nm[mine] / 1e6, paths.widening_nm[mine] / 1e6
        then = np.roll(xy, -1, axis=0)
        if not paths.is_loop[row]:
            xy, then, wider = xy[:-1], then[:-1], wider[:-1]
        start.append(xy)
        end.append(then)
        spacing.append(paths.area_nm2[row] / paths.height_nm[row] / 1e6 + wider)
        width.append(paths.width_nm[row] / 1e6 + wider)
        path.append(np.full(len(xy), row))
    columns = (start, end, spacing, width, path)
    return Segments(*(np.concatenate(column) for column in columns))


def footprints(paths: PathSet) -> NDArray[np.object_]:
    """One polygon per segment."""
    found = segments_of(paths)
    quads = []
    for row in range(paths.n_paths):
        mine = found.path == row
        a, b, half = found.start[mine], found.end[mine], found.spacing[mine] / 2
        way = b - a
        length = np.hypot(*way.T)
        real = length > 1e-6
        a, b, half, way, length = a[real], b[real], half[real], way[real], length[real]
        normal = np.stack([-way[:, 1], way[:, 0]], axis=1) / length[:, None]
        before = np.roll(normal, 1, axis=0)
        facing = np.maximum(1 + (before * normal).sum(axis=1), _BLUNTEST)
        first = (before + normal) / facing[:, None]
        last = np.roll(first, -1, axis=0)
        if not paths.is_loop[row]:
            first[0], last[-1] = normal[0], normal[-1]
        out, back = first * half[:, None], last * half[:, None]
        quads.append(shapely.polygons(np.stack([a + out, b + back, b - back, a - out], axis=1)))
    return np.asarray(shapely.make_valid(np.concatenate(quads)))


class Share(NamedTuple):
    """Of the ground: laid, all beads together and the round sides on the outline; doubled, laid
    more than once; bare, laid not at all."""

    laid: float
    doubled: float
    bare: float


def share(beads: NDArray[np.object_], part: shapely.Geometry, height_mm: float = 0.2) -> Share:
    """How the beads' footprints fill a part, or a window of one (None: all of it)."""
    rim = height_mm * ROUND_LOSS / 2
    inner = part.buffer(-rim, join_style="mitre")
    whole = shapely.union_all(beads, grid_size=GRID_MM)
    total = float(shapely.area(beads).sum())
    edge = float((part - inner).area)
    return Share(
        (total + edge) / part.area,
        (total - float(whole.area)) / part.area,
        float((inner - whole).area) / part.area,
    )


def shares_along(
    beads: NDArray[np.object_],
    part: shapely.Geometry,
    windows: NDArray[np.object_],
    height_mm: float = 0.2,
) -> list[Share]:
    """The same within each window."""
    rim = height_mm * ROUND_LOSS / 2
    inner = part.buffer(-rim, join_style="mitre")
    out = []
    for window in windows:
        cut = shapely.intersection(beads, window)
        here, core = float((part & window).area), inner & window
        whole = shapely.union_all(cut, grid_size=GRID_MM)
        total = float(shapely.area(cut).sum())
        laid = total + here - float(core.area)
        doubled, bare = total - float(whole.area), float((core - whole).area)
        out.append(Share(laid / here, doubled / here, bare / here))
    return out

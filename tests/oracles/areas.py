"""Rings and beads as shapely areas, mm: a second polygon library judges the first's results."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.rings import Rings, area_mm2, canonical, concat, from_list, signed_area2
from printstd.toolpath.paths import PathSet

MM = 1_000_000


def rings_of(*outlines: Sequence[Sequence[float]]) -> Rings:
    """Canonical rings of outlines in mm: counter-clockwise outer rings, clockwise holes."""
    rings = [np.rint(np.asarray(outline, np.float64) * MM).astype(np.int64) for outline in outlines]
    return canonical(from_list(rings))


def rectangle(x: float, y: float, width: float, depth: float) -> list[list[float]]:
    return [[x, y], [x + width, y], [x + width, y + depth], [x, y + depth]]


def hole(x: float, y: float, width: float, depth: float) -> list[list[float]]:
    return rectangle(x, y, width, depth)[::-1]


def star(rng: np.random.Generator, radius: float, corners: int, depth: float = 0.6) -> Rings:
    """One outline with corners at random angles and radii, mm, around the origin."""
    angle = np.sort(rng.random(corners)) * 2 * np.pi
    r = radius * rng.uniform(1 - depth, 1, corners)
    return rings_of(np.c_[r * np.cos(angle), r * np.sin(angle)].tolist())


def area_of(rings: Rings) -> shapely.Geometry:
    """The area of canonical rings, largest ring first: outer rings add, holes take away."""
    size = signed_area2(rings)
    area = shapely.Polygon()
    for ring in np.argsort(-np.abs(size), kind="stable").tolist():
        piece = shapely.Polygon(rings.ring(ring) / MM)
        area = area | piece if size[ring] > 0 else area - piece
    return area


def lines_of(paths: PathSet) -> list[NDArray[np.float64]]:
    """Each path's vertices, mm; loops come back to their start."""
    lines = []
    for row in range(paths.n_paths):
        xy = paths.xy_nm[paths.offsets[row] : paths.offsets[row + 1]] / MM
        lines.append(np.concatenate([xy, xy[:1]]) if paths.is_loop[row] else xy)
    return lines


def lengths_mm(paths: PathSet) -> NDArray[np.float64]:
    """(k,) length of each path."""
    return np.array(
        [np.sqrt((np.diff(xy, axis=0) ** 2).sum(axis=1)).sum() for xy in lines_of(paths)]
    )


def beads(paths: PathSet, *, cap: str = "flat") -> shapely.Geometry:
    """What the paths cover: centrelines, half a width to each side."""
    lines = lines_of(paths)
    if not lines:
        return shapely.Polygon()
    return shapely.union_all(
        shapely.buffer(
            [shapely.LineString(xy) for xy in lines],
            paths.width_nm / (2 * MM),
            cap_style=cap,
            quad_segs=16,
        )
    )


def volume_mm2(paths: PathSet, height_nm: int) -> float:
    """Material of the paths as an area: cross-section over height times length."""
    return float((lengths_mm(paths) * paths.area_nm2).sum()) / height_nm / MM


def depth_outside_mm(beads_area: shapely.Geometry, area: shapely.Geometry) -> float:
    """How far the beads reach out of the area at most."""
    over = beads_area - area
    corners = shapely.get_coordinates(over)
    return float(shapely.distance(area, shapely.points(corners)).max()) if len(corners) else 0.0


def holed(seed: int, *, radius: tuple[float, float] = (6, 12), depth: float = 0.35) -> Rings:
    """A star around the origin with up to three holes, perhaps in several islands; no speck."""
    rng = np.random.default_rng(seed)
    corners = int(rng.integers(5, 24))
    parts = [star(rng, float(rng.uniform(*radius)), corners, depth)]
    for _ in range(int(rng.integers(0, 4))):
        parts.append(rings_of(hole(*rng.uniform(-5, 3, 2), *rng.uniform(0.5, 4, 2))))
    whole = clip.clean(concat(parts))
    return whole if area_mm2(whole) > 8 else clip.clean(parts[0])

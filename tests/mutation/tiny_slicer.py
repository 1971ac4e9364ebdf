"""A small honest slicer for prisms, so that the auditor is tested with no generator of ours in
sight: walls, solid layers, sparse infill, retraction, fan, temperatures, as text lines.

It follows the published bead model (rounded-end rectangle) and nothing else of the product.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

FILAMENT_MM2 = math.pi * 1.75 * 1.75 / 4
K = 1 - math.pi / 4


@dataclass(frozen=True)
class Recipe:
    """mm, mm/s, degrees C."""

    width: float = 0.45
    height: float = 0.2
    layers: int = 24
    walls: int = 2
    solid_layers: int = 2
    density: float = 0.15
    nozzle_c: int = 210
    bed_c: int = 60
    travel: float = 130.0
    print_speed: float = 40.0
    retract: float = 0.8
    centre: tuple[float, float] = (125.0, 105.0)
    wall_offset: float = 0.0
    """A fault that tests build in: walls moved outwards by this much."""

    @property
    def spacing(self) -> float:
        return self.width - self.height * K

    @property
    def e_per_mm(self) -> float:
        return self.height * (self.width - self.height * K) / FILAMENT_MM2


def plate_with_pin() -> BaseGeometry:
    """An asymmetric plate with a bore and a notch, and a pin beside it; mm, about the origin."""
    plate = shapely.Polygon(
        [(-20, -12), (14, -12), (14, -4), (8, -4), (8, 4), (14, 4), (14, 12), (-17, 12), (-20, 9)]
    )
    turns = 2 * np.pi * np.arange(48) / 48
    bore = shapely.Polygon(np.column_stack([-8 + 4 * np.cos(turns), 4 * np.sin(turns)]))
    pin = shapely.box(18, -3, 24, 3)
    return shapely.union(shapely.difference(plate, bore), pin)


def two_blocks() -> BaseGeometry:
    """Two small blocks side by side, for faults that have nothing to do with the shape."""
    return shapely.union(shapely.box(-6, -3, 4, 3), shapely.box(8, -2, 12, 2))


def prism_stl(outline: BaseGeometry, height: float) -> bytes:
    """The model: the outline drawn upwards from z = 0, as ASCII STL."""
    rows = ["solid prism"]
    for triangle in shapely.get_parts(shapely.constrained_delaunay_triangles(outline)):
        ring = shapely.get_coordinates(shapely.orient_polygons(triangle))[:3]
        rows += _facet([(x, y, height) for x, y in ring.tolist()])
        rows += _facet([(x, y, 0.0) for x, y in ring[::-1].tolist()])
    for part in shapely.get_parts(shapely.orient_polygons(outline)):
        for ring in shapely.get_rings(part):
            points = shapely.get_coordinates(ring).tolist()
            for (ax, ay), (bx, by) in pairwise(points):
                rows += _facet([(ax, ay, 0.0), (bx, by, 0.0), (bx, by, height)])
                rows += _facet([(ax, ay, 0.0), (bx, by, height), (ax, ay, height)])
    rows.append("endsolid prism")
    return ("\n".join(rows) + "\n").encode()


def _facet(corners: list[tuple[float, float, float]]) -> list[str]:
    vertices = [f"vertex {x!r} {y!r} {z!r}" for x, y, z in corners]
    return ["facet normal 0 0 0", "outer loop", *vertices, "endloop", "endfacet"]


def slice_prism(outline: BaseGeometry, recipe: Recipe) -> list[str]:
    """The program, line by line."""
    r = recipe
    placed = shapely.transform(outline, lambda p: p + np.array(r.centre))
    lines = [
        "; made by a test",
        f"M140 S{r.bed_c}",
        f"M104 S{r.nozzle_c}",
        f"M190 S{r.bed_c}",
        f"M109 S{r.nozzle_c}",
        "G21",
        "G90",
        "M83",
        "M107",
        "G28",
        "G1 Z5 F600",
        f"G1 E-{r.retract:g} F2400",
    ]
    solid = _fill_lines(placed, r, r.spacing, 0), _fill_lines(placed, r, r.spacing, 1)
    sparse_step = r.spacing / r.density
    sparse = _fill_lines(placed, r, sparse_step, 0), _fill_lines(placed, r, sparse_step, 1)
    walls = _walls(placed, r)
    for layer in range(r.layers):
        z = (layer + 1) * r.height
        lines += [f";LAYER:{layer}", "G92 E0", f"G1 Z{z:.3f} F600"]
        if layer == 3:
            lines.append("M106 S255")
        is_solid = layer < r.solid_layers or layer >= r.layers - r.solid_layers
        fill = (solid if is_solid else sparse)[layer % 2]
        for kind, paths in (*walls, ("solid" if is_solid else "sparse", fill)):
            lines.append(f";TYPE:{kind}")
            for path in paths:
                lines += _path(path, r)
    return [*lines, "M104 S0", "M140 S0", "M107", "G28 X0", "M84"]


def _walls(placed: BaseGeometry, r: Recipe) -> list[tuple[str, list[NDArray[np.float64]]]]:
    found = []
    for index in range(r.walls):
        depth = r.width / 2 + index * r.spacing - r.wall_offset
        inset = shapely.buffer(placed, -depth, join_style="mitre")
        rings = [
            shapely.get_coordinates(ring)
            for part in shapely.get_parts(inset)
            for ring in shapely.get_rings(part)
        ]
        found.append(("outer" if index == 0 else "inner", rings))
    return found[::-1]


def _fill_lines(
    placed: BaseGeometry, r: Recipe, step: float, turn: int
) -> list[NDArray[np.float64]]:
    inside = shapely.buffer(placed, -(r.width / 2 + (r.walls - 0.5) * r.spacing), quad_segs=4)
    x0, y0, x1, y1 = inside.bounds
    reach = math.hypot(x1 - x0, y1 - y0)
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    along = np.array([1.0, 1.0 if turn == 0 else -1.0]) / math.sqrt(2)
    across = np.array([-along[1], along[0]])
    found = []
    n = int(reach / step) + 1
    for k in range(-n, n + 1):
        base = middle + across * (k * step)
        line = shapely.linestrings([base - along * reach, base + along * reach])
        for piece in shapely.get_parts(shapely.intersection(line, inside)):
            if piece.length > 0.3:
                points = shapely.get_coordinates(piece)
                found.append(points if k % 2 else points[::-1])
    return found


def _path(points: NDArray[np.float64], r: Recipe) -> list[str]:
    points = points.round(3)
    x, y = points[0].tolist()
    lines = [
        f"G1 X{x:.3f} Y{y:.3f} F{r.travel * 60:.0f}",
        f"G1 E{r.retract:g} F2400",
        f"G1 F{r.print_speed * 60:.0f}",
    ]
    for (ax, ay), (bx, by) in pairwise(points.tolist()):
        e = math.hypot(bx - ax, by - ay) * r.e_per_mm
        lines.append(f"G1 X{bx:.3f} Y{by:.3f} E{e:.5f}")
    return [*lines, f"G1 E-{r.retract:g} F2400"]


def as_bytes(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")

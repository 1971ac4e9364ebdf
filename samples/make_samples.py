"""Makes the sample parts of this folder: `python samples/make_samples.py [FOLDER]`.

Solids are put together with manifold3d, corners are rounded to 1e-4 mm, and files are binary
STL or stored 3MF without dates, so the same versions make the same bytes every time.
What each sample is for, and what is expected of it, is in expected.toml.
"""

from __future__ import annotations

import math
import struct
import sys
from pathlib import Path

import numpy as np
from manifold3d import CrossSection, Manifold, OpType
from numpy.typing import NDArray

Triangles = tuple[NDArray[np.float64], NDArray[np.int32]]

_GRID_PER_MM = 10_000


def _circle(diameter: float, n_sides: int, x: float, y: float) -> CrossSection:
    """A regular polygon with its corners on the circle."""
    turns = [2 * math.pi * i / n_sides for i in range(n_sides)]
    radius = diameter / 2
    return CrossSection(
        [[(x + round(radius * math.cos(t), 6), y + round(radius * math.sin(t), 6)) for t in turns]]
    )


def _slot(length: float, width: float, n_sides: int, x: float, y: float) -> CrossSection:
    """Two half circles joined, along x; `length` over all."""
    reach = (length - width) / 2
    ends = [_circle(width, n_sides, x + side * reach, y) for side in (-1, 1)]
    return CrossSection.batch_hull(ends)


def _rounded(
    x0: float, y0: float, x1: float, y1: float, radius: float, n_sides: int
) -> CrossSection:
    return CrossSection.batch_hull(
        [
            _circle(2 * radius, n_sides, x, y)
            for x in (x0 + radius, x1 - radius)
            for y in (y0 + radius, y1 - radius)
        ]
    )


def _prism(area: CrossSection, z0: float, z1: float) -> Manifold:
    return Manifold.extrude(area, z1 - z0).translate((0, 0, z0))


def _block(x0: float, y0: float, z0: float, x1: float, y1: float, z1: float) -> Manifold:
    return Manifold.cube((x1 - x0, y1 - y0, z1 - z0)).translate((x0, y0, z0))


def _triangles(solid: Manifold) -> Triangles:
    """Corners on the 1e-4 mm grid, facets without area left out, triangles in a fixed order."""
    mesh = solid.to_mesh64()
    corners = np.rint(np.asarray(mesh.vert_properties)[:, :3] * _GRID_PER_MM).astype(np.int64)
    faces = np.asarray(mesh.tri_verts, np.int64)
    order = np.lexsort((corners[:, 2], corners[:, 1], corners[:, 0]))
    sorted_corners = corners[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (sorted_corners[1:] != sorted_corners[:-1]).any(axis=1)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(is_new) - 1
    faces = number[faces]
    turn = np.argmin(faces, axis=1)
    faces = np.take_along_axis(faces, (turn[:, None] + np.arange(3)) % 3, axis=1)
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)]
    faces = faces[np.lexsort((faces[:, 2], faces[:, 1], faces[:, 0]))]
    return sorted_corners[is_new] / _GRID_PER_MM, faces.astype(np.int32)


def bracket() -> Triangles:
    """A small motor bracket, 50 x 34 x 14 mm, that prints flat without supports.

    A 4 mm base plate with rounded corners, an upright at one end with two gussets, a boss
    with a through bore, two counterbored screw holes and an adjusting slot.
    """
    n = 96
    plate = _prism(_rounded(0, 0, 50, 34, 4, n), 0, 4)
    upright = _block(0, 4, 0, 5, 30, 14)
    gusset = CrossSection([[(4, 3), (13, 3), (4, 12)]])
    gussets = [
        Manifold.extrude(gusset, 3).rotate((90, 0, 0)).translate((0, y + 3, 0)) for y in (4, 27)
    ]
    boss = _prism(_circle(16, n, 26, 17), 1, 14)
    solid = Manifold.batch_boolean([plate, upright, *gussets, boss], OpType.Add)
    cuts = [_prism(_circle(8, n, 26, 17), -1, 15)]
    for y in (7.5, 26.5):
        cuts.append(_prism(_circle(4.3, n, 42.5, y), -1, 15))
        cuts.append(_prism(_circle(8, n, 42.5, y), 2, 15))
    cuts.append(_prism(_slot(9, 4.3, n, 42.5, 17), -1, 15))
    for cut in cuts:
        solid -= cut
    return _triangles(solid)


def stl_bytes(mesh: Triangles, header: str) -> bytes:
    """Binary STL with the normals of the rounded corners."""
    corners = mesh[0][mesh[1]].astype("<f4")
    exact = corners.astype(np.float64)
    normal = np.cross(exact[:, 1] - exact[:, 0], exact[:, 2] - exact[:, 0])
    length = np.sqrt((normal * normal).sum(axis=1, keepdims=True))
    record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    records = np.zeros(len(corners), record)
    records["normal"] = normal / np.where(length == 0, 1.0, length) + 0.0
    records["corners"] = corners
    return (
        header.encode("ascii").ljust(80)[:80] + struct.pack("<I", len(corners)) + records.tobytes()
    )


def samples() -> dict[str, bytes]:
    """File name to bytes, for every sample."""
    return {"bracket.stl": stl_bytes(bracket(), "printstd sample: bracket, mm")}


def main(folder: Path) -> None:
    for name, content in samples().items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)

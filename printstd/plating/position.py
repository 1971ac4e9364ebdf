"""How a part lies, in the terms of ISO 17295: its orientation and its bounding boxes."""

from __future__ import annotations

import numpy as np

from printstd.artifacts.mesh import Mesh
from printstd.artifacts.plate import Position
from printstd.kernels.build_axes import notation, smallest_box
from printstd.kernels.facets import used_vertices
from printstd.kernels.placing import Rotation


def position(
    mesh: Mesh, rotation_e9: Rotation, scale_e6: int, shrinkage: tuple[float, float]
) -> Position:
    """How a model lies before it is moved to its place. shrinkage : of the material, in XY and in
    Z: the part is laid as much larger as it shrinks afterwards."""
    used = mesh.vertices_mm[used_vertices(len(mesh.vertices_mm), mesh.faces)]
    if not len(used):
        return Position("", (), rotation_e9, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    scaled = used * (scale_e6 / 1e6)
    turn = [value / 1e9 for value in rotation_e9]
    x, y, z = scaled[:, 0], scaled[:, 1], scaled[:, 2]
    rows = [turn[3 * i] * x + turn[3 * i + 1] * y + turn[3 * i + 2] * z for i in range(3)]
    in_xy, in_z = (1 / (1 - ratio) for ratio in shrinkage)
    larger = np.array([in_xy, in_xy, in_z])
    low = np.array([row.min() for row in rows]) * larger
    high = np.array([row.max() for row in rows]) * larger
    found = notation(high - low)
    a, b, c = (float(size) for size in smallest_box(scaled))
    x0, y0, z0, x1, y1, z1 = (float(value) for value in (*low, *high))
    return Position(found.letters, found.ties, rotation_e9, (a, b, c), (x0, y0, z0, x1, y1, z1))

"""Where a part stands, in the terms of ISO 17295: its orientation, its bounding boxes, and the
origin that they are told from.

The origin of the build volume is by default the centre of the build platform; programs count from
the machine's own origin, mostly a corner. Both are told. Source: facts of standards 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.mesh import Mesh, Placement
from printstd.kernels.build_axes import Notation, notation, smallest_box
from printstd.kernels.facets import used_vertices
from printstd.profiles.models import Printer
from printstd.profiles.resolved import Resolved

Box = tuple[float, float, float, float, float, float]
"""mm: xmin, ymin, zmin, xmax, ymax, zmax."""


@dataclass(frozen=True, slots=True)
class Position:
    """A part as it is to be laid (as much larger as it shrinks afterwards).

    orientation : of its machine bounding box. rotation_e9 : from the file's axes to the machine's.
    smallest_mm : sides of the arbitrarily oriented bounding box, longest first. machine_mm : the
    box along the machine's axes, from the machine's own origin.
    """

    orientation: Notation
    rotation_e9: tuple[int, ...]
    smallest_mm: tuple[float, float, float]
    machine_mm: Box


def position(mesh: Mesh, placement: Placement, resolved: Resolved) -> Position:
    """How a model stands where it is placed. The mesh has facets."""
    used = mesh.vertices_mm[used_vertices(len(mesh.vertices_mm), mesh.faces)]
    scaled = used * (placement.scale_e6 / 1e6)
    turn = [value / 1e9 for value in placement.rotation_e9]
    x, y, z = scaled[:, 0], scaled[:, 1], scaled[:, 2]
    rows = [turn[3 * i] * x + turn[3 * i + 1] * y + turn[3 * i + 2] * z for i in range(3)]
    material = resolved.material
    in_xy, in_z = material.shrinkage_xy_ratio, material.shrinkage_z_ratio
    larger = np.array([1 / (1 - in_xy), 1 / (1 - in_xy), 1 / (1 - in_z)])
    low = np.array([row.min() for row in rows]) * larger
    high = np.array([row.max() for row in rows]) * larger
    moved = np.array(placement.translation_um) / 1e3
    a, b, c = (float(size) for size in smallest_box(scaled))
    return Position(
        notation(high - low), placement.rotation_e9, (a, b, c), _box(low + moved, high + moved)
    )


def master(positions: Sequence[Position]) -> Box:
    """The box along the machine's axes around all parts, from the machine's own origin."""
    boxes = np.array([one.machine_mm for one in positions])
    return _box(boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0))


def centre_mm(printer: Printer) -> tuple[float, float]:
    """The centre of the build platform, from the machine's own origin."""
    volume = printer.volume
    return (
        (volume.x_min_mm + volume.x_max_mm) / 2,
        (volume.y_min_mm + volume.y_max_mm) / 2,
    )


def from_centre(box: Box, printer: Printer) -> Box:
    """The same box from the origin of ISO 17295."""
    x, y = centre_mm(printer)
    a, b, c, d, e, f = box
    return (a - x, b - y, c, d - x, e - y, f)


def _box(low: NDArray[np.float64], high: NDArray[np.float64]) -> Box:
    a, b, c, d, e, f = (float(value) for value in (*low, *high))
    return a, b, c, d, e, f

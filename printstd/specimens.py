"""Small parts made in memory, each near a limit that a profile sets: what `printstd profiles diff`
judges where no samples are given. A wheel has no samples/, and nothing here needs a file."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Triangles = NDArray[np.float64]
"""(f, 3, 3) float64, mm: corners anticlockwise seen from outside."""

_CORNERS: Final = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], np.float64)
_BOX: Final = (
    *((0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6)),
    *((0, 1, 5), (0, 5, 4), (2, 6, 7), (2, 7, 3)),
    *((0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5)),
)
COARSE_FACETS: Final = 24
"""Of the coarser cylinder of 20 mm: a chord error of 0.086 mm, more than classes f to c take."""


def specimens() -> dict[str, bytes]:
    """Name -> binary STL."""
    parts = {
        "cube of 20 mm": _box(20, 20, 20),
        "plate of 0.9 mm": _box(30, 20, 0.9),
        "wall of 1.3 mm": _box(30, 1.3, 15),
        "wall of 0.9 mm": _box(30, 0.9, 15),
        "wall of 0.6 mm": _box(30, 0.6, 15),
        "shim of 0.3 mm": _box(20, 20, 0.3),
        "bar of 240 mm": _box(240, 10, 10),
        "bar of 2500 mm": _box(2500, 40, 40),
        "cylinder of 24 facets": _prism(10.0, 10.0, COARSE_FACETS),
        "cylinder of 48 facets": _prism(10.0, 10.0, 2 * COARSE_FACETS),
    }
    return {name: _stl(triangles) for name, triangles in parts.items()}


def _box(*size_mm: float) -> Triangles:
    corners = _CORNERS * np.array(size_mm, np.float64)
    return np.asarray(corners[np.array(_BOX)], np.float64)


def _prism(radius_mm: float, height_mm: float, facets: int) -> Triangles:
    angles = np.arange(facets) * (2 * np.pi / facets)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius_mm
    found: list[Sequence[Sequence[float]]] = []
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        low0, low1, high0, high1 = (
            *((x0, y0, 0.0), (x1, y1, 0.0)),
            *((x0, y0, height_mm), (x1, y1, height_mm)),
        )
        found += [(low0, low1, high1), (low0, high1, high0)]
        found += [((0.0, 0.0, 0.0), low1, low0), ((0.0, 0.0, height_mm), high0, high1)]
    return np.array(found, np.float64)


def _stl(triangles: Triangles) -> bytes:
    records = np.zeros(
        len(triangles), np.dtype([("n", "<f4", 3), ("p", "<f4", (3, 3)), ("a", "<u2")])
    )
    records["p"] = triangles
    return b"printstd specimen".ljust(80) + struct.pack("<I", len(triangles)) + records.tobytes()

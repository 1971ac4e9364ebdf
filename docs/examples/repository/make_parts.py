"""Makes the parts of this example: `python make_parts.py`, and as the pull request of the example
changes one: `python make_parts.py --wall 0.3`."""

from __future__ import annotations

import argparse
import struct
from pathlib import Path

import numpy as np
from manifold3d import Manifold

HERE = Path(__file__).parent


def tray(wall_mm: float) -> Manifold:
    """An open tray of 60 x 40 x 15 mm with a floor of 2 mm and a partition in the middle."""
    inside = Manifold.cube((56, 36, 20)).translate((2, 2, 2))
    partition = Manifold.cube((wall_mm, 36, 11)).translate((30 - wall_mm / 2, 2, 2))
    return Manifold.cube((60, 40, 15)) - inside + partition


def plate(hole_mm: float) -> Manifold:
    """A plate of 40 x 30 x 6 mm with a hole through it."""
    hole = Manifold.cylinder(10, hole_mm / 2, hole_mm / 2, 64).translate((12, 15, -2))
    return Manifold.cube((40, 30, 6)) - hole


def stl(solid: Manifold) -> bytes:
    """Binary STL, its corners on a grid of 0.1 um: the same bytes on every machine."""
    mesh = solid.to_mesh()
    corners = np.round(np.asarray(mesh.vert_properties)[:, :3], 4)[np.asarray(mesh.tri_verts)]
    facets = np.zeros(len(corners), np.dtype([("f", "<f4", (4, 3)), ("pad", "<u2")]))
    facets["f"][:, 1:] = corners + 0.0
    return bytes(80) + struct.pack("<I", len(facets)) + facets.tobytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wall", type=float, default=1.6, help="partition of the tray, mm")
    parser.add_argument("--hole", type=float, default=6.0, help="hole of the plate, mm")
    parser.add_argument("--into", type=Path, default=HERE)
    arguments = parser.parse_args()
    parts = {
        "parts/tray.stl": tray(arguments.wall),
        "parts/plate.stl": plate(arguments.hole),
        "parts/legacy_tray.stl": tray(0.35),
        "fixtures/too_thin.stl": tray(0.3),
    }
    for name, solid in parts.items():
        path = arguments.into / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(stl(solid))


if __name__ == "__main__":
    main()

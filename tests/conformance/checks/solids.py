"""Solids with one small size each, for the checks of sizes: made with manifold3d, in mm."""

from __future__ import annotations

import math

import numpy as np
from manifold3d import CrossSection, Manifold

from tests import meshes


def letter(name: str, stroke: float, height: float) -> CrossSection:
    """E, L or T with strokes of one width, three fifths as wide as tall."""
    w, h, s = 0.6 * height, height, stroke
    upright = CrossSection.square((s, h))
    foot = CrossSection.square((w, s))
    head = foot.translate((0, h - s))
    if name == "T":
        return upright.translate(((w - s) / 2, 0)) + head
    if name == "L":
        return upright + foot
    return upright + foot + head + CrossSection.square((0.8 * w, s)).translate((0, (h - s) / 2))


def of(solid: Manifold) -> meshes.Triangles:
    mesh = solid.to_mesh64()
    # Copies: a view would keep manifold3d's own object alive to the end.
    return np.array(mesh.vert_properties)[:, :3].copy(), np.array(mesh.tri_verts, np.int32)


def block(
    size: tuple[float, float, float], at: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Manifold:
    return Manifold.cube(size).translate(at)


def rod(diameter: float, height: float, n_sides: int, at: tuple[float, float, float]) -> Manifold:
    """Upright, from `at`."""
    return Manifold.cylinder(height, diameter / 2, circular_segments=n_sides).translate(at)


def turned(mesh: meshes.Triangles, degrees: float) -> meshes.Triangles:
    """About an axis that lies along nothing."""
    axis = np.array([1.0, 2.0, 3.0]) / math.sqrt(14)
    angle = math.radians(degrees)
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    rotation = np.eye(3) + math.sin(angle) * k + (1 - math.cos(angle)) * k @ k
    return mesh[0] @ rotation.T, mesh[1]


def about_z(mesh: meshes.Triangles, degrees: float) -> meshes.Triangles:
    t = math.radians(degrees)
    rotation = np.array([[math.cos(t), -math.sin(t), 0], [math.sin(t), math.cos(t), 0], [0, 0, 1]])
    return mesh[0] @ rotation.T, mesh[1]


def mirrored(mesh: meshes.Triangles) -> meshes.Triangles:
    return mesh[0] * np.array([-1.0, 1.0, 1.0]), np.ascontiguousarray(mesh[1][:, ::-1])


def shuffled(mesh: meshes.Triangles) -> meshes.Triangles:
    """Facets in another order, and each beginning with another corner."""
    rng = np.random.default_rng(5)
    faces = mesh[1][rng.permutation(len(mesh[1]))]
    start = rng.integers(0, 3, len(faces))
    return mesh[0], np.take_along_axis(faces, (start[:, None] + np.arange(3)) % 3, axis=1).astype(
        np.int32
    )


def rib(t: float) -> meshes.Triangles:
    return of(block((20, 12, 5)) + block((20, t, 15), (0, 5, 4)))


def ring_wall(t: float) -> meshes.Triangles:
    """A tube whose two circles have other numbers of sides: chords alone would read 0.01 thin."""
    return of(rod(16, 20, 96, (0, 0, 0)) - rod(2 * (8 - t), 22, 64, (0, 0, -1)))


def pin(t: float, length: float = 6.0) -> meshes.Triangles:
    return of(block((20, 12, 5)) + rod(t, length + 1, 48, (10, 6, 4)))


def cone_wall(t: float) -> meshes.Triangles:
    across = t / math.cos(math.atan2(4, 20))
    outer = Manifold.cylinder(20, 10, 6, circular_segments=64)
    return of(outer - Manifold.cylinder(20, 10 - across, 6 - across, circular_segments=64))


def tray(t: float) -> meshes.Triangles:
    """A tray of 24 x 24 mm with a thin floor."""
    return of(block((24, 24, 10)) - block((16, 16, 12), (4, 4, t)))


def slit(t: float) -> meshes.Triangles:
    return of(block((24, 24, 10)) - block((t, 16, 12), (10, 4, 3)))


def sharp(degrees: float) -> meshes.Triangles:
    """A wedge, 30 mm long and 20 mm wide."""
    height = 30 * math.tan(math.radians(degrees))
    return of(Manifold.extrude(CrossSection([[(0, 0), (30, 0), (30, height)]]), 20))


def with_hole(diameter: float, n_sides: int = 48) -> meshes.Triangles:
    return of(block((20, 12, 5)) - rod(diameter, 7, n_sides, (10, 6, -1)))


def hinge(clearance: float) -> meshes.Triangles:
    """A pin that turns in its bore: two bodies."""
    outer = block((14, 14, 8), (-7, -7, 0)) - rod(5 + 2 * clearance, 10, 96, (0, 0, -1))
    return of(outer + rod(5, 8, 72, (0, 0, 0)))


def plate_with_text(
    stroke: float, relief: float, height: float = 5.0, text: str = "TELL"
) -> meshes.Triangles:
    """Letters on a plate 5 mm thick; negative relief is sunk."""
    plate = block((60, 20, 5))
    for k, name in enumerate(text):
        glyph = letter(name, stroke, height).translate((3 + k * (0.6 * height + 0.8), 6.0))
        if relief > 0:
            plate += Manifold.extrude(glyph, 1 + relief).translate((0, 0, 4))
        else:
            plate -= Manifold.extrude(glyph, 6.0).translate((0, 0, 5 + relief))
    return of(plate)

"""Small parts for mutants, each with its outline at every height in closed form: what is true of
them is known without any reader, slicer or auditor.

All have a bore, walls, skins and a sparse inside, and none is like its mirror image.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from dataclasses import dataclass

import manifold3d
import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from tests.mutation.tiny_slicer import plate_with_pin, prism_stl

_TURNS = 64


@dataclass(frozen=True)
class Part:
    """mm, about the origin, standing on z = 0. bore : x, y and radius of a round hole that goes
    through all layers. is_prism : the outline is the same at all heights."""

    name: str
    stl: bytes
    height: float
    outline_at: Callable[[float], BaseGeometry]
    bore: tuple[float, float, float]
    is_prism: bool


def _circle(x: float, y: float, radius: float, turns: int = _TURNS) -> shapely.Polygon:
    angle = 2 * np.pi * np.arange(turns) / turns
    return shapely.Polygon(
        np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
    )


def _ring(polygon: shapely.Polygon) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)[:-1]]
        for ring in shapely.get_rings(shapely.orient_polygons(polygon))
    ]


def _extruded(
    outline: shapely.Polygon, height: float, top_scale: tuple[float, float] = (1.0, 1.0)
) -> manifold3d.Manifold:
    cross = manifold3d.CrossSection(_ring(outline))
    return manifold3d.Manifold.extrude(cross, height, scale_top=top_scale)


def _stl(solid: manifold3d.Manifold) -> bytes:
    """Binary STL."""
    mesh = solid.to_mesh()
    corners = np.asarray(mesh.vert_properties)[:, :3][np.asarray(mesh.tri_verts)]
    record = np.zeros(len(corners), [("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")])
    record["v"] = corners
    out = io.BytesIO()
    out.write(b"a part of a test".ljust(80))
    out.write(len(record).to_bytes(4, "little"))
    out.write(record.tobytes())
    return out.getvalue()


@functools.cache
def plate() -> Part:
    """An asymmetric plate with a notch and a bore, and a pin beside it."""
    outline = plate_with_pin()
    stl = prism_stl(outline, 4.8)
    return Part("plate", stl, 4.8, lambda z: outline, (-8.0, 0.0, 4.0), True)


@functools.cache
def bracket() -> Part:
    """A base with two bores and, at one end, a boss with a bore through both."""
    base, boss, low, high = shapely.box(-18, -11, 18, 11), _circle(-9, 1, 7), 3.6, 6.0
    hollow = shapely.union_all([_circle(-9, 1, 3), _circle(13, 6, 2.2), _circle(12, -6, 1.6)])
    solid = _extruded(base, low) + _extruded(boss, high)
    for hole in shapely.get_parts(hollow):
        solid -= _extruded(hole, high + 1).translate((0, 0, -0.5))
    lower, upper = base - hollow, boss - hollow
    return Part(
        "bracket",
        _stl(solid),
        high,
        lambda z: lower if z < low else upper,
        (-9.0, 1.0, 3.0),
        False,
    )


@functools.cache
def wedge() -> Part:
    """A block whose sides lean in, with an upright bore off its middle: no two layers alike."""
    foot, height, scale = shapely.box(-17, -12, 17, 12), 4.8, (0.96, 0.94)
    bore = _circle(8, -2, 3.5)
    solid = _extruded(foot, height, scale) - _extruded(bore, height + 1).translate((0, 0, -0.5))

    def outline_at(z: float) -> BaseGeometry:
        share = z / height
        x, y = (1 + (end - 1) * share for end in scale)
        return affinity.scale(foot, x, y, origin=(0, 0)) - bore

    return Part("wedge", _stl(solid), height, outline_at, (8.0, -2.0, 3.5), False)


@functools.cache
def tag() -> Part:
    """As small as a part may be that has walls, skins, a bore and room for infill."""
    outline, height = shapely.box(-11, -8, 11, 8) - _circle(5, 1, 2.5), 3.2
    solid = _extruded(shapely.box(-11, -8, 11, 8), height)
    solid -= _extruded(_circle(5, 1, 2.5), height + 1).translate((0, 0, -0.5))
    return Part("tag", _stl(solid), height, lambda z: outline, (5.0, 1.0, 2.5), True)


@functools.cache
def step() -> Part:
    """A block with a lower half: a skin in the middle of its height, and a bore through both."""
    low, high = 2.6, 4.4
    hole = _circle(6, 0, 2.2)
    base, upper = shapely.box(-12, -8, 12, 8), shapely.box(0, -8, 12, 8)
    solid = _extruded(base, low) + _extruded(upper, high)
    solid -= _extruded(hole, high + 1).translate((0, 0, -0.5))
    return Part(
        "step",
        _stl(solid),
        high,
        lambda z: (base if z < low else upper) - hole,
        (6.0, 0.0, 2.2),
        False,
    )


SMALL: dict[str, Callable[[], Part]] = {"tag": tag, "step": step}
"""Parts that cost little to audit, for searches."""
PARTS: dict[str, Callable[[], Part]] = {"plate": plate, "bracket": bracket, "wedge": wedge}

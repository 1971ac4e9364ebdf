"""Makes the sample parts of this folder: `python samples/make_samples.py [FOLDER]`.

Solids are put together with manifold3d, corners are rounded to 1e-4 mm, and files are binary
STL, OBJ, PLY or stored 3MF without dates, so the same versions make the same bytes every time.
What each sample shows, and what is expected of it, is in expected.toml.
"""

from __future__ import annotations

import hashlib
import io
import math
import struct
import sys
import zipfile
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


# --- good parts --------------------------------------------------------------------------


def knob_parts() -> tuple[Triangles, Triangles]:
    """(a round body, a bar for its top), in inches: 1 in across, 0.5 in and 0.25 in high."""
    bore = _prism(_circle(6.35, 96, 0, 0), 2.54, 13)
    body = _triangles(_prism(_circle(25.4, 96, 0, 0), 0, 12.7) - bore)
    bar = _triangles(_block(-10.16, -2.54, 0, 10.16, 2.54, 6.35))
    return (body[0] / 25.4, body[1]), (bar[0] / 25.4, bar[1])


def ring() -> Triangles:
    """A spacer ring, 24 x 16 x 5 mm."""
    return _triangles(_prism(_circle(24, 128, 0, 0), 0, 5) - _prism(_circle(16, 128, 0, 0), -1, 6))


def wedge() -> Triangles:
    """A door wedge, 60 x 20 x 15 mm with a blunt tip."""
    side = CrossSection([[(0, 0), (60, 0), (60, 15), (0, 2)]])
    return _triangles(Manifold.extrude(side, 20).rotate((90, 0, 0)).translate((0, 20, 0)))


def angle() -> Triangles:
    """An angle bracket, 40 x 20 x 30 mm, with a screw hole in each leg."""
    legs = _block(0, 0, 0, 40, 20, 5) + _block(0, 0, 0, 5, 20, 30)
    legs -= _prism(_circle(4.5, 64, 28, 10), -1, 6)
    hole = _prism(_circle(4.5, 64, 0, 0), -1, 6).rotate((0, 90, 0)).translate((0, 10, 20))
    return _triangles(legs - hole)


def arch() -> Triangles:
    """A block, 40 x 10 x 26 mm, with a round tunnel of 32 mm: its crown hangs."""
    outline = [(4.0, 0.0), (36.0, 0.0)]
    outline += [
        (20 + 16 * math.cos(t), 4 + 16 * math.sin(t)) for t in np.linspace(0, math.pi, 65).tolist()
    ]
    tunnel = Manifold.extrude(CrossSection([outline]), 12).rotate((90, 0, 0)).translate((0, 11, 0))
    return _triangles(_block(0, 0, 0, 40, 10, 26) - tunnel)


def tee() -> Triangles:
    """A T whose arms hang over nothing."""
    return _triangles(_block(15, 0, 0, 25, 10, 20) + _block(0, 0, 20, 40, 10, 26))


def hook() -> Triangles:
    """A post with an arm whose tip hangs down: it begins in the air."""
    arm = _block(0, 0, 0, 8, 8, 12) + _block(0, 0, 12, 30, 8, 18)
    return _triangles(arm + _block(24, 0, 6, 30, 8, 12))


def pin() -> Triangles:
    """A pin of 4 mm, 60 mm high: it stands on 12.5 mm2, and a bed that moves tips it."""
    return _triangles(_prism(_circle(4, 96, 0, 0), 0, 60))


def closed_space() -> Triangles:
    """A block of 40 x 40 x 20 mm around a space of 30 x 30 x 10 mm that nothing leads to."""
    return _triangles(_block(0, 0, 0, 40, 40, 20) - _block(5, 5, 5, 35, 35, 15))


def shim() -> Triangles:
    """A shim of 20 x 20 x 0.3 mm: no general tolerance covers its thickness."""
    return _triangles(_block(0, 0, 0, 20, 20, 0.3))


def cube() -> Triangles:
    """20 mm, twelve facets: as little as a part can be."""
    return _triangles(_block(0, 0, 0, 20, 20, 20))


def _letter(name: str, stroke: float, height: float) -> CrossSection:
    """E, L or T with strokes of one width, three fifths as wide as tall."""
    width = 0.6 * height
    upright = CrossSection.square((stroke, height))
    foot = CrossSection.square((width, stroke))
    head = foot.translate((0, height - stroke))
    if name == "T":
        return upright.translate(((width - stroke) / 2, 0)) + head
    if name == "L":
        return upright + foot
    middle = CrossSection.square((0.8 * width, stroke)).translate((0, (height - stroke) / 2))
    return upright + foot + head + middle


def _nameplate(stroke: float, relief: float) -> Triangles:
    """A plate of 34 x 12 x 3 mm with raised letters, 6 mm tall."""
    plate = _block(0, 0, 0, 34, 12, 3)
    for k, name in enumerate("TELLET"):
        glyph = _letter(name, stroke, 6.0).translate((3 + 5.0 * k, 3.0))
        plate += Manifold.extrude(glyph, 1 + relief).translate((0, 0, 2))
    return _triangles(plate)


def nameplate() -> Triangles:
    """Letters with strokes of 1 mm, 0.6 mm high."""
    return _nameplate(1.0, 0.6)


# --- parts with a fault ------------------------------------------------------------------


def fine_print() -> Triangles:
    """Letters with strokes of 0.3 mm: narrower than a bead."""
    return _nameplate(0.3, 0.6)


def slit_block() -> Triangles:
    """A block with a slit of 0.06 mm, 16 mm long and 7 mm deep: it fuses."""
    return _triangles(_block(0, 0, 0, 20, 20, 10) - _block(9.97, 2, 3, 10.03, 18, 11))


def tight_hinge() -> Triangles:
    """A pin of 5 mm in a bore with 0.15 mm of air around: two bodies that are to turn."""
    sleeve = _block(-7, -7, 0, 7, 7, 8) - _prism(_circle(5.3, 48, 0, 0), -1, 9)
    return _triangles(sleeve + _prism(_circle(5, 36, 0, 0), 0, 8))


def lid() -> Triangles:
    """A box turned over, whose roof is 0.3 mm: a layer and a half."""
    return _triangles(_block(0, 0, 0, 24, 24, 6) - _block(2, 2, 0.3, 22, 22, 7))


def paper_fin() -> Triangles:
    """A plate with a fin of 0.10 mm: no bead is as narrow, so the fin is not there."""
    return _triangles(_block(0, 0, 0, 20, 12, 4) + _block(0, 5.95, 3, 20, 6.05, 12))


def knife() -> Triangles:
    """A wedge of 15 degrees that runs out into nothing."""
    side = CrossSection([[(0, 0), (40, 0), (40, round(40 * math.tan(math.radians(15)), 4))]])
    return _triangles(Manifold.extrude(side, 20).rotate((90, 0, 0)).translate((0, 20, 0)))


def vent() -> Triangles:
    """A plate with three holes of 0.8 mm: they close."""
    plate = _block(0, 0, 0, 20, 10, 3)
    for x in (5, 10, 15):
        plate -= _prism(_circle(0.8, 16, x, 5), -1, 4)
    return _triangles(plate)


def locating_pins() -> Triangles:
    """A plate with two pins of 1.2 mm, 5 mm long."""
    plate = _block(0, 0, 0, 20, 12, 4)
    for x in (5, 15):
        plate += _prism(_circle(1.2, 24, x, 6), 3, 9)
    return _triangles(plate)


def far_away() -> Triangles:
    """A block drawn 140 m from the origin, where float32 has steps of 0.016 mm."""
    corners, faces = box()
    return corners + np.array([140_000.0, 0.0, 0.0]), faces


def box() -> Triangles:
    """20 x 30 x 10 mm. Facets 0 and 1 are its floor."""
    corners = np.array(
        [(x, y, z) for z in (0, 10) for x, y in ((0, 0), (20, 0), (20, 30), (0, 30))], np.float64
    )
    floor = [(0, 2, 1), (0, 3, 2)]
    lid = [(4, 5, 6), (4, 6, 7)]
    sides = [t for i in range(4) for t in _quad(i, (i + 1) % 4, 4 + (i + 1) % 4, 4 + i)]
    return corners, np.array([*floor, *lid, *sides], np.int32)


def _quad(a: int, b: int, c: int, d: int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    return (a, b, c), (a, c, d)


def open_box() -> Triangles:
    corners, faces = box()
    return corners, np.delete(faces, [2, 3], axis=0)


def open_corner() -> Triangles:
    """Two facets are missing that meet at an edge of the box: the hole goes round the corner."""
    corners, faces = box()
    return corners, np.delete(faces, [3, 8], axis=0)


def cracked_box() -> Triangles:
    """The lid and its sides do not meet: the lid's corners lie 4 um above theirs, as where digits
    were lost on the way."""
    corners, faces = box()
    faces = faces.copy()
    faces[2:4] += 4  # the lid gets corners of its own
    lifted = corners[4:] + np.array([0.0, 0.0, 0.004])
    return np.vstack([corners, lifted]), faces


def pinhole() -> Triangles:
    """One small facet of the lid is missing: less than 0.3 mm across."""
    corners, faces = box()
    inner = np.array([(10.0, 15.0, 10.0), (10.2, 15.0, 10.0), (10.0, 15.2, 10.0)])
    lid = [(4, 5, 9), (4, 9, 8), (5, 6, 9), (6, 10, 9), (6, 7, 10), (7, 4, 8), (7, 8, 10)]
    others = np.delete(faces, [2, 3], axis=0)
    return np.vstack([corners, inner]), np.vstack([others, np.array(lid, np.int32)])


def passed_vertex() -> Triangles:
    """One side has a vertex on its upper edge, the lid has none there: a T-junction."""
    corners, faces = box()
    middle = np.array([(10.0, 0.0, 10.0)])
    others = np.delete(faces, [4, 5], axis=0)
    side = np.array([(0, 1, 8), (1, 5, 8), (0, 8, 4)], np.int32)
    return np.vstack([corners, middle]), np.vstack([others, side])


def corner_to_corner() -> Triangles:
    """Two boxes that share a corner, and nothing else."""
    corners, faces = box()
    return _side_by_side((corners, faces), (corners + np.array([20.0, 30.0, 10.0]), faces))


def body_twice() -> Triangles:
    corners, faces = box()
    return corners, np.vstack([faces, faces])


def inside_out() -> Triangles:
    corners, faces = box()
    return corners, np.ascontiguousarray(faces[:, ::-1])


def one_side_flipped() -> Triangles:
    corners, faces = box()
    faces = faces.copy()
    faces[4:6] = faces[4:6, ::-1]
    return corners, faces


def clip() -> Triangles:
    """A U-shaped clip of one shell whose arms were drawn 0.3 mm into each other: the gap between
    them, from y = 6 to y = 5.7, is negative."""
    first = [(5.0, 0.0), (30.0, 0.0), (30.0, 6.0), (5.0, 6.0)]
    second = [(5.0, 5.7), (28.0, 5.7), (28.0, 12.0), (5.0, 12.0)]
    flat = np.array([*first, *second, (0.0, 0.0), (0.0, 12.0)])
    low, high = np.zeros(10), np.full(10, 8.0)
    low[4:8], high[4:8] = 1.0, 7.0  # the second arm is thinner
    corners = np.vstack([np.column_stack([flat, low]), np.column_stack([flat, high])])
    caps = [(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7), (8, 0, 3), (8, 3, 4), (8, 4, 7), (8, 7, 9)]
    outline = [8, 0, 1, 2, 3, 4, 5, 6, 7, 9]
    faces = [(c, b, a) for a, b, c in caps] + [(a + 10, b + 10, c + 10) for a, b, c in caps]
    for a, b in zip(outline, [*outline[1:], outline[0]], strict=True):
        faces += _quad(a, b, b + 10, a + 10)
    return corners, np.array(faces, np.int32)


def crossing_bodies() -> Triangles:
    """Two bars that lie through each other, never united."""
    return _side_by_side(
        _triangles(_block(0, 10, 0, 40, 20, 10)), _triangles(_block(15, 0, 1, 25, 30, 9))
    )


def two_bodies() -> Triangles:
    """Two pads in one file."""
    pad = _triangles(_prism(_rounded(0, 0, 24, 16, 3, 96), 0, 4))
    return _side_by_side(pad, (pad[0] + np.array([30.0, 0.0, 0.0]), pad[1]))


def _side_by_side(first: Triangles, second: Triangles) -> Triangles:
    return (
        np.vstack([first[0], second[0]]),
        np.vstack([first[1], second[1] + np.int32(len(first[0]))]),
    )


def thin_tube() -> Triangles:
    """A tube with a wall of 0.3 mm: less than the nozzle is wide."""
    return _triangles(
        _prism(_circle(12, 128, 0, 0), 0, 20) - _prism(_circle(11.4, 128, 0, 0), -1, 21)
    )


def fine_edges() -> Triangles:
    """A plate whose upright edges are rounded by 0.3 mm: no general tolerance covers such radii."""
    radius, steps = 0.3, 6
    outline = []
    for k, (x, y) in enumerate([(29.7, 19.7), (0.3, 19.7), (0.3, 0.3), (29.7, 0.3)]):
        for i in range(steps + 1):
            turn = math.pi / 2 * (k + i / steps)
            outline.append((x + radius * math.cos(turn), y + radius * math.sin(turn)))
    return _triangles(_prism(CrossSection([np.array(outline)]), 0, 4))


def coarse_cylinder() -> Triangles:
    """A cylinder of 12 mm in 16 sides: 0.115 mm off the round, over a quarter of +-0.2 mm."""
    return _triangles(_prism(_circle(12, 16, 0, 0), 0, 10))


def inch_part() -> Triangles:
    """A stepped block drawn in inches, on the 1/64 grid; STL cannot say so."""
    sixtyfourths = ((0, 0, 0, 96, 56, 11), (0, 0, 0, 37, 56, 33), (0, 0, 0, 96, 13, 23))
    blocks = [_block(*(25.4 * k / 64 for k in corners)) for corners in sixtyfourths]
    corners, faces = _triangles(Manifold.batch_boolean(blocks, OpType.Add))
    return np.rint(corners / 25.4 * 64) / 64, faces


def too_large() -> Triangles:
    """A plate of 203.2 x 304.8 x 12.7 mm: too long for a bed of 210 mm."""
    return _triangles(_block(0, 0, 0, 203.2, 304.8, 12.7))


# --- files -------------------------------------------------------------------------------

_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def obj_bytes(mesh: Triangles, title: str) -> bytes:
    lines = [f"# {title}", *(f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in mesh[0].tolist())]
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in mesh[1].tolist()]
    return ("\n".join(lines) + "\n").encode("ascii")


def ply_bytes(mesh: Triangles, title: str) -> bytes:
    head = (
        f"ply\nformat binary_little_endian 1.0\ncomment {title}\n"
        f"element vertex {len(mesh[0])}\nproperty double x\nproperty double y\nproperty double z\n"
        f"element face {len(mesh[1])}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    rows = np.zeros(len(mesh[1]), np.dtype([("n", "u1"), ("corners", "<i4", 3)]))
    rows["n"], rows["corners"] = 3, mesh[1]
    return head.encode("ascii") + mesh[0].astype("<f8").tobytes() + rows.tobytes()


def knob_3mf() -> bytes:
    """An assembly in inches: the body, and the bar placed on it twice, crosswise."""
    body, bar = knob_parts()
    turned = "0 1 0 -1 0 0 0 0 1 0 0 0.5"
    straight = "1 0 0 0 1 0 0 0 1 0 0 0.5"
    resources = (
        f'<object id="1" type="model" name="body">{_mesh_xml(body)}</object>'
        f'<object id="2" type="model" name="bar">{_mesh_xml(bar)}</object>'
        '<object id="3" type="model" name="knob"><components><component objectid="1"/>'
        f'<component objectid="2" transform="{straight}"/>'
        f'<component objectid="2" transform="{turned}"/></components></object>'
    )
    return _package({"3D/3dmodel.model": _model_xml(resources, '<item objectid="3"/>', "inch")})


def plates_3mf() -> bytes:
    """A project of two plates, its objects in parts of their own: as Bambu Studio and OrcaSlicer
    save it."""
    parts = {"ring": ring(), "wedge": wedge()}
    files = {
        f"3D/Objects/{name}.model": _model_xml(
            f'<object id="1" type="model">{_mesh_xml(mesh)}</object>', "", "millimeter"
        )
        for name, mesh in parts.items()
    }
    objects = "".join(
        f'<object id="{number}" type="model"><components>'
        f'<component p:path="/3D/Objects/{name}.model" objectid="1"/></components></object>'
        for number, name in enumerate(parts, start=2)
    )
    items = "".join(
        f'<item objectid="{number}" transform="1 0 0 0 1 0 0 0 1 {x} 100 0"/>'
        for number, x in ((2, 100), (3, 400))
    )
    plates = "".join(
        f'<plate><metadata key="plater_id" value="{number - 1}"/>'
        f'<metadata key="plater_name" value="{name}"/>'
        f'<model_instance><metadata key="object_id" value="{number}"/>'
        '<metadata key="instance_id" value="0"/></model_instance></plate>'
        for number, name in enumerate(parts, start=2)
    )
    extra = f' xmlns:p="{_PRODUCTION}" requiredextensions="p"'
    root = _model_xml(objects, items, "millimeter", extra)
    settings = f"{_XML}<config>{plates}</config>"
    return _package({"3D/3dmodel.model": root, **files, "Metadata/model_settings.config": settings})


def _mesh_xml(mesh: Triangles) -> str:
    vertices = "".join(f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in mesh[0].tolist())
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in mesh[1].tolist())
    return f"<mesh><vertices>{vertices}</vertices><triangles>{faces}</triangles></mesh>"


def _model_xml(resources: str, build: str, unit: str, attributes: str = "") -> str:
    return (
        f'{_XML}<model unit="{unit}" xml:lang="en-US" xmlns="{_CORE}"{attributes}>'
        f"<resources>{resources}</resources><build>{build}</build></model>"
    )


def _package(parts: dict[str, str]) -> bytes:
    """Stored, not deflated: bytes that do not depend on the zlib build."""
    types = (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="model" '
        'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>'
    )
    relation = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
    start = (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r0" '
        f'Type="{relation}" Target="/3D/3dmodel.model"/></Relationships>'
    )
    others = [name for name in parts if name.startswith("3D/Objects/")]
    if others:
        rows = "".join(
            f'<Relationship Id="r{k}" Type="{relation}" Target="/{name}"/>'
            for k, name in enumerate(others)
        )
        parts["3D/_rels/3dmodel.model.rels"] = (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, text in {"[Content_Types].xml": types, "_rels/.rels": start, **parts}.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # else the platform's own
            archive.writestr(entry, text.encode("utf-8"))
    return buffer.getvalue()


def with_nan(data: bytes, facet: int) -> bytes:
    at = 84 + 50 * facet + 12
    return data[:at] + struct.pack("<f", math.nan) + data[at + 4 :]


_TITLES = {"bracket.stl": "bracket, mm", "Кронштейн №4 (изм. 2).stl": "angle bracket"}
"""Headers of STL files where the name does not say it in ASCII."""


def samples() -> dict[str, bytes]:
    """File name to bytes, for every sample."""
    plain = stl_bytes(box(), "printstd sample: box, mm")
    solids = {
        "bracket.stl": bracket(),
        "cube20.stl": cube(),
        "two_bodies.stl": two_bodies(),
        "tee.stl": tee(),
        "arch.stl": arch(),
        "hook.stl": hook(),
        "pin.stl": pin(),
        "closed_space.stl": closed_space(),
        "shim.stl": shim(),
        "Кронштейн №4 (изм. 2).stl": angle(),
        "open_box.stl": open_box(),
        "open_corner.stl": open_corner(),
        "cracked_box.stl": cracked_box(),
        "pinhole.stl": pinhole(),
        "passed_vertex.stl": passed_vertex(),
        "corner_to_corner.stl": corner_to_corner(),
        "body_twice.stl": body_twice(),
        "inside_out.stl": inside_out(),
        "one_side_flipped.stl": one_side_flipped(),
        "clip_arms_overlap.stl": clip(),
        "crossing_bodies.stl": crossing_bodies(),
        "thin_tube.stl": thin_tube(),
        "coarse_cylinder.stl": coarse_cylinder(),
        "fine_edges.stl": fine_edges(),
        "inch_part.stl": inch_part(),
        "too_large.stl": too_large(),
        "nameplate.stl": nameplate(),
        "fine_print.stl": fine_print(),
        "slit_block.stl": slit_block(),
        "tight_hinge.stl": tight_hinge(),
        "lid.stl": lid(),
        "paper_fin.stl": paper_fin(),
        "knife.stl": knife(),
        "vent.stl": vent(),
        "locating_pins.stl": locating_pins(),
        "far_away.stl": far_away(),
    }
    files = {
        name: stl_bytes(mesh, f"printstd sample: {_TITLES.get(name, name[:-4])}")
        for name, mesh in solids.items()
    }
    return files | {
        "wedge.obj": obj_bytes(wedge(), "printstd sample: wedge, mm"),
        "ring.ply": ply_bytes(ring(), "printstd sample: ring, mm"),
        "knob_inch.3mf": knob_3mf(),
        "two_plates.3mf": plates_3mf(),
        "not_a_number.stl": with_nan(plain, 7),
        "cut_short.stl": plain[:-20],
    }


_SPOOL = """# A spool of PLA, as its maker's papers and our own gauge say.
[filament]
manufacturer = "Example Filaments"
polymer = "PLA"
filler = "none"
colour = "natural"
lot = "PL-2026-0917"
standard = "ISO 5425:2023"
production_date = 2026-09-17
use_by = 2028-09-17
used_on = 2026-11-20
regrind_percent = 0

[geometry]
nominal_diameter_mm = 1.75
tolerance_mm = 0.03
least_diameter_mm = 1.738
mean_diameter_mm = 1.752
greatest_diameter_mm = 1.765
out_of_roundness_mm = 0.021
out_of_roundness_limit_mm = 0.05
points_per_section = 5
sections = 3
specimens = 5
gauge_mm = 0.001

[mass]
net_kg = 1.0
tolerance_kg = 0.02

[moisture]
moisture_ppm = 180
measured_on = 2026-11-19

[melt_flow]
mfr_g_10min = 6.0
temperature_c = 210
load_kg = 2.16

[physical]
density_g_cm3 = 1.24
glass_transition_c = 60
melting_c = 165

[strand]
tensile_load_n = 110
elongation_percent = 4

[drying]
way = "spool"
temperature_c = 45
hours = 6
on = 2026-11-18

[papers]
migratable_elements = "EN 71-3, report 26-114"
drying_conditions = "45 degC, 6 h"
storage = "dry, below 30 degC"
packaging = "sealed with desiccant"
conformance = "EF-26-0917"
"""

_BAD_SPOOL = """# Another spool: too thick, oval, wet, too old, of no lot and not PLA.
[filament]
manufacturer = "Example Filaments"
polymer = "PETG"
standard = "GB/T 42620-2023"
production_date = 2023-05-02
use_by = 2025-05-02
used_on = 2026-11-20

[geometry]
nominal_diameter_mm = 3.0
tolerance_mm = 0.1
mean_diameter_mm = 2.88
out_of_roundness_mm = 0.09
points_per_section = 2

[moisture]
moisture_ppm = 900
"""

_ORDER = """# An order of one bracket.
documentation = ["report", "certificates of program"]

[order]
id = "PO-2026-0117"
customer = "Example Machines"
supplier = "Example Prints"
part_name = "Motor bracket"
quantity = 4
delivery_address = "1 Example Street"
packaging = "bagged one by one"

[part.geometry]
file = "bracket.stl"
format = "STL"
version = "3"
sha256 = "{sha256}"
units = "mm"

[part.drawing]
number = "KB-0417"
index = "C"

[part.tolerances]
general = "ISO 2768-m"

[[part.functional_zones]]
name = "bore"
min_mm = [21.0, 12.0, -0.5]
max_mm = [31.0, 22.0, 14.5]

[[part.cosmetic_zones]]
name = "front"
min_mm = [-0.5, 3.5, 0.0]
max_mm = [0.5, 30.5, 14.5]

[part.surface_texture]
parameter = "Ra"
max_um = 25.0
zones = ["front"]

[part.orientation]
notation = "XYZ"

[feedstock]
spec = "PLA"
lot = "PL-2026-0917"
storage = "dry"
reuse = "none"

[process]
designation = "MEX-TRB/P"
post_processing = ["deburr the bore"]
control = "audit of every program"

[acceptance]
repair_allowed = false
acceptable_imperfections = ["stringing below 0.2 mm"]

[inspection]
first_production_part = true
"""

_BAD_ORDER = """# An order that cannot be made: of another file, without a change index, with a
# zone beside the part, an orientation that contradicts itself, another process and feedstock.
[order]
id = "PO-2026-0118"

[part.geometry]
sha256 = "{sha256}"

[part.drawing]
number = "KB-0417"

[[part.functional_zones]]
name = "bore"
min_mm = [1000.0, 0.0, 0.0]
max_mm = [1010.0, 10.0, 10.0]

[part.orientation]
notation = "ZXY"
rotate_deg = [0.0, 0.0, 0.0]

[feedstock]
spec = "PA12"

[process]
designation = "PBF-LB/P"
"""


_PASSPORT = """# What the owner of a printed bracket tells for its passport.

[part]
serial = "A-000123"
gtin = "04006381333931"
batch = "2026-11"

[link]
resolver = "id.example.org"

[time]
started_at = "2026-11-26T08:00:00Z"
finished_at = "2026-11-26T08:41:10Z"

[cost]
currency = "KZT"
total = "1250.00"
items = [
  { name = "material", amount = "310.00" },
  { name = "machine", amount = "640.00" },
  { name = "labour", amount = "300.00" },
]

[procurement]
delivered_on = 2026-12-01

[machine]
serial = "MK4S-0042"
site = "Цех 3, Алматы"

[maintenance]
last_service_on = 2026-10-01
next_service_on = 2027-01-01
counters = [
  { name = "printing", value = "1284.5", unit = "h" },
  { name = "nozzle", value = "212.0", unit = "h" },
]
"""


def records() -> dict[str, bytes]:
    """File name to bytes, for every sample of a record."""
    models = samples()
    ordered, other = (
        hashlib.sha256(models[name]).hexdigest() for name in ("bracket.stl", "cube20.stl")
    )
    texts = {
        "feedstock_pla.toml": _SPOOL,
        "feedstock_bad.toml": _BAD_SPOOL,
        "order_bracket.toml": _ORDER.replace("{sha256}", ordered),
        "passport_bracket.toml": _PASSPORT,
        "order_bad.toml": _BAD_ORDER.replace("{sha256}", other),
    }
    return {name: text.encode("utf-8") for name, text in texts.items()}


def main(folder: Path) -> None:
    (folder / "records").mkdir(exist_ok=True)
    files = samples() | {f"records/{name}": content for name, content in records().items()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)

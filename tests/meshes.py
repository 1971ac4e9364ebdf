"""Named meshes built in code, and the same meshes as bytes of every format.

A mesh is (vertices (v, 3) float64 mm, faces (f, 3) int32), counter-clockwise seen from
outside. Everything here is for tests: parts that users see are made in samples/.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Triangles = tuple[NDArray[np.float64], NDArray[np.int32]]

_BOX_FACES = (
    *((0, 2, 1), (0, 3, 2), (4, 5, 6), (4, 6, 7), (0, 1, 5), (0, 5, 4)),
    *((1, 2, 6), (1, 6, 5), (2, 3, 7), (2, 7, 6), (3, 0, 4), (3, 4, 7)),
)


def box(
    size: tuple[float, float, float] = (20.0, 20.0, 20.0),
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Triangles:
    """Twelve triangles; `origin` is the lowest corner."""
    unit = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
    corners = np.array(unit, np.float64)
    return corners * np.array(size) + np.array(origin), np.array(_BOX_FACES, np.int32)


def cube(size: float = 20.0, origin: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Triangles:
    return box((size, size, size), origin)


def tetrahedron(size: float = 10.0) -> Triangles:
    vertices = np.array([(0, 0, 0), (size, 0, 0), (0, size, 0), (0, 0, size)], np.float64)
    return vertices, np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)], np.int32)


def prism(outline: Iterable[tuple[float, float]], height: float, base_z: float = 0.0) -> Triangles:
    """A convex outline, counter-clockwise, drawn upwards; caps are fans."""
    ring = np.array(list(outline), np.float64)
    n = len(ring)
    low = np.column_stack([ring, np.full(n, base_z)])
    high = np.column_stack([ring, np.full(n, base_z + height)])
    around = [(i, (i + 1) % n) for i in range(n)]
    sides = [t for i, j in around for t in ((i, j, n + j), (i, n + j, n + i))]
    caps = [t for i in range(1, n - 1) for t in ((0, i + 1, i), (n, n + i, n + i + 1))]
    return np.concatenate([low, high]), np.array(sides + caps, np.int32)


def cylinder(radius: float = 10.0, height: float = 20.0, n_sides: int = 64) -> Triangles:
    """Axis on z, from z = 0; vertices on the true circle."""
    turns = [2 * math.pi * i / n_sides for i in range(n_sides)]
    return prism([(radius * math.cos(t), radius * math.sin(t)) for t in turns], height)


def tube(
    outer_radius: float = 10.0, inner_radius: float = 8.0, height: float = 20.0, n_sides: int = 64
) -> Triangles:
    """A closed tube, axis on z, from z = 0."""
    turns = 2 * np.pi * np.arange(n_sides) / n_sides
    circle = np.column_stack([np.cos(turns), np.sin(turns)])
    rings = [
        np.column_stack([circle * r, np.full(n_sides, z)])
        for r, z in (
            (outer_radius, 0),
            (outer_radius, height),
            (inner_radius, height),
            (inner_radius, 0),
        )
    ]
    faces = []
    for k in range(4):
        for i in range(n_sides):
            j = (i + 1) % n_sides
            a, b = k * n_sides, (k + 1) % 4 * n_sides
            faces += [(a + i, a + j, b + j), (a + i, b + j, b + i)]
    return np.concatenate(rings), np.array(faces, np.int32)


def torus(
    major: float = 20.0, minor: float = 6.0, n_major: int = 48, n_minor: int = 24
) -> Triangles:
    """A closed torus about z, its lowest point at z = 0."""
    u = 2 * np.pi * np.arange(n_major) / n_major
    v = 2 * np.pi * np.arange(n_minor) / n_minor
    radius = major + minor * np.cos(v)[None, :]
    xyz = np.stack(
        [
            np.cos(u)[:, None] * radius,
            np.sin(u)[:, None] * radius,
            np.broadcast_to(minor * (1 + np.sin(v))[None, :], (n_major, n_minor)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(n_major), np.arange(n_minor), indexing="ij")
    i2, j2 = (i + 1) % n_major, (j + 1) % n_minor
    a, b, c, d = (p * n_minor + q for p, q in ((i, j), (i2, j), (i2, j2), (i, j2)))
    faces = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], axis=2)
    return xyz, np.ascontiguousarray(faces.reshape(-1, 3), np.int32)


def bracket() -> Triangles:
    """samples/bracket.stl as it is made."""
    from samples.making.parts import bracket as make

    return make()


def merged(*meshes: Triangles) -> Triangles:
    """All meshes side by side in one, nothing united."""
    starts = np.cumsum([0, *(len(v) for v, _ in meshes[:-1])])
    return (
        np.concatenate([v for v, _ in meshes]),
        np.concatenate([f + s for (_, f), s in zip(meshes, starts, strict=True)]).astype(np.int32),
    )


def moved(mesh: Triangles, shift: tuple[float, float, float]) -> Triangles:
    return mesh[0] + np.array(shift), mesh[1]


def scaled(mesh: Triangles, factor: float) -> Triangles:
    return mesh[0] * factor, mesh[1]


def inside_out(mesh: Triangles) -> Triangles:
    return mesh[0], np.ascontiguousarray(mesh[1][:, ::-1])


def with_flipped(mesh: Triangles, facet: int) -> Triangles:
    faces = mesh[1].copy()
    faces[facet] = faces[facet, ::-1]
    return mesh[0], faces


def without(mesh: Triangles, facets: Iterable[int]) -> Triangles:
    return mesh[0], np.delete(mesh[1], list(facets), axis=0)


def with_again(mesh: Triangles, facets: Iterable[int]) -> Triangles:
    """The mesh with some facets twice."""
    return mesh[0], np.concatenate([mesh[1], mesh[1][list(facets)]])


def signed_volume(mesh: Triangles) -> float:
    a, b, c = (mesh[0][mesh[1][:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


# --- bytes of every format ---------------------------------------------------------------


def stl_binary(mesh: Triangles, header: bytes = b"made by a test") -> bytes:
    corners = mesh[0][mesh[1]].astype("<f4")
    record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    records = np.zeros(len(corners), record)
    records["corners"] = corners
    with np.errstate(over="ignore"):
        records["normal"] = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return header.ljust(80, b"\0")[:80] + struct.pack("<I", len(corners)) + records.tobytes()


def stl_ascii(mesh: Triangles, name: str = "part", eol: str = "\n") -> bytes:
    lines = [f"solid {name}"]
    for a, b, c in mesh[0][mesh[1]].tolist():
        lines += ["  facet normal 0 0 0", "    outer loop"]
        lines += [f"      vertex {x!r} {y!r} {z!r}" for x, y, z in (a, b, c)]
        lines += ["    endloop", "  endfacet"]
    lines += [f"endsolid {name}", ""]
    return eol.join(lines).encode()


def obj(mesh: Triangles) -> bytes:
    lines = ["# made by a test", *(f"v {x!r} {y!r} {z!r}" for x, y, z in mesh[0].tolist())]
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in mesh[1].tolist()]
    return ("\n".join(lines) + "\n").encode()


def ply(mesh: Triangles, encoding: str = "binary_little_endian", real: str = "double") -> bytes:
    """`encoding`: ascii, binary_little_endian, binary_big_endian; `real`: float, double."""
    head = [f"format {encoding} 1.0", f"element vertex {len(mesh[0])}"]
    head += [f"property {real} {axis}" for axis in "xyz"]
    head += [f"element face {len(mesh[1])}", "property list uchar int vertex_indices", "end_header"]
    text = "".join(f"{line}\n" for line in ["ply", *head])
    if encoding == "ascii":
        text += "".join(f"{x!r} {y!r} {z!r}\n" for x, y, z in mesh[0].tolist())
        text += "".join(f"3 {a} {b} {c}\n" for a, b, c in mesh[1].tolist())
        return text.encode()
    mark = "<" if encoding == "binary_little_endian" else ">"
    rows = np.zeros(len(mesh[1]), np.dtype([("n", "u1"), ("abc", f"{mark}i4", 3)]))
    rows["n"], rows["abc"] = 3, mesh[1]
    vertices = mesh[0].astype(f"{mark}f{8 if real == 'double' else 4}")
    return text.encode() + vertices.tobytes() + rows.tobytes()


CORE_3MF = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION_3MF = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
_MODEL_REL = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" '
    'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>'
    '<Default Extension="config" ContentType="text/xml"/>'
    "</Types>"
)


def mesh_xml(mesh: Triangles) -> str:
    """The <mesh> element of one mesh."""
    vertices = "".join(f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in mesh[0].tolist())
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in mesh[1].tolist())
    return f"<mesh><vertices>{vertices}</vertices><triangles>{faces}</triangles></mesh>"


def model_xml(resources: str, build: str, attributes: str = 'unit="millimeter"') -> str:
    """A whole 3MF model part."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><model {attributes} xml:lang="en-US" '
        f'xmlns="{CORE_3MF}"><resources>{resources}</resources><build>{build}</build></model>'
    )


def relationships_xml(*targets: str, type_: str = _MODEL_REL) -> str:
    rows = "".join(
        f'<Relationship Id="r{i}" Type="{type_}" Target="{target}"/>'
        for i, target in enumerate(targets)
    )
    name = "http://schemas.openxmlformats.org/package/2006/relationships"
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{declaration}<Relationships xmlns="{name}">{rows}</Relationships>'


def zip_3mf(model: str, extra: dict[str, str | bytes] | None = None) -> bytes:
    """A 3MF package around one root model part; `extra` adds or replaces parts."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": relationships_xml("/3D/3dmodel.model"),
        "3D/3dmodel.model": model,
    }
    parts.update(extra or {})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def three_mf(mesh: Triangles, unit: str = "millimeter") -> bytes:
    """One object, one build item, no transform."""
    resources = f'<object id="1" type="model">{mesh_xml(mesh)}</object>'
    return zip_3mf(model_xml(resources, '<item objectid="1"/>', f'unit="{unit}"'))

"""One model in other words: moved, turned, mirrored, divided, in another order, format or unit.
What is said of it must stay the same (facts of validation 5, the metamorphic set).
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.generated import stl_bytes

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Vertices (v, 3), mm, and faces (f, 3)."""

MOVED_MM: Final = (50.0, 200.0, 1000.0)
TURNED_DEG: Final = 17.0


class Changed(NamedTuple):
    """is_turned : axes have another meaning, so extents do. is_divided : facets and edges are more.
    precision_mm : what the file's numbers round."""

    name: str
    file: str
    content: bytes
    is_turned: bool
    is_divided: bool
    precision_mm: float


def changed(mesh: Mesh) -> Iterator[Changed]:
    """Every change of the set. The mesh is first brought to what float32 can say, so that binary
    STL holds it as it is."""
    vertices = mesh[0].astype(np.float32).astype(np.float64)
    base = (vertices, np.asarray(mesh[1], np.int64))
    exact = 1e-9
    yield Changed("as it is", "part.stl", binary(base), False, False, exact)
    for mm in MOVED_MM:
        far = (vertices + np.array([mm, -mm, mm / 2]), base[1])
        yield Changed(f"moved by {mm:g} mm", "part.stl", binary(far), False, False, 4e-8 * mm)
    yield Changed(
        f"turned by {TURNED_DEG:g} deg", "part.ply", ply(turned(base)), True, False, exact
    )
    mirrored = (vertices * np.array([-1.0, 1.0, 1.0]), base[1][:, ::-1])
    yield Changed("mirrored", "part.stl", binary(mirrored), True, False, exact)
    yield Changed(
        "facets in another order", "part.stl", binary(shuffled(base)), False, False, exact
    )
    yield Changed("other first corners", "part.stl", binary(rotated(base)), False, False, exact)
    yield Changed("divided", "part.ply", ply(divided(base)), False, True, exact)
    for name, file, write in FORMATS:
        yield Changed(name, file, write(base), False, False, exact)
    inches = (vertices / 25.4, base[1])
    yield Changed("in inches", "part.3mf", three_mf(inches, "inch"), False, False, exact)


def turned(mesh: Mesh) -> Mesh:
    """About Z, as far as no axis or diagonal is met."""
    c, s = math.cos(math.radians(TURNED_DEG)), math.sin(math.radians(TURNED_DEG))
    x, y, z = mesh[0].T
    return np.stack([c * x - s * y, s * x + c * y, z], axis=1), mesh[1]


def shuffled(mesh: Mesh) -> Mesh:
    return mesh[0], mesh[1][np.random.default_rng(7).permutation(len(mesh[1]))]


def rotated(mesh: Mesh) -> Mesh:
    start = np.random.default_rng(8).integers(0, 3, len(mesh[1]))
    return mesh[0], np.take_along_axis(mesh[1], (start[:, None] + np.arange(3)) % 3, axis=1)


def divided(mesh: Mesh) -> Mesh:
    """Each facet in four, by the middles of its edges."""
    vertices, faces = mesh
    ends = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    edges, number = np.unique(ends, axis=0, return_inverse=True)
    a, b, c = faces.T
    ab, bc, ca = (len(vertices) + number.reshape(-1, 3)).T
    rows = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    middles = (vertices[edges[:, 0]] + vertices[edges[:, 1]]) / 2
    return np.vstack([vertices, middles]), np.concatenate([np.stack(row, 1) for row in rows])


def binary(mesh: Mesh) -> bytes:
    return stl_bytes(mesh[0][mesh[1]])


def ascii_stl(mesh: Mesh) -> bytes:
    lines = ["solid part"]
    for corners in mesh[0][mesh[1]].tolist():
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += [f"vertex {x!r} {y!r} {z!r}" for x, y, z in corners]
        lines += ["endloop", "endfacet"]
    return "\n".join([*lines, "endsolid part", ""]).encode()


def obj(mesh: Mesh) -> bytes:
    lines = [f"v {x!r} {y!r} {z!r}" for x, y, z in mesh[0].tolist()]
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in mesh[1].tolist()]
    return "\n".join([*lines, ""]).encode()


def ply(mesh: Mesh) -> bytes:
    head = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(mesh[0])}\n"
        "property double x\nproperty double y\nproperty double z\n"
        f"element face {len(mesh[1])}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    rows = np.zeros(len(mesh[1]), np.dtype([("n", "u1"), ("corners", "<i4", 3)]))
    rows["n"], rows["corners"] = 3, mesh[1]
    return head.encode() + np.asarray(mesh[0], "<f8").tobytes() + rows.tobytes()


_CORE: Final = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_MODEL: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"


def three_mf(mesh: Mesh, unit: str = "millimeter") -> bytes:
    points = "".join(f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in mesh[0].tolist())
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in mesh[1].tolist())
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default '
        'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="model" '
        'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r0" '
        f'Type="{_MODEL}" Target="/3D/3dmodel.model"/></Relationships>',
        "3D/3dmodel.model": f'<model unit="{unit}" xmlns="{_CORE}"><resources>'
        f'<object id="1" type="model"><mesh><vertices>{points}</vertices><triangles>{faces}'
        '</triangles></mesh></object></resources><build><item objectid="1"/></build></model>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            declared = f'<?xml version="1.0" encoding="UTF-8"?>{text}'
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), declared)
    return buffer.getvalue()


FORMATS: Final[tuple[tuple[str, str, Callable[[Mesh], bytes]], ...]] = (
    ("ASCII STL", "part.stl", ascii_stl),
    ("OBJ", "part.obj", obj),
    ("PLY", "part.ply", ply),
    ("3MF", "part.3mf", three_mf),
)

"""Triangles as files: STL, OBJ, PLY and stored 3MF without dates."""

from __future__ import annotations

import io
import math
import struct
import zipfile

import numpy as np

from samples.making.parts import knob_parts, ring, wedge
from samples.making.solids import Triangles

_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


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

"""The repaired mesh as a file that says which file it was made of."""

from __future__ import annotations

import io
import zipfile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.facets import facet_shapes

_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>'
_CORE: Final = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_MODEL: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"

_RECORD: Final = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def encoded(
    vertices_mm: NDArray[np.float64], faces: NDArray[np.int32], *, is_3mf: bool, source_sha256: str
) -> bytes:
    """Binary STL or 3MF, in millimetres; the same bytes for the same mesh and source."""
    make = _three_mf if is_3mf else _stl
    return make(vertices_mm, faces, source_sha256)


def _stl(vertices_mm: NDArray[np.float64], faces: NDArray[np.int32], sha256: str) -> bytes:
    """The header carries the digest: 14 characters and 64."""
    records = np.zeros(len(faces), _RECORD)
    records["normal"] = facet_shapes(vertices_mm, faces).normal + 0.0
    records["corners"] = vertices_mm[faces] + 0.0
    header = f"source sha256 {sha256}".encode("ascii").ljust(80)
    return b"".join([header, len(faces).to_bytes(4, "little"), records.tobytes()])


def _three_mf(vertices_mm: NDArray[np.float64], faces: NDArray[np.int32], sha256: str) -> bytes:
    """One object; coordinates in the shortest digits that give the same float64 back."""
    vertices = "".join(
        f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in (vertices_mm + 0.0).tolist()
    )
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in faces.tolist())
    model = (
        f'{_XML}<model unit="millimeter" xml:lang="en-US" xmlns="{_CORE}">'
        f'<metadata name="Application">printstd</metadata>'
        f'<metadata name="Description">repaired; source sha256 {sha256}</metadata>'
        f'<resources><object id="1" type="model"><mesh><vertices>{vertices}</vertices>'
        f"<triangles>{triangles}</triangles></mesh></object></resources>"
        f'<build><item objectid="1"/></build></model>'
    )
    types = (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="model" '
        'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>'
    )
    relations = (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r0" '
        f'Type="{_MODEL}" Target="/3D/3dmodel.model"/></Relationships>'
    )
    parts = {"[Content_Types].xml": types, "_rels/.rels": relations, "3D/3dmodel.model": model}
    buffer = io.BytesIO()
    # Stored: the bytes do not depend on a zlib build.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # else the platform's own
            archive.writestr(entry, text.encode("utf-8"))
    return buffer.getvalue()

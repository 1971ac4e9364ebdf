"""Namespaces, types and codes of 3MF."""

from __future__ import annotations

from typing import Final, NoReturn

from printstd.errors import InputError
from printstd.words import said

SOURCE: Final = "3MF Core 1.4.0"

CORE: Final = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION: Final = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
MATERIALS: Final = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
CONTENT_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONSHIPS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"

RELATIONSHIPS_TYPE: Final = "application/vnd.openxmlformats-package.relationships+xml"
MODEL_TYPE: Final = "application/vnd.ms-package.3dmanufacturing-3dmodel+xml"
MODEL_RELATIONSHIP: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
THUMBNAIL_RELATIONSHIP: Final = (
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"
)
CORE_PROPERTIES_RELATIONSHIP: Final = (
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
)
TICKET_RELATIONSHIP: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/printticket"
TEXTURE_RELATIONSHIP: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dtexture"
TICKET_TYPE: Final = "application/vnd.ms-printing.printticket+xml"
TEXTURE_TYPE: Final = "application/vnd.ms-package.3dmanufacturing-3dmodeltexture"
PICTURE_TYPES: Final = ("image/jpeg", "image/png")
KEYSTORE_RELATIONSHIP: Final = "http://schemas.microsoft.com/3dmanufacturing/2019/04/keystore"

EXTENSION_NAMES: Final = {
    PRODUCTION: "Production",
    MATERIALS: "Materials and Properties",
    "http://schemas.microsoft.com/3dmanufacturing/beamlattice/2017/02": "Beam Lattice",
    "http://schemas.microsoft.com/3dmanufacturing/beamlattice/balls/2020/07": "Beam Lattice Balls",
    "http://schemas.microsoft.com/3dmanufacturing/slice/2015/07": "Slice",
    "http://schemas.microsoft.com/3dmanufacturing/securecontent/2019/04": "Secure Content",
    "http://schemas.microsoft.com/3dmanufacturing/trianglesets/2021/07": "Triangle Sets",
    "http://schemas.3mf.io/3dmanufacturing/volumetric/2022/01": "Volumetric",
    "http://schemas.3mf.io/3dmanufacturing/implicit/2023/12": "Implicit",
    "http://schemas.3mf.io/3dmanufacturing/displacement/2023/10": "Displacement",
    "http://schemas.microsoft.com/3dmanufacturing/displacement/2022/07": "Displacement",
    "http://schemas.3mf.io/3dmanufacturing/booleanoperations/2023/07": "Boolean Operations",
}

NO_SHAPE: Final = frozenset(
    (
        PRODUCTION,
        MATERIALS,
        "http://schemas.microsoft.com/3dmanufacturing/trianglesets/2021/07",
        "http://schemas.slic3r.org/3mf/2017/06",
        "http://schemas.bambulab.com/package/2021",
    )
)
"""Extensions that say nothing about where material goes."""


def extension_name(namespace: str) -> str:
    known = EXTENSION_NAMES.get(namespace)
    return f"{known} ({namespace})" if known else namespace


def refuse(
    code: int,
    what: str,
    where: str,
    got: str | None = None,
    wanted: str | None = None,
    hint: str = "",
) -> NoReturn:
    raise InputError(
        what,
        where=where,
        got=got[:200] if got else None,
        wanted=wanted,
        hint=hint or said("export the model again"),
        code=f"3MF-{code:03d}",
    )

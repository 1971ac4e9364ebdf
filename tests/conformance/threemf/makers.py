"""Packages around one tetrahedron, with something of them as a test wants it."""

from __future__ import annotations

import io
import zipfile
from typing import Final, NamedTuple

from tests import meshes
from tests.meshes import mesh_xml, model_xml, zip_3mf

Extra = dict[str, str | bytes]
MATERIALS: Final = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
REL: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/"
OPC: Final = "http://schemas.openxmlformats.org/package/2006/"
TETRA: Final = mesh_xml(meshes.tetrahedron(10.0))
ITEM: Final = '<item objectid="1"/>'
PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(40)
RELATIONSHIPS_TYPE: Final = "application/vnd.openxmlformats-package.relationships+xml"
MODEL_TYPE: Final = "application/vnd.ms-package.3dmanufacturing-3dmodel+xml"
START: Final = "/3D/3dmodel.model"


class Case(NamedTuple):
    """code : with which it is refused; empty where it is taken."""

    name: str
    data: bytes
    code: str = ""


class Rule(NamedTuple):
    chapter: str
    says: str
    cases: tuple[Case, ...]


def thing(content: str = TETRA, more: str = "", number: int = 1) -> str:
    return f'<object id="{number}" {more}>{content}</object>'


def file(
    resources: str = "", build: str = ITEM, attributes: str = "", extra: Extra | None = None
) -> bytes:
    return zip_3mf(model_xml(resources or thing(), build, attributes), extra)


def root(text: str, extra: Extra | None = None) -> bytes:
    return zip_3mf(text, extra)


def mesh(old: str, new: str) -> bytes:
    assert old in TETRA, old
    return file(thing(TETRA.replace(old, new, 1)))


def metadata(*names: str, attributes: str = "", value: str = "x") -> bytes:
    rows = "".join(f'<metadata name="{name}">{value}</metadata>' for name in names)
    return root(model_xml(thing(), ITEM, attributes).replace("<resources>", rows + "<resources>"))


def types(*rows: str, model: str = MODEL_TYPE) -> str:
    """[Content_Types].xml; `rows` beside those of relationships and models."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{OPC}content-types">'
        f'<Default Extension="rels" ContentType="{RELATIONSHIPS_TYPE}"/>'
        f'<Default Extension="model" ContentType="{model}"/>{"".join(rows)}</Types>'
    )


def default(extension: str, kind: str) -> str:
    return f'<Default Extension="{extension}" ContentType="{kind}"/>'


def relationships(
    *rows: tuple[str, str], start: bool = True, mode: str = "", ids: str = "a{}"
) -> str:
    """(type, target) beside the start part's."""
    every = [(REL + "3dmodel", START), *rows] if start else list(rows)
    text = "".join(
        f'<Relationship Id="{ids.format(i)}" Type="{kind}" Target="{target}"{mode}/>'
        for i, (kind, target) in enumerate(every)
    )
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{declaration}<Relationships xmlns="{OPC}relationships">{text}</Relationships>'


def package(extra: Extra) -> bytes:
    return file(extra=extra)


def with_thumbnail(*targets: str, kind: str = "image/png") -> bytes:
    return package(
        {
            "[Content_Types].xml": types(default("png", kind), default("jpg", "image/jpeg")),
            "_rels/.rels": relationships(
                *((OPC + "relationships/metadata/thumbnail", target) for target in targets)
            ),
            **{target[1:]: PNG for target in targets},
        }
    )


def with_tickets(*targets: str, kind: str = "application/vnd.ms-printing.printticket+xml") -> bytes:
    return package(
        {
            "[Content_Types].xml": types(default("xml", kind)),
            "3D/_rels/3dmodel.model.rels": relationships(
                *((REL + "printticket", target) for target in targets), start=False
            ),
            **{target[1:]: "<a/>" for target in targets},
        }
    )


def without(part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(file())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != part}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def placed(transform: str) -> bytes:
    return file(build=f'<item objectid="1" transform="{transform}"/>')


def component(*numbers: int, more: str = "") -> str:
    uses = "".join(f'<component objectid="{number}" {more}/>' for number in numbers)
    return f"<components>{uses}</components>"


BASE: Final = (
    '<basematerials id="5"><base name="PLA" displaycolor="#FF8000"/>'
    '<base name="PVA" displaycolor="#10203040"/></basematerials>'
)
COLOURS: Final = (
    '<m:colorgroup id="6"><m:color color="#102030"/><m:color color="#A0b0C0ff"/></m:colorgroup>'
)
TEXTURE: Final = '<m:texture2d id="7" path="/3D/Textures/a.png" contenttype="image/png" {more}/>'
COORDINATES: Final = (
    '<m:texture2dgroup id="8" texid="7"><m:tex2coord u="0" v="1.5"/><m:tex2coord u="-1e-1" v="0"/>'
    "</m:texture2dgroup>"
)
COMPOSITE: Final = (
    '<m:compositematerials id="9" matid="5" matindices="0 1"><m:composite values="0.5 0.5"/>'
    '<m:composite values="1"/></m:compositematerials>'
)
MULTI: Final = (
    '<m:multiproperties id="10" pids="5 6" {more}><m:multi pindices="{indices}"/>'
    "</m:multiproperties>"
)
TEXTURES: Final[Extra] = {
    "[Content_Types].xml": types(default("png", "image/png")),
    "3D/_rels/3dmodel.model.rels": relationships(
        (REL + "3dtexture", "/3D/Textures/a.png"), start=False
    ),
    "3D/Textures/a.png": PNG,
}


def multi(more: str = "", indices: str = "0 1", pids: str = "5 6") -> str:
    return MULTI.format(more=more, indices=indices).replace('pids="5 6"', f'pids="{pids}"')


def painted(
    groups: str, triangle: str = "", own: str = "", extra: Extra | None = None, required: str = ""
) -> bytes:
    """A tetrahedron with properties of its first triangle and of its own."""
    text = TETRA.replace('v3="1"/>', f'v3="1" {triangle}/>', 1)
    attributes = f'unit="millimeter" xmlns:m="{MATERIALS}" {required}'
    return file(groups + thing(text, own), ITEM, attributes, extra)


def textured(more: str = "", group: str = COORDINATES, extra: Extra | None = None) -> bytes:
    own = 'pid="8" pindex="0"' if group else ""
    return painted(TEXTURE.format(more=more) + group, "", own, TEXTURES if extra is None else extra)


OWN: Final = 'pid="5" pindex="0"'
DOCTYPE: Final = model_xml(thing(), ITEM).replace(
    "?><model", '?><!DOCTYPE a [<!ENTITY b "c">]><model'
)
MODEL: Final = model_xml(thing(), ITEM)

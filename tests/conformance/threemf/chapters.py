"""Rules of the 3MF specifications that a file must keep to, chapter by chapter, each with files that
break it and files that keep to it. All are made here, from a tetrahedron.

Chapters are those of 3MF Core 1.x and of the Materials and Properties extension 1.x; what the
package must be is the Open Packaging Conventions (OPC), which Core chapter 2 demands.
"""

from __future__ import annotations

import io
import zipfile
from typing import Final, NamedTuple

from tests import meshes
from tests.meshes import CORE_3MF, mesh_xml, model_xml, relationships_xml, zip_3mf

Extra = dict[str, str | bytes]
MATERIALS: Final = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
REL: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/"
OPC: Final = "http://schemas.openxmlformats.org/package/2006/"
TETRA: Final = mesh_xml(meshes.tetrahedron(10.0))
ITEM: Final = '<item objectid="1"/>'
PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(40)
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


# --- makers ----------------------------------------------------------------------------------


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


def types(*rows: str, model: str = "application/vnd.ms-package.3dmanufacturing-3dmodel+xml") -> str:
    """[Content_Types].xml; `rows` beside those of relationships and models."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{OPC}content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
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
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{OPC}relationships">{text}</Relationships>'


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
MULTI: Final = '<m:multiproperties id="10" pids="5 6" {more}><m:multi pindices="{indices}"/></m:multiproperties>'
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


# --- the rules -------------------------------------------------------------------------------

OWN: Final = 'pid="5" pindex="0"'
DOCTYPE: Final = model_xml(thing(), ITEM).replace(
    "?><model", '?><!DOCTYPE a [<!ENTITY b "c">]><model'
)
MODEL: Final = model_xml(thing(), ITEM)

PACKAGE: Final = (
    Rule(
        "Core 2.1",
        "The package has one relationship of type 3dmodel, to a part that is there.",
        (
            Case("one start part", file()),
            Case("no start part", package({"_rels/.rels": relationships(start=False)}), "3MF-020"),
            Case(
                "two start parts",
                package(
                    {"_rels/.rels": relationships_xml(START, "/3D/b.model"), "3D/b.model": MODEL}
                ),
                "3MF-020",
            ),
            Case(
                "start part missing",
                package({"_rels/.rels": relationships_xml("/3D/none.model")}),
                "3MF-020",
            ),
            Case("no relationships at all", without("_rels/.rels"), "3MF-020"),
        ),
    ),
    Rule(
        "Core 2.1",
        "Relationships lead to parts of the package, and each is stated once.",
        (
            Case(
                "relative target", package({"_rels/.rels": relationships_xml("3D/3dmodel.model")})
            ),
            Case(
                "external target",
                package(
                    {
                        "_rels/.rels": relationships(
                            ("a", "http://a.b/"), mode=' TargetMode="External"'
                        )
                    }
                ),
                "3MF-006",
            ),
            Case(
                "address as target",
                package({"_rels/.rels": relationships_xml("http://a.b/c.model")}),
                "3MF-006",
            ),
            Case(
                "target above the package",
                package({"_rels/.rels": relationships_xml("../../a.model")}),
                "3MF-005",
            ),
            Case(
                "the same one twice",
                package({"_rels/.rels": relationships(("urn:a", "/b"), ("urn:a", "/B"))}),
                "3MF-020",
            ),
            Case(
                "one Id twice",
                package({"_rels/.rels": relationships(("urn:a", "/b"), ids="a")}),
                "3MF-020",
            ),
            Case("empty Id", package({"_rels/.rels": relationships(ids="")}), "3MF-020"),
            Case(
                "to a part of relationships",
                package({"_rels/.rels": relationships(("urn:a", "/_rels/.rels"))}),
                "3MF-020",
            ),
        ),
    ),
    Rule(
        "Core 2.1, OPC content types",
        "Every part that is read has the content type of its kind, stated once.",
        (
            Case(
                "override of the model",
                package(
                    {
                        "[Content_Types].xml": types(
                            f'<Override PartName="{START}" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>',
                            model="text/xml",
                        )
                    }
                ),
            ),
            Case(
                "model of another type",
                package({"[Content_Types].xml": types(model="text/xml")}),
                "3MF-021",
            ),
            Case(
                "type stated twice",
                package({"[Content_Types].xml": types(default("MODEL", "text/xml"))}),
                "3MF-021",
            ),
            Case(
                "no type of relationships",
                package({"[Content_Types].xml": types().replace('"rels"', '"rel"')}),
                "3MF-021",
            ),
            Case(
                "type that is none",
                package({"[Content_Types].xml": types(default("png", "png"))}),
                "3MF-021",
            ),
            Case(
                "override without a part name",
                package(
                    {"[Content_Types].xml": types('<Override PartName="a" ContentType="a/b"/>')}
                ),
                "3MF-021",
            ),
            Case("no content types", without("[Content_Types].xml"), "3MF-001"),
            Case("another element", package({"[Content_Types].xml": types("<Other/>")}), "3MF-016"),
        ),
    ),
    Rule(
        "Core 2.2, OPC part names",
        "Names are part names: no folder above, none twice, none that begins with another part's.",
        (
            Case("name in another script", package({"Metadata/чертёж №4.txt": "a"})),
            *(
                Case(f"name {name}", package({name: "a"}), "3MF-005")
                for name in (
                    "../a.txt",
                    "/a.txt",
                    "a\\b.txt",
                    "C:/a.txt",
                    "a//b.txt",
                    "a/./b.txt",
                    "3D/a%2Fb",
                    "a/b.",
                    "3d/3DMODEL.model",
                    "3D/3dmodel.model/a.txt",
                )
            ),
        ),
    ),
    Rule(
        "Core 2.1, 6.1",
        "A part has one thumbnail at most, a JPEG or PNG.",
        (
            Case("one thumbnail", with_thumbnail("/Metadata/a.png")),
            Case("two thumbnails", with_thumbnail("/Metadata/a.png", "/Metadata/b.png"), "3MF-020"),
            Case(
                "thumbnail of another type",
                with_thumbnail("/Metadata/a.png", kind="image/gif"),
                "3MF-021",
            ),
        ),
    ),
    Rule(
        "Core 2.1",
        "A model part has one print ticket at most, of its content type.",
        (
            Case("one ticket", with_tickets("/3D/Metadata/a.xml")),
            Case(
                "two tickets", with_tickets("/3D/Metadata/a.xml", "/3D/Metadata/b.xml"), "3MF-020"
            ),
            Case(
                "ticket of another type",
                with_tickets("/3D/Metadata/a.xml", kind="text/xml"),
                "3MF-021",
            ),
        ),
    ),
    Rule(
        "Core 6.2",
        "The package has one part of core properties at most.",
        (
            Case(
                "core properties",
                package(
                    {
                        "_rels/.rels": relationships(
                            (OPC + "relationships/metadata/core-properties", "/a.xml")
                        )
                    }
                ),
            ),
            Case(
                "two of them",
                package(
                    {
                        "_rels/.rels": relationships(
                            (OPC + "relationships/metadata/core-properties", "/a.xml"),
                            (OPC + "relationships/metadata/core-properties", "/b.xml"),
                        )
                    }
                ),
                "3MF-020",
            ),
        ),
    ),
)

XML: Final = (
    Rule(
        "Core 2.3.1",
        "XML is UTF-8 or UTF-16, and well-formed.",
        (
            Case(
                "UTF-16",
                package({"3D/3dmodel.model": MODEL.replace("UTF-8", "UTF-16").encode("utf-16")}),
            ),
            Case(
                "UTF-8 with a mark", package({"3D/3dmodel.model": b"\xef\xbb\xbf" + MODEL.encode()})
            ),
            Case("no declaration", root(MODEL.partition("?>")[2])),
            Case("Latin-1", root(MODEL.replace("UTF-8", "ISO-8859-1")), "3MF-016"),
            Case("Windows-1251", root(MODEL.replace("UTF-8", "windows-1251")), "3MF-016"),
            Case(
                "bytes that are no UTF-8",
                package({"3D/3dmodel.model": MODEL.encode() + b"<!-- \xff -->"}),
                "3MF-016",
            ),
            Case("cut", root(MODEL[:-9]), "3MF-016"),
        ),
    ),
    Rule(
        "Core 2.3.2",
        "No document type declaration, so no entity.",
        (
            Case(
                "comment and entities of XML itself", metadata("Title", value="a &amp; b<!-- c -->")
            ),
            Case("document type", root(DOCTYPE), "3MF-015"),
            Case(
                "document type in relationships",
                package(
                    {
                        "_rels/.rels": relationships().replace(
                            "?><", '?><!DOCTYPE a SYSTEM "file:///a"><', 1
                        )
                    }
                ),
                "3MF-015",
            ),
            Case("entity that is not declared", metadata("Title", value="&a;"), "3MF-016"),
        ),
    ),
    Rule(
        "Core 2.3.3",
        "Extensions that are required are known; prefixes are declared.",
        (
            Case(
                "an extension that is not required",
                file(attributes='xmlns:q="urn:q"', resources=thing() + "<q:a/>"),
            ),
            Case(
                "Production required",
                file(attributes=f'xmlns:p="{meshes.PRODUCTION_3MF}" requiredextensions="p"'),
            ),
            Case(
                "Materials required",
                file(attributes=f'xmlns:m="{MATERIALS}" requiredextensions="m"'),
            ),
            Case("attribute of an extension", file(thing(more='xmlns:q="urn:q" q:a="1"'))),
            Case(
                "unknown extension required",
                file(attributes='xmlns:q="urn:q" requiredextensions="q"'),
                "3MF-022",
            ),
            Case(
                "required prefix without a namespace",
                file(attributes='requiredextensions="q"'),
                "3MF-022",
            ),
            Case(
                "recommended prefix without a namespace",
                file(attributes='recommendedextensions="q"'),
                "3MF-022",
            ),
            Case("prefix that is not declared", file(thing(more='q:a="1"')), "3MF-016"),
        ),
    ),
    Rule(
        "Core 2.3",
        "XML is valid against the schema: elements and attributes where they may stand, in order.",
        (
            Case("item with a part number", file(build='<item objectid="1" partnumber="A-1"/>')),
            Case("attribute that is none", file(thing(more='colour="red"')), "3MF-016"),
            Case(
                "attribute of a vertex that is none",
                mesh('<vertex x="', '<vertex w="1" x="'),
                "3MF-016",
            ),
            Case(
                "attribute of a triangle that is none",
                mesh('<triangle v1="', '<triangle v4="1" v1="'),
                "3MF-016",
            ),
            Case("element in the wrong place", file(thing() + ITEM), "3MF-016"),
            Case("unknown element of Core", file(thing() + "<thing/>"), "3MF-016"),
            Case("text between elements", file(thing() + "text"), "3MF-016"),
            Case(
                "build before resources",
                root(
                    f'<model xmlns="{CORE_3MF}"><build>{ITEM}</build><resources>{thing()}</resources></model>'
                ),
                "3MF-016",
            ),
            Case(
                "metadata after resources",
                root(MODEL.replace("<build>", '<metadata name="Title">a</metadata><build>')),
                "3MF-016",
            ),
            Case("attribute twice", file(thing(more='type="model" type="model"')), "3MF-016"),
            Case(
                "root of another namespace",
                root(MODEL.replace("core/2015/02", "core/2013/01")),
                "3MF-016",
            ),
        ),
    ),
    Rule(
        "Core 2.3.4",
        "No xml:space; xml:lang is a language.",
        (
            Case("xml:lang of an object's name", file(thing(more='xml:lang="kk-Cyrl-KZ"'))),
            Case("xml:space", file(thing(more='xml:space="preserve"')), "3MF-016"),
            Case("xml:space of the model", file(attributes='xml:space="default"'), "3MF-016"),
            Case("xml:lang that is none", root(MODEL.replace("en-US", "en_US!")), "3MF-016"),
        ),
    ),
)

MODELS: Final = (
    Rule(
        "Core 3.4",
        "The unit is one of six; without one it is the millimetre.",
        (
            *(
                Case(f"unit {unit}", file(attributes=f'unit="{unit}"'))
                for unit in ("micron", "millimeter", "centimeter", "inch", "foot", "meter")
            ),
            Case("no unit", file()),
            Case("unknown unit", file(attributes='unit="parsec"'), "3MF-023"),
            Case("unit in capitals", file(attributes='unit="Millimeter"'), "3MF-023"),
            Case("empty unit", file(attributes='unit=""'), "3MF-023"),
        ),
    ),
    Rule(
        "Core 3.4",
        "One element of resources, one build.",
        (
            Case("both", file()),
            Case(
                "no resources",
                root(MODEL.replace(f"<resources>{thing()}</resources>", "")),
                "3MF-016",
            ),
            Case("no build", root(MODEL.replace(f"<build>{ITEM}</build>", "")), "3MF-016"),
            Case("two builds", root(MODEL.replace("</build>", "</build><build/>")), "3MF-016"),
            Case(
                "two elements of resources",
                root(MODEL.replace("<build>", "<resources/><build>")),
                "3MF-016",
            ),
        ),
    ),
    Rule(
        "Core 3.4.1",
        "Metadata has a known name or one of a declared namespace, each once, and is text.",
        (
            Case(
                "known names",
                metadata(
                    "Title",
                    "Designer",
                    "Description",
                    "Copyright",
                    "LicenseTerms",
                    "Rating",
                    "CreationDate",
                    "ModificationDate",
                    "Application",
                ),
            ),
            Case("name of a namespace", metadata("q:Foo", attributes='xmlns:q="urn:q"')),
            Case("names that slicers write", metadata("Thumbnail_Middle", "License", "Origin")),
            Case("unknown name", metadata("Foo"), "3MF-028"),
            Case("name of no namespace", metadata("q:Foo"), "3MF-028"),
            Case("one name twice", metadata("Title", "Title"), "3MF-028"),
            Case("empty name", metadata(""), "3MF-028"),
            Case(
                "no name",
                root(MODEL.replace("<resources>", "<metadata>a</metadata><resources>")),
                "3MF-028",
            ),
            Case(
                "element in it",
                metadata("Title", attributes='xmlns:q="urn:q"', value="<q:b/>"),
                "3MF-016",
            ),
            Case(
                "one name twice in a group",
                file(
                    thing(
                        '<metadatagroup><metadata name="Title">a</metadata><metadata name="Title">b</metadata></metadatagroup>'
                        + TETRA
                    )
                ),
                "3MF-028",
            ),
        ),
    ),
    Rule(
        "Core 3.4.3",
        "A build item is of an object that is there and to be built.",
        (
            Case("one object twice", file(build=ITEM * 2)),
            Case("object that is not there", file(build='<item objectid="9"/>'), "3MF-025"),
            Case("no objectid", file(build="<item/>"), "3MF-025"),
            Case(
                "material instead of an object",
                file(BASE + thing(), '<item objectid="5"/>'),
                "3MF-025",
            ),
            Case("object of type other", file(thing(more='type="other"')), "3MF-025"),
            Case(
                "type other in components",
                file(
                    thing(more='type="other"') + thing(component(1), number=2),
                    '<item objectid="2"/>',
                ),
                "3MF-025",
            ),
            Case("nothing in the build", file(build=""), "3MF-002"),
        ),
    ),
    Rule(
        "Core 3.3",
        "A transform is twelve finite numbers that flatten nothing.",
        (
            Case("moved", placed("1 0 0 0 1 0 0 0 1 10 20 30")),
            Case("mirrored", placed("-1 0 0 0 1 0 0 0 1 0 0 0")),
            Case("exponents", placed("1e0 0 0 0 1.0E+0 0 0 0 +1 0 0 -0")),
            Case("eleven numbers", placed("1 0 0 0 1 0 0 0 1 0 0"), "3MF-027"),
            Case("thirteen numbers", placed("1 0 0 0 1 0 0 0 1 0 0 0 0"), "3MF-027"),
            Case("no number", placed("1 0 0 0 1 0 0 0 1 0 0 a"), "3MF-027"),
            Case("commas", placed("1,0,0,0,1,0,0,0,1,0,0,0"), "3MF-027"),
            Case("singular", placed("1 0 0 0 1 0 0 0 0 0 0 0"), "3MF-027"),
            Case("NaN", placed("nan 0 0 0 1 0 0 0 1 0 0 0"), "3MF-027"),
            Case("empty", placed(""), "3MF-027"),
        ),
    ),
)

_SECOND: Final = '<item objectid="2"/>'
OBJECTS: Final = (
    Rule(
        "Core 4.1",
        "Ids are unique among resources, and from 1 to 2147483647.",
        (
            Case("the largest id", file(thing(number=2147483647), '<item objectid="2147483647"/>')),
            Case("one id twice", file(thing() + thing()), "3MF-025"),
            Case(
                "id of a material", file(BASE + thing(number=5), '<item objectid="5"/>'), "3MF-025"
            ),
            Case(
                "id of a colour group",
                painted('<m:colorgroup id="1"><m:color color="#102030"/></m:colorgroup>'),
                "3MF-025",
            ),
            Case("id 0", file(thing(number=0), '<item objectid="0"/>'), "3MF-025"),
            Case("id -1", file(thing() + thing(number=-1)), "3MF-025"),
            Case("id 2147483648", file(thing() + thing(number=2147483648)), "3MF-025"),
            Case("no id", file(thing() + f"<object>{TETRA}</object>"), "3MF-025"),
        ),
    ),
    Rule(
        "Core 4.1",
        "An object is of a known type and has either a mesh or components.",
        (
            *(
                Case(
                    f"type {kind}",
                    file(
                        thing() + thing(number=2, more=f'type="{kind}"'),
                        ITEM + ("" if kind == "other" else _SECOND),
                    ),
                )
                for kind in ("model", "support", "solidsupport", "surface", "other")
            ),
            Case("unknown type", file(thing(more='type="statue"')), "3MF-025"),
            Case("neither", file(thing("")), "3MF-025"),
            Case("both", file(thing() + thing(TETRA + component(1), number=2)), "3MF-016"),
            Case("two meshes", file(thing(TETRA * 2)), "3MF-016"),
        ),
    ),
    Rule(
        "Core 4.1.2",
        "A mesh has at least three vertices; a solid at least four triangles.",
        (
            Case("tetrahedron", file()),
            Case(
                "surface of one triangle",
                file(
                    thing()
                    + thing(
                        '<mesh><vertices><vertex x="0" y="0" z="0"/><vertex x="1" y="0" z="0"/><vertex x="0" y="1" z="0"/></vertices><triangles><triangle v1="0" v2="1" v3="2"/></triangles></mesh>',
                        'type="surface"',
                        2,
                    )
                ),
            ),
            Case("three triangles", mesh('<triangle v1="0" v2="2" v3="1"/>', ""), "3MF-018"),
            Case(
                "two vertices",
                file(
                    thing(
                        '<mesh><vertices><vertex x="0" y="0" z="0"/><vertex x="1" y="0" z="0"/></vertices><triangles/></mesh>'
                    )
                ),
                "3MF-018",
            ),
            Case(
                "no triangles",
                file(thing('<mesh><vertices><vertex x="0" y="0" z="0"/></vertices></mesh>')),
                "3MF-016",
            ),
            Case(
                "triangles before vertices",
                file(thing("<mesh><triangles/><vertices/></mesh>")),
                "3MF-016",
            ),
        ),
    ),
    Rule(
        "Core 4.1.3",
        "Coordinates are finite decimal numbers.",
        (
            Case("exponents and signs", mesh('x="10.0"', 'x="+1.00E+1"')),
            Case("white space around", mesh('x="10.0"', 'x=" 10.0 "')),
            Case("NaN", mesh('x="10.0"', 'x="NaN"'), "3MF-010"),
            Case("infinite", mesh('x="10.0"', 'x="INF"'), "3MF-010"),
            Case("too large for any number", mesh('x="10.0"', 'x="1e999"'), "3MF-010"),
            Case("decimal comma", mesh('x="10.0"', 'x="10,0"'), "3MF-017"),
            Case("hexadecimal", mesh('x="10.0"', 'x="0x1p3"'), "3MF-017"),
            Case("empty", mesh('x="10.0"', 'x=""'), "3MF-017"),
            Case("no x", mesh('x="10.0"', ""), "3MF-016"),
        ),
    ),
    Rule(
        "Core 4.1.4",
        "A triangle names three different vertices that are there.",
        (
            Case(
                "attributes in another order", mesh('v1="0" v2="2" v3="1"', 'v3="1" v2="2" v1="0"')
            ),
            Case("index out of range", mesh('v1="0"', 'v1="4"'), "3MF-018"),
            Case("negative index", mesh('v1="0"', 'v1="-1"'), "3MF-018"),
            Case("the same index twice", mesh('v1="0" v2="2"', 'v1="2" v2="2"'), "3MF-018"),
            Case("fraction", mesh('v1="0"', 'v1="0.5"'), "3MF-017"),
            Case("no v1", mesh('v1="0"', ""), "3MF-016"),
        ),
    ),
    Rule(
        "Core 4.1, 4.1.4",
        "Properties have a group that came before, an index in it, and the object has its own.",
        (
            Case("of the object", painted(BASE, "", OWN)),
            Case("of a triangle", painted(BASE, 'pid="5" p1="1"', OWN)),
            Case("of three corners", painted(BASE, 'p1="1" p2="0" p3="1"', OWN)),
            Case("pid without a group", painted("", "", OWN), "3MF-024"),
            Case("group after the object", file(thing(more=OWN) + BASE), "3MF-024"),
            Case(
                "pid of an object",
                file(thing() + thing(number=2, more='pid="1" pindex="0"')),
                "3MF-024",
            ),
            Case("pindex without pid", painted(BASE, "", 'pindex="0"'), "3MF-024"),
            Case("pindex out of range", painted(BASE, "", 'pid="5" pindex="2"'), "3MF-024"),
            Case("p1 out of range", painted(BASE, 'pid="5" p1="2"', OWN), "3MF-024"),
            Case("p2 without p3", painted(BASE, 'pid="5" p1="1" p2="1"', OWN), "3MF-024"),
            Case("p2 and p3 without p1", painted(BASE, 'pid="5" p2="1" p3="1"', OWN), "3MF-024"),
            Case("triangle alone", painted(BASE, 'pid="5" p1="1"'), "3MF-024"),
            Case(
                "group of a triangle that is not there",
                painted(BASE, 'pid="9" p1="0"', OWN),
                "3MF-024",
            ),
        ),
    ),
    Rule(
        "Core 4.2",
        "Components are of objects that came before; no cycle; no properties of their object.",
        (
            Case(
                "nested",
                file(
                    thing() + thing(component(1, 1), number=2) + thing(component(2), number=3),
                    '<item objectid="3"/>',
                ),
            ),
            Case(
                "transform of a component",
                file(
                    thing()
                    + thing(component(1, more='transform="1 0 0 0 1 0 0 0 1 0 0 5"'), number=2),
                    _SECOND,
                ),
            ),
            Case(
                "object that comes later",
                file(thing(component(1), number=2) + thing(), _SECOND),
                "3MF-026",
            ),
            Case("itself", file(thing(component(1))), "3MF-026"),
            Case(
                "cycle of two", file(thing(component(2)) + thing(component(1), number=2)), "3MF-026"
            ),
            Case(
                "object that is not there", file(thing() + thing(component(9), number=2)), "3MF-025"
            ),
            Case("no components", file(thing() + thing("<components/>", number=2)), "3MF-016"),
            Case(
                "pid of an object of components",
                painted(BASE + thing(number=3) + thing(component(3), OWN, 2)),
                "3MF-024",
            ),
            Case(
                "singular transform",
                file(
                    thing()
                    + thing(component(1, more='transform="0 0 0 0 1 0 0 0 1 0 0 5"'), number=2),
                    _SECOND,
                ),
                "3MF-027",
            ),
        ),
    ),
)

PROPERTIES: Final = (
    Rule(
        "Core 5",
        "Base materials have a name and a colour as sRGB.",
        (
            Case("with and without alpha", painted(BASE)),
            *(
                Case(
                    f"colour {colour or 'empty'}",
                    painted(BASE.replace("#FF8000", colour)),
                    "3MF-024",
                )
                for colour in ("FF8000", "#F80", "#FF800G", "#FF800000FF", "red", "")
            ),
            Case("no name", painted(BASE.replace('name="PLA"', "")), "3MF-024"),
            Case("empty name", painted(BASE.replace('"PLA"', '" "')), "3MF-024"),
            Case("none in the group", painted('<basematerials id="5"></basematerials>'), "3MF-024"),
        ),
    ),
    Rule(
        "Materials 2",
        "A colour group has colours as sRGB.",
        (
            Case(
                "colours of corners", painted(COLOURS, 'p1="0" p2="1" p3="0"', 'pid="6" pindex="0"')
            ),
            Case("colour that is none", painted(COLOURS.replace("#102030", "#1020")), "3MF-024"),
            Case("no colour attribute", painted(COLOURS.replace('color="#102030"', "")), "3MF-024"),
            Case("none in the group", painted('<m:colorgroup id="6"/>'), "3MF-024"),
            Case(
                "index out of range",
                painted(COLOURS, 'p1="0" p2="2" p3="0"', 'pid="6" pindex="0"'),
                "3MF-024",
            ),
        ),
    ),
    Rule(
        "Materials 3",
        "Coordinates are of a texture that came before, and numbers.",
        (
            Case("texture and coordinates", textured()),
            Case(
                "no texture",
                textured(group=COORDINATES.replace('texid="7"', 'texid="70"')),
                "3MF-024",
            ),
            Case("no texid", textured(group=COORDINATES.replace('texid="7"', "")), "3MF-024"),
            Case(
                "texid of colours",
                painted(COLOURS + COORDINATES.replace('texid="7"', 'texid="6"')),
                "3MF-024",
            ),
            Case(
                "coordinate that is no number",
                textured(group=COORDINATES.replace('v="1.5"', 'v="a"')),
                "3MF-024",
            ),
            Case(
                "coordinate missing", textured(group=COORDINATES.replace('v="1.5"', "")), "3MF-024"
            ),
            Case(
                "pid of the picture itself",
                painted(TEXTURE.format(more=""), "", 'pid="7" pindex="0"', TEXTURES),
                "3MF-024",
            ),
        ),
    ),
    Rule(
        "Materials 4",
        "A composite mixes base materials by their indices, in shares from 0 to 1.",
        (
            Case("two materials", painted(BASE + COMPOSITE, "", 'pid="9" pindex="1"')),
            Case(
                "matid of colours",
                painted(COLOURS + COMPOSITE.replace('matid="5"', 'matid="6"')),
                "3MF-024",
            ),
            Case("matid not there", painted(COMPOSITE), "3MF-024"),
            Case(
                "index out of range", painted(BASE + COMPOSITE.replace('"0 1"', '"0 2"')), "3MF-024"
            ),
            Case("no indices", painted(BASE + COMPOSITE.replace('"0 1"', '""')), "3MF-024"),
            Case(
                "negative share",
                painted(BASE + COMPOSITE.replace('"0.5 0.5"', '"-0.5 0.5"')),
                "3MF-024",
            ),
            Case(
                "share that is no number",
                painted(BASE + COMPOSITE.replace('"0.5 0.5"', '"a"')),
                "3MF-024",
            ),
            Case(
                "no composite",
                painted(BASE + '<m:compositematerials id="9" matid="5" matindices="0"/>'),
                "3MF-024",
            ),
        ),
    ),
    Rule(
        "Materials 5",
        "Multi-properties: materials first and once, colours once, no other multi-properties.",
        (
            Case(
                "materials and colours",
                painted(BASE + COLOURS + multi(), "", 'pid="10" pindex="0"'),
            ),
            Case("ways to blend", painted(BASE + COLOURS + multi('blendmethods="multiply"'))),
            Case("fewer indices than groups", painted(BASE + COLOURS + multi(indices="1"))),
            Case("materials second", painted(BASE + COLOURS + multi(pids="6 5")), "3MF-024"),
            Case("materials twice", painted(BASE + COMPOSITE + multi(pids="5 9")), "3MF-024"),
            Case("colours twice", painted(COLOURS + multi(pids="6 6")), "3MF-024"),
            Case(
                "multi-properties of multi-properties",
                painted(
                    BASE + COLOURS + multi() + multi(pids="10").replace('id="10" p', 'id="11" p')
                ),
                "3MF-024",
            ),
            Case("group not there", painted(BASE + multi()), "3MF-024"),
            Case("no groups", painted(BASE + multi(pids="")), "3MF-024"),
            Case(
                "unknown way to blend",
                painted(BASE + COLOURS + multi('blendmethods="screen"')),
                "3MF-024",
            ),
            Case(
                "too many ways to blend",
                painted(BASE + COLOURS + multi('blendmethods="mix mix"')),
                "3MF-024",
            ),
            Case("index out of range", painted(BASE + COLOURS + multi(indices="0 2")), "3MF-024"),
            Case(
                "more indices than groups",
                painted(BASE + COLOURS + multi(indices="0 1 0")),
                "3MF-024",
            ),
        ),
    ),
    Rule(
        "Materials 6",
        "A texture is a PNG or JPEG of the package that the model part has a relationship to.",
        (
            Case(
                "styles and filter",
                textured('tilestyleu="mirror" tilestylev="clamp" filter="nearest"'),
            ),
            Case(
                "content type of 3MF textures",
                textured(
                    extra=TEXTURES
                    | {
                        "[Content_Types].xml": types(
                            default(
                                "png", "application/vnd.ms-package.3dmanufacturing-3dmodeltexture"
                            )
                        )
                    }
                ),
            ),
            Case(
                "no such part",
                textured(
                    extra={
                        **TEXTURES,
                        "3D/_rels/3dmodel.model.rels": relationships(
                            (REL + "3dtexture", "/3D/b.png"), start=False
                        ),
                        "3D/Textures/a.png": PNG,
                    }
                ),
                "3MF-020",
            ),
            Case(
                "relationship missing",
                textured(extra={k: v for k, v in TEXTURES.items() if not k.endswith(".rels")}),
                "3MF-020",
            ),
            Case(
                "part missing",
                textured(extra={k: v for k, v in TEXTURES.items() if not k.endswith(".png")}),
                "3MF-020",
            ),
            Case(
                "part of another type",
                textured(
                    extra=TEXTURES | {"[Content_Types].xml": types(default("png", "image/gif"))}
                ),
                "3MF-021",
            ),
            Case("unknown style", textured('tilestyleu="repeat"'), "3MF-024"),
            Case("unknown filter", textured('filter="cubic"'), "3MF-024"),
            Case(
                "unknown content type",
                painted(TEXTURE.format(more="").replace("image/png", "image/gif")),
                "3MF-024",
            ),
            Case(
                "relative path", painted(TEXTURE.format(more="").replace("/3D/T", "T")), "3MF-024"
            ),
        ),
    ),
)


def _bomb() -> bytes:
    """20 MB of blanks in 20 kB."""
    buffer = io.BytesIO(file())
    with zipfile.ZipFile(buffer, "a") as archive:
        name = zipfile.ZipInfo("3D/a.bin", (1980, 1, 1, 0, 0, 0))
        archive.writestr(name, b" " * 20_000_000, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _multiplied() -> bytes:
    """Ten of ten of ten of ...: 10^19 copies in two kilobytes."""
    levels = "".join(thing(component(*[n - 1] * 10), number=n) for n in range(2, 21))
    return file(thing() + levels, '<item objectid="20"/>')


SECURITY: Final = (
    Rule(
        "Facts 2.6",
        "A hostile package is refused before it is inflated, followed or run.",
        (
            Case("parts that compress well", package({"Metadata/a.txt": "a" * 60_000})),
            Case("ZIP bomb", _bomb(), "3MF-007"),
            Case("copies without end", _multiplied(), "3MF-008"),
            Case(
                "entities that multiply",
                root(
                    MODEL.replace(
                        "?><model", '?><!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><model'
                    )
                ),
                "3MF-015",
            ),
            Case(
                "entity of a file",
                root(
                    MODEL.replace(
                        "?><model", '?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><model'
                    )
                ),
                "3MF-015",
            ),
            Case(
                "target outside",
                package({"_rels/.rels": relationships_xml("file:///etc/passwd")}),
                "3MF-006",
            ),
            Case("a model of another package", package({"3D/3dmodel.model": file()}), "3MF-016"),
        ),
    ),
)

RULES: Final = (*PACKAGE, *XML, *MODELS, *OBJECTS, *PROPERTIES, *SECURITY)


def wrong(case: Case) -> str:
    """What is wrong with how a case is read; empty where nothing is."""
    from printstd.errors import InputError
    from printstd.intake import read_model

    try:
        read_model(case.data, name="part.3mf")
    except InputError as error:
        return "" if error.code == case.code else f"refused with {error.code}: {error.what}"
    return "taken" if case.code else ""

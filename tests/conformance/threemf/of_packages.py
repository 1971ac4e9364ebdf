"""Rules of the package and of XML in it: 3MF Core chapters 2 and 6."""

from __future__ import annotations

from typing import Final

from tests import meshes
from tests.conformance.threemf.makers import (
    DOCTYPE,
    ITEM,
    MATERIALS,
    MODEL,
    MODEL_TYPE,
    OPC,
    START,
    Case,
    Rule,
    default,
    file,
    mesh,
    metadata,
    package,
    relationships,
    root,
    thing,
    types,
    with_thumbnail,
    with_tickets,
    without,
)
from tests.meshes import CORE_3MF, relationships_xml

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
                            f'<Override PartName="{START}" ContentType="{MODEL_TYPE}"/>',
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
                    f'<model xmlns="{CORE_3MF}"><build>{ITEM}</build>'
                    f"<resources>{thing()}</resources></model>"
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

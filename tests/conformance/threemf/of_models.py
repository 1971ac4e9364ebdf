"""Rules of the model, its build and its objects: 3MF Core chapters 3 and 4."""

from __future__ import annotations

from typing import Final

from tests.conformance.threemf.makers import (
    BASE,
    ITEM,
    MODEL,
    OWN,
    PNG,
    TETRA,
    Case,
    Rule,
    component,
    default,
    file,
    mesh,
    metadata,
    painted,
    placed,
    root,
    thing,
    types,
)


def thumbnailed(path: str, kind: str = "image/png") -> bytes:
    parts: dict[str, str | bytes] = {"[Content_Types].xml": types(default("png", kind))}
    return file(thing(more=f'thumbnail="{path}"'), extra={**parts, "3D/a.png": PNG})


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
                        '<metadatagroup><metadata name="Title">a</metadata>'
                        '<metadata name="Title">b</metadata></metadatagroup>' + TETRA
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

TWO_VERTICES: Final = (
    '<mesh><vertices><vertex x="0" y="0" z="0"/><vertex x="1" y="0" z="0"/></vertices>'
    "<triangles/></mesh>"
)
ONE_TRIANGLE: Final = TWO_VERTICES.replace(
    "</vertices><triangles/>",
    '<vertex x="0" y="1" z="0"/></vertices><triangles><triangle v1="0" v2="1" v3="2"/></triangles>',
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
        "Core 4.1",
        "The thumbnail of an object is a picture in the package.",
        (
            Case("picture", thumbnailed("/3D/a.png")),
            Case("no such part", thumbnailed("/3D/b.png"), "3MF-020"),
            Case("relative name", thumbnailed("3D/a.png"), "3MF-020"),
            Case("part of another type", thumbnailed("/3D/a.png", "text/xml"), "3MF-021"),
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
                        ONE_TRIANGLE,
                        'type="surface"',
                        2,
                    )
                ),
            ),
            Case("three triangles", mesh('<triangle v1="0" v2="2" v3="1"/>', ""), "3MF-018"),
            Case(
                "two vertices",
                file(thing(TWO_VERTICES)),
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

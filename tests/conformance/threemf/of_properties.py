"""Rules of properties: 3MF Core chapter 5, Materials and Properties chapters 2 to 6."""

from __future__ import annotations

from typing import Final

from tests.conformance.threemf.makers import (
    BASE,
    COLOURS,
    COMPOSITE,
    COORDINATES,
    PNG,
    REL,
    TEXTURE,
    TEXTURES,
    Case,
    Rule,
    default,
    multi,
    painted,
    relationships,
    textured,
    types,
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

"""3MF packages with something wrong in them: in the ZIP, in what the package says of its parts, in
the XML of a part, or in the bytes of the whole."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from random import Random

from tests import meshes
from tests.fuzz.mesh_files import mutated
from tests.fuzz.numbers_and_bytes import OF_BYTES, OF_TEXT
from tests.meshes import mesh_xml, model_xml, zip_3mf

Parts = dict[str, bytes]
ROOT, RELATIONSHIPS, TYPES = "3D/3dmodel.model", "_rels/.rels", "[Content_Types].xml"
SETTINGS = "Metadata/model_settings.config"

_MATERIAL = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
_TETRA = meshes.tetrahedron(10.0)
_PLATES = (
    '<?xml version="1.0"?><config><object id="1"><part id="1" subtype="normal_part"/></object>'
    '<plate><metadata key="plater_id" value="1"/><model_instance>'
    '<metadata key="object_id" value="1"/><metadata key="instance_id" value="0"/>'
    "</model_instance></plate></config>"
)


def _parts(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _seeds() -> tuple[Parts, ...]:
    both = (
        f'<object id="1">{mesh_xml(_TETRA)}</object>'
        '<object id="2"><components><component objectid="1" transform="1 0 0 0 1 0 0 0 1 0 0 5"/>'
        "</components></object>"
    )
    plain = model_xml(both, '<item objectid="1"/><item objectid="2"/>')
    project = model_xml(
        both,
        '<item objectid="1"/><item objectid="2"/>',
        f'unit="inch" xmlns:p="{meshes.PRODUCTION_3MF}" requiredextensions="p"',
    )
    coloured = model_xml(
        '<basematerials id="5"><base name="PLA" displaycolor="#FF8000FF"/></basematerials>'
        '<m:colorgroup id="6"><m:color color="#102030"/><m:color color="#a0b0c0"/></m:colorgroup>'
        '<m:compositematerials id="7" matid="5" matindices="0"><m:composite values="1"/>'
        '</m:compositematerials><m:multiproperties id="8" pids="5 6"><m:multi pindices="0 1"/>'
        '</m:multiproperties><object id="1" pid="5" pindex="0">'
        + mesh_xml(_TETRA).replace('v3="1"/>', 'v3="1" pid="6" p1="0" p2="1" p3="0"/>', 1)
        + "</object>",
        '<item objectid="1"/>',
        f'unit="millimeter" xmlns:m="{_MATERIAL}"',
    )
    return (
        _parts(zip_3mf(plain)),
        _parts(zip_3mf(project, {SETTINGS: _PLATES})),
        _parts(zip_3mf(coloured)),
    )


SEEDS = _seeds()


def packed(parts: Parts, random: Random | None = None) -> bytes:
    """Stored and deflated mixed, where a generator says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            kind = (
                zipfile.ZIP_DEFLATED
                if random is None or random.random() < 0.5
                else zipfile.ZIP_STORED
            )
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, kind)
    return buffer.getvalue()


# --- XML of the model ------------------------------------------------------------------------


def _put(parts: Parts, old: bytes, new: bytes, random: Random) -> Parts:
    """`new` instead of one of the places where `old` stands."""
    pieces = parts[ROOT].split(old)
    if len(pieces) < 2:
        return parts
    at = random.randrange(1, len(pieces))
    return parts | {ROOT: old.join(pieces[:at]) + new + old.join(pieces[at:])}


_INSTEAD: tuple[tuple[bytes, tuple[bytes, ...]], ...] = (
    (
        b'v1="0"',
        (b'v1="4"', b'v1="-1"', b'v1="99999999999"', b'v1="1"', b'v1="0.0"', b"", b'v1=""'),
    ),
    (b'"10.0"', (b'"nan"', b'"1e39"', b'"1e400"', b'"INF"', b'"10,0"', b'" 1 0 "', b'"&#x661;"')),
    (b"1 0 0 0 1 0 0 0 1 0 0 5", (b"1 0 0 0 1 0 0 0 1 0 0", b"1 " * 13, b"0 " * 12)),
    (b"1 0 0 0 1 0 0 0 1 0 0 5", (b"-1 0 0 0 1 0 0 0 1 0 0 5", b"1e300 " * 12, b"nan " * 12)),
    (
        b'objectid="1"',
        (b'objectid="2"', b'objectid="9"', b'objectid="0"', b'objectid="1" objectid="1"'),
    ),
    (b'id="1"', (b'id="2"', b'id="-1"', b'id="2147483648"', b'type="other" id="1"', b'id="5"')),
    (
        b'unit="',
        (b'unit="parsec" a="', b'requiredextensions="q" unit="', b'xml:space="preserve" unit="'),
    ),
    (b"<build>", (b"</build><build>", b"<!DOCTYPE a><build>", b"<q:x/><build>", b"<build>&lol;")),
    (b"<resources>", (b"<resources><object/>", b"<resources>text", b"<resources><resources>")),
    (b'encoding="UTF-8"', (b'encoding="UTF-16"', b'encoding="ascii"', b'encoding="x-none"', b"")),
    (b'pid="', (b'pid="9', b'pid="', b'pid="1" p="')),
    (b"#102030", (b"#10203", b"102030", b"#10203G", b"#1020304050")),
    (b'pids="5 6"', (b'pids="5"', b'pids="6 6"', b'pids="8 8"', b'pids=""', b'pids="6 5"')),
    (b'matid="5"', (b'matid="6"', b'matid="7"', b'matid="0"')),
    (b'pindices="0 1"', (b'pindices="0 9"', b'pindices="-1"', b'pindices="0 1 2"')),
)


def value(parts: Parts, random: Random) -> Parts:
    old, others = random.choice(_INSTEAD)
    return _put(parts, old, random.choice(others), random)


def doctype(parts: Parts, random: Random) -> Parts:
    name = random.choice(list(parts))
    text = random.choice(
        (
            b'<!DOCTYPE a [<!ENTITY b "c">]>',
            b'<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>',
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        )
    )
    head, mark, rest = parts[name].partition(b"?>")
    return parts | {name: head + mark + text + rest}


def many_attributes(parts: Parts, random: Random) -> Parts:
    count = random.choice((10, 3000))
    some = b" ".join(b'a%d="1"' % (i if random.random() < 0.999 else 0) for i in range(count))
    return _put(parts, b"<build", b"<build " + some, random)


def deep(parts: Parts, random: Random) -> Parts:
    n = random.choice((10, 70, 3000))
    tag = random.choice((b"metadata", b"q", b"components"))
    return _put(parts, b"<build>", (b"<%s>" % tag) * n + (b"</%s>" % tag) * n + b"<build>", random)


def cycle(parts: Parts, random: Random) -> Parts:
    """Components that lead back to where they began, or forward to what comes later."""
    n = random.choice((1, 2, 50))
    made = b"".join(
        b'<object id="%d"><components><component objectid="%d"/></components></object>'
        % (100 + i, 100 + (i + 1) % n)
        for i in range(n)
    )
    changed = _put(parts, b"</resources>", made + b"</resources>", random)
    return _put(changed, b"</build>", b'<item objectid="100"/></build>', random)


# --- what the package says of its parts ------------------------------------------------------


def relationships(parts: Parts, random: Random) -> Parts:
    old, new = random.choice(
        (
            (b'Target="', b'TargetMode="External" Target="'),
            (b'Target="/', b'Target="http://example.org/'),
            (b'Target="/', b'Target="../../'),
            (b'Target="/', b'Target="%2e%2e/'),
            (b"3dmodel.model", b"3DMODEL.MODEL"),
            (b"3dmodel.model", b"none.model"),
            (b"</Relationships>", b'<Relationship Id="r0" Type="a" Target="/b"/></Relationships>'),
            (b"2013/01/3dmodel", b"2013/01/3dmodel2"),
            (b'Id="r0"', b'Id=""'),
        )
    )
    text = parts[RELATIONSHIPS]
    if random.random() < 0.2:
        row = text[text.index(b"<Relationship ") : text.index(b"</Relationships>")]
        return parts | {RELATIONSHIPS: text.replace(row, row + row.replace(b"r0", b"r9"))}
    return parts | {RELATIONSHIPS: text.replace(old, new)}


def content_types(parts: Parts, random: Random) -> Parts:
    old, new = random.choice(
        (
            (b"3dmodel+xml", b"3dmodel"),
            (b'Extension="model"', b'Extension="MODEL"'),
            (b'Extension="model"', b'Extension="rels"'),
            (b'Extension="model"', b'PartName="/3D/3dmodel.model"'),
            (b"ContentType=", b"ContentTypes="),
        )
    )
    return parts | {TYPES: parts[TYPES].replace(old, new)}


def lost_part(parts: Parts, random: Random) -> Parts:
    gone = random.choice(list(parts))
    return {name: data for name, data in parts.items() if name != gone}


def named(parts: Parts, random: Random) -> Parts:
    name = random.choice(
        (
            *(
                "../evil",
                "/abs",
                "C:/x",
                "a\\b",
                "3D/../x",
                "3d/3DMODEL.model",
                "a//b",
                "a/./b",
                ".",
            ),
            *("\u043a/\u0434.txt", "a" * 300, "Metadata/x.gcode", "a/", "x\x01", "3D/%2e%2e/x"),
        )
    )
    return parts | {name: random.choice((b"", b"x", b"; post_process = sh\n"))}


PartMutation = Callable[[Parts, Random], Parts]
_OF_PARTS: tuple[PartMutation, ...] = (
    *(value, value, value, value, value, doctype, many_attributes, deep, cycle),
    *(relationships, content_types, lost_part, named),
)


def one_part(parts: Parts, random: Random) -> Parts:
    """The bytes of one part mutated, whatever they are."""
    name = random.choice([*parts, ROOT, ROOT])
    return parts | {name: mutated(parts[name], OF_TEXT, random)}


# --- the ZIP ---------------------------------------------------------------------------------


def _wrong_checksum(data: bytes, random: Random) -> bytes:
    at = data.find(b"PK\x01\x02")
    for _ in range(random.randrange(3)):
        at = max(data.find(b"PK\x01\x02", at + 4), at)
    return data[: at + 16] + struct.pack("<I", random.getrandbits(32)) + data[at + 20 :]


def _wrong_sizes(data: bytes, random: Random) -> bytes:
    mark, offset = random.choice(((b"PK\x01\x02", 20), (b"PK\x01\x02", 24), (b"PK\x03\x04", 18)))
    at = data.find(mark) + offset
    size = random.choice((0, 1, 2**31, 2**32 - 1, 10**6))
    return data[:at] + struct.pack("<I", size) + data[at + 4 :]


def _flags(data: bytes, random: Random) -> bytes:
    mark, offset = random.choice(((b"PK\x01\x02", 8), (b"PK\x01\x02", 10), (b"PK\x03\x04", 6)))
    at = data.find(mark) + offset
    return data[:at] + struct.pack("<H", 1 << random.randrange(16)) + data[at + 2 :]


def _false_end(data: bytes, random: Random) -> bytes:
    """A comment that looks like the end of another archive."""
    fake = (
        b"PK\x05\x06"
        + bytes(4)
        + struct.pack("<HHII", 1, 1, 46, random.randrange(len(data)))
        + b"\0\0"
    )
    return data[:-2] + struct.pack("<H", len(fake)) + fake


def _nested(data: bytes, random: Random) -> bytes:
    return packed({random.choice(("a.3mf", ROOT, TYPES)): data})


def _again(data: bytes, random: Random) -> bytes:
    """The archive behind itself, or behind other bytes."""
    return random.choice((data, b"#!/bin/sh\n", b"PK\x03\x04", data[:50])) + data


def _twice(data: bytes, random: Random) -> bytes:
    name = random.choice((ROOT.encode(), RELATIONSHIPS.encode(), TYPES.encode()))
    return (
        data.replace(name, name[:-1] + b"X")
        if random.random() < 0.5
        else data.replace(name, name.upper())
    )


def _bomb(data: bytes, random: Random) -> bytes:
    parts = dict(random.choice(SEEDS))
    size = random.choice((100_000, 1_000_000))
    parts[random.choice((ROOT, "a.txt", TYPES))] = b" " * size
    return packed(parts)


_OF_ZIP = (
    _wrong_checksum,
    _wrong_sizes,
    _flags,
    _false_end,
    _nested,
    _again,
    _twice,
    _bomb,
    *OF_BYTES,
)


def three_mf(random: Random) -> bytes:
    parts = random.choice(SEEDS)
    kind = random.random()
    if kind < 0.35:
        for _ in range(random.choice((1, 1, 2))):
            parts = random.choice(_OF_PARTS)(parts, random) if ROOT in parts else parts
            if not {RELATIONSHIPS, TYPES} <= parts.keys():
                break
    elif kind < 0.7:
        parts = one_part(parts, random)
    data = packed(parts, random)
    return mutated(data, _OF_ZIP, random) if kind >= 0.7 else data

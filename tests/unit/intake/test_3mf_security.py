"""3MF packages that are hostile or broken: refused before they cost anything."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib

import pytest

from printstd.intake import Limits
from tests import meshes
from tests.meshes import mesh_xml, model_xml, relationships_xml, zip_3mf
from tests.unit.intake.reading import assert_same_facets, read, refused

TETRA = meshes.tetrahedron(10.0)
MODEL = model_xml(
    f'<object id="1">{mesh_xml(TETRA)}</object>', '<item objectid="1"/>', 'unit="millimeter"'
)
GOOD = zip_3mf(MODEL)
PARTS: dict[str, str | bytes] = {}
with zipfile.ZipFile(io.BytesIO(GOOD)) as _archive:
    PARTS.update({name: _archive.read(name) for name in _archive.namelist()})


def packed(
    parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED, *, twice: str | None = None
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
        if twice is not None:
            archive.writestr(zipfile.ZipInfo(twice), PARTS["3D/3dmodel.model"], method)
    return buffer.getvalue()


def with_part(name: str, content: str | bytes) -> bytes:
    return packed(PARTS | {name: content})


def without_part(name: str) -> bytes:
    return packed({key: value for key, value in PARTS.items() if key != name})


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "3D/../../evil.txt",
        "/etc/passwd",
        "C:/evil.txt",
        "3D\\..\\evil.txt",
        "3D//a.txt",
        "./a.txt",
        "a\x01b",
    ],
)
def test_names_that_lead_out_are_refused(name: str) -> None:
    assert refused(with_part(name, "x"), "p.3mf").code == "3MF-005"


@pytest.mark.parametrize("name", ["3D/3DMODEL.model", "3d/3dmodel.MODEL"])
def test_two_parts_that_differ_by_case_only_are_refused(name: str) -> None:
    assert refused(packed(PARTS, twice=name), "p.3mf").code == "3MF-005"


def test_two_parts_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = packed(PARTS, twice="3D/3dmodel.model")
    assert refused(data, "p.3mf").code == "3MF-005"


def test_folders_and_names_in_other_scripts_are_let_be() -> None:
    data = packed(PARTS | {"Metadata/": "", "Metadata/Эскиз.txt": "x"})
    assert_same_facets(read(data, "p.3mf"), TETRA)


# --- relationships ---------------------------------------------------------------------------


def external(target: str, mode: str = ' TargetMode="External"') -> str:
    row = f'<Relationship Id="x" Type="http://example.org/t" Target="{target}"{mode}/>'
    return relationships_xml("/3D/3dmodel.model").replace(
        "</Relationships>", row + "</Relationships>"
    )


@pytest.mark.parametrize("target", ["http://example.org/x", "file:///etc/passwd", "/3D/a.model"])
def test_external_relationships_are_refused(target: str) -> None:
    assert refused(with_part("_rels/.rels", external(target)), "p.3mf").code == "3MF-006"


def test_external_relationships_of_any_part_are_refused() -> None:
    data = with_part("3D/_rels/3dmodel.model.rels", external("http://example.org/texture.png"))
    assert refused(data, "p.3mf").code == "3MF-006"


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("../../etc/passwd", "3MF-005"),
        ("/3D/../../x", "3MF-005"),
        ("%2e%2e/x", "3MF-005"),
        ("//host/share", "3MF-006"),
        ("http:x", "3MF-006"),
        ("", "3MF-020"),
        ("/3D/none.model", "3MF-020"),
    ],
)
def test_targets_outside_or_missing_are_refused(target: str, code: str) -> None:
    rels = relationships_xml(target)
    assert refused(with_part("_rels/.rels", rels), "p.3mf").code == code


@pytest.mark.parametrize(
    "rels",
    [
        relationships_xml(),
        relationships_xml("/3D/3dmodel.model", "/3D/3dmodel.model"),
        relationships_xml("/3D/3dmodel.model", type_="http://example.org/other"),
        relationships_xml("/3D/3dmodel.model").replace('Id="r0" ', ""),
    ],
)
def test_a_package_needs_one_model_to_start_with(rels: str) -> None:
    assert refused(with_part("_rels/.rels", rels), "p.3mf").code == "3MF-020"


@pytest.mark.parametrize(
    "target",
    ["/3D/3dmodel.model", "3D/3dmodel.model", "./3D/x/../3dmodel.model", "/3D/3dmodel%2Emodel"],
)
def test_every_way_to_write_a_target_means_the_same_part(target: str) -> None:
    assert_same_facets(read(with_part("_rels/.rels", relationships_xml(target)), "p.3mf"), TETRA)


def test_parts_that_are_needed_must_be_there() -> None:
    assert refused(without_part("[Content_Types].xml"), "p.3mf").code == "3MF-001"
    assert refused(without_part("_rels/.rels"), "p.3mf").code == "3MF-020"
    assert refused(without_part("3D/3dmodel.model"), "p.3mf").code == "3MF-020"


def test_a_model_of_another_content_type_is_refused() -> None:
    types = PARTS["[Content_Types].xml"]
    assert isinstance(types, bytes)
    changed = types.replace(b"3dmanufacturing-3dmodel+xml", b"3dmanufacturing-other+xml")
    assert refused(with_part("[Content_Types].xml", changed), "p.3mf").code == "3MF-021"


# --- encryption ------------------------------------------------------------------------------


def test_encrypted_entries_are_refused() -> None:
    data = bytearray(GOOD)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(mark)
        data[at + offset] |= 1
    assert refused(bytes(data), "p.3mf").code == "3MF-004"


def test_secure_content_is_refused() -> None:
    keystore = "http://schemas.microsoft.com/3dmanufacturing/2019/04/keystore"
    rels = relationships_xml("/Secure/keystore.xml", type_=keystore)
    root = relationships_xml("/3D/3dmodel.model").replace(
        "</Relationships>", rels[rels.index("<Relationship ") :].replace('"r0"', '"k"')
    )
    for name, text in (("_rels/.rels", root), ("3D/_rels/3dmodel.model.rels", rels)):
        error = refused(packed(PARTS | {name: text, "Secure/keystore.xml": "<a/>"}), "p.3mf")
        assert error.code == "3MF-004"


def test_compression_that_opc_does_not_know_is_refused() -> None:
    assert refused(packed(PARTS, zipfile.ZIP_LZMA), "p.3mf").code == "3MF-004"
    assert_same_facets(read(packed(PARTS, zipfile.ZIP_STORED), "p.3mf"), TETRA)


# --- bombs -----------------------------------------------------------------------------------


def test_a_part_that_inflates_a_thousandfold_is_refused_unread() -> None:
    began = time.perf_counter()
    data = with_part("Metadata/a.txt", b"\0" * 50_000_000)
    packing = time.perf_counter() - began
    began = time.perf_counter()
    assert refused(data, "p.3mf").code == "3MF-007"
    assert time.perf_counter() - began < max(packing, 1.0)


def test_parts_are_counted_together() -> None:
    parts = PARTS | {f"Metadata/{i}.txt": "x" * 1000 for i in range(50)}
    limits = Limits(inflated_bytes=40_000)
    assert refused(packed(parts), "p.3mf", limits=limits).code == "3MF-007"
    assert refused(packed(parts), "p.3mf", limits=Limits(package_parts=50)).code == "3MF-008"
    assert_same_facets(read(packed(parts), "p.3mf"), TETRA)


def lying_about_its_size(declared: int) -> bytes:
    """A model part whose header says that it inflates to `declared` bytes, and that is far more."""
    text = PARTS["3D/3dmodel.model"]
    assert isinstance(text, bytes)
    large = text + b" " * 30_000_000
    data = bytearray(packed(PARTS | {"3D/3dmodel.model": large}))
    crc = zlib.crc32(large[:declared])
    for mark, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = 0
        while True:
            at = data.index(mark, at)
            name_at = at + (30 if mark == b"PK\x03\x04" else 46)
            if data[name_at : name_at + 16] == b"3D/3dmodel.model":
                break
            at += 4
        struct.pack_into("<I", data, at + offset, crc)
        struct.pack_into("<I", data, at + offset + 8, declared)
    return bytes(data)


def test_a_header_that_lies_about_the_size_gets_no_more_memory_than_it_declares() -> None:
    import tracemalloc

    text = PARTS["3D/3dmodel.model"]
    data = lying_about_its_size(len(text))
    tracemalloc.start()
    try:
        file = read(data, "p.3mf")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert_same_facets(file, TETRA)
    assert peak < 5_000_000


def test_a_part_shorter_than_declared_is_refused() -> None:
    data = bytearray(GOOD)
    at = data.rindex(b"PK\x01\x02")
    (size,) = struct.unpack_from("<I", data, at + 24)
    struct.pack_into("<I", data, at + 24, size + 7)
    assert refused(bytes(data), "p.3mf").code == "3MF-003"


def test_wrong_checksums_and_cut_archives_are_refused() -> None:
    at = GOOD.index(b"<vertex ") + 11
    flipped = GOOD[:at] + bytes([GOOD[at] ^ 0x10]) + GOOD[at + 1 :]
    assert refused(flipped, "p.3mf").code == "3MF-003"
    for length in (4, 30, len(GOOD) // 2, len(GOOD) - 1):
        assert refused(GOOD[:length], "p.3mf").code == "3MF-003"


# --- XML -------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE model [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE model [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "doctype", [LAUGHS, OUTSIDE, "<!DOCTYPE model>", "<!DOCTYPE m SYSTEM 'x'>"]
)
@pytest.mark.parametrize("part", ["3D/3dmodel.model", "_rels/.rels", "[Content_Types].xml"])
def test_document_types_are_refused_in_every_part(doctype: str, part: str) -> None:
    text = PARTS[part]
    assert isinstance(text, bytes)
    head, mark, rest = text.decode().partition("?>")
    error = refused(with_part(part, head + mark + doctype + rest), "p.3mf")
    assert error.code == "3MF-015"
    assert part in (error.where or "")


def test_a_document_type_in_utf16_is_refused_too() -> None:
    text = f'<?xml version="1.0" encoding="UTF-16"?>{OUTSIDE}' + MODEL.partition("?>")[2]
    assert refused(with_part("3D/3dmodel.model", text.encode("utf-16")), "p.3mf").code == "3MF-015"


def test_utf16_and_a_mark_are_read() -> None:
    text = MODEL.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert_same_facets(read(with_part("3D/3dmodel.model", text), "p.3mf"), TETRA)
    assert_same_facets(
        read(with_part("3D/3dmodel.model", b"\xef\xbb\xbf" + MODEL.encode()), "p.3mf"), TETRA
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<model",
        MODEL[:-5],
        MODEL.replace("millimeter", "&undefined;"),
        MODEL.replace('encoding="UTF-8"', 'encoding="no-such"'),
        MODEL.replace("<resources>", "<resources>" + "<a>" * 100 + "</a>" * 100),
        "<model/>",
        MODEL.replace("core/2015/02", "core/2013/01"),
        MODEL.replace("<build>", "<build/><build>"),
        MODEL.replace("<resources>", "<resources/><resources>"),
        MODEL.replace('<build><item objectid="1"/></build>', ""),
    ],
)
def test_xml_that_is_no_model_is_refused(text: str) -> None:
    assert refused(with_part("3D/3dmodel.model", text), "p.3mf").code == "3MF-016"

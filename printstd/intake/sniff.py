"""What a file is, told from its bytes.

The order matters (facts of validation, 1.3): a size that fits the facet count makes a binary
STL whatever its header says; then magic numbers; then text; and only then a binary STL whose
size does not fit, which its reader refuses. There is no way back from text to binary.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import numpy as np

from printstd.errors import InputError
from printstd.words import said


class Format(StrEnum):
    STL_BINARY = "stl-binary"
    STL_ASCII = "stl-ascii"
    THREE_MF = "3mf"
    OBJ = "obj"
    PLY = "ply"
    STEP = "step"


UTF8_BOM: Final = b"\xef\xbb\xbf"
STL_HEADER_BYTES: Final = 84
STL_RECORD_BYTES: Final = 50
_LOOK_BYTES: Final = 65_536

_EXTENSIONS: Final = {
    "stl": (Format.STL_BINARY, Format.STL_ASCII),
    "3mf": (Format.THREE_MF,),
    "obj": (Format.OBJ,),
    "ply": (Format.PLY,),
    "step": (Format.STEP,),
    "stp": (Format.STEP,),
}

_HINT_EXPORT = said("export the part as STL or 3MF from the program that made it")
_HINT_UNPACK = said("unpack it and give the model that is inside")
_HINT_DOWNLOAD = said("download the file again: this is a page, not the model")

# Magic, what it is, what to do. Longest first where one begins another.
_MAGIC: Final = (
    (
        b"version https://git-lfs.github.com/spec/",
        said("a Git LFS pointer"),
        said("run `git lfs pull`"),
    ),
    (b"\x1f\x8b", said("a gzip file"), _HINT_UNPACK),
    (b"BZh", said("a bzip2 file"), _HINT_UNPACK),
    (b"\xfd7zXZ\0", said("an xz file"), _HINT_UNPACK),
    (b"7z\xbc\xaf\x27\x1c", said("a 7-Zip archive"), _HINT_UNPACK),
    (b"Rar!\x1a\x07", said("a RAR archive"), _HINT_UNPACK),
    (b"%PDF", said("a PDF document"), _HINT_EXPORT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", said("a CAD or office document (OLE)"), _HINT_EXPORT),
    (b"\x89PNG", said("a PNG picture"), _HINT_EXPORT),
    (b"\xff\xd8\xff", said("a JPEG picture"), _HINT_EXPORT),
    (b"GIF8", said("a GIF picture"), _HINT_EXPORT),
    (b"BLENDER", said("a Blender file"), _HINT_EXPORT),
    (b"glTF", said("a binary glTF file"), _HINT_EXPORT),
    (b"Kaydara FBX", said("an FBX file"), _HINT_EXPORT),
    (b"GCDE", said("binary G-code"), said("give the model that it was made from")),
)

_XML_HEAD: Final = rb"(<\?xml[^>]*\?>\s*)?(?><!--.*?-->\s*)*+"
"""Each comment ends where it first ends, whatever comes after: otherwise one more doubles the time.
"""

_TEXT_MAGIC: Final = (
    (re.compile(rb"<!doctype\s+html|<html", re.I), said("a web page (HTML)"), _HINT_DOWNLOAD),
    (
        re.compile(_XML_HEAD + rb"<amf", re.I | re.S),
        said("an AMF file"),
        "",
    ),
    (
        re.compile(_XML_HEAD + rb"<model\b", re.S),
        said("the XML of a 3MF model without its package"),
        said("give the .3mf file itself"),
    ),
    (re.compile(rb"<\?xml"), said("an XML file"), _HINT_EXPORT),
    (re.compile(rb"(ST)?(C)?(N)?4?n?OFF\s"), said("an OFF file"), _HINT_EXPORT),
    (re.compile(rb"[{\[]\s*[\"{\[]"), said("a JSON file"), _HINT_EXPORT),
    (re.compile(rb"(;|[GM]\d+\s)"), said("G-code"), said("give the model that it was made from")),
)

_OBJ_LINE: Final = re.compile(rb"(?:^|[\r\n])[ \t]*v[ \t]+[-+.\d]")


def extension(name: str) -> str:
    """The file name's extension, lower case, without its dot."""
    head, dot, tail = name.rpartition(".")
    return tail.lower() if dot and head else ""


def code_prefix(name: str) -> str:
    """Whose codes speak about this file: those of the format that its name promises."""
    promised = extension(name)
    if promised not in _EXTENSIONS:
        return "MOD"
    return "STEP" if promised == "stp" else promised.upper()


def is_promised(name: str, found: Format) -> bool:
    """False where the name's extension promises another format."""
    return found in _EXTENSIONS.get(extension(name), tuple(Format))


def sniff(data: bytes, name: str) -> Format:
    """The format of `data`; InputError (code ...-001) saying what it is where it is no model."""
    if not data:
        raise _not_a_model(name, said("an empty file"), said("export or download it again"))
    if is_exact_binary_stl(data):
        return Format.STL_BINARY
    if data.startswith(b"PK\x03\x04"):
        return Format.THREE_MF
    for magic, what, hint in _MAGIC:
        if data.startswith(magic):
            raise _not_a_model(name, what, hint)
    if data[:_LOOK_BYTES].removeprefix(UTF8_BOM).lstrip().startswith(b"ISO-10303-21"):
        return Format.STEP
    wide = _wide_text(data)
    if wide:
        raise _not_a_model(
            name,
            said("text in {encoding}", encoding=wide),
            said("save it as UTF-8 or ASCII, or as binary STL"),
        )
    return _sniff_text(data, name) or _sniff_loose_binary(data, name)


def is_exact_binary_stl(data: bytes) -> bool:
    if len(data) < STL_HEADER_BYTES:
        return False
    declared = int.from_bytes(data[80:84], "little")
    return STL_HEADER_BYTES + STL_RECORD_BYTES * declared == len(data)


def _sniff_text(data: bytes, name: str) -> Format | None:
    head = data[:_LOOK_BYTES].removeprefix(UTF8_BOM).lstrip()
    if head.startswith((b"ply\n", b"ply\r")):
        return Format.PLY
    if b"\0" in head:
        return None
    lower = head.lower()
    is_solid = re.match(rb"solid(?![^\s])", lower) is not None
    if is_solid and b"facet" in lower and b"vertex" in lower:
        return Format.STL_ASCII
    if is_solid and _is_short_solid(lower, data):
        return Format.STL_ASCII
    for pattern, what, hint in _TEXT_MAGIC:
        if pattern.match(head):
            raise _not_a_model(name, what, hint or _HINT_EXPORT)
    if _OBJ_LINE.search(head) or (extension(name) == "obj" and _is_text(head)):
        return Format.OBJ
    return None


def _is_short_solid(lower: bytes, data: bytes) -> bool:
    """A solid without facets, or cut before its first vertex: text all the same."""
    return _is_text(lower) and (
        b"endsolid" in lower or b"facet" in lower or len(data) < STL_HEADER_BYTES
    )


def _is_text(head: bytes) -> bool:
    control = set(head) - set(b"\t\n\v\f\r\x1a") - set(range(32, 256))
    return not control


def _sniff_loose_binary(data: bytes, name: str) -> Format:
    """A binary STL whose size does not fit its count, if its first records look like facets."""
    present = (len(data) - STL_HEADER_BYTES) // STL_RECORD_BYTES
    if present < 1:
        raise _not_a_model(name, said("no model file that printstd knows"), _HINT_EXPORT)
    declared = int.from_bytes(data[80:84], "little")
    looked_at = min(present, declared or present, 100)
    if not looks_like_facets(data, STL_HEADER_BYTES, looked_at):
        raise _not_a_model(name, said("no model file that printstd knows"), _HINT_EXPORT)
    return Format.STL_BINARY


def looks_like_facets(data: bytes, offset: int, count: int) -> bool:
    """Do `count` records from `offset` decode to ordinary finite numbers?"""
    records = np.frombuffer(data, np.uint8, count * STL_RECORD_BYTES, offset)
    bits = np.ascontiguousarray(records.reshape(count, STL_RECORD_BYTES)[:, 12:48])
    values = bits.view("<f4")
    with np.errstate(invalid="ignore"):
        size = np.abs(values)
        is_ordinary = np.isfinite(values) & (size < 1e7)
        is_denormal = (size > 0) & (size < np.finfo(np.float32).tiny)
    return bool(is_ordinary.all() and is_denormal.mean() < 0.5)


def _wide_text(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    head = data[:64]
    if len(head) >= 8 and (_is_text(head[::2]) != _is_text(head[1::2])):
        zeros, letters = (head[1::2], head[::2]) if _is_text(head[::2]) else (head[::2], head[1::2])
        if not any(zeros) and letters.lstrip()[:5].isalpha():
            return "UTF-16"
    return None


def _not_a_model(name: str, what: str, hint: str) -> InputError:
    promised = extension(name)
    return InputError(
        said("this is {what}", what=what),
        wanted=said("a {upper} model", upper=promised.upper())
        if promised in _EXTENSIONS
        else said("STL, 3MF, OBJ, PLY or STEP"),
        hint=hint,
        code=f"{code_prefix(name)}-001",
    )

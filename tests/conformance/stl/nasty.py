"""The 47 STL files of which every reader known gets at least one silently wrong (facts of
validation, 1.3), made from a cube of twelve facets: the right outcome of each.

A file is taken whole, with every facet in its row and these remarks, or refused with this code.
Where one row of that table speaks of several values, a case stands for each.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from typing import Final, NamedTuple

import numpy as np

from tests import meshes
from tests.meshes import Triangles

CUBE: Final = meshes.cube(20.0)
OTHER: Final = meshes.cube(5.0, (30.0, 0.0, 0.0))
BINARY: Final = meshes.stl_binary(CUBE)
ASCII: Final = meshes.stl_ascii(CUBE)


class Nasty(NamedTuple):
    """refused : the code, empty where the file is taken. remarks : codes beside a file that is
    taken. mesh : the facets of one that is taken, row by row; None where they are not compared."""

    name: str
    data: bytes
    refused: str = ""
    remarks: tuple[str, ...] = ()
    mesh: Triangles | None = CUBE


def _corner(value: float) -> bytes:
    at = 84 + 50 * 7 + 12 + 12 + 8
    return BINARY[:at] + struct.pack("<f", value) + BINARY[at + 4 :]


def _count(count: int) -> bytes:
    return BINARY[:80] + struct.pack("<I", count) + BINARY[84:]


def _word(word: bytes) -> bytes:
    """The first coordinate of facet 4."""
    pieces = ASCII.split(b"vertex ")
    pieces[13] = word + b" " + pieces[13].split(b" ", 1)[1]
    return b"vertex ".join(pieces)


def _lines(delta: int) -> bytes:
    """A vertex line more or less in facet 5."""
    lines = ASCII.splitlines(keepends=True)
    at = 1 + 5 * 7 + 2
    return b"".join(lines[:at] + (lines[at + 1 :] if delta < 0 else [lines[at], *lines[at:]]))


def _zip(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("part.stl", (1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def _crack(width_mm: float) -> Triangles:
    """The facets of one side stand apart from the rest."""
    corners = CUBE[0][CUBE[1]].copy()
    corners[4:6, :, 0] -= width_mm
    return corners.reshape(-1, 3), np.arange(36, dtype=np.int32).reshape(-1, 3)


_FLAT: Final = CUBE[0], np.concatenate([CUBE[1], np.array([[0, 0, 1]], np.int32)])
_FLIPPED: Final = meshes.with_flipped(CUBE, 3)
_DOUBLED: Final = meshes.with_again(CUBE, [5])
_OPEN: Final = meshes.without(CUBE, [0])
_FAKE_TEXT: Final = b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0"

CASES: Final = (
    # No finite number.
    Nasty("NaN vertex", _corner(np.nan), "STL-010"),
    Nasty("infinite vertex", _corner(np.inf), "STL-010"),
    Nasty("minus infinite vertex", _corner(-np.inf), "STL-010"),
    Nasty("nan in a text", _word(b"nan"), "STL-010"),
    Nasty("1e999 in a text", _word(b"1e999"), "STL-010"),
    # Counts and lengths.
    Nasty("header count 1000", _count(1000), "STL-004"),
    Nasty("header count 6", _count(6), "STL-004"),
    Nasty("header count 0, data present", _count(0), "STL-004"),
    Nasty("header count 2^32 - 1", _count(2**32 - 1), "STL-004"),
    Nasty("no facets at all", BINARY[:80] + bytes(4), "STL-002"),
    Nasty("cut in mid-triangle", BINARY[:-25], "STL-003"),
    Nasty("cut in the last byte", BINARY[:-1], "STL-003"),
    Nasty("trailing garbage", BINARY + b"made by a program\r\n", "", ("STL-005",)),
    Nasty("one byte too many", BINARY + b"\0", "", ("STL-005",)),
    # ASCII.
    Nasty(
        "two solids",
        ASCII + meshes.stl_ascii(OTHER, "lid"),
        "",
        ("STL-020",),
        meshes.merged(CUBE, OTHER),
    ),
    Nasty("CR line ends", meshes.stl_ascii(CUBE, eol="\r")),
    Nasty("CR LF line ends", meshes.stl_ascii(CUBE, eol="\r\n")),
    Nasty("tabs and blank lines", ASCII.replace(b" ", b"\t").replace(b"\n", b"\n\n")),
    Nasty("upper-case keywords", ASCII.upper()),
    Nasty("text cut in a facet", ASCII[: len(ASCII) * 2 // 3], "STL-006"),
    Nasty("text cut in a number", ASCII[: ASCII.rindex(b"vertex") + 9], "STL-006"),
    Nasty("no endsolid", ASCII[: ASCII.index(b"endsolid")], "", ("STL-021",)),
    Nasty("UTF-8 mark", b"\xef\xbb\xbf" + ASCII, "", ("STL-023",)),
    Nasty("UTF-16 with a mark", ASCII.decode().encode("utf-16"), "STL-001"),
    Nasty("UTF-16 without a mark", ASCII.decode().encode("utf-16-le"), "STL-001"),
    Nasty("decimal commas", ASCII.replace(b".", b","), "STL-012"),
    Nasty("four vertices in a loop", _lines(1), "STL-013"),
    Nasty("two vertices in a loop", _lines(-1), "STL-013"),
    Nasty("misspelt keyword", ASCII.replace(b"endloop", b"endlop", 1), "STL-016"),
    # Another kind of file.
    Nasty("ZIP called stl", _zip(BINARY), "3MF-001"),
    Nasty("gzip called stl", gzip.compress(BINARY, mtime=0), "STL-001"),
    Nasty("web page", b"<!DOCTYPE html>\n<html><body>404</body></html>" + b" " * 90, "STL-001"),
    Nasty("PDF", b"%PDF-1.7\n" + bytes(200), "STL-001"),
    Nasty("STEP", b"ISO-10303-21;\nHEADER;\nENDSEC;\n" + b" " * 90, "STEP-002"),
    Nasty("empty file", b"", "STL-001"),
    Nasty("random bytes", bytes((i * 97 + i * i) % 251 for i in range(700)), "STL-001"),
    # Binary that looks like text.
    Nasty("header says solid", meshes.stl_binary(CUBE, b"solid exported by a program")),
    Nasty("header holds a facet", meshes.stl_binary(CUBE, _FAKE_TEXT)),
    # Numbers.
    Nasty("scale 1e-42", meshes.stl_binary(meshes.scaled(CUBE, 1e-42 / 20)), "STL-011"),
    Nasty("coordinate 3e9", _corner(3e9), "STL-014"),
    # Faults of the surface: read as they are, so that checks can tell of them.
    Nasty("inside out", meshes.stl_binary(meshes.inside_out(CUBE)), mesh=meshes.inside_out(CUBE)),
    Nasty("one facet flipped", meshes.stl_binary(_FLIPPED), mesh=_FLIPPED),
    Nasty("a facet twice", meshes.stl_binary(_DOUBLED), mesh=_DOUBLED),
    Nasty("a facet missing", meshes.stl_binary(_OPEN), mesh=_OPEN),
    Nasty("a facet without area", meshes.stl_binary(_FLAT), mesh=_FLAT),
    Nasty("crack of 0.1 um", meshes.stl_ascii(_crack(1e-4)), mesh=None),
    Nasty("crack of 1 um", meshes.stl_ascii(_crack(1e-3)), mesh=_crack(1e-3)),
)


def wrong(one: Nasty) -> str:
    """What is wrong with how a case is read; empty where nothing is."""
    from printstd.errors import InputError
    from printstd.intake import read_model

    try:
        file = read_model(one.data, name="part.stl")
    except InputError as error:
        return "" if error.code == one.refused else f"refused with {error.code}"
    if one.refused:
        return "taken"
    remarks = tuple(dict(finding.details)["code"] for finding in file.findings)
    if remarks != one.remarks:
        return f"remarks {', '.join(remarks) or 'none'}"
    found = file.mesh.vertices_mm[file.mesh.faces]
    if one.mesh is None:
        # Closed, and the width of what was bridged is told.
        is_closed = len(file.mesh.vertices_mm) == 8 and file.mesh.weld_gap_mm > 0
        return (
            "" if is_closed and len(found) == len(CUBE[1]) else "the crack is not closed and told"
        )
    corners = one.mesh[0][one.mesh[1]]
    return "" if found.shape == corners.shape and bool((found == corners).all()) else "other facets"

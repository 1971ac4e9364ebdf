"""PLY: ASCII and binary of either byte order, polygons as lists of vertex indices.

The header says what every row holds; all elements are walked by it, and the file must end
where the last one does. Own reader, see docs/decisions/0002-own-obj-ply-readers.md.
"""

from __future__ import annotations

from typing import Final, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.errors import InputError
from printstd.intake.limits import Limits
from printstd.intake.notices import Geometry, check_facet_count, listed, remark
from printstd.intake.obj import polygon_remarks
from printstd.intake.ply_body import Body, Column, binary_body, text_body
from printstd.intake.polygons import cut_polygons
from printstd.intake.sniff import UTF8_BOM
from printstd.words import said

SOURCE: Final = "PLY 1.0 (Turk 1994): header, vertex and face elements"

_TYPES: Final = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}
_FORMATS: Final = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_FACE_LISTS: Final = ("vertex_indices", "vertex_index")
_LONGEST_HEADER: Final = 1 << 20


class Element(NamedTuple):
    name: str
    n_rows: int
    columns: tuple[Column, ...]

    def column(self, *names: str) -> int | None:
        """Which column has one of the names."""
        return next((i for i, column in enumerate(self.columns) if column.name in names), None)


class Header(NamedTuple):
    byte_order: str
    """``<``, ``>``, or empty for text."""
    elements: tuple[Element, ...]
    end: int
    """Offset of the first byte of the body."""


def read_ply(data: bytes, limits: Limits) -> Geometry:
    """Vertices and triangles in file order; InputError PLY-002, -003, -009, -010, -013, -015,
    -016 or -018."""
    data = data.removeprefix(UTF8_BOM)
    header = _header(data)
    vertex = _only(header, "vertex")
    face = _only(header, "face")
    axes = [vertex.column(axis) for axis in "xyz"]
    corners_at = face.column(*_FACE_LISTS)
    if None in axes or any(vertex.columns[axis].is_list for axis in axes if axis is not None):
        _refuse(
            said("the vertices have no x, y and z"),
            "header",
            vertex.name,
            said("property float x, y, z"),
        )
    if corners_at is None or not face.columns[corners_at].is_list:
        _refuse(said("the faces have no list of corners"), "header", face.name, "vertex_indices")
    check_facet_count(face.n_rows, limits.facets, "PLY-009")
    body: Body = (
        binary_body(data, header.end, header.byte_order)
        if header.byte_order
        else text_body(data, header.end)
    )
    points = np.empty((0, 3))
    counts, corners = np.empty(0, np.int64), np.empty(0, np.int64)
    for element in header.elements:
        table = body.read(element.name, element.n_rows, element.columns)
        if element is vertex:
            points = np.stack([table.scalars(axis) for axis in axes if axis is not None], axis=1)
        elif element is face:
            counts, corners = table.lists(corners_at)
    findings = _check_end(body)
    _check_points(points)
    _check_corners(counts, corners, len(points))
    check_facet_count(int((counts - 2).sum()), limits.facets, "PLY-009")
    cut = cut_polygons(points, counts, corners)
    return Geometry(points, cut.faces, (*findings, *polygon_remarks(cut, "PLY", SOURCE)))


def _only(header: Header, name: str) -> Element:
    found = [element for element in header.elements if element.name == name]
    if any(element.name == "tristrips" for element in header.elements):
        _refuse(
            said("triangle strips are not read"),
            "header",
            said("element tristrips"),
            said("element face"),
            "PLY-015",
        )
    if len(found) > 1:
        _refuse(
            said("an element is declared twice"),
            "header",
            said("element {name}", name=name),
            said("each once"),
        )
    if not found or found[0].n_rows == 0:
        _refuse(
            said("the file has no faces") if name == "face" else said("the file has no vertices"),
            "header",
            ", ".join(f"{element.n_rows} {element.name}" for element in header.elements)
            or said("nothing"),
            said("an element `{name}`", name=name),
            "PLY-002",
        )
    return found[0]


def _header(data: bytes) -> Header:
    marker = data.find(b"end_header", 0, _LONGEST_HEADER)
    if marker < 0:
        _refuse(
            said("the header has no end"),
            "header",
            said("{count} bytes", count=len(data)),
            "end_header",
            "PLY-003",
        )
    end = marker + len(b"end_header")
    newline = b"\r\n" if data[end : end + 2] == b"\r\n" else data[end : end + 1]
    if newline not in (b"\n", b"\r", b"\r\n"):
        _refuse(
            said("the header does not end with its line"),
            said("byte {end}", end=end),
            repr(newline),
            said("a new line"),
        )
    try:
        text = data[:marker].decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(
            said("the header is not text"),
            said("byte {error}", error=error.start),
            said("other bytes"),
            "ASCII",
        )
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1]:
        _refuse(
            said("a word before end_header"),
            said("line {count}", count=len(lines)),
            lines[-1],
            said("end_header alone"),
        )
    byte_order: str | None = None
    elements: list[Element] = []
    for number, line in enumerate(lines[1:], start=2):
        words = line.split()
        match words:
            case [] | ["comment", *_] | ["obj_info", *_]:
                continue
            case ["format", name, "1.0"] if name in _FORMATS and byte_order is None:
                byte_order = _FORMATS[name]
            case ["element", name, count] if count.isascii() and count.isdigit():
                elements.append(Element(name, int(count[:18]), ()))
            case ["property", *rest] if elements:
                elements[-1] = _with_column(elements[-1], rest, number)
            case _:
                _refuse(
                    said("a header line that says nothing known"),
                    said("line {number}", number=number),
                    line,
                    said("PLY 1.0"),
                )
    if byte_order is None:
        _refuse(
            said("the header names no format"),
            "header",
            said("no format line"),
            said("format ascii 1.0"),
        )
    return Header(byte_order, tuple(elements), end + len(newline))


def _with_column(element: Element, words: list[str], line: int) -> Element:
    match words:
        case [kind, name] if kind in _TYPES:
            column = Column(name, _TYPES[kind], "")
        case ["list", count_kind, kind, name] if count_kind in _TYPES and kind in _TYPES:
            column = Column(name, _TYPES[kind], _TYPES[count_kind])
            if "f" in column.count_type:
                _refuse(
                    said("a list whose length is no whole number"),
                    said("line {line}", line=line),
                    name,
                    "uchar",
                )
        case _:
            _refuse(
                said("an unknown property"),
                said("line {line}", line=line),
                " ".join(words),
                said("a type and a name"),
            )
    if element.column(column.name) is not None:
        _refuse(
            said("a property is declared twice"),
            said("line {line}", line=line),
            column.name,
            said("each once"),
        )
    return element._replace(columns=(*element.columns, column))


def _check_end(body: Body) -> list[Finding]:
    surplus, at = body.surplus()
    if not surplus:
        return []
    return [
        remark(
            "PLY-005",
            said("{surplus} bytes follow the last element and were not read", surplus=surplus),
            status=Status.WARN,
            source=SOURCE,
            where=(Where(byte=at),),
            details=(("bytes", str(surplus)),),
        )
    ]


def _check_points(points: NDArray[np.float64]) -> None:
    wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(wrong):
        _refuse(
            said("a coordinate is no finite number"),
            said("vertex {listed}", listed=listed(wrong.tolist())),
            str(points[wrong[0]].tolist()),
            said("finite coordinates"),
            "PLY-010",
        )


def _check_corners(counts: NDArray[np.int64], corners: NDArray[np.int64], n_vertices: int) -> None:
    few = np.flatnonzero(counts < 3)
    if len(few):
        _refuse(
            said("a face with fewer than three corners"),
            said("face {listed}", listed=listed(few.tolist())),
            str(int(counts[few[0]])),
            said("3 or more"),
            "PLY-013",
        )
    wrong = np.flatnonzero((corners < 0) | (corners >= n_vertices))
    if len(wrong):
        face = int(np.searchsorted(np.cumsum(counts), wrong[0], side="right"))
        _refuse(
            said("a face names a vertex that is not there"),
            said("face {face}", face=face),
            str(int(corners[wrong[0]])),
            said("0 to {n_vertices}", n_vertices=n_vertices - 1),
            "PLY-018",
        )


def _refuse(what: str, where: str, got: str, wanted: str, code: str = "PLY-016") -> NoReturn:
    raise InputError(
        what,
        where=where,
        got=got[:80],
        wanted=wanted,
        hint=said("export the part again"),
        code=code,
    )

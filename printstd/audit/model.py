"""The auditor's own reader of model files: STL, OBJ, PLY here, 3MF in `model_3mf`.

It shares nothing with intake, so a mistake there cannot hide in both. It is strict and small: what
it does not fully understand is an InputError, never a part left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.errors import InputError
from printstd.words import said

SNAP_RATIO: Final = 2.0**-21
"""Grid on which vertices are one, as a share of the largest coordinate: CAD programs write the
same corner a few float32 steps apart (facts of validation, finding 4)."""


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """vertices : (v, 3) float64, the file's numbers, model frame, each place once.
    faces : (f, 3) int64, counter-clockwise seen from outside, none without three vertices.
    cut : what is to be cut out of it (negative volumes of a project), in the same frame. regions :
    volumes inside which something else is demanded, as they were asked for."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    cut: Solid | None = None
    regions: tuple[Solid, ...] = ()

    @property
    def signed_volume(self) -> float:
        """In cubed file units; negative where the solid is inside out."""
        a, b, c = (self.vertices[self.faces[:, k]] for k in range(3))
        return float((a * np.cross(b, c)).sum()) / 6.0


def read_solid(
    data: bytes,
    *,
    plate: int | None = None,
    items: tuple[int, ...] = (),
    regions: tuple[tuple[int, int], ...] = (),
    extruder: int | None = None,
) -> Solid:
    """Triangles of a model file; what it is is told from its content.

    items : of a 3MF project the build items that are wanted, by number; empty: all. regions :
    (item, volume) of the regions that are. extruder : of a project only what it gives to this one,
    from 1. Raises InputError where the file is damaged, unknown or empty, or has no such region.
    """
    cut, own = None, []
    if data[:4] == _ZIP:
        from printstd.audit.model_3mf import region_3mf, triangles_3mf

        corners, cut = triangles_3mf(data, plate, items, extruder)
        own = [region_3mf(data, *region) for region in regions]
    elif items or regions:
        raise _refused(
            said("only a 3MF has build items"), got=said("items {items}", items=items or regions)
        )
    else:
        corners = _triangles(data)
    if not len(corners):
        raise _refused(said("the model holds no triangle"))
    for found in (corners, cut, *own):
        if found is not None and not bool(np.isfinite(found).all()):
            raise _refused(said("the model holds a coordinate that is no finite number"))
    return replace(
        welded(corners),
        cut=None if cut is None else welded(cut),
        regions=tuple(welded(region) for region in own),
    )


_ZIP: Final = b"PK\x03\x04"


def _triangles(data: bytes) -> NDArray[np.float64]:
    """(f, 3, 3) float64, the file's numbers, of everything but packages."""
    if len(data) >= 84 and 84 + 50 * int.from_bytes(data[80:84], "little") == len(data):
        return _binary_stl(data)
    if data[:4] in (b"ply\n", b"ply\r"):
        return _ply(data)
    text = data.removeprefix(b"\xef\xbb\xbf")
    start = text[:65536].lstrip().lower()
    if start.startswith(b"solid") and b"\0" not in text:
        return _ascii_stl(text)
    if b"\0" not in text and any(
        line.startswith((b"v ", b"v\t")) for line in text[:1_000_000].splitlines()
    ):
        return _obj(text)
    raise _refused(said("the model is no STL, OBJ, PLY or 3MF that the auditor can read"))


def _refused(what: str, **places: str) -> InputError:
    return InputError(what, code="AUD-MODEL", **places)


def _binary_stl(data: bytes) -> NDArray[np.float64]:
    record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    return np.frombuffer(data, record, offset=84)["corners"].astype(np.float64)


def _ascii_stl(text: bytes) -> NDArray[np.float64]:
    tokens = text.split()
    numbers: list[bytes] = []
    index, n_facets, n_loops = 0, 0, 0
    while index < len(tokens):
        word = tokens[index].lower()
        if word == b"vertex":
            numbers += tokens[index + 1 : index + 4]
            index += 4
            continue
        n_facets += word == b"endfacet"
        n_loops += word == b"endloop"
        index += 1
    try:
        values = np.array([float(number) for number in numbers])
    except ValueError as bad:
        raise _refused(said("a vertex of the ASCII STL is no number"), got=str(bad)) from bad
    if len(values) != 9 * n_facets or n_loops != n_facets:
        raise _refused(
            said("the ASCII STL is damaged"),
            got=said(
                "{n_facets} facets, {n_loops} loops, {count:g} vertices",
                n_facets=n_facets,
                n_loops=n_loops,
                count=len(values) / 3,
            ),
            wanted=said("three vertices in every facet"),
        )
    return values.reshape(-1, 3, 3)


def _obj(text: bytes) -> NDArray[np.float64]:
    vertices: list[list[float]] = []
    corners: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split(b"#", 1)[0].split()
        if not words:
            continue
        try:
            if words[0] == b"v":
                vertices.append([float(word) for word in words[1:4]])
            elif words[0] == b"f":
                ring = [int(word.split(b"/", 1)[0]) for word in words[1:]]
                ring = [i - 1 if i > 0 else len(vertices) + i for i in ring]
                if len(ring) < 3 or min(ring) < 0 or len(vertices[-1]) != 3:
                    raise ValueError("a face of fewer than three vertices")
                for b, c in pairwise(ring[1:]):
                    corners += (ring[0], b, c)
        except (ValueError, IndexError) as bad:
            raise _refused(
                said("the OBJ is damaged"), where=said("line {number}", number=number), got=str(bad)
            ) from bad
    return _indexed(np.array(vertices, np.float64).reshape(-1, 3), np.array(corners, np.int64))


def _indexed(vertices: NDArray[np.float64], corners: NDArray[np.int64]) -> NDArray[np.float64]:
    if len(corners) and (corners.min() < 0 or corners.max() >= len(vertices)):
        raise _refused(said("a face names a vertex that is not there"))
    return vertices[corners].reshape(-1, 3, 3)


_PLY_TYPES: Final = {
    "char": "i1",
    "uchar": "u1",
    "short": "i2",
    "ushort": "u2",
    "int": "i4",
    "uint": "u4",
    "int8": "i1",
    "uint8": "u1",
    "int16": "i2",
    "uint16": "u2",
    "int32": "i4",
    "uint32": "u4",
    "float": "f4",
    "double": "f8",
    "float32": "f4",
    "float64": "f8",
}


_Elements = list[tuple[str, int, list[list[str]]]]


def _ply(data: bytes) -> NDArray[np.float64]:
    head, mark, body = data.partition(b"end_header")
    if not mark:
        raise _refused(said("the PLY has no end of header"))
    body = body[2:] if body.startswith(b"\r\n") else body[1:]
    encoding = ""
    elements: _Elements = []
    for line in head.splitlines():
        words = line.decode("ascii", "replace").split()
        if words[:1] == ["format"]:
            encoding = words[1]
        elif words[:1] == ["element"]:
            elements.append((words[1], int(words[2]), []))
        elif words[:1] == ["property"] and elements:
            elements[-1][2].append(words[1:])
    if encoding == "ascii":
        return _ply_ascii(elements, body)
    order = {"binary_little_endian": "<", "binary_big_endian": ">"}.get(encoding)
    if order is None:
        raise _refused(said("the PLY is of an unknown encoding"), got=encoding)
    return _ply_binary(elements, body, order)


def _ply_ascii(elements: _Elements, body: bytes) -> NDArray[np.float64]:
    vertices: list[list[float]] = []
    corners: list[int] = []
    lines = iter(line.split() for line in body.splitlines() if line.strip())
    try:
        for name, count, properties in elements:
            for _ in range(count):
                row = next(lines)
                if name == "vertex":
                    columns = [p[-1] for p in properties]
                    vertices.append([float(row[columns.index(axis)]) for axis in "xyz"])
                elif name == "face":
                    ring = [int(word) for word in row[1 : 1 + int(row[0])]]
                    for b, c in pairwise(ring[1:]):
                        corners += (ring[0], b, c)
    except (StopIteration, ValueError, IndexError) as bad:
        raise _refused(said("the PLY is damaged"), got=str(bad)) from bad
    return _indexed(np.array(vertices, np.float64).reshape(-1, 3), np.array(corners, np.int64))


def _ply_binary(elements: _Elements, body: bytes, order: str) -> NDArray[np.float64]:
    vertices = np.zeros((0, 3))
    corners: list[int] = []
    at = 0
    try:
        for name, count, properties in elements:
            if all(p[0] != "list" for p in properties):
                record = np.dtype([(p[1], order + _PLY_TYPES[p[0]]) for p in properties])
                rows = np.frombuffer(body, record, count, at)
                at += record.itemsize * count
                if name == "vertex":
                    vertices = np.stack([rows[axis].astype(np.float64) for axis in "xyz"], axis=1)
                continue
            for _ in range(count):
                for p in properties:
                    if p[0] != "list":
                        at += np.dtype(_PLY_TYPES[p[0]]).itemsize
                        continue
                    size = np.dtype(order + _PLY_TYPES[p[1]])
                    n = int(np.frombuffer(body, size, 1, at)[0])
                    index = np.dtype(order + _PLY_TYPES[p[2]])
                    ring = np.frombuffer(body, index, n, at + size.itemsize).tolist()
                    at += size.itemsize + n * index.itemsize
                    if name == "face" and p[3] in ("vertex_indices", "vertex_index"):
                        for b, c in pairwise(ring[1:]):
                            corners += (ring[0], b, c)
    except (KeyError, ValueError) as bad:
        raise _refused(said("the PLY is damaged"), got=str(bad)) from bad
    return _indexed(vertices, np.array(corners, np.int64))


def welded(corners: NDArray[np.float64]) -> Solid:
    """One solid of loose triangles (f, 3, 3): corners in one cell of the snap grid become one.

    Two that lie across a cell's border stay apart: sections join what is left open there.
    """
    flat = corners.reshape(-1, 3)
    cell = SNAP_RATIO * max(float(np.abs(flat).max()), 1e-30)
    grid = np.rint(flat / cell).astype(np.int64)
    order = np.lexsort((grid[:, 2], grid[:, 1], grid[:, 0]))
    ranked = grid[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (ranked[1:] != ranked[:-1]).any(axis=1)
    index = np.empty(len(order), np.int64)
    index[order] = np.cumsum(is_new) - 1
    faces = index.reshape(-1, 3)
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (a != c)]
    solid = Solid(flat[order[is_new]], faces)
    return solid if solid.signed_volume >= 0 else Solid(solid.vertices, faces[:, ::-1])

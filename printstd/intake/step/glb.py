"""The binary glTF that the tessellator gives back: triangles, normals, and each one's CAD face.

Lengths in it are metres; the numbers of faces and what each lies on stand in the extension
``TM_brep_faces`` of a mesh's primitives. Nothing of it is trusted: an index out of range, a number
that is none or a node that contains itself is an error of the tessellator's.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.errors import InputError
from printstd.intake.step.part21 import refused
from printstd.words import said

EXTENSION: Final = "TM_brep_faces"
_MM_PER_M: Final = 1000.0
_MAX_DEPTH: Final = 64
_MAX_NODES: Final = 100_000
ODD: Final = (
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError),
    *(struct.error, RecursionError),
)
"""What a description raises that is not of the form that it should be."""
_INDEX_TYPES: Final = {5121: "<u1", 5123: "<u2", 5125: "<u4"}
_TRIANGLES: Final = 4
MAX_MM: Final = 1e9
"""Of any coordinate, as of every model."""


class Placed(NamedTuple):
    """One mesh of the file where an assembly has it.

    mesh : which one, by its number. triangles, normals : (f, 3, 3) float64, mm and unit, normals of
    the true surface at the corners. face : (f,) int64, into `surfaces`. surfaces : each face's, as
    the tessellator names it, with lengths in m in the mesh's own frame; None for a free form. turn,
    shift : (3, 3) and (3,) mm, from that frame to the model's.
    """

    mesh: int
    triangles: NDArray[np.float64]
    normals: NDArray[np.float64]
    face: NDArray[np.int64]
    surfaces: list[dict[str, Any] | None]
    turn: NDArray[np.float64]
    shift: NDArray[np.float64]


def read_glb(data: bytes, *, max_facets: int) -> list[Placed]:
    """Every mesh in the order of the scene's nodes."""
    try:
        return _read(data, max_facets)
    except ODD as error:
        raise unusable(str(error)[:80]) from error


def unusable(why: str) -> InputError:
    return refused(
        "STEP-012",
        said("the tessellation of the STEP file cannot be used"),
        got=why,
        wanted=said("triangles of all faces"),
    )


def _read(data: bytes, max_facets: int) -> list[Placed]:
    magic, version, length, json_length, kind = struct.unpack_from("<4sIIII", data)
    if (magic, version, kind) != (b"glTF", 2, 0x4E4F534A) or length != len(data):
        raise ValueError("no binary glTF")
    document = json.loads(data[20 : 20 + json_length])
    at = 20 + json_length
    binary = b""
    if at < len(data):
        size, kind = struct.unpack_from("<II", data, at)
        binary = data[at + 8 : at + 8 + size]
        if kind != 0x004E4942 or len(binary) != size:
            raise ValueError("no binary chunk")
    found: list[Placed] = []
    scene = document["scenes"][document.get("scene", 0)]
    waiting = [(number, np.eye(3), np.zeros(3), 0) for number in reversed(scene["nodes"])]
    visited = facets = 0
    while waiting:
        number, turn, shift, depth = waiting.pop()
        visited += 1
        if depth > _MAX_DEPTH or visited > _MAX_NODES:
            raise ValueError("nodes without end")
        node = document["nodes"][number]
        own_turn, own_shift = _transform(node)
        if not ((np.abs(own_turn) <= 2).all() and (np.abs(own_shift) <= MAX_MM).all()):
            raise ValueError("a part of the assembly that is scaled, or too far away")
        shift = turned(own_shift, turn) + shift
        turn = turned(own_turn.T, turn).T
        children = node.get("children", [])
        waiting += [(child, turn, shift, depth + 1) for child in reversed(children)]
        if "mesh" in node:
            for primitive in document["meshes"][node["mesh"]]["primitives"]:
                own = _primitive(document, binary, primitive, node["mesh"], turn, shift)
                facets += len(own.triangles)
                if facets > max_facets:
                    raise refused(
                        "STEP-008",
                        said("the tessellation of the STEP file has more facets than are read"),
                        got=said("more than {most}", most=max_facets),
                        wanted=said("at most {most}", most=max_facets),
                        hint=said("choose a coarser --class, or split the part"),
                    )
                found.append(own)
    return found


def _transform(node: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if "matrix" in node:
        whole = np.array(node["matrix"], np.float64).reshape(4, 4).T
        return whole[:3, :3], whole[:3, 3] * _MM_PER_M
    x, y, z, w = np.array(node.get("rotation", (0.0, 0.0, 0.0, 1.0)), np.float64).tolist()
    if not max(abs(x), abs(y), abs(z), abs(w)) <= 2:
        raise ValueError("a rotation that is none")
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    scale = np.array(node.get("scale", (1.0, 1.0, 1.0)), np.float64)
    shift = np.array(node.get("translation", (0.0, 0.0, 0.0)), np.float64)
    if not ((np.abs(scale) <= 2).all() and (np.abs(shift) <= MAX_MM).all()):
        raise ValueError("a part of the assembly that is scaled, or too far away")
    turn, shift = turn * scale, shift * _MM_PER_M
    if shift.shape != (3,):
        raise ValueError("a translation that is none")
    return turn, shift


def _primitive(
    document: dict[str, Any],
    binary: bytes,
    primitive: dict[str, Any],
    mesh: int,
    turn: NDArray[np.float64],
    shift: NDArray[np.float64],
) -> Placed:
    if primitive.get("mode", _TRIANGLES) != _TRIANGLES:
        raise ValueError("something else than triangles")
    points = _accessor(document, binary, primitive["attributes"]["POSITION"], "VEC3")
    normals = _accessor(document, binary, primitive["attributes"]["NORMAL"], "VEC3")
    index = _accessor(document, binary, primitive["indices"], "SCALAR").astype(np.int64)
    extension = primitive["extensions"][EXTENSION]
    face = _accessor(document, binary, extension["faceIndices"], "SCALAR").astype(np.int64)
    surfaces = extension["faces"]
    corners = index.reshape(-1, 3)
    if len(face) != len(corners) or len(points) != len(normals):
        raise ValueError("accessors of different lengths")
    if len(corners) and (corners.max() >= len(points) or face.max() >= len(surfaces)):
        raise ValueError("an index out of range")
    if not (np.abs(points) <= MAX_MM / _MM_PER_M).all():
        raise ValueError("a coordinate that is no number, or too large")
    turn = _rigid(turn)
    placed = turned(points.astype(np.float64) * _MM_PER_M, turn) + shift
    upright = turned(np.nan_to_num(normals.astype(np.float64)), turn)
    if (np.cross(turn[:, 0], turn[:, 1]) * turn[:, 2]).sum() < 0:
        corners = corners[:, ::-1]
    if np.bincount(face, minlength=len(surfaces)).min(initial=1) == 0:
        raise ValueError("a face without a triangle")
    return Placed(mesh, placed[corners], upright[corners], face, surfaces, turn, shift)


def _rigid(turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation (or reflection) that float32 has rounded: lengths are kept to the last digit."""
    if not np.isfinite(turn).all() or np.abs(turned(turn.T, turn.T) - np.eye(3)).max() > 1e-5:
        raise ValueError("a part of the assembly that is scaled")
    x = turn[:, 0] / np.sqrt((turn[:, 0] ** 2).sum())
    y = turn[:, 1] - (turn[:, 1] * x).sum() * x
    y = y / np.sqrt((y * y).sum())
    z = np.cross(x, y)
    side = 1.0 if (z * turn[:, 2]).sum() > 0 else -1.0
    return np.stack([x, y, side * z], axis=1)


def turned(points: NDArray[np.float64], turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """`turn` times each of `points` (..., 3), the same sum on every machine."""
    return np.stack([(points * row).sum(axis=-1) for row in turn], axis=-1)


def _accessor(document: dict[str, Any], binary: bytes, number: int, form: str) -> NDArray[Any]:
    """(n, 3) float32 or (n,) unsigned."""
    if type(number) is not int or number < 0:
        raise ValueError("an accessor that is none")
    accessor = document["accessors"][number]
    view = document["bufferViews"][accessor["bufferView"]]
    if accessor["type"] != form or view.get("buffer", 0) != 0:
        raise ValueError("an accessor of another form")
    kind = "<f4" if form == "VEC3" else _INDEX_TYPES[accessor["componentType"]]
    if form == "VEC3" and accessor["componentType"] != 5126:
        raise ValueError("coordinates that are no float32")
    width = 3 if form == "VEC3" else 1
    item = np.dtype(kind).itemsize * width
    if view.get("byteStride", item) != item:
        raise ValueError("interleaved data")
    at = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    count = accessor["count"]
    if min(at, count) < 0 or at + count * item > len(binary):
        raise ValueError("an accessor beyond the data")
    flat = np.frombuffer(binary, kind, count * width, at)
    return flat.reshape(-1, 3) if width == 3 else flat

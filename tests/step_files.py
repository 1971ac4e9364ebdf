"""STEP files for tests, and their meshes; where the extra `step` is not installed, what needs it is
skipped and says so."""

from __future__ import annotations

import json
import struct
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from printstd.adapters.tessellator import CascadioTessellator
from printstd.artifacts.cad import CadMesh
from printstd.intake.step.read import ChordLimit, read_step
from samples.step.make_step import (
    FLANGE,
    PLATE,
    PlatePart,
    blind,
    boss,
    counterbored,
    countersunk,
    dimple,
    dome,
    filleted_boss,
    hole,
    step,
    stud,
)

needs_library = pytest.mark.skipif(
    find_spec("cascadio") is None, reason="the extra `step` (cascadio) is not installed"
)
BLOCK = PlatePart((20.0, 10.0, 5.0), 0.0, (hole(10.0, 5.0, 3.2),))
FULL = PlatePart(
    (120.0, 90.0, 7.5),
    6.0,
    (
        *(hole(12.0 + 16 * n, 12.0, 2.4 + 0.9 * n) for n in range(7)),
        *(blind(12.0 + 16 * n, 30.0, 3.0 + n, 1.0 + 0.5 * n) for n in range(7)),
        *(countersunk(14.0 + 20 * n, 48.0, 8.0 + n, 4.0, 4.5) for n in range(3)),
        *(counterbored(74.0 + 18 * n, 48.0, 10.0 + n, 3.5, 5.0 + n) for n in range(3)),
        *(boss(12.0 + 16 * n, 64.0, 4.0 + n, 9.0 + n) for n in range(4)),
        filleted_boss(80.0, 66.0, 9.0, 7.5, 1.25, 16.0),
        stud(102.0, 66.0, 12.0, 7.0, 15.0),
        dome(20.0, 80.0, 9.0),
        dimple(50.0, 80.0, 7.0),
    ),
)
"""Of everything that the writer can write, several sizes."""

__all__ = ["BLOCK", "FLANGE", "FULL", "PLATE", "FakeTessellator", "meshed", "needs_library", "step"]


@lru_cache(maxsize=32)
def meshed(data: bytes, limit_mm: float = 0.01) -> CadMesh:
    """By the library, each once."""
    return read_step(data, CascadioTessellator(), ChordLimit(limit_mm, "a test"))


class FakeTessellator:
    """Gives what it was told to, one after the other, and remembers what it was asked for."""

    name = "fake 1"

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.asked = list(answers), []

    def glb(self, data: bytes, *, deflection_mm: float) -> bytes:
        self.asked.append(deflection_mm)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def drum(sides: int, radius: float = 5.0, height: float = 10.0) -> bytes:
    """glTF of a cylinder with so many sides, as the library gives it."""
    turn = 2 * np.pi * np.arange(sides) / sides
    ring = np.stack([np.cos(turn) * radius, np.sin(turn) * radius], axis=1)
    corners, faces = [], []
    for n in range(sides):
        a, b = ring[n], ring[(n + 1) % sides]
        low_a, low_b, high_a, high_b = (*a, 0.0), (*b, 0.0), (*a, height), (*b, height)
        corners += [(low_a, low_b, high_b), (low_a, high_b, high_a)]
        corners += [((0.0, 0.0, 0.0), low_b, low_a), ((0.0, 0.0, height), high_a, high_b)]
        faces += [0, 0, 1, 2]
    surfaces: list[dict[str, Any] | None] = [
        {"type": "cylinder", "origin": [0, 0, 0], "axis": [0, 0, 1], "radius": radius / 1000},
        {"type": "plane", "origin": [0, 0, 0], "normal": [0, 0, -1]},
        {"type": "plane", "origin": [0, 0, height / 1000], "normal": [0, 0, 1]},
    ]
    return glb(np.array(corners), np.array(faces), surfaces)


def glb(
    triangles: np.ndarray,
    faces: np.ndarray,
    surfaces: list[dict[str, Any] | None],
    change: Any = None,
) -> bytes:
    """Binary glTF of triangles (f, 3, 3) in mm. change : of the document, before it is written."""
    points = (triangles.reshape(-1, 3) / 1000).astype("<f4")
    flat = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normals = np.repeat(flat / np.linalg.norm(flat, axis=1)[:, None], 3, axis=0).astype("<f4")
    index = np.arange(len(points), dtype="<u4")
    parts = [part.tobytes() for part in (points, normals, index, faces.astype("<u4"))]
    starts = np.cumsum([0, *(len(part) for part in parts)]).tolist()
    views = [
        {"buffer": 0, "byteOffset": at, "byteLength": len(part)}
        for at, part in zip(starts, parts, strict=False)
    ]
    kinds = [("VEC3", 5126, len(points))] * 2 + [("SCALAR", 5125, len(points))]
    kinds += [("SCALAR", 5125, len(faces))]
    document = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "scene": 0,
        "nodes": [{"mesh": 0}],
        "meshes": [
            {
                "primitives": [
                    {
                        "attributes": {"POSITION": 0, "NORMAL": 1},
                        "indices": 2,
                        "mode": 4,
                        "extensions": {"TM_brep_faces": {"faceIndices": 3, "faces": surfaces}},
                    }
                ]
            }
        ],
        "accessors": [
            {"bufferView": n, "type": form, "componentType": kind, "count": count}
            for n, (form, kind, count) in enumerate(kinds)
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": starts[-1]}],
    }
    if change is not None:
        change(document)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(parts)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(body), 0x004E4942) + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks

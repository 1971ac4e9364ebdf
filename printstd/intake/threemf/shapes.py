"""Texts of a model part to meshes and transforms (3MF Core, 3.3 and 4.1.2 to 4.1.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.intake.numbers import BadNumber, integers, reals
from printstd.intake.threemf.names import refuse
from printstd.words import said

Transform = tuple[
    float, float, float, float, float, float, float, float, float, float, float, float
]
"""Row by row as written: a point is the row (x, y, z, 1) times this 4 x 3 matrix."""

IDENTITY: Final[Transform] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)

_LEAST_VERTICES: Final = 3
_LEAST_OF_A_SOLID: Final = 4
"""Triangles; fewer enclose nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """points : (n, 3) float64, the part's numbers. faces : (f, 3) int32."""

    points: NDArray[np.float64]
    faces: NDArray[np.int32]


def check_enough(n_vertices: int, n_triangles: int, is_solid: bool, where: str) -> None:
    """InputError 3MF-018 where a mesh has too few of either (Core 4.1.2)."""
    least = _LEAST_OF_A_SOLID if is_solid else 1
    if n_vertices < _LEAST_VERTICES or n_triangles < least:
        refuse(
            18,
            said("a mesh that encloses nothing"),
            where,
            said(
                "{vertices} vertices, {triangles} triangles",
                vertices=n_vertices,
                triangles=n_triangles,
            ),
            said(
                "at least {vertices} vertices and {triangles} triangles",
                vertices=_LEAST_VERTICES,
                triangles=least,
            ),
        )


def shape_of(coordinates: list[str], corners: list[str], where: str) -> Shape:
    """x, y, z of vertex after vertex; v1, v2, v3 of triangle after triangle. InputError 3MF-010,
    -017, -018 with the number of the vertex or triangle."""
    words = _words(coordinates, where)
    try:
        points = reals(words).reshape(-1, 3)
    except BadNumber as bad:
        word = coordinates[bad.index]
        code = 10 if word.strip().lower().lstrip("+-").startswith(("nan", "inf")) else 17
        hint = said("export it again with a decimal point") if "," in word else ""
        refuse(
            code,
            said("a coordinate that is no number"),
            said("{where}, vertex {index}", where=where, index=bad.index // 3),
            word,
            said("a decimal number"),
            hint,
        )
    wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(wrong):
        refuse(
            10,
            said("a coordinate that is not finite"),
            said("{where}, vertex {wrong}", where=where, wrong=int(wrong[0])),
        )
    return Shape(points, _faces(corners, len(points), where))


def _faces(corners: list[str], n_points: int, where: str) -> NDArray[np.int32]:
    try:
        faces = integers(_words(corners, where)).reshape(-1, 3)
    except BadNumber as bad:
        at = said("{where}, triangle {row}", where=where, row=bad.index // 3)
        refuse(17, said("a corner that is no index"), at, corners[bad.index])
    wrong = np.flatnonzero(((faces < 0) | (faces >= n_points)).any(axis=1))
    if len(wrong):
        row = int(wrong[0])
        at = said("{where}, triangle {row}", where=where, row=row)
        refuse(
            18, said("a triangle names a vertex that is not there"), at, str(faces[row].tolist())
        )
    a, b, c = faces.T
    wrong = np.flatnonzero((a == b) | (b == c) | (c == a))
    if len(wrong):
        row = int(wrong[0])
        refuse(
            18,
            said("a triangle names one vertex twice"),
            said("{where}, triangle {row}", where=where, row=row),
            str(faces[row].tolist()),
            said("three different indices (3MF Core 4.1.4)"),
        )
    return np.ascontiguousarray(faces, np.int32)


def transform_of(text: str | None, at: str) -> Transform:
    """Twelve numbers that flatten nothing; 3MF-027."""
    if text is None:
        return IDENTITY
    words = text.encode().split()
    try:
        numbers = reals(words).tolist()
    except BadNumber as bad:
        shown = words[bad.index].decode()
        refuse(27, said("a transform with something that is no number"), at, shown)
    if len(numbers) != 12:
        refuse(27, said("a transform of a wrong length"), at, f"{len(words)}", "12")
    matrix: Transform = tuple(numbers)
    if not all(map(math.isfinite, numbers)) or not math.isfinite(determinant(matrix)):
        refuse(27, said("a transform that is not finite"), at, text)
    if determinant(matrix) == 0:
        refuse(27, said("a transform that flattens"), at, text, said("a determinant not 0"))
    return matrix


def determinant(m: Transform) -> float:
    return (
        m[0] * (m[4] * m[8] - m[5] * m[7])
        - m[1] * (m[3] * m[8] - m[5] * m[6])
        + m[2] * (m[3] * m[7] - m[4] * m[6])
    )


def _words(texts: list[str], where: str) -> list[bytes]:
    """Numbers as bytes, white space around them taken off."""
    words = " ".join(texts).encode("utf-8", "replace").split()
    if len(words) != len(texts):
        wrong = next(text for text in texts if len(text.split()) != 1)
        refuse(17, said("an attribute that is not one number"), where, repr(wrong))
    return words

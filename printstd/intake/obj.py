"""OBJ: vertices and polygonal faces; free-form surfaces are refused, the rest is decoration.

Own reader, because a face must be read or refused, never dropped: see
docs/decisions/0002-own-obj-ply-readers.md.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.errors import InputError
from printstd.intake.limits import Limits
from printstd.intake.notices import Geometry, check_facet_count, listed, remark
from printstd.intake.numbers import BadNumber, integers, reals
from printstd.intake.polygons import Cut, cut_polygons
from printstd.intake.sniff import UTF8_BOM
from printstd.words import said

SOURCE: Final = "Wavefront OBJ: v and f statements"

_DECORATION: Final = frozenset(
    b"vt vn g o s usemtl mtllib usemap maplib mg bevel c_interp d_interp lod "
    b"shadow_obj trace_obj vp".split()
)
_FREE_FORM: Final = frozenset(
    b"cstype deg bmat step curv curv2 surf parm trim hole scrv sp end con stech ctech".split()
)
_BARE: Final = frozenset((b"l", b"p"))

Rows = list[list[bytes]]


def read_obj(data: bytes, limits: Limits) -> Geometry:
    """Vertices and triangles in file order; InputError OBJ-002, -009, -010, -012, -013, -015,
    -016 or -018."""
    rows = _rows(data.removeprefix(UTF8_BOM))
    kinds = [row[0] if row else b"" for row in rows]
    findings = _check_statements(kinds)
    vertex_lines = [line for line, kind in enumerate(kinds) if kind == b"v"]
    face_lines = [line for line, kind in enumerate(kinds) if kind == b"f"]
    if not face_lines:
        raise InputError(
            said("the file has no faces"),
            got=said("{count} vertices", count=len(vertex_lines)),
            wanted=said("`f` statements"),
            code="OBJ-002",
        )
    points = _vertices(rows, vertex_lines)
    counts, corners = _faces(rows, face_lines, vertex_lines)
    check_facet_count(int((counts - 2).sum()), limits.facets, "OBJ-009")
    cut = cut_polygons(points, counts, corners)
    findings += polygon_remarks(cut, "OBJ", SOURCE)
    return Geometry(points, cut.faces, tuple(findings))


def polygon_remarks(cut: Cut, prefix: str, source: str) -> list[Finding]:
    found: list[Finding] = []
    if cut.n_polygons:
        found.append(
            remark(
                f"{prefix}-020",
                said(
                    "{n_polygons} faces with more than three corners were cut into triangles",
                    n_polygons=cut.n_polygons,
                ),
                source=source,
            )
        )
    if cut.uncut:
        found.append(
            remark(
                f"{prefix}-021",
                said(
                    "{count} faces are not convex and were cut as fans, because they cross "
                    "themselves or are too large: face {listed}",
                    count=len(cut.uncut),
                    listed=listed(list(cut.uncut)),
                ),
                status=Status.WARN,
                source=source,
            )
        )
    return found


def _rows(data: bytes) -> Rows:
    """The words of every line; a line that is continued holds all, and leaves empty ones."""
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = text.split(b"\n")
    if b"#" in text:
        lines = [line.partition(b"#")[0] if b"#" in line else line for line in lines]
    if b"\\" in text:
        lines = _joined(lines)
    return [line.split() for line in lines]


def _joined(lines: list[bytes]) -> list[bytes]:
    joined = [b""] * len(lines)
    first = 0
    for number, line in enumerate(lines):
        body = line.rstrip(b" \t")
        goes_on = body.endswith(b"\\")
        joined[first] += body[:-1] + b" " if goes_on else line
        if not goes_on:
            first = number + 1
    return joined


def _check_statements(kinds: list[bytes]) -> list[Finding]:
    found: list[Finding] = []
    for kind in sorted(set(kinds) - _DECORATION - {b"", b"v", b"f"}):
        line = kinds.index(kind) + 1
        shown = kind[:20].decode("utf-8", "backslashreplace")
        if kind in _BARE:
            found.append(
                remark(
                    "OBJ-022",
                    said(
                        "`{shown}` statements (lines or points) enclose nothing and were not read",
                        shown=shown,
                    ),
                    source=SOURCE,
                    where=(Where(line=line),),
                )
            )
        elif kind in _FREE_FORM:
            raise InputError(
                said("free-form curves and surfaces are not read"),
                where=said("line {line}", line=line),
                got=f"`{shown}`",
                wanted=said("polygons (`f`)"),
                hint=said("export the part as a mesh"),
                code="OBJ-015",
            )
        else:
            raise InputError(
                said("an unknown statement"),
                where=said("line {line}", line=line),
                got=f"`{shown}`",
                wanted=said("a statement of OBJ"),
                hint=said("export the part again"),
                code="OBJ-016",
            )
    return found


def _vertices(rows: Rows, lines: list[int]) -> NDArray[np.float64]:
    """(v, 3) float64. Colours behind the coordinates are allowed, weights other than 1 not."""
    widths = {len(rows[line]) for line in lines}
    for line in lines if widths - {4, 7} else ():
        if len(rows[line]) in (5, 8) and rows[line][4].strip(b"0") in (b"1", b"1."):
            continue
        if len(rows[line]) not in (4, 7):
            _refuse(line, said("a vertex with a wrong number of coordinates"), rows[line], "x y z")
    tokens = list(chain.from_iterable(rows[line][1:4] for line in lines))
    try:
        points = reals(tokens).reshape(-1, 3)
    except BadNumber as bad:
        _refuse_number(lines[bad.index // 3], tokens[bad.index])
    wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(wrong):
        _refuse_number(lines[wrong[0]], b"inf")
    return points


def _refuse_number(line: int, token: bytes) -> NoReturn:
    shown = token[:40].decode("utf-8", "backslashreplace")
    if re.fullmatch(rb"[-+]?(nan|inf|infinity)(\(\S*\))?", token, re.I):
        what, code, hint = (
            said("a coordinate is no finite number"),
            "OBJ-010",
            said("export the part again"),
        )
    elif b"," in token:
        what, code, hint = (
            said("a comma in a number"),
            "OBJ-012",
            said("export it with a decimal point"),
        )
    else:
        what, code, hint = said("this is no number"), "OBJ-016", said("export the part again")
    raise InputError(
        what,
        where=said("line {line}", line=line + 1),
        got=f"`{shown}`",
        wanted=said("a decimal number such as -1.5e-3"),
        hint=hint,
        code=code,
    )


def _faces(
    rows: Rows, lines: list[int], vertex_lines: list[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(corners of each face (p,), 0-based indices, flat)."""
    counts = np.array([len(rows[line]) - 1 for line in lines], np.int64)
    few = np.flatnonzero(counts < 3)
    if len(few):
        raise InputError(
            said("a face with fewer than three corners"),
            where=said("line {lines}", lines=lines[few[0]] + 1),
            got=str(int(counts[few[0]])),
            wanted=said("3 or more"),
            hint=said("export the part again"),
            code="OBJ-013",
        )
    tokens = list(chain.from_iterable(rows[line][1:] for line in lines))
    first = [token.partition(b"/")[0] for token in tokens] if _has_slash(tokens) else tokens
    line_of = np.repeat(np.array(lines), counts)
    try:
        numbers = integers(first)
    except BadNumber as bad:
        line = int(line_of[bad.index])
        _refuse(
            line,
            said("a corner that is no index"),
            rows[line],
            said("whole numbers: v, v/vt, v/vt/vn"),
        )
    # -1 is the vertex stated last before the face.
    stated = np.searchsorted(np.array(vertex_lines), line_of)
    index = np.where(numbers > 0, numbers - 1, stated + numbers)
    wrong = np.flatnonzero((numbers == 0) | (index < 0) | (index >= len(vertex_lines)))
    if len(wrong):
        raise InputError(
            said("a face names a vertex that is not there"),
            where=said("line {line_of}", line_of=int(line_of[wrong[0]]) + 1),
            got=str(int(numbers[wrong[0]])),
            wanted=said("1 to {count}, or as far back from -1", count=len(vertex_lines)),
            hint=said("OBJ counts from 1; export the part again"),
            code="OBJ-018",
        )
    return counts, index


def _has_slash(tokens: list[bytes]) -> bool:
    return b"/" in b"".join(tokens)


def _refuse(line: int, what: str, row: list[bytes], wanted: str) -> NoReturn:
    raise InputError(
        what,
        where=said("line {line}", line=line + 1),
        got="`" + b" ".join(row)[:60].decode("utf-8", "backslashreplace") + "`",
        wanted=wanted,
        hint=said("export the part again"),
        code="OBJ-012" if b"," in b"".join(row) else "OBJ-016",
    )

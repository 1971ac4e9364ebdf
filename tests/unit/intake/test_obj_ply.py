"""OBJ and PLY: read whole, or refused with the line, row or face at fault."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.finding import Status
from tests import meshes
from tests.unit.intake.reading import assert_same_facets, codes, corners_of, read, refused

CUBE = meshes.cube(20.0)
OBJ = meshes.obj(CUBE)
PLY_ASCII = meshes.ply(CUBE, encoding="ascii")
PLY = meshes.ply(CUBE)

_QUADS = [(0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]


def volume(corners: np.ndarray) -> float:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    return float((a * np.cross(b, c)).sum() / 6)


# --- OBJ -------------------------------------------------------------------------------------


def with_face_lines(lines: list[str]) -> bytes:
    head = [line for line in OBJ.decode().splitlines() if not line.startswith("f")]
    return "\n".join([*head, *lines, ""]).encode()


TRIANGLES = [tuple(face) for face in CUBE[1].tolist()]


@pytest.mark.parametrize(
    "form",
    [
        "{v}",
        "{v}/1",
        "{v}/1/1",
        "{v}//1",
        "{back}",
        "{back}/-1/-1",
    ],
)
def test_every_form_of_an_index_names_the_same_vertex(form: str) -> None:
    lines = ["f " + " ".join(form.format(v=v + 1, back=v - 8) for v in face) for face in TRIANGLES]
    data = b"vt 0 0\nvn 0 0 1\n" + with_face_lines(lines)
    assert_same_facets(read(data, "part.obj"), CUBE)


@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
def test_lines_end_and_go_on_in_every_way(eol: bytes) -> None:
    data = OBJ.replace(b"f ", b"f \\\n  ", 3).replace(b"v ", b"  v\t", 2).replace(b"\n", eol)
    file = read(b"\xef\xbb\xbf" + data, "part.obj")
    assert_same_facets(file, CUBE)


def test_groups_materials_comments_and_colours_are_decoration() -> None:
    data = OBJ.replace(b"v 0.0 0.0 0.0\n", b"v 0.0 0.0 0.0 1 0.5 0.25 # red\n")
    data = b"mtllib a b.mtl\no \xd0\xba\xd1\x83\xd0\xb1\ng a\ns off\nusemtl m\n" + data
    assert_same_facets(read(data, "part.obj"), CUBE)


def test_faces_that_come_before_vertices_count_back_from_where_they_stand() -> None:
    lines = OBJ.decode().splitlines()
    vertices = [line for line in lines if line.startswith("v")]
    first = "f " + " ".join(str(v - 8) for v in TRIANGLES[0])
    rest = ["f " + " ".join(str(v - 9) for v in face) for face in TRIANGLES[1:]]
    data = "\n".join([*vertices, first, "v 9 9 9", *rest]).encode()
    assert_same_facets(read(data, "part.obj"), CUBE)


def test_polygons_are_cut_and_told() -> None:
    lines = ["f " + " ".join(str(v + 1) for v in quad) for quad in _QUADS]
    file = read(with_face_lines(lines), "part.obj")
    assert codes(file) == ["OBJ-020"]
    assert len(file.mesh.faces) == 12
    assert volume(corners_of(file)) == pytest.approx(8000, rel=1e-12)


@pytest.mark.parametrize(
    ("line", "code", "what"),
    [
        ("f 1 2", "OBJ-013", "fewer than three"),
        ("f 1 2 9", "OBJ-018", "not there"),
        ("f 1 2 0", "OBJ-018", "not there"),
        ("f 1 2 -9", "OBJ-018", "not there"),
        ("f 1 2 x", "OBJ-016", "no index"),
        ("f 1 2 3.0", "OBJ-016", "no index"),
        ("f 1,2,3 4 5", "OBJ-012", "no index"),
        ("f 1 2 99999999999999999999", "OBJ-016", "no index"),
        ("v 1 2 nan", "OBJ-010", "finite"),
        ("v 1 2 1e999", "OBJ-010", "finite"),
        ("v 1 2 inf", "OBJ-010", "finite"),
        ("v 1,5 2 3", "OBJ-012", "comma"),
        ("v 1_0 2 3", "OBJ-016", "no number"),
        ("v 1 2", "OBJ-016", "number of coordinates"),
        ("v 1 2 3 0.5", "OBJ-016", "number of coordinates"),
        ("curv 0 1 1 2", "OBJ-015", "free-form"),
        ("call other.obj", "OBJ-016", "unknown statement"),
        ("<html>", "OBJ-016", "unknown statement"),
    ],
)
def test_a_bad_line_refuses_the_file_and_is_named(line: str, code: str, what: str) -> None:
    error = refused(OBJ + line.encode() + b"\n", "part.obj")
    assert error.code == code
    assert what in error.what
    assert error.where == f"line {OBJ.count(10) + 1}"


def test_lines_and_points_enclose_nothing_and_are_told() -> None:
    file = read(OBJ + b"l 1 2 3\np 1\n", "part.obj")
    assert_same_facets(file, CUBE)
    assert codes(file) == ["OBJ-022", "OBJ-022"]


@pytest.mark.parametrize("data", [b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", b"# nothing\n", b"g a\n"])
def test_an_obj_without_faces_is_refused(data: bytes) -> None:
    assert refused(data, "part.obj").code == "OBJ-002"


# --- PLY -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["ascii", "binary_little_endian", "binary_big_endian"])
@pytest.mark.parametrize("real", ["float", "double"])
def test_every_encoding_gives_the_same_facets(encoding: str, real: str) -> None:
    file = read(meshes.ply(CUBE, encoding=encoding, real=real), "part.ply")
    assert_same_facets(file, CUBE)
    assert codes(file) == []


def ply_of(faces: list[tuple[int, ...]], *, encoding: str) -> bytes:
    """The cube's vertices with a colour, faces of any length with a flag before the list, and an
    element that is neither."""
    head = (
        f"ply\nformat {encoding} 1.0\ncomment by a test\nelement vertex 8\n"
        "property uchar red\nproperty float x\nproperty float y\nproperty float z\n"
        f"element face {len(faces)}\nproperty int16 flag\n"
        "property list uint8 uint32 vertex_index\nproperty list uchar float uv\n"
        "element edge 1\nproperty int a\nproperty int b\nend_header\n"
    ).encode()
    if encoding == "ascii":
        rows = [f"7 {x!r} {y!r} {z!r}" for x, y, z in CUBE[0].tolist()]
        rows += [f"1 {len(f)} {' '.join(map(str, f))} 2 0.5 0.25" for f in faces]
        return head + "\n".join([*rows, "0 1", ""]).encode()
    mark = "<" if encoding == "binary_little_endian" else ">"
    body = b""
    for point in CUBE[0]:
        body += b"\7" + point.astype(f"{mark}f4").tobytes()
    for face in faces:
        body += np.array(1, f"{mark}i2").tobytes() + bytes([len(face)])
        body += np.array(face, f"{mark}u4").tobytes()
        body += b"\2" + np.array([0.5, 0.25], f"{mark}f4").tobytes()
    return head + body + np.array([0, 1], f"{mark}i4").tobytes()


@pytest.mark.parametrize("encoding", ["ascii", "binary_little_endian", "binary_big_endian"])
@pytest.mark.parametrize("mixed", [False, True])
def test_other_properties_elements_and_lengths_are_walked_over(encoding: str, mixed: bool) -> None:
    faces: list[tuple[int, ...]] = [*_QUADS]
    if mixed:
        faces = [*TRIANGLES[:2], *_QUADS[1:]]
    file = read(ply_of(faces, encoding=encoding), "part.ply")
    assert codes(file) == ["PLY-020"]
    assert volume(corners_of(file)) == pytest.approx(8000, rel=1e-12)
    assert len(file.mesh.vertices_mm) == 8


@pytest.mark.parametrize("data", [PLY, PLY_ASCII, ply_of(_QUADS, encoding="binary_big_endian")])
def test_no_prefix_of_a_ply_is_read(data: bytes) -> None:
    """Each cut is refused; in text the last number may lose digits only where none can be told."""
    last = len(data.rstrip())
    for length in range(4, last):
        error = refused(data[:length], "part.ply")
        assert error.code in ("PLY-003", "PLY-016", "PLY-002", "PLY-001"), (length, str(error))


def test_bytes_after_the_last_element_are_left_and_counted() -> None:
    for data in (PLY, PLY_ASCII):
        file = read(data + b"\1\2\3", "part.ply")
        assert_same_facets(file, CUBE)
        assert codes(file) == ["PLY-005"]
        assert file.findings[0].status is Status.WARN


def replaced(old: bytes, new: bytes) -> bytes:
    assert old in PLY_ASCII
    return PLY_ASCII.replace(old, new, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (replaced(b"element face 12", b"element face 0"), "PLY-002"),
        (replaced(b"element face 12", b"element face 4000000000"), "PLY-009"),
        (replaced(b"element vertex 8", b"element vertex 999999999999"), "PLY-003"),
        (replaced(b"element vertex 8", b"element vertex -8"), "PLY-016"),
        (replaced(b"format ascii 1.0", b"format ascii 2.0"), "PLY-016"),
        (replaced(b"format ascii 1.0\n", b""), "PLY-016"),
        (replaced(b"property double x\n", b""), "PLY-016"),
        (replaced(b"property double y", b"property double x"), "PLY-016"),
        (replaced(b"property list uchar int", b"property list float int"), "PLY-016"),
        (replaced(b"property list uchar int", b"property list uchar text"), "PLY-016"),
        (replaced(b"element face", b"element tristrips"), "PLY-015"),
        (replaced(b"3 0 2 1\n", b"3 0 2 8\n"), "PLY-018"),
        (replaced(b"3 0 2 1\n", b"3 0 2 -1\n"), "PLY-018"),
        (replaced(b"3 0 2 1\n", b"2 0 2 1\n"), "PLY-013"),
        (replaced(b"3 0 2 1\n", b"3 0 2 1.5\n"), "PLY-016"),
        (replaced(b"3 0 2 1\n", b"9999 0 2 1\n"), "PLY-003"),
        (replaced(b"20.0 20.0 20.0", b"20.0 nan 20.0"), "PLY-010"),
        (replaced(b"20.0 20.0 20.0", b"20.0 1e400 20.0"), "PLY-010"),
        (replaced(b"20.0 20.0 20.0", b"20,0 20.0 20.0"), "PLY-012"),
    ],
)
def test_a_bad_ply_is_refused(data: bytes, code: str) -> None:
    assert refused(data, "part.ply").code == code


def test_a_binary_vertex_that_is_not_finite_is_refused() -> None:
    at = PLY.index(b"end_header\n") + 11 + 3 * 24
    data = PLY[:at] + np.array(np.nan, "<f8").tobytes() + PLY[at + 8 :]
    error = refused(data, "part.ply")
    assert error.code == "PLY-010"
    assert error.where == "vertex 3"


def test_a_signalling_nan_is_refused_as_any_other() -> None:
    data = meshes.ply(CUBE, encoding="binary_big_endian", real="float")
    at = data.index(b"end_header\n") + 11 + 12
    error = refused(data[:at] + b"\xff\x82\x3b\x01" + data[at + 4 :], "part.ply")
    assert error.code == "PLY-010"


@pytest.mark.parametrize("size", ["1e80", "1e160", "1e300"])
def test_polygons_of_numbers_beyond_all_range_are_refused(size: str) -> None:
    lines = ["f " + " ".join(str(v + 1) for v in quad) for quad in _QUADS]
    data = with_face_lines(lines).replace(b"20.0", size.encode())
    assert refused(data, "part.obj").code == "OBJ-014"


# --- polygons --------------------------------------------------------------------------------


@st.composite
def star_polygons(draw: st.DrawFn) -> np.ndarray:
    """(n, 2): a polygon that its middle sees whole, mostly not convex; whole numbers."""
    n = draw(st.integers(4, 14))
    turns = sorted(draw(st.lists(st.integers(0, 359), min_size=n, max_size=n, unique=True)))
    if max(np.diff([*turns, turns[0] + 360])) >= 180:
        turns = [round(360 * i / n) for i in range(n)]
    radii = draw(st.lists(st.integers(20, 100), min_size=n, max_size=n))
    angle = np.deg2rad(np.array(turns))
    return np.rint(np.array(radii)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]) * 1e3)


def shoelace(ring: np.ndarray) -> float:
    x, y = ring.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


@settings(max_examples=150, deadline=None)
@given(star_polygons(), st.sampled_from([(0, 1), (1, 2), (2, 0)]), st.booleans())
def test_a_prism_of_polygons_keeps_its_volume_and_its_outline(
    ring: np.ndarray, plane: tuple[int, int], turned: bool
) -> None:
    """Ears cover the polygon once: areas add up with no signs cancelling; the prism is closed."""
    n = len(ring)
    points = np.zeros((2 * n, 3))
    points[:n, plane[0]], points[:n, plane[1]] = ring.T
    points[n:] = points[:n]
    points[n:, 3 - sum(plane)] = 7000.0
    low, high = list(range(n))[::-1], list(range(n, 2 * n))
    sides = [[i, (i + 1) % n, n + (i + 1) % n, n + i] for i in range(n)]
    faces = [low, high, *sides]
    if turned:
        faces = [face[::-1] for face in faces]
    lines = ["v " + " ".join(map(repr, p)) for p in points.tolist()]
    lines += ["f " + " ".join(str(i + 1) for i in face) for face in faces]
    file = read("\n".join(lines).encode(), "part.obj")
    corners = corners_of(file)
    wanted = shoelace(ring) * 7000.0 * (-1 if turned else 1)
    assert volume(corners) == pytest.approx(wanted, rel=1e-9)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2
    lid = cross[: 2 * (n - 2)]
    assert np.abs(lid).sum() == pytest.approx(2 * shoelace(ring), rel=1e-9)
    faces_ = file.mesh.faces
    edges = np.concatenate([faces_[:, [0, 1]], faces_[:, [1, 2]], faces_[:, [2, 0]]])
    forward = {tuple(edge) for edge in edges.tolist()}
    assert len(forward) == len(edges)
    assert all((b, a) in forward for a, b in forward)


@pytest.mark.parametrize("end", [10, 9, 4, 16])
def test_a_face_that_crosses_itself_is_told(end: int) -> None:
    bow = f"v 0 0 0\nv 10 10 0\nv 10 0 0\nv 0 {end} 0\nf 1 2 3 4\n"
    file = read(bow.encode(), "part.obj")
    assert "OBJ-021" in codes(file)

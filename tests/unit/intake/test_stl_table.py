"""Every row of the table of STL files that readers get wrong (facts of validation, 1.3).

Each case is a closed cube of twelve facets with one thing done to its bytes. A file is read whole
(the twelve facets, in order, corner by corner) or refused with the code of its fault.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from printstd.units import LengthUnit
from tests import meshes
from tests.unit.intake.reading import assert_same_facets, codes, corners_of, read, refused

CUBE = meshes.cube(20.0)
BINARY = meshes.stl_binary(CUBE)
ASCII = meshes.stl_ascii(CUBE)


def with_count(count: int) -> bytes:
    return BINARY[:80] + struct.pack("<I", count) + BINARY[84:]


def with_corner(facet: int, corner: int, axis: int, value: float) -> bytes:
    at = 84 + 50 * facet + 12 + 12 * corner + 4 * axis
    return BINARY[:at] + struct.pack("<f", value) + BINARY[at + 4 :]


def with_word(text: bytes, facet: int, word: bytes) -> bytes:
    """The first coordinate of a facet's first vertex replaced."""
    head, *facets = text.split(b"vertex ")
    index = 3 * facet
    facets[index] = word + b" " + facets[index].split(b" ", 1)[1]
    return b"vertex ".join([head, *facets])


# --- no finite number ------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_binary_facet_without_a_finite_corner_is_refused_with_its_byte(value: float) -> None:
    error = refused(with_corner(7, 1, 2, value))
    assert error.code == "STL-010"
    assert error.where == f"facet 7; first at byte {84 + 50 * 7 + 12 + 12 + 8}"


def test_all_facets_that_are_not_finite_are_listed() -> None:
    data = bytearray(with_corner(3, 0, 0, np.nan))
    struct.pack_into("<f", data, 84 + 50 * 9 + 12, np.inf)
    error = refused(bytes(data))
    assert error.what.startswith("2 facets")
    assert error.where is not None
    assert error.where.startswith("facet 3, 9;")


@pytest.mark.parametrize("word", [b"nan", b"NaN", b"inf", b"-Infinity", b"1.#QNAN", b"1e999"])
def test_an_ascii_facet_without_a_finite_corner_is_refused_with_its_line(word: bytes) -> None:
    error = refused(with_word(ASCII, 4, word))
    assert error.code == "STL-010"
    assert error.where == f"facet 4; line {1 + 4 * 7 + 3}"
    assert error.got == f"`{word.decode().lower()}`"


# --- counts and lengths ----------------------------------------------------------------------


@pytest.mark.parametrize("count", [1000, 13, 11, 6, 0, 2**32 - 1])
def test_a_header_count_that_is_not_the_facets_present_is_refused(count: int) -> None:
    error = refused(with_count(count))
    if count == 0:
        # Nothing is declared, so nothing could be read; what is there is said all the same.
        assert error.code in ("STL-002", "STL-004")
    else:
        assert error.code == "STL-004"
    assert error.got is not None
    assert "12" in error.got
    assert str(count) in (error.wanted or "")


@pytest.mark.parametrize("missing", [1, 12, 25, 49])
def test_a_file_cut_inside_a_facet_is_refused_with_the_bytes_missing(missing: int) -> None:
    error = refused(BINARY[:-missing])
    assert error.code == "STL-003"
    assert f"{missing} bytes are missing" in error.what
    assert error.where == f"byte {len(BINARY) - missing}"


@pytest.mark.parametrize("garbage", [b"\0", b"\x1a", b"made by a program that adds a line\r\n"])
def test_bytes_after_the_last_facet_are_left_and_counted(garbage: bytes) -> None:
    file = read(BINARY + garbage)
    assert_same_facets(file, CUBE)
    assert codes(file) == ["STL-005"]
    assert file.findings[0].status is Status.WARN
    assert file.findings[0].where[0].byte == len(BINARY)
    assert dict(file.findings[0].details)["bytes"] == str(len(garbage))


def test_one_whole_facet_too_many_is_no_garbage() -> None:
    assert refused(BINARY + BINARY[84:134]).code == "STL-004"


# --- ASCII -----------------------------------------------------------------------------------


def test_all_solids_of_a_text_are_read_and_named() -> None:
    other = meshes.cube(5.0, origin=(30.0, 0.0, 0.0))
    file = read(meshes.stl_ascii(CUBE, "Корпус") + meshes.stl_ascii(other, "lid 2"))
    assert_same_facets(file, meshes.merged(CUBE, other))
    assert codes(file) == ["STL-020"]
    assert file.findings[0].status is Status.INFO
    assert "'Корпус', 'lid 2'" in file.findings[0].message


@pytest.mark.parametrize("eol", ["\r", "\n", "\r\n", "\n\n", " \t\n"])
def test_every_line_end_is_read(eol: str) -> None:
    file = read(meshes.stl_ascii(CUBE, eol=eol))
    assert_same_facets(file, CUBE)
    assert codes(file) == []


def test_a_text_cut_inside_a_facet_is_refused_wherever_it_is_cut() -> None:
    """Each prefix is refused, but for those that end between two facets or in `endsolid`."""
    first_end = ASCII.index(b"endfacet") + len(b"endfacet")
    for length in range(len(b"solid part\n"), len(ASCII)):
        cut = ASCII[:length]
        rest = cut[cut.rfind(b"endfacet") + 8 :].strip() if length >= first_end else cut
        is_whole = length >= first_end and (b"endsolid part".startswith(rest))
        if is_whole:
            file = read(cut)
            assert len(file.mesh.faces) == cut.count(b"endfacet")
            if b"endsolid" not in cut:
                assert codes(file) == ["STL-021"]
        else:
            assert refused(cut).code in ("STL-006", "STL-002"), cut[-40:]


def test_no_endsolid_is_read_and_warned_about() -> None:
    file = read(ASCII[: ASCII.index(b"endsolid")])
    assert_same_facets(file, CUBE)
    assert codes(file) == ["STL-021"]
    assert file.findings[0].status is Status.WARN


def test_a_utf8_mark_is_read_and_said() -> None:
    file = read(b"\xef\xbb\xbf" + ASCII)
    assert_same_facets(file, CUBE)
    assert codes(file) == ["STL-023"]
    assert file.findings[0].status is Status.INFO


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_is_named(encoding: str) -> None:
    error = refused(ASCII.decode().encode(encoding))
    assert error.code == "STL-001"
    assert f"text in {encoding[:6].upper()}" in error.what


def test_decimal_commas_are_refused_with_their_line() -> None:
    error = refused(ASCII.replace(b".", b","))
    assert error.code == "STL-012"
    assert error.where == "line 4, facet 0"
    assert "decimal sign" in (error.hint or "")


def test_commas_between_coordinates_are_refused() -> None:
    assert refused(with_word(ASCII, 2, b"1.0,")).code == "STL-012"


@pytest.mark.parametrize("delta", [-1, 1])
def test_a_loop_with_other_than_three_vertices_is_refused_with_its_line(delta: int) -> None:
    lines = ASCII.splitlines(keepends=True)
    at = 1 + 5 * 7 + 2  # facet 5's first vertex
    changed = lines[:at] + (lines[at + 1 :] if delta < 0 else [lines[at], *lines[at:]])
    error = refused(b"".join(changed))
    assert error.code == "STL-013"
    assert error.where == f"line {at + (3 if delta < 0 else 4)}, facet 5"


# --- what it really is -----------------------------------------------------------------------


def zip_of(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("part.stl", data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (gzip.compress(BINARY, mtime=0), "gzip"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "web page"),
        (b"\n  <html lang=en><body>Sign in</body></html>", "web page"),
        (b"%PDF-1.7\n" + b"\0" * 200, "PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 90, "PNG"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "Git LFS"),
        (b"; generated by a slicer\nG28\nG1 X1 Y1\n", "G-code"),
        (b'<?xml version="1.0"?>\n<amf unit="millimeter"></amf>', "AMF"),
        (b"OFF\n8 6 0\n", "OFF"),
        (b"", "empty"),
    ],
)
def test_another_kind_of_file_is_named(data: bytes, what: str) -> None:
    error = refused(data)
    assert error.code == "STL-001"
    assert what in error.what
    assert error.hint


def test_a_zip_called_stl_is_no_3mf_and_says_what_is_in_it() -> None:
    error = refused(zip_of(BINARY))
    assert error.code == "3MF-001"
    assert error.got == "part.stl"


@pytest.mark.parametrize(
    "header",
    [b"solid exported by a program", b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0"],
)
def test_a_binary_file_whose_header_says_solid_is_binary(header: bytes) -> None:
    file = read(meshes.stl_binary(CUBE, header))
    assert file.mesh.source.format == "stl-binary"
    assert_same_facets(file, CUBE)
    assert codes(file) == []


def test_an_ascii_file_after_a_parse_error_is_never_tried_as_binary() -> None:
    assert refused(ASCII.replace(b"endloop", b"endlop", 1)).code == "STL-016"


# --- numbers ---------------------------------------------------------------------------------


def test_coordinates_below_the_normal_range_are_refused() -> None:
    error = refused(meshes.stl_binary(meshes.scaled(CUBE, 1e-42 / 20)))
    assert error.code == "STL-011"


def test_a_small_part_in_the_normal_range_is_read() -> None:
    small = meshes.scaled(CUBE, 2.0**-100)
    file = read(meshes.stl_binary(small))
    assert_same_facets(file, small)
    assert len(file.mesh.vertices_mm) == 8


def test_a_coordinate_beyond_exact_arithmetic_is_refused() -> None:
    error = refused(with_corner(5, 2, 0, 3e9))
    assert error.code == "STL-014"
    assert error.where == "corner 2 of facet 5"


# --- faults of the surface are reported, never repaired ---------------------------------------


@pytest.mark.parametrize(
    "mesh",
    [
        meshes.inside_out(CUBE),
        meshes.with_flipped(CUBE, 3),
        meshes.with_again(CUBE, [5]),
        meshes.without(CUBE, [0]),
    ],
)
def test_faults_of_the_surface_stay_as_the_file_has_them(mesh: meshes.Triangles) -> None:
    for data in (meshes.stl_binary(mesh), meshes.stl_ascii(mesh)):
        assert_same_facets(read(data), mesh)


def test_a_facet_without_area_keeps_its_row() -> None:
    flat = CUBE[0], np.concatenate([CUBE[1], np.array([[0, 0, 1]], np.int32)])
    file = read(meshes.stl_binary(flat))
    assert_same_facets(file, flat)


@pytest.mark.parametrize("crack_mm", [1e-4, 3e-5])
def test_a_crack_below_what_is_written_is_closed_and_its_width_told(crack_mm: float) -> None:
    corners = CUBE[0][CUBE[1]].copy()
    corners[4:6, :, 0] -= crack_mm
    soup = corners.reshape(-1, 3), np.arange(36, dtype=np.int32).reshape(-1, 3)
    file = read(meshes.stl_ascii(soup))
    assert len(file.mesh.vertices_mm) == 8
    assert file.mesh.weld_gap_mm == pytest.approx(crack_mm, rel=1e-9)


def test_a_crack_that_shows_stays_open() -> None:
    corners = CUBE[0][CUBE[1]].copy()
    corners[4:6, :, 0] -= 0.001
    soup = corners.reshape(-1, 3), np.arange(36, dtype=np.int32).reshape(-1, 3)
    file = read(meshes.stl_ascii(soup))
    assert len(file.mesh.vertices_mm) > 8
    assert np.array_equal(corners_of(file), corners)


def test_the_unit_is_applied_once_and_said() -> None:
    file = read(BINARY, unit=LengthUnit.INCH)
    assert_same_facets(file, meshes.scaled(CUBE, 25.4), within_mm=1e-12)
    assert file.mesh.source.is_unit_stated
    assert not read(BINARY).mesh.source.is_unit_stated


def test_names_in_any_script_are_kept() -> None:
    file = read(BINARY, "Кронштейн №4 (изм. 2).stl")
    assert file.mesh.source.name == "Кронштейн №4 (изм. 2).stl"

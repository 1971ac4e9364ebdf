"""From what the library gives back to a mesh: measured, made again where it is too coarse, and
nothing of it trusted. Needs no library: it is played."""

from __future__ import annotations

import json
import re
import struct
from typing import Any

import numpy as np
import pytest

from printstd.artifacts.cad import SurfaceKind
from printstd.errors import InputError
from printstd.intake import Limits, read_model
from printstd.intake.step.glb import read_glb
from printstd.intake.step.read import ChordLimit, read_step
from printstd.units import LengthUnit
from samples.step.make_step import PlatePart, hole
from tests.step_files import BLOCK, FakeTessellator, drum, glb, step


def of_three_faces(data: bytes) -> bytes:
    """The last three that its solid has: a cylinder and two planes, as the played library's."""
    return re.sub(rb"(CLOSED_SHELL\('',\()[^)]*,(#\d+,#\d+,#\d+\))", rb"\1\2", data)


TEXT = of_three_faces(step(PlatePart((20.0, 20.0, 5.0), 0.0, (hole(10.0, 10.0, 10.0),))))
LIMIT = ChordLimit(0.01, "a test")


def sagitta(sides: int) -> float:
    return float(5 * (1 - np.cos(np.pi / sides)))


def test_the_chord_error_is_measured_and_not_believed() -> None:
    """A library that does not hold what it is asked for is asked for more."""
    library = FakeTessellator(drum(40), drum(45), drum(100))
    found = read_step(TEXT, library, LIMIT)
    assert library.asked == [0.01, 0.005, 0.0025]
    assert found.source.deflection_nm == 2500
    assert sagitta(45) > 0.01 > sagitta(100)
    assert found.source.chord_nm == pytest.approx(sagitta(100) * 1e6, abs=20)
    assert found.source.chord_nm >= sagitta(100) * 1e6 - 20
    assert found.source.tessellator == "fake 1"
    assert (found.source.faces, found.source.free_faces) == (3, 0)
    (told,) = found.findings
    assert (told.measured, told.limit) == (found.source.chord_nm / 1e6, 0.01)


def test_a_library_that_never_comes_near_enough_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        read_step(TEXT, FakeTessellator(drum(40)), LIMIT)
    assert caught.value.code == "STEP-013"


def test_a_limit_that_no_mesh_can_hold_asks_nobody() -> None:
    library = FakeTessellator(drum(40))
    with pytest.raises(InputError) as caught:
        read_step(TEXT, library, ChordLimit(5e-5, "a fit"))
    assert caught.value.code == "STEP-013"
    assert not library.asked


def test_the_same_mesh_again_is_asked_for_as_it_was() -> None:
    library = FakeTessellator(drum(40))
    found = read_step(TEXT, library, LIMIT, deflection_nm=2500)
    assert library.asked == [0.0025]
    assert found.source.chord_nm > found.source.chord_limit_nm


def test_a_radius_that_the_text_does_not_have_is_no_size() -> None:
    """The library says 5 mm, the file's own text 1.6: the face is measured as a free form."""
    found = read_step(of_three_faces(step(BLOCK)), FakeTessellator(drum(200)), LIMIT)
    assert found.faces.kind.tolist() == [SurfaceKind.FREE, SurfaceKind.PLANE, SurfaceKind.PLANE]
    assert found.source.free_faces == 1
    assert "estimated" in found.findings[0].message


def test_the_mesh_is_an_stl_in_millimetres_on_the_grid() -> None:
    found = read_step(TEXT, FakeTessellator(drum(100)), LIMIT)
    file = read_model(found.stl, name="mesh.stl", unit=LengthUnit.MILLIMETER)
    assert len(file.mesh.faces) == len(found.faces.of_facet) == 400
    assert file.mesh.box_mm[1].tolist() == [5.0, 5.0, 10.0]
    assert not file.findings
    steps = file.mesh.vertices_mm * 1e5
    assert np.abs(steps - np.rint(steps)).max() < 0.05
    # A facet that its grid lets fall together is gone; nothing opens.
    from printstd.kernels.edges import edge_table

    assert edge_table(file.mesh.faces).is_balanced.all()


def test_other_units_than_the_files_are_refused() -> None:
    library = FakeTessellator(drum(100))
    assert read_step(TEXT, library, LIMIT, unit=LengthUnit.MILLIMETER).source.unit == "millimeter"
    with pytest.raises(InputError) as caught:
        read_step(TEXT, library, LIMIT, unit=LengthUnit.INCH)
    assert caught.value.code == "STEP-041"


def test_places_in_an_assembly_turn_and_mirror_facets_and_surfaces() -> None:
    half = float(np.sqrt(0.5))

    def twice(document: dict[str, Any]) -> None:
        document["nodes"] = [
            {"children": [1, 2]},
            {"mesh": 0, "translation": [0.1, 0, 0], "rotation": [half, 0, 0, half]},
            {"mesh": 0, "matrix": [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -0.2, 0, 0, 1]},
        ]

    library = FakeTessellator(_changed(drum(100), twice))
    found = read_step(TEXT, library, LIMIT)
    assert found.source.faces == 6
    assert found.source.chord_nm == pytest.approx(sagitta(100) * 1e6, abs=60)
    axes = found.faces.axis[found.faces.kind == SurfaceKind.CYLINDER]
    assert axes == pytest.approx(np.array([[0.0, -1, 0], [0, 0, 1]]), abs=1e-12)
    places = found.faces.point[found.faces.kind == SurfaceKind.CYLINDER]
    assert places == pytest.approx(np.array([[100.0, 0, 0], [-200, 0, 0]]), abs=1e-9)
    mesh = read_model(found.stl, name="m.stl", unit=LengthUnit.MILLIMETER).mesh
    a, b, c = (mesh.vertices_mm[mesh.faces[:, k]] for k in range(3))
    for own in (slice(0, 400), slice(400, 800)):
        assert (a[own] * np.cross(b[own], c[own])).sum() / 6 == pytest.approx(
            np.pi * 250, rel=0.002
        )


def _changed(data: bytes, change: Any) -> bytes:
    size = struct.unpack_from("<I", data, 12)[0]
    document = json.loads(data[20 : 20 + size])
    change(document)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + size :]
    head = struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A)
    return head + text + rest


def _set(*path: Any, to: Any) -> Any:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return change


PRIMITIVE = ("meshes", 0, "primitives", 0)
SURFACES = (*PRIMITIVE, "extensions", "TM_brep_faces", "faces")
BROKEN = {
    "an index too large": _set("accessors", 2, "bufferView", to=3),
    "an accessor beyond the data": _set("accessors", 0, "count", to=10**9),
    "a negative count": _set("accessors", 0, "count", to=-5),
    "a negative accessor": _set(*PRIMITIVE, "indices", to=-1),
    "lines": _set(*PRIMITIVE, "mode", to=1),
    "no faces": _set(*PRIMITIVE, "extensions", to={}),
    "fewer faces than are named": _set(*SURFACES, to=[None]),
    "a surface of another kind": _set(*SURFACES, 0, "type", to="hyperboloid"),
    "a surface without a place": _set(*SURFACES, 0, "origin", to=[0, 0]),
    "a surface that is nowhere": _set(*SURFACES, 0, "origin", to=[0, float("nan"), 0]),
    "a scale": _set("nodes", 0, "scale", to=[2, 2, 2]),
    "a node in itself": _set("nodes", 0, "children", to=[0]),
    "a node that is not there": _set("scenes", 0, "nodes", to=[7]),
    "nothing": _set("scenes", 0, "nodes", to=[]),
    "another buffer": _set("bufferViews", 0, "buffer", to=1),
    "interleaved": _set("bufferViews", 0, "byteStride", to=24),
    "integers as coordinates": _set("accessors", 0, "componentType", to=5125),
}


@pytest.mark.parametrize("case", BROKEN)
def test_nothing_of_what_the_library_gives_is_trusted(case: str) -> None:
    library = FakeTessellator(_changed(drum(100), BROKEN[case]))
    with pytest.raises(InputError) as caught:
        read_step(TEXT, library, LIMIT)
    assert caught.value.code == "STEP-012"


@pytest.mark.parametrize("data", [b"", b"glTF", drum(8)[:-1], drum(8)[:40], b"\0" * 100])
def test_cut_answers_are_refused(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_step(TEXT, FakeTessellator(data), LIMIT)
    assert caught.value.code == "STEP-012"


def test_coordinates_that_are_none_are_refused() -> None:
    triangles = np.array([[[0.0, 0, 0], [1, 0, 0], [0, np.nan, 0]]])
    with pytest.raises(InputError):
        read_glb(glb(triangles, np.array([0]), [None]), max_facets=10)


def test_more_facets_than_are_read_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        read_step(TEXT, FakeTessellator(drum(100)), LIMIT, limits=Limits(facets=399))
    assert caught.value.code == "STEP-008"


def test_a_step_file_where_a_mesh_is_wanted_says_what_to_do() -> None:
    with pytest.raises(InputError) as caught:
        read_model(TEXT, name="part.step")
    assert caught.value.code == "STEP-002"
    assert "repair" in (caught.value.hint or "")


def test_faces_that_the_library_leaves_out_are_missed() -> None:
    """A body that is not there opens no edge, so nothing else would tell."""
    whole = step(PlatePart((20.0, 20.0, 5.0), 0.0, (hole(10.0, 10.0, 10.0),)))
    with pytest.raises(InputError) as caught:
        read_step(whole, FakeTessellator(drum(100)), LIMIT)
    assert caught.value.code == "STEP-014"
    assert (caught.value.got, caught.value.wanted) == ("3 faces", "7 faces")


def test_a_face_without_triangles_is_missed() -> None:
    more = _set(*SURFACES, to=[None] * 4)
    with pytest.raises(InputError) as caught:
        read_step(TEXT, FakeTessellator(_changed(drum(100), more)), LIMIT)
    assert caught.value.code == "STEP-012"

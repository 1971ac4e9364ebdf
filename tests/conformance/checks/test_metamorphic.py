"""What must not change a finding: the place, quarter turns, the order of facets, the encoding.

The sizes of the parts are whole quarters of a millimetre, so that moved coordinates are exact in
every encoding and the files really hold the same part.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.metamorphic import bare_demands, of_file
from printstd.artifacts.finding import Finding, Report, Where
from printstd.intake import read_model
from printstd.units import LengthUnit
from tests import meshes
from tests.conformance.checks.judging import resolved, validated
from tests.conformance.checks.test_geo10_self_intersection import overlapping_arms
from tests.conformance.checks.test_surface import CAVITY, SHARED_EDGE
from tests.conformance.checks.test_thk01_minimum_wall import with_floor, with_rib, with_spot
from tests.shares import IS_WHOLE, crossed, share

CUBE = meshes.cube(20.0)
MM = LengthUnit.MILLIMETER


def quartered(mesh: meshes.Triangles) -> meshes.Triangles:
    """Corners on a grid of 2^-12 mm: exact in float32 within half a metre of the origin."""
    return np.rint(mesh[0] * 4096) / 4096, mesh[1]


PARTS = {
    name: quartered(mesh)
    for name, mesh in {
        "bracket": meshes.bracket(),
        "coarse cylinder": meshes.cylinder(6.0, 10.0, 16),
        "fine tube": meshes.tube(8.0, 7.5, 12.0, 96),
        "thin rib": with_rib(0.3125),
        "thin floor": with_floor(0.125),
        "thin spot": with_spot(0.125, 2.0),
        "no lid": meshes.without(CUBE, [2, 3]),
        "flipped": meshes.with_flipped(CUBE, 5),
        "twice": meshes.with_again(CUBE, [1, 7]),
        "inside out": meshes.inside_out(meshes.tube()),
        "cavity": meshes.merged(CUBE, CAVITY),
        "body in a body": meshes.merged(CUBE, meshes.inside_out(CAVITY)),
        "shared edge": SHARED_EDGE,
        "arms": overlapping_arms(0.25),
        "two boxes": meshes.merged(CUBE, meshes.moved(CUBE, (5.25, 4.5, 3.75))),
        "speck": meshes.merged(CUBE, meshes.moved(meshes.tetrahedron(0.25), (25.0, 5.0, 0.0))),
        "shim": meshes.box((20.0, 20.0, 0.25)),
        "large": meshes.box((300.0, 20.0, 4.0)),
    }.items()
}


@functools.cache
def as_drawn(name: str, printer: str | None = "mk4s") -> Report:
    return validated(PARTS[name], demands=resolved(printer=printer))


def turned(mesh: meshes.Triangles, quarters: int) -> meshes.Triangles:
    vertices, faces = mesh
    for _ in range(quarters):
        vertices = np.column_stack([-vertices[:, 1], vertices[:, 0], vertices[:, 2]])
    return vertices, faces


def shuffled(mesh: meshes.Triangles) -> meshes.Triangles:
    """Facets in another order, and each beginning with another corner."""
    rng = np.random.default_rng(11)
    faces = mesh[1][rng.permutation(len(mesh[1]))]
    start = rng.integers(0, 3, len(faces))
    turned_ = np.take_along_axis(faces, (start[:, None] + np.arange(3)) % 3, axis=1)
    return mesh[0], turned_.astype(np.int32)


def middle(where: Where) -> np.ndarray:
    if where.box_mm is not None:
        return (np.array(where.box_mm[:3]) + np.array(where.box_mm[3:])) / 2
    assert where.point_mm is not None
    return np.array(where.point_mm)


def signature(
    report: Report,
    place: Callable[[np.ndarray], np.ndarray] = lambda p: p,
    *,
    skip: tuple[str, ...] = ("PAR-01", "GEO-01", "UNT-02"),
) -> list[tuple[object, ...]]:
    """What a finding says, apart from facet numbers: rule, status, figures and places. (UNT-02 is
    about the place in the file.)"""

    def one(finding: Finding) -> tuple[object, ...]:
        figures = [None if v is None else round(v, 5) for v in (finding.measured, finding.limit)]
        places = sorted(
            tuple((np.round(place(middle(where)), 2) + 0.0).tolist())
            for where in finding.where
            if where.frame == "model"
        )
        return (finding.rule_id, finding.status.value, *figures, finding.unit, tuple(places))

    found = [one(f) for f in report.findings if f.rule_id not in skip]
    return sorted(found, key=str)


def summary(report: Report) -> list[tuple[object, ...]]:
    return [row[:5] for row in signature(report)]


SHIFTS = [(64.0, 0.0, 0.0), (-32.5, 128.25, -200.0)]


@pytest.mark.parametrize(("name", "shift"), crossed(PARTS, SHIFTS, one_in=2))
def test_the_place_in_the_file_changes_nothing(name: str, shift: tuple[float, ...]) -> None:
    mesh = PARTS[name]
    there = validated((mesh[0] + np.array(shift), mesh[1]))
    back = np.array(shift)
    assert signature(as_drawn(name)) == signature(there, lambda p: p - back)


@pytest.mark.parametrize(("name", "quarters"), crossed(PARTS, [1, 2, 3], one_in=3))
def test_quarter_turns_about_z_change_nothing_but_the_names_of_axes(
    name: str, quarters: int
) -> None:
    """The bed is not square, so the part is judged without a printer; DIM-01 names X and Y."""
    bare = resolved(printer=None)
    mesh = PARTS[name]
    there = validated(turned(mesh, quarters), demands=bare)

    def back(point: np.ndarray) -> np.ndarray:
        for _ in range(quarters):
            point = np.array([point[1], -point[0], point[2]])
        return point

    assert signature(as_drawn(name, None)) == signature(there, back)


@pytest.mark.parametrize("name", PARTS)
def test_the_order_of_facets_and_corners_changes_nothing(name: str) -> None:
    assert signature(as_drawn(name)) == signature(validated(shuffled(PARTS[name])))


@pytest.mark.parametrize("name", PARTS)
def test_the_encoding_changes_nothing(name: str) -> None:
    """What is read of each file is the same to the last bit, and what is said of two of them (of
    all, where the whole is asked for)."""
    mesh = PARTS[name]
    files = {
        "ascii.stl": meshes.stl_ascii(mesh),
        "binary.stl": meshes.stl_binary(mesh),
        "part.obj": meshes.obj(mesh),
        "part.ply": meshes.ply(mesh, encoding="ascii"),
        "big.ply": meshes.ply(mesh, encoding="binary_big_endian", real="float"),
        "part.3mf": meshes.three_mf(mesh),
    }
    read = {file: read_model(data, name=file, unit=MM) for file, data in files.items()}
    for file, one in read.items():
        assert one.mesh.vertices_mm.tobytes() == read["ascii.stl"].mesh.vertices_mm.tobytes(), file
        assert one.mesh.faces.tobytes() == read["ascii.stl"].mesh.faces.tobytes(), file
    asked = list(files) if IS_WHOLE else [list(files)[1 + list(PARTS).index(name) % 5]]
    first = as_drawn(name)
    for file in asked:
        report = validated(files[file], name=file)
        assert [(f.rule_id, f.status, f.measured, f.limit, f.where) for f in report.findings] == [
            (f.rule_id, f.status, f.measured, f.limit, f.where) for f in first.findings
        ], file


@pytest.mark.parametrize("name", PARTS)
def test_another_unit_for_the_same_part_changes_nothing(name: str) -> None:
    """Metres are 1000 mm; the numbers are scaled in float64, so figures agree to rounding."""
    mesh = PARTS[name]
    in_metres = mesh[0] / 1000.0, mesh[1]
    there = validated(meshes.three_mf(in_metres, "meter"), name="part.3mf", unit=None)
    assert signature(as_drawn(name)) == signature(there)


@pytest.mark.parametrize("name", share(PARTS, 2))
def test_a_scale_is_as_good_as_a_larger_part(name: str) -> None:
    mesh = PARTS[name]
    asked = validated(mesh, scale=2.0)
    drawn = validated(meshes.scaled(mesh, 2.0))
    assert summary(asked) == summary(drawn)
    assert signature(asked, lambda p: 2 * p) == signature(drawn)


@pytest.mark.parametrize("name", ["bracket", "thin rib", "arms"])
def test_two_runs_say_the_same_to_the_last_bit(name: str) -> None:
    assert validated(PARTS[name]) == validated(PARTS[name])


def test_the_unit_stated_on_the_command_line_is_as_good_as_the_files() -> None:
    mesh = PARTS["bracket"]
    inches = mesh[0] / 25.4, mesh[1]
    stated = validated(meshes.ply(inches), name="part.ply", unit=LengthUnit.INCH)
    filed = validated(meshes.three_mf(inches, "inch"), name="part.3mf", unit=None)
    assert signature(stated) == signature(filed)


@pytest.mark.parametrize(
    "name", share(["bracket.stl", "hook.stl", "closed_space.stl", "tee.stl"], 2)
)
def test_samples_in_other_words_are_judged_alike_by_every_check(name: str) -> None:
    """Moved up to a metre, turned by 17 degrees, mirrored, divided, in every format and in inches
    (`python -m benchmarks metamorphic` does the same with real parts)."""
    sample = Path(__file__).parents[3] / "samples" / name
    assert of_file(sample, bare_demands()) == []


def test_another_part_is_not_judged_alike() -> None:
    """What compares them can tell."""
    from benchmarks.changed_models import Changed, binary
    from benchmarks.metamorphic import checked, different

    parts = [meshes.cube(20.0), meshes.box((20.0, 20.0, 20.5)), overlapping_arms(0.25)]
    how = [Changed("x", "x.stl", binary(mesh), False, False, 1e-9) for mesh in parts]
    said = [checked(one, bare_demands()) for one in how]
    assert list(different(said[0], said[0], how[0])) == []
    assert any("PRN-04" in line for line in different(said[0], said[1], how[1]))
    assert any("GEO-10: PASS became FAIL" in line for line in different(said[0], said[2], how[2]))


REAL = (
    *("20mm-xyz-cube.stl", "7_8ths_cube.stl", "busted.stl", "round.stl", "fixed_top.ply"),
    *("voron_bottom_panel_clip.stl", "voron_exhaust_filter_grill.stl", "voron_fan_grill_b.stl"),
    *("voron_tensioner_right.stl", "voron_mgn9_rail_guide.stl"),
)


@pytest.mark.corpus
@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("change", ["moved", "turned", "shuffled"])
def test_real_parts_are_judged_alike_however_they_lie(corpus: Path, name: str, change: str) -> None:
    file = read_model((corpus / "good" / name).read_bytes(), name=name)
    mesh = np.array(file.mesh.vertices_mm), np.array(file.mesh.faces)
    other = {
        "moved": (mesh[0] + np.array([64.0, -32.0, 128.0]), mesh[1]),
        "turned": turned(mesh, 1),
        "shuffled": shuffled(mesh),
    }[change]
    bare = resolved(printer=None)
    here, there = (
        validated(meshes.ply(m), name="part.ply", demands=bare, unit=None) for m in (mesh, other)
    )
    figures = [[(f.rule_id, f.status, f.measured) for f in r.findings] for r in (here, there)]
    for ours, theirs in zip(*figures, strict=True):
        assert ours[:2] == theirs[:2]
        if ours[0] != "GEO-01" and ours[2] is not None:
            assert theirs[2] == pytest.approx(ours[2], rel=1e-3, abs=1e-5)

"""GEO-01 to GEO-09: a passing and a failing sample of each, and every other state they have."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from printstd.units import LengthUnit
from printstd.validate.blockers import BLOCKERS, slice_blockers
from printstd.validate.outcome import SLICEABLE
from tests import meshes
from tests.conformance.checks.judging import judged, only_of, places, validated

CUBE = meshes.cube(20.0)
BRACKET = meshes.bracket()
NO_LID = meshes.without(CUBE, [2, 3])
NO_TWO_SIDES = meshes.without(CUBE, [2, 3, 0, 1])
SHARED_EDGE = meshes.merged(CUBE, meshes.moved(CUBE, (20.0, 20.0, 0.0)))


def with_fin(mesh: meshes.Triangles) -> meshes.Triangles:
    """One more facet on an edge: three there, and two open edges."""
    vertices = np.vstack([mesh[0], [[10.0, -10.0, 0.0]]])
    a, b = 0, 1
    return vertices, np.vstack([mesh[1], [[a, b, len(mesh[0])]]]).astype(np.int32)


# --- GEO-01 ----------------------------------------------------------------------------------


def cracked(gap_mm: float) -> bytes:
    corners = CUBE[0][CUBE[1]].copy()
    corners[4:6, :, 0] += gap_mm
    return meshes.stl_ascii((corners.reshape(-1, 3), np.arange(36, dtype=np.int32).reshape(-1, 3)))


@pytest.mark.parametrize("mesh", [CUBE, BRACKET])
def test_corners_that_meet_exactly_pass(mesh: meshes.Triangles) -> None:
    finding = only_of("GEO-01", mesh)
    assert finding.status is Status.PASS
    assert finding.measured == 0


@pytest.mark.parametrize("gap_mm", [1e-6, 5e-5, 1.9e-4])
def test_a_gap_that_was_bridged_is_told_with_its_width(gap_mm: float) -> None:
    finding = only_of("GEO-01", cracked(gap_mm))
    assert finding.status is Status.INFO
    assert finding.measured == pytest.approx(gap_mm, rel=1e-3)
    assert finding.limit is not None
    assert finding.measured <= finding.limit
    assert only_of("GEO-02", cracked(gap_mm)).status is Status.PASS


def test_a_gap_that_shows_is_not_bridged() -> None:
    assert only_of("GEO-01", cracked(1e-3)).status is Status.PASS
    assert only_of("GEO-02", cracked(1e-3)).status is Status.FAIL


# --- GEO-02 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mesh", [CUBE, BRACKET, meshes.torus(), meshes.merged(CUBE, BRACKET)])
def test_closed_surfaces_pass(mesh: meshes.Triangles) -> None:
    finding = only_of("GEO-02", mesh)
    assert finding.status is Status.PASS
    assert finding.measured == finding.limit == 0


def test_a_box_without_its_lid_fails_at_four_edges_in_one_place() -> None:
    finding = only_of("GEO-02", NO_LID)
    assert finding.status is Status.FAIL
    assert (finding.measured, finding.limit, finding.unit) == (4, 0, "open edges")
    assert places(finding) == [(10.0, 10.0, 20.0)]
    assert finding.where[0].box_mm == (0, 0, 20, 20, 20, 20)
    assert dict(finding.details)["length of open edges"] == "80.000 mm"
    assert slice_blockers(validated(NO_LID, only=tuple(BLOCKERS)))


def test_each_hole_is_one_place() -> None:
    finding = only_of("GEO-02", NO_TWO_SIDES)
    assert finding.measured == 8
    assert sorted(places(finding)) == [(10.0, 10.0, 0.0), (10.0, 10.0, 20.0)]


def test_an_edge_of_four_facets_fails_and_can_yet_be_sliced() -> None:
    finding = only_of("GEO-02", SHARED_EDGE)
    assert finding.status is Status.FAIL
    assert (finding.measured, finding.unit) == (1, "edges")
    assert places(finding) == [(20.0, 20.0, 10.0)]
    assert SLICEABLE in finding.details
    assert slice_blockers(validated(SHARED_EDGE, only=tuple(BLOCKERS))) == []


def test_an_edge_of_three_facets_fails_and_cannot() -> None:
    open_, crowded = judged("GEO-02", with_fin(CUBE))
    assert (open_.status, open_.measured) == (Status.FAIL, 2)
    assert (crowded.status, crowded.measured) == (Status.FAIL, 1)
    assert SLICEABLE not in crowded.details
    assert len(slice_blockers(validated(with_fin(CUBE), only=tuple(BLOCKERS)))) >= 2


# --- GEO-03 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mesh", [CUBE, meshes.inside_out(CUBE), NO_LID, SHARED_EDGE])
def test_even_winding_passes(mesh: meshes.Triangles) -> None:
    assert only_of("GEO-03", mesh).status is Status.PASS


@pytest.mark.parametrize("facet", range(12))
def test_a_facet_turned_over_is_named(facet: int) -> None:
    finding = only_of("GEO-03", meshes.with_flipped(CUBE, facet))
    assert finding.status is Status.FAIL
    assert (finding.measured, finding.limit) == (3, 0)
    assert finding.where[0].facets == (facet,)
    assert dict(finding.details)["facets turned over"] == "1"


def test_a_side_turned_over_has_four_edges_and_two_facets() -> None:
    mesh = meshes.with_flipped(meshes.with_flipped(CUBE, 4), 5)
    finding = only_of("GEO-03", mesh)
    assert finding.measured == 4
    assert {where.facets for where in finding.where[:2]} == {(4,), (5,)}
    assert slice_blockers(validated(mesh, only=tuple(BLOCKERS)))


def test_a_moebius_band_has_no_even_winding() -> None:
    n = 12
    turns = 2 * np.pi * np.arange(n) / n
    middle = 20 * np.column_stack([np.cos(turns), np.sin(turns), np.zeros(n)])
    out = np.column_stack([np.cos(turns) * np.cos(turns / 2), np.sin(turns) * np.cos(turns / 2),
                           np.sin(turns / 2)])  # fmt: skip
    vertices = np.vstack([middle + 4 * out, middle - 4 * out])
    faces = []
    for i in range(n):
        a, b = (i, i + n)
        c, d = (i + 1, i + 1 + n) if i < n - 1 else (n, 0)
        faces += [(a, b, c), (c, b, d)]
    finding = only_of("GEO-03", (vertices, np.array(faces, np.int32)))
    assert finding.status is Status.FAIL


# --- GEO-06 ----------------------------------------------------------------------------------


def with_needles(count: int) -> meshes.Triangles:
    """A fine sphere-like body in which `count` edges got a vertex in their middle on one side, so
    that a facet without area fills the seam."""
    vertices, faces = meshes.torus(n_major=24, n_minor=24)
    vertices, faces = list(vertices), [list(face) for face in faces.tolist()]
    for k in range(count):
        a, b, c = faces[3 * k]
        new = len(vertices)
        vertices.append((vertices[a] + vertices[b]) / 2)
        faces[3 * k] = [a, new, c]
        faces += [[new, b, c], [a, b, new]]
    return np.array(vertices), np.array(faces, np.int32)


def test_facets_with_area_pass() -> None:
    assert only_of("GEO-06", CUBE).status is Status.PASS


@pytest.mark.parametrize("count", [1, 10])
def test_a_few_needles_are_told(count: int) -> None:
    finding = only_of("GEO-06", meshes.ply(with_needles(count)), name="part.ply")
    assert (finding.status, finding.measured) == (Status.INFO, count)
    assert len(finding.where) == min(count, 8)
    assert only_of("GEO-02", meshes.ply(with_needles(count)), name="part.ply").status is Status.PASS


def test_many_needles_are_warned_about() -> None:
    finding = only_of("GEO-06", meshes.ply(with_needles(40)), name="part.ply")
    assert (finding.status, finding.measured) == (Status.WARN, 40)


def test_small_facets_of_good_shape_are_not_degenerate() -> None:
    finding = only_of("GEO-06", meshes.scaled(meshes.torus(), 1e-3), unit=LengthUnit.MILLIMETER)
    assert finding.status is Status.PASS


def test_corners_that_fall_together_count() -> None:
    collapsed = CUBE[0], np.vstack([CUBE[1], [[0, 0, 1]]]).astype(np.int32)
    finding = only_of("GEO-06", collapsed)
    assert finding.measured == 1
    assert dict(finding.details)["of these with two corners in one"] == "1"


# --- GEO-07 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mesh", [CUBE, NO_LID, SHARED_EDGE])
def test_facets_that_are_there_once_pass(mesh: meshes.Triangles) -> None:
    assert only_of("GEO-07", mesh).status is Status.PASS


@pytest.mark.parametrize("facets", [[0], [0, 5], list(range(12))])
def test_repeated_facets_fail(facets: list[int]) -> None:
    finding = only_of("GEO-07", meshes.with_again(CUBE, facets))
    assert finding.status is Status.FAIL
    assert finding.measured == len(facets)
    named = {facet for where in finding.where for facet in where.facets}
    assert named <= {*facets, *range(12, 12 + len(facets))}


def test_facets_back_to_back_fail() -> None:
    wall = CUBE[0], np.vstack([CUBE[1], CUBE[1][4][::-1]]).astype(np.int32)
    finding = only_of("GEO-07", wall)
    assert finding.status is Status.FAIL
    assert (finding.measured, finding.unit) == (1, "pairs")


# --- GEO-08 ----------------------------------------------------------------------------------

CAVITY = meshes.inside_out(meshes.cube(8.0, (6.0, 6.0, 6.0)))
CORE = meshes.cube(2.0, (9.0, 9.0, 9.0))


@pytest.mark.parametrize(
    "mesh",
    [
        CUBE,
        BRACKET,
        meshes.merged(CUBE, meshes.moved(CUBE, (50.0, 0.0, 0.0))),
        meshes.merged(CUBE, CAVITY),
        meshes.merged(CUBE, CAVITY, CORE),
        meshes.merged(CAVITY, CORE, CUBE),
    ],
)
def test_shells_that_face_the_right_way_pass(mesh: meshes.Triangles) -> None:
    finding = only_of("GEO-08", mesh)
    assert finding.status is Status.PASS
    assert dict(finding.details)["volume"] == f"{meshes.signed_volume(mesh):.3f} mm3"


@pytest.mark.parametrize(
    ("mesh", "inverted"),
    [
        (meshes.inside_out(CUBE), 1),
        (meshes.merged(meshes.inside_out(CUBE), meshes.moved(CUBE, (50.0, 0.0, 0.0))), 1),
        (meshes.merged(CUBE, meshes.moved(meshes.inside_out(CUBE), (50.0, 0.0, 0.0))), 1),
        (meshes.merged(CUBE, CAVITY, meshes.inside_out(CORE)), 1),
        (meshes.inside_out(meshes.merged(CUBE, meshes.moved(CUBE, (0.0, 50.0, 0.0)))), 2),
    ],
)
def test_shells_inside_out_fail(mesh: meshes.Triangles, inverted: int) -> None:
    finding = only_of("GEO-08", mesh)
    assert finding.status is Status.FAIL
    assert (finding.measured, finding.limit) == (inverted, 0)
    assert len(finding.where) == inverted


def test_a_body_inside_a_body_fails() -> None:
    finding = only_of("GEO-08", meshes.merged(CUBE, meshes.inside_out(CAVITY)))
    assert finding.status is Status.FAIL
    assert "facing outwards inside" in finding.message
    assert places(finding) == [(10.0, 10.0, 10.0)]


def test_a_shell_in_a_bore_is_not_inside() -> None:
    """Within the tube's box and not within the tube."""
    mesh = meshes.merged(meshes.tube(10, 8, 20), meshes.cylinder(5, 15, 24))
    assert only_of("GEO-08", mesh).status is Status.PASS


@pytest.mark.parametrize("mesh", [NO_LID, meshes.with_flipped(CUBE, 3)])
def test_an_open_surface_has_no_inside(mesh: meshes.Triangles) -> None:
    assert only_of("GEO-08", mesh).status is Status.NOT_EVALUATED


def test_closed_shells_beside_an_open_one_are_judged() -> None:
    mesh = meshes.merged(meshes.inside_out(CUBE), meshes.moved(NO_LID, (50.0, 0.0, 0.0)))
    assert [f.status for f in judged("GEO-08", mesh)] == [Status.FAIL, Status.NOT_EVALUATED]


def test_too_many_nested_pairs_are_not_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    from printstd.validate import nesting

    monkeypatch.setattr(nesting, "_MOST_WORK", 10)
    assert only_of("GEO-08", meshes.merged(CUBE, CAVITY)).status is Status.NOT_EVALUATED
    assert only_of("GEO-08", CUBE).status is Status.PASS


# --- GEO-09 ----------------------------------------------------------------------------------


def test_one_body_passes_and_two_are_told() -> None:
    one = only_of("GEO-09", CUBE)
    assert (one.status, one.measured) == (Status.PASS, 1)
    two = only_of("GEO-09", meshes.merged(CUBE, meshes.moved(CUBE, (30.0, 0.0, 0.0))))
    assert (two.status, two.measured) == (Status.INFO, 2)


@pytest.mark.parametrize(("size", "is_debris"), [(0.1, True), (0.44, True), (0.46, False)])
def test_specks_smaller_than_a_line_are_warned_about(size: float, is_debris: bool) -> None:
    speck = meshes.tetrahedron(size)
    findings = judged("GEO-09", meshes.merged(CUBE, meshes.moved(speck, (25.0, 5.0, 0.0))))
    assert [f.status for f in findings] == (
        [Status.PASS, Status.WARN] if is_debris else [Status.INFO]
    )
    if is_debris:
        assert findings[1].measured == 1
        x, y, z = places(findings[1])[0]
        assert (x, y, z) == pytest.approx((25 + size / 2, 5 + size / 2, size / 2), abs=1e-6)


def test_loose_facets_are_debris() -> None:
    loose = np.array([[0, 0, 0], [30, 0, 0], [0, 30, 0.0]]), np.array([[0, 1, 2]], np.int32)
    findings = judged("GEO-09", meshes.merged(CUBE, meshes.moved(loose, (0.0, 0.0, 40.0))))
    assert [f.status for f in findings] == [Status.PASS, Status.WARN]


# --- a file without a triangle -----------------------------------------------------------------


def test_only_facets_without_corners_leave_all_undecided() -> None:
    points = np.array([[0, 0, 0], [10, 0, 0], [20, 0, 0.0]])
    line = points, np.array([[0, 0, 1], [1, 1, 2]], np.int32)
    report = validated(line)
    assert report.verdict is Status.NOT_EVALUATED
    for rule in ("GEO-02", "GEO-03", "GEO-08", "GEO-09", "GEO-10", "PRN-07", "THK-01", "FEA-02"):
        assert [f.status for f in report.of_rule(rule)] == [Status.NOT_EVALUATED], rule

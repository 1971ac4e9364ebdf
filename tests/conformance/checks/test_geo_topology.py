"""GEO-04, GEO-05, GEO-11, the roles of shells, and the thirteen truth meshes of self-intersection
as all checks together judge them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from printstd.kernels.corner_fans import fans_per_vertex
from printstd.kernels.edges import edge_table
from tests import meshes
from tests.conformance.checks.judging import judged, only_of, places, status, validated
from tests.conformance.checks.test_surface import CAVITY
from tests.unit.validate.test_triangle_pairs import MERELY_TOUCH, MUST_FIND

CUBE = meshes.cube(20.0)


def subdivided(mesh: meshes.Triangles) -> meshes.Triangles:
    """Each facet in four by the middles of its edges: the same surface."""
    vertices, faces = mesh
    ends = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    edges, number = np.unique(ends, axis=0, return_inverse=True)
    middle = len(vertices) + number.reshape(-1, 3)
    a, b, c = faces.T
    ab, bc, ca = middle.T
    rows = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return (
        np.vstack([vertices, (vertices[edges[:, 0]] + vertices[edges[:, 1]]) / 2]),
        np.concatenate([np.stack(row, axis=1) for row in rows]).astype(np.int32),
    )


# --- GEO-04 -----------------------------------------------------------------------------------


def test_a_closed_surface_has_no_hole_and_a_lid_that_is_missing_is_one() -> None:
    assert only_of("GEO-04", CUBE).status is Status.PASS
    found = only_of("GEO-04", meshes.without(CUBE, [2, 3]))
    assert (found.status, found.measured) == (Status.INFO, 1)
    assert found.details == (("hole 1", "4 edges, 80.000 mm long, 400.000 mm2, bent by 0.0000 mm"),)
    assert places(found) == [(10.0, 10.0, 20.0)]


def test_a_hole_round_a_corner_is_bent_by_how_much_its_rim_is() -> None:
    """Two facets of two sides that share an edge: the rim goes round the corner."""
    vertices, faces = CUBE
    normal = np.cross(
        vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]]
    )
    table = edge_table(faces)
    for edge in range(len(table.counts)):
        a, b = table.facets[table.offsets[edge] : table.offsets[edge] + 2]
        if abs(normal[a] @ normal[b]) < 1e-9:
            break
    found = only_of("GEO-04", meshes.without(CUBE, [int(a), int(b)]))
    assert found.status is Status.WARN
    text = found.details[0][1]
    assert text.startswith("4 edges, ")
    assert float(text.split("bent by ")[1].split()[0]) > 2.0


def test_holes_are_told_one_by_one_longest_first_and_those_that_meet_in_a_corner_are_no_loop() -> (
    None
):
    two = meshes.merged(
        meshes.without(CUBE, [2, 3]),
        meshes.moved(meshes.without(meshes.cube(10.0), [0]), (40.0, 0.0, 0.0)),
    )
    found = only_of("GEO-04", two)
    assert found.measured == 2
    lengths = [float(text.split(", ")[1].split()[0]) for _, text in found.details]
    assert lengths == pytest.approx([80.0, 20 + math.sqrt(200)], abs=1e-3)
    torus = meshes.torus()
    corner = torus[1][0, 0]
    around = np.flatnonzero((torus[1] == corner).any(axis=1))
    apart = meshes.without(torus, [int(around[0]), int(around[3])])
    assert only_of("GEO-04", apart).status is Status.WARN


# --- GEO-05 -----------------------------------------------------------------------------------


def corner_to_corner(shift: float = 0.0) -> meshes.Triangles:
    """Two cubes that share a corner: as one vertex."""
    return meshes.merged(CUBE, meshes.moved(meshes.cube(10.0), (20.0 + shift,) * 3))


def test_bodies_that_share_a_corner_touch_in_a_point() -> None:
    assert only_of("GEO-05", CUBE).status is Status.PASS
    assert only_of("GEO-05", corner_to_corner(0.01)).status is Status.PASS
    found = only_of("GEO-05", corner_to_corner())
    assert (found.status, found.measured) == (Status.WARN, 1)
    assert places(found) == [(20.0, 20.0, 20.0)]


def test_rims_and_crowded_edges_are_left_to_geo_02() -> None:
    assert only_of("GEO-05", meshes.without(CUBE, [2, 3])).status is Status.PASS
    edge = meshes.merged(CUBE, meshes.moved(CUBE, (20.0, 20.0, 0.0)))
    assert status("GEO-02", edge) is Status.FAIL
    assert only_of("GEO-05", edge).status is Status.PASS


@pytest.mark.parametrize("is_closed", [True, False])
def test_fans_are_counted_as_by_walking(is_closed: bool) -> None:
    """Against a walk over the facets of each vertex, one by one."""
    mesh = corner_to_corner()
    mesh = meshes.merged(mesh, meshes.moved(meshes.torus(n_major=12, n_minor=6), (80.0, 0.0, 0.0)))
    vertices, index = np.unique(mesh[0], axis=0, return_inverse=True)
    faces = index.reshape(-1)[mesh[1]]
    if not is_closed:
        rng = np.random.default_rng(5)
        faces = np.delete(faces, rng.choice(len(faces), 17, replace=False), axis=0)
        faces[3] = faces[3, ::-1]
    wanted = []
    for vertex in range(len(vertices)):
        left = [set(face) - {vertex} for face in faces.tolist() if vertex in face]
        fans = 0
        while left:
            fans += 1
            fan = left.pop()
            while joined := [one for one in left if one & fan]:
                for one in joined:
                    left.remove(one)
                    fan |= one
        wanted.append(fans)
    assert fans_per_vertex(len(vertices), faces, edge_table(faces)).tolist() == wanted


# --- GEO-06 -----------------------------------------------------------------------------------


def test_needles_and_caps_are_told_apart() -> None:
    needle = np.array([(0, 0, 0), (500, 0, 0), (499.6, 1e-5, 0)], float)
    cap = np.array([(0, 0, 0), (50, 0, 0), (25, 1e-6, 0)], float)
    flat = meshes.merged(CUBE, *((rows + 40.0, np.array([[0, 1, 2]])) for rows in (needle, cap)))
    details = dict(only_of("GEO-06", meshes.ply(flat), name="part.ply").details)
    assert details["needles, two corners close together"] == "1"
    assert details["caps, one corner on the opposite edge"] == "1"


# --- GEO-08: roles ------------------------------------------------------------------------------


def test_roles_are_told_and_a_body_in_a_cavity_is_one() -> None:
    within = meshes.moved(meshes.cube(2.0), (9.0, 9.0, 9.0))
    found = only_of("GEO-08", meshes.merged(CUBE, CAVITY, within))
    assert found.status is Status.PASS
    roles = [text for name, text in found.details if name.startswith("shell")]
    assert [role.split(",")[0] for role in roles] == ["body", "cavity", "body"]
    assert [role.split("inside ")[1] for role in roles] == ["0 others", "1 others", "2 others"]


@pytest.mark.parametrize("mesh", [CUBE, meshes.torus(), meshes.bracket()])
def test_a_shell_that_is_there_twice_is_found_however_it_is_divided(
    mesh: meshes.Triangles,
) -> None:
    again = meshes.merged(mesh, subdivided(mesh))
    found = [f for f in judged("GEO-08", again) if "there twice" in f.message]
    assert [f.measured for f in found] == [1]
    beside = meshes.merged(mesh, meshes.moved(subdivided(mesh), (0.0, 0.0, 0.5)))
    assert not [f for f in judged("GEO-08", beside) if "there twice" in f.message]


# --- GEO-11 -----------------------------------------------------------------------------------


def test_what_overlaps_is_what_even_and_odd_leave_out() -> None:
    assert only_of("GEO-11", CUBE).status is Status.PASS
    assert only_of("GEO-11", meshes.merged(CUBE, CAVITY)).status is Status.PASS
    apart = meshes.merged(CUBE, meshes.moved(CUBE, (30.0, 0.0, 0.0)))
    assert only_of("GEO-11", apart).status is Status.PASS
    both = meshes.merged(CUBE, meshes.moved(CUBE, (15.0, 10.0, 4.0)))
    found = only_of("GEO-11", both)
    assert found.status is Status.INFO
    assert found.measured == pytest.approx(5 * 10 * 16, rel=1e-6)


def test_a_surface_in_itself_and_a_cavity_that_breaks_out_are_warned_about() -> None:
    out = meshes.merged(CUBE, meshes.moved(CAVITY, (12.0, 0.0, 0.0)))
    found = only_of("GEO-11", out)
    assert found.status is Status.WARN
    # Of the cavity, what lies outside of the cube is wound once the wrong way round.
    assert found.measured == pytest.approx(6 * 8 * 8, rel=1e-6)
    body = meshes.merged(CUBE, meshes.inside_out(CAVITY))
    found = only_of("GEO-11", body)
    assert found.measured == pytest.approx(-meshes.signed_volume(CAVITY), rel=0.02)


# --- the thirteen truth meshes ------------------------------------------------------------------

TWICE = meshes.merged(meshes.cube(10.0), meshes.cube(10.0))
CLEAN = meshes.torus(n_major=64, n_minor=32)
FAULTS = {"CUT", "CREASE"}


def is_told(mesh: meshes.Triangles) -> tuple[bool, bool]:
    """(some check tells of facets in the same space, some fails or warns of crossing ones)."""
    report = validated(mesh, only=("GEO-07", "GEO-08", "GEO-10"))
    worse = (Status.FAIL, Status.WARN, Status.INFO)
    told = [f for f in report.findings if f.status in worse]
    return bool(told), any("pass" in f.message and "through" in f.message for f in told)


def test_nine_of_nine_are_found_three_touch_and_a_clean_one_says_nothing() -> None:
    """Facts of validation 2.4: the best of five engines finds eight."""
    must_find = MUST_FIND | {"the same box twice": TWICE}
    assert len(must_find) == 9
    assert len(MERELY_TOUCH) == 3
    assert [name for name, mesh in must_find.items() if not is_told(mesh)[0]] == []
    assert [name for name, mesh in MERELY_TOUCH.items() if is_told(mesh)[1]] == []
    assert is_told(CLEAN) == (False, False)

"""Contacts between facets against exact arithmetic, and the thirteen truth meshes (facts of
validation, 2.4)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from printstd.kernels.edges import edge_table
from printstd.kernels.facets import facet_shapes
from printstd.kernels.pair_tests import Contact
from printstd.kernels.triangle_pairs import Contacts, contacts
from tests import meshes
from tests.oracles.triangles_exactly import Triangle, meeting

Mesh = tuple[NDArray[np.float64], NDArray[np.int32]]


def found_in(mesh: Mesh, tolerance: float = 1e-9, most_pairs: int = 10**7) -> Contacts:
    shapes = facet_shapes(*mesh)
    facets = np.flatnonzero(shapes.height > 1e-6 * shapes.longest)
    found = contacts(
        *mesh,
        shapes.normal,
        edge_table(mesh[1]),
        facets=facets,
        tolerance=tolerance,
        most_pairs=most_pairs,
    )
    assert found is not None
    return found


def kinds(found: Contacts) -> dict[str, int]:
    return {
        kind.name: int((found.kind == kind).sum()) for kind in Contact if (found.kind == kind).any()
    }


# --- pairs against exact arithmetic ------------------------------------------------------------

corner = st.tuples(*[st.integers(-4, 4)] * 3)


def exact(mesh: Mesh, facet: int) -> Triangle:
    a, b, c = (tuple(map(Fraction, p)) for p in mesh[0][mesh[1][facet]].tolist())
    return a, b, c


@settings(max_examples=600, deadline=None)
@given(st.lists(corner, min_size=6, max_size=6, unique=True), st.integers(0, 2))
def test_two_facets_meet_as_exact_arithmetic_says(
    points: list[tuple[int, ...]], shared: int
) -> None:
    """With 0, 1 or 2 common corners; whole-number corners make every special position common."""
    vertices = np.array(points, float)
    faces = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
    faces[1, :shared] = faces[0, :shared]
    mesh = vertices, faces
    shapes = facet_shapes(*mesh)
    assume((shapes.area > 0).all())
    found = found_in(mesh)
    wanted = meeting(exact(mesh, 0), exact(mesh, 1))
    if shared and wanted == "touch":
        wanted = "none"  # they are neighbours, and meet where neighbours do
    if shared == 2 and wanted == "cut":
        pytest.fail("two planes cannot cut along another line than the common edge")
    names = {"cut": "CUT", "touch": "TOUCH", "lap": "LAP"}
    assert kinds(found) == ({names[wanted]: 1} if wanted != "none" else {})
    if wanted == "cut":
        n = shapes.normal
        to_b = (vertices[faces[0]] - vertices[faces[1, 0]]) @ n[1]
        to_a = (vertices[faces[1]] - vertices[faces[0, 0]]) @ n[0]
        depth = min(max(to_b), -min(to_b), max(to_a), -min(to_a))
        assert found.depth[0] == pytest.approx(depth, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(corner, corner, corner), min_size=2, max_size=14))
def test_a_soup_meets_pair_by_pair(rows: list[tuple[tuple[int, ...], ...]]) -> None:
    vertices = np.array(rows, float).reshape(-1, 3)
    mesh = vertices, np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
    solid = np.flatnonzero(facet_shapes(*mesh).area > 0).tolist()
    found = found_in(mesh)
    rows_found = {
        (a, b): Contact(kind).name.lower()
        for a, b, kind in zip(
            found.first.tolist(), found.second.tolist(), found.kind.tolist(), strict=True
        )
        if kind != Contact.CREASE
    }
    wanted = {
        (a, b): how
        for k, a in enumerate(solid)
        for b in solid[k + 1 :]
        if (how := meeting(exact(mesh, a), exact(mesh, b))) != "none"
    }
    assert rows_found == wanted


# --- the truth meshes ------------------------------------------------------------------------


def fan(centre: tuple[float, float, float], height: float = 0.0) -> Mesh:
    """Six facets round a middle vertex (number 0)."""
    turns = np.arange(6) * np.pi / 3
    rim = np.column_stack([np.cos(turns), np.sin(turns), np.full(6, height)]) * [10, 10, 1]
    faces = [(0, 1 + k, 1 + (k + 1) % 6) for k in range(6)]
    return np.vstack([[centre], rim]), np.array(faces, np.int32)


def pushed_through() -> Mesh:
    """A box of which one corner is pulled out through the opposite side."""
    vertices, faces = meshes.cube(10)
    vertices = vertices.copy()
    vertices[6] = (-5.0, 4.0, 4.5)
    return vertices, faces


def fold_over_edge() -> Mesh:
    """Two coplanar facets on the same side of their common edge."""
    vertices = np.array([[0, 0, 0], [10, 0, 0], [5, 8, 0], [6, 5, 0.0]])
    return vertices, np.array([[0, 1, 2], [1, 0, 3]], np.int32)


def one_vertex_and_crossing() -> Mesh:
    vertices = np.array([[0, 0, 0], [10, 3, 0], [10, -3, 0], [10, 0, 3], [9, 0, -3.0]])
    return vertices, np.array([[0, 1, 2], [0, 3, 4]], np.int32)


BOX = meshes.cube(10)
MUST_FIND = {
    "spindle torus": meshes.torus(major=5.0, minor=10.0, n_major=24, n_minor=16),
    "two boxes, generic": meshes.merged(BOX, meshes.moved(BOX, (3.1, 4.2, 5.3))),
    "two boxes, axis-aligned": meshes.merged(BOX, meshes.moved(BOX, (5, 5, 5))),
    "coplanar overlapping tops": meshes.merged(BOX, meshes.moved(BOX, (5, 5, 0))),
    "vertex through the far side": pushed_through(),
    "vertex folded over its ring": fan((25.0, 3.0, 0.0)),
    "fold over an edge": fold_over_edge(),
    "one vertex and crossing": one_vertex_and_crossing(),
}
MERELY_TOUCH = {
    "touching in a full face": meshes.merged(BOX, meshes.moved(BOX, (10, 0, 0))),
    "touching at one edge": meshes.merged(BOX, meshes.moved(BOX, (10, 10, 0))),
    "vertex touches a face": meshes.merged(
        BOX, meshes.moved(meshes.tetrahedron(3), (10, 3.3, 4.4))
    ),
}


@pytest.mark.parametrize("name", MUST_FIND)
def test_what_must_be_found_is_found(name: str) -> None:
    assert kinds(found_in(MUST_FIND[name])), name


@pytest.mark.parametrize("name", MERELY_TOUCH)
def test_what_merely_touches_is_no_crossing(name: str) -> None:
    assert not {"CUT", "CREASE"} & set(kinds(found_in(MERELY_TOUCH[name]))), name


@pytest.mark.parametrize(
    "mesh", [meshes.torus(), meshes.tube(), meshes.bracket(), meshes.cube(), meshes.cylinder()]
)
def test_clean_meshes_have_no_contact(mesh: Mesh) -> None:
    assert kinds(found_in(mesh, tolerance=1e-4)) == {}


@pytest.mark.parametrize("name", [*MUST_FIND, *MERELY_TOUCH])
def test_contacts_do_not_depend_on_the_order_of_facets_nor_on_the_place(name: str) -> None:
    mesh = (MUST_FIND | MERELY_TOUCH)[name]
    order = np.random.default_rng(2).permutation(len(mesh[1]))
    a = found_in(mesh, 1e-7)
    b = found_in((mesh[0] + [300.0, -70.0, 20.0], mesh[1][order]), 1e-7)
    pairs_a = sorted(zip(*(np.sort([a.first, a.second], axis=0)), a.kind.tolist(), strict=True))
    first, second = np.sort([order[b.first], order[b.second]], axis=0)
    pairs_b = sorted(zip(first, second, b.kind.tolist(), strict=True))
    assert pairs_a == pairs_b
    assert sorted(a.depth) == pytest.approx(sorted(b.depth), abs=1e-9)
    assert sorted(a.length) == pytest.approx(sorted(b.length), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 2.5))
def test_what_tame_vertices_leave_out_meets_nowhere(seed: int, rough: float) -> None:
    """The same contacts as if no vertex were tame, of balls from smooth to torn."""
    from printstd.kernels import triangle_pairs
    from printstd.kernels.tame_vertices import tame_vertices

    rng = np.random.default_rng(seed)
    vertices, faces = meshes.torus(6.0, 3.0, 12, 8)
    mesh = vertices + rough * rng.standard_normal(vertices.shape), faces
    shapes = facet_shapes(*mesh)
    tame = tame_vertices(*mesh, shapes.normal, edge_table(faces), np.arange(len(faces)))
    assert rough > 1e-3 or tame.all()
    found = found_in(mesh)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(triangle_pairs, "tame_vertices", lambda v, *_: np.zeros(len(v), bool))
        wanted = found_in(mesh)
    for ours, theirs in zip(found, wanted, strict=True):
        assert np.array_equal(ours, theirs)


def test_a_sliver_that_rounding_turned_over_laps_over_nothing() -> None:
    """Lower than the tolerance, and folded back over its neighbour: the very same surface."""
    vertices = np.array([[0, 0, 0], [10, 0, 0], [5, 8, 0], [4, 3e-5, 0.0]])
    mesh = vertices, np.array([[0, 1, 2], [1, 0, 3]], np.int32)
    assert kinds(found_in(mesh, tolerance=1e-4)) == {}
    assert kinds(found_in(mesh, tolerance=1e-5)) == {"LAP": 1}


def test_more_pairs_than_can_be_tested_are_given_up() -> None:
    mesh = meshes.torus()
    shapes = facet_shapes(*mesh)
    assert (
        contacts(
            *mesh,
            shapes.normal,
            edge_table(mesh[1]),
            facets=np.arange(len(mesh[1])),
            tolerance=1e-9,
            most_pairs=10,
        )
        is None
    )

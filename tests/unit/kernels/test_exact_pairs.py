"""Contacts of triangles decided exactly: against fractions where hardly anything is degenerate and
hardly anything is not, and the same in whatever order, place and axes."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from printstd.kernels.edges import edge_table
from printstd.kernels.exact_pairs import meeting
from printstd.kernels.facets import facet_shapes
from printstd.kernels.pair_tests import Contact
from printstd.kernels.triangle_pairs import Contacts, contacts
from tests.oracles import triangles_exactly
from tests.oracles.effort import few

Vertices = NDArray[np.float64]
corner = st.tuples(*[st.integers(-3, 3)] * 3)
hair = st.tuples(*[st.integers(-1, 1)] * 3)
FAR = 10**9


def found_in(vertices: Vertices, faces: NDArray[np.int64], tolerance: float) -> Contacts:
    shapes = facet_shapes(vertices, faces)
    solid = np.flatnonzero(shapes.height > 1e-6 * shapes.longest)
    found = contacts(
        vertices, faces, shapes.normal, edge_table(faces), facets=solid, tolerance=tolerance
    )
    assert found is not None
    return found


def soup(vertices: Vertices) -> NDArray[np.int64]:
    return np.arange(len(vertices), dtype=np.int64).reshape(-1, 3)


def told(found: Contacts) -> set[tuple[int, int, str]]:
    rows = zip(found.first.tolist(), found.second.tolist(), found.kind.tolist(), strict=True)
    return {(a, b, Contact(kind).name) for a, b, kind in rows}


def exact(points: Vertices) -> triangles_exactly.Triangle:
    a, b, c = ((Fraction(x), Fraction(y), Fraction(z)) for x, y, z in points.tolist())
    return a, b, c


@few(80)
@given(st.lists(st.tuples(corner, hair), min_size=6, max_size=6))
def test_a_hairs_breadth_off_degenerate_facets_meet_as_fractions_say(
    points: list[tuple[tuple[int, ...], tuple[int, ...]]],
) -> None:
    """Corners on a grid, each moved by one part in 10^9 or not at all: float64 sees no difference
    in most of the determinants, and every contact is asked for."""
    vertices = np.array([np.array(base) * FAR + np.array(off) for base, off in points], float)
    shapes = facet_shapes(vertices, soup(vertices))
    assume((shapes.height > 1e-6 * shapes.longest).all())
    wanted = triangles_exactly.meeting(exact(vertices[:3]), exact(vertices[3:]))
    names = {kind for _, _, kind in told(found_in(vertices, soup(vertices), 0.0))}
    assert names - {"CREASE"} == (set() if wanted == "none" else {wanted.upper()})


@pytest.mark.parametrize("tolerance", [0.0, 1.0, 0.5])
@few(15)
@given(
    st.lists(st.tuples(corner, corner, corner), min_size=2, max_size=10),
    st.permutations(range(3)),
    st.tuples(*[st.integers(-(10**6), 10**6)] * 3),
    st.integers(0, 2**32 - 1),
)
def test_contacts_are_the_same_in_any_order_place_and_axes(
    tolerance: float,
    rows: list[tuple[tuple[int, ...], ...]],
    axes: list[int],
    shift: tuple[int, int, int],
    seed: int,
) -> None:
    """On a grid of whole numbers with a tolerance of 1, distances lie on the tolerance all the
    time."""
    vertices = np.array(rows, float).reshape(-1, 3)
    faces = soup(vertices)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(faces))
    turned = np.take_along_axis(
        faces[order], (rng.integers(0, 3, len(faces))[:, None] + np.arange(3)) % 3, axis=1
    )
    if np.linalg.det(np.eye(3)[axes]) < 0:
        turned = turned[:, ::-1]
    names = rng.permutation(len(vertices))
    moved = np.empty_like(vertices)
    moved[names] = vertices[:, axes] + np.array(shift, float)
    wanted = told(found_in(vertices, faces, tolerance))
    found = {
        (*sorted((int(order[a]), int(order[b]))), kind)
        for a, b, kind in told(found_in(moved, names[turned], tolerance))
    }
    assert found == wanted


@few(15)
@given(
    st.lists(st.tuples(corner, corner, corner), min_size=2, max_size=8),
    st.sampled_from([0.0, 1e-3, 1.0]),
    st.floats(0.1, 10.0),
)
def test_what_float64_tells_is_what_whole_numbers_tell(
    rows: list[tuple[tuple[int, ...], ...]], tolerance: float, scale: float
) -> None:
    vertices = np.array(rows, float).reshape(-1, 3) * scale
    shapes = facet_shapes(vertices, soup(vertices))
    solid = np.flatnonzero(shapes.height > 1e-6 * shapes.longest).tolist()
    corners = vertices[soup(vertices)].tolist()
    wanted = set()
    for place, a in enumerate(solid):
        for b in solid[place + 1 :]:
            met = meeting(corners[a], corners[b], tolerance)
            if met.cut is not None:
                wanted.add((a, b, "TOUCH" if met.cut.is_touch else "CUT"))
            if met.is_lap:
                wanted.add((a, b, "LAP"))
    found = told(found_in(vertices, soup(vertices), tolerance))
    assert {row for row in found if row[2] != "CREASE"} == wanted


def test_whole_numbers_give_the_lengths_too() -> None:
    """Two squares' halves that cross in a stretch of 1.5, 0.75 deep, a million away."""
    flat = np.array([(0, 0, 0), (4, 0, 0), (0, 4, 0)], float)
    up = np.array([(1, 1, -0.75), (2.5, 1, -0.75), (2.5, 1, 3)], float)
    for shift in (0.0, 2.0**20):
        for one, two in permutations(((flat + shift).tolist(), (up + shift).tolist())):
            met = meeting(one, two, 1e-6)
            assert met.cut is not None
            assert not met.is_lap
            assert not met.grazes
            # The upright facet leaves z = 0 between x = 1.3 and 2.5.
            assert met.cut.length == pytest.approx(1.2, abs=1e-12)
            assert met.cut.depth == pytest.approx(0.75, abs=1e-12)
            assert met.cut.middle == pytest.approx((1.9 + shift, 1 + shift, shift), abs=1e-9)


def test_an_edge_that_grazes_is_told_with_its_apex() -> None:
    plane = [(0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (0.0, 4.0, 0.0)]
    facet = [(1.0, 1.0, 2.0), (-1.0, 1.0, 0.0), (5.0, 1.0, 0.0)]
    (graze,) = meeting(plane, facet, 0.25).grazes
    assert (graze.plane, graze.corner) == (0, 1)
    assert graze.apex == pytest.approx(2.0)
    # From a quarter inside the left border to a quarter inside the slanted one.
    assert graze.length == pytest.approx(3 - 0.25 - 0.25 * 2**0.5, abs=1e-12)

"""Nearest facets and certified distances, against all facets and against dense samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.nearest_facets import distances, facet_tree, nearest_facets
from printstd.kernels.surface_distance import largest_distance
from tests import meshes


def _brute(points, corners):
    return np.array([distances(np.repeat(p[None], len(corners), 0), corners).min() for p in points])


def _samples(triangles, n=12):
    """Points all over each triangle, its border included."""
    i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
    inside = i + j <= n
    weights = np.stack([i[inside], j[inside], n - i[inside] - j[inside]], axis=1) / n
    return np.einsum("kc,tcx->tkx", weights, triangles).reshape(-1, 3)


@pytest.mark.parametrize(
    ("point", "distance"),
    [
        ((1, 1, 2), 2.0),
        ((-3, 1, 4), 5.0),
        ((-3, -4, 0), 5.0),
        ((13, 0, 4), 5.0),
        ((6, 6, 0), np.sqrt(2.0)),
        ((2, 2, 0), 0.0),
    ],
)
def test_distance_from_one_triangle_over_face_edge_and_corner(point, distance):
    triangle = np.array([[(0.0, 0, 0), (10, 0, 0), (0, 10, 0)]])
    assert distances(np.array([point], float), triangle)[0] == pytest.approx(distance, abs=1e-12)


def test_a_triangle_without_area_is_its_longest_edge():
    line = np.array([[(0.0, 0, 0), (10, 0, 0), (4, 0, 0)]])
    assert distances(np.array([(5.0, 3.0, 4.0)]), line)[0] == pytest.approx(5.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 90))
def test_the_nearest_facet_is_that_of_all_facets(seed, n):
    rng = np.random.default_rng(seed)
    corners = rng.normal(size=(n, 1, 3)) * 3 + rng.normal(size=(n, 3, 3))
    points = rng.normal(size=(40, 3)) * 4
    found = nearest_facets(points, facet_tree(corners))
    assert found.distance == pytest.approx(_brute(points, corners), abs=1e-12)
    assert found.distance == pytest.approx(distances(points, corners[found.facet]), abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-4, 0.5))
def test_the_bound_is_never_below_a_sampled_distance_and_as_narrow_as_asked(seed, amount):
    rng = np.random.default_rng(seed)
    vertices, faces = meshes.cylinder(radius=5.0, height=8.0, n_sides=12)
    moved = vertices + rng.uniform(-amount, amount, vertices.shape)
    surface, triangles = facet_tree(vertices[faces]), moved[faces]
    width = max(amount / 5, 1e-3)
    bounds = largest_distance(triangles, surface, width=width)
    sampled = nearest_facets(_samples(triangles), surface).distance.max()
    assert sampled <= bounds.upper
    assert bounds.lower <= bounds.upper <= bounds.lower + width + 1e-6
    # A vertex is a point of the surface, too: no bound is below how far it was really moved away.
    assert nearest_facets(moved, surface).distance.max() <= bounds.upper


def test_a_flat_face_in_other_triangles_is_settled_by_a_few_cuts():
    """Halving alone would go on along every new edge, down to the width asked for."""
    side = np.linspace(0.0, 20.0, 9)
    x, y = (grid.reshape(-1) for grid in np.meshgrid(side, side))
    points = np.column_stack([x, y, np.zeros_like(x)])
    cell = np.array([9 * i + j for i in range(8) for j in range(8)])
    fine = np.concatenate(
        [np.stack([cell, cell + 1, cell + 10], 1), np.stack([cell, cell + 10, cell + 9], 1)]
    )
    coarse = points[[[8, 80, 72], [8, 72, 0]]]
    for one, other in ((coarse, points[fine]), (points[fine], coarse)):
        bounds = largest_distance(one, facet_tree(other), width=1e-6)
        assert bounds.upper < 1e-6
        assert bounds.queries < 4_000


def test_without_queries_left_the_bound_is_wide_and_still_a_bound():
    vertices, faces = meshes.cylinder(radius=5.0, height=8.0, n_sides=24)
    surface, triangles = facet_tree(vertices[faces]), (vertices * 1.1)[faces]
    wide = largest_distance(triangles, surface, width=1e-6, most_queries=len(faces))
    sampled = nearest_facets(_samples(triangles), surface).distance.max()
    assert wide.upper >= sampled
    assert wide.queries == len(faces)

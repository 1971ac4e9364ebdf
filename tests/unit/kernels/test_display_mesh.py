"""Meshes to be looked at: small enough, near enough, and the worst figure is never lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.display_mesh import QUANTA, display_mesh, least_near, quantised
from tests import meshes


def test_a_mesh_that_is_small_enough_is_shown_whole():
    vertices, faces = meshes.cylinder(5.0, 8.0, 12)
    shown = display_mesh(vertices, faces, most_facets=len(faces))
    assert shown.cell_mm == 0.0
    assert (shown.vertices_mm[shown.faces] == vertices[faces]).all()
    assert (shown.facet == np.arange(len(faces))).all()
    values = np.arange(len(faces), dtype=np.float64)
    assert (least_near(values, faces, shown) == values).all()


@pytest.mark.parametrize("most", [2000, 300, 60])
def test_a_coarser_one_keeps_to_its_limit_and_to_its_cells(most):
    vertices, faces = meshes.cylinder(5.0, 8.0, 1500)
    shown = display_mesh(vertices, faces, most_facets=most)
    assert 0 < len(shown.faces) <= most
    assert shown.cell_mm > 0
    moved = shown.vertices_mm[shown.cell_of_vertex] - vertices
    assert np.abs(moved).max() <= shown.cell_mm
    # Vertices of it are vertices of the part: nothing is drawn off the surface.
    assert {*map(tuple, shown.vertices_mm)} <= {*map(tuple, vertices)}


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_the_least_figure_is_shown_wherever_it_lies(seed):
    random = np.random.default_rng(seed)
    vertices, faces = meshes.cylinder(5.0, 8.0, 300)
    shown = display_mesh(vertices, faces, most_facets=150)
    values = random.uniform(1.0, 2.0, len(faces))
    values[random.random(len(faces)) < 0.3] = np.nan
    worst = int(random.integers(len(faces)))
    values[worst] = 0.01
    seen = least_near(values, faces, shown)
    at = np.flatnonzero(seen == 0.01)
    corners = shown.cell_of_vertex[faces[worst]]
    if np.isin(shown.faces, corners).any():
        assert len(at)
    assert np.nanmin(seen) >= 0.01
    # A figure is shown at its own place alone.
    for facet in at:
        assert shown.facet[facet] == worst or np.isin(shown.faces[facet], corners).any()


@given(st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 3), min_size=1, max_size=20))
def test_positions_come_back_within_half_a_step(points):
    given_mm = np.array(points)
    packed = quantised(given_mm)
    back = packed.xyz * packed.step_mm + packed.low_mm
    assert np.abs(back - given_mm).max() <= 0.5000001 * packed.step_mm + 1e-12
    assert packed.xyz.max() <= QUANTA


def test_nothing_gives_nothing():
    shown = display_mesh(np.empty((0, 3)), np.empty((0, 3), np.int32), most_facets=10)
    assert len(shown.faces) == 0
    assert len(quantised(np.empty((0, 3))).xyz) == 0

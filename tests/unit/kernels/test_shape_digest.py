"""One digest for one surface, whatever the file does with it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.shape_digest import surface_sha256
from tests import meshes


@given(st.integers(0, 2**32 - 1))
def test_order_of_facets_of_vertices_and_first_corners_do_not_count(seed):
    random = np.random.default_rng(seed)
    vertices, faces = meshes.cylinder(5.0, 8.0, 12)
    order = random.permutation(len(vertices))
    place = np.argsort(order)
    turned = np.stack([np.roll(f, random.integers(3)) for f in place[faces]])
    again = turned[random.permutation(len(faces))]
    # A vertex that nobody uses, and one vertex for each corner: no weld, another format.
    loose = vertices[order][again].reshape(-1, 3)
    digest = surface_sha256(vertices, faces)
    assert surface_sha256(np.vstack([vertices[order], [[9, 9, 9]]]), again) == digest
    assert surface_sha256(loose, np.arange(len(loose)).reshape(-1, 3)) == digest


def test_shape_place_size_winding_and_number_of_facets_count():
    vertices, faces = meshes.cylinder(5.0, 8.0, 12)
    others = [
        (vertices + np.array((0, 0, 1e-6)), faces),
        (vertices * 1.001, faces),
        (vertices[:, [1, 0, 2]], faces),
        (vertices, faces[:, ::-1]),
        (vertices, faces[1:]),
        (vertices, np.vstack([faces, faces[:1]])),
    ]
    digests = {surface_sha256(*one) for one in [(vertices, faces), *others]}
    assert len(digests) == len(others) + 1


def test_a_hair_below_the_rounding_does_not_count():
    vertices, faces = meshes.cube()
    assert surface_sha256(vertices + 1e-8, faces) == surface_sha256(vertices, faces)
    assert len(surface_sha256(np.empty((0, 3)), np.empty((0, 3), np.int32))) == 64

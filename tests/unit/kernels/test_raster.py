"""Pictures: no cracks, the near hides the far, the same bytes for the same part."""

from __future__ import annotations

import numpy as np
import pytest
from manifold3d import Manifold

from printstd.kernels.png import encode_palette_png
from printstd.kernels.raster import palette, render
from tests.stacks import box, solid_mesh

NM = 1_000_000


def picture(vertices_mm: np.ndarray, faces: np.ndarray, size: int = 120) -> np.ndarray:
    vertices_nm = np.rint(vertices_mm * NM).astype(np.int64)
    indices, colours = render(vertices_nm, faces, width_px=size, height_px=size)
    assert (colours == palette()).all()
    assert int(indices.max()) < len(colours)
    return indices


def opacity(indices: np.ndarray) -> np.ndarray:
    return palette()[indices, 3]


def brightness(indices: np.ndarray) -> np.ndarray:
    return palette()[indices, :3].astype(int).sum(axis=-1)


def test_a_cube_is_a_hexagon_of_three_shades_lightest_on_top() -> None:
    indices = picture(*box((10, 10, 10)), size=200)
    covered = opacity(indices) > 0
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    assert rows[-1] - rows[0] == pytest.approx(0.92 * 200, abs=3)
    width, height = columns[-1] - columns[0], rows[-1] - rows[0]
    assert width / height == pytest.approx(np.sqrt(3) / 2, abs=0.03)
    # The faces' areas: three rhombs make a hexagon, 3/4 of the box around it.
    assert covered.sum() / (width * height) == pytest.approx(0.75, abs=0.02)
    middle = 100
    top, left, right = indices[55, middle], indices[middle + 30, 60], indices[middle + 30, 140]
    assert brightness(top) > brightness(right) > brightness(left)


def test_there_are_no_cracks_between_facets() -> None:
    ball = solid_mesh(Manifold.sphere(10, 128))
    indices = picture(*ball, size=150)
    covered = opacity(indices) == 255
    for line in (*covered, *covered.T):
        inside = np.flatnonzero(line)
        if len(inside):
            assert line[inside[0] : inside[-1] + 1].all()


def test_the_near_hides_the_far_in_any_order() -> None:
    near, far = box((10, 10, 10), (-20, -20, 20)), box((10, 10, 10))
    vertices = np.vstack([near[0], far[0]])
    either = [np.vstack([near[1], far[1] + 8]), np.vstack([far[1] + 8, near[1]])]
    both = [picture(vertices, faces) for faces in either]
    assert (both[0] == both[1]).all()
    # Exactly behind along the line of sight: only the near one is seen.
    assert (opacity(both[0]) > 0).sum() == (opacity(picture(*near)) > 0).sum()


def test_order_of_facets_and_place_on_the_bed_change_no_byte() -> None:
    vertices, faces = solid_mesh(Manifold.sphere(7, 40) - Manifold.cylinder(30, 3, 3, 20, True))
    first = picture(vertices, faces)
    mixed = faces[np.random.default_rng(1).permutation(len(faces))]
    assert (picture(vertices, mixed) == first).all()
    assert (picture(vertices + np.array([125.0, 105.0, 7.0]), faces) == first).all()


@pytest.mark.parametrize("size", [(16, 16), (32, 32), (313, 173), (400, 300), (1, 1)])
def test_any_size_is_drawn_and_small_when_packed(size: tuple[int, int]) -> None:
    vertices, faces = solid_mesh(Manifold.sphere(7, 60) - Manifold.cylinder(30, 3, 3, 50, True))
    vertices_nm = np.rint(vertices * NM).astype(np.int64)
    indices, colours = render(vertices_nm, faces, width_px=size[0], height_px=size[1])
    assert indices.shape == size[::-1]
    assert indices.dtype == np.uint8
    assert (opacity(indices) > 0).any()
    assert len(encode_palette_png(indices, colours)) < 15_000


def test_a_flat_part_and_no_part_at_all() -> None:
    assert (opacity(picture(*box((50, 50, 0.01)))) > 0).any()
    nothing = np.empty((0, 3), np.int32)
    assert not picture(box((1, 1, 1))[0], nothing).any()


def test_the_palette_goes_from_dark_to_light_and_from_thin_to_opaque() -> None:
    colours = palette()
    assert colours[0].tolist() == [0, 0, 0, 0]
    opaque = colours[colours[:, 3] == 255][:, :3].astype(int).sum(axis=1)
    assert (np.diff(opaque) > 0).all()
    assert sorted(set(colours[:, 3].tolist())) == [0, 63, 127, 191, 255]


def test_the_bytes_of_a_known_picture_stay() -> None:
    """Pictures are part of what is digested: a change of these bytes is a change of format."""
    import hashlib

    indices, colours = render(
        np.rint(box((10, 20, 30))[0] * NM).astype(np.int64),
        box((10, 20, 30))[1],
        width_px=32,
        height_px=32,
    )
    digest = hashlib.sha256(encode_palette_png(indices, colours)).hexdigest()
    assert digest == "6efa50efca867594850023cda350cddb0c4bd9915760cd15d6e8fdb5ca8f0974"

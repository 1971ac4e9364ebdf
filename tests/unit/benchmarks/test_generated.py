"""Generated parts are closed solids of about the size asked for, the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import generated
from printstd.intake import read_model
from printstd.kernels.edges import is_paired
from printstd.kernels.solid import signed_volume_mm3


@pytest.mark.parametrize("kind", generated.KINDS)
@pytest.mark.parametrize("size", [10, 100, 1_000, 30_000])
def test_parts_are_closed_and_of_the_size_asked_for(kind: str, size: int) -> None:
    data = generated.stl_bytes(generated.KINDS[kind](size))
    assert data == generated.stl_bytes(generated.KINDS[kind](size))
    mesh = read_model(data, name="part.stl").mesh
    assert is_paired(mesh.faces)
    assert signed_volume_mm3(mesh.vertices_mm, mesh.faces) > 0
    # A lattice has at least one cell, a column twelve lobes.
    if size >= 1_000 and kind != "lattice":
        assert abs(len(mesh.faces) - size) < 0.1 * size


def test_a_gyroid_wall_has_the_volume_of_its_equation() -> None:
    """Within 0.6 of the middle surface: that much of space, by sampling the equation itself."""
    corners = generated.lattice(300_000)
    mesh = read_model(generated.stl_bytes(corners), name="part.stl").mesh
    at = (np.arange(64) + 0.5) / 64 * 2 * np.pi
    x, y, z = np.meshgrid(at, at, at, indexing="ij", sparse=True)
    wave = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)
    share = float((np.abs(wave) < 0.6).mean())
    low, high = mesh.box_mm
    found = signed_volume_mm3(mesh.vertices_mm, mesh.faces) / float(np.prod(high - low))
    assert found == pytest.approx(share, rel=0.02)


def test_columns_grow_and_keep_their_triangles() -> None:
    low, high = (generated.column(2_000, height_mm=height) for height in (10.0, 80.0))
    assert len(low) == len(high)
    assert float(high[..., 2].max()) == 80.0
    assert np.array_equal(low[..., :2], high[..., :2])

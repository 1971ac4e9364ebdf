"""Lattice points inside areas, against shapely."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.lattice import lattice_over, sampled
from printstd.kernels.rings import EMPTY, translated
from tests.oracles.areas import MM, area_of, holed
from tests.oracles.effort import few


@few(8)
@given(st.integers(0, 2**31), st.integers(300_000, 3_000_000))
def test_points_are_inside_as_another_library_says(seed: int, pitch_nm: int) -> None:
    areas = [holed(seed), EMPTY, translated(holed(seed + 1), (7 * MM, -123 * MM)), holed(seed)]
    lattice = lattice_over(areas, pitch_nm)
    found = sampled(areas, lattice)
    assert found.shape == (4, lattice.n_rows, lattice.n_columns)
    x = (np.arange(lattice.n_columns) + lattice.first_column) * pitch_nm / MM
    y = (np.arange(lattice.n_rows) + lattice.first_row) * pitch_nm / MM
    column, row = np.meshgrid(x, y)
    for area, mine in zip(areas, found, strict=True):
        shape = area_of(area)
        inside = shapely.contains_xy(shape, column, row)
        # But for points on an edge, to a nm.
        near = shapely.distance(shape.boundary, shapely.points(column, row)) < 2e-6
        assert (inside == mine)[~near].all()
    # The outermost points are spare.
    assert not found[:, [0, -1]].any()
    assert not found[:, :, [0, -1]].any()


def test_nothing_has_no_points() -> None:
    lattice = lattice_over([EMPTY, EMPTY], MM)
    assert not sampled([EMPTY, EMPTY], lattice).any()

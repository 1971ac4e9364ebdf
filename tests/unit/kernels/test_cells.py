"""Cells that an area touches, against every cell asked one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from printstd.kernels.cells import cells_of
from printstd.kernels.rings import EMPTY, Rings, area_mm2, concat
from tests.oracles.areas import MM, area_of, hole, rectangle, rings_of, star

PITCH = 2.4


def asked_one_by_one(area: shapely.Geometry, pitch: float) -> shapely.Geometry:
    x0, y0, x1, y1 = area.bounds
    columns = range(int(np.floor(x0 / pitch)), int(np.floor(x1 / pitch)) + 1)
    rows = range(int(np.floor(y0 / pitch)), int(np.floor(y1 / pitch)) + 1)
    cells = [
        shapely.box(i * pitch, j * pitch, (i + 1) * pitch, (j + 1) * pitch)
        for i in columns
        for j in rows
    ]
    return shapely.union_all([cell for cell in cells if cell.intersection(area).area > 1e-9])


@pytest.mark.parametrize("seed", range(20))
def test_every_cell_that_is_touched_and_no_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outline = star(rng, float(rng.uniform(1, 25)), int(rng.integers(3, 20)))
    area = area_of(outline)
    if seed % 2:
        inner = rings_of(hole(-1.0, -1.0, 2.1, 2.3))
        if area.covers(area_of(inner).buffer(0) | shapely.box(-1, -1, 1.1, 1.3)):
            outline, area = concat([outline, inner]), area - shapely.box(-1, -1, 1.1, 1.3)
    found = area_of(cells_of(outline, round(PITCH * MM)))
    assert found.symmetric_difference(asked_one_by_one(area, PITCH)).area < 1e-6


def test_a_hole_larger_than_cells_stays_open() -> None:
    ring = rings_of(rectangle(0.1, 0.1, 20, 20), hole(5.1, 5.1, 10, 10))
    cells = cells_of(ring, round(PITCH * MM))
    assert cells.n_rings == 2
    assert area_mm2(cells) == pytest.approx(asked_one_by_one(area_of(ring), PITCH).area)


def test_cells_are_the_bed_s_own() -> None:
    """An area moved by whole cells falls into cells moved likewise."""
    shape = rings_of(rectangle(-7.3, 0.4, 5, 3))
    shift = np.array([3, -5]) * round(PITCH * MM)
    here = cells_of(shape, round(PITCH * MM))
    there = cells_of(Rings(shape.xy_nm + shift, shape.offsets), round(PITCH * MM))
    assert (there.xy_nm == here.xy_nm + shift).all()
    assert cells_of(EMPTY, 1000).is_empty

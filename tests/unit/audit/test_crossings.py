"""How much of a way lies in the open: in closed form, against the polygon library."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from printstd.audit import crossings
from printstd.audit.crossings import outside_um


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("grid_um", [1.0, 1000.0])
def test_it_is_what_the_difference_is_long(
    seed: int, grid_um: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the coarse grid ways run through corners and along edges again and again."""
    monkeypatch.setattr(crossings, "_MOST_PAIRS", 2000)
    rng = np.random.default_rng(seed)

    def places(n: int) -> np.ndarray:
        return np.rint(rng.random((n, 2)) * 40_000 / grid_um) * grid_um

    def squares(n: int, least: float, most: float) -> shapely.Geometry:
        low = places(n)
        size = np.rint(rng.uniform(least, most, (n, 2)) / grid_um) * grid_um
        return shapely.union_all(shapely.box(*low.T, *(low + size).T))

    region = shapely.difference(squares(20, 3000, 12_000), squares(15, 2000, 5000))
    if grid_um == 1.0:
        discs = shapely.buffer(shapely.points(places(5)), 2500)
        region = shapely.difference(region, shapely.union_all(discs))
    start, end = places(60), places(60)
    end[::2, 1] = start[::2, 1]
    moved = (start != end).any(axis=1)
    start, end = start[moved], end[moved]
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    # What runs along a border is neither: an edge's own length says by how much both may differ.
    along = shapely.length(shapely.intersection(lines, shapely.boundary(region)))
    expected = shapely.length(shapely.difference(lines, region))
    # Ways of one region and of another in turn, as layers have them.
    other = shapely.box(0.0, 0.0, 1.0, 1.0)
    of_way = np.repeat([0, 1, 2], [20, 3, 40])[: len(start)]
    ways = np.array([other, region, region], object), of_way
    found = outside_um(*ways, start, end)
    assert found[:20] == pytest.approx(shapely.length(lines[:20]), abs=1.0)
    lines, along, expected, found = (one[20:] for one in (lines, along, expected, found))
    assert (found >= expected - 1e-6).all()
    assert (found <= expected + along + 1e-6).all()
    assert (along > 0).any() == (grid_um > 1.0)

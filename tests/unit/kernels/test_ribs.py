"""Ribs on a lattice: every roof's points are reached, every rib lies on one below."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.ribs import Ribs, ribs
from tests.oracles.effort import few

PITCH, OVERHANG = 1000, 150
WAYS = np.array([(0, 1), (1, 1), (1, 0), (1, -1)])


def lines_of(layer: Ribs, columns: int) -> np.ndarray:
    """(k, 2, 2) x, y of each rib, um."""
    way, point = layer.key % 4, layer.key // 4
    start = np.stack([point % columns, point // columns], axis=1) * float(PITCH)
    step = WAYS[way][:, ::-1] * float(PITCH)
    length = np.hypot(*step.T)
    a = start + step * (layer.cut_start_nm / length)[:, None]
    b = start + step * (1 - layer.cut_end_nm / length)[:, None]
    return np.stack([a, b], axis=1)


def grown(inside: np.ndarray) -> list[np.ndarray]:
    """inside : of points; what lies between them is as what lies before it."""
    n, rows, columns = inside.shape
    halves = np.zeros((n, 2 * rows + 1, 2 * columns + 1), bool)
    halves[:, 1:, 1:] = inside.repeat(2, axis=1).repeat(2, axis=2)
    found = ribs(halves, PITCH, np.full(n, OVERHANG), (0, 0))
    return [lines_of(layer, columns) for layer in found]


def outside_of(layer: np.ndarray) -> shapely.Geometry:
    """The points outside, each with half a cell around it: there stand walls and shells."""
    row, column = np.nonzero(~np.pad(layer, 2))
    return shapely.union_all(
        shapely.box(
            (column - 2.5) * PITCH, (row - 2.5) * PITCH, (column - 1.5) * PITCH, (row - 1.5) * PITCH
        )
    )


def random_part(seed: int, layers: int = 28, size: int = 16) -> np.ndarray:
    """A block from which boxes are taken at any height."""
    rng = np.random.default_rng(seed)
    inside = np.zeros((layers, size, size), bool)
    inside[:, 2:-2, 2:-2] = True
    for _ in range(6):
        low = rng.integers(0, (layers, size, size))
        high = low + rng.integers(1, (layers // 2, size // 2, size // 2))
        inside[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = False
    return inside


@few(6)
@given(st.integers(0, 2**31))
def test_every_rib_lies_on_what_is_below_and_every_roof_on_ribs(seed: int) -> None:
    inside = random_part(seed)
    layers = grown(inside)
    for layer in range(1, len(layers)):
        below = (
            shapely.union_all(shapely.linestrings(layers[layer - 1]))
            if len(layers[layer - 1])
            else shapely.Point()
        )
        held = shapely.union(shapely.buffer(below, OVERHANG + 1), outside_of(inside[layer - 1]))
        own = shapely.linestrings(layers[layer])
        walls = outside_of(inside[layer])
        free = shapely.length(shapely.difference(own, shapely.union(held, walls)))
        assert free.max(initial=0.0) < 1.0
    above = np.concatenate([inside[1:], np.zeros_like(inside[:1])])
    for layer in range(len(layers)):
        row, column = np.nonzero(inside[layer] & ~above[layer])
        if len(row):
            points = shapely.points(column * float(PITCH), row * float(PITCH))
            mine = shapely.union_all(shapely.linestrings(layers[layer]))
            assert shapely.distance(points, mine).max() < 1.0


def test_a_branch_draws_back_until_it_is_gone() -> None:
    inside = np.zeros((60, 12, 12), bool)
    inside[:, 1:-1, 1:-1] = True
    layers = grown(inside)
    length = np.array([np.hypot(*(xy[:, 1] - xy[:, 0]).T).sum() for xy in layers])
    # The top carries a rib to every point, and further down there is less and less.
    assert length[-1] >= 100 * PITCH
    assert (np.diff(length) >= -1.0).all()
    # 4.5 cells from wall to middle and a detour are 45 layers at most.
    assert length[:10].sum() == 0.0
    assert 0 < length[25] < 0.25 * length[-1]


def test_walls_that_recede_downwards_get_the_roots_led_on() -> None:
    inside = np.zeros((30, 14, 14), bool)
    for layer in range(30):
        edge = 5 if layer > 20 else 2
        inside[layer, edge:-edge, edge:-edge] = True
    layers = grown(inside)
    # What carries the small upper room's roof reaches the walls of the lower one.
    reach = shapely.union_all(shapely.linestrings(layers[19]))
    assert reach.distance(outside_of(inside[19])) < 1.0
    assert reach.length > 0


@pytest.mark.parametrize("layers", [1, 3])
def test_nothing_inside_has_no_ribs(layers: int) -> None:
    assert all(not len(xy) for xy in grown(np.zeros((layers, 5, 5), bool)))

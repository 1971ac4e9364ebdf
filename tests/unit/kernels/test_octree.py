"""Cubes are divided next to the surface and grow away from it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.octree import octree
from tests.oracles.effort import few


def divided_at(tree: object, level: int, points: np.ndarray) -> np.ndarray:
    cube = tuple(np.floor(points / (1 << level)).astype(np.int64).T)
    return tree.is_divided(np.full(len(points), level), cube)  # type: ignore[attr-defined]


@few(20)
@given(st.integers(0, 2**31))
def test_near_the_surface_all_is_divided_and_far_from_it_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    surface = rng.uniform(-20, 20, (30, 3))
    tree = octree(surface, 6)
    points = np.concatenate(
        [rng.uniform(-24, 24, (400, 3)), surface + rng.uniform(-0.4, 0.4, (30, 3))]
    )
    away = np.abs(points[:, None] - surface[None]).max(axis=2).min(axis=1)
    for level in range(1, 7):
        side = float(1 << level)
        found = divided_at(tree, level, points)
        assert found[away < side / 4].all()
        # No cube further away than a quarter of its own side, or of its divided children's.
        assert not found[away > side * 1.25].any()
        # What is divided lies in what is divided.
        if level < 6:
            assert (divided_at(tree, level + 1, points) >= found).all()


def test_without_a_surface_nothing_is_divided() -> None:
    tree = octree(np.empty((0, 3)), 3)
    assert not divided_at(tree, 1, np.zeros((1, 3))).any()

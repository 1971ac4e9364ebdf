"""What is nearest: cells find what comparing each with each finds."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.kernels.nearest import of_each_other


def by_hand(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    step = (xy[:, None] - xy).astype(float)
    squared = (step * step).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    return squared.argmin(axis=1), np.sqrt(squared.min(axis=1))


@pytest.mark.parametrize("n", [2, 3, 99, 101, 700])
@pytest.mark.parametrize("kind", ["spread", "on a line", "on a grid", "crowded", "two heaps"])
def test_cells_find_the_first_of_the_nearest(n: int, kind: str) -> None:
    xy = np.random.default_rng(n).integers(0, 80_000_000, (n, 2))
    match kind:
        case "on a line":
            xy[:, 1] = 7
        case "on a grid":
            xy = xy // 8_000_000 * 8_000_000
        case "crowded":
            xy[: n // 2] //= 1000
        case "two heaps":
            xy = xy // 1000 + np.where(xy[:, :1] > 40_000_000, 900_000_000, 0)
    found, wanted = of_each_other(xy), by_hand(xy)
    assert found[0].tolist() == wanted[0].tolist()
    assert found[1].tolist() == wanted[1].tolist()


def test_a_point_alone_has_none() -> None:
    nearest, away = of_each_other(np.zeros((1, 2), np.int64))
    assert nearest.tolist() == [-1]
    assert np.isinf(away).all()

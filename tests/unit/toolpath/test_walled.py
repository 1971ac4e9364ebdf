"""Layers that travel between processes come out as they went in."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from printstd.kernels.hanging import Hanging
from printstd.kernels.rings import EMPTY, Rings
from printstd.toolpath.packing import pack
from printstd.toolpath.paths import NO_PATHS
from printstd.toolpath.walled import Walled, WalledLayers, WalledRun
from printstd.toolpath.walls import plan_walls
from tests.layer_specs import layer_spec
from tests.oracles.areas import hole, rectangle, rings_of


def layer(section: Rings) -> Walled:
    walls = plan_walls(section, layer_spec(), below=None)
    return Walled(section, walls.fill, walls.paths)


def arrays(found: Walled) -> list[np.ndarray]:
    return [*found.section, *found.fill, *found.walls.arrays()]


KINDS = [
    layer(rings_of(rectangle(0, 0, 12, 8), hole(3, 3, 2, 2))),
    Walled(EMPTY, EMPTY, NO_PATHS),
    layer(rings_of(rectangle(0, 0, 5, 5), rectangle(7, 0, 0.5, 5))),
]


def test_a_run_comes_back_whole_and_layers_that_are_alike_stay_one() -> None:
    hanging = [Hanging(3, (0, 0), (5, 5), 25.0, True, None)]
    run = WalledRun(KINDS, [0, 0, 1, 2, 0], hanging)
    back = pickle.loads(pickle.dumps(run))
    assert len(back) == len(run) == 5
    assert back.hanging == tuple(hanging)
    for nth in range(5):
        for got, sent in zip(arrays(back[nth]), arrays(run[nth]), strict=True):
            assert got.dtype == sent.dtype
            np.testing.assert_array_equal(got, sent)
    assert back[0] is back[1]
    assert back[0] is back[4]
    again = pickle.loads(pickle.dumps(back))
    assert [len(again[i].section.xy_nm) for i in range(5)] == [8, 8, 0, 8, 8]


def test_the_layers_of_runs_follow_one_another() -> None:
    runs = [WalledRun(KINDS[:1], [0, 0], []), WalledRun(KINDS[1:], [1, 0, 1], [])]
    layers = WalledLayers(runs)
    assert [id(layers[i]) for i in range(len(layers))] == [id(KINDS[k]) for k in (0, 0, 2, 1, 2)]


@pytest.mark.parametrize("seed", range(10))
def test_packed_rows_are_the_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        (rng.integers(0, 9, (rng.integers(0, 5), 2)), rng.random(rng.integers(0, 4)))
        for _ in range(rng.integers(1, 12))
    ]
    packed = pack(rows)
    for number, row in enumerate(rows):
        for got, sent in zip(packed.row(number), row, strict=True):
            np.testing.assert_array_equal(got, sent)

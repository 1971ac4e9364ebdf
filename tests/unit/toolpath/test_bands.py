"""Bands of layers put in order by themselves: what order_paths does, whoever does which band."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.adapters.executors import ProcessExecutor, SerialExecutor
from printstd.profiles.wall_models import WallOrder
from printstd.toolpath.bands import LAYERS, PATHS, order_in_bands
from printstd.toolpath.order import AnyGates, Sheet, Visits, order_paths
from tests.unit.toolpath.test_order import MM, TRAVEL, Desk, ways_mm

N_LAYERS = 2 * LAYERS + 5
ORDER = [WallOrder.INNER_OUTER] * N_LAYERS


def tower(seed: int, n_layers: int = N_LAYERS) -> tuple[Sheet, AnyGates]:
    """Two islands a layer, walls with gaps beside them and infill; outer walls have gates."""
    rng = np.random.default_rng(seed)
    desk, loops = Desk(), []
    for layer in range(n_layers):
        for island in range(2):
            x, y = 40 * island, 0.0
            outer = desk.path((x, y), layer=layer, island=island, depth=0)
            inner = desk.path((x + 1, 1), layer=layer, island=island, depth=1, parent=outer)
            loops.append(outer)
            desk.walls.append(inner)
            begin = tuple(rng.uniform(x, x + 20, 2))
            gap = desk.path(begin, (x + 2, 2), layer=layer, island=island)
            desk.gaps.append(gap)
            for _ in range(4):
                a, b = rng.uniform(x, x + 20, (2, 2))
                desk.path(tuple(a), tuple(b), layer=layer, island=island)
    path = np.repeat(np.array(loops), 2)
    xy = np.rint(rng.uniform(0, 40, (len(path), 2)) * MM).astype(np.int64)
    return desk.sheet(), AnyGates(path, np.arange(len(path)), xy, np.zeros(len(path)))


def banded(sheet: Sheet, gates: AnyGates | None, executor, n_layers: int = N_LAYERS) -> Visits:
    return order_in_bands(
        sheet,
        start_nm=(0, 0),
        travel=TRAVEL,
        wall_order=ORDER[:n_layers],
        any_gates=gates,
        executor=executor,
    )


def plain(sheet: Sheet, gates: AnyGates | None, n_layers: int) -> Visits:
    return order_paths(
        sheet, start_nm=(0, 0), travel=TRAVEL, wall_order=ORDER[:n_layers], any_gates=gates
    )


def same(a: Visits, b: Visits) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("has_gates", [False, True])
def test_who_does_which_band_changes_nothing(has_gates: bool) -> None:
    sheet, gates = tower(1)
    found = banded(sheet, gates if has_gates else None, SerialExecutor())
    one_by_one = ProcessExecutor(2, chunk_size=1, submit_order=lambda n: range(n - 1, -1, -1))
    assert same(found, banded(sheet, gates if has_gates else None, one_by_one))
    assert sorted(found.path.tolist()) == list(range(len(sheet.layer)))
    assert (np.diff(sheet.layer[found.path]) >= 0).all()
    place = np.argsort(found.path)
    for wall, gap in zip(*sheet.beside, strict=True):
        assert place[wall] < place[gap]
    for inner in np.flatnonzero(sheet.parent >= 0).tolist():
        assert place[inner] < place[sheet.parent[inner]]


def test_a_single_band_is_the_plain_order() -> None:
    sheet, gates = tower(2, LAYERS)
    assert same(banded(sheet, gates, SerialExecutor(), LAYERS), plain(sheet, gates, LAYERS))


def test_bands_cost_a_way_each_at_most() -> None:
    sheet, _ = tower(3)
    plainly = sum(ways_mm(sheet, plain(sheet, None, N_LAYERS)))
    # From one end of the part to the other, at both borders.
    diagonal = 70.0
    assert sum(ways_mm(sheet, banded(sheet, None, SerialExecutor()))) < plainly + 2 * diagonal


def test_few_paths_are_one_band_however_many_layers() -> None:
    sheet, _gates = tower(5)
    keep = np.isin(sheet.layer, np.arange(0, N_LAYERS, 4)) & (sheet.depth >= 0) & (sheet.island < 1)
    assert LAYERS < N_LAYERS
    assert keep.sum() < PATHS
    at = np.cumsum(keep) - 1
    few = Sheet(
        *(column[keep] for column in sheet[:2]),
        parent=np.where(sheet.parent < 0, -1, at[sheet.parent])[keep],
        **{name: getattr(sheet, name)[keep] for name in ("group", "depth", "role", "is_loop")},
        begin_nm=sheet.begin_nm[keep],
        end_nm=sheet.end_nm[keep],
        beside=(np.empty(0, np.int64), np.empty(0, np.int64)),
    )
    assert same(banded(few, None, SerialExecutor()), plain(few, None, N_LAYERS))


def test_nothing_to_lay_is_nothing_in_order() -> None:
    sheet, _ = tower(4, 0)
    assert len(banded(sheet, None, SerialExecutor(), 0).path) == 0

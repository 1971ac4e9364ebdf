"""Pieces linked along a border: nothing lost, no stretch of border laid twice, nothing closed."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.crossings import paired
from printstd.kernels.hatch import Lines, hatched, lengths
from printstd.kernels.linking import NO_CROSSING, Reach, Strokes, linked
from printstd.kernels.rings import Rings
from printstd.kernels.turns import direction
from printstd.kernels.zigzag import Paths
from tests.oracles.areas import MM, area_of, hole, holed, rectangle, rings_of
from tests.oracles.effort import few

seeds = st.integers(0, 2**31)


def strokes_of(area: Rings, pitch_nm: float, angles: tuple[float, ...]) -> Strokes:
    """Lines at several angles through one area."""
    region = np.zeros(area.n_rings, np.int64)
    columns: list[list[np.ndarray]] = [[], [], []]
    for angle in angles:
        along = np.array([direction(angle)], np.int64)
        lines = Lines(along, lengths(along), np.zeros(1), np.full(1, pitch_nm))
        crossings = hatched(area, region, lines)
        pieces = paired(crossings)
        ends = np.stack([pieces.start, pieces.end], axis=1).ravel()
        for column, values in zip(
            columns, (crossings.xy_nm, crossings.edge, crossings.run_nm), strict=True
        ):
            column.append(values[ends])
    xy, edge, run = (np.concatenate(column) for column in columns)
    return Strokes(xy, edge, run, np.zeros(len(edge), np.int64))


def reach_of(area: Rings, longest_mm: float, hook_mm: float) -> Reach:
    lengths_mm = (longest_mm, hook_mm, 0.4)
    return Reach(*(np.full(area.n_rings, round(length * MM)) for length in lengths_mm))


def polylines(paths: Paths) -> list[np.ndarray]:
    return [paths.xy_nm[a:b] for a, b in zip(paths.offsets[:-1], paths.offsets[1:], strict=True)]


@few(40)
@given(seeds, st.sampled_from([0.0, 3.0, 50.0]), st.sampled_from([0.0, 1.5]))
def test_pieces_are_all_there_and_no_border_is_walked_twice(
    seed: int, longest: float, hook: float
) -> None:
    area = clip.offset(holed(seed), -200_000)
    if area.is_empty:
        return
    strokes = strokes_of(area, 3.1 * MM, (10.0, 70.0, 130.0))
    paths = linked(area, strokes, reach_of(area, longest, hook))
    pieces = strokes.xy_nm.reshape(-1, 2, 2) / MM
    whole = float(np.hypot(*(pieces[:, 1] - pieces[:, 0]).T).sum())
    assert (paths.offsets[1:] - paths.offsets[:-1] >= 2).all()
    # Steps along the border: those that are no piece.
    steps = np.concatenate([np.stack([xy[:-1], xy[1:]], axis=1) for xy in polylines(paths)]) / MM
    own = {key(piece) for piece in pieces}
    along = shapely.linestrings(steps[[key(step) not in own for step in steps]])
    total = sum(shapely.LineString(xy / MM).length for xy in polylines(paths))
    assert abs(total - whole - shapely.length(along).sum()) < 1e-3
    border = area_of(area).boundary
    # Each lies on the border, to the rounding of a nm ...
    assert all(border.buffer(2e-5).covers(step) for step in along)
    # ... and no two lie on each other.
    if len(along):
        united = shapely.union_all(shapely.buffer(along, 1e-4, cap_style="flat"))
        assert united.area > (shapely.length(along).sum() * 2e-4) * 0.98 - 1e-6
    # Nothing goes round.
    assert not any((xy[0] == xy[-1]).all() for xy in polylines(paths))


def key(step: np.ndarray) -> tuple[int, ...]:
    """The same either way round."""
    a, b = sorted(np.rint(step * 1e6).astype(int).tolist())
    return (*a, *b)


def test_many_lines_of_three_families_become_few_paths() -> None:
    area = rings_of(rectangle(1.1, 2.3, 80, 60), hole(30, 20, 12, 12))
    strokes = strokes_of(area, 7.3 * MM, (0.0, 60.0, 120.0))
    n = len(strokes.edge) // 2
    assert n > 30
    apart = linked(area, strokes, reach_of(area, 0.0, 0.0))
    assert len(apart.piece) == n
    joined = linked(area, strokes, reach_of(area, 50.0, 0.0))
    assert len(joined.piece) <= 5
    assert set(joined.piece.tolist()) <= set(range(n))


def test_ends_that_meet_inside_are_joined_and_rounds_are_cut_open() -> None:
    # A square of four strokes in the middle of an area: one path, not closed on itself.
    area = rings_of(rectangle(0, 0, 20, 20))
    corner = np.array([[5, 5], [15, 5], [15, 15], [5, 15]]) * MM
    xy = np.stack([corner, np.roll(corner, -1, axis=0)], axis=1).reshape(-1, 2)
    none = np.full(8, NO_CROSSING)
    strokes = Strokes(xy, none, np.zeros(8, np.int64), np.zeros(8, np.int64))
    paths = linked(area, strokes, reach_of(area, 50.0, 2.0))
    assert len(paths.piece) == 1
    assert len(paths.xy_nm) == 5
    # Of different regions they have nothing to do with each other.
    apart = strokes._replace(region=np.repeat(np.arange(4), 2))
    assert len(linked(area, apart, reach_of(area, 50.0, 2.0)).piece) == 4


def test_the_shorter_way_round_is_taken() -> None:
    """Two lines close together on one side of a square: joined there, not around."""
    area = rings_of(rectangle(0, 0, 20, 20))
    strokes = strokes_of(rings_of(rectangle(0, 0, 20, 20)), 9 * MM, (90.0,))
    assert len(strokes.edge) == 4 or len(strokes.edge) == 6
    paths = linked(area, strokes, reach_of(area, 100.0, 0.0))
    steps = [np.hypot(*np.diff(xy / MM, axis=0).T) for xy in polylines(paths)]
    assert max(step.max() for step in steps) <= 20.0 + 1e-6
    assert sum(step.sum() for step in steps) < 20 * len(strokes.edge) / 2 + 9 * 2 + 1e-3

"""Short steps joined: none is left that the bound lets go, and no line strays further than that."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.short_steps import Joined, joined
from tests.oracles.effort import few

quick = few(60)
seeds = st.integers(0, 2**31)
SHORTEST = 50.0


def rough_line(rng: np.random.Generator, count: int = 60) -> np.ndarray:
    """Whole numbers: runs of short steps among long ones, with turns of all sizes."""
    step = np.where(rng.random(count) < 0.6, rng.uniform(2, 49, count), rng.uniform(51, 900, count))
    heading = np.cumsum(rng.normal(0, rng.choice([0.02, 0.3, 1.5]), count))
    way = step[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    return np.rint(np.concatenate([[[0, 0]], np.cumsum(way, axis=0)]))


def ends(*counts: int) -> np.ndarray:
    fixed = np.zeros(sum(counts), bool)
    stops = np.cumsum(counts)
    fixed[stops - 1] = fixed[stops - counts] = True
    return fixed


def join(xy: np.ndarray, fixed: np.ndarray, bound: float) -> Joined:
    n = len(xy)
    return joined(xy, fixed, np.zeros(n), np.full(n, bound), np.full(n, SHORTEST))


def off(place: np.ndarray, *segment: np.ndarray) -> float:
    return float(shapely.LineString(segment).distance(shapely.Point(place)))


def costs(line: np.ndarray, away: np.ndarray, i: int) -> list[float]:
    """How far the line would be from the first one without step i, each way that there is."""
    last = len(line) - 1
    has_p, has_n = i > 0, i + 1 < last
    a, b = line[i], line[i + 1]
    before = max(away[i], away[i + 1])
    after = max(away[i + 1], away[min(i + 2, last)])
    middle = np.rint((a + b) / 2)
    found = []
    if has_p:
        found.append(off(a, line[i - 1], b) + before)
    if has_n:
        found.append(off(b, a, line[i + 2]) + after)
    if has_p and has_n:
        two = off(a, line[i - 1], middle) + before, off(b, middle, line[i + 2]) + after
        found.append(max(two) + 0.71)
    return found


@quick
@given(seeds, st.sampled_from([3.0, 12.5, 40.0]))
def test_the_line_stays_within_the_bound(seed: int, bound: float) -> None:
    xy = rough_line(np.random.default_rng(seed))
    found = join(xy, ends(len(xy)), bound)
    laid, given_ = found.xy[found.kept], shapely.LineString(xy)
    assert (laid == np.rint(laid)).all()
    assert (laid[[0, -1]] == xy[[0, -1]]).all()
    # In order along the line, not only near it somewhere.
    assert (
        shapely.frechet_distance(given_.segmentize(5.0), shapely.LineString(laid).segmentize(5.0))
        <= bound + 5.0
    )
    assert shapely.distance(shapely.LineString(laid), shapely.points(xy)).max() <= bound + 1e-6
    assert shapely.distance(given_, shapely.points(laid)).max() <= bound + 1e-6
    assert found.away[found.kept].max() <= bound


@quick
@given(seeds, st.sampled_from([3.0, 12.5, 40.0]))
def test_no_short_step_is_left_unless_the_bound_forces_it(seed: int, bound: float) -> None:
    xy = rough_line(np.random.default_rng(seed))
    found = join(xy, ends(len(xy)), bound)
    line, away = found.xy[found.kept], found.away[found.kept]
    steps = np.hypot(*np.diff(line, axis=0).T)
    for i in np.flatnonzero(steps < SHORTEST).tolist():
        assert min(costs(line, away, i), default=np.inf) > bound - 1e-6


@quick
@given(seeds)
def test_lines_do_not_know_of_each_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = [rough_line(rng, int(n)) for n in rng.integers(1, 30, 4)]
    apart = [join(xy, ends(len(xy)), 12.5) for xy in lines]
    together = join(np.concatenate(lines), ends(*(len(xy) for xy in lines)), 12.5)
    assert (together.kept == np.concatenate([one.kept for one in apart])).all()
    kept = together.kept
    assert (together.xy[kept] == np.concatenate([one.xy for one in apart])[kept]).all()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        # Nearly straight: without the vertex that is nearer to the way past it.
        ([[0, 0], [500, 4], [540, 6], [1000, 0]], [[0, 0], [540, 6], [1000, 0]]),
        # A chamfer: its middle, which is half as far away.
        ([[0, 0], [500, 0], [530, 30], [530, 500]], [[0, 0], [515, 15], [530, 500]]),
        # A whole turn about a short side stays.
        ([[0, 0], [500, 0], [500, 45], [0, 45]], [[0, 0], [500, 0], [500, 45], [0, 45]]),
        # Ends stay, and a line that is one short step.
        ([[0, 0], [40, 0], [500, 0]], [[0, 0], [500, 0]]),
        ([[0, 0], [40, 0]], [[0, 0], [40, 0]]),
    ],
)
def test_which_way_a_short_step_goes(line: list[list[int]], wanted: list[list[int]]) -> None:
    xy = np.array(line, np.float64)
    found = join(xy, ends(len(xy)), 16.0)
    assert found.xy[found.kept].tolist() == wanted


def test_what_a_step_is_away_already_counts() -> None:
    xy = np.array([[0, 0], [500, 4], [540, 6], [1000, 0.0]])
    for already, kept in ((0.0, 3), (12.0, 4)):
        n = len(xy)
        away = np.full(n, already)
        found = joined(xy, ends(n), away, np.full(n, 12.5), np.full(n, SHORTEST))
        assert found.kept.sum() == kept

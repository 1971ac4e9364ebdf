"""Functions along rings against their definition, and rings moved aside by them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.ring_arcs import Arcs, Pieces, profile
from printstd.kernels.ring_shift import shifted
from printstd.kernels.rings import Rings, concat, next_index
from tests.oracles.areas import MM, rectangle, rings_of, star

quick = settings(max_examples=60, deadline=None, derandomize=True)


def pieces(*rows: tuple[int, int, int, float, float]) -> Pieces:
    ring, begin, end, one, two = zip(*rows, strict=True)
    return Pieces(
        np.array(ring), np.array(begin), np.array(end), np.array(one, float), np.array(two, float)
    )


SQUARES = concat([rings_of(rectangle(0, 0, 10, 10)), rings_of(rectangle(20, 0, 5, 5))])


def test_places_go_round_as_often_as_asked() -> None:
    arcs = Arcs.of(SQUARES)
    assert arcs.length.tolist() == [40 * MM, 20 * MM]
    ring = np.array([0, 0, 0, 1, 1])
    arc = np.array([2.5, 42.5, -37.5, 7.0, -1.0]) * MM
    found = arcs.place(SQUARES, ring, arc) / MM
    assert found.tolist() == [[2.5, 0], [2.5, 0], [2.5, 0], [25, 2], [20, 1]]


def test_a_mean_is_that_of_the_function_within_the_window() -> None:
    # One piece passes the ring's end, two lie over one another, one ring has none.
    made = profile(
        Arcs.of(SQUARES),
        pieces(
            (0, 1 * MM, 3 * MM, 100.0, 300.0),
            (0, 2 * MM, 5 * MM, 900.0, 900.0),
            (0, 38 * MM, 41 * MM, -300.0, -600.0),
        ),
    )
    fine = (np.arange(40_000) + 0.5) / 1000

    def value(at: np.ndarray) -> np.ndarray:
        at = at % 40
        out = np.where((at >= 1) & (at < 3), 100 + 100 * (at - 1), 0.0)
        out = np.where((at >= 3) & (at < 5), 900.0, out)
        return np.where(at >= 38, -300 - 100 * (at - 38), np.where(at < 1, -500 - 100 * at, out))

    for window in (0.2, 1.0, 4.0, 50.0):
        width = min(window, 20.0)
        for at in (0.0, 0.5, 1.7, 3.0, 4.9, 20.0, 39.9):
            near = fine[np.abs((fine - at + 20) % 40 - 20) < width / 2]
            (mean,) = made.mean(np.array([0]), np.array([round(at * MM)]), round(window * MM))
            assert mean == pytest.approx(value(near).mean(), abs=2.0)
    assert made.mean(np.array([1]), np.array([3 * MM]), MM).tolist() == [0.0]


@quick
@given(st.integers(0, 10_000))
def test_what_is_found_for_a_ring_depends_on_no_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rings = concat([star(rng, 5, int(rng.integers(4, 12)), 0.4) for _ in range(4)])
    arcs = Arcs.of(rings)
    rows = []
    for ring in range(4):
        begin = rng.integers(0, arcs.length[ring], 3)
        end = begin + rng.integers(1, arcs.length[ring], 3)
        values = rng.integers(-90_000, 90_000, (3, 2))
        rows += [(ring, int(b), int(e), *v) for b, e, v in zip(begin, end, values, strict=True)]
    whole, by = shifted(
        rings,
        profile(arcs, pieces(*rows)),
        spacing_nm=400_000,
        window_nm=200_000,
        step_nm=12_000,
    )
    for ring in range(4):
        own = Rings(rings.ring(ring), np.array([0, len(rings.ring(ring))]))
        mine = [(0, *row[1:]) for row in rows if row[0] == ring]
        alone, by_alone = shifted(
            own,
            profile(Arcs.of(own), pieces(*mine)),
            spacing_nm=400_000,
            window_nm=200_000,
            step_nm=12_000,
        )
        a, b = whole.offsets[ring : ring + 2]
        assert whole.xy_nm[a:b].tobytes() == alone.xy_nm.tobytes()
        assert by[a:b].tobytes() == by_alone.tobytes()


def test_a_ring_moved_all_round_is_its_offset() -> None:
    square = rings_of(rectangle(0, 0, 10, 10))
    made = profile(Arcs.of(square), pieces((0, 0, 40 * MM, 100_000.0, 100_000.0)))
    moved, wider = shifted(square, made, spacing_nm=400_000, window_nm=200_000, step_nm=12_000)
    assert (wider == 100_000).all()
    area = shapely.Polygon(moved.xy_nm / MM)
    assert area.symmetric_difference(shapely.box(0.05, 0.05, 9.95, 9.95)).area < 1e-6


def test_the_outer_side_stays_and_steps_become_ramps() -> None:
    square = rings_of(rectangle(0, 0, 10, 10))
    made = profile(Arcs.of(square), pieces((0, 3 * MM, 6 * MM, 100_000.0, 100_000.0)))
    moved, wider = shifted(square, made, spacing_nm=400_000, window_nm=400_000, step_nm=12_000)
    x, y = moved.xy_nm.T / MM
    bottom = y < 1
    # Halfway at the step itself, and all of it half a window on.
    at = np.interp([2.7, 3.0, 3.3, 4.5, 5.7, 6.0, 6.3], x[bottom], y[bottom])
    assert at == pytest.approx([0, 0.025, 0.05, 0.05, 0.05, 0.025, 0], abs=1e-5)
    then = next_index(moved)
    inner = bottom & bottom[then]
    middle = (y[inner] + y[then][inner]) / 2
    # A bead on the line y, so wide, reaches down to where the nominal one does.
    outer = middle - (0.4 + wider[inner] / MM) / 2
    assert outer == pytest.approx(np.full(inner.sum(), -0.2), abs=0.002)
    assert np.abs(np.diff(wider)).max() < 14_000
    length = np.hypot(x[then] - x, y[then] - y)
    assert length.min() > 0.015


def test_rings_without_a_piece_stay_as_they_are() -> None:
    made = profile(Arcs.of(SQUARES), pieces((1, 0, 5 * MM, 80_000.0, 80_000.0)))
    moved, wider = shifted(SQUARES, made, spacing_nm=400_000, window_nm=200_000, step_nm=12_000)
    assert (moved.ring(0) == SQUARES.ring(0)).all()
    assert not wider[: moved.offsets[1]].any()
    assert wider[moved.offsets[1] :].any()


@pytest.mark.parametrize(("step_nm", "is_noise"), [(1_500.0, True), (9_000.0, False)])
def test_bends_of_less_than_is_known_of_a_width_make_no_vertices(
    step_nm: float, is_noise: bool
) -> None:
    square = rings_of(rectangle(0, 0, 10, 10))
    half = MM // 2
    values = [100_000.0 + step_nm * (k % 2) for k in range(80)]
    made = profile(
        Arcs.of(square),
        pieces(*((0, k * half, (k + 1) * half, v, v) for k, v in enumerate(values))),
    )
    moved, wider = shifted(square, made, spacing_nm=400_000, window_nm=200_000, step_nm=12_000)
    assert (len(moved.xy_nm) < 30) is is_noise
    assert np.abs(wider - (100_000 + step_nm / 2)).max() <= step_nm / 2 + 1_500
    assert not (wider % 1_000).any()

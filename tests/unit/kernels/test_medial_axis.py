"""The chordal axis against closed forms, and against exact distances on random shapes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.medial_axis import NO_AXIS, Axis, medial_axis
from printstd.kernels.rings import EMPTY, Rings
from tests.oracles.areas import MM, area_of, hole, rectangle, rings_of, star

quick = settings(max_examples=60, deadline=None, derandomize=True)


def axis_of(area: Rings, **changes: float) -> Axis:
    settings_ = {"min_width_nm": 54_000, "max_width_nm": 900_000, "min_length_nm": 300_000}
    return medial_axis([area], **(settings_ | changes))  # type: ignore[arg-type]


def line(axis: Axis, i: int = 0) -> np.ndarray:
    """(n, 3) x, y, width, mm."""
    rows = slice(axis.offsets[i], axis.offsets[i + 1])
    return np.column_stack([axis.xy_nm[rows], axis.width_nm[rows]]) / MM


def test_nothing_has_no_axis() -> None:
    assert axis_of(EMPTY).n_lines == 0
    assert medial_axis([], min_width_nm=1, max_width_nm=2, min_length_nm=3) is NO_AXIS
    assert axis_of(rings_of([[0, 0], [0.1, 0], [0, 0.1]])).n_lines == 0


@pytest.mark.parametrize("width", [0.06, 0.1, 0.3, 0.55, 0.8])
@pytest.mark.parametrize("gap", [0.0, 0.5, 1.0])
def test_a_rectangle_is_its_middle_line(width: float, gap: float) -> None:
    found = axis_of(rings_of(rectangle(3, 5, 10, width)), end_gap_ratio=gap)
    assert found.n_lines == 1
    end = gap * width / 2
    wanted = [[3 + end, 5 + width / 2, width], [13 - end, 5 + width / 2, width]]
    assert line(found) == pytest.approx(np.array(wanted), abs=2e-6)


def test_a_wedge_widens_evenly() -> None:
    found = axis_of(rings_of([[0, 0], [20, 0], [20, 0.8]]))
    x, y, width = line(found)[1:-1].T
    half_angle = np.arctan(0.8 / 20) / 2
    assert y == pytest.approx(x * np.tan(half_angle), abs=2e-6)
    assert width == pytest.approx(2 * y, abs=4e-6)
    assert line(found)[:, 0].min() < 54e-3 / 0.04 + 0.1
    assert line(found)[:, 0].max() == pytest.approx(20, abs=0.02)


def test_a_frame_is_a_closed_line() -> None:
    found = axis_of(rings_of(rectangle(0, 0, 10, 8), hole(0.3, 0.3, 9.4, 7.4)))
    assert found.is_closed.tolist() == [True]
    corners = line(found)
    straight = (corners[:, 0] > 0.4) & (corners[:, 0] < 9.6)
    assert corners[straight, 2] == pytest.approx(0.3, abs=2e-6)
    x, y = corners[:, 0], corners[:, 1]
    area = 0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum()
    # Counter-clockwise, half way between 80 and the hole's area, less rounded corners.
    assert area == pytest.approx(9.7 * 7.7, abs=0.05)


def test_a_ring_of_one_width_is_a_circle() -> None:
    turn = np.arange(90) * 2 * np.pi / 90
    circle = np.c_[np.cos(turn), np.sin(turn)]
    found = axis_of(rings_of((5.3 * circle).tolist(), (5 * circle)[::-1].tolist()))
    assert found.is_closed.tolist() == [True]
    radius = np.sqrt((line(found)[:, :2] ** 2).sum(axis=1))
    assert radius == pytest.approx(5.15, abs=0.004)
    assert line(found)[:, 2] == pytest.approx(0.3, abs=0.002)


def test_a_t_goes_straight_on_and_its_stem_ends_at_the_bar() -> None:
    outline = [[0, 0], [10, 0], [10, 0.4], [5.2, 0.4], [5.2, 4], [4.8, 4], [4.8, 0.4], [0, 0.4]]
    found = axis_of(rings_of(outline))
    assert found.n_lines == 2
    bar, stem = line(found, 0), line(found, 1)
    assert bar[[0, -1], 0].tolist() == [0.0, 10.0]
    assert np.abs(bar[:, 1] - 0.2).max() < 0.03
    assert stem[[0, -1]] == pytest.approx(np.array([[5, 0.4, 0.4], [5, 4, 0.4]]), abs=2e-6)


def test_a_cross_has_all_four_arms() -> None:
    cross = clip.union([rings_of(rectangle(0, 0, 10, 0.4)), rings_of(rectangle(4.8, -5, 0.4, 10))])
    found = axis_of(cross)
    ends = np.concatenate([line(found, i)[[0, -1], :2] for i in range(found.n_lines)])
    for tip in ([0, 0.2], [10, 0.2], [5, -5], [5, 5]):
        assert np.abs(ends - tip).sum(axis=1).min() < 1e-5
    length = sum(
        np.sqrt((np.diff(line(found, i)[:, :2], axis=0) ** 2).sum(axis=1)).sum()
        for i in range(found.n_lines)
    )
    assert length == pytest.approx(20, abs=0.5)


def test_a_step_changes_width_at_the_step() -> None:
    outline = [[0, 0], [10, 0], [10, 0.4], [5, 0.4], [5, 0.8], [0, 0.8]]
    x, _, width = line(axis_of(rings_of(outline))).T
    assert width[x < 4.6] == pytest.approx(0.8, abs=2e-6)
    assert width[x > 5.001] == pytest.approx(0.4, abs=2e-6)
    assert x[width > 0.45].max() + 0.35 > 4.9


def test_short_lines_and_wide_places_are_left_out() -> None:
    assert axis_of(rings_of(rectangle(0, 0, 0.7, 0.3)), min_length_nm=800_000).n_lines == 0
    assert axis_of(rings_of(rectangle(0, 0, 10, 1.0))).n_lines == 0
    assert axis_of(rings_of(rectangle(0, 0, 10, 0.05))).n_lines == 0


def narrow_parts(seed: int) -> Rings:
    """What an opening takes from a random shape: strips, bends, tips and crumbs."""
    rng = np.random.default_rng(seed)
    area = clip.clean(star(rng, float(rng.uniform(0.5, 5)), int(rng.integers(3, 40))))
    if rng.random() < 0.7:
        area = clip.difference(area, clip.offset(area, -int(rng.uniform(50_000, 400_000))))
    return clip.difference(area, clip.offset(area, -325_000, 325_010), -27_000, 27_000)


@quick
@given(st.integers(0, 2**31))
def test_no_width_is_over_what_the_outline_leaves(seed: int) -> None:
    area = narrow_parts(seed)
    found = axis_of(area, end_gap_ratio=1.0, keep_inside=True)
    if found.n_lines:
        room = shapely.distance(area_of(area).boundary, shapely.points(found.xy_nm / MM))
        assert (found.width_nm / MM <= 2 * room + 5e-6).all()
        assert shapely.covers(area_of(area).buffer(2e-6), shapely.points(found.xy_nm / MM)).all()


def test_most_widths_are_exact_without_the_look_at_the_whole_outline() -> None:
    off = []
    for seed in range(60):
        area = narrow_parts(seed)
        found = axis_of(area)
        inner = np.ones(len(found.xy_nm), bool)
        inner[found.offsets[:-1][~found.is_closed]] = False
        inner[found.offsets[1:][~found.is_closed] - 1] = False
        room = shapely.distance(area_of(area).boundary, shapely.points(found.xy_nm[inner] / MM))
        off.append(np.abs(found.width_nm[inner] / MM - 2 * room))
    error = np.concatenate(off)
    assert len(error) > 500
    assert np.quantile(error, 0.9) < 5e-6
    assert np.quantile(error, 0.99) < 0.05


@quick
@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=5))
def test_drawings_together_come_out_as_drawings_apart(seeds: list[int]) -> None:
    drawings = [narrow_parts(seed) for seed in seeds]
    settings_ = {"min_width_nm": 54_000, "max_width_nm": 900_000, "min_length_nm": 300_000}
    together = medial_axis([*drawings, EMPTY], **settings_)  # type: ignore[arg-type]
    for number, drawing in enumerate(drawings):
        apart = axis_of(drawing)
        mine = together.drawing == number
        rows = np.repeat(mine, np.diff(together.offsets))
        assert together.xy_nm[rows].tobytes() == apart.xy_nm.tobytes()
        assert together.width_nm[rows].tobytes() == apart.width_nm.tobytes()
        assert together.is_closed[mine].tobytes() == apart.is_closed.tobytes()


def test_messy_rings_raise_nothing() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        rings = [rng.integers(0, 3_000_000, (int(rng.integers(3, 9)), 2)) for _ in range(3)]
        messy = rings_of(*[(ring / MM).tolist() for ring in rings])
        axis_of(messy, keep_inside=True)

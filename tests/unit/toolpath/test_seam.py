"""Where loops start: hidden, one line up the part, clear of corners."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.rings import Rings, concat, from_list, next_index
from printstd.profiles.models import SeamPosition
from printstd.toolpath.seam import (
    Seams,
    clear_of_corners,
    hiding,
    place_seams,
    seams_beside,
)
from tests.oracles.areas import MM, hole, rectangle, rings_of, star
from tests.oracles.effort import few

quick = few(40)
seeds = st.integers(0, 2**31)
L_SHAPE = [(0, 0), (20, 0), (20, 8), (8, 8), (8, 20), (0, 20)]


def chosen(loops: Rings) -> np.ndarray:
    return np.ones(loops.n_rings, bool)


def placed(layers: list[Rings], position: SeamPosition = SeamPosition.ALIGNED) -> np.ndarray:
    """(r, 2) mm, seams of all loops of all layers."""
    loops = concat(layers)
    borders = np.cumsum([0, *(layer.n_rings for layer in layers)])
    seams = place_seams(loops, hiding(loops, chosen(loops)), borders, position)
    assert (on_segment(loops, seams) < 1.0).all()
    return seams.xy_nm / MM


def on_segment(loops: Rings, seams: Seams) -> np.ndarray:
    """(r,) nm: how far each seam lies from the segment that ends at the vertex after it."""
    before = np.empty(len(loops.xy_nm), np.int64)
    before[next_index(loops)] = np.arange(len(loops.xy_nm))
    ends = np.stack([loops.xy_nm[before[seams.following]], loops.xy_nm[seams.following]], axis=1)
    # Each on a segment of its own loop.
    assert (loops.ring_ids()[seams.following] == np.arange(len(seams.following))).all()
    return shapely.distance(shapely.linestrings(ends), shapely.points(seams.xy_nm.astype(float)))


# ---------------------------------------------------------------------------------- hiding


def test_a_concave_corner_hides_more_than_a_convex_one_and_a_line_nothing() -> None:
    loop = rings_of([(0, 0), (10, 0), (20, 0), (20, 8), (8, 8), (8, 20), (0, 20)])
    score = hiding(loop, chosen(loop))
    corner = {tuple(xy): s for xy, s in zip((loop.xy_nm // MM).tolist(), score, strict=True)}
    assert corner[(8, 8)] == pytest.approx(0.5)
    assert corner[(20, 8)] == pytest.approx(0.3)
    assert corner[(10, 0)] == 0.0
    assert score.max() == corner[(8, 8)]


@pytest.mark.parametrize("turn_deg", [10, 30, 60, 90, 120, 150, 180])
def test_sharper_corners_hide_more(turn_deg: float) -> None:
    """Against the closed form (1 - cos) / 2 of the turn, on arms longer than half a mm."""
    t = np.radians(turn_deg)
    tip = np.array([0.0, 0.0])
    a, b = (
        np.array([-9.0, 0.0]),
        9 * np.array([np.cos(t), np.sin(t)]) * (1 if turn_deg < 180 else 0.99),
    )
    far = np.array([0.0, 30.0])
    loop = rings_of([a.tolist(), tip.tolist(), b.tolist(), far.tolist()])
    score = hiding(loop, chosen(loop))
    mine = score[(loop.xy_nm == 0).all(axis=1)][0]
    shape = (1 - np.cos(t)) / 2
    assert mine == pytest.approx(0.6 * shape if shape > 0.03 else 0.0, abs=1e-3)


def test_a_rounding_of_facets_counts_as_one_corner() -> None:
    sharp = shapely.box(0, 0, 20, 20)
    rounded = sharp.buffer(-0.2).buffer(0.2, quad_segs=4)
    corners = [np.array(a.exterior.coords)[:-1] for a in (sharp, rounded)]
    scores = [
        hiding(loop, chosen(loop)).max()
        for loop in (rings_of(c if signed(c) > 0 else c[::-1]) for c in corners)
    ]
    assert scores[1] > 0.6 * scores[0]


def signed(xy: np.ndarray) -> float:
    x, y = xy.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def test_only_what_is_chosen_is_scored() -> None:
    loops = concat([rings_of(L_SHAPE), rings_of(rectangle(30, 0, 5, 5))])
    score = hiding(loops, np.array([False, True]))
    assert not score[: loops.offsets[1]].any()
    assert (score[loops.offsets[1] :] > 0).all()


@quick
@given(seeds)
def test_hiding_does_not_depend_on_where_a_loop_begins_or_what_else_is_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    loop = star(rng, 9, 14).ring(0)
    shift = int(rng.integers(len(loop)))
    alone = Rings(loop, np.array([0, len(loop)]))
    rolled = from_list([star(rng, 5, 7).ring(0), np.roll(loop, -shift, axis=0)])
    a = hiding(alone, chosen(alone))
    b = hiding(rolled, chosen(rolled))[rolled.offsets[1] :]
    assert np.abs(np.roll(a, -shift) - b).max() < 1e-6


# ---------------------------------------------------------------------------------- placing


@quick
@given(seeds)
def test_up_a_prism_seams_are_one_straight_line_in_its_best_corner(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outline = clip.clean(star(rng, 9, 12))
    outline = Rings(outline.ring(0), np.array([0, len(outline.ring(0))]))
    xy = placed([outline] * 30)
    assert np.ptp(xy, axis=0).max() == 0
    score = hiding(outline, chosen(outline))
    mine = score[(outline.xy_nm == np.rint(xy[0] * MM)).all(axis=1)]
    assert mine.max() >= score.max() - 0.1


@pytest.mark.parametrize("n_sides", [16, 64, 256])
def test_up_a_twisting_round_part_seams_drift_and_never_jump(n_sides: int) -> None:
    """A cylinder whose facets turn by a little from layer to layer has no corner to hide in."""
    layers = []
    for layer in range(60):
        t = (np.arange(n_sides) + 0.137 * layer) * 2 * np.pi / n_sides
        layers.append(rings_of((10 * np.c_[np.cos(t), np.sin(t)]).tolist()))
    step = np.hypot(*np.diff(placed(layers), axis=0).T)
    assert step.max() <= 10 * 2 * np.pi / n_sides


def test_seams_lean_with_the_part() -> None:
    layers = [rings_of([(x + 0.15 * i, y + 0.05 * i) for x, y in L_SHAPE]) for i in range(50)]
    step = np.diff(placed(layers), axis=0)
    assert np.abs(step - [0.15, 0.05]).max() < 2e-6


def test_seams_sit_in_the_concave_corner_where_it_lasts() -> None:
    square = rings_of(rectangle(0, 0, 20, 20))
    notched = rings_of([(0, 0), (12, 0), (12, 8), (20, 8), (20, 20), (0, 20)])
    # A notch of a few layers is not worth leaving the line for, one that goes on is.
    for layers in (3, 9):
        xy = placed([square] * 20 + [notched] * layers + [square] * 20)
        assert not (np.abs(xy - [12, 8]).max(axis=1) < 1e-6).any()
    xy = placed([square] * 20 + [notched] * 12 + [square] * 20)
    inside = np.abs(xy - [12, 8]).max(axis=1) < 1e-6
    assert inside.tolist() == [False] * 20 + [True] * 12 + [False] * 20
    # To the top counts as lasting.
    xy = placed([square] * 20 + [notched] * 12)
    assert (np.abs(xy[20:] - [12, 8]).max(axis=1) < 1e-6).all()


def test_a_seam_stays_where_it_is_for_a_corner_hardly_better() -> None:
    # By turns the left and the right corner is the sharper one.
    layers = [
        rings_of([(0, 0), (20, 0), (20 + 0.3 * (i % 2), 20), (0.3 * (i % 2) - 0.3, 20)])
        for i in range(30)
    ]
    best = {tuple(np.rint(placed([layer])[0] / 10).tolist()) for layer in layers}
    assert len(best) == 1 or best == {(0.0, 2.0), (2.0, 2.0)}
    xy = placed(layers)
    assert np.ptp(xy[:, 0]) < 0.31


def test_two_features_have_a_line_each() -> None:
    one, other = rings_of(rectangle(0, 0, 6, 6)), rings_of(rectangle(30, 3, 4, 4))
    layers = [concat([one, other])] * 10 + [other] * 10 + [concat([one, other])] * 10
    xy = placed(layers)
    left = xy[xy[:, 0] < 15]
    right = xy[xy[:, 0] > 15]
    assert len(left) == 20
    assert len(right) == 30
    assert np.ptp(right, axis=0).max() == 0
    assert np.ptp(left, axis=0).max() == 0


def wedge(layer: int) -> list[tuple[float, float]]:
    """Upright but for one side, whose two corners move by 0.3 mm a layer."""
    return [(0, 0), (20, 0), (20, 30 - 0.3 * layer), (0, 30 - 0.3 * layer)]


def test_a_seam_begins_where_it_can_stay() -> None:
    """All four corners hide it alike, the two rear ones only at the price of a line that strays."""
    xy = placed([rings_of(wedge(layer)) for layer in range(60)])
    assert np.ptp(xy, axis=0).max() == 0
    assert xy[0, 1] == 0


def test_a_corner_that_moves_away_is_not_followed_along_an_upright_side() -> None:
    """A roof over two upright sides: all four corners move by 0.4 mm a layer, the sides stay."""
    roof = [
        rings_of([(0, 0.4 * i), (30, 0.4 * i), (30, 80 - 0.4 * i), (0, 80 - 0.4 * i)])
        for i in range(60)
    ]
    xy = placed(roof)[:-1]  # on the very top the better corner is taken
    assert np.ptp(xy, axis=0).max() <= 0.05
    assert xy[0, 0] in (0, 30)


def test_a_much_better_corner_that_does_not_stay_put_is_not_worth_leaving_for() -> None:
    square = rings_of(rectangle(0, 0, 20, 20))
    moving = [
        rings_of([(0, 0), (12 - 0.3 * i, 0), (12 - 0.3 * i, 8), (20, 8), (20, 20), (0, 20)])
        for i in range(20)
    ]
    # On the very top a better corner is taken, wherever it comes from.
    xy = placed([square] * 20 + moving)[:-1]
    assert np.ptp(xy, axis=0).max() == 0


@quick
@given(seeds)
def test_rear_is_the_largest_y(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers = [clip.clean(star(rng, 9, 11)) for _ in range(5)]
    xy = placed(layers, SeamPosition.REAR)
    loops = concat(layers)
    for row in range(loops.n_rings):
        assert xy[row, 1] == loops.ring(row)[:, 1].max() / MM


def test_holes_hide_their_seams_in_what_is_concave_for_the_part() -> None:
    # A hole's corners bulge into nothing: for the material they are concave, all alike.
    layer = rings_of(rectangle(0, 0, 30, 30), hole(10, 10, 8, 8))
    score = hiding(layer, chosen(layer))
    inner = score[layer.offsets[1] :]
    assert inner == pytest.approx([0.5] * 4)


def test_nothing_to_place_is_no_error() -> None:
    nothing = Rings(np.empty((0, 2), np.int64), np.zeros(1, np.int64))
    for position in SeamPosition:
        seams = place_seams(nothing, np.empty(0), np.zeros(4, np.int64), position)
        assert len(seams.following) == 0
    # Layers without loops between others.
    assert len(placed([rings_of(L_SHAPE), nothing, nothing, rings_of(L_SHAPE)])) == 2


# ----------------------------------------------------------------------- beside, clear of


@quick
@given(seeds)
def test_beside_is_the_nearest_place_of_the_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    loops = concat([clip.clean(star(rng, 9, int(n))) for n in rng.integers(4, 15, 4)])
    toward = rng.integers(-12 * MM, 12 * MM, (loops.n_rings, 2))
    seams = seams_beside(loops, toward)
    assert (on_segment(loops, seams) < 1.0).all()
    for row in range(loops.n_rings):
        ring = shapely.LinearRing(loops.ring(row).astype(float))
        nearest = ring.distance(shapely.Point(toward[row]))
        found = np.hypot(*(seams.xy_nm[row] - toward[row]).astype(float))
        assert found == pytest.approx(nearest, abs=2)


def test_no_loop_starts_in_a_corner_but_before_it() -> None:
    loop = rings_of(L_SHAPE)
    n = len(loop.xy_nm)
    for at in range(n):
        seams = Seams(np.array([(at + 1) % n]), loop.xy_nm[[at]])
        moved = clear_of_corners(loop, np.array([0]), seams, np.array([225_000]))
        assert (on_segment(loop, moved) < 1.0).all()
        assert moved.following[0] == at
        away = np.hypot(*(moved.xy_nm[0] - loop.xy_nm[at]).astype(float))
        assert away == pytest.approx(225_000, abs=1)


def test_on_short_sides_half_the_side_is_kept() -> None:
    loop = rings_of(rectangle(0, 0, 0.3, 5))
    seams = Seams(np.array([2]), loop.xy_nm[[1]])
    moved = clear_of_corners(loop, np.array([0]), seams, np.array([225_000]))
    assert np.hypot(*(moved.xy_nm[0] - loop.xy_nm[1]).astype(float)) == pytest.approx(
        150_000, abs=1
    )


def test_seams_on_straight_runs_and_roundings_stay() -> None:
    t = np.arange(90) * 4 * np.pi / 180
    round_loop = rings_of((10 * np.c_[np.cos(t), np.sin(t)]).tolist())
    seams = Seams(np.array([7]), round_loop.xy_nm[[6]])
    same = clear_of_corners(round_loop, np.array([0]), seams, np.array([225_000]))
    assert (same.xy_nm == seams.xy_nm).all()
    square = rings_of(rectangle(0, 0, 10, 10))
    middle = Seams(np.array([1]), np.array([[4 * MM, 0]]))
    same = clear_of_corners(square, np.array([0]), middle, np.array([225_000]))
    assert (same.xy_nm == middle.xy_nm).all()
    assert (same.following == middle.following).all()


def test_open_paths_are_left_alone() -> None:
    paths = concat([rings_of(rectangle(0, 0, 5, 5)), rings_of(rectangle(9, 0, 5, 5))])
    seams = Seams(np.array([1, 5]), paths.xy_nm[[0, 4]])
    moved = clear_of_corners(paths, np.array([1]), seams, np.array([225_000]))
    assert (moved.xy_nm[0] == seams.xy_nm[0]).all()
    assert (moved.xy_nm[1] != seams.xy_nm[1]).any()

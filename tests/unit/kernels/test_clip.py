"""Clipping against shapely, canonical out of whatever went in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import event, given, settings
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.exchanges import exchanges
from printstd.kernels.rings import EMPTY, Rings, area_mm2, canonical, concat, from_list, take

quick = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**31)
MM = 1_000_000


def square(x: float, y: float, side: float, *, is_hole: bool = False) -> np.ndarray:
    ring = np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]]) * MM
    ring = np.rint(ring).astype(np.int64)
    return ring[::-1].copy() if is_hole else ring


def blobs(seed: int, count: int = 4) -> Rings:
    """Overlapping star-shaped outlines, a few mm across, raw."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        angle = np.sort(rng.random(12)) * 2 * np.pi
        radius = rng.uniform(2, 6, 12)
        at = rng.uniform(-5, 5, 2)
        ring = np.c_[radius * np.cos(angle), radius * np.sin(angle)] + at
        out.append(np.rint(ring * MM).astype(np.int64))
    return from_list(out)


def shape(rings: Rings) -> shapely.Geometry:
    """The set as shapely has it, mm."""
    loops = [shapely.Polygon(rings.ring(i) / MM) for i in range(rings.n_rings)]
    area = shapely.Polygon()
    for loop in loops:
        area = area.symmetric_difference(loop.buffer(0))
    return area


def is_valid(rings: Rings) -> bool:
    form = canonical(rings)
    same = form.xy_nm.tobytes() == rings.xy_nm.tobytes()
    return (
        same and rings.xy_nm.dtype == np.int64 and bool(np.diff(rings.offsets).min(initial=3) >= 3)
    )


@given(seeds)
@quick
def test_booleans_are_those_of_shapely(seed: int) -> None:
    a = clip.clean(blobs(seed), clip.Fill.NONZERO)
    b = clip.clean(blobs(seed + 1), clip.Fill.NONZERO)
    for mine, theirs in (
        (clip.union([a, b]), shape(a) | shape(b)),
        (clip.difference(a, b), shape(a) - shape(b)),
        (clip.intersection(a, b), shape(a) & shape(b)),
    ):
        assert is_valid(mine)
        assert area_mm2(mine) == pytest.approx(theirs.area, abs=1e-4)
    total = area_mm2(clip.difference(a, b)) + area_mm2(clip.intersection(a, b))
    assert total == pytest.approx(area_mm2(a), abs=1e-4)


@given(seeds)
@quick
def test_cleaning_is_idempotent_and_blind_to_order(seed: int) -> None:
    raw = blobs(seed)
    once = clip.clean(raw, clip.Fill.NONZERO)
    assert is_valid(once)
    twice = clip.clean(once)
    assert area_mm2(twice) == pytest.approx(area_mm2(once), abs=1e-6)
    rng = np.random.default_rng(seed)
    mixed = from_list([np.roll(raw.ring(i), 3, axis=0) for i in rng.permutation(raw.n_rings)])
    other = clip.clean(canonical(mixed), clip.Fill.NONZERO)
    assert other.xy_nm.tobytes() == clip.clean(canonical(raw), clip.Fill.NONZERO).xy_nm.tobytes()


@pytest.mark.parametrize("join", list(clip.Join))
@given(seed=seeds, delta=st.integers(20_000, 900_000))
@quick
def test_shrinking_is_shapelys(join: clip.Join, seed: int, delta: int) -> None:
    area = clip.clean(blobs(seed), clip.Fill.NONZERO)
    mine = clip.offset(area, -delta, join=join)
    assert is_valid(mine)
    # Erosion by a disc: joins only matter where holes have corners, and there they cut more.
    most = shape(area).buffer(-delta / MM, quad_segs=64)
    assert shape(mine).difference(most.buffer(0.002)).area < 1e-3


def test_offset_of_a_square_both_ways() -> None:
    rings = from_list([square(0, 0, 10), square(3, 3, 4, is_hole=True)])
    assert area_mm2(clip.offset(rings, 500_000)) == pytest.approx(121 - 9)
    assert area_mm2(clip.offset(rings, -500_000)) == pytest.approx(81 - 25)
    assert area_mm2(clip.offset(rings, -500_000, 500_000)) == pytest.approx(84)
    assert clip.offset(rings, -2_000_000).is_empty
    assert clip.offset(EMPTY, 5).is_empty


def test_fill_rules() -> None:
    twice = from_list([square(0, 0, 4), square(2, 0, 4)])
    assert area_mm2(clip.clean(twice, clip.Fill.POSITIVE)) == pytest.approx(24)
    assert area_mm2(clip.clean(twice, clip.Fill.EVEN_ODD)) == pytest.approx(16)
    hole_alone = from_list([square(0, 0, 4, is_hole=True)])
    assert clip.clean(hole_alone, clip.Fill.POSITIVE).is_empty
    assert area_mm2(clip.clean(hole_alone, clip.Fill.NONZERO)) == pytest.approx(16)


def test_close_each_closes_slits_and_keeps_everything_else() -> None:
    slit = [square(0, 0, 10), square(10.09, 0, 10)]  # 0.09 mm apart: under 2 x 0.049
    gap = [square(0, 0, 10), square(10.11, 0, 10)]
    rings = from_list([*slit, *gap, square(1, 1, 2)])
    closed, borders = clip.close_each(rings, np.array([0, 2, 2, 4, 5]), 49_000)
    assert borders.tolist() == [0, 1, 1, 3, 4]
    areas = [
        sum(shapely.Polygon(closed.ring(i) / MM).area for i in range(a, b))
        for a, b in pairwise(borders.tolist())
    ]
    assert areas == pytest.approx([200.9, 0, 200, 4], abs=1e-5)


def test_closing_restores_sharp_corners() -> None:
    needle = np.array([[0, 0], [30, 0.4], [0, 0.8]]) * MM
    rings = from_list([needle.astype(np.int64)])
    closed, _ = clip.close_each(rings, np.array([0, 1]), 49_000)
    assert area_mm2(closed) == pytest.approx(12, abs=1e-3)
    assert abs(int(closed.xy_nm[:, 0].max()) - 30 * MM) <= 2


@given(seeds)
@quick
def test_each_group_is_closed_as_if_alone(seed: int) -> None:
    groups = [blobs(seed + i, 1 + i) for i in range(3)]
    borders = np.array([0, 1, 3, 3, 6])
    together, out = clip.close_each(concat(groups), borders, 49_000)
    for number, alone in zip((0, 1, 3), groups, strict=True):
        a, b = int(out[number]), int(out[number + 1])
        mine = [together.ring(i).tolist() for i in range(a, b)]
        theirs, _ = clip.close_each(alone, np.array([0, alone.n_rings]), 49_000)
        assert mine == [theirs.ring(i).tolist() for i in range(theirs.n_rings)]
    assert out[2] == out[3]


def test_islands_are_outers_with_their_holes_in_order() -> None:
    rings = canonical(
        from_list(
            [square(20, 0, 10), square(0, 0, 10), square(2, 2, 6, is_hole=True), square(4, 4, 2)]
        )
    )
    parts = clip.islands(rings)
    assert [round(area_mm2(part)) for part in parts] == [64, 4, 100]
    assert all(is_valid(part) for part in parts)
    assert clip.islands(EMPTY) == []


@given(seeds)
@quick
def test_islands_add_up(seed: int) -> None:
    area = clip.offset(clip.clean(blobs(seed, 6), clip.Fill.NONZERO), -700_000)
    parts = clip.islands(area)
    assert sum(area_mm2(part) for part in parts) == pytest.approx(area_mm2(area), abs=1e-4)
    whole = canonical(concat(parts))
    assert whole.n_rings == area.n_rings


@given(seeds)
@quick
def test_areas_offset_together_are_those_offset_alone(seed: int) -> None:
    parts = [clip.clean(blobs(seed + i, 1 + i), clip.Fill.NONZERO) for i in range(3)]
    parts.insert(1, EMPTY)
    deltas = [-900_000, 300_000, 450_000, -2_500_000]
    together = clip.rings_of(clip.offset_rings(parts, deltas))
    for part, delta, mine in zip(parts, deltas, together, strict=True):
        assert is_valid(mine)
        (alone,) = clip.rings_of(clip.offset_rings([part], [delta]))
        assert alone.xy_nm.tobytes() == mine.xy_nm.tobytes()
        # Clipper's own curves, which are those of small areas, differ at sharp corners only.
        assert (shape(mine) ^ shape(clip.offset(part, delta))).area < 0.1


@given(seed=seeds, half=st.integers(20_000, 2_000_000))
@quick
def test_opening_leaves_what_a_disc_reaches(seed: int, half: int) -> None:
    area = clip.clean(blobs(seed), clip.Fill.NONZERO)
    (opened,) = clip.rings_of(clip.opened_each([clip.Area.of(area)], [half]))
    # Corners stand out of what was opened where they are mitred: past a disc, by no more than the
    # miter limit allows.
    core = shape(area).buffer(-half / MM, quad_segs=64)
    assert core.difference(shape(opened).buffer(0.002)).area < 1e-2
    assert shape(opened).difference(core.buffer(3.01 * half / MM, quad_segs=64)).area < 1e-3
    assert opened.is_empty == clip.offset(area, -half, half).is_empty


def test_contours_that_vanish_leave_their_neighbours_alone() -> None:
    small = [square(20 + 2 * i, 0, 1) for i in range(5)]
    ring_of_wall = [square(0, 0, 10), square(1, 1, 8, is_hole=True)]
    strip = np.array([[40, 0], [60, 0], [60, 0.9], [40, 0.9]])
    rings = from_list([*ring_of_wall, *small, np.rint(strip * MM).astype(np.int64)])
    (left,) = clip.rings_of(clip.offset_rings([rings], [-490_000]))
    # The wall, and squares and the strip where a circle of this size still fits.
    assert area_mm2(left) == pytest.approx((9.02**2 - 8.98**2) + 5 * 0.02**2, abs=1e-6)
    assert clip.offset_rings([rings], [-500_000])[0].is_empty


@given(seeds)
@quick
def test_exchange_is_both_differences(seed: int) -> None:
    common = clip.clean(blobs(seed, 2), clip.Fill.NONZERO)
    far = np.array([60 * MM, 0])
    moved = Rings(common.xy_nm + far, common.offsets)
    own, other = (clip.clean(blobs(seed + i, 2), clip.Fill.NONZERO) for i in (1, 2))
    a, b = (canonical(concat([moved, area])) for area in (own, other))
    assert all(found.is_empty for found in exchanges([(a, a)])[0])
    (found,) = exchanges([(a, b)])
    gone, come = clip.rings_of(found)
    assert area_mm2(gone) == pytest.approx(area_mm2(clip.difference(own, other)), abs=1e-4)
    assert area_mm2(come) == pytest.approx(area_mm2(clip.difference(other, own)), abs=1e-4)
    (back,) = exchanges([(b, a)])
    assert area_mm2(clip.rings_of(back)[1]) == pytest.approx(area_mm2(gone), abs=1e-6)
    # Nothing of the ring that both have is left.
    assert max(
        (int(ring.xy_nm[:, 0].max()) for ring in (gone, come) if ring.n_rings), default=0
    ) < (50 * MM)


@given(seeds)
@quick
def test_islands_of_many_parts_are_those_of_each(seed: int) -> None:
    nested = [square(30, 0, 12), square(31, 1, 10, is_hole=True), square(33, 3, 6)]
    nested.append(square(34, 4, 2, is_hole=True))
    parts = [
        canonical(from_list(nested)),
        EMPTY,
        clip.clean(blobs(seed, 5), clip.Fill.EVEN_ODD),
        from_list([square(0, 0, 10), square(3, 3, 4, is_hole=True), square(20, 0, 2)]),
    ]
    found = clip.inset_islands(parts, None)
    want = [(number, isle) for number, part in enumerate(parts) for isle in clip.islands(part)]
    assert sorted(found.part.tolist()) == sorted(number for number, _ in want)
    mine = [
        (int(number), round(area_mm2(take_rings(found, island)), 5))
        for island, number in enumerate(found.part)
    ]
    assert sorted(mine) == sorted((number, round(area_mm2(isle), 5)) for number, isle in want)


def take_rings(found: clip.Islands, island: int) -> Rings:
    return take(found.rings, np.flatnonzero(found.island == island))


def rounded_part(rng: np.random.Generator) -> Rings:
    """A plate with rounded corners, holes, slots and ribs of any width."""
    body = shapely.box(0, 0, 20, 15)
    for _ in range(3):
        x, y = rng.uniform(0, 20), rng.uniform(0, 15)
        w, h = rng.uniform(0.2, 6, 2)
        body = body.union(shapely.box(x, y, x + w, y + 4 * h))
        body = body.difference(shapely.Point(rng.uniform(0, 20, 2)).buffer(rng.uniform(0.2, 3)))
        body = body.difference(shapely.box(*rng.uniform(0, 10, 2), *rng.uniform(10, 20, 2)))
    radius = rng.uniform(0.05, 1.5)
    body = body.buffer(radius, quad_segs=int(rng.integers(1, 9)))
    body = body.buffer(-2 * radius, quad_segs=8).buffer(radius, quad_segs=8)
    pieces = [body] if isinstance(body, shapely.Polygon) else list(body.geoms)
    rings = [ring for piece in pieces for ring in (piece.exterior, *piece.interiors)]
    xy = [np.rint(np.array(ring.coords)[:-1] * MM).astype(np.int64) for ring in rings]
    return clip.clean(from_list(xy), clip.Fill.EVEN_ODD)


@given(seed=seeds, delta=st.sampled_from([-1_000_000, -325_000, -120_000, 49_000, 225_000]))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_reversible_offset_covers_on_the_way_back_all_it_came_from(seed: int, delta: int) -> None:
    part = rounded_part(np.random.default_rng(seed))
    (there,) = clip.watched_ring_offsets([part], [delta])
    event(f"reversible: {there.is_reversible}")
    (same,) = clip.watched_offsets([clip.Area.of(part)], [delta])
    assert same.is_reversible == there.is_reversible
    if there.is_reversible:
        back = there.area.offset(-delta)
        lost = clip.Area.of(part) - back if delta < 0 else back - clip.Area.of(part)
        assert lost.area_mm2 < 1e-5


@pytest.mark.parametrize("width", [0.1, 0.3, 0.399])
def test_narrow_places_are_never_reversible(width: float) -> None:
    """A rib, a rib with a round end, a neck, a tip; all narrower than twice the offset."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, 17)
    cap = np.c_[15 + width / 2 * np.cos(turn), 5 + width / 2 * (1 + np.sin(turn))]
    rib = [[0, 0], [10, 0], [10, 5], [15, 5], [15, 5 + width], [10, 5 + width], [10, 10], [0, 10]]
    capped = [[0, 0], [10, 0], [10, 5], *cap.tolist(), [10, 5 + width], [10, 10], [0, 10]]
    neck = [*rib[:4], [15, 0], [25, 0], [25, 10], [15, 10], *rib[4:]]
    tip = [[0, 0], [10, 0], [10, 5], [10 + 3 * width, 5 + width / 2], [10, 5 + width], *rib[6:]]
    for outline in (rib, capped, neck, tip):
        part = from_list([np.rint(np.array(outline) * MM).astype(np.int64)])
        (there,) = clip.watched_ring_offsets([part], [-200_000])
        assert not there.is_reversible


def test_only_corners_that_point_inwards_and_are_sharp_are_cut_off() -> None:
    square = [[0, 0], [10, 0], [10, 10], [0, 10]]
    blunt = [[0, 0], [10, 0], [10, 10], [5, 8], [0, 10]]
    notch = [[0, 0], [4, 0], [5, 8], [6, 0], [10, 0], [10, 10], [0, 10]]
    slit = [[0, 0], [4.9, 0], [5, 8], [5.1, 0], [10, 0], [10, 10], [0, 10]]
    spike = [[0, 0], [10, 0], [0, 0.5]]
    for outline, wanted in ((square, 0), (blunt, 0), (notch, 1), (slit, 1), (spike, 0)):
        part = from_list([np.rint(np.array(outline) * MM).astype(np.int64)])
        assert clip.has_cut_corners(part) == bool(wanted)

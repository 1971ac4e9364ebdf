"""Offsets by our own curves against Clipper's own and against GEOS."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from manifold3d import CrossSection, FillRule, JoinType

from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.offset_curve import offset_curves
from printstd.kernels.rings import Rings, concat, from_list
from tests.oracles.areas import MM, area_of, rectangle, rings_of, star


def curves(rings: Rings, delta_mm: float, miter: float = 3.0) -> CrossSection:
    delta = np.full(rings.n_rings, delta_mm)
    xy, starts, *_ = offset_curves(
        rings.xy_nm / MM, rings.offsets[:-1].copy(), delta, miter_limit=miter
    )
    return CrossSection(np.split(xy, starts[1:]), FillRule.Positive)


def plain(rings: Rings) -> CrossSection:
    return CrossSection([rings.ring(i) / MM for i in range(rings.n_rings)], FillRule.Positive)


def differ_mm2(a: CrossSection, b: CrossSection) -> float:
    return float((a - b).area() + (b - a).area())


def round_hole(x: float, y: float, r: float, n: int) -> list[list[float]]:
    turn = -np.arange(n) * (2 * np.pi / n)
    return np.c_[x + r * np.cos(turn), y + r * np.sin(turn)].tolist()


@given(
    seed=st.integers(0, 2**32 - 1),
    corners=st.integers(3, 60),
    delta_um=st.integers(-3000, 3000).filter(bool),
)
def test_the_area_is_clippers(seed: int, corners: int, delta_um: int) -> None:
    rings = clip.clean(star(np.random.default_rng(seed), 10.0, corners))
    assume(not rings.is_empty)
    theirs = plain(rings).offset(delta_um / 1000, JoinType.Miter, 3.0, 0)
    ours = curves(rings, delta_um / 1000)
    # Spikes at the very limit of a mitre are cut off here and there.
    assert differ_mm2(ours, theirs) < 2e-4 * float(np.abs(theirs.area()) + 100.0)


@pytest.mark.parametrize("delta", [-4.0, -1.2, -0.407, -0.225, -0.05, 0.05, 0.225, 1.2, 4.0])
def test_round_and_square_holes_and_necks(delta: float) -> None:
    plate = concat(
        [
            rings_of(rectangle(0, 0, 40, 30)),
            rings_of(round_hole(8, 8, 3.0, 90), round_hole(15.5, 8, 3.0, 90)),
            rings_of(round_hole(30, 20, 6.0, 200), rectangle(20, 20, 3, 3)[::-1]),
        ]
    )
    theirs = plain(plate).offset(delta, JoinType.Miter, 3.0, 0)
    assert differ_mm2(curves(plate, delta), theirs) < 1e-4


@given(seed=st.integers(0, 2**32 - 1), delta_um=st.integers(20, 2000))
def test_what_is_left_lies_so_far_inside(seed: int, delta_um: int) -> None:
    """Against GEOS: every point of the inset has the distance, and those that have it are in."""
    rings = clip.clean(star(np.random.default_rng(seed), 10.0, 24))
    assume(not rings.is_empty)
    area, delta = area_of(rings), delta_um / 1000
    left = area_of(Area.of(rings).offset(-delta_um * 1000).rings())
    own = curves(rings, -delta)
    inset = shapely.union_all([shapely.Polygon(p) for p in own.to_polygons() if len(p) > 2])
    assert shapely.difference(inset, area.buffer(-delta + 1e-4)).area < 1e-3
    assert abs(inset.area - left.area) < 1e-3


def test_all_at_once_is_each_by_itself() -> None:
    rng = np.random.default_rng(5)
    rings = [clip.clean(star(rng, 8.0, n)) for n in (5, 40, 17)] + [from_list([])]
    deltas = [-300_000, 500_000, -20_000, 100_000]
    together = clip.offset_each([Area.of(r) for r in rings], deltas)
    for area, own, delta in zip(together, rings, deltas, strict=True):
        assert clip.difference(area.rings(), Area.of(own).offset(delta).rings()).is_empty or (
            abs(area.area_mm2 - Area.of(own).offset(delta).area_mm2) < 1e-6
        )


def test_many_discs_shrink_in_the_time_of_a_union() -> None:
    """Not timed: what the sweep is given has as many vertices as the discs."""
    discs = from_list(
        [
            (np.array(round_hole(2.0 * i, 2.0 * j, 0.4, 24))[::-1] * MM).astype(np.int64)
            for i in range(8)
            for j in range(8)
        ]
    )
    xy, *_ = offset_curves(
        discs.xy_nm / MM, discs.offsets[:-1].copy(), np.full(64, -0.1), miter_limit=3.0
    )
    assert len(xy) == len(discs.xy_nm)
    assert curves(discs, -0.1).num_contour() == 64
    assert curves(discs, -0.41).is_empty()


@given(seed=st.integers(0, 2**32 - 1))
def test_a_contour_knows_nothing_of_those_beside_it(seed: int) -> None:
    """Same bytes: which layers are worked on together is up to the executor."""
    rng = np.random.default_rng(seed)
    rings = concat([star(rng, 10.0, int(rng.integers(3, 20))) for _ in range(4)])
    delta = np.round(rng.uniform(-3, 3, rings.n_rings), 3) + 1e-4
    xy, starts, *_ = offset_curves(rings.xy_nm / MM, rings.offsets[:-1], delta, miter_limit=3.0)
    for i, mine in enumerate(np.split(xy, starts[1:])):
        alone, *_ = offset_curves(
            rings.ring(i) / MM, np.zeros(1, np.int64), delta[i : i + 1], miter_limit=3.0
        )
        assert alone.tobytes() == mine.tobytes()

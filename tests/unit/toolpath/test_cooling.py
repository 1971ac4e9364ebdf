"""Minimum layer time and fan: against the plainest reading of the rules."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.profiles.models import Fan
from printstd.toolpath.cooling import fan_ratios_e3, slow_down
from tests.oracles.effort import few

quick = few(80)
seeds = st.integers(0, 2**31)
FAN = Fan(
    min_ratio=0.3,
    max_ratio=0.9,
    bridge_ratio=0.7,
    off_layers=1,
    full_layer=4,
    below_layer_time_s=60.0,
    slowdown_below_layer_time_s=12.0,
    min_print_speed_mm_s=15.0,
)


class Print:
    """Random paths on random layers."""

    def __init__(self, seed: int, n_layers: int = 6) -> None:
        rng = np.random.default_rng(seed)
        counts = rng.integers(0, 9, n_layers)
        n = int(counts.sum())
        self.layer = np.repeat(np.arange(n_layers), counts)
        self.feed = rng.integers(300, 6000, n)
        self.length_um = rng.uniform(10, 400_000, n)
        self.shows = rng.integers(0, 3, n)
        self.is_fixed = rng.random(n) < 0.2
        self.other_s = rng.uniform(0, 4, n_layers)

    def slowed(self, fan: Fan = FAN) -> tuple[np.ndarray, np.ndarray]:
        found = slow_down(
            self.feed,
            self.length_um,
            self.layer,
            self.shows,
            self.is_fixed,
            self.other_s,
            fan,
        )
        return found.feed_mm_min, found.time_s

    def times(self, feed: np.ndarray) -> np.ndarray:
        """Seconds of every layer, one path at a time."""
        total = self.other_s.copy()
        for layer, length, speed in zip(self.layer, self.length_um, feed, strict=True):
            total[layer] += length / 1000 / (speed / 60)
        return total


@quick
@given(seeds)
def test_layers_last_long_enough_or_are_as_slow_as_they_may_be(seed: int) -> None:
    part = Print(seed)
    feed, time_s = part.slowed()
    assert time_s == pytest.approx(part.times(part.feed))
    after, least = part.times(feed), math.ceil(FAN.min_print_speed_mm_s * 60)
    for layer in range(len(after)):
        mine = part.layer == layer
        free = mine & ~part.is_fixed
        if time_s[layer] >= 12.0 or not mine.any():
            assert (feed[mine] == part.feed[mine]).all()
            continue
        # As long as asked, to the mm/min that feeds are rounded to; or all at their slowest.
        if after[layer] < 12.0:
            assert (feed[free] == np.minimum(part.feed[free], least)).all()
        else:
            assert after[layer] == pytest.approx(12.0, rel=1 / 250)


@quick
@given(seeds)
def test_nothing_gets_faster_and_bridges_stay(seed: int) -> None:
    part = Print(seed)
    feed, _ = part.slowed()
    assert (feed <= part.feed).all()
    assert (feed >= 1).all()
    assert (feed[part.is_fixed] == part.feed[part.is_fixed]).all()
    # What was slower than the least print speed before is not touched.
    assert (feed[part.feed <= 900] == part.feed[part.feed <= 900]).all()
    assert (feed[part.feed > 900] >= 900).all()


@quick
@given(seeds)
def test_what_shows_is_slowed_last_and_the_fastest_first(seed: int) -> None:
    part = Print(seed)
    feed, _ = part.slowed()
    for layer in range(6):
        free = (part.layer == layer) & ~part.is_fixed
        for kind in range(3):
            group, inside = free & (part.shows == kind), free & (part.shows < kind)
            if (feed[group] < part.feed[group]).any():
                assert (feed[inside] == np.minimum(part.feed[inside], 900)).all()
            # One cap for all: what is under it keeps its speed.
            slowed = group & (feed < part.feed)
            assert len(set(feed[slowed].tolist())) <= 1
            if slowed.any():
                cap = int(feed[slowed][0])
                assert (feed[group] == np.minimum(part.feed[group], cap)).all()


def test_external_walls_keep_their_speed_as_long_as_the_inside_can_take_it() -> None:
    """20 mm each of infill at 80, inner wall at 45 and external wall at 25 mm/s; 15 is least."""
    feed = np.array([4800, 2700, 1500])
    length_um, layer = np.full(3, 20_000.0), np.zeros(3, np.int64)
    shows, fixed = np.array([0, 1, 2]), np.zeros(3, bool)

    def slowed(wanted_s: float) -> list[int]:
        fan = FAN.model_copy(update={"slowdown_below_layer_time_s": wanted_s})
        found = slow_down(feed, length_um, layer, shows, fixed, np.zeros(1), fan)
        return found.feed_mm_min.tolist()

    # Infill can stretch the layer from 1.49 to 2.58 s, inner walls on to 3.47 s.
    assert slowed(1.0) == [4800, 2700, 1500]
    assert slowed(2.0)[1:] == [2700, 1500]
    assert slowed(3.0)[0] == 900
    assert slowed(3.0)[2] == 1500
    assert slowed(3.4)[2] == 1500
    assert slowed(3.6)[:2] == [900, 900]
    assert 900 < slowed(3.6)[2] < 1500
    assert slowed(9.0) == [900, 900, 900]


@quick
@given(seeds)
def test_layers_do_not_feel_each_other(seed: int) -> None:
    part = Print(seed)
    feed, _ = part.slowed()
    for layer in range(6):
        alone = Print(seed)
        mine = part.layer == layer
        for name in ("feed", "length_um", "shows", "is_fixed"):
            setattr(alone, name, getattr(part, name)[mine])
        alone.layer = np.zeros(int(mine.sum()), int)
        alone.other_s = part.other_s[layer : layer + 1]
        assert (alone.slowed()[0] == feed[mine]).all()


def test_no_minimum_layer_time_no_slowing() -> None:
    part = Print(3)
    fan = FAN.model_copy(update={"slowdown_below_layer_time_s": 0.0})
    assert (part.slowed(fan)[0] == part.feed).all()


# ------------------------------------------------------------------------------------- fan


def wanted(layer: int, time_s: float, fan: Fan) -> tuple[int, int]:
    """Thousandths of the layer's fan and of its bridges' (layers from 1)."""
    if time_s < fan.slowdown_below_layer_time_s:
        ratio = fan.max_ratio
    elif time_s < fan.below_layer_time_s:
        span = fan.below_layer_time_s - fan.slowdown_below_layer_time_s
        share = (time_s - fan.slowdown_below_layer_time_s) / span
        ratio = share * fan.min_ratio + (1 - share) * fan.max_ratio
    else:
        ratio = fan.min_ratio
    if layer <= fan.off_layers:
        ramp = 0.0
    elif layer >= fan.full_layer:
        ramp = 1.0
    else:
        ramp = (layer - fan.off_layers) / (fan.full_layer - fan.off_layers)
    whole = math.floor(1000 * ratio + 1e-6)
    bridge = max(whole, round(1000 * fan.bridge_ratio))
    return math.floor(whole * ramp + 0.5), math.floor(bridge * ramp + 0.5)


@quick
@given(
    st.lists(st.floats(0, 200), min_size=1, max_size=12),
    st.integers(0, 5),
    st.integers(0, 9),
    st.sampled_from([(12.0, 60.0), (0.0, 0.0), (20.0, 20.0), (5.0, 17.0)]),
    st.sampled_from([(0.3, 0.9), (1.0, 1.0), (0.0, 1.0)]),
)
def test_the_fan_follows_its_curve(
    times: list[float],
    off_layers: int,
    full_layer: int,
    span: tuple[float, float],
    ratios: tuple[float, float],
) -> None:
    fan = FAN.model_copy(
        update={
            "off_layers": off_layers,
            "full_layer": full_layer,
            "slowdown_below_layer_time_s": span[0],
            "below_layer_time_s": span[1],
            "min_ratio": ratios[0],
            "max_ratio": ratios[1],
        }
    )
    layers, bridges = fan_ratios_e3(np.array(times), fan)
    for i, time_s in enumerate(times):
        assert (layers[i], bridges[i]) == wanted(i + 1, time_s, fan)


def test_the_curve_is_steady_and_the_ramp_rises() -> None:
    times = np.linspace(0, 80, 4001)
    late = np.concatenate([np.zeros(10), times])
    found = fan_ratios_e3(late, FAN)[0][10:]
    assert (np.diff(found) <= 0).all()
    assert np.abs(np.diff(found)).max() <= 1
    assert found[0] == 900
    assert found[-1] == 300
    ramp, bridge = fan_ratios_e3(np.zeros(8), FAN)
    assert ramp.tolist() == [0, 300, 600, 900, 900, 900, 900, 900]
    assert (bridge >= ramp).all()

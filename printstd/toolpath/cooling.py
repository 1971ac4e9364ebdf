"""Minimum layer time and part fan (facts of slicers 2.8)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple
from printstd.profiles.models import Fan
from printstd.profiles.wall_models import Overhangs
from printstd.toolpath.feeds import between_overlaps


class Slowed(NamedTuple):
    """feed_mm_min : (k,) int64, never above what came in. time_s : (l,) float64, of each layer
    before it was slowed down."""

    feed_mm_min: NDArray[np.int64]
    time_s: NDArray[np.float64]


def slowest(fans: Sequence[Fan]) -> Fan:
    """What layers of several materials must have: the longest time of a layer, and no speed below
    the least that any of them may be printed at."""
    return fans[0].model_copy(
        update={
            "slowdown_below_layer_time_s": max(one.slowdown_below_layer_time_s for one in fans),
            "min_print_speed_mm_s": max(one.min_print_speed_mm_s for one in fans),
        }
    )


def slow_down(
    feed_mm_min: NDArray[np.int64],
    length_um: NDArray[np.float64],
    path_layer: NDArray[np.int64],
    shows: NDArray[np.int64],
    is_fixed: NDArray[np.bool_],
    other_time_s: NDArray[np.float64],
    fan: Fan,
) -> Slowed:
    """Stretch short layers to the material's least layer time.

    feed_mm_min, length_um, path_layer, shows, is_fixed : (k,), one row per path, layers
    ascending. is_fixed : bridges, which are never slowed. other_time_s : (l,) what travel,
    retraction and wiping take.

    A surface looks the same where it is laid at the same speed: so first all that is inside is
    slowed (`shows` 0), then inner walls (1), and only when both run at the least print speed the
    external ones (2). Of each kind the fastest paths come down together.
    """
    n_layers = len(other_time_s)
    speed = feed_mm_min / 60.0
    time = np.bincount(path_layer, length_um / (speed * 1000.0), n_layers) + other_time_s
    feed = feed_mm_min.copy()
    borders = np.searchsorted(path_layer, np.arange(n_layers + 1))
    wanted = fan.slowdown_below_layer_time_s
    # Feeds are whole mm/min: rounded down but never below the least speed.
    least = -int(-fan.min_print_speed_mm_s * 60.0 // 1)
    for layer in np.flatnonzero((time < wanted) & (np.diff(borders) > 0)).tolist():
        rows = slice(borders[layer], borders[layer + 1])
        missing = wanted - float(time[layer])
        for kind in range(3):
            if missing <= 0:
                break
            mine = np.flatnonzero((shows[rows] == kind) & ~is_fixed[rows]) + rows.start
            before = float((length_um[mine] * 0.06 / feed[mine]).sum())
            feed[mine] = _capped(feed[mine], length_um[mine], before + missing, least)
            missing -= float((length_um[mine] * 0.06 / feed[mine]).sum()) - before
    return Slowed(feed, time)


def _capped(
    feed: NDArray[np.int64], length_um: NDArray[np.float64], wanted_s: float, least: int
) -> NDArray[np.int64]:
    """Feeds under the one cap, mm/min, at which the paths take `wanted_s` together (or under
    `least`, if even that is not slow enough)."""
    if not len(feed):
        return feed
    order = np.argsort(feed, kind="stable")
    ascending, way = feed[order].astype(np.float64), length_um[order] * 0.06
    # Capped are the fastest: those from row i on. The rest keep their times.
    slow = np.concatenate([np.zeros(1), np.cumsum(way / ascending)[:-1]])
    fast = np.cumsum(way[::-1])[::-1]
    left = wanted_s - slow
    cap = fast / np.where(left > 0, left, np.inf)
    # The cap of row i is right if it lies above the feed of the row before.
    below = np.concatenate([np.zeros(1), ascending[:-1]])
    fits = np.flatnonzero((left > 0) & (cap >= below) & (cap <= ascending))
    lowest = int(cap[fits[0]]) if len(fits) else 0
    return np.minimum(feed, max(lowest, least))


def fan_ratios_e3(
    time_s: NDArray[np.float64], fan: Fan, number: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(l,) int64 each, thousandths of full speed: the layers' fan and that of their bridges.

    time_s : of each layer before it is slowed down. number : of each layer in its object, from 1;
    None where the print is of one.
    """
    span = fan.below_layer_time_s - fan.slowdown_below_layer_time_s
    share = (time_s - fan.slowdown_below_layer_time_s) / span if span > 0 else np.ones(len(time_s))
    share = np.where(time_s < fan.slowdown_below_layer_time_s, 0.0, np.clip(share, 0.0, 1.0))
    ratio = np.floor(1000.0 * (share * fan.min_ratio + (1.0 - share) * fan.max_ratio) + 1e-6)
    number = np.arange(1, len(time_s) + 1) if number is None else number
    ramp = fan_ramp(number, fan)
    bridge = np.maximum(ratio, round(fan.bridge_ratio * 1000))
    return (
        np.floor(ratio * ramp + 0.5).astype(np.int64),
        np.floor(bridge * ramp + 0.5).astype(np.int64),
    )


def fan_ramp(number: NDArray[np.int64], fan: Fan) -> NDArray[np.float64]:
    """(l,) float64, 0 to 1: what of the fan's demand the lowest layers already get. number : of
    each layer in its object, from 1."""
    ramp = np.ones(len(number))
    if fan.full_layer > fan.off_layers:
        ramp = np.clip((number - fan.off_layers) / (fan.full_layer - fan.off_layers), 0.0, 1.0)
    return np.asarray(np.where(number <= fan.off_layers, 0.0, ramp))


def overlap_fans(
    fan_e3: NDArray[np.int64],
    ramp: NDArray[np.float64],
    overlap_e3: NDArray[np.int64],
    overhangs: Overhangs,
) -> NDArray[np.int64]:
    """(k,) int64, thousandths of full speed, never below what came in: that of pieces of walls by
    their overlap with the layer below (facts of slicers 2.7). ramp : (k,) of `fan_ramp`."""
    at = [1000.0 * ratio for ratio in overhangs.fan_ratios]
    wanted = between_overlaps(at, np.zeros(len(fan_e3)), overlap_e3) * ramp
    return np.maximum(fan_e3, np.floor(wanted + 0.5).astype(np.int64))

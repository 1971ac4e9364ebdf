"""Short ways through lines of items: nothing lost, nothing out of its block or before its time."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import tour
from printstd.kernels.tour import ANY_RANK, Items, Speed, Tour, shortened
from tests.oracles.effort import few

MM = 1_000_000
SPEED = Speed(100.0 * MM, 1000.0 * MM)
quick = few(40)
seeds = st.integers(0, 2**31)


def random_items(seed: int, sizes: list[int], share_of_pairs: float = 0.3) -> Items:
    """Loops, lines and lines that run one way; some of a block wait for others of it."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    begin = rng.integers(0, 60 * MM, (n, 2))
    end = np.where(rng.random((n, 1)) < 0.4, begin, rng.integers(0, 60 * MM, (n, 2)))
    block_at = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    pairs = [
        (a, b)
        for low, high in itertools.pairwise(block_at.tolist())
        for a, b in itertools.combinations(range(low, high), 2)
        if rng.random() < share_of_pairs / (high - low)
    ]
    before, after = np.array(pairs, np.int64).reshape(-1, 2).T
    # Ranks as they are given hold, and so may hold for pairs.
    rank = np.concatenate([np.sort(rng.integers(0, 2, size)) for size in sizes] or [before])
    rank = np.where(rng.random(n) < 0.3, ANY_RANK, rank)
    return Items(begin, end, rng.random(n) < 0.8, block_at, rank, before, after)


def seconds(items: Items, found: Tour) -> float:
    """By the schoolbook, one way after another."""
    at, total = (0.0, 0.0), 0.0
    speed, accel = SPEED.speed / MM, SPEED.accel / MM
    for item, turned in zip(found.item.tolist(), found.is_turned.tolist(), strict=True):
        ends = (items.begin_nm[item].tolist(), items.end_nm[item].tolist())
        enter, leave = ends[::-1] if turned else ends
        way = math.dist(at, enter) / MM
        ramp = speed**2 / accel
        total += 2 * math.sqrt(way / accel) if way < ramp else way / speed + speed / accel
        at = leave
    return total


def as_given(items: Items) -> Tour:
    n = len(items.can_turn)
    return Tour(np.arange(n), np.zeros(n, bool))


def check(items: Items, found: Tour) -> None:
    n = len(items.can_turn)
    assert sorted(found.item.tolist()) == list(range(n))
    block = np.repeat(np.arange(len(items.block_at) - 1), np.diff(items.block_at))
    assert (block[found.item] == block).all()
    place = np.empty(n, np.int64)
    place[found.item] = np.arange(n)
    assert (place[items.before] < place[items.after]).all()
    assert _is_ranked(items, found)
    assert items.can_turn[found.item[found.is_turned]].all()
    assert seconds(items, found) <= seconds(items, as_given(items)) + 1e-9


@quick
@given(seeds, st.lists(st.integers(1, 45), min_size=1, max_size=6))
def test_items_stay_in_their_blocks_and_order_and_take_no_longer(
    seed: int, sizes: list[int]
) -> None:
    items = random_items(seed, sizes)
    check(items, shortened(items, (0, 0), SPEED))


@quick
@given(seeds)
def test_no_single_move_is_left_that_saves_time(seed: int) -> None:
    """Against plain enumeration of every stretch and place."""
    items = random_items(seed, [7, 4])
    found = shortened(items, (0, 0), SPEED)
    least = seconds(items, found)
    n = len(found.item)
    for first, last in itertools.combinations_with_replacement(range(n), 2):
        turned = list(range(first, last + 1))[::-1]
        rest = [*range(first), *range(last + 1, n)]
        variants = [([*range(first), *turned, *range(last + 1, n)], set(turned))]
        if last - first < 3:
            for to in range(len(rest) + 1):
                variants.append(([*rest[:to], *range(first, last + 1), *rest[to:]], set()))
                variants.append(([*rest[:to], *turned, *rest[to:]], set(turned)))
        for order, flipped in variants:
            other = Tour(
                found.item[order],
                np.array([found.is_turned[p] ^ (p in flipped) for p in order]),
            )
            # What the next part of the print begins with is not known: the end is held.
            is_same_end = order[-1] == n - 1 and n - 1 not in flipped
            if is_same_end and _is_allowed(items, other):
                assert seconds(items, other) >= least - 1e-5, (first, last)


def _is_ranked(items: Items, found: Tour) -> bool:
    rank = items.rank[found.item]
    parts = (rank[a:b] for a, b in itertools.pairwise(items.block_at.tolist()))
    return all((np.diff(part[part != ANY_RANK]) >= 0).all() for part in parts)


def _is_allowed(items: Items, found: Tour) -> bool:
    block = np.repeat(np.arange(len(items.block_at) - 1), np.diff(items.block_at))
    place = np.empty(len(block), np.int64)
    place[found.item] = np.arange(len(block))
    return bool(
        (block[found.item] == block).all()
        and (place[items.before] < place[items.after]).all()
        and _is_ranked(items, found)
        and items.can_turn[found.item[found.is_turned]].all()
    )


@quick
@given(seeds)
def test_blocks_weighed_apart_end_as_blocks_weighed_together(seed: int) -> None:
    """How many places are weighed at once must not be seen in what comes out."""
    items = random_items(seed, [9, 1, 14, 3, 20, 6])
    whole = shortened(items, (0, 0), SPEED)
    usual = tour._PLACES_AT_ONCE
    try:
        tour._PLACES_AT_ONCE = 8
        parts = shortened(items, (0, 0), SPEED)
    finally:
        tour._PLACES_AT_ONCE = usual
    assert (whole.item == parts.item).all()
    assert (whole.is_turned == parts.is_turned).all()


def test_a_comb_is_gone_through_to_and_fro() -> None:
    """Lines side by side, two of them swapped and some the wrong way round."""
    x = np.arange(20)
    x[[7, 8]] = x[[8, 7]]
    begin = np.stack([x, 30 * (x % 2)], axis=1) * MM
    end = np.stack([x, 30 - 30 * (x % 2)], axis=1) * MM
    wrong = np.isin(x, [3, 4, 12, 15])[:, None]
    begin, end = np.where(wrong, end, begin), np.where(wrong, begin, end)
    none = np.empty(0, np.int64)
    items = Items(
        begin, end, np.ones(20, bool), np.array([0, 20]), np.full(20, ANY_RANK), none, none
    )
    found = shortened(items, (0, 0), SPEED)
    assert x[found.item].tolist() == list(range(20))
    assert (found.is_turned == wrong[found.item, 0]).all()


def test_nothing_is_shortened_to_nothing() -> None:
    items = random_items(1, [])
    assert not len(shortened(items, (0, 0), SPEED).item)

"""Results are made once, taken when they are there, and made again when they cannot be read."""

from __future__ import annotations

from typing import NamedTuple

from printstd.reuse.kept import Kept
from tests.caches import MemoryCache


class Sum(NamedTuple):
    total: int


class Adder:
    def __init__(self, cache: MemoryCache | None, *numbers: int) -> None:
        self.runs = 0
        self.numbers = numbers
        self.kept = Kept(cache, "sum", lambda: Sum, numbers, self.add)

    def add(self) -> Sum:
        self.runs += 1
        return Sum(sum(self.numbers))


def test_made_once_and_then_taken() -> None:
    cache = MemoryCache()
    first, second, other = Adder(cache, 1, 2), Adder(cache, 1, 2), Adder(cache, 1, 3)
    assert [a.kept.value().total for a in (first, first, second, other)] == [3, 3, 3, 4]
    assert [a.runs for a in (first, second, other)] == [1, 0, 1]


def test_without_a_cache_nothing_is_asked_for() -> None:
    alone = Adder(None, 1, 2)
    assert alone.kept.value().total == alone.kept.value().total == 3
    assert alone.runs == 1


def test_what_cannot_be_read_is_made_again_and_replaced() -> None:
    cache = MemoryCache()
    key = Adder(cache, 1, 2).kept.key
    assert Adder(cache, 1, 2).kept.value().total == 3
    good = cache.entries[key]
    for wrong in (b"", good[:-1], b"\0" * len(good), good + b"\0"):
        cache.entries[key] = wrong
        again = Adder(cache, 1, 2)
        assert again.kept.value().total == 3
        assert again.runs == 1
        assert cache.entries[key] == good


def test_a_result_is_asked_for_by_those_that_need_it_alone() -> None:
    """What is there already needs nothing that it was made from."""
    cache = MemoryCache()

    def chain() -> tuple[Adder, Kept[Sum]]:
        below = Adder(cache, 1, 2)
        return below, Kept(
            cache, "twice", lambda: Sum, (below.kept,), lambda: Sum(2 * below.kept.value().total)
        )

    for runs in (1, 0):
        cache.asked.clear()
        below, twice = chain()
        assert twice.value().total == 6
        assert below.runs == runs
        assert (below.kept.key in cache.asked) == bool(runs)


def test_what_is_there_already_has_a_key_of_its_content() -> None:
    assert Kept.of(Sum(1)).key == Kept.of(Sum(1)).key != Kept.of(Sum(2)).key
    assert Kept.of(Sum(1)).value().total == 1

"""Decisions as a function of the snapshot: order, stagger, filament, and nothing by chance."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.farm import Spool
from printstd.artifacts.job import Feed, Requirements
from printstd.coordinator.facts import requirements
from printstd.farm.dispatch import Decision, GroupNow, GroupRules, Snapshot, Waiting, decide
from printstd.farm.matching import Offer, why_not
from tests.small_farm import facts, printer

NOW_MS = 1_790_000_000_000
NEEDS = requirements(facts())


def waiting(number: int, mg: int = 1000, needs: Requirements = NEEDS, **more: Any) -> Waiting:
    given_ = {"priority": 0, "due_utc_s": None, **more}
    key = f"{needs}"
    return Waiting(number, number, requirement_class=key, needs=needs,
                   feeds=(Feed(0, "pla", mg),), **given_)  # fmt: skip


def offer(name: str, left_mg: int = 100_000, **more: Any) -> Offer:
    state = more.pop("state", "idle")
    return Offer(printer(name, **more), {0: (Spool(f"s-{name}", "pla", left_mg), left_mg)}, state)


def decided(waits: list[Waiting], offers: list[Offer], **more: Any) -> list[Decision]:
    return list(decide(Snapshot(tuple(waits), tuple(offers), **more), NOW_MS))


def test_priority_then_due_then_who_came_first() -> None:
    waits = [
        waiting(1),
        waiting(2, due_utc_s=200),
        waiting(3, due_utc_s=100),
        waiting(4, priority=1),
        waiting(5),
    ]
    order = []
    while waits:
        (one,) = decided(waits, [offer("a")])
        order.append(one.instance)
        waits = [w for w in waits if w.instance != one.instance]
    assert order == [4, 3, 2, 1, 5]


def test_what_no_printer_suits_blocks_nobody_behind_it() -> None:
    picky = waiting(1, needs=requirements(facts(), tags=("gold",)), priority=9)
    assert decided([picky, waiting(2)], [offer("a")]) == [Decision(2, "a")]


def test_a_spool_that_would_run_out_is_left_for_what_fits() -> None:
    big, small = waiting(1, mg=50_000), waiting(2, mg=500)
    assert decided([big, small], [offer("a", 1_000)]) == [Decision(2, "a")]


def test_the_spool_that_is_emptied_soonest_is_taken() -> None:
    offers = [offer("a", 90_000), offer("b", 2_000), offer("c", 500)]
    assert decided([waiting(1)], offers) == [Decision(1, "b")]


def test_a_group_heats_one_after_the_other() -> None:
    offers = [offer(name, group="shelf") for name in "abcd"]
    waits = [waiting(n) for n in range(1, 5)]
    rules = {"shelf": GroupRules(max_heating=2)}
    assert len(decided(waits, offers, rules=rules)) == 2
    assert decided(waits, offers, rules=rules, groups={"shelf": GroupNow(heating=2)}) == []
    rules = {"shelf": GroupRules(start_interval_s=60)}
    assert len(decided(waits, offers, rules=rules)) == 1
    just = {"shelf": GroupNow(last_start_utc_ms=NOW_MS - 59_000)}
    assert decided(waits, offers, rules=rules, groups=just) == []
    just = {"shelf": GroupNow(last_start_utc_ms=NOW_MS - 60_000)}
    assert len(decided(waits, offers, rules=rules, groups=just)) == 1
    # Others are not held back by them.
    assert decided(waits, [*offers, offer("z")], rules=rules, groups={
        "shelf": GroupNow(last_start_utc_ms=NOW_MS)}) == [Decision(1, "z")]  # fmt: skip


cases = st.lists(
    st.tuples(
        st.integers(-2, 2), st.none() | st.integers(1, 3), st.sampled_from([400, 2_000, 60_000])
    ),
    max_size=12,
)
spools = st.lists(st.sampled_from([0, 500, 2_500, 100_000]), max_size=6)


@settings(max_examples=25)
@given(cases, spools, st.randoms(use_true_random=False))
def test_decisions_are_a_matching_that_leaves_nothing_on_the_table(
    asked: list[tuple[int, int | None, int]], left: list[int], rng: random.Random
) -> None:
    waits = [
        waiting(n, mg, priority=priority, due_utc_s=due)
        for n, (priority, due, mg) in enumerate(asked, 1)
    ]
    offers = [offer(f"p{n}", mg) for n, mg in enumerate(left)]
    found = decided(waits, offers)
    rng.shuffle(waits)
    rng.shuffle(offers)
    assert decided(waits, offers) == found, "the order of the snapshot does not matter"
    assert len({one.instance for one in found}) == len({one.printer for one in found})
    by_number = {one.instance: one for one in waits}
    by_name = {one.printer.name: one for one in offers}
    for one in found:
        needs = by_number[one.instance]
        assert not why_not(needs.needs, needs.feeds, by_name[one.printer], NOW_MS // 1000)
    taken = {one.printer for one in found}
    for wait in waits:
        if wait.instance in {one.instance for one in found}:
            continue
        for name, free in by_name.items():
            could = not why_not(wait.needs, wait.feeds, free, NOW_MS // 1000)
            if could:
                # Whoever has the printer stands before it in the queue.
                assert name in taken
                holder = next(one.instance for one in found if one.printer == name)
                assert by_number[holder].order < wait.order

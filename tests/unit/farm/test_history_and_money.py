"""The chain of the history; filament; what a print costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.farm import Reservation, Spool
from printstd.artifacts.job import Feed
from printstd.farm.chain import GENESIS, broken, event_after
from printstd.farm.quote import Prices, hours, quote
from printstd.farm.spools import consumed, free_mg, reservations
from tests.small_farm import facts, printer


def chain(count: int):
    events, end = [], (0, GENESIS)
    for number in range(count):
        event = event_after(end, at_utc_ms=number, by="b", kind="k", about={"job": number, "x": ""})
        events.append(event)
        end = (event.number, event.sha256)
    return events


@settings(max_examples=25)
@given(st.integers(1, 8), st.data())
def test_any_change_of_the_history_is_found(count: int, data: st.DataObject) -> None:
    events = chain(count)
    assert broken(events) == ""
    at = data.draw(st.integers(0, count - 1))
    change = data.draw(st.sampled_from(["at_utc_ms", "by", "kind", "about", "drop", "swap"]))
    if change == "drop":
        if at == count - 1:
            return  # Its end is held by the store.
        wrong = events[:at] + events[at + 1 :]
    elif change == "swap":
        if at == 0:
            return
        wrong = [*events[: at - 1], events[at], events[at - 1], *events[at + 1 :]]
    else:
        value = {"at_utc_ms": 99, "by": "c", "kind": "l", "about": (("job", "99"),)}[change]
        wrong = [*events[:at], replace(events[at], **{change: value}), *events[at + 1 :]]
    assert broken(wrong)


def test_what_is_empty_is_not_told() -> None:
    assert chain(1)[0].about == (("job", "0"),)


def test_filament_is_promised_and_used() -> None:
    spools = {"s-a": Spool("s-a", "pla", 10_000)}
    reserved = reservations(1, printer("a"), (Feed(0, "pla", 4_000), Feed(1, "pla", 5)))
    assert reserved == (Reservation(1, 0, "s-a", 4_000),)
    assert free_mg(spools["s-a"], 4_000) == 6_000
    assert consumed(reserved, spools) == {"s-a": 6_000}
    assert consumed(reserved, spools, 0.25001) == {"s-a": 10_000 - 1_001}
    assert consumed(reserved, spools, -1) == {"s-a": 10_000}
    both = (*reserved, Reservation(1, 1, "s-a", 8_000))
    assert consumed(both, spools) == {"s-a": 0}


PRICES = Prices("EUR", Decimal("1.80"), Decimal("0.50"), {"pla": Decimal(22)}, Decimal(20))


def test_a_quote_adds_up() -> None:
    found = quote(facts(mg=10_000), 3, PRICES)
    assert found.time_ms == 180_000
    assert [str(line.amount) for line in found.lines] == ["0.09", "0.66", "1.50", "0.45"]
    assert found.total == Decimal("2.70")
    assert found.total == sum(line.amount for line in found.lines if line.amount is not None)


@pytest.mark.parametrize(
    ("own", "prices"),
    [
        (facts(mg=None), PRICES),
        (facts(material="petg"), PRICES),
        (replace(facts(), print_time_ms=None), PRICES),
    ],
)
def test_a_sum_with_a_hole_in_it_is_no_price(own, prices) -> None:
    found = quote(own, 1, prices)
    assert found.total is None
    assert [line.reason for line in found.lines if line.amount is None] != [""]


def test_hours_are_rounded_to_minutes() -> None:
    assert [hours(ms) for ms in (0, 29_999, 30_001, 3_599_999, 90 * 60_000)] == [
        "0:00", "0:00", "0:01", "1:00", "1:30"]  # fmt: skip

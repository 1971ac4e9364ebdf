"""A stage that looks at what its key does not hold is stopped."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from printstd.errors import InternalError
from printstd.reuse.withheld import Withheld, without
from tests.unit.toolpath.planning import profiles

USES: dict[str, Callable[[Any], object]] = {
    "a field": lambda it: it.infill_mm_s,
    "its truth": bool,
    "a comparison": lambda it: it > 1,
    "a comparison from the right": lambda it: it > 1.0,
    "equality": lambda it: it == 1,
    "inequality": lambda it: it != 1,
    "a sum": lambda it: it + 1,
    "a sum from the right": lambda it: 1 + it,
    "a product": lambda it: 2.0 * it,
    "a quotient": lambda it: it / 2,
    "negation": operator.neg,
    "a number": float,
    "a whole number": int,
    "an index": operator.index,
    "rounding": round,
    "its items": list,
    "an item": lambda it: it[0],
    "its length": len,
    "what is in it": lambda it: 1 in it,
    "its text": str,
    "a formatted text": lambda it: f"{it}",
    "a number's text": lambda it: f"{it:.2f}",
    "its hash": hash,
    "the least": lambda it: min(it, 1),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_whatever_is_done_with_it_is_our_bug(use: Callable[[Any], object]) -> None:
    with pytest.raises((InternalError, TypeError)):
        use(Withheld("process.speeds"))


def test_the_error_says_what_was_looked_at() -> None:
    speeds = without(profiles(), ("process.speeds",)).process.speeds
    with pytest.raises(InternalError, match=r"process\.speeds") as refused:
        _ = speeds.infill_mm_s
    assert refused.value.exit_code == 70


def test_it_goes_to_a_worker_and_stays_what_it_is() -> None:
    given = without(profiles(), ("material.fan", "process.speeds.infill_mm_s"))
    for sent in (pickle.loads(pickle.dumps(given.material)), copy.copy(given.material)):
        with pytest.raises(InternalError):
            _ = sent.fan.min_ratio


def test_all_else_stays() -> None:
    whole = profiles()
    given = without(whole, ("material.fan", "process.speeds.infill_mm_s"))
    assert given.process.walls is whole.process.walls
    assert given.process.speeds.perimeter_mm_s == whole.process.speeds.perimeter_mm_s
    assert given.material.flow_ratio == whole.material.flow_ratio
    assert whole.material.fan.min_ratio >= 0


@pytest.mark.parametrize("path", ["process.walls.seam", "process.walls.thin_walls", "printer.id"])
def test_what_can_be_compared_by_identity_cannot_be_withheld(path: str) -> None:
    with pytest.raises(TypeError, match="cannot be withheld"):
        without(profiles(), (path,))


def test_what_a_range_lays_other_values_over_is_left() -> None:
    ranged = profiles(("ranges", "[{from_mm = 1.0, to_mm = 2.0, speeds = {infill_mm_s = 9.0}}]"))
    given = without(ranged, ("process.speeds", "process.speeds.infill_mm_s", "process.infill"))
    assert given.process.speeds is ranged.process.speeds
    with pytest.raises(InternalError):
        _ = given.process.infill.density_ratio


def test_without_a_printer_nothing_of_it_is_withheld() -> None:
    assert without(profiles(printer=None), ("printer.motion",)).printer is None  # type: ignore[arg-type]

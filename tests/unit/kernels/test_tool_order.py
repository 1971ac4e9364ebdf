"""The fewest changes of tools, against every order that there is."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.tool_order import Order, fewest_changes

uses = st.integers(1, 3).flatmap(
    lambda k: st.lists(
        st.sets(st.integers(0, k - 1)).map(lambda own: tuple(sorted(own))), max_size=5
    )
)


def changes(orders: list[Order]) -> int:
    in_time = [tool for own in orders for tool in own]
    return sum(a != b for a, b in itertools.pairwise(in_time))


@given(uses)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_no_order_has_fewer_changes(own: list[Order]) -> None:
    found = fewest_changes(own)
    assert [tuple(sorted(order)) for order in found] == own
    every = itertools.product(*(itertools.permutations(tools) for tools in own))
    assert changes(found) == min(changes(list(one)) for one in every)


@given(uses)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_layer_that_needs_the_tool_at_hand_begins_with_it(own: list[Order]) -> None:
    now: int | None = None
    for order in fewest_changes(own):
        if now in order:
            assert order[0] == now
        now = order[-1] if order else now

"""In which order the tools of each layer lay, so that they change as seldom as can be.

Within a layer every tool that has anything to lay comes once. A change is saved wherever a layer
begins with the tool that the one before ended with; which tool a layer ends with therefore depends
on all that follow. Found exactly, by the cheapest way to end each layer with each of its tools
(Bellman 1957): for k tools a layer is k^3 steps.

A tool at hand that a layer needs always begins it: to end with it instead costs a change now and
saves one at most. So no layer has more changes than tools but one.
"""

from __future__ import annotations

from collections.abc import Sequence

Order = tuple[int, ...]


def fewest_changes(uses: Sequence[Order]) -> list[Order]:
    """The tools of each layer in order.

    uses : of each layer the tools that it needs, rising; none where nothing is laid. The first tool
    of all is at hand. Of ways that cost the same the one with the lowest numbers is taken.
    """
    laid = [number for number, tools in enumerate(uses) if tools]
    found: list[Order] = [()] * len(uses)
    if not laid:
        return found
    # Tool that a layer ends with -> (changes so far, its order, tool that the layer before ended).
    table: list[dict[int, tuple[int, Order, int]]] = []
    before: dict[int, int] = {}
    for number in laid:
        tools, ends = uses[number], {}
        for last in tools:
            choices = [
                (cost + (own[0] != kept) + len(own) - 1, own, kept)
                for own in _orders(tools, last)
                for kept, cost in (before or {own[0]: 0}).items()
                if own[0] == kept or kept not in tools
            ]
            if choices:
                ends[last] = min(choices)
        table.append(ends)
        before = {last: end[0] for last, end in ends.items()}
    last = min(before, key=lambda tool: (before[tool], tool))
    for number, ends in zip(reversed(laid), reversed(table), strict=True):
        _, found[number], last = ends[last]
    return found


def _orders(tools: Order, last: int) -> list[Order]:
    """A layer's orders that end with `last`, one for each tool that may come first."""
    if len(tools) == 1:
        return [tools]
    return [
        (first, *(tool for tool in tools if tool not in (first, last)), last)
        for first in tools
        if first != last
    ]

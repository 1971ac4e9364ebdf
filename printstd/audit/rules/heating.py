"""What the two temperature rules share: a heater's target over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import ToolDemand
from printstd.audit.machine import Event, MachineRun
from printstd.audit.verbs import Verb

_NAME_BY_P: Final = ("G10", "M116", "M568")
_FOR_ALL: Final = ("M116",)


@dataclass(frozen=True, slots=True, eq=False)
class Heater:
    """Changes of one heater's target, in order.

    seq, line : (n,) int64. target_mc : (n,) int64, thousandths of a degree.
    is_reached : (n,) bool, the program waits for the target, or had waited for the same one.
    is_change : (n,) bool, the target differs from the one before.
    """

    seq: NDArray[np.int64]
    line: NDArray[np.int64]
    target_mc: NDArray[np.int64]
    is_reached: NDArray[np.bool_]
    is_change: NDArray[np.bool_]

    def at(self, seq: NDArray[np.int64]) -> NDArray[np.int64]:
        """Index of the change in force at each time, -1 before the first."""
        return np.searchsorted(self.seq, seq, side="right") - 1


def heater_of(
    run: MachineRun, set_verb: Verb, wait_verb: Verb, tool: ToolDemand | None = None
) -> Heater:
    """The targets that commands of two verbs set; a wait without a number is for the target set.

    tool : whose heater it is, on a machine with several.
    """
    rows: list[tuple[int, int, int, bool, bool]] = []
    target, is_reached = 0, True
    events = run.of(set_verb, wait_verb)
    if tool is not None:
        events = [event for event in events if is_for(run, event, tool)]
    for event in events:
        wanted = _target_mc(event)
        waits = event.verb is wait_verb
        if wanted is None:
            wanted = target
        is_change = wanted != target
        is_reached = waits or (is_reached and not is_change)
        target = wanted
        rows.append((event.seq, event.line, target, is_reached, is_change))
    seq, line, targets, reached, change = zip(*rows, strict=True) if rows else ((),) * 5
    return Heater(
        np.array(seq, np.int64),
        np.array(line, np.int64),
        np.array(targets, np.int64),
        np.array(reached, bool),
        np.array(change, bool),
    )


def is_for(run: MachineRun, event: Event, tool: ToolDemand) -> bool:
    """A command is for the heater of the tool that it names, or else of the one at hand; one that
    waits for all is for each."""
    command = event.command
    named = command.get("P" if command.name in _NAME_BY_P else "T")
    if tool.is_shared or (named is None and command.name in _FOR_ALL):
        return True
    return (run.tool_at(event.seq) if named is None else int(named)) == tool.number


def _target_mc(event: Event) -> int | None:
    for letter in ("S", "R"):
        value = event.command.get(letter)
        if value is not None:
            return round(value * 1000)
    return None

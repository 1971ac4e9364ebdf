"""Where tools change: what the machine is told, and how warm its tools are when.

A tool that waits is `standby_drop_c` cooler than it prints, and cold once it is not needed any
more; one that comes is told to heat `preheat_s` before, and waited for until it has its
temperature. Where all tools feed one nozzle there is one temperature, that of the tool at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Toolpath
from printstd.gcode.dialects import Phrases
from printstd.gcode.marks import as_bytes
from printstd.gcode.values import temperatures
from printstd.profiles.machine_code import expand
from printstd.profiles.models import Printer
from printstd.profiles.resolved import Resolved
from printstd.profiles.tool_models import Tools


class Changes(NamedTuple):
    """before : lines after the start code, which has heated the first tool. second_layer : lines
    with the second layer. at : (c,) int64, the moves before which the tool changes, or one that is
    about to come is told to heat; blocks : the lines of each."""

    before: list[str]
    second_layer: list[str]
    at: NDArray[np.int64]
    blocks: list[bytes]


def tool_changes(
    toolpath: Toolpath,
    resolved: Resolved,
    printer: Printer,
    tools: Tools,
    phrases: Phrases,
    values: Mapping[str, str],
    time_ms: NDArray[np.int64],
) -> Changes:
    """values : what the machine's own lines may ask for beside the tools. time_ms : (m + 1,) int64,
    when each move starts, then when the last one ends."""
    at = toolpath.changes
    second = int(np.searchsorted(toolpath.layer, 1))
    heat = _Heat(resolved, tools, phrases, int(toolpath.tool[0]), toolpath.tools)
    comes = toolpath.tool[at].tolist()
    leaves = toolpath.tool[at - 1].tolist()
    before, second_layer, blocks = heat.begin(), None, []
    early_at, early = [], []
    left: dict[int, int] = {}
    for nth, (move, old, new) in enumerate(zip(at.tolist(), leaves, comes, strict=True)):
        if second_layer is None and second <= move:
            second_layer = heat.second_layer(old)
        layer = min(int(toolpath.layer[move]), 1)
        told = dict(values) | temperatures(resolved.material_of(new))
        told |= {"tool": str(new), "previous_tool": str(old)}
        advance = resolved.material_of(new).pressure_advance_s
        lines = [
            *heat.leave(old, layer, is_needed=old in comes[nth + 1 :]),
            *(expand(line, told) for line in tools.before_change_code),
            phrases.change_tool(new),
            *heat.come(new, layer),
            *(expand(line, told) for line in tools.after_change_code),
        ]
        if printer.uses_pressure_advance and advance is not None:
            lines.append(phrases.pressure_advance(advance, new))
        blocks.append(as_bytes(lines))
        line = heat.early(new, layer)
        if line and new in left:
            due = int(time_ms[move]) - round(tools.preheat_s * 1000)
            early_at.append(max(int(np.searchsorted(time_ms, due)), left[new] + 1))
            early.append(as_bytes([line]))
        left[old] = move
    if second_layer is None:
        second_layer = heat.second_layer(int(toolpath.tool[-1]))
    moves = np.concatenate([np.array(early_at, np.int64), at])
    return Changes(before, second_layer, moves, [*early, *blocks])


class _Heat:
    """The targets of all heaters as they are set in time. layer : 0, or 1 for all above it."""

    def __init__(
        self, resolved: Resolved, tools: Tools, phrases: Phrases, first: int, used: list[int]
    ) -> None:
        self._resolved, self._tools, self._phrases = resolved, tools, phrases
        self._first, self._used = first, used
        self._target = {self._heater(first): self._active(first, 0)}
        self._is_reached = {self._heater(first): True}

    def begin(self) -> list[str]:
        others = [] if self._tools.shares_nozzle else [t for t in self._used if t != self._first]
        return [line for tool in others for line in self._set(tool, self._standby(tool, 0))]

    def second_layer(self, now: int) -> list[str]:
        """From the first layer's temperatures to those of all others, without waiting."""
        wanted = {now: self._active(now, 1)}
        if not self._tools.shares_nozzle:
            wanted |= {
                tool: self._standby(tool, 1)
                for tool in self._used
                if tool != now and self._target[tool]
            }
        reached = self._is_reached[self._heater(now)]
        lines = [line for tool in sorted(wanted) for line in self._set(tool, wanted[tool])]
        # A few degrees while it prints are on the way before anybody could wait for them.
        self._is_reached[self._heater(now)] = reached
        return lines

    def leave(self, tool: int, layer: int, *, is_needed: bool) -> list[str]:
        if self._tools.shares_nozzle:
            return []
        return self._set(tool, self._standby(tool, layer) if is_needed else 0)

    def early(self, tool: int, layer: int) -> str | None:
        """For a tool that comes and has waited in the cool, ahead of time."""
        if not self._tools.preheat_s or not self._tools.standby_drop_c:
            return None
        return self._phrases.nozzle(self._active(tool, layer), tool)

    def come(self, tool: int, layer: int) -> list[str]:
        heater, wanted = self._heater(tool), self._active(tool, layer)
        if self._target[heater] == wanted and self._is_reached[heater]:
            return []
        self._target[heater], self._is_reached[heater] = wanted, True
        return self._phrases.nozzle_reached(wanted, self._named(tool))

    def _set(self, tool: int, target_c: int) -> list[str]:
        heater = self._heater(tool)
        if self._target.get(heater) == target_c:
            return []
        self._target[heater], self._is_reached[heater] = target_c, False
        return [self._phrases.nozzle(target_c, self._named(tool))]

    def _heater(self, tool: int) -> int:
        return 0 if self._tools.shares_nozzle else tool

    def _named(self, tool: int) -> int | None:
        return None if self._tools.shares_nozzle else tool

    def _active(self, tool: int, layer: int) -> int:
        material = self._resolved.material_of(tool)
        return material.nozzle_c if layer else material.first_layer_nozzle_c

    def _standby(self, tool: int, layer: int) -> int:
        return max(self._active(tool, layer) - self._tools.standby_drop_c, 0)

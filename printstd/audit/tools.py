"""Which tool does what: of several, each has filament, heater and material of its own.

A demand without tools is for a machine with one, whatever its program says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import AuditDemand, MaterialWindow, ToolDemand
from printstd.audit.machine import Track


def of_each(
    demand: AuditDemand,
    tool: NDArray[np.int64],
    value: Callable[[ToolDemand], float],
    otherwise: float,
) -> NDArray[np.float64]:
    """(n,) what each tool's demand says; `otherwise` for tools that nobody asked for.

    tool : (n,) int64, from 0.
    """
    found = np.full(len(tool), float(otherwise))
    for own in demand.tools:
        found[tool == own.number] = value(own)
    return found


def materials(demand: AuditDemand) -> Iterator[tuple[int | None, MaterialWindow, str]]:
    """(tool, its material, what to call it in a finding) of each; None is the only one."""
    if not demand.tools:
        yield None, demand.material, ""
    for own in demand.tools:
        yield own.number, own.material, f"T{own.number}"


def rows_of_tools(track: Track, demand: AuditDemand) -> list[NDArray[np.int64]]:
    """Rows of the track by the filament that they move: each tool's follow one another."""
    if not demand.tools:
        return [np.arange(len(track.tool))]
    return [np.flatnonzero(track.tool == tool) for tool in np.unique(track.tool).tolist()]

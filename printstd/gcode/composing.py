"""Moves and what stands between them, written: the part of a program that takes time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Toolpath
from printstd.errors import InternalError
from printstd.gcode.arcs import arcs_of
from printstd.gcode.between import marks_between
from printstd.gcode.body import Body
from printstd.gcode.dialects import Label, Phrases, phrases_of
from printstd.gcode.estimate import move_seconds
from printstd.gcode.moves import move_lines
from printstd.gcode.outline import outline_of
from printstd.gcode.rules import longest_safe
from printstd.gcode.totals import totals_of
from printstd.gcode.values import placeholder_values
from printstd.profiles.machine_code import command_of, expand, letters_of
from printstd.profiles.models import Printer
from printstd.profiles.resolved import Resolved
from printstd.units import UM_PER_MM


def body_of(toolpath: Toolpath, first_move: NDArray[np.int64], resolved: Resolved) -> Body:
    """The fan of the toolpath is looked at for the ends of arcs alone.

    first_move : (k,) int64, where each run of moves begins for which the fan may be another.
    """
    printer = resolved.printer
    if printer is None or resolved.dialect is None or resolved.allowlist is None:
        raise InternalError("a program is written for a printer, and none was named")
    phrases = phrases_of(printer.firmware, resolved.allowlist, printer.macros)
    labels = labels_of(toolpath) if printer.has_object_labels else ()
    time_ms = _clock(toolpath, printer, phrases)
    totals = totals_of(toolpath, time_ms, resolved)
    last_z_um = int(toolpath.z_um[-1]) if toolpath.n_moves else toolpath.start_z_um
    tools = toolpath.tools
    first_tool = int(toolpath.tool[0]) if toolpath.n_moves else tools[0]
    first = resolved.material_of(first_tool)
    materials = [resolved.material_of(tool) for tool in tools]
    values = placeholder_values(last_z_um, printer, first_tool, first, materials, totals.max_z_um)
    changes = None
    if printer.tools is not None and toolpath.n_moves:
        from printstd.gcode.tool_changes import tool_changes

        changes = tool_changes(toolpath, resolved, printer, printer.tools, phrases, values, time_ms)
    marks = marks_between(
        toolpath,
        time_ms,
        phrases,
        labels,
        [expand(line, values) for line in printer.layer_change_code],
        [first, *materials],
        first_move,
        has_progress=printer.has_m73,
        changes=changes,
    )
    arcs = arcs_of(toolpath, resolved.process.arcs.max_deviation_mm * UM_PER_MM)
    # Of the moves that an arc stands for only the last has a line.
    lead = None if len(arcs.first) else marks.taken_out(toolpath.n_moves)
    text, fan_at = marks.merged(move_lines(toolpath, arcs, lead))
    return Body(
        np.frombuffer(text, np.uint8),
        fan_at,
        totals,
        tuple(labels),
        last_z_um,
        _one_of_each(marks.lines()),
        tuple(_longer_than(longest_safe(resolved.dialect), text)),
        bool(len(arcs.first)),
        first_tool,
        tuple(tools),
        tuple(changes.before) if changes else (),
    )


def labels_of(toolpath: Toolpath) -> tuple[Label, ...]:
    """All objects under names that no two share, whatever case a machine reads them in."""
    names = [name.replace("-", "_") for name in toolpath.object_names]
    if len({name.upper() for name in names}) < len(names):
        names = [f"{name}_{number}" for number, name in enumerate(names)]
    return tuple(
        Label(number, name, outline_of(toolpath, number)) for number, name in enumerate(names)
    )


def _clock(toolpath: Toolpath, printer: Printer, phrases: Phrases) -> NDArray[np.int64]:
    """(m + 1,) int64, ms: when each move starts, then when the last one ends."""
    seconds = move_seconds(
        toolpath, printer.motion, shares_acceleration=phrases.shares_acceleration
    )
    if printer.tools is not None:
        seconds[toolpath.changes] += printer.tools.change_s
    time_ms = np.zeros(toolpath.n_moves + 1, np.int64)
    np.rint(np.cumsum(seconds) * 1000.0, out=time_ms[1:], casting="unsafe")
    return time_ms


def _one_of_each(lines: Iterable[str]) -> tuple[str, ...]:
    """The first line of each command with the same letters; no comments."""
    found: dict[tuple[str, tuple[str, ...]], str] = {}
    for line in lines:
        if line.startswith(";"):
            continue
        command = command_of(line)
        if command:
            found.setdefault((command, tuple(letters_of(line))), line)
    return tuple(found.values())


def _longer_than(most: int, text: bytes) -> Iterable[str]:
    """Lines of more bytes than that."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])[: len(ends)]
    for row in np.flatnonzero(ends - starts > most).tolist():
        yield text[starts[row] : ends[row]].decode("ascii")

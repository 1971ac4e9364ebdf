"""Toolpath -> Program: the text of a print in its machine's dialect.

    comments            who made it, of what; pictures; widths
    ;TYPE:Custom        limits, objects, the machine's start code, modes said again
    moves               a G1 each or an arc for several; between them what changes (`gcode.between`)
    ;TYPE:Custom        the machine's end code
    comments            sums and settings, where print hosts look for them

Every number is written from a whole number, E is relative (M83) in 1e-5 mm. Nothing here knows the
time, the place or the order of a hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.program import Program, Thumbnail
from printstd.artifacts.toolpath import Toolpath
from printstd.errors import InternalError
from printstd.gcode.arcs import arcs_of
from printstd.gcode.between import marks_between, progress_at
from printstd.gcode.comments import (
    first_lines,
    model_lines,
    object_lines,
    thumbnail_lines,
    total_lines,
    width_lines,
)
from printstd.gcode.dialects import Label, Phrases, phrases_of
from printstd.gcode.estimate import move_seconds
from printstd.gcode.marks import as_bytes
from printstd.gcode.moves import move_lines
from printstd.gcode.numbers import mm_text
from printstd.gcode.outline import outline_of
from printstd.gcode.rules import check_commands, check_lengths, check_names
from printstd.gcode.settings import settings_lines
from printstd.gcode.tool_changes import Changes, temperatures, tool_changes
from printstd.gcode.totals import totals_of
from printstd.profiles.machine_code import command_of, expand
from printstd.profiles.models import Material, Printer
from printstd.profiles.resolved import Resolved
from printstd.units import UM_PER_MM, um

PARK_ABOVE_UM: Final = 10_000
"""The nozzle parks this far above the part, where the machine reaches so high."""
_CUSTOM: Final = ";TYPE:Custom"
_MOVE: Final = "G1 X0 Y0 Z0 E0 F1"
_ARCS: Final = ("G2 X0 Y0 I0 J0 E0 F1", "G3 X0 Y0 I0 J0 E0 F1")
"""They stand for all moves where the program's words are checked against the machine's list."""


def write_program(
    toolpath: Toolpath,
    resolved: Resolved,
    *,
    models: Sequence[tuple[str, str]],
    thumbnails: Sequence[Thumbnail],
    tool_version: str,
    release_date: str,
) -> Program:
    """The finished program of a print.

    models : (ASCII name, sha256) of each model in it.

    Raises ProfileError where the printer's profile asks for what its machine's allow-list or its
    dialect's line length does not give.
    """
    printer, material = resolved.printer, resolved.material
    if printer is None or resolved.dialect is None or resolved.allowlist is None:
        raise InternalError("a program is written for a printer, and none was named")
    for name, sha256 in models:
        check_names([name, *toolpath.object_names], sha256)
    phrases = phrases_of(printer.firmware, resolved.allowlist, printer.macros)
    labels = labels_of(toolpath) if printer.has_object_labels else ()
    time_ms = _clock(toolpath, printer, phrases)
    totals = totals_of(toolpath, time_ms, resolved)
    materials = [resolved.material_of(tool) for tool in toolpath.tools]
    first = resolved.material_of(int(toolpath.tool[0])) if toolpath.n_moves else material
    values = placeholder_values(toolpath, printer, first, materials, totals.max_z_um)
    changes = None
    if printer.tools is not None and toolpath.n_moves:
        changes = tool_changes(toolpath, resolved, printer, printer.tools, phrases, values, time_ms)
    marks = marks_between(
        toolpath,
        time_ms,
        phrases,
        labels,
        [expand(line, values) for line in printer.layer_change_code],
        [first, *materials],
        has_progress=printer.has_m73,
        changes=changes,
    )
    before = _before(printer, first, phrases, labels, values, totals.n_layers, changes)
    after = [_CUSTOM, *(expand(line, values) for line in printer.end_code)]
    if printer.has_m73:
        before.insert(0, phrases.progress(*progress_at(0, totals.print_time_ms)))
        after.insert(0, phrases.progress(100, 0))
    arcs = arcs_of(toolpath, resolved.process.arcs.max_deviation_mm * UM_PER_MM)
    moves = [_MOVE, *(_ARCS if len(arcs.first) else ())]
    check_commands([*before, *moves, *marks.lines(), *after], resolved)
    head = [
        *first_lines(tool_version, release_date),
        *(line for name, sha256 in models for line in model_lines(name, sha256)),
        *thumbnail_lines(thumbnails),
        *width_lines(resolved.process.widths),
        *before,
    ]
    foot = [
        *after,
        *object_lines(labels),
        *total_lines(totals, resolved),
        *settings_lines(resolved, printer, toolpath.tools),
    ]
    body = marks.merged(move_lines(toolpath, arcs))
    data = b"".join((as_bytes(head), body, as_bytes(foot)))
    line_offsets = _line_offsets(data)
    check_lengths(data, line_offsets, resolved)
    return Program(data, line_offsets, resolved.dialect.id.value, totals)


def _before(
    printer: Printer,
    material: Material,
    phrases: Phrases,
    labels: Sequence[Label],
    values: Mapping[str, str],
    n_layers: int,
    changes: Changes | None,
) -> list[str]:
    """From the machine's limits to where the toolpath takes over."""
    tool = int(values["first_tool"]) if printer.tools is not None else None
    start = [expand(line, values) for line in printer.start_code]
    lines = phrases.limits(printer.motion) if printer.motion.emit else []
    if labels:
        lines += phrases.declare_objects(labels)
    lines += [_CUSTOM, *start, *phrases.modes({command_of(line) for line in start}, tool)]
    lines += changes.before if changes else []
    if printer.uses_pressure_advance and material.pressure_advance_s is not None:
        lines.append(phrases.pressure_advance(material.pressure_advance_s, tool or 0))
    return [*lines, *phrases.declare_layers(n_layers)]


def labels_of(toolpath: Toolpath) -> tuple[Label, ...]:
    """All objects under names that no two share, whatever case a machine reads them in."""
    names = [name.replace("-", "_") for name in toolpath.object_names]
    if len({name.upper() for name in names}) < len(names):
        names = [f"{name}_{number}" for number, name in enumerate(names)]
    return tuple(
        Label(number, name, outline_of(toolpath, number)) for number, name in enumerate(names)
    )


def placeholder_values(
    toolpath: Toolpath,
    printer: Printer,
    first: Material,
    materials: Sequence[Material],
    top_um: int,
) -> dict[str, str]:
    """What the machine's own lines may ask for. first : of the tool that begins. materials : of all
    tools that are used, on one bed. top_um : of the finished part."""
    volume = printer.volume
    last_z_um = int(toolpath.z_um[-1]) if toolpath.n_moves else toolpath.start_z_um
    # Never lower than the nozzle is.
    park_z_um = max(last_z_um, min(top_um + PARK_ABOVE_UM, um(volume.z_max_mm)))
    return {
        **temperatures(first),
        "first_tool": f"{int(toolpath.tool[0]) if toolpath.n_moves else 0}",
        "bed_c": f"{max(one.bed_c for one in materials)}",
        "first_layer_bed_c": f"{max(one.first_layer_bed_c for one in materials)}",
        # At the back on the left: a bed that moves brings the part forward.
        "park_x_mm": mm_text(um(volume.x_min_mm)),
        "park_y_mm": mm_text(um(volume.y_max_mm)),
        "park_z_mm": mm_text(park_z_um),
    }


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


def _line_offsets(data: bytes) -> NDArray[np.int64]:
    """Where each line starts, then the end."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    return np.concatenate([np.zeros(1, np.int64), ends])

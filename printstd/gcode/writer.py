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

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.program import Program, Thumbnail
from printstd.artifacts.toolpath import Toolpath
from printstd.errors import InternalError
from printstd.gcode.comments import (
    first_lines,
    model_lines,
    object_lines,
    thumbnail_lines,
    total_lines,
    width_lines,
)
from printstd.gcode.dialects import Label, Phrases, phrases_of
from printstd.gcode.fan import fan_lines
from printstd.gcode.marks import as_bytes
from printstd.gcode.progress import progress_at
from printstd.gcode.rules import check_commands, check_lengths, check_names
from printstd.gcode.settings import settings_lines
from printstd.gcode.values import placeholder_values
from printstd.profiles.machine_code import command_of, expand
from printstd.profiles.models import Material, Printer
from printstd.profiles.resolved import Resolved

if TYPE_CHECKING:
    from printstd.gcode.body import Body

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
    from printstd.gcode.composing import body_of

    for name, sha256 in models:
        check_names([name, *toolpath.object_names], sha256)
    ratio_e3 = toolpath.fan_ratio_e3
    first_move = np.flatnonzero(np.append(True, ratio_e3[1:] != ratio_e3[:-1])[: len(ratio_e3)])
    return finished(
        body_of(toolpath, first_move, resolved),
        ratio_e3[first_move],
        resolved,
        models=models,
        thumbnails=thumbnails,
        tool_version=tool_version,
        release_date=release_date,
    )


def finished(
    body: Body,
    fan_ratio_e3: NDArray[np.int16],
    resolved: Resolved,
    *,
    models: Sequence[tuple[str, str]],
    thumbnails: Sequence[Thumbnail],
    tool_version: str,
    release_date: str,
) -> Program:
    """`write_program` of a body that is there. fan_ratio_e3 : (k,) of each of its runs."""
    printer = resolved.printer
    if printer is None or resolved.dialect is None or resolved.allowlist is None:
        raise InternalError("a program is written for a printer, and none was named")
    for name, sha256 in models:
        check_names([name], sha256)
    phrases = phrases_of(printer.firmware, resolved.allowlist, printer.macros)
    labels, totals = body.labels, body.totals
    first = resolved.material_of(body.first_tool)
    values = placeholder_values(
        body.last_z_um,
        printer,
        body.first_tool,
        first,
        [resolved.material_of(tool) for tool in body.tools],
        totals.max_z_um,
    )
    before = _before(printer, first, phrases, labels, values, totals.n_layers, body.waiting)
    after = [_CUSTOM, *(expand(line, values) for line in printer.end_code)]
    if printer.has_m73:
        before.insert(0, phrases.progress(*progress_at(0, totals.print_time_ms)))
        after.insert(0, phrases.progress(100, 0))
    fans = fan_lines(fan_ratio_e3, phrases)
    said = dict.fromkeys(line for line in fans if line)
    moves = [_MOVE, *(_ARCS if body.has_arcs else ())]
    check_commands([*before, *moves, *body.commands, *said, *after], resolved)
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
        *settings_lines(resolved, printer, body.tools),
    ]
    check_lengths([*head, *body.long_lines, *said, *foot], resolved)
    data = b"".join((as_bytes(head), *_blown(body, fans), as_bytes(foot)))
    return Program(data, resolved.dialect.id.value, totals)


def _blown(body: Body, fans: Sequence[str]) -> Iterator[bytes | memoryview]:
    """The body with the lines of the fan in their places."""
    text, done = body.text.data, 0
    for at, line in zip(body.fan_at.tolist(), fans, strict=True):
        if line:
            yield text[done:at]
            yield as_bytes([line])
            done = at
    yield text[done:]


def _before(
    printer: Printer,
    material: Material,
    phrases: Phrases,
    labels: Sequence[Label],
    values: Mapping[str, str],
    n_layers: int,
    waiting: Sequence[str],
) -> list[str]:
    """From the machine's limits to where the toolpath takes over. material : of the tool that
    begins. waiting : as in `Body`."""
    tool = int(values["first_tool"]) if printer.tools is not None else None
    start = [expand(line, values) for line in printer.start_code]
    lines = phrases.limits(printer.motion) if printer.motion.emit else []
    if labels:
        lines += phrases.declare_objects(labels)
    lines += [_CUSTOM, *start, *phrases.modes({command_of(line) for line in start}, tool)]
    lines += waiting
    if printer.uses_pressure_advance and material.pressure_advance_s is not None:
        lines.append(phrases.pressure_advance(material.pressure_advance_s, tool or 0))
    return [*lines, *phrases.declare_layers(n_layers)]

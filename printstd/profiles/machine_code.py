"""The small language of a printer's own lines: G-code with ``{placeholders}``.

A placeholder stands for one number. There are no conditions and no sums: what a machine needs
beyond that belongs in its firmware or in a declared macro.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from printstd.profiles.models import AllowedCommand

PLACEHOLDERS: Final = (
    "nozzle_c",
    "first_layer_nozzle_c",
    "bed_c",
    "first_layer_bed_c",
    "park_z_mm",
    "park_x_mm",
    "park_y_mm",
    "first_tool",
)
"""What start_code, end_code and layer_change_code may ask for. ``park_*`` mean: a place above
the finished part, inside the machine's travel. ``first_tool`` is the number of the tool that the
print begins with, ``nozzle_c`` are its temperatures."""
CHANGE_PLACEHOLDERS: Final = (*PLACEHOLDERS, "tool", "previous_tool")
"""What the code around a change of tools may ask for; ``nozzle_c`` are those of ``tool``."""

_TOOL_NUMBERS: Final = ("first_tool", "tool", "previous_tool")

_CLASSIC: Final = re.compile(r"[GMT][0-9]")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def placeholders(line: str) -> list[str]:
    """Names in braces, in order."""
    return _PLACEHOLDER.findall(line)


def name_of(placeholder: str) -> str:
    """Of ``{BED_TEMP=60}``, which a macro may have: a parameter, and what it is if it is not
    said."""
    return placeholder.partition("=")[0]


def expand(line: str, values: Mapping[str, str]) -> str:
    """`line` with each placeholder's value; KeyError names an unknown one."""
    return _PLACEHOLDER.sub(lambda match: values[match.group(1)], line)


def for_every_tool(line: str, n_tools: int, known: Collection[str]) -> list[str]:
    """A line whose command a tool's number is part of (``T{tool}``), for each tool; any other as
    it is. known : placeholders that it may have."""
    command = command_of(line)
    names = [name for name in placeholders(command) if name in _TOOL_NUMBERS and name in known]
    if not names:
        return [line]
    return [
        functools.reduce(lambda text, name: text.replace(f"{{{name}}}", str(n)), names, line)
        for n in range(n_tools)
    ]


def command_of(line: str) -> str:
    """The command of a line without its comment: ``G1``, ``START_PRINT``; empty for a comment."""
    words = line.split(";", 1)[0].split()
    return words[0] if words else ""


def letters_of(line: str) -> Iterator[str]:
    """The letters of a line's words, or the KEY names of an extended command."""
    for word in line.split(";", 1)[0].split()[1:]:
        key, equals, _ = word.partition("=")
        yield key if equals else word[0]


def allowed_letters(rule: AllowedCommand) -> set[str]:
    """The letters of ``G1``, or the KEY names of ``EXCLUDE_OBJECT_START``."""
    is_classic = _CLASSIC.match(rule.command) is not None
    return set(rule.letters if is_classic else rule.letters.split())

"""The small language of a printer's own lines: G-code with ``{placeholders}``.

A placeholder stands for one number. There are no conditions and no sums: what a machine needs
beyond that belongs in its firmware or in a declared macro.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
)
"""What start_code, end_code and layer_change_code may ask for. ``park_*`` mean: a place above
the finished part, inside the machine's travel."""

_CLASSIC: Final = re.compile(r"[GMT][0-9]")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def placeholders(line: str) -> list[str]:
    """Names in braces, in order."""
    return _PLACEHOLDER.findall(line)


def expand(line: str, values: Mapping[str, str]) -> str:
    """`line` with each placeholder's value; KeyError names an unknown one."""
    return _PLACEHOLDER.sub(lambda match: values[match.group(1)], line)


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

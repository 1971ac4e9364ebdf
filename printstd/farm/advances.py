"""Which pressure advance a program sets, by tool: its certificate is over the bytes that do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from printstd.farm.commanded import read_line, tool_of

_LINES: Final = re.compile(
    rb"^[ \t]*(?:N\d+[ \t]*)?((?:M900|M572|SET_PRESSURE_ADVANCE|ACTIVATE_EXTRUDER|T\d)[^;\r\n*]*)",
    re.MULTILINE | re.IGNORECASE,
)


def advances_of(program: bytes) -> Mapping[int, tuple[int, ...]]:
    """Tool -> every value that it is given, microseconds, ascending. All but M572 with D are of the
    tool at hand, unless they name one."""
    at_hand, found = 0, dict[int, set[int]]()
    for match in _LINES.finditer(program):
        line = read_line(match[1].decode("ascii", "replace"))
        chosen = tool_of(line)
        if chosen is not None:
            at_hand = chosen
            continue
        tool, value = at_hand, None
        if line.name == "M900":
            value = line.words.get("K")
            tool = int(line.words.get("T", at_hand))
        elif line.name == "M572":
            value = line.words.get("S")
            tool = int(line.words.get("D", at_hand))
        elif line.name == "SET_PRESSURE_ADVANCE":
            value = line.number("ADVANCE")
            named = re.fullmatch(r"extruder(\d*)", line.keys.get("EXTRUDER", "").lower())
            tool = at_hand if named is None else int(named[1] or 0)
        if value is not None:
            found.setdefault(tool, set()).add(round(value * 1e6))
    return {tool: tuple(sorted(values)) for tool, values in found.items()}

"""Custom code of a preset, filled in: what is left are lines of printstd's own small language.

Slicers fill ``{expressions}``, ``[names]`` and ``{if} {elsif} {else} {endif}`` when they slice.
Here the settings are known already, so conditions and sums are decided now, for the presets that
are imported together. A temperature by itself stays open as a placeholder, since a material may be
another one tomorrow, and a height above the finished part becomes `park_z_mm`. What would need
more than that cannot be carried, and no half of it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from printstd.importing.expression import (
    ExpressionError,
    UnknownName,
    as_text,
    evaluate,
    truth,
)

TEMPERATURES: Final[Mapping[str, str]] = {
    "temperature": "nozzle_c",
    "first_layer_temperature": "first_layer_nozzle_c",
    "bed_temperature": "bed_c",
    "first_layer_bed_temperature": "first_layer_bed_c",
    "nozzle_temperature": "nozzle_c",
    "nozzle_temperature_initial_layer": "first_layer_nozzle_c",
    "bed_temperature_initial_layer": "first_layer_bed_c",
    "bed_temperature_initial_layer_single": "first_layer_bed_c",
    "hot_plate_temp": "bed_c",
    "hot_plate_temp_initial_layer": "first_layer_bed_c",
}
"""Names that stay open -> printstd's placeholder."""
_HEIGHT: Final = re.compile(r"\b(max_layer_z|layer_z)\b")
_ROOM_ABOVE: Final = re.compile(
    r"\s*\(?\s*(max_layer_z|layer_z)\s*<\s*\(?(max_print_height|printable_height)"
    r"(\s*[-*]\s*\d+\.?\d*)?\s*\)*\s*$"
)
_FIXED: Final[Mapping[str, str]] = {
    "initial_tool": "0",
    "initial_extruder": "0",
    "current_extruder": "0",
    "initial_no_support_extruder": "0",
    "has_wipe_tower": "0",
    "has_single_extruder_multi_material_priming": "0",
    "z_offset": "0",
}
"""What holds for one part, made with one tool."""
_PART: Final = re.compile(r"\{([^{}]*)\}|\[([A-Za-z_][A-Za-z0-9_]*)\]")
_NAME: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\[\s*\w+\s*\])?\s*$")
_WORD: Final = re.compile(r"\s*(if|elsif|else|endif|local|global)\b(.*)$", re.DOTALL)
MAX_CHARACTERS: Final = 100_000


class Filled(NamedTuple):
    """lines : without comments and blanks. problem : why there are none, if there are none."""

    lines: list[str]
    problem: str


class _Cannot(Exception):
    pass


def filled_lines(
    text: str, settings: Mapping[str, str], placeholders: Mapping[str, str] = TEMPERATURES
) -> Filled:
    """The code's lines. placeholders : names that stay open -> what is written for them."""
    known = {**_FIXED, **settings}
    try:
        if len(text) > MAX_CHARACTERS:
            raise _Cannot(f"{len(text)} characters")
        whole = "".join(_filled(unescaped(text), known, placeholders))
    except _Cannot as cannot:
        return Filled([], str(cannot))
    lines = (line.split(";", 1)[0].strip() for line in whole.split("\n"))
    return Filled([re.sub(r"\s+", " ", line) for line in lines if line], "")


def has_commands(text: str) -> bool:
    """Whether a code says anything to the machine; one that only comments does not."""
    return any(line.split(";", 1)[0].strip() for line in unescaped(text).split("\n"))


def unescaped(text: str) -> str:
    """Line breaks and quotes as a program has them."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return re.sub(
        r"\\(.)", lambda match: {"n": "\n", "r": "", "t": "\t"}.get(*[match[1]] * 2), text
    )


class _Branch:
    """One ``{if}``: is_live, what it is in; is_now : what stands between here and the next branch;
    is_done : a branch was taken."""

    def __init__(self, is_live: bool, is_now: bool) -> None:
        self.is_live, self.is_now, self.is_done = is_live, is_live and is_now, is_now
        self.has_else = False


def _filled(
    text: str, settings: Mapping[str, str], placeholders: Mapping[str, str]
) -> Iterator[str]:
    """The text's pieces with everything decided. What stands in a comment is not asked for."""
    open_: list[_Branch] = []
    at = 0
    line = ""
    for match in _PART.finditer(text):
        before = text[at : match.start()]
        at = match.end()
        is_live = all(branch.is_now for branch in open_)
        if is_live:
            yield before
            line = (line + before).rpartition("\n")[2]
        inner = match.group(1)
        word = _WORD.match(inner) if inner is not None else None
        if word is not None:
            _turn(word.group(1), word.group(2), open_, is_live, settings)
            continue
        if not is_live:
            continue
        value = match.group(0) if ";" in line else _value(match, line, settings, placeholders)
        yield value
        line += value
    if open_:
        raise _Cannot("an {if} without its {endif}")
    yield text[at:]


def _turn(
    word: str, condition: str, open_: list[_Branch], is_live: bool, settings: Mapping[str, str]
) -> None:
    """Come to a branch of an ``{if}``."""
    if word in ("local", "global"):
        raise _Cannot(f"it has variables of its own: {{{word}{condition[:30]}}}")
    if word == "if":
        open_.append(_Branch(is_live, is_live and _holds(condition, settings)))
        return
    if not open_:
        raise _Cannot(f"an {{{word}}} without its {{if}}")
    branch = open_[-1]
    if word == "endif":
        open_.pop()
    elif branch.has_else:
        raise _Cannot(f"an {{{word}}} after {{else}}")
    else:
        branch.has_else = word == "else"
        may = branch.is_live and not branch.is_done
        branch.is_now = may and (word == "else" or _holds(condition, settings))
        branch.is_done = branch.is_done or branch.is_now


def _holds(condition: str, settings: Mapping[str, str]) -> bool:
    """There is room above the part as far as `park_z_mm` goes, which ends at the machine's top."""
    if _ROOM_ABOVE.match(condition):
        return True
    try:
        return truth(condition, settings)
    except UnknownName as error:
        raise _Cannot(f"{{if{condition}}} needs {error.name}, which is known later") from error
    except ExpressionError as error:
        raise _Cannot(f"{{if{condition}}}: {error}") from error


def _value(
    match: re.Match[str], line: str, settings: Mapping[str, str], placeholders: Mapping[str, str]
) -> str:
    text = match.group(1) if match.group(1) is not None else match.group(2)
    name = _NAME.match(text)
    if name is not None and name.group(1) in placeholders:
        return f"{{{placeholders[name.group(1)]}}}"
    if _HEIGHT.search(text) and line.endswith("Z"):
        return "{park_z_mm}"
    try:
        return as_text(evaluate(text, settings)).split(",")[0]
    except UnknownName as error:
        raise _Cannot(f"{{{text}}} needs {error.name}, which is known later") from error
    except ExpressionError as error:
        raise _Cannot(f"{{{text}}}: {error}") from error

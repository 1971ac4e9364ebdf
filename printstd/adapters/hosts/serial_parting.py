"""How a print ends that is cancelled on a serial line: heaters off, the head up and parked.

Other hosts have macros for it. Here it is what the program's own end says, and of that only what
is safe wherever the print stands: what switches off, one lift, and moves over the bed above it.
Those lines are the printer profile's own code and were certified with the rest. Nothing is extruded
or retracted, nothing goes down, and a machine that was not homed yet is not moved at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from printstd.adapters.hosts.serial_lines import word

_ALWAYS: Final = (b"M104 S0", b"M140 S0", b"M107")
_SWITCHES: Final = (b"M104", b"M140", b"M141", b"M106")
_MOTORS_OFF: Final = (b"M84", b"M18")
_MOVES: Final = (b"G0", b"G1", b"G00", b"G01", b"G2", b"G3", b"G02", b"G03")
_WORD: Final = re.compile(rb"([A-Z])[ \t]*([-+]?(?:\d+\.?\d*|\.\d+))")


class _Move(NamedTuple):
    """axes : as they are commanded. is_relative : to where the head stands."""

    axes: dict[bytes, float]
    is_relative: bool
    command: bytes


def parting(commands: Sequence[bytes], done: int) -> tuple[bytes, ...]:
    """What is sent when a print is cancelled after `done` of its commands."""
    moves = list(_read(commands))
    end = _end_of_part(moves)
    tail = commands[end:]
    off = [line for line in tail if word(line) in _SWITCHES and _words(line).get(b"S") == 0.0]
    switched = tuple(dict.fromkeys((*_ALWAYS, *off)))
    if not any(word(line) == b"G28" for line in commands[:done]):
        return switched
    parked = _parked(moves[end:], _height(moves[:done]))
    motors = tuple(line for line in tail if word(line) in _MOTORS_OFF)[:1]
    if not parked:
        return switched
    # An acknowledged move is one that waits in the board; M400 is acknowledged after it.
    return (*switched, *parked, b"M400", *motors)


def _words(command: bytes) -> dict[bytes, float]:
    _, _, rest = command.upper().partition(b" ")
    return {key: float(value) for key, value in _WORD.findall(rest)}


def _read(commands: Sequence[bytes]) -> list[_Move | None]:
    """Each command's move; None for those that are none."""
    found: list[_Move | None] = []
    is_relative = False
    for command in commands:
        name = word(command)
        if name in (b"G90", b"G91"):
            is_relative = name == b"G91"
        found.append(_Move(_words(command), is_relative, command) if name in _MOVES else None)
    return found


def _end_of_part(moves: Sequence[_Move | None]) -> int:
    """Behind the last command that moves over the bed while it feeds filament. Wipes, that draw it
    back, are no such; absolute E is taken for feeding, which leaves less of the end, never more."""
    for at in range(len(moves) - 1, -1, -1):
        one = moves[at]
        if one is not None and one.axes.get(b"E", 0.0) > 0 and one.axes.keys() & {b"X", b"Y"}:
            return at + 1
    return len(moves)


def _height(moves: Sequence[_Move | None]) -> float:
    """The highest that was commanded, by absolute moves and what relative ones add to them."""
    at = highest = 0.0
    for one in moves:
        if one is not None and b"Z" in one.axes:
            at = at + one.axes[b"Z"] if one.is_relative else one.axes[b"Z"]
            highest = max(highest, at)
    return highest


def _parked(moves: Sequence[_Move | None], height_mm: float) -> tuple[bytes, ...]:
    """The first lift above all that was printed, and absolute moves at that height behind it."""
    found: list[bytes] = []
    for one in moves:
        if one is None:
            continue
        z = one.axes.get(b"Z")
        if not found:
            if z is not None and (z > 0 if one.is_relative else z >= height_mm):
                mode = b"G91" if one.is_relative else b"G90"
                feed = _said(one.axes, b"F")
                found = [mode, b"G1 Z%s%s" % (_number(z), feed), b"G90"]
        elif z is not None:
            break
        elif not one.is_relative and one.axes.keys() & {b"X", b"Y"} and word(one.command)[1:] in (
            b"0", b"1", b"00", b"01",
        ):  # fmt: skip
            found.append(b"G1%s" % b"".join(_said(one.axes, axis) for axis in (b"X", b"Y", b"F")))
    return tuple(found)


def _said(axes: dict[bytes, float], axis: bytes) -> bytes:
    return b" %s%s" % (axis, _number(axes[axis])) if axis in axes else b""


def _number(value: float) -> bytes:
    return (f"{value:.3f}".rstrip("0").rstrip(".") or "0").encode("ascii")

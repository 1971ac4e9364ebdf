"""The line protocol of Marlin and its kin: what is sent, and what an answer means. Pure.

Facts of the protocol: one line is in flight; ``ok`` means received and handled or queued; a
``Resend`` is followed by an ``ok`` of its own, which acknowledges nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum, auto
from functools import reduce
from operator import xor
from typing import Final

MAX_LINE_BYTES: Final = 96
"""Marlin's MAX_CMD_SIZE: number, checksum and line end included."""


def frame(number: int, command: bytes) -> bytes:
    """``N<number> <command>*<xor of all bytes before the star>``."""
    body = b"N%d %s" % (number, command)
    return b"%s*%d\n" % (body, reduce(xor, body, 0))


class Kind(Enum):
    """What kind of thing a board said."""

    OK = auto()
    RESEND = auto()
    """`number` is the line that it wants next."""
    LINE_GARBLED = auto()
    """The line in flight came broken; a Resend follows as a rule. `number` is its last good one."""
    LINE_OUT_OF_ORDER = auto()
    FATAL = auto()
    STARTED = auto()
    """It began anew: what it was doing is lost."""
    BUSY = auto()
    WAITING = auto()
    """``wait``: it has nothing to do, and no news of the line in flight."""
    TEMPERATURES = auto()
    ACTION = auto()
    CAPABILITY = auto()
    ECHO = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    kind: Kind
    text: str
    number: int | None = None


_RESEND: Final = re.compile(r"(?:Resend|rs)\s*:?\s*N?(\d+)", re.IGNORECASE)
_LAST: Final = re.compile(r"Last Line:?\s*(\d+)", re.IGNORECASE)
_GARBLED: Final = re.compile(
    r"checksum mismatch|no checksum with line number|no line number with checksum|missing checksum"
    r"|format error",
    re.IGNORECASE,
)
_OUT_OF_ORDER: Final = re.compile(
    r"line number is not last line number|expected line \d+ got|line number is not", re.IGNORECASE
)
# Of an SD card that is not there, or not readable: nothing of ours.
_OF_CARDS: Final = re.compile(
    r"volume\.init|openroot|workdir|no media|cannot open|open failed|cannot enter|sd init",
    re.IGNORECASE,
)
_TEMPERATURE: Final = re.compile(
    r"(?:^|\s)([TBC]\d?):\s*(-?\d+(?:\.\d+)?)(?:\s*/\s*(-?\d+(?:\.\d+)?))?"
)


def understood(line: str) -> Answer:
    """A line of a board, without its end."""
    text = line.strip()
    if text == "ok" or text.startswith("ok "):
        return Answer(Kind.OK, text)
    if match := _RESEND.match(text):
        return Answer(Kind.RESEND, text, int(match[1]))
    if text.startswith("!!"):
        return Answer(Kind.FATAL, text)
    if text.lower().startswith("error:"):
        last = _LAST.search(text)
        number = int(last[1]) if last else None
        if _GARBLED.search(text):
            return Answer(Kind.LINE_GARBLED, text, number)
        if _OUT_OF_ORDER.search(text):
            return Answer(Kind.LINE_OUT_OF_ORDER, text, number)
        return Answer(Kind.ECHO if _OF_CARDS.search(text) else Kind.FATAL, text)
    if text == "start":
        return Answer(Kind.STARTED, text)
    if text.startswith(("echo:busy:", "busy:")):
        return Answer(Kind.BUSY, text)
    if text == "wait":
        return Answer(Kind.WAITING, text)
    if text.startswith("//"):
        body = text[2:].strip()
        if body.startswith("action:"):
            return Answer(Kind.ACTION, body.removeprefix("action:").strip())
        return Answer(Kind.ECHO, text)
    if text.startswith("Cap:") or "FIRMWARE_NAME:" in text:
        return Answer(Kind.CAPABILITY, text)
    if text.startswith("echo:"):
        return Answer(Kind.ECHO, text)
    if text.startswith(("T:", "T0:", "B:")):
        return Answer(Kind.TEMPERATURES, text)
    return Answer(Kind.OTHER, text)


def temperatures(text: str) -> dict[str, tuple[float, float]]:
    """Measured and commanded of each heater: ``T:210.1 /210.0 B:60 /60`` (``T0``, ``T1`` where it
    tells them apart), in the names tool0, tool1, bed, chamber."""
    found: dict[str, tuple[float, float]] = {}
    for name, measured, target in _TEMPERATURE.findall(text):
        if name[0] == "T":
            key = f"tool{name[1:] or 0}"
        else:
            key = {"B": "bed", "C": "chamber"}[name[0]]
        found[key] = (float(measured), float(target or 0.0))
    return found


def capabilities(text: str, known: dict[str, bool]) -> str | None:
    """Adds ``Cap:NAME:1`` to `known`; the firmware's name where the line tells it."""
    if match := re.match(r"Cap:([A-Z0-9_]+):([01])", text):
        known[match[1]] = match[2] == "1"
    match = re.search(r"FIRMWARE_NAME:\s*(.+?)(?=\s+[A-Z_]+:|$)", text)
    return match[1] if match else None


_HEATS: Final = (b"M109", b"M190", b"M191", b"M116", b"M303")
_SLOW: Final = (b"G28", b"G29", b"G30", b"G4", b"G34", b"M400", b"M600", b"M0", b"M1", b"M48")


def word(command: bytes) -> bytes:
    """``G1`` of ``G1 X5``."""
    return command.split(b" ", 1)[0].upper()


def waits_for_heat(command: bytes) -> bool:
    return word(command) in _HEATS


def takes_long(command: bytes) -> bool:
    return word(command) in _SLOW


@dataclass(frozen=True, slots=True)
class SentProgram:
    """commands : what goes to the board. ends : for each, the byte of the program after its line.
    layers : for each layer, the byte at which it begins. size : of the program in bytes."""

    commands: tuple[bytes, ...]
    ends: tuple[int, ...]
    layers: tuple[int, ...]
    size: int

    def layer(self, at_byte: int) -> int | None:
        """Counted from 1; None before the first, or where the program does not mark them."""
        return bisect_left(self.layers, at_byte) or None


def program_of(data: bytes) -> SentProgram:
    """Comments and empty lines are not sent."""
    commands, ends, layers, at = [], [], [], 0
    for line in data.splitlines(keepends=True):
        if line.startswith((b";LAYER_CHANGE", b";LAYER:")):
            layers.append(at)
        at += len(line)
        command = line.split(b";", 1)[0].strip()
        if command:
            commands.append(command)
            ends.append(at)
    return SentProgram(tuple(commands), tuple(ends), tuple(layers), len(data))

"""Lines that a host sent to a printer, followed along the program that it was to send.

A host strips comments and blanks and sends the rest in order; what it sends besides is its own talk
(asking for temperatures) or somebody's doing. Where the two part ways, the line is told as
outside; where a line of the program was not sent, it is told as left out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_AHEAD: Final = 8
"""Lines of the program that may have been left out before one that was sent."""
_FAR: Final = 20_000
"""Lines that are searched for the place again after the channel was interrupted."""

HARMLESS: Final = frozenset(
    (
        "M20",
        "M21",
        "M27",
        "M31",
        "M73",
        "M105",
        "M108",
        "M110",
        "M111",
        "M113",
        "M114",
        "M115",
        "M117",
        "M118",
        "M119",
        "M154",
        "M155",
        "M400",
        "M408",
        "M503",
        "M876",
        "STATUS",
        "HELP",
        "RESPOND",
        "GET_POSITION",
        "QUERY_ENDSTOPS",
        "QUERY_ADC",
        "QUERY_FILAMENT_SENSOR",
    )
)
"""They ask or tell something and change nothing of the part."""

_ENOUGH: Final = 3
"""Lines that name a place."""
_NUMBER: Final = re.compile(r"N(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Own:
    """A line of the program. offset : where it begins, left_out : lines before it that were not
    sent, with their offsets."""

    offset: int
    left_out: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """A line that the program does not have at this place."""

    line: str


Followed = Own | Outside


def bare(text: str) -> str:
    """A line as a host sends it: no comment, no blanks around it."""
    return text.split(";", 1)[0].strip()


@dataclass(frozen=True, slots=True)
class _Jump:
    """A line that was found further ahead, until the next one confirms it. before : the place it
    was looked for at; skipped : what was jumped over; line, start : what was found and where."""

    before: int
    skipped: tuple[tuple[int, str], ...]
    line: str
    start: int


class Unnumbered:
    """Takes line numbers and checksums off, and lines away that are sent again."""

    def __init__(self) -> None:
        self.last = -1

    def take(self, line: str) -> str | None:
        """The command; None for one that was sent before under the same number."""
        line = line.strip()
        found = _NUMBER.match(line)
        if found is None:
            return line
        number, command = int(found[1]), line[found.end() :]
        rest, star, checksum = command.rpartition("*")
        if star and checksum.isdecimal():
            command = rest.rstrip()
        if command.startswith("M110"):
            again = re.search(r"N(\d+)", command)
            self.last = int(again[1]) if again else number
            return command
        if number <= self.last:
            return None
        self.last = number
        return command


class Following:
    """The program's lines one after the other, against those that were sent."""

    def __init__(self, program: bytes) -> None:
        self.program = program
        self.at = 0
        """Offset behind the last line that was sent."""
        self.is_lost = False
        self._doubted: _Jump | None = None
        self._places: list[int] = []
        self._matched = 0
        """While the place is lost: where it could be, by so many lines."""

    def lines_from(self, offset: int) -> Iterator[tuple[int, int, str]]:
        """(start, end, bare text) of lines that would be sent."""
        program, size = self.program, len(self.program)
        while offset < size:
            end = program.find(b"\n", offset)
            end = size if end < 0 else end + 1
            text = bare(program[offset:end].decode("utf-8", "replace"))
            if text:
                yield offset, end, text
            offset = end

    @property
    def is_done(self) -> bool:
        return next(self.lines_from(self.at), None) is None

    def lose(self) -> None:
        """Lines may have been missed: the place is found again by those that follow."""
        self.is_lost, self._doubted, self._places = True, None, []

    def take(self, line: str) -> list[Followed]:
        """What the line, and ones before it that were in doubt, turned out to be."""
        line = line.strip()
        if not line:
            return []
        if self.is_lost:
            return self._find(line)
        jump, self._doubted = self._doubted, None
        return self._next(line) if jump is None else self._after_a_jump(jump, line)

    def _next(self, line: str) -> list[Followed]:
        skipped: list[tuple[int, str]] = []
        before = self.at
        for start, end, text in self.lines_from(self.at):
            if text == line:
                self.at = end
                if skipped:
                    self._doubted = _Jump(before, tuple(skipped), line, start)
                    return []
                return [Own(start)]
            skipped.append((start, text))
            if len(skipped) > _AHEAD:
                break
        return [Outside(line)]

    def _after_a_jump(self, jump: _Jump, line: str) -> list[Followed]:
        """The line after one that was found further ahead: it goes on from there, or shows that
        the one before was not the program's."""
        if line == jump.skipped[0][1]:
            self.at = jump.before
            return [Outside(jump.line), *self._next(line)]
        ahead = next(self.lines_from(self.at), None)
        if ahead is not None and ahead[2] != line and command_of(line) in HARMLESS:
            self._doubted = jump
            return [Outside(line)]
        return [Own(jump.start, jump.skipped), *self._next(line)]

    def settle(self) -> list[Followed]:
        """At the end: what was in doubt is taken as it was found."""
        jump, self._doubted = self._doubted, None
        return [] if jump is None else [Own(jump.start, jump.skipped)]

    def _find(self, line: str) -> list[Followed]:
        """Every place where the lines since could have been sent from, until one is left; what was
        sent meanwhile is not told apart."""
        if command_of(line) in HARMLESS:
            return [Outside(line)]
        if self._places:
            ahead = (next(self.lines_from(place), None) for place in self._places)
            self._places = [one[1] for one in ahead if one is not None and one[2] == line]
            self._matched += 1
        if not self._places:
            lines = itertools.islice(self.lines_from(self.at), _FAR)
            self._places, self._matched = [end for _, end, text in lines if text == line], 1
        if len(self._places) == 1 and self._matched >= _ENOUGH:
            self.at, self.is_lost = self._places[0], False
        return []


def command_of(line: str) -> str:
    """``G1`` of ``G1 X5``, ``M106`` of ``M106S20``."""
    found = re.match(r"([A-Z]\d+(?:\.\d+)?|[A-Z_]+)", line.strip().upper())
    return found[1] if found else ""

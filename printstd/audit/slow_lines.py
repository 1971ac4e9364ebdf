"""The lines that are no ordinary moves, one at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Command:
    """One command that is no move.

    words : letter -> number, None where the letter stands alone; keys : KEY -> value of an extended
    command; text : the free text of a message.
    """

    name: str
    words: tuple[tuple[str, float | None], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    text: str = ""
    line: int = 0
    """1-based."""

    def at(self, line: int) -> Command:
        return replace(self, line=line)

    def get(self, letter: str) -> float | None:
        """The number of a letter; None where it is absent or stands alone."""
        return next((value for name, value in self.words if name == letter), None)

    def has(self, letter: str) -> bool:
        return any(name == letter for name, _ in self.words)

    @property
    def letters(self) -> tuple[str, ...]:
        """Letters, or the KEY names of an extended command."""
        return tuple(name for name, _ in self.words or self.keys)


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a firmware's own commands need that the grammar refuses to all others.

    free_text : commands whose words are a message for people, or a name. with_command_letters :
    commands that have a word G, M or N of their own. any_blanks : lines may be indented, and words
    stand apart by several blanks: all firmwares skip them, but only where a firmware's own
    programs are written so are they let through.
    """

    free_text: frozenset[str] = frozenset()
    with_command_letters: frozenset[str] = frozenset()
    any_blanks: bool = False


PLAIN: Final = Spelling()

_HEAD: Final = re.compile(rb"([GMT])(0|[1-9][0-9]{0,3})(\.[0-9])?(?= |$)")
_WORD: Final = re.compile(rb"([A-Z])(-?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15}))?$")
_EXTENDED: Final = re.compile(
    rb"((?![A-Z][0-9])[A-Z_][A-Z0-9_]+)((?: [A-Z_][A-Z0-9_]*=[!$-&(),-:<-\[\]-~]+)*)$"
)
"""Of printable bytes a value may hold neither ``;`` nor what Klipper takes for the start of a
comment (``#``, ``*``), nor what its splitting into words takes for a quote or an escape."""
_FREE: Final = re.compile(rb"[ -\[\]-~]*$")
"""Printable ASCII but the backslash, which escapes the next byte in Marlin."""


def command_name(line: bytes) -> str | None:
    """The command that a line starts with, whatever follows."""
    head = _HEAD.match(line)
    return head.group(0).decode("ascii") if head else None


def read_command(line: bytes, spelling: Spelling) -> Command | str:
    """The command of one line's executable part, or ``"L-0n what is wrong"``."""
    head = _HEAD.match(line)
    if head is None:
        return _extended(line)
    name = head.group(0).decode("ascii")
    rest = line[head.end() :]
    if not rest:
        return Command(name)
    words: list[tuple[str, float | None]] = []
    for piece in rest[1:].split(b" "):
        word = _WORD.match(piece)
        if word is None:
            if name in spelling.free_text and _FREE.match(rest) and b"*" not in rest:
                return Command(name, text=rest[1:].decode("ascii"))
            return _bad_piece(piece)
        letter = word.group(1).decode("ascii")
        has_number = word.group(2) is not None
        if name not in spelling.with_command_letters and (
            letter == "N" or (letter in "GM" and has_number) or (letter == "T" and not has_number)
        ):
            return f"L-03 {_shown(piece)} starts a second command"
        if any(letter == seen for seen, _ in words):
            return f"L-04 {letter} is given twice"
        words.append((letter, None if word.group(2) is None else float(word.group(2))))
    return Command(name, tuple(words))


def _bad_piece(piece: bytes) -> str:
    if not piece:
        return "L-03 two blanks in a row"
    return f"L-03 {_shown(piece)} is no word"


def _extended(line: bytes) -> Command | str:
    match = _EXTENDED.match(line)
    if match is None:
        return f"L-03 {_shown(line)} is no command"
    keys: list[tuple[str, str]] = []
    for piece in match.group(2).split(b" ")[1:]:
        key, _, value = piece.partition(b"=")
        name = key.decode("ascii")
        if any(name == seen for seen, _ in keys):
            return f"L-04 {name} is given twice"
        keys.append((name, value.decode("ascii")))
    return Command(match.group(1).decode("ascii"), keys=tuple(keys))


def _shown(text: bytes) -> str:
    return repr(text[:40].decode("latin-1"))

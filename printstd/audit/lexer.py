"""From the program's bytes to moves and commands, by one strict grammar.

    line     = [command] [" "*] [";" comment]
    command  = ("G" | "M" | "T") digits ["." digit] (" " LETTER decimal)*
             | NAME (" " KEY "=" value)*              an extended command of Klipper

Firmwares disagree about everything beyond that (facts of certification 7.3: lower case, exponents,
parentheses, quotes, line numbers, missing newlines), so everything beyond it is a finding. The
ordinary lines, G0 to G3, are read by NumPy over the whole buffer; the others one by one.

A comment ends here: nothing after a line's first ``;`` is read by anything but the check that its
bytes are text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.decimals import read_decimals
from printstd.audit.slow_lines import PLAIN, Command, Spelling, command_name, read_command
from printstd.audit.spelling import respaced, unnumbered, upper
from printstd.words import said

MOVE_LETTERS: Final = "XYZEFIJ"
"""Letters that a move may carry; the column of each in `Moves.words`."""
EXECUTABLE_MAX: Final = 95
"""Bytes of a line without its comment: Marlin cuts at MAX_CMD_SIZE - 1."""
EXTENDED_MAX: Final = 2048
"""The same for Klipper's extended commands, which only Klipper reads (its own limit is memory)."""

_NEWLINE, _RETURN, _SEMICOLON, _SPACE = 10, 13, 59, 32
_BLOCK: Final = 16384
"""Moves that are read together: what is made on the way stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One line that breaks a lexical rule."""

    rule_id: str
    line: int
    """1-based; 0 where it is the file as a whole."""
    byte: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Every G0, G1, G2, G3 line, in order.

    line : (m,) int64, 1-based. kind : (m,) uint8, the digit after G.
    words : (m, 7) float64, NaN where absent, columns as `MOVE_LETTERS`; the file's own numbers.
    letters : (m,) uint32, bit 0 = A: all letters that the line has.
    """

    line: NDArray[np.int64]
    kind: NDArray[np.uint8]
    words: NDArray[np.float64]
    letters: NDArray[np.uint32]

    def without_words(self) -> Moves:
        """The same with no row of words."""
        return replace(self, words=np.empty((0, len(MOVE_LETTERS))))


@dataclass(frozen=True, slots=True, eq=False)
class Lexed:
    """A program after the lexer."""

    n_lines: int
    moves: Moves
    commands: tuple[Command, ...]
    """Everything that is no move, in order."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Where each line starts, where its executable part ends, where it ends."""

    start: NDArray[np.int64]
    executable_end: NDArray[np.int64]
    end: NDArray[np.int64]


def lex(data: bytes, *, spelling: Spelling = PLAIN) -> Lexed:
    """Read a program. spelling : what of the firmware's own the grammar lets through.

    Nothing raises: what is not understood is a problem, and the rest is read all the same.
    """
    if spelling.any_blanks:
        narrow, origin = respaced(data)
        if len(narrow) < len(data):
            lexed = lex(narrow, spelling=replace(spelling, any_blanks=False))
            moved = (replace(one, byte=int(origin[one.byte])) for one in lexed.problems)
            return replace(lexed, problems=tuple(moved))
    buffer = np.frombuffer(data + b"\n\0\0\0\0", np.uint8)
    problems = _byte_problems(buffer, data)
    lines = _lines(buffer, len(data))
    for row, what in unnumbered(data, lines.start, lines.executable_end):
        problems.append(Problem("L-03", row + 1, int(lines.start[row]), what))
    head = buffer[lines.start[:, None] + np.arange(3)] if len(lines.start) else _NO_HEAD
    length = lines.executable_end - lines.start
    digit = head[:, 1].astype(np.int64) - 48
    is_move = (
        (length >= 4)
        & np.isin(head[:, 0], (ord("G"), ord("g")))
        & (digit >= 0)
        & (digit <= 3)
        & (head[:, 2] == _SPACE)
    )
    rows = np.flatnonzero(is_move)
    moves, found = _read_moves(buffer, lines, rows, digit[rows].astype(np.uint8))
    problems += found
    problems += _turn_problems(data, lines, rows, moves)
    commands = []
    cache: dict[bytes, Command | str] = {}
    cased: dict[bytes, Command | None] = {}
    for row in np.flatnonzero(~is_move & (length > 0)).tolist():
        first = int(lines.start[row])
        text = data[first : int(lines.executable_end[row])]
        known = cache.get(text)
        if known is None:
            known = cache[text] = read_command(text, spelling)
            capital = upper(text)
            if isinstance(known, str) and capital is not None:
                # Klipper reads capitals into it, Marlin nothing at all.
                read = read_command(capital, spelling)
                cased[text] = read if isinstance(read, Command) else None
        if isinstance(known, str):
            problems.append(Problem(known[:4], row + 1, first, known[5:]))
            name = command_name(text)
            spelled = cased.get(text)
            if spelled is not None:
                commands.append(spelled.at(row + 1))
            elif name is not None:
                # Its words are lost; that it is there is not.
                commands.append(Command(name, line=row + 1))
        else:
            commands.append(known.at(row + 1))
    problems += _length_problems(buffer, lines, length)
    problems.sort(key=lambda problem: (problem.rule_id, problem.line, problem.byte))
    return Lexed(len(lines.start), moves, tuple(commands), tuple(problems))


_NO_HEAD: Final = np.zeros((0, 3), np.uint8)


def _lines(buffer: NDArray[np.uint8], size: int) -> _Lines:
    ends = np.flatnonzero(buffer[:size] == _NEWLINE)
    if size and buffer[size - 1] != _NEWLINE:
        ends = np.append(ends, size)
    starts = np.empty_like(ends)
    if len(ends):
        starts[0], starts[1:] = 0, ends[:-1] + 1
    marks = np.append(np.flatnonzero(buffer[:size] == _SEMICOLON), size)
    # As Windows ends its lines; a finding (L-01), and no part of the last word.
    text_ends = ends - ((ends > starts) & (buffer[ends - 1] == _RETURN))
    executable = np.minimum(marks[np.searchsorted(marks, starts)], text_ends)
    # Blanks before a comment belong to it.
    rows = np.flatnonzero((executable > starts) & (buffer[executable - 1] == _SPACE))
    while len(rows):
        executable[rows] -= 1
        more = (executable[rows] > starts[rows]) & (buffer[executable[rows] - 1] == _SPACE)
        rows = rows[more]
    return _Lines(starts, executable, ends)


def _line_of(lines_end: NDArray[np.int64], byte: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(lines_end, byte) + 1


_NAMES: Final = {
    0: said("NUL in the text"),
    9: said("tab in the text"),
    13: said("carriage return in the text"),
    8: said("backspace in the text"),
    127: said("delete in the text"),
}


def _byte_problems(buffer: NDArray[np.uint8], data: bytes) -> list[Problem]:
    size = len(data)
    body = buffer[:size]
    problems = []
    newlines = np.flatnonzero(body == _NEWLINE)
    odd = np.flatnonzero(((body < 32) & (body != _NEWLINE)) | (body == 127))
    for byte, line in zip(odd[:20].tolist(), _line_of(newlines, odd[:20]).tolist(), strict=True):
        value = data[byte]
        text = _NAMES.get(value) or said("control byte 0x{value:02x} in the text", value=value)
        problems.append(Problem("L-01", line, byte, text))
    if len(odd) > 20:
        problems.append(
            Problem("L-01", 0, 0, said("{count} more control bytes", count=len(odd) - 20))
        )
    if data[:3] == b"\xef\xbb\xbf":
        problems.append(Problem("L-01", 1, 0, said("byte order mark")))
    if bool((body >= 128).any()):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as bad:
            line = data.count(b"\n", 0, bad.start) + 1
            problems.append(Problem("L-01", line, bad.start, said("bytes that are no UTF-8 text")))
    if not size:
        problems.append(Problem("L-01", 0, 0, said("the file is empty")))
    elif data[-1] != _NEWLINE:
        last = data.count(b"\n") + 1
        text = said("no newline after the last line: Klipper drops that line, Marlin runs it")
        problems.append(Problem("L-01", last, size - 1, text))
    return problems


def _length_problems(
    buffer: NDArray[np.uint8], lines: _Lines, length: NDArray[np.int64]
) -> list[Problem]:
    problems = []
    for row in np.flatnonzero(length > EXECUTABLE_MAX).tolist():
        start, n = int(lines.start[row]), int(length[row])
        second = int(buffer[start + 1])
        is_extended = not 48 <= second <= 57
        limit = EXTENDED_MAX if is_extended else EXECUTABLE_MAX
        if n > limit:
            text = said(
                "{count} bytes before the comment, at most {limit} are read by every firmware",
                count=n,
                limit=limit,
            )
            problems.append(Problem("L-02", row + 1, start, text))
    return problems


_ONE_TURN: Final = re.compile(rb" P1(?= |$)")


def _turn_problems(
    data: bytes, lines: _Lines, rows: NDArray[np.int64], moves: Moves
) -> list[Problem]:
    """P of an arc is a number of turns: one, from a place around to the same, is what start equal
    to end says anyway. Firmwares add others to what X and Y say, or do not."""
    problems = []
    has_turns = (moves.kind >= 2) & (moves.letters >> _bit("P") & 1 > 0)
    for index in np.flatnonzero(has_turns).tolist():
        row = int(rows[index])
        start, end = int(lines.start[row]), int(lines.executable_end[row])
        ends_elsewhere = int(moves.letters[index]) >> _bit("X") & 3
        if ends_elsewhere or not _ONE_TURN.search(data[start:end]):
            text = said("an arc of more turns than one, or of turns and a part of one")
            problems.append(Problem("L-04", row + 1, start, text))
    return problems


def _bit(letter: str) -> int:
    return ord(letter) - 65


_COLUMN: Final = np.full(256, -1, np.int64)
for _index, _letter in enumerate(MOVE_LETTERS):
    _COLUMN[ord(_letter)] = _index


def _read_moves(
    buffer: NDArray[np.uint8], lines: _Lines, rows: NDArray[np.int64], kind: NDArray[np.uint8]
) -> tuple[Moves, list[Problem]]:
    """Words of the lines `rows`, which start with ``Gd `` and hold something after it."""
    words = np.full((len(rows), len(MOVE_LETTERS)), np.nan)
    letters = np.zeros(len(rows), np.uint32)
    problems: list[Problem] = []
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        problems += _read_block(buffer, lines, rows[block], words[block], letters[block])
    return Moves(rows + 1, kind, words, letters), problems


def _read_block(
    buffer: NDArray[np.uint8],
    lines: _Lines,
    rows: NDArray[np.int64],
    words: NDArray[np.float64],
    letters: NDArray[np.uint32],
) -> list[Problem]:
    """Fill `words` and `letters` of a run of moves."""
    base = int(lines.start[rows[0]])
    # Numbers are read by whole words, which may begin before the first line and end after the last.
    base -= min(base, 8)
    first = lines.start[rows] + 2 - base
    last = lines.executable_end[rows] - base
    own = buffer[base : base + int(last[-1]) + 4]
    # Every blank inside an ordinary line starts a word.
    step = np.zeros(len(own), np.int8)
    step[first] = 1
    step[last] -= 1
    inside = np.cumsum(step, dtype=np.int8).view(bool)
    blank = np.flatnonzero(inside & (own == _SPACE))
    move = np.searchsorted(first, blank, side="right") - 1
    start = blank + 1
    end = np.empty_like(start)
    is_final = np.append(move[1:] != move[:-1], True)
    end[:-1] = blank[1:]
    end[is_final] = last[move[is_final]]
    letter = own[start]
    is_lower = (letter >= 97) & (letter <= 122)
    letter = np.where(is_lower, letter - 32, letter)
    decimals = read_decimals(own, start + 1, end)
    is_letter = (letter >= 65) & (letter <= 90)
    column = _COLUMN[letter]
    kept = column >= 0
    words[move[kept], column[kept]] = decimals.values[kept]
    bit = np.where(is_letter, np.uint32(1) << (letter.astype(np.uint32) - 65) % 32, 0)
    border = np.flatnonzero(np.append(True, move[1:] != move[:-1]))
    letters[move[border]] = np.bitwise_or.reduceat(bit.astype(np.uint32), border)
    n_words = np.zeros(len(rows), np.int64)
    n_words[move[border]] = np.diff(np.append(border, len(start)))
    problems = []
    is_second = is_letter & np.isin(letter, np.frombuffer(b"GMTN", np.uint8))
    is_empty = is_letter & (end - start == 1)
    wrong = ~is_letter | (~decimals.is_number & ~is_empty) | is_second
    for index in np.flatnonzero(wrong).tolist():
        text = bytes(own[start[index] : end[index]]).decode("latin-1")
        row = int(rows[move[index]])
        what = (
            said("{text!r} starts a second command", text=text)
            if is_second[index]
            else said("{text!r} is no word", text=text)
        )
        problems.append(Problem("L-03", row + 1, int(start[index]) + base, what))
    is_small = own[first - 2] == ord("g")
    is_small[move[is_lower]] = True
    for index in np.flatnonzero(is_small).tolist():
        row = int(rows[index])
        what = said("lower case: Klipper runs it, Marlin does not")
        problems.append(Problem("L-03", row + 1, int(lines.start[row]), what))
    for index in np.flatnonzero(is_empty & ~is_second).tolist():
        row = int(rows[move[index]])
        what = said("{letter} has no number", letter=chr(int(letter[index])))
        problems.append(Problem("L-04", row + 1, int(start[index]) + base, what))
    doubled = np.bitwise_count(letters) < n_words
    for index in np.flatnonzero(doubled).tolist():
        row = int(rows[index])
        if not wrong[move == index].any():
            problems.append(
                Problem("L-04", row + 1, int(lines.start[row]), said("a letter is given twice"))
            )
    return problems

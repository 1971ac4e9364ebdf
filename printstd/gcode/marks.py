"""What stands between the moves: gathered by kind, put in its place in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from printstd.gcode.numbers import decimal_lines

if TYPE_CHECKING:
    from printstd.gcode.moves import MoveLines


class Marks:
    """Lines with the move that each stands before. Where several stand before one move, they keep
    the order in which they were added."""

    def __init__(self) -> None:
        self._at: list[NDArray[np.int64]] = []
        self._texts: list[bytes] = []
        self._distinct: dict[bytes, None] = {}

    def add(self, at: NDArray[np.int64], texts: Sequence[bytes]) -> None:
        """at : (k,) int64, indices of moves. texts : k runs of lines, each with its newline."""
        self._distinct.update(dict.fromkeys(texts))
        self._at.append(at)
        self._texts += texts

    def add_changes(
        self,
        rows: NDArray[np.int64],
        values: NDArray[np.signedinteger],
        say: Callable[[int], str],
        before: NDArray[np.signedinteger] | None = None,
    ) -> None:
        """A mark where a value differs from the last one that was said.

        rows : (k,) int64, the moves that have a say. values : (k,). before : (k,), what is in force
        at each; the value of the row before it, if not given, and nothing before the first. say : a
        value's line; every distinct one is worded once.
        """
        differs = _differs(values, before)
        new = values[differs].tolist()
        words = {value: as_bytes([say(value)]) for value in sorted(set(new))}
        self._distinct.update(dict.fromkeys(words.values()))
        self._at.append(rows[differs])
        self._texts += [words[value] for value in new]

    def add_comments(
        self,
        rows: NDArray[np.int64],
        values: NDArray[np.signedinteger],
        head: str,
        decimals: int,
        before: NDArray[np.signedinteger] | None = None,
    ) -> None:
        """`add_changes` of a comment of `head` and `decimal_text`, for values of which there may be
        nearly as many as moves."""
        differs = _differs(values, before)
        new, word = np.unique(values[differs], return_inverse=True)
        words = decimal_lines(head, new, decimals)
        self._at.append(rows[differs])
        self._texts += [words[number] for number in word.tolist()]

    def lines(self) -> Iterable[str]:
        """Each distinct line, in the order of first use; those of `add_comments` left out."""
        return (line for text in self._distinct for line in text.decode("ascii").splitlines())

    def leave_open(self, at: NDArray[np.int64]) -> None:
        """Places for lines that are not known yet. at : (k,) int64, indices of moves, rising."""
        self.add(at, [b""] * len(at))

    def merged(self, moves: MoveLines) -> tuple[bytes, NDArray[np.int64]]:
        """The moves with all marks in their places, and the bytes where places were left open."""
        at = np.concatenate([np.zeros(0, np.int64), *self._at])
        order = np.argsort(at, kind="stable")
        cuts = moves.start[at[order]].tolist()
        # Move, mark, move, ..., mark, move; several marks in one place have nothing between them.
        pieces = [b""] * (2 * len(cuts) + 1)
        pieces[:-1:2] = [moves.data[a:b] for a, b in zip([0, *cuts], cuts, strict=False)]
        pieces[1::2] = [self._texts[number] for number in order.tolist()]
        pieces[-1] = moves.data[cuts[-1] :] if cuts else moves.data
        length = np.fromiter(map(len, pieces), np.int64, len(pieces))
        is_open = length[1::2] == 0
        return b"".join(pieces), np.cumsum(length)[1::2][is_open]


def _differs(
    values: NDArray[np.signedinteger], before: NDArray[np.signedinteger] | None
) -> NDArray[np.bool_]:
    """(k,) where a value is another than `before`, or than the one before it."""
    if before is not None:
        return np.asarray(values != before)
    differs = np.ones(len(values), np.bool_)
    differs[1:] = values[1:] != values[:-1]
    return differs


def as_bytes(lines: Iterable[str]) -> bytes:
    """Lines, each with its newline. Programs are ASCII."""
    return "".join(f"{line}\n" for line in lines).encode("ascii")

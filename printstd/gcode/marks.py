"""What stands between the moves: gathered by kind, put in its place in one pass.

Where beads change their width at nearly every move, as walls of variable width do, the comments
that say so are most of it: those are written with the moves, column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.gcode.numbers import Word, decimal_lines
from printstd.named_tuple import NamedTuple

if TYPE_CHECKING:
    from printstd.gcode.moves import MoveLines


_MANY: Final = 16
"""A column of all moves costs less than comments before one in so many of them."""


class _Comments(NamedTuple):
    """A comment of `head` and a number before each of some moves. at : (k,), values : (k,)."""

    at: NDArray[np.int64]
    values: NDArray[np.signedinteger]
    head: str
    decimals: int


class _Texts(NamedTuple):
    """at : (k,) int64, texts : k runs of lines."""

    at: NDArray[np.int64]
    texts: Sequence[bytes]


class Marks:
    """Lines with the move that each stands before. Where several stand before one move, they keep
    the order in which they were added."""

    def __init__(self) -> None:
        self._runs: list[_Texts | _Comments] = []
        self._distinct: dict[bytes, None] = {}

    def add(self, at: NDArray[np.int64], texts: Sequence[bytes]) -> None:
        """at : (k,) int64, indices of moves. texts : k runs of lines, each with its newline."""
        self._distinct.update(dict.fromkeys(texts))
        self._runs.append(_Texts(at, texts))

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
        self._runs.append(_Texts(rows[differs], [words[value] for value in new]))

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
        self._runs.append(_Comments(rows[differs], values[differs], head, decimals))

    def lines(self) -> Iterable[str]:
        """Each distinct line, in the order of first use; those of `add_comments` left out."""
        return (line for text in self._distinct for line in text.decode("ascii").splitlines())

    def leave_open(self, at: NDArray[np.int64]) -> None:
        """Places for lines that are not known yet. at : (k,) int64, indices of moves, rising."""
        self.add(at, [b""] * len(at))

    def taken_out(self, n_moves: int) -> Word | None:
        """The comments of which there are most, to be written with the moves, where nothing else
        stands between them and their move; these are no marks any more. None where they are few."""
        kinds = [nth for nth, run in enumerate(self._runs) if isinstance(run, _Comments)]
        nth = max(kinds, key=lambda nth: len(self._runs[nth].at), default=-1)
        run = self._runs[nth] if kinds else None
        if not isinstance(run, _Comments) or _MANY * len(run.at) <= n_moves:
            return None
        is_given = np.zeros(n_moves, np.bool_)
        is_given[run.at] = True
        for later in self._runs[nth + 1 :]:
            is_given[later.at] = False
        values = np.zeros(n_moves, run.values.dtype)
        values[run.at] = run.values
        stays = ~is_given[run.at]
        self._runs[nth] = run._replace(at=run.at[stays], values=run.values[stays])
        return Word(run.head, values, is_given, run.decimals)

    def merged(self, moves: MoveLines) -> tuple[bytes, NDArray[np.int64]]:
        """The moves with all marks in their places, and the bytes where places were left open."""
        runs = [_worded(run) if isinstance(run, _Comments) else run for run in self._runs]
        at = np.concatenate([np.zeros(0, np.int64), *(run.at for run in runs)])
        texts = [text for run in runs for text in run.texts]
        order = np.argsort(at, kind="stable")
        cuts = moves.start[at[order]].tolist()
        # Move, mark, move, ..., mark, move; several marks in one place have nothing between them.
        pieces = [b""] * (2 * len(cuts) + 1)
        pieces[:-1:2] = [moves.data[a:b] for a, b in zip([0, *cuts], cuts, strict=False)]
        pieces[1::2] = [texts[number] for number in order.tolist()]
        pieces[-1] = moves.data[cuts[-1] :] if cuts else moves.data
        length = np.fromiter(map(len, pieces), np.int64, len(pieces))
        is_open = length[1::2] == 0
        return b"".join(pieces), np.cumsum(length)[1::2][is_open]


def _worded(comments: _Comments) -> _Texts:
    new, word = np.unique(comments.values, return_inverse=True)
    words = decimal_lines(comments.head, new, comments.decimals)
    return _Texts(comments.at, [words[number] for number in word.tolist()])


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

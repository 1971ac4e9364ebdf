"""What stands between moves, where the comments of a column are written with the moves."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.gcode.marks import Marks
from printstd.gcode.moves import MoveLines
from printstd.gcode.numbers import Word, format_lines

N_MOVES = 300


def marks_of(seed: int, share: float) -> Marks:
    """Marks before, of, and behind a column of widths, many of them before the same move."""
    rng = np.random.default_rng(seed)

    def some(part: float) -> np.ndarray:
        return np.flatnonzero(rng.random(N_MOVES) < part)

    marks = Marks()
    at = some(0.1)
    marks.add(at, [b";TYPE:%d\n" % number for number in at.tolist()])
    marks.leave_open(np.array([0, 7, 8]))
    rows = some(share)
    marks.add_comments(rows, rng.integers(1, 10**9, len(rows)), ";WIDTH:", 6)
    rows = some(0.05)
    marks.add_comments(rows, rng.integers(1, 10**6, len(rows)), ";HEIGHT:", 6)
    at = some(0.1)
    marks.add(at, [b";WIPE_START\n"] * len(at))
    return marks


def lines_of(lead: Word | None) -> MoveLines:
    x_um = np.arange(N_MOVES) * 37
    text = format_lines("G1", [Word("X", x_um, np.ones(N_MOVES, bool), 3)], lead)
    return MoveLines(text.data, np.concatenate([np.zeros(1, np.int64), text.ends]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_column_taken_out_is_the_same_program(seed: int, share: float) -> None:
    wanted, open_at = marks_of(seed, share).merged(lines_of(None))
    marks = marks_of(seed, share)
    lead = marks.taken_out(N_MOVES)
    assert lead is not None
    assert lead.is_given.sum() > 0.2 * N_MOVES * share
    found, found_at = marks.merged(lines_of(lead))
    assert found == wanted
    assert found_at.tolist() == open_at.tolist()


def test_a_few_comments_stay_marks() -> None:
    assert marks_of(0, 0.02).taken_out(N_MOVES) is None
    assert Marks().taken_out(0) is None

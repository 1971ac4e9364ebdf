"""Moves as lines: one G1 each (or one G2 or G3 for several), with the words that it needs and no
others."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import MoveKind, Toolpath
from printstd.gcode.arcs import NO_ARCS, MoveArcs
from printstd.gcode.numbers import Text, Word, format_lines
from printstd.named_tuple import NamedTuple

_GOES: Final = (MoveKind.EXTRUDE, MoveKind.TRAVEL, MoveKind.WIPE)
"""These always say where in the plane they end; some readers keep no old coordinate."""


class MoveLines(NamedTuple):
    """data : the lines. start : (m + 1,) int64, byte where each move's line starts in them (of a
    move that has none: where it would), then their end."""

    data: bytes
    start: NDArray[np.int64]


def move_lines(toolpath: Toolpath, arcs: MoveArcs = NO_ARCS, lead: Word | None = None) -> MoveLines:
    """X, Y where the nozzle goes along the bed, Z and F where they change, E where it is fed or
    drawn back (relative). A move that changes nothing has no line.

    Of the moves that an arc stands for the last one has a line, with the filament of all of them.

    The first move that goes anywhere names Z, too: where the start code has left the nozzle is the
    machine's affair. So does the first one of a tool that comes, and its feed.

    lead : what stands in a line of its own before moves that all have one.
    """
    kind, xy, z = toolpath.kind, toolpath.xy_um, toolpath.z_um
    has_xy = np.isin(kind, _GOES)
    has_xy[1:] |= (xy[1:, 0] != xy[:-1, 0]) | (xy[1:, 1] != xy[:-1, 1])
    has_z = _changes(z, toolpath.start_z_um)
    has_e = toolpath.e_e5 != 0
    if len(kind):
        has_xy[0] |= tuple(xy[0].tolist()) != toolpath.start_xy_um
        goes = has_xy | has_z
        has_z[np.argmax(goes)] |= goes.any()
    changes = toolpath.changes
    has_z[changes] = True
    e_e5 = toolpath.e_e5
    is_said = has_xy | has_z | has_e
    if len(arcs.first):
        e_e5, is_said = _joined(e_e5, is_said, arcs)
    said = np.flatnonzero(is_said)
    columns = (xy[:, 0], xy[:, 1], z, e_e5, toolpath.feed_mm_min)
    if len(said) < len(kind):
        columns = tuple(column[said] for column in columns)  # type: ignore[assignment]
        has_xy, has_z, has_e = has_xy[said], has_z[said], has_e[said]
    x_um, y_um, z_um, e_e5, feed = columns
    has_feed = _changes(feed, -1)
    # The way of a change always has a line.
    has_feed[np.searchsorted(said, changes)] = True
    head, centre = _arc_words(arcs, said)
    text = format_lines(
        head,
        [
            Word("X", x_um, has_xy, 3),
            Word("Y", y_um, has_xy, 3),
            Word("Z", z_um, has_z, 3),
            *centre,
            Word("E", e_e5, has_e, 5),
            # No feed is in force that the program has not given.
            Word("F", feed, has_feed, 0),
        ],
        lead and lead.of(said),
    )
    return MoveLines(text.data, _starts(text, said, len(kind)))


def _joined(
    e_e5: NDArray[np.int64], is_said: NDArray[np.bool_], arcs: MoveArcs
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Filament and whether it has a line, of each move: the last of an arc speaks for all."""
    fed = np.concatenate([np.zeros(1, np.int64), np.cumsum(e_e5)])
    e_e5, is_said = e_e5.copy(), is_said.copy()
    e_e5[arcs.last] = fed[arcs.last + 1] - fed[arcs.first]
    inside = np.zeros(len(e_e5) + 1, np.int64)
    inside[arcs.first] += 1
    inside[arcs.last] -= 1
    return e_e5, is_said & (np.cumsum(inside[:-1]) == 0)


def _arc_words(
    arcs: MoveArcs, said: NDArray[np.int64]
) -> tuple[str | NDArray[np.bytes_], list[Word]]:
    """The command of each line, and its I and J."""
    if not len(arcs.first):
        return "G1", []
    head = np.full(len(said), b"G1")
    at = np.searchsorted(said, arcs.last)
    head[at] = np.where(arcs.is_ccw, b"G3", b"G2")
    is_arc = np.zeros(len(said), bool)
    is_arc[at] = True
    words = []
    for letter, values in zip("IJ", arcs.to_centre_um.T, strict=True):
        column = np.zeros(len(said), np.int64)
        column[at] = values
        words.append(Word(letter, column, is_arc, 3))
    return head, words


def _changes(values: NDArray[np.signedinteger], before: int) -> NDArray[np.bool_]:
    """(m,) bool: it differs from the one before it."""
    found = np.empty(len(values), bool)
    found[:1] = values[:1] != before
    found[1:] = values[1:] != values[:-1]
    return found


def _starts(text: Text, said: NDArray[np.int64], n_moves: int) -> NDArray[np.int64]:
    start = np.zeros(n_moves + 1, np.int64)
    # Lines before a move: those of the moves before it that have one.
    start[said + 1] = text.ends
    return np.maximum.accumulate(start, out=start)

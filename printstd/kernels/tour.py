"""Short ways through things that stand in a line: 2-opt and Or-opt over many short blocks at once.

An item has a place where it is entered and one where it is left; some may be gone through the other
way round. Items keep to their block (a run of the line), and some come before others. From the line
that is given, moves that save time are made until none is found:

*2-opt*  a stretch is gone through backwards, all its items turned (a stretch of one: that item);
*Or-opt* a stretch of up to three items goes elsewhere in its block, as it is or backwards.

All moves of all blocks are weighed together, as sums of columns: the cost of the way between items
`k` places apart is one column for each `k`. The best that do not touch are made, and then only
blocks that changed are looked at again. Moves reach `_REACH` places, those of longer stretches less
far, so the cost is linear.

Sources: Croes 1958 (2-opt), Or 1976 (Or-opt); facts of slicers 2.11 (the peers chain by nearest
neighbour).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ANY_RANK: Final = -1
_REACH: Final = 30
"""How many places a stretch may be long, or the items of one may go together."""
_LONGEST: Final = 3
"""Items of a stretch that goes elsewhere."""
_ROUNDS: Final = 40
_ROWS_AT_ONCE: Final = 4096
"""Places weighed together: their columns stay in the processor's cache."""
_LEAST_S: Final = 1e-6
"""Savings below this are none."""


class Speed(NamedTuple):
    """nm/s, nm/s2: how the nozzle goes from item to item, from rest to rest."""

    speed: float
    accel: float

    def seconds(self, way_x: Floats, way_y: Floats) -> Floats:
        """(n,) float64 of ways in nm."""
        length = np.sqrt(way_x * way_x + way_y * way_y)
        ramp = self.speed * self.speed / self.accel
        # Speeding up and slowing down again at once; beyond one ramp it cruises.
        short = 2.0 * np.sqrt(np.minimum(length, ramp) / self.accel)
        return np.asarray(short + np.maximum(length - ramp, 0.0) / self.speed)


class Tour(NamedTuple):
    """item : (n,) int64, in order. is_turned : (n,) bool, of each place: gone through the other way
    round than given."""

    item: Ints
    is_turned: NDArray[np.bool_]


class Items(NamedTuple):
    """n items in the order they are given in.

    begin_nm, end_nm : (n, 2) int64. can_turn : (n,) bool. block_at : (b + 1,) int64, borders of
    the blocks. rank : (n,) int64, 0, 1, ... or ANY_RANK: in a block none falls. before,
    after : (q,) int64, pairs of items of one block: the first comes first. The given order does all
    that already.
    """

    begin_nm: Ints
    end_nm: Ints
    can_turn: NDArray[np.bool_]
    block_at: Ints
    rank: Ints
    before: Ints
    after: Ints


def shortened(items: Items, start_nm: tuple[int, int], speed: Speed) -> Tour:
    """The items in an order that takes no longer than the given one, from `start_nm` on."""
    n = len(items.can_turn)
    line = _Line(items, start_nm, speed)
    count = np.diff(items.block_at)
    alone = items.block_at[:-1][count == 1]
    has_choice = count > 1
    has_choice[count == 1] = items.can_turn[alone]
    active = np.flatnonzero(has_choice)
    for _ in range(_ROUNDS):
        if not len(active):
            break
        active = line.improve(active)
    return Tour(line.item[1 : n + 1] - 1, line.is_turned[1 : n + 1])


class _Moves(NamedTuple):
    """The best move that begins at each place, if it saves anything.

    saved : (m,) s. first, last : of the stretch. to : the place after which it goes; -1 for 2-opt.
    is_turned : it is gone through backwards.
    """

    saved: Floats
    first: Ints
    last: Ints
    to: Ints
    is_turned: NDArray[np.bool_]


class _Line:
    """The line with a place before the first item and one after the last."""

    def __init__(self, items: Items, start_nm: tuple[int, int], speed: Speed) -> None:
        n = len(items.can_turn)
        self.speed = speed
        start = np.array([start_nm], np.float64)
        # Whatever follows the last item is no further from its end than it was.
        stop = items.end_nm[-1:].astype(np.float64) if n else start
        self.begin = np.concatenate([start, items.begin_nm.astype(np.float64), stop])
        self.end = np.concatenate([start, items.end_nm.astype(np.float64), stop])
        self.can_turn = np.concatenate([[False], items.can_turn, [False]])
        self.item = np.arange(n + 2)
        self.is_turned = np.zeros(n + 2, bool)
        self.block_at = items.block_at + 1
        self.rank = np.concatenate([[ANY_RANK], items.rank, [ANY_RANK]])
        self.before, self.after = items.before + 1, items.after + 1

    def improve(self, active: Ints) -> Ints:
        """One round over some blocks; those that changed, and their neighbours'."""
        bounds = _Bounds.of(self, len(self.item))
        found: list[_Moves] = []
        size = np.diff(self.block_at)[active] + 2
        parts = np.cumsum(size) // _ROWS_AT_ONCE
        for part in range(int(parts[-1]) + 1):
            found.append(self._weigh(active[parts == part], bounds))
        moves = _Moves(*(np.concatenate(column) for column in zip(*found, strict=True)))
        touched = self._make(moves)
        block = distinct(np.searchsorted(self.block_at, touched, side="right") - 1)
        return block[(block >= 0) & (block < len(self.block_at) - 1)]

    # ------------------------------------------------------------------------------- weighing

    def _weigh(self, blocks: Ints, bounds: _Bounds) -> _Moves:
        """Blocks side by side, each with the place before it and the one after it."""
        first, last = self.block_at[blocks] - 1, self.block_at[blocks + 1]
        size = last - first + 1
        offset = np.cumsum(size) - size
        place = np.arange(size.sum()) + np.repeat(first - offset, size)
        # Borders of the block each row belongs to, in rows.
        low, high = np.repeat(offset + 1, size), np.repeat(offset + size - 1, size)
        shift = np.arange(len(place)) - place
        item, turned = self.item[place], self.is_turned[place]
        enter = np.where(turned[:, None], self.end[item], self.begin[item])
        leave = np.where(turned[:, None], self.begin[item], self.end[item])
        best = _Best(
            _Ways(enter, leave, self.speed),
            low,
            high,
            np.minimum(bounds.turn_before[place] + shift, high),
            np.minimum(bounds.dependent[place] + shift, high),
            np.maximum(bounds.needed[place] + shift, low - 1),
        )
        best.weigh(int(size.max(initial=0)) - 2)
        rows = np.flatnonzero(best.saved > _LEAST_S)
        to = best.to[rows]
        return _Moves(
            best.saved[rows],
            place[rows],
            place[rows] + best.length[rows] - 1,
            np.where(to >= 0, place[to], -1),
            best.is_turned[rows],
        )

    # --------------------------------------------------------------------------------- making

    def _make(self, moves: _Moves) -> Ints:
        """Make the moves that save most and do not touch each other; places that changed hands,
        those at the borders too, and those where a move had to wait."""
        order = np.argsort(-moves.saved, kind="stable")
        low = np.where(moves.to >= 0, np.minimum(moves.first - 1, moves.to), moves.first - 1)
        high = np.where(moves.to >= 0, np.maximum(moves.last, moves.to), moves.last) + 1
        is_taken = bytearray(len(self.item))
        touched: list[int] = []
        item, is_turned = self.item, self.is_turned
        rows = zip(
            low[order].tolist(),
            high[order].tolist(),
            moves.first[order].tolist(),
            moves.last[order].tolist(),
            moves.to[order].tolist(),
            moves.is_turned[order].tolist(),
            strict=True,
        )
        for a, b, first, last, to, turns in rows:
            if 1 in is_taken[a : b + 1]:
                # Not now: its block is looked at again.
                touched.append(first)
                continue
            is_taken[a : b + 1] = b"\x01" * (b + 1 - a)
            touched += (a, a + 1, b)
            stretch = item[first : last + 1].copy()
            turned = is_turned[first : last + 1].copy()
            if turns:
                stretch, turned = stretch[::-1], ~turned[::-1]
            size = last + 1 - first
            if to > last:
                item[first : to + 1 - size] = item[last + 1 : to + 1].copy()
                is_turned[first : to + 1 - size] = is_turned[last + 1 : to + 1].copy()
                first = to + 1 - size
            elif to >= 0:
                item[to + 1 + size : last + 1] = item[to + 1 : first].copy()
                is_turned[to + 1 + size : last + 1] = is_turned[to + 1 : first].copy()
                first = to + 1
            item[first : first + size] = stretch
            is_turned[first : first + size] = turned
        return np.array(touched, np.int64)


class _Bounds(NamedTuple):
    """Per place of the line. dependent : the first place that must stay behind it. needed : the
    last one that must stay before it. turn_before : a stretch from here on that ends before this
    may be gone through backwards."""

    dependent: Ints
    needed: Ints
    turn_before: Ints

    @staticmethod
    def of(line: _Line, n: int) -> _Bounds:
        place = np.empty(n, np.int64)
        place[line.item] = np.arange(n)
        dependent, needed = np.full(n, n), np.full(n, -1)
        before, after = place[line.before], place[line.after]
        np.minimum.at(dependent, before, after)
        np.maximum.at(needed, after, before)
        rank = line.rank[line.item]
        block = np.searchsorted(line.block_at, np.arange(n), side="right")
        for highest in range(int(rank.max(initial=0))):
            early = np.flatnonzero((rank != ANY_RANK) & (rank <= highest))
            late = np.flatnonzero(rank > highest)
            first, last = np.full(len(line.block_at) + 1, n), np.full(len(line.block_at) + 1, -1)
            np.minimum.at(first, block[late], late)
            np.maximum.at(last, block[early], early)
            dependent[early] = np.minimum(dependent[early], first[block[early]])
            needed[late] = np.maximum(needed[late], last[block[late]])
        holds = np.where(line.can_turn[line.item], dependent, np.arange(n))
        return _Bounds(dependent, needed, np.minimum.accumulate(holds[::-1])[::-1])


class _Ways:
    """What the way from one row to the one `k` rows on costs, for every row; (m - k,) float64.

    on : from leaving the first to entering the second. back : from leaving the second to entering
    the first. out, into : from leaving to leaving, from entering to entering, either way.
    """

    def __init__(self, enter: Floats, leave: Floats, speed: Speed) -> None:
        columns = (*enter.T, *leave.T)
        self.ax, self.ay, self.bx, self.by = (np.ascontiguousarray(c) for c in columns)
        self.speed = speed
        self._known: dict[tuple[str, int], Floats] = {}

    def on(self, k: int) -> Floats:
        return self._column("on", k)

    def back(self, k: int) -> Floats:
        return self._column("back", k)

    def out(self, k: int) -> Floats:
        return self._column("out", k)

    def into(self, k: int) -> Floats:
        return self._column("into", k)

    def _column(self, kind: str, k: int) -> Floats:
        found = self._known.get((kind, k))
        if found is None:
            x, y = (self.bx, self.by) if kind in ("on", "out") else (self.ax, self.ay)
            u, v = (self.ax, self.ay) if kind in ("on", "into") else (self.bx, self.by)
            found = self.speed.seconds(u[k:] - x[: len(x) - k], v[k:] - y[: len(y) - k])
            self._known[kind, k] = found
        return found


class _Best:
    """The best move of each row so far; rows are first items of stretches.

    low, high : borders of each row's block. turn_before, dependent, needed : as `_Bounds`, in rows.
    """

    def __init__(
        self, ways: _Ways, low: Ints, high: Ints, turn_before: Ints, dependent: Ints, needed: Ints
    ) -> None:
        m = len(low)
        self.ways, self.row = ways, np.arange(m)
        self.low, self.high, self.turn_before = low, high, turn_before
        self.dependent, self.needed = dependent, needed
        self.saved, self.length = np.zeros(m), np.zeros(m, np.int64)
        self.to, self.is_turned = np.full(m, -1), np.zeros(m, bool)

    def weigh(self, longest: int) -> None:
        """longest : items of the largest block."""
        reach = min(_REACH, longest)
        for length in range(1, reach + 1):
            self._turn(length)
        for length in range(1, min(_LONGEST, longest - 1) + 1):
            for steps in range(1, min(_REACH // length, longest - length) + 1):
                self._move_on(length, steps)
                self._move_back(length, steps)

    def _take(
        self, rows: slice, saved: Floats, length: int, to: Ints | None, is_turned: bool
    ) -> None:
        mine = self.saved[rows]
        better = np.flatnonzero(saved > mine)
        if len(better):
            at = better + rows.start
            self.saved[at] = saved[better]
            self.length[at] = length
            self.to[at] = -1 if to is None else to[better]
            self.is_turned[at] = is_turned

    def _turn(self, length: int) -> None:
        """Rows i .. i + length - 1 backwards."""
        m = len(self.row)
        rows = slice(1, m - length)
        if rows.stop <= 1:
            return
        ways, one = self.ways, self.ways.on(1)
        saved = one[: m - length - 1] + one[length : m - 1]
        saved = saved - ways.out(length)[: m - length - 1] - ways.into(length)[1:]
        fits = (self.row[rows] + length <= self.turn_before[rows]) & (
            self.row[rows] >= self.low[rows]
        )
        self._take(rows, np.where(fits, saved, 0.0), length, None, True)

    def _move_on(self, length: int, steps: int) -> None:
        """Rows i .. i + length - 1 behind the `steps` rows after them."""
        m, whole = len(self.row), length + steps
        rows = slice(1, m - whole)
        n = rows.stop - 1
        if n <= 0:
            return
        ways, one = self.ways, self.ways.on(1)
        saved = one[:n] + one[length : length + n] + one[whole : whole + n]
        saved = saved - ways.on(length + 1)[:n]
        ahead = self.row[rows] + whole
        fits = (self.row[rows] >= self.low[rows]) & (ahead <= self.high[rows])
        for k in range(length):
            fits &= ahead <= self.dependent[1 + k : 1 + k + n]
        as_is = saved - ways.back(whole - 1)[1 : 1 + n] - ways.on(steps + 1)[length : length + n]
        self._take(rows, np.where(fits, as_is, 0.0), length, ahead - 1, False)
        fits &= self.row[rows] + length <= self.turn_before[rows]
        turned = saved - ways.out(steps)[length : length + n] - ways.into(whole)[1 : 1 + n]
        self._take(rows, np.where(fits, turned, 0.0), length, ahead - 1, True)

    def _move_back(self, length: int, steps: int) -> None:
        """Rows i .. i + length - 1 before the `steps` rows before them."""
        m, whole = len(self.row), length + steps
        rows = slice(1 + steps, m - length)
        n = rows.stop - rows.start
        if n <= 0:
            return
        ways, one = self.ways, self.ways.on(1)
        saved = one[:n] + one[steps : steps + n] + one[whole : whole + n]
        saved = saved - ways.on(length + 1)[steps : steps + n]
        behind = self.row[rows] - steps - 1
        fits = (behind >= self.low[rows] - 1) & (self.row[rows] + length <= self.high[rows])
        for k in range(length):
            fits &= behind >= self.needed[rows.start + k : rows.start + k + n]
        as_is = saved - ways.on(steps + 1)[:n] - ways.back(whole - 1)[1 : 1 + n]
        self._take(rows, np.where(fits, as_is, 0.0), length, behind, False)
        fits &= self.row[rows] + length <= self.turn_before[rows]
        turned = saved - ways.out(whole)[:n] - ways.into(steps)[1 : 1 + n]
        self._take(rows, np.where(fits, turned, 0.0), length, behind, True)

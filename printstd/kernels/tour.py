"""Short ways through things that stand in a line: 2-opt and Or-opt over many short blocks at once.

An item has a place where it is entered and one where it is left; some may be gone through the other
way round. Items keep to their block (a run of the line), and some come before others. From the line
that is given, moves that save time are made until none is found:

*2-opt*  a stretch is gone through backwards, all its items turned (a stretch of one: that item);
*Or-opt* a stretch of up to three items goes elsewhere in its block, as it is or backwards.

All moves of blocks of about the same size are weighed together, as sums of tables: a row for each
length of a stretch or distance it goes, a column for each place where one begins. The best that do
not touch are made, and then only blocks that changed are looked at again. Moves reach `_REACH`
places, those of longer stretches less far, so the cost is linear.

Sources: Croes 1958 (2-opt), Or 1976 (Or-opt); facts of slicers 2.11 (the peers chain by nearest
neighbour).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.named_tuple import NamedTuple

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ANY_RANK: Final = -1
_REACH: Final = 30
"""How many places a stretch may be long, or the items of one may go together."""
_LONGEST: Final = 3
"""Items of a stretch that goes elsewhere."""
_ROUNDS: Final = 40
_PLACES_AT_ONCE: Final = 1024
"""Weighed together, about: their tables stay in the processor's cache."""
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
    round than given. is_settled : no move was left that saves time."""

    item: Ints
    is_turned: NDArray[np.bool_]
    is_settled: bool = True


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


def shortened(
    items: Items,
    start_nm: tuple[int, int],
    speed: Speed,
    is_asked: NDArray[np.bool_] | None = None,
) -> Tour:
    """The items in an order that takes no longer than the given one, from `start_nm` on.

    is_asked : (b,) bool, blocks in which there may be a move that saves time; None: all.
    """
    n = len(items.can_turn)
    line = _Line(items, start_nm, speed)
    count = np.diff(items.block_at)
    alone = items.block_at[:-1][count == 1]
    has_choice = count > 1
    has_choice[count == 1] = items.can_turn[alone]
    active = np.flatnonzero(has_choice if is_asked is None else has_choice & is_asked)
    for _ in range(_ROUNDS):
        if not len(active):
            break
        active = line.improve(active)
    return Tour(line.item[1 : n + 1] - 1, line.is_turned[1 : n + 1], not len(active))


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
        found = [self._weigh(blocks, bounds) for blocks in self._of_one_size(active)]
        moves = _Moves(*(np.concatenate(column) for column in zip(*found, strict=True)))
        touched = self._make(moves)
        block = distinct(np.searchsorted(self.block_at, touched, side="right") - 1)
        return block[(block >= 0) & (block < len(self.block_at) - 1)]

    # ------------------------------------------------------------------------------- weighing

    def _of_one_size(self, blocks: Ints) -> list[Ints]:
        """Blocks that are weighed together, the largest first, none half as large as another: what
        is weighed of each is what the largest needs."""
        size = np.diff(self.block_at)[blocks] + 2
        order = np.argsort(-size, kind="stable")
        size = size[order]
        doublings = np.frexp(size.astype(np.float64))[1]
        part = np.cumsum(size) // _PLACES_AT_ONCE
        borders = np.flatnonzero((np.diff(doublings) != 0) | (np.diff(part) != 0)) + 1
        return [blocks[order[a:b]] for a, b in pairwise([0, *borders.tolist(), len(order)])]

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
        enter = np.where(
            turned[:, None], self.end.take(item, axis=0), self.begin.take(item, axis=0)
        )
        leave = np.where(
            turned[:, None], self.begin.take(item, axis=0), self.end.take(item, axis=0)
        )
        best = _Best(
            _Ways(enter, leave, self.speed, min(_REACH, int(size.max()) - 2) + 1),
            low,
            high,
            np.minimum(bounds.turn_before[place] + shift, high),
            np.minimum(bounds.dependent[place] + shift, high),
            np.maximum(bounds.needed[place] + shift, low - 1),
        )
        best.weigh(int(size.max()) - 2)
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
        order = np.lexsort((moves.first, -moves.saved))
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


class _Table(NamedTuple):
    """A row for each of so many numbers of places, a column for each place, and on either side
    `margin` more columns, of which nothing is read that counts. values : contiguous."""

    values: Floats
    margin: int

    def at(
        self, first: int, count: int, shift: int, *, down: int = 1, aside: int = 0
    ) -> NDArray[np.float64]:
        """(count, m) the rows first, first + down, ... ; column i is that of place i + shift, and
        `aside` more in each further row."""
        rows, columns = self.values.strides
        return np.ndarray(
            (count, self.values.shape[1] - 2 * self.margin),
            buffer=self.values,
            offset=first * rows + (self.margin + shift) * columns,
            strides=(down * rows + aside * columns, columns),
        )


class _Ways:
    """What the way from a place to the one `k` places on costs, for all places and every k up to
    `reach`; tables with a row for each k.

    on : from leaving the first to entering the second. back : from leaving the second to entering
    the first. out, into : from leaving to leaving, from entering to entering, either way.
    """

    def __init__(self, enter: Floats, leave: Floats, speed: Speed, reach: int) -> None:
        self._margin, self._reach, self._speed = reach + _LONGEST, reach, speed
        a, b = self._wide(enter), self._wide(leave)
        self.on, self.back = self._table(b, a), self._table(a, b)
        self.out, self.into = self._table(b, b), self._table(a, a)

    def one(self, shift: int) -> Floats:
        """(1, m) from each place + shift to the next."""
        return self.on.at(1, 1, shift)

    def ones(self, count: int, shift: int, step: int) -> Floats:
        """(count, m) the same, `step` places further on in each row."""
        return self.on.at(1, count, shift, down=0, aside=step)

    def _wide(self, places: Floats) -> Floats:
        """(2, ...) X and Y with margins, and room for the reach of the last column."""
        found = np.zeros((2, len(places) + 2 * self._margin + self._reach))
        found[:, self._margin : self._margin + len(places)] = places.T
        return found

    def _table(self, start: Floats, end: Floats) -> _Table:
        shape = (self._reach + 1, start.shape[1] - self._reach)
        size = end.itemsize
        x, y = (
            np.ndarray(shape, buffer=end, offset=axis * end.strides[0], strides=(size, size))
            for axis in range(2)
        )
        x, y = x - start[0, : shape[1]], y - start[1, : shape[1]]
        return _Table(self._speed.seconds(x, y), self._margin)


class _Best:
    """The best move of each row so far; rows are first items of stretches.

    low, high : borders of each row's block. turn_before, dependent, needed : as `_Bounds`, in rows.
    Of moves that save the same, the one weighed first is taken.
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
        self._turn(min(_REACH, longest))
        for length in range(1, min(_LONGEST, longest - 1) + 1):
            self._move(length, min(_REACH // length, longest - length))

    def _turn(self, longest: int) -> None:
        """Rows i .. i + length - 1 backwards, for every length."""
        ways, row = self.ways, self.row
        saved = ways.one(-1) + ways.ones(longest, 0, 1)
        saved -= ways.out.at(1, longest, -1)
        saved -= ways.into.at(1, longest, 0)
        length = np.arange(1, longest + 1)[:, None]
        fits = (row + length <= self.turn_before) & (row >= self.low)
        saved *= fits
        better = np.flatnonzero(saved.max(axis=0) > self.saved)
        if len(better):
            nth = saved[:, better].argmax(axis=0)
            self.saved[better] = saved[nth, better]
            self.length[better] = nth + 1
            self.is_turned[better] = True

    def _move(self, length: int, farthest: int) -> None:
        """Rows i .. i + length - 1 behind the `steps` rows after them, and before the `steps` rows
        before them, as they are and backwards, for every number of steps."""
        ways, row = self.ways, self.row
        steps = np.arange(1, farthest + 1)[:, None]
        can_turn = row + length <= self.turn_before
        gap = ways.on.at(length + 1, 1, -1)
        saved = ways.one(-1) + ways.one(length - 1) + ways.ones(farthest, length, 1) - gap
        # The last row that comes before the stretch then, and the first one after it.
        last = row + (length + steps - 1)
        fits = (last < self._least(self.dependent, length)) & (row >= self.low)
        fits &= last < self.high
        on = saved - ways.back.at(length, farthest, 0) - ways.on.at(2, farthest, length - 1)
        on *= fits
        on_turned = saved - ways.out.at(1, farthest, length - 1)
        on_turned -= ways.into.at(length + 1, farthest, 0)
        on_turned *= fits & can_turn
        saved = ways.ones(farthest, -2, -1) + ways.one(-1) + ways.one(length - 1) - gap
        behind = row - (steps + 1)
        fits = (behind >= self._most(self.needed, length)) & (row + length <= self.high)
        fits &= behind >= self.low - 1
        back = saved - ways.on.at(2, farthest, -2, aside=-1)
        back -= ways.back.at(length, farthest, -1, aside=-1)
        back *= fits
        back_turned = saved - ways.out.at(length + 1, farthest, -2, aside=-1)
        back_turned -= ways.into.at(1, farthest, -1, aside=-1)
        back_turned *= fits & can_turn
        kinds = (on, on_turned, back, back_turned)
        most = np.maximum.reduce([kind.max(axis=0) for kind in kinds])
        better = np.flatnonzero(most > self.saved)
        if not len(better):
            return
        nth = np.stack([kind[:, better] for kind in kinds], axis=1)
        nth = nth.reshape(-1, len(better)).argmax(axis=0)
        step, kind = nth // len(kinds) + 1, nth % len(kinds)
        self.saved[better] = most[better]
        self.length[better] = length
        self.to[better] = np.where(kind < 2, better + length + step - 1, better - step - 1)
        self.is_turned[better] = kind % 2 == 1

    def _least(self, values: Ints, length: int) -> Ints:
        """(m,) of the rows i .. i + length - 1."""
        found = values.copy()
        for k in range(1, length):
            np.minimum(found[:-k], values[k:], out=found[:-k])
        return found

    def _most(self, values: Ints, length: int) -> Ints:
        return -self._least(-values, length)

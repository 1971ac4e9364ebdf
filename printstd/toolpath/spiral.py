"""Spiral vase: above its bottom the part is one line that rises all the way.

Each layer's wall becomes a turn that rises evenly, by travelled length, from the layer below to its
own; it starts where the turn before ended. The first turn begins on the bottom with nothing
between and comes to its whole thickness; after the last one a level turn, ever thinner, fills up to
the top, so that together they hold what the layers would. Where turns are smooth, they come evenly
from the wall of the layer below to their own as well, as far as that is a bead away at most (facts
of slicers H16).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.errors import SlicingError
from printstd.kernels.rings import Rings, signed_area2
from printstd.named_tuple import NamedTuple
from printstd.toolpath.lines import Lines
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import LayerSpec
from printstd.words import counted, said

_BLOCK: Final = 1_000_000


class Climb(NamedTuple):
    """z_um : (q,) int64, of each vertex of the lines. flow : (q,) float64, of the layer's own, on
    the step that ends there."""

    z_um: NDArray[np.int64]
    flow: NDArray[np.float64]


class Wound(NamedTuple):
    """lines, layer : of the whole print, those of the spiral last. first : the first of these.
    climb : of all."""

    lines: Lines
    layer: NDArray[np.int64]
    first: int
    climb: Climb


def first_turn(specs: Sequence[LayerSpec]) -> int:
    """The lowest layer that rises; as many as there are layers where none does."""
    return next((i for i, spec in enumerate(specs) if spec.is_spiral), len(specs))


def check_turns(
    sections: Sequence[Rings], walls: Sequence[PathSet], first: int, tops_um: Sequence[int]
) -> None:
    """Raises SlicingError, naming the layer, where a turn would have to be more than one loop."""
    for layer in range(first, len(sections)):
        area2 = signed_area2(sections[layer])
        islands, holes = int((area2 > 0).sum()), int((area2 < 0).sum())
        if (islands, holes, walls[layer].n_paths) == (1, 0, 1):
            continue
        got = said(
            "{islands} and {holes}",
            islands=counted("{count} island", "{count} islands", count=islands),
            holes=counted("{count} hole", "{count} holes", count=holes),
        )
        if (islands, holes) == (1, 0):
            got = counted(
                "room for {count} loop of wall",
                "room for {count} loops of wall",
                count=walls[layer].n_paths,
            )
        raise SlicingError(
            said(
                "a spiral vase is one closed wall in every layer above its bottom; this part is not"
            ),
            where=said(
                "layer {layer}, printed at {tops_mm:g} mm",
                layer=layer,
                tops_mm=tops_um[layer] / 1000,
            ),
            got=got,
            wanted=said("one island without holes, wide enough for a loop"),
            hint=said(
                "spiral_vase.is_on = false prints the part in flat layers; more "
                "shells.bottom_layers begin the spiral higher up"
            ),
            code="SLICE-07",
        )


def wound(
    lines: Lines,
    layer: NDArray[np.int64],
    paths: PathSet,
    overlap_e3: NDArray[np.int16],
    tops_um: NDArray[np.int64],
    first: int,
    *,
    is_smooth: bool,
) -> Wound:
    """The lines of a print, those of the layers from `first` on as turns of one spiral.

    lines, layer : flat, in order; of the layers from `first` on each has one, a loop. paths,
    overlap_e3 : what they were laid from. tops_um : (l,) of the layers.
    """
    n_flat = int(np.searchsorted(layer, first))
    cut = int(lines.offsets[n_flat])
    at = lines.xy_um[cut]
    turns: list[_Turn] = []
    before: NDArray[np.int64] | None = None
    for row in lines.path[n_flat:].tolist():
        span = slice(*paths.offsets[row : row + 2].tolist())
        loop = (paths.xy_nm[span] + 500) // 1000
        turn = _turn(loop, overlap_e3[span], at)
        if is_smooth and before is not None:
            turn = turn._replace(xy_um=_blended(turn, before, at, int(paths.width_nm[row]) // 1000))
        turns.append(turn if before is None or (turn.xy_um[0] == at).all() else _from(turn, at))
        before, at = loop, turn.xy_um[-1]
    # Level, over the last turn.
    turns.append(_turn(before, overlap_e3[span], at))  # type: ignore[arg-type]
    turns = [_without_repeats(turn) for turn in turns]
    below = tops_um[layer[n_flat:] - 1]
    z, flow = (
        [np.repeat(tops_um[layer[:n_flat]], np.diff(lines.offsets[: n_flat + 1]))],
        [np.ones(cut)],
    )
    for number, turn in enumerate(turns):
        share = turn.share()
        is_last = number == len(turns) - 1
        low = tops_um[-1] if is_last else below[number]
        high = tops_um[-1] if is_last else tops_um[layer[n_flat + number]]
        z.append(low + np.rint((high - low) * share).astype(np.int64))
        middle = share.copy()
        middle[1:] = (share[1:] + share[:-1]) / 2
        thin = middle if number == 0 else 1.0 - middle if is_last else np.ones(len(share))
        flow.append(thin)
    rows = np.append(lines.path[n_flat:], lines.path[-1])
    counts = np.array([len(turn.xy_um) for turn in turns])
    whole = Lines(
        np.concatenate([lines.xy_um[:cut], *(turn.xy_um for turn in turns)]),
        np.concatenate([lines.offsets[: n_flat + 1], cut + np.cumsum(counts)]),
        np.concatenate([lines.path[:n_flat], rows]),
        np.concatenate([lines.is_loop[:n_flat], np.zeros(len(rows), np.bool_)]),
        np.concatenate([lines.overlap_e3[:cut], *(turn.overlap_e3 for turn in turns)]),
        np.concatenate([lines.widening_nm[:cut], np.zeros(int(counts.sum()), np.int64)]),
    )
    return Wound(
        whole,
        np.append(layer, layer[-1]),
        n_flat,
        Climb(np.concatenate(z), np.concatenate(flow)),
    )


class _Turn(NamedTuple):
    """xy_um : (n, 2) int64, from where it starts around to there again. overlap_e3 : (n,) int16."""

    xy_um: NDArray[np.int64]
    overlap_e3: NDArray[np.int16]

    def share(self) -> NDArray[np.float64]:
        """(n,) float64, 0 to 1: of the turn's length, travelled at each vertex."""
        step = np.diff(self.xy_um, axis=0).astype(np.float64)
        reached = np.cumsum(np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1]))
        return np.concatenate([np.zeros(1), reached / reached[-1]])


def _turn(loop: NDArray[np.int64], overlap_e3: NDArray[np.int16], at: NDArray[np.int64]) -> _Turn:
    """Around the loop from its place nearest to `at`, and back to it."""
    place, side = _nearest(at[None, :].astype(np.float64), loop)
    start = np.rint(place).astype(np.int64)
    index = (int(side[0]) + 1 + np.arange(len(loop))) % len(loop)
    overlap = overlap_e3[index]
    ends = np.minimum(overlap[:1], overlap[-1:])
    return _Turn(np.concatenate([start, loop[index], start]), np.concatenate([ends, overlap, ends]))


def _from(turn: _Turn, at: NDArray[np.int64]) -> _Turn:
    """The turn after a step from where the nozzle is."""
    return _Turn(
        np.concatenate([at[None, :], turn.xy_um]),
        np.concatenate([turn.overlap_e3[:1], turn.overlap_e3]),
    )


def _blended(
    turn: _Turn, before: NDArray[np.int64], at: NDArray[np.int64], reach_um: int
) -> NDArray[np.int64]:
    """(n, 2) the turn's vertices, each as far on the way from the loop before as the turn is; those
    further than `reach_um` from it, a step of the part, stay where they are."""
    there = turn.xy_um.astype(np.float64)
    place, _ = _nearest(there, before)
    off = there - place
    is_far = off[:, 0] * off[:, 0] + off[:, 1] * off[:, 1] > float(reach_um) ** 2
    place[is_far] = there[is_far]
    if not is_far[0]:
        place[0] = at
    return np.rint(place + (there - place) * turn.share()[:, None]).astype(np.int64)


def _nearest(
    points: NDArray[np.float64], loop: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(n, 2) the places of a closed line nearest to points, and the side each lies on; the first
    of equals. Cost: points times sides, in blocks."""
    a = loop.astype(np.float64)
    way = np.roll(a, -1, axis=0) - a
    size = way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1]
    size = np.where(size > 0, size, 1.0)
    place, side = np.empty((len(points), 2)), np.empty(len(points), np.int64)
    block = max(1, _BLOCK // len(loop))
    for begin in range(0, len(points), block):
        some = points[begin : begin + block]
        x, y = some[:, :1] - a[:, 0], some[:, 1:] - a[:, 1]
        t = np.clip((x * way[:, 0] + y * way[:, 1]) / size, 0.0, 1.0)
        dx, dy = x - t * way[:, 0], y - t * way[:, 1]
        nearest = (dx * dx + dy * dy).argmin(axis=1)
        share = t[np.arange(len(some)), nearest]
        side[begin : begin + block] = nearest
        place[begin : begin + block] = a[nearest] + way[nearest] * share[:, None]
    return place, side


def _without_repeats(turn: _Turn) -> _Turn:
    keep = np.ones(len(turn.xy_um), bool)
    keep[1:] = (turn.xy_um[1:] != turn.xy_um[:-1]).any(axis=1)
    return _Turn(turn.xy_um[keep], turn.overlap_e3[keep])

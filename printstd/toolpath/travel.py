"""What happens between two lines: draw the filament back or not, wipe, lift, and the way there.

The filament is drawn back where the way is long enough and leaves the part: inside it a thread
does no harm (facts of slicers 2.10, H12; the peers draw back whenever the way leaves the infill of
its island, which costs time and wears the filament). Without `only_when_leaving`, wherever the way
is long enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.leaving import crosses_border
from printstd.kernels.rings import Rings
from printstd.named_tuple import NamedTuple
from printstd.profiles.models import Retraction
from printstd.toolpath.feeds import WIPE_SPEED_RATIO
from printstd.toolpath.lines import Lines
from printstd.units import E5_PER_MM

_WIPE_SHARE: float = 0.95
"""Wiping ends a little before the filament is fully drawn back: no stroke is left dry."""


class Hops(NamedTuple):
    """The ways between lines: hop i leads to line i, the last one ends the print; n + 1 rows.

    from_um, to_um : (n + 1, 2) int64; the last ends where it starts. is_retracted : (n + 1,) bool.
    is_step : (n + 1,) bool, it leads to another layer. corner_um : (q, 2) int64, corners between,
    and corner_offsets : (n + 2,) int64 into them.
    """

    from_um: NDArray[np.int64]
    to_um: NDArray[np.int64]
    is_retracted: NDArray[np.bool_]
    is_step: NDArray[np.bool_]
    corner_um: NDArray[np.int64]
    corner_offsets: NDArray[np.int64]

    def lengths_um(self) -> NDArray[np.float64]:
        """(n + 1,) float64, um: of the ways, corners and all."""
        points, owner = self.points_um()
        step = (points[1:] - points[:-1]).astype(np.float64)
        length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
        same = owner[1:] == owner[:-1]
        return np.bincount(owner[1:][same], length[same], len(self.is_step)).astype(np.float64)

    def points_um(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All ways as polylines: their points, and the hop of each."""
        counts = np.diff(self.corner_offsets) + 2
        owner = np.repeat(np.arange(len(counts)), counts)
        points = np.empty((len(owner), 2), np.int64)
        last = np.cumsum(counts) - 1
        is_corner = np.ones(len(owner), bool)
        is_corner[last] = is_corner[last - counts + 1] = False
        points[last - counts + 1], points[last] = self.from_um, self.to_um
        points[is_corner] = self.corner_um
        return points, owner


def plan_hops(
    lines: Lines,
    layer: NDArray[np.int64],
    sections: Sequence[Rings],
    start_um: tuple[int, int],
    retraction: Retraction,
) -> Hops:
    """layer : (n,) of each line. sections : of the part, one per layer."""
    n = len(layer)
    from_um = np.empty((n + 1, 2), np.int64)
    from_um[0] = start_um
    from_um[1:] = lines.last_um
    to_um = np.concatenate([lines.first_um, from_um[-1:]])
    is_step = np.ones(n + 1, bool)
    is_step[1:n] = layer[1:] != layer[:-1]
    is_step[n] = False
    no_corners = np.empty((0, 2), np.int64), np.zeros(n + 2, np.int64)
    if not retraction.length_mm:
        return Hops(from_um, to_um, np.zeros(n + 1, bool), is_step, *no_corners)
    way = (to_um - from_um).astype(np.float64)
    length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
    is_retracted = is_step & retraction.on_layer_change
    asked = np.flatnonzero((length >= retraction.min_travel_mm * 1000.0) & ~is_retracted)
    asked = asked[asked < n]
    borders = np.searchsorted(layer[asked], np.arange(len(sections) + 1)).tolist()
    for number, section in enumerate(sections):
        mine = asked[borders[number] : borders[number + 1]]
        if len(mine) and not retraction.only_when_leaving:
            is_retracted[mine] = True
        elif len(mine):
            is_retracted[mine] = crosses_border(
                from_um.take(mine, axis=0) * 1000, to_um.take(mine, axis=0) * 1000, section
            )
    # The first way comes from outside the part, and nothing follows the last line.
    is_retracted[0] = is_retracted[n] = True
    return Hops(from_um, to_um, is_retracted, is_step, *no_corners)


class Wipes(NamedTuple):
    """Ways back over the line just laid, while the filament is drawn back; w wipes.

    hop : (w,) int64, the hop each begins. xy_um : (q, 2) int64, where its moves end.
    offsets : (w + 1,) int64. step_um : (q,) float64, length of each move.
    """

    hop: NDArray[np.int64]
    xy_um: NDArray[np.int64]
    offsets: NDArray[np.int64]
    step_um: NDArray[np.float64]


def wipe_rate_e5_um(retraction: Retraction, travel_mm_s: float) -> float:
    """Filament drawn back, 1e-5 mm, per um of wipe."""
    speed = WIPE_SPEED_RATIO * travel_mm_s
    return _WIPE_SHARE * retraction.speed_mm_s / speed * E5_PER_MM / 1000.0


def plan_wipes(lines: Lines, hops: Hops, length_um: float) -> Wipes:
    """Up to `length_um` over the line before each retracted hop: a loop goes on past its seam, an
    open line goes back."""
    hop = np.flatnonzero(hops.is_retracted)
    hop = hop[hop > 0]
    line = hop - 1
    step = lines.steps_um()
    reached = np.cumsum(step)
    start, end = lines.offsets[line], lines.offsets[line + 1] - 1
    loop = lines.is_loop[line]
    whole = reached[end] - reached[start]
    goal = np.minimum(whole, length_um)
    # Full steps that fit, then a part of the next one.
    ahead = np.searchsorted(reached, reached[start] + goal, side="left")
    back = np.searchsorted(reached, reached[end] - goal, side="right") - 1
    full = np.where(loop, ahead - start, end - back)
    full = np.clip(full, 1, end - start)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(full)])
    nth = np.arange(offsets[-1]) - np.repeat(offsets[:-1], full) + 1
    sign = np.where(loop, 1, -1)
    index = np.repeat(np.where(loop, start, end), full) + np.repeat(sign, full) * nth
    xy = lines.xy_um[index]
    final = offsets[1:] - 1
    last, before = index[final], index[final] - sign
    done = np.where(loop, reached[before] - reached[start], reached[end] - reached[before])
    span = np.abs(reached[last] - reached[before])
    share = np.clip((goal - done) / np.where(span > 0, span, 1.0), 0.0, 1.0)
    way = (lines.xy_um[last] - lines.xy_um[before]).astype(np.float64)
    xy[final] = lines.xy_um[before] + np.rint(way * share[:, None]).astype(np.int64)
    return _real(hop, xy, offsets, hops.from_um[hop])


def _real(
    hop: NDArray[np.int64],
    xy: NDArray[np.int64],
    offsets: NDArray[np.int64],
    from_um: NDArray[np.int64],
) -> Wipes:
    """Without moves that end where they start."""
    if not len(hop):
        return Wipes(hop, xy, offsets, np.zeros(0))
    before = np.empty_like(xy)
    before[1:] = xy[:-1]
    before[offsets[:-1]] = from_um
    way = (xy - before).astype(np.float64)
    step = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
    keep = step > 0
    count = np.add.reduceat(keep, offsets[:-1], dtype=np.int64)
    return Wipes(
        hop, xy[keep], np.concatenate([np.zeros(1, np.int64), np.cumsum(count)]), step[keep]
    )

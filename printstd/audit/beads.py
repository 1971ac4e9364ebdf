"""Beads: what each extruding move lays down, from its filament and its layer's height alone.

A bead is a rectangle with round sides: A = h (w - h k), k = 1 - pi/4, so w = A/h + h k; a flow that
would not fill a circle of the layer's height is a round thread (facts of slicers 2.1; the other
models of a bead: `bead_models`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import AuditDemand
from printstd.audit.bead_models import BeadModel, width_under
from printstd.audit.machine import Track
from printstd.audit.spiral import Turns, turns_of
from printstd.audit.tools import of_each

LAYER_MATCH_UM: Final = 2.0
"""A bead this near to a planned height belongs to that layer (numbers have 3 decimals)."""
TIE_UM: Final = 1.0
"""A layer whose middle is this near to the part's top may be printed or not."""
WIDE_RATIO: Final = 1.4
THICK_RATIO: Final = 0.85
"""A bead over air that would be so many times wider than usual as a flat one, and is so thick as a
round one in nozzles, is a bridge's thread."""
IRONING_BAND: Final = (0.55, 1.3)
"""Of the cross-section that the demand's ironing makes: a whole number of lines fills a narrow
skin."""
SMOOTH_UM: Final = 250.0
"""Filament is averaged over this length of a path: coordinates are rounded to 1 um and E to 10^-5
mm, which is nothing on such a length and a tenth of the bead on a move of 10 um."""


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """top_um, height_um, middle_um : (l,) float64, bed frame: where each planned layer is printed,
    how thick it is, and the height of its section."""

    top_um: NDArray[np.float64]
    height_um: NDArray[np.float64]

    @property
    def middle_um(self) -> NDArray[np.float64]:
        return self.top_um - self.height_um / 2

    def __len__(self) -> int:
        return len(self.top_um)


@dataclass(frozen=True, slots=True, eq=False)
class Beads:
    """Extruding moves by layer, in time within a layer; one row each.

    start_um, end_um, middle_um : (n, 2) float64, bed frame. width_um : (n,) float64, as laid on a
    surface. thread_um : (n,) float64, diameter if it hangs in air. area_um2 : (n,) float64,
    cross-section. All three are of what the declared flow ratio makes of the filament: one that is
    fed at 0.92 because it gives more than it says lays whole beads. length_um : (n,) float64.
    z_um : (n,) float64. line, seq, chain : (n,) int64; moves of one chain follow one another
    without a break. layer_offsets : (l + 1,) int64. stadium_um : (n,) float64, `width_um` of
    stadiums, where that is another model's.
    """

    start_um: NDArray[np.float64]
    end_um: NDArray[np.float64]
    middle_um: NDArray[np.float64]
    width_um: NDArray[np.float64]
    thread_um: NDArray[np.float64]
    area_um2: NDArray[np.float64]
    length_um: NDArray[np.float64]
    z_um: NDArray[np.float64]
    line: NDArray[np.int64]
    seq: NDArray[np.int64]
    chain: NDArray[np.int64]
    layer_offsets: NDArray[np.int64]
    stadium_um: NDArray[np.float64] | None = None

    @property
    def pitch_um(self) -> NDArray[np.float64]:
        """(n,) widths by which lines are laid beside each other: the stadium's, whatever model
        their sides are taken from. What is asked about a layer must not depend on that, only the
        answers."""
        return self.width_um if self.stadium_um is None else self.stadium_um

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """Those that there are."""
        every = {name: getattr(self, name) for name in _COLUMNS}
        return {name: one for name, one in every.items() if one is not None}

    def chosen(self, rows: NDArray[np.int64] | slice) -> Beads:
        """Some of them, as one layer; a slice of them is not copied."""
        columns = {
            # Of rows of two numbers NumPy's indexing is ten times as slow.
            name: one[rows] if isinstance(rows, slice) else one.take(rows, axis=0)
            for name, one in self.columns.items()
        }
        return Beads(**columns, layer_offsets=np.array([0, len(columns["line"])], np.int64))

    def of_layer(self, layer: int) -> slice:
        return slice(int(self.layer_offsets[layer]), int(self.layer_offsets[layer + 1]))


_COLUMNS: Final = tuple(name for name in Beads.__dataclass_fields__ if name != "layer_offsets")


@dataclass(frozen=True, slots=True, eq=False)
class Deposit:
    """planned: beads at planned heights. ironed : what a declared ironing pass adds to them, told
    by its cross-section. elsewhere: the rest, as one layer of their own.
    visits : (v,) int64: the planned layer (-1 elsewhere) of each run of beads, in time.
    turns : of the spiral, if one was declared; its rows count all beads in time, whose moves are
    `moves` of the track."""

    planned: Beads
    ironed: Beads
    elsewhere: Beads
    visits: NDArray[np.int64]
    turns: Turns | None
    moves: NDArray[np.int64]


def planned_heights(demand: AuditDemand, part_top_um: float, slack_um: float = -TIE_UM) -> Heights:
    """The layers that the demand wants; by the model's height where it does not count them.

    Rule for the count: a layer is printed where its middle lies inside the part.
    """
    plan = demand.layers
    if plan.top_um:
        tops = np.array(plan.top_um, np.float64)
        return Heights(tops, np.diff(tops, prepend=float(plan.floor_um)))
    count = plan.count
    if count is None:
        count = expected_count(demand, part_top_um, slack_um)
    tops = plan.floor_um + plan.first_um + plan.height_um * np.arange(count, dtype=np.float64)
    heights = np.full(count, float(plan.height_um))
    heights[:1] = plan.first_um
    return Heights(tops, heights)


def laid_heights(track: Track) -> Heights:
    """The layers that the program itself has, where the demand leaves their heights to it and
    declares none: every Z at which beads lie, from the lowest on. Whether they are right the rules
    find out as they do of a declared plan."""
    rows = np.flatnonzero(is_bead(track))
    z = np.rint(track.end_um[rows, 2])
    begun = np.flatnonzero(z <= z.min(initial=np.inf) + LAYER_MATCH_UM)
    # What is purged before the first layer lies at any height.
    tops = np.unique(z[begun[0] :]) if len(begun) else z
    is_new = np.ones(len(tops), bool)
    is_new[1:] = np.diff(tops) > LAYER_MATCH_UM
    tops = tops[is_new & (tops > 0)]
    return Heights(tops, np.diff(tops, prepend=0.0))


def printed_heights(demand: AuditDemand, part_top_um: float, laid: Deposit) -> Heights:
    """The planned layers, and one more where the part ends with its middle and it was printed."""
    one_more = planned_heights(demand, part_top_um, TIE_UM)
    is_printed = (
        np.abs(laid.elsewhere.z_um[:, None] - one_more.top_um[-1:]) <= LAYER_MATCH_UM
    ).any()
    return one_more if is_printed else planned_heights(demand, part_top_um)


def expected_count(demand: AuditDemand, part_top_um: float, slack_um: float) -> int:
    """Layers whose middle lies under the part's top plus `slack_um`."""
    plan = demand.layers
    top = part_top_um - plan.floor_um + slack_um
    if plan.first_um / 2 >= top:
        return 0
    inside = (top - plan.first_um - plan.height_um / 2) / plan.height_um
    return 1 + max(0, int(np.ceil(inside)))


def is_bead(track: Track) -> NDArray[np.bool_]:
    """Moves that lay filament along a way in XY."""
    start, end = track.start_um, track.end_um
    moves = (start[:, 0] != end[:, 0]) | (start[:, 1] != end[:, 1])
    return np.asarray((track.e_um > 0) & moves)


def deposit(
    track: Track,
    heights: Heights,
    demand: AuditDemand,
    model: BeadModel = BeadModel.STADIUM,
) -> Deposit:
    """All beads of a track (chords, no arcs), sorted to the planned layers. model : that the usual
    width is of."""
    moving = track.e_um != 0
    for axis in range(3):
        moving |= track.end_um[:, axis] != track.start_um[:, axis]
    steps = np.flatnonzero(moving)
    laid = is_bead(track)[steps]
    rows = steps[laid]
    # A chain breaks where another real move lies between, or the flow of time does.
    place = np.flatnonzero(laid)
    is_break = np.ones(len(rows), bool)
    is_break[1:] = np.diff(place) != 1
    chain = np.cumsum(is_break)
    start, end = track.start_um.take(rows, axis=0), track.end_um.take(rows, axis=0)
    length = np.hypot(*(end - start)[:, :2].T)
    tool = track.tool[rows]
    radius_um = of_each(demand, tool, lambda own: own.filament_um, demand.machine.filament_um) / 2
    volume = track.e_um[rows] * (np.pi * radius_um * radius_um)
    permille = demand.material.flow_permille
    flow = of_each(demand, tool, lambda own: own.material.flow_permille, permille) / 1000
    area = _smoothed(volume, length, chain) / flow
    z = end[:, 2]
    layer, fed = _without_purge(_layer_of(z, heights)), area
    turns = None
    if 0 < demand.layers.spiral_from < len(heights):
        turns = turns_of(start[:, 2], end[:, 2], length, heights.top_um, demand.layers.spiral_from)
        layer[turns.rows] = turns.layer
        # As wide as on a whole layer; for what it holds the bead's own area stands.
        area = area.copy()
        share = np.ones(len(rows))
        share[turns.rows] = turns.share
        share = _smoothed(share * length, length, chain)[turns.rows]
        area[turns.rows] = turns.whole_area(
            volume[turns.rows] / flow[turns.rows], area[turns.rows], share
        )
        z = z.copy()
        z[turns.rows] = (start[turns.rows, 2] + end[turns.rows, 2]) / 2
    height = np.where(
        layer >= 0, heights.height_um[np.maximum(layer, 0)] if len(heights) else 0.0, 0.0
    )
    height = np.where(layer >= 0, height, demand.layers.height_um)
    thread = np.sqrt(area * (4 / np.pi))
    width = width_under(model, thread, height)
    is_other = model is not BeadModel.STADIUM
    stadium = width_under(BeadModel.STADIUM, thread, height) if is_other else None
    is_step = np.ones(len(layer), bool)
    is_step[1:] = (layer[1:] != layer[:-1]) | ((layer[1:] < 0) & (z[1:] != z[:-1]))
    is_ironed = _is_ironing(area, height, demand) & (layer >= 0)
    planned, borders = _by_layer(layer, np.flatnonzero((layer >= 0) & ~is_ironed), len(heights))
    ironed, ironed_borders = _by_layer(layer, np.flatnonzero(is_ironed), len(heights))
    other = np.flatnonzero(layer < 0)
    visits = layer[is_step]
    del volume, flow, tool, place, laid, moving, steps, is_break, is_step, is_ironed, layer, height
    columns = {
        "start_um": start[:, :2],
        "end_um": end[:, :2],
        "width_um": width,
        "thread_um": thread,
        "area_um2": fed,
        "length_um": length,
        "z_um": z,
        "line": track.line[rows],
        "seq": track.seq[rows],
        "chain": chain,
        **({} if stadium is None else {"stadium_um": stadium}),
    }
    del start, end, width, thread, fed, area, length, z, chain
    parts: tuple[dict[str, NDArray[Any]], ...] = ({}, {}, {})
    for name in list(columns):
        # One after the other: a large program's beads are not held twice.
        column = columns.pop(name)
        for own, order in zip(parts, (planned, ironed, other), strict=True):
            own[name] = column.take(order, axis=0)
    for own in parts:
        own["middle_um"] = (own["start_um"] + own["end_um"]) / 2
    return Deposit(
        Beads(**parts[0], layer_offsets=borders),
        Beads(**parts[1], layer_offsets=ironed_borders),
        Beads(**parts[2], layer_offsets=np.array([0, len(other)], np.int64)),
        visits,
        turns,
        rows,
    )


def _by_layer(
    layer: NDArray[np.int64], rows: NDArray[np.int64], n_layers: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows layer by layer, offsets of the layers)."""
    order = rows[np.argsort(layer[rows], kind="stable")]
    return order, np.searchsorted(layer[order], np.arange(n_layers + 1)).astype(np.int64)


def _is_ironing(
    area: NDArray[np.float64], height: NDArray[np.float64], demand: AuditDemand
) -> NDArray[np.bool_]:
    ironing = demand.integrity.ironing
    if ironing is None:
        return np.zeros(len(area), bool)
    ratio = area / (height * (ironing.pitch_um * ironing.flow_permille / 1000))
    return np.asarray((ratio > IRONING_BAND[0]) & (ratio < IRONING_BAND[1]))


def _layer_of(z: NDArray[np.float64], heights: Heights) -> NDArray[np.int64]:
    if not len(heights):
        return np.full(len(z), -1, np.int64)
    above = np.clip(np.searchsorted(heights.top_um, z), 0, len(heights) - 1)
    below = np.maximum(above - 1, 0)
    nearer = np.where(
        np.abs(heights.top_um[below] - z) < np.abs(heights.top_um[above] - z), below, above
    )
    return np.where(np.abs(heights.top_um[nearer] - z) <= LAYER_MATCH_UM, nearer, -1)


def _without_purge(layer: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) layers of beads in time, -1 for what is purged at some layer's height before the first
    bead of the lowest one. What is laid of a layer only then is no purge but printed too early."""
    begun = np.flatnonzero(layer == 0)
    if not len(begun):
        return layer
    early, late = layer[: begun[0]], layer[begun[0] :]
    if not (early > 0).any():
        return layer
    return np.concatenate([np.where(np.isin(early, late), -1, early), late])


def _smoothed(
    volume: NDArray[np.float64], length: NDArray[np.float64], chain: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Cross-section of each move, averaged over stretches of `SMOOTH_UM` of its chain."""
    along = np.cumsum(length)
    is_head = np.ones(len(chain), bool)
    is_head[1:] = chain[1:] != chain[:-1]
    before = np.where(is_head, along - length, 0.0)
    origin = np.maximum.accumulate(before) if len(before) else before
    stretch = np.floor((along - length / 2 - origin) / SMOOTH_UM)
    is_new = is_head.copy()
    is_new[1:] |= stretch[1:] != stretch[:-1]
    group = np.cumsum(is_new) - 1
    n = int(group[-1]) + 1 if len(group) else 0
    total = np.bincount(group, volume, n)[group]
    way = np.bincount(group, length, n)[group]
    return np.asarray(total / np.maximum(way, 1e-9))


def laid_widths(
    beads: Beads,
    may_hang: Callable[[NDArray[np.int64]], NDArray[np.bool_]],
    usual_um: float,
    nozzle_um: float,
) -> NDArray[np.float64]:
    """(n,) how wide the beads of one layer lie, bridges taken for what they are.

    A bridge's thread is laid as thick as the nozzle, and what is beyond the layer's height goes
    down into the air under it. `may_hang` : of some of the beads, whether there is air there. A
    chain that is such a thread in one place is one throughout.
    """
    thick = (beads.pitch_um > WIDE_RATIO * usual_um) & (beads.thread_um > THICK_RATIO * nozzle_um)
    rows = np.flatnonzero(thick)
    if not len(rows):
        return beads.width_um
    hanging = beads.chain[rows[may_hang(rows)]]
    if not len(hanging):
        return beads.width_um
    threads = thick & np.isin(beads.chain, hanging)
    return np.where(threads, beads.thread_um, beads.width_um)


def typical_width_um(beads: Beads) -> float:
    """Width that half of the length is narrower than, as lines are laid."""
    if not len(beads.pitch_um):
        return 0.0
    order = np.argsort(beads.pitch_um, kind="stable")
    length = np.cumsum(beads.length_um[order])
    return float(beads.pitch_um[order][np.searchsorted(length, length[-1] / 2)])

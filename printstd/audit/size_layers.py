"""The beads of a part in layers, and where surfaces are found on them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import SizeFound
from printstd.artifacts.demand import Compensations
from printstd.audit.beads import THICK_RATIO, WIDE_RATIO
from printstd.audit.layer_job import LayerFigures, LayerJob
from printstd.audit.placing import Standing, turned
from printstd.audit.surfaces import free_side, stretches

Floats = NDArray[np.float64]

ROOM_UM: Final = 1_000.0
"""A surface that lies further from its place than this is not found; a program like that breaks
other rules."""
UPRIGHT: Final = 0.3
"""Sine of the least angle between a surface's normal and the vertical at which it is looked for in
the middle of layers."""
LEVEL: Final = 0.02
COVERED_UM: Final = 40.0
"""A place this near to a bead counts as covered by it: the valleys between the lines of a skin."""
MOST_MISSING: Final = 0.1
"""Share of the places at which a surface may not be found: where the face has a cut-out."""
U_SURFACE_UM: Final = 1.5
"""Expanded uncertainty (k = 2) of one surface: a coordinate of the program is rounded to 1 um and
one of the declared place to 1 um (each 0.29 um standard), a bead's width by its filament of 10^-5
mm (0.5 um on the 0.25 mm over which it is averaged): 0.65 um, times 2, rounded up."""


class Layers(NamedTuple):
    """Beads of the part and those beside it that may be meant as its, layer by layer, and where the
    model stands.

    starts, ends : (n, 2) um; halves : (n,) um; offsets : (l + 1,). tops, heights : (l,) um.
    to_bed : (3, 3) rotation; scale : (3,) shrinkage along the bed's axes; shift : (3,) um.
    """

    starts: Floats
    ends: Floats
    halves: Floats
    offsets: NDArray[np.int64]
    tops: Floats
    heights: Floats
    to_bed: Floats
    scale: Floats
    quarter_turns: int
    shift: Floats
    by: Compensations
    u_shape_um: float
    """U (k = 2) of a bead's side by the models of a bead: all sides lie further out or in
    together."""

    def placed(self, points_nm: Sequence[Sequence[int]]) -> Floats:
        """(n, 3) um on the bed."""
        out = (np.array(points_nm, np.float64) / 1000) @ self.to_bed.T * self.scale
        return np.column_stack([turned(out[:, :2], self.quarter_turns), out[:, 2]]) + self.shift

    def directed(self, ways_e9: Sequence[Sequence[int]]) -> Floats:
        """(n, 3) unit vectors in the bed frame."""
        out = (np.array(ways_e9, np.float64) / 1e9) @ self.to_bed.T
        out = np.column_stack([turned(out[:, :2], self.quarter_turns), out[:, 2]])
        return np.asarray(out / np.sqrt((out * out).sum(axis=1))[:, None])


def layers_of(
    job: LayerJob, figures: Sequence[LayerFigures], standing: Standing, rotation_e9: Sequence[int]
) -> Layers:
    """What the sizes are measured on. rotation_e9 : declared, or of none the identity."""
    starts, ends, halves, counts = [], [], [], np.zeros(len(job.heights), np.int64)
    for one in figures:
        rows = job.beads.of_layer(one.layer)
        kept = np.flatnonzero(one.sorted.is_part) + rows.start
        kept = np.sort(np.concatenate([kept, strays(job, one)]))
        width = job.beads.width_um[kept]
        thread = job.beads.thread_um[kept]
        pitch = job.beads.pitch_um[kept]
        is_thread = (pitch > WIDE_RATIO * job.bead_um) & (thread > THICK_RATIO * job.nozzle_um)
        starts.append(job.beads.start_um[kept])
        ends.append(job.beads.end_um[kept])
        halves.append(np.where(is_thread, thread, width) / 2)
        counts[one.layer] = len(kept)
    by = job.compensations
    return Layers(
        np.concatenate([np.empty((0, 2)), *starts]),
        np.concatenate([np.empty((0, 2)), *ends]),
        np.concatenate([np.empty(0), *halves]),
        np.concatenate([[0], np.cumsum(counts)]),
        job.heights.top_um,
        job.heights.height_um,
        np.array(rotation_e9, np.float64).reshape(3, 3) / 1e9,
        np.array([by.scale_xy_e6, by.scale_xy_e6, by.scale_z_e6]) / 1e6,
        standing.quarter_turns,
        np.array(standing.translation_um, np.float64),
        by,
        max((one.reach_spread.expanded_um for one in figures), default=0.0),
    )


def strays(job: LayerJob, one: LayerFigures) -> NDArray[np.int64]:
    """Rows of beads of a layer that lie beside the part, so near that they may be a wall of it that
    is in the wrong place. In a first layer that may have a brim nobody can tell."""
    if one.layer == 0 and job.limits[0].adhesion_allowed:
        return np.empty(0, np.int64)
    return one.sorted.outside[one.sorted.outside_um <= ROOM_UM]


def stray_reach(job: LayerJob, figures: Sequence[LayerFigures]) -> tuple[Floats, Floats] | None:
    """(lowest, highest), each (3,) um: how far such beads reach along the model's own axes; None
    where there are none. A bead's end counts as cut off square."""
    found = [(strays(job, one), one.layer) for one in figures]
    rows = np.concatenate([np.empty(0, np.int64), *(own for own, _ in found)])
    if not len(rows):
        return None
    beads = job.beads
    layer = np.repeat([layer for _, layer in found], [len(own) for own, _ in found])
    start, end = beads.start_um[rows], beads.end_um[rows]
    way = (end - start) / np.maximum(beads.length_um[rows], 1e-9)[:, None]
    top = job.heights.top_um[layer]
    low, high = np.empty(3), np.empty(3)
    for axis in range(3):
        x, y, up = job.axes[axis].tolist()
        side = beads.width_um[rows] / 2 * np.abs(way[:, 0] * y - way[:, 1] * x)
        ends = [point[:, 0] * x + point[:, 1] * y for point in (start, end)]
        levels = [z * up for z in (top - job.heights.height_um[layer], top)]
        low[axis] = float((np.minimum(*ends) - side + np.minimum(*levels)).min())
        high[axis] = float((np.maximum(*ends) + side + np.maximum(*levels)).max())
    return low, high


def scale_along(layers: Layers, way: Floats) -> float:
    """By what a length along a direction of the bed was made larger for shrinkage."""
    scaled = layers.scale * way
    return float(np.sqrt((scaled * scaled).sum()))


def layers_within(layers: Layers, low_um: float, high_um: float) -> NDArray[np.int64]:
    """Layers that lie between two heights with all they are; of a face in which none does, those
    whose middle is there. The first one is drawn in where a foot was declared, and left out."""
    tops, bottoms = layers.tops, layers.tops - layers.heights
    whole = np.flatnonzero((bottoms >= low_um - 2.0) & (tops <= high_um + 2.0))
    if not len(whole):
        middles = (tops + bottoms) / 2
        whole = np.flatnonzero((middles >= low_um) & (middles <= high_um))
    if layers.by.elephant_foot_um and len(whole) > 1:
        whole = whole[whole > 0]
    return np.asarray(whole, np.int64)


class Lines(NamedTuple):
    """Straight lines across a surface, each in one layer: at : (n, 2) um, where the surface should
    be; way : (n, 2) unit vectors out of the material; layer : (n,) int64; room : (n,) um, how far
    from its place the surface is looked for."""

    at: Floats
    way: Floats
    layer: NDArray[np.int64]
    room: Floats


Measuring = Generator[Sequence[Lines], Sequence[Floats], SizeFound]
"""The measuring of one size: it asks for all its lines at once, is sent how far from its place the
material ends on each (NaN: nowhere within its room), and returns the size. So the lines of all
sizes are looked up together, layer by layer."""

_MOST_PAIRS: Final = 300_000
"""Lines times beads of a layer of which each pair is looked at; more are looked up in a tree."""


def crossed(layers: Layers, lines: Lines) -> Floats:
    """(n,) where the material ends along the way out of each place in its layer, um; NaN: nowhere
    within its room."""
    found = np.full(len(lines.at), np.nan)
    known: dict[bytes, Floats] = {}
    order = np.argsort(lines.layer, kind="stable")
    numbers, first = np.unique(lines.layer[order], return_index=True)
    for number, rows in zip(numbers.tolist(), np.split(order, first[1:]), strict=True):
        own = slice(int(layers.offsets[number]), int(layers.offsets[number + 1]))
        start, end, half = layers.starts[own], layers.ends[own], layers.halves[own]
        at, way, room = lines.at[rows], lines.way[rows], lines.room[rows]
        # Layers that are alike are looked at once.
        key = b"".join(part.tobytes() for part in (at, way, start, end, half))
        if key not in known:
            line, bead = _near(at, room, start, end, half)
            low, high = stretches(at[line], way[line], start[bead], end[bead], half[bead])
            known[key] = free_side(line, low, high, len(at), room)
        found[rows] = known[key]
    return found


def _near(
    at: Floats, room: Floats, start: Floats, end: Floats, half: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(line, bead) of one layer whose boxes meet: no other pair can cross."""
    low, high = np.minimum(start, end) - half[:, None], np.maximum(start, end) + half[:, None]
    reach = room[:, None]
    if len(at) * len(half) <= _MOST_PAIRS:
        x, y = at[:, :1], at[:, 1:]
        meets = (low[:, 0] <= x + reach) & (high[:, 0] >= x - reach)
        meets &= (low[:, 1] <= y + reach) & (high[:, 1] >= y - reach)
        line, bead = np.nonzero(meets)
        return line, bead
    import shapely

    tree = shapely.STRtree(shapely.linestrings(np.stack([low, high], axis=1)))
    line, bead = tree.query(shapely.linestrings(np.stack([at - reach, at + reach], axis=1)))
    return line, bead


def covers(layers: Layers, number: int, x: float, y: float) -> bool:
    own = slice(int(layers.offsets[number]), int(layers.offsets[number + 1]))
    start, end = layers.starts[own], layers.ends[own]
    if not len(start):
        return False
    way = end - start
    off = np.array([x, y]) - start
    square = np.maximum((way * way).sum(axis=1), 1e-9)
    share = np.clip((off * way).sum(axis=1) / square, 0.0, 1.0)
    off = off - way * share[:, None]
    far = np.sqrt((off * off).sum(axis=1)) - layers.halves[own]
    return bool(far.min() <= COVERED_UM)

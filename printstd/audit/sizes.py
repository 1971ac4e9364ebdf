"""The sizes of a drawing, measured on the union of the beads.

Each surface that a size lies between is looked at along straight lines across it, in every layer
that it passes through: upright and leaning ones in the middle of the layer, level ones by the
heights of the layers that cover a place. Declared compensations are taken back, so what is measured
is the size of the finished part if the process does what it was compensated for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import SizeFound
from printstd.artifacts.conformity import decided
from printstd.artifacts.demand import Compensations, RoundSurface, SizeDemand, SurfaceTrace
from printstd.artifacts.finding import Status
from printstd.audit.beads import THICK_RATIO, WIDE_RATIO
from printstd.audit.layer_work import LayerFigures, LayerJob
from printstd.audit.placing import Standing, turned
from printstd.audit.surfaces import free_side, stretches
from printstd.words import said

Floats = NDArray[np.float64]

U_SURFACE_UM: Final = 1.5
"""Expanded uncertainty (k = 2) of one surface: a coordinate of the program is rounded to 1 um and
one of the declared place to 1 um (each 0.29 um standard), a bead's width by its filament of 10^-5
mm (0.5 um on the 0.25 mm over which it is averaged): 0.65 um, times 2, rounded up."""
U_LEVEL_UM: Final = 1.0
"""Of a level one: heights are written to 1 um."""
ROOM_UM: Final = 1_000.0
"""A surface that lies further from its place than this is not found; a program like that breaks
other rules."""
DIRECTIONS: Final = 72
"""In which a whole circle is looked at."""
UPRIGHT: Final = 0.3
"""Sine of the least angle between a surface's normal and the vertical at which it is looked for in
the middle of layers."""
LEVEL: Final = 0.02
COVERED_UM: Final = 40.0
"""A place this near to a bead counts as covered by it: the valleys between the lines of a skin."""
MOST_MISSING: Final = 0.1
"""Share of the places at which a surface may not be found: where the face has a cut-out."""


class Layers(NamedTuple):
    """Beads of the part, layer by layer, and where the model stands.

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
        width = job.beads.width_um[kept]
        thread = job.beads.thread_um[kept]
        is_thread = (width > WIDE_RATIO * job.bead_um) & (thread > THICK_RATIO * job.nozzle_um)
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
    )


class _Off(NamedTuple):
    """How far a surface lies out of its place, along its outward normal, um on the finished part:
    values : (n,), NaN where it was not found. u : of each. layers : how many were looked at."""

    values: Floats
    u: float
    n_layers: int


def found_size(layers: Layers, want: SizeDemand, extent: tuple[float, float] | None) -> SizeFound:
    """One size. extent : (measured, as placed with its compensations), um, of ``extent``."""
    if want.shape == "extent" and extent is not None and np.isfinite(extent).all():
        return _of_extent(layers, want, *extent)
    if want.shape == "planes" and want.traces:
        return _between_planes(layers, want)
    if want.shape in ("diameter", "radius") and want.surface is not None:
        return _of_round(layers, want, want.surface)
    return _none(want, want.reason or said("the program lays nothing that could be measured"))


def _none(want: SizeDemand, why: str) -> SizeFound:
    return SizeFound(want.number, None, None, 0, None, Status.NOT_EVALUATED, why)


def _answer(
    want: SizeDemand, ends_um: tuple[float, float], mean_um: float, u_um: float, basis: str
) -> SizeFound:
    """ends_um, mean_um : by how much the size comes out larger than the model's, at its least and
    its greatest place and on the mean. Every place must conform, so the worse end decides."""
    u = int(np.ceil(u_um * 1000))
    deviations = [round(want.model_nm + off * 1000) - want.nominal_nm for off in ends_um]
    verdicts = [decided(own, u, want.lower_nm, want.upper_nm) for own in deviations]
    rank = (Status.FAIL, Status.INDETERMINATE, Status.PASS)
    middle = (want.lower_nm + want.upper_nm) / 2
    worst = min(range(2), key=lambda i: (rank.index(verdicts[i]), -abs(deviations[i] - middle)))
    return SizeFound(
        want.number,
        want.nominal_nm + deviations[worst],
        deviations[worst],
        u,
        round(want.model_nm + mean_um * 1000),
        verdicts[worst],
        basis,
    )


def _of_extent(layers: Layers, want: SizeDemand, measured: float, placed: float) -> SizeFound:
    along = layers.to_bed @ np.eye(3)[want.axis]
    off = (measured - placed) / _scale_along(layers, along)
    level = float(np.hypot(along[0], along[1]))
    u = float(np.sqrt(2)) * U_SURFACE_UM + 2 * layers.by.fuzzy_um * level
    return _answer(want, (off, off), off, u, said("reach of the beads' sides over all layers"))


def _scale_along(layers: Layers, way: Floats) -> float:
    """By what a length along a direction of the bed was made larger for shrinkage."""
    scaled = layers.scale * way
    return float(np.sqrt((scaled * scaled).sum()))


# ------------------------------------------------------------------------------ flat faces


class _Off(NamedTuple):
    """How far a surface lies out of its place, outwards, um of the finished part: values : (n,),
    NaN where none was found. u : of each. n_layers : in which it was looked for."""

    values: Floats
    u: float
    n_layers: int


def _between_planes(layers: Layers, want: SizeDemand) -> SizeFound:
    sides, places, normals = [], [], []
    for side in (0, 1):
        own = [trace for trace in want.traces if trace.side == side]
        off = _off_face(layers, own) if own else None
        if off is None:
            why = said(
                "one of its two faces is not to be found on the beads near to where the model has it"
            )
            return _none(want, why)
        sides.append(off)
        places.append(np.array(own[0].start_nm, np.float64))
        normals.append(np.array(own[0].normal_e9, np.float64))
    # A face that looks away from the other makes the size larger where it lies further out.
    signs = [1.0 if float((places[i] - places[1 - i]) @ normals[i]) > 0 else -1.0 for i in (0, 1)]
    low = high = mean = 0.0
    for sign, own_off in zip(signs, sides, strict=True):
        least, most = np.nanmin(own_off.values), np.nanmax(own_off.values)
        low += float(min(sign * least, sign * most))
        high += float(max(sign * least, sign * most))
        mean += sign * float(np.nanmean(own_off.values))
    basis = said(
        "between the sides of the beads, in {count} layers",
        count=max(off.n_layers for off in sides),
    )
    return _answer(want, (low, high), mean, float(np.hypot(sides[0].u, sides[1].u)), basis)


def _off_face(layers: Layers, traces: Sequence[SurfaceTrace]) -> _Off | None:
    normal = layers.directed([traces[0].normal_e9])[0]
    across = float(np.hypot(normal[0], normal[1]))
    if across < LEVEL:
        return _off_level_face(layers, traces, up=bool(normal[2] > 0))
    if across < UPRIGHT:
        return None
    start = layers.placed([trace.start_nm for trace in traces])
    end = layers.placed([trace.end_nm for trace in traces])
    middles = layers.tops - layers.heights / 2
    at, of_layer = [], []
    for a, b in zip(start, end, strict=True):
        low, high = (a, b) if a[2] <= b[2] else (b, a)
        inside = _layers_within(layers, float(low[2]), float(high[2]))
        rise = max(float(high[2] - low[2]), 1e-9)
        share = (middles[inside] - low[2]) / rise
        at.append(low[:2] + share[:, None] * (high - low)[:2])
        of_layer.append(inside)
    place, layer = np.concatenate(at), np.concatenate(of_layer)
    way = np.tile(normal[:2] / across, (len(place), 1))
    room = np.full(len(place), ROOM_UM)
    off = _crossed(layers, place, way, layer, room)
    if not len(off) or np.isnan(off).mean() > MOST_MISSING:
        return None
    by = layers.by
    values = (off - by.xy_um) * across / _scale_along(layers, normal)
    # Where a declared change of holes applies to a face or not, nobody tells here.
    u = U_SURFACE_UM + 2 * by.fuzzy_um + abs(by.hole_um) * across
    return _Off(values, u, len(np.unique(layer)))


def _layers_within(layers: Layers, low_um: float, high_um: float) -> NDArray[np.int64]:
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


def _crossed(
    layers: Layers, at: Floats, way: Floats, layer: NDArray[np.int64], room: Floats
) -> Floats:
    """(n,) where the material ends along the way out of each place in its layer; NaN: nowhere
    within its room."""
    found = np.full(len(at), np.nan)
    known: dict[bytes, Floats] = {}
    for number in np.unique(layer).tolist():
        rows = np.flatnonzero(layer == number)
        own = slice(int(layers.offsets[number]), int(layers.offsets[number + 1]))
        start, end, half = layers.starts[own], layers.ends[own], layers.halves[own]
        reach = float(room[rows].max()) + float(half.max(initial=0.0))
        low, high = at[rows].min(axis=0) - reach, at[rows].max(axis=0) + reach
        near = (np.minimum(start, end) <= high).all(axis=1) & (np.maximum(start, end) >= low).all(
            axis=1
        )
        start, end, half = start[near], end[near], half[near]
        key = b"".join(part.tobytes() for part in (at[rows], start, end, half))
        if key not in known:
            known[key] = _ends(at[rows], way[rows], room[rows], start, end, half)
        found[rows] = known[key]
    return found


def _ends(
    at: Floats, way: Floats, room: Floats, start: Floats, end: Floats, half: Floats
) -> Floats:
    """Of one layer's lines and the beads near to them."""
    # A bead that comes no nearer to the middle of a line than this never meets it.
    low, high = np.minimum(start, end), np.maximum(start, end)
    reach = room[:, None] + half
    off_x = np.maximum(np.maximum(low[:, 0] - at[:, :1], at[:, :1] - high[:, 0]), 0.0)
    off_y = np.maximum(np.maximum(low[:, 1] - at[:, 1:], at[:, 1:] - high[:, 1]), 0.0)
    line, bead = np.nonzero((off_x <= reach) & (off_y <= reach))
    lows, highs = stretches(at[line], way[line], start[bead], end[bead], half[bead])
    return free_side(line, lows, highs, len(at), room)


def _off_level_face(layers: Layers, traces: Sequence[SurfaceTrace], *, up: bool) -> _Off | None:
    """By the layers that cover each place: a face that looks up lies at the top of the last one, a
    face that looks down at the bottom of the first."""
    at = layers.placed([trace.start_nm for trace in traces])
    bottoms = layers.tops - layers.heights
    offs = []
    for x, y, z in at.tolist():
        room = 2.5 * float(layers.heights.max()) + ROOM_UM / 4
        near = np.flatnonzero((layers.tops >= z - room) & (bottoms <= z + room))
        covering = [number for number in near.tolist() if _covers(layers, number, x, y)]
        ends = [
            float(layers.tops[n] if up else bottoms[n])
            for n in covering
            if (n + 1 if up else n - 1) not in covering
        ]
        ends = [(end - z) * (1.0 if up else -1.0) for end in ends]
        if ends:
            offs.append(min(ends, key=abs))
    if not offs or len(offs) < len(at) / 2:
        return None
    # One place may lie between two lines of a skin: most decide.
    value = float(np.median(offs)) / float(layers.scale[2])
    return _Off(np.array([value]), U_LEVEL_UM, len(layers.tops))


def _covers(layers: Layers, number: int, x: float, y: float) -> bool:
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


# ---------------------------------------------------------------------------- round surfaces


def _of_round(layers: Layers, want: SizeDemand, surface: RoundSurface) -> SizeFound:
    axis = layers.directed([surface.axis_e9])[0]
    scale = _scale_along(layers, np.cross(axis, _across(axis)))
    radius = want.model_nm / 1000 / (2 if want.shape == "diameter" else 1)
    point = layers.placed([surface.point_nm])[0]
    if abs(axis[2]) > 1 - LEVEL * LEVEL:
        angle, off, n_layers = _round_upright(layers, want, surface, point, radius * scale)
    elif abs(axis[2]) < LEVEL:
        angle, off, n_layers = _round_lying(layers, surface, point, axis, radius * scale)
    else:
        return _none(
            want, said("its axis is neither upright nor level, so layers cut it as an oval")
        )
    if not len(off) or np.isnan(off).mean() > MOST_MISSING:
        return _none(
            want, said("it is not to be found on the beads near to where the model has it")
        )
    return _round_answer(layers, want, surface, axis, angle, off / scale, n_layers)


def _across(axis: Floats) -> Floats:
    """A unit vector square to an axis."""
    other = np.eye(3)[int(np.argmin(np.abs(axis)))]
    out = np.cross(axis, other)
    return np.asarray(out / np.sqrt((out * out).sum()))


def _angles(layers: Layers, surface: RoundSurface) -> tuple[Floats, Floats, Floats]:
    """(angles, directions (k, 3), weight): where the surface is looked at, from its axis. An arc is
    looked at away from its ends, where other faces begin."""
    axis = layers.directed([surface.axis_e9])[0]
    first = layers.directed([surface.from_e9])[0]
    sweep = np.deg2rad(surface.arc_mdeg / 1000)
    count = max(round(DIRECTIONS * surface.arc_mdeg / 360_000), 8)
    if surface.arc_mdeg >= 360_000:
        angle = np.arange(count) / count * sweep
    else:
        angle = (0.1 + 0.8 * (np.arange(count) + 0.5) / count) * sweep
    second = np.cross(axis, first)
    way = np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * second
    return angle, way, first


def _round_upright(
    layers: Layers, want: SizeDemand, surface: RoundSurface, point: Floats, radius_um: float
) -> tuple[Floats, Floats, int]:
    """(angle, how far the surface lies from its place, outward seen from the axis, layers)."""
    angle, way, _ = _angles(layers, surface)
    half = surface.length_nm / 2000 * float(layers.scale[2])
    inside = _layers_within(layers, point[2] - half, point[2] + half)
    layer = np.repeat(inside, len(angle))
    radial = np.tile(way[:, :2], (len(inside), 1))
    out = -radial if surface.is_hollow else radial
    at = point[:2] + radial * radius_um
    room = np.full(len(at), min(ROOM_UM, 0.9 * radius_um))
    off = _crossed(layers, at, out, layer, room)
    by = layers.by
    off = off - (by.xy_um - (by.hole_um if surface.is_hollow else 0))
    return np.tile(angle, len(inside)), -off if surface.is_hollow else off, len(inside)


def _round_lying(
    layers: Layers, surface: RoundSurface, point: Floats, axis: Floats, radius_um: float
) -> tuple[Floats, Floats, int]:
    """The same of a surface whose axis is level: in each layer where a side of it stands steep
    enough, at three places along it. The layers' middles stand for their whole height."""
    _, way, _ = _angles(layers, surface)
    middles = layers.tops - layers.heights / 2
    sine = (middles - point[2]) / radius_um
    inside = np.flatnonzero(np.abs(sine) <= np.sqrt(1 - UPRIGHT * UPRIGHT))
    if layers.by.elephant_foot_um:
        inside = inside[inside > 0]
    side = np.array([-axis[1], axis[0]]) / float(np.hypot(axis[0], axis[1]))
    half = surface.length_nm / 2000 * float(layers.scale[0])
    steps = np.array([-0.5, 0.0, 0.5]) * half
    at, radial, layer, normal = [], [], [], []
    for number in inside.tolist():
        up = float(sine[number])
        level = float(np.sqrt(1 - up * up))
        for sign in (1.0, -1.0):
            outward = np.array([*(sign * level * side), up])
            if surface.arc_mdeg < 360_000 and float((way @ outward).max()) < np.cos(np.deg2rad(4)):
                continue
            for step in steps:
                at.append(point[:2] + axis[:2] * step + sign * side * level * radius_um)
                radial.append(sign * side)
                layer.append(number)
                normal.append((np.arctan2(up, sign * level), level))
    if not at:
        return np.empty(0), np.empty(0), 0
    place, outwards = np.array(at), np.array(radial)
    angle, across = np.array(normal).T
    out = -outwards if surface.is_hollow else outwards
    room = np.full(len(place), min(ROOM_UM, 0.5 * radius_um))
    off = _crossed(layers, place, out, np.array(layer), room) - layers.by.xy_um
    return angle, (-off if surface.is_hollow else off) * across, len(inside)


def _round_answer(
    layers: Layers,
    want: SizeDemand,
    surface: RoundSurface,
    axis: Floats,
    angle: Floats,
    off: Floats,
    n_layers: int,
) -> SizeFound:
    """off : (n,) um, how much further from the axis the surface lies, NaN where it was not found.

    Of a whole circle the size is that of the largest circle that fits into it (hole) or the
    smallest around it (boss) about the axis that fits the beads best, and the greatest on the other
    side; how far that axis lies from the model's must stay within half of the limits' width, too:
    a hole in another place is not this hole."""
    known = ~np.isnan(off)
    angle, off = angle[known], off[known]
    is_upright = abs(axis[2]) > 0.5
    by = layers.by
    u_one = U_SURFACE_UM + 2 * by.fuzzy_um
    times = 2.0 if want.shape == "diameter" else 1.0
    shift = 0.0
    if surface.arc_mdeg >= 360_000:
        off, shift = _about_own_axis(angle, off)
    if not is_upright:
        # A layer's side is upright where the surface leans: up to half a layer times the sine of the
        # lean, evenly spread (/ sqrt 3), and as many times less as layers are averaged; k = 2.
        spread = float(layers.heights.max()) / np.sqrt(3 * max(n_layers, 1))
        u_one += abs(by.hole_um) + float(spread)
        ends = (float(off.mean()), float(off.mean()))
        basis = said(
            "circle through the sides of the beads of {count} layers, its axis level",
            count=n_layers,
        )
    else:
        ends = (float(off.min()), float(off.max()))
        basis = said("circles in the beads of {count} layers", count=n_layers)
    found = _answer(
        want,
        (times * ends[0], times * ends[1]),
        times * float(off.mean()),
        times * u_one,
        basis,
    )
    room_nm = (want.upper_nm - want.lower_nm) // 2
    moved = round(shift * 1000)
    if moved - found.u_nm > room_nm:
        why = said(
            "its axis lies {off:.3f} mm from where the model has it, more than half the width of "
            "its limits",
            off=shift / 1000,
        )
        return replace(found, verdict=Status.FAIL, basis=why)
    return found


def _about_own_axis(angle: Floats, off: Floats) -> tuple[Floats, float]:
    """(off about the axis that fits best, how far that axis lies from the model's): the first
    harmonic, by least squares with the mean."""
    columns = np.column_stack([np.ones(len(angle)), np.cos(angle), np.sin(angle)])
    # Normal equations of three unknowns: no LAPACK, whose last bits differ between machines.
    left = (columns[:, :, None] * columns[:, None, :]).sum(axis=0)
    right = (columns * off[:, None]).sum(axis=0)
    _, a, b = _solved(left, right)
    return off - a * columns[:, 1] - b * columns[:, 2], float(np.hypot(a, b))


def _solved(left: Floats, right: Floats) -> tuple[float, float, float]:
    """Three equations by Cramer's rule; zeros where they say too little."""
    whole = _determinant(left)
    if abs(whole) < 1e-9 * float(left[0, 0]) ** 3:
        return float(right[0] / left[0, 0]), 0.0, 0.0
    found = []
    for column in range(3):
        changed = left.copy()
        changed[:, column] = right
        found.append(_determinant(changed) / whole)
    return found[0], found[1], found[2]


def _determinant(m: Floats) -> float:
    return float((np.cross(m[0], m[1]) * m[2]).sum())

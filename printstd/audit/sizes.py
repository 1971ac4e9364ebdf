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
from printstd.artifacts.demand import SizeDemand, SurfaceTrace
from printstd.artifacts.finding import Status
from printstd.audit.round_sizes import of_round
from printstd.audit.size_answer import answer, none
from printstd.audit.size_layers import (
    LEVEL,
    MOST_MISSING,
    ROOM_UM,
    U_SURFACE_UM,
    UPRIGHT,
    Layers,
    Lines,
    Measuring,
    covers,
    crossed,
    layers_within,
    scale_along,
)
from printstd.words import said

Floats = NDArray[np.float64]

U_LEVEL_UM: Final = 1.0
"""Of a level one: heights are written to 1 um."""


class Extents(NamedTuple):
    """(3,) um along the model's own axes: on the part's beads alone, with those beside it that may
    be walls in the wrong place, and as the model is placed with its declared compensations.
    may_be_supports : what lies beside the part may be none of it on purpose."""

    own: Floats
    with_strays: Floats
    placed: Floats
    may_be_supports: bool


def found_sizes(
    layers: Layers, wants: Sequence[SizeDemand], extents: Extents
) -> tuple[SizeFound, ...]:
    """All sizes of a demand, in its order."""
    found: list[SizeFound | None] = [None] * len(wants)
    waiting: list[tuple[int, Measuring, Sequence[Lines]]] = []
    for number, want in enumerate(wants):
        measuring = _measuring(layers, want, extents)
        try:
            waiting.append((number, measuring, next(measuring)))
        except StopIteration as done:
            found[number] = done.value
    asked = [lines for _, _, own in waiting for lines in own]
    if asked:
        together = Lines(*(np.concatenate(column) for column in zip(*asked, strict=True)))
        ends = np.cumsum([len(lines.at) for lines in asked])[:-1]
        answers = iter(np.split(crossed(layers, together), ends))
        for number, measuring, own in waiting:
            try:
                measuring.send([next(answers) for _ in own])
            except StopIteration as done:
                found[number] = done.value
    return tuple(size for size in found if size is not None)


def _measuring(layers: Layers, want: SizeDemand, extents: Extents) -> Measuring:
    if want.shape == "extent" and np.isfinite(extents.own).all():
        return _of_extent(layers, want, extents)
    if want.shape == "planes" and want.traces:
        return (yield from _between_planes(layers, want))
    if want.shape in ("diameter", "radius") and want.surface is not None:
        return (yield from of_round(layers, want, want.surface))
    return none(want, want.reason or said("the program lays nothing that could be measured"))


def _of_extent(layers: Layers, want: SizeDemand, extents: Extents) -> SizeFound:
    along = layers.to_bed @ np.eye(3)[want.axis]
    level = float(np.hypot(along[0], along[1]))
    u = float(np.sqrt(2)) * U_SURFACE_UM + 2 * layers.by.fuzzy_um * level
    shape = 2 * layers.u_shape_um * level
    basis = said("reach of the beads' sides over all layers")

    def of(measured: Floats) -> SizeFound:
        off = float(measured[want.axis] - extents.placed[want.axis]) / scale_along(layers, along)
        return answer(want, (off, off), off, np.hypot(u, shape), basis)

    found = of(extents.with_strays)
    if extents.may_be_supports and of(extents.own).verdict is not found.verdict:
        why = said("beads beside the part may be its supports or its walls")
        return replace(of(extents.own), verdict=Status.INDETERMINATE, basis=why)
    return found


# ------------------------------------------------------------------------------ flat faces


class _Off(NamedTuple):
    """How far a surface lies out of its place, outwards, um of the finished part: values : (n,),
    NaN where none was found. u : of each, but for what models of a bead differ by; side : how much
    of a step of a bead's side is one of the surface. n_layers : in which it was looked for."""

    values: Floats
    u: float
    n_layers: int
    side: float = 0.0


def _between_planes(layers: Layers, want: SizeDemand) -> Measuring:
    sides = [
        _Face(layers, [trace for trace in want.traces if trace.side == side]) for side in (0, 1)
    ]
    crossing = yield [side.lines for side in sides]
    offs = [side.off(ends) for side, ends in zip(sides, crossing, strict=True)]
    if offs[0] is None or offs[1] is None:
        why = said("one of its two faces is not to be found on the beads where the model has it")
        return none(want, why)
    low = high = mean = together = 0.0
    for number, own in enumerate(offs):
        if own is None:
            continue
        # A face that looks away from the other makes the size larger where it lies further out.
        apart = sides[number].place - sides[1 - number].place
        sign = 1.0 if float(apart @ sides[number].normal) > 0 else -1.0
        least, most = float(np.nanmin(own.values)), float(np.nanmax(own.values))
        low += min(sign * least, sign * most)
        high += max(sign * least, sign * most)
        mean += sign * float(np.nanmean(own.values))
        together += sign * own.side
    basis = said(
        "between the sides of the beads, in {count} layers",
        count=max(off.n_layers for off in offs if off is not None),
    )
    # Faces that look the same way move together, and their distance stays.
    u = float(np.hypot(np.hypot(offs[0].u, offs[1].u), layers.u_shape_um * together))
    return answer(want, (low, high), mean, u, basis)


class _Face:
    """One flat face on its way: the lines across it, and what they say. place, normal : (3,) um and
    unit, model axes. Without traces, or where it is neither steep nor level, it is not found."""

    def __init__(self, layers: Layers, traces: Sequence[SurfaceTrace]) -> None:
        self._layers, self._traces = layers, traces
        self.lines = Lines(np.empty((0, 2)), np.empty((0, 2)), np.empty(0, np.int64), np.empty(0))
        self.place, self.normal, self._out = np.zeros(3), np.zeros(3), np.zeros(3)
        self._across = 0.0
        if not traces:
            return
        self.place = np.array(traces[0].start_nm, np.float64)
        self.normal = np.array(traces[0].normal_e9, np.float64)
        self._out = layers.directed([traces[0].normal_e9])[0]
        self._across = float(np.hypot(self._out[0], self._out[1]))
        if self._across >= UPRIGHT:
            self.lines = self._steep()

    def _steep(self) -> Lines:
        layers = self._layers
        start = layers.placed([trace.start_nm for trace in self._traces])
        end = layers.placed([trace.end_nm for trace in self._traces])
        middles = layers.tops - layers.heights / 2
        at, of_layer = [], []
        for a, b in zip(start, end, strict=True):
            low, high = (a, b) if a[2] <= b[2] else (b, a)
            inside = layers_within(layers, float(low[2]), float(high[2]))
            rise = max(float(high[2] - low[2]), 1e-9)
            share = (middles[inside] - low[2]) / rise
            at.append(low[:2] + share[:, None] * (high - low)[:2])
            of_layer.append(inside)
        place, layer = np.concatenate(at), np.concatenate(of_layer)
        way = np.tile(self._out[:2] / self._across, (len(place), 1))
        return Lines(place, way, layer, np.full(len(place), ROOM_UM))

    def off(self, ends: Floats) -> _Off | None:
        """ends : where the material ends on each of the lines."""
        if not self._traces:
            return None
        if self._across < LEVEL:
            return _off_level_face(self._layers, self._traces, up=bool(self._out[2] > 0))
        if not len(ends) or np.isnan(ends).mean() > MOST_MISSING:
            return None
        by = self._layers.by
        values = (ends - by.xy_um) * self._across / scale_along(self._layers, self._out)
        # Where a declared change of holes applies to a face or not, nobody tells here.
        u = U_SURFACE_UM + 2 * by.fuzzy_um + abs(by.hole_um) * self._across
        return _Off(values, u, len(np.unique(self.lines.layer)), self._across)


def _off_level_face(layers: Layers, traces: Sequence[SurfaceTrace], *, up: bool) -> _Off | None:
    """By the layers that cover each place: a face that looks up lies at the top of the last one, a
    face that looks down at the bottom of the first."""
    at = layers.placed([trace.start_nm for trace in traces])
    bottoms = layers.tops - layers.heights
    offs = []
    for x, y, z in at.tolist():
        room = 2.5 * float(layers.heights.max()) + ROOM_UM / 4
        near = np.flatnonzero((layers.tops >= z - room) & (bottoms <= z + room))
        covering = [number for number in near.tolist() if covers(layers, number, x, y)]
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

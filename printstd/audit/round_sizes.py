"""Diameters and radii, measured on the beads."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import SizeFound
from printstd.artifacts.demand import RoundSurface, SizeDemand
from printstd.artifacts.finding import Status
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
    layers_within,
    scale_along,
)
from printstd.words import said

Floats = NDArray[np.float64]

DIRECTIONS: Final = 72
"""In which a whole circle is looked at."""
_BESIDE_ARC: Final = 0.9976
"""Cosine of 4 degrees: a place this near to a direction of the arc is on it."""


def of_round(layers: Layers, want: SizeDemand, surface: RoundSurface) -> Measuring:
    """A diameter, or the radius of an arc."""
    axis = layers.directed([surface.axis_e9])[0]
    scale = scale_along(layers, np.cross(axis, _across(axis)))
    radius = want.model_nm / 1000 / (2 if want.shape == "diameter" else 1)
    point = layers.placed([surface.point_nm])[0]
    if abs(axis[2]) > 1 - LEVEL * LEVEL:
        way = _upright(layers, surface, point, radius * scale)
    elif abs(axis[2]) < LEVEL:
        way = _lying(layers, surface, point, axis, radius * scale)
    else:
        why = said("its axis is neither upright nor level, so layers cut it as an oval")
        return none(want, why)
    (ends,) = yield [way.lines]
    if not len(ends) or np.isnan(ends).mean() > MOST_MISSING:
        why = said("it is not to be found on the beads where the model has it")
        return none(want, why)
    by = layers.by
    grown = by.xy_um - (by.hole_um if surface.is_hollow and way.is_upright else 0)
    off = (ends - grown) * way.across / scale
    # Seen from the axis: of a hollow the material ends inwards.
    off = -off if surface.is_hollow else off
    return _round_answer(layers, want, surface, way, off)


class _Way(NamedTuple):
    """Where a round surface is looked at. angle : (n,) about its axis. across : (n,) how much of a
    step along the line is one away from the axis."""

    lines: Lines
    angle: Floats
    across: Floats
    n_layers: int
    is_upright: bool


def _across(axis: Floats) -> Floats:
    """A unit vector square to an axis."""
    other = np.eye(3)[int(np.argmin(np.abs(axis)))]
    out = np.cross(axis, other)
    return np.asarray(out / np.sqrt((out * out).sum()))


def _angles(layers: Layers, surface: RoundSurface) -> tuple[Floats, Floats]:
    """(angles, directions (k, 3)): where the surface is looked at, from its axis. An arc is
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
    return angle, way


def _upright(layers: Layers, surface: RoundSurface, point: Floats, radius_um: float) -> _Way:
    """All around in every layer that it passes through."""
    angle, way = _angles(layers, surface)
    half = surface.length_nm / 2000 * float(layers.scale[2])
    inside = layers_within(layers, point[2] - half, point[2] + half)
    radial = np.tile(way[:, :2], (len(inside), 1))
    lines = Lines(
        point[:2] + radial * radius_um,
        -radial if surface.is_hollow else radial,
        np.repeat(inside, len(angle)),
        np.full(len(radial), min(ROOM_UM, 0.9 * radius_um)),
    )
    return _Way(lines, np.tile(angle, len(inside)), np.ones(len(radial)), len(inside), True)


def _lying(
    layers: Layers, surface: RoundSurface, point: Floats, axis: Floats, radius_um: float
) -> _Way:
    """In each layer where a side of it stands steep enough, at three places along its level axis.
    The layers' middles stand for their whole height."""
    _, way = _angles(layers, surface)
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
            if surface.arc_mdeg < 360_000 and float((way @ outward).max()) < _BESIDE_ARC:
                continue
            for step in steps:
                at.append(point[:2] + axis[:2] * step + sign * side * level * radius_um)
                radial.append(sign * side)
                layer.append(number)
                normal.append((np.arctan2(up, sign * level), level))
    place, outwards = np.array(at).reshape(-1, 2), np.array(radial).reshape(-1, 2)
    angle, across = np.array(normal).reshape(-1, 2).T
    lines = Lines(
        place,
        -outwards if surface.is_hollow else outwards,
        np.array(layer, np.int64),
        np.full(len(place), min(ROOM_UM, 0.5 * radius_um)),
    )
    return _Way(lines, angle, across, len(inside), False)


def _round_answer(
    layers: Layers, want: SizeDemand, surface: RoundSurface, way: _Way, off: Floats
) -> SizeFound:
    """off : (n,) um, how much further from the axis the surface lies, NaN where it was not found.

    Of a whole circle the size is that of the largest circle that fits into it (hole) or the
    smallest around it (boss) about the axis that fits the beads best, and the greatest on the other
    side; how far that axis lies from the model's must stay within half of the limits' width, too:
    a hole in another place is not this hole."""
    known = ~np.isnan(off)
    angle, off = way.angle[known], off[known]
    by = layers.by
    u_one = U_SURFACE_UM + 2 * by.fuzzy_um
    times = 2.0 if want.shape == "diameter" else 1.0
    shift = 0.0
    if surface.arc_mdeg >= 360_000:
        off, shift = _about_own_axis(angle, off)
    if way.is_upright:
        ends = (float(off.min()), float(off.max()))
        basis = said("circles in the beads of {count} layers", count=way.n_layers)
    else:
        # A layer's side is upright where the surface leans: up to half a layer times the sine of
        # the lean, evenly spread (/ sqrt 3), and less by the root of the layers; k = 2.
        spread = float(layers.heights.max()) / np.sqrt(3 * max(way.n_layers, 1))
        u_one += abs(by.hole_um) + float(spread)
        ends = (float(off.mean()), float(off.mean()))
        basis = said(
            "circle through the sides of the beads of {count} layers, its axis level",
            count=way.n_layers,
        )
    found = answer(
        want,
        (times * ends[0], times * ends[1]),
        times * float(off.mean()),
        times * float(np.hypot(u_one, layers.u_shape_um * float(way.across.mean()))),
        basis,
    )
    # Where its middle is does not depend on how far its sides reach.
    if (
        round(shift * 1000) - int(np.ceil(times * u_one * 1000))
        > (want.upper_nm - want.lower_nm) // 2
    ):
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

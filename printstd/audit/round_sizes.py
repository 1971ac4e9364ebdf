"""Diameters and radii, measured on the beads."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

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
    crossed,
    layers_within,
    scale_along,
)
from printstd.words import said

Floats = NDArray[np.float64]

DIRECTIONS: Final = 72
"""In which a whole circle is looked at."""


def of_round(layers: Layers, want: SizeDemand, surface: RoundSurface) -> SizeFound:
    axis = layers.directed([surface.axis_e9])[0]
    scale = scale_along(layers, np.cross(axis, _across(axis)))
    radius = want.model_nm / 1000 / (2 if want.shape == "diameter" else 1)
    point = layers.placed([surface.point_nm])[0]
    if abs(axis[2]) > 1 - LEVEL * LEVEL:
        angle, off, n_layers = _round_upright(layers, want, surface, point, radius * scale)
    elif abs(axis[2]) < LEVEL:
        angle, off, n_layers = _round_lying(layers, surface, point, axis, radius * scale)
    else:
        return none(
            want, said("its axis is neither upright nor level, so layers cut it as an oval")
        )
    if not len(off) or np.isnan(off).mean() > MOST_MISSING:
        return none(want, said("it is not to be found on the beads near to where the model has it"))
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
    inside = layers_within(layers, point[2] - half, point[2] + half)
    layer = np.repeat(inside, len(angle))
    radial = np.tile(way[:, :2], (len(inside), 1))
    out = -radial if surface.is_hollow else radial
    at = point[:2] + radial * radius_um
    room = np.full(len(at), min(ROOM_UM, 0.9 * radius_um))
    off = crossed(layers, at, out, layer, room)
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
    off = crossed(layers, place, out, np.array(layer), room) - layers.by.xy_um
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
        # A layer's side is upright where the surface leans: up to half a layer times the sine of
        # the lean, evenly spread (/ sqrt 3), and less by the root of the layers; k = 2.
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
    found = answer(
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

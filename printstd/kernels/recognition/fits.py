"""Circles, cones and spheres through the vertices of many patches at once.

CAD systems put the vertices on the true surface, so a direct fit gives its size to float precision
(facts of validation, 0.5). Circles and spheres are solved linearly, about the mean of their points;
cones by Gauss-Newton on axis, centre, radius and slope, from the normals' axis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.recognition.grouped import Floats, Ints, maxima, solved, sums
from printstd.kernels.recognition.outlines import frame_across

_ROUNDS = 6


class Revolved(NamedTuple):
    """g surfaces whose radius is `radius + slope * z`, z along the axis from `centre`: cylinders
    (slope 0) and cones.

    axis, centre : (g, 3). radius, slope, residual : (g,), residual the largest distance of a
    point. is_fitted : (g,) bool.
    """

    axis: Floats
    centre: Floats
    radius: Floats
    slope: Floats
    residual: Floats
    is_fitted: NDArray[np.bool_]


class Spheres(NamedTuple):
    """centre : (g, 3). radius, residual : (g,). is_fitted : (g,) bool."""

    centre: Floats
    radius: Floats
    residual: Floats
    is_fitted: NDArray[np.bool_]


def means(group: Ints, points: Floats, count: int) -> Floats:
    number = np.maximum(np.bincount(group, minlength=count), 1)
    return sums(group, points, count) / number[:, None]


def fit_circles(
    group: Ints, points: Floats, count: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """(centre (g, 2), radius (g,), is_fitted (g,)): x2 + y2 = 2 a x + 2 b y + c (Kasa)."""
    mean = means(group, points, count)
    x = points - mean[group]
    size = np.sqrt(maxima(group, (x * x).sum(axis=1), count, 1e-300))
    x = x / size[group, None]
    row = np.column_stack([2 * x, np.ones(len(x))])
    system = sums(group, row[:, :, None] * row[:, None, :], count)
    right = sums(group, row * (x * x).sum(axis=1)[:, None], count)
    found, is_fitted = solved(system, right)
    square = found[:, 2] + (found[:, :2] ** 2).sum(axis=1)
    return mean + found[:, :2] * size[:, None], np.sqrt(np.maximum(square, 0)) * size, is_fitted


def fit_spheres(group: Ints, points: Floats, count: int) -> Spheres:
    """As circles, with one more coordinate."""
    mean = means(group, points, count)
    x = points - mean[group]
    size = np.sqrt(maxima(group, (x * x).sum(axis=1), count, 1e-300))
    x = x / size[group, None]
    row = np.column_stack([2 * x, np.ones(len(x))])
    system = sums(group, row[:, :, None] * row[:, None, :], count)
    right = sums(group, row * (x * x).sum(axis=1)[:, None], count)
    found, is_fitted = solved(system, right)
    centre = mean + found[:, :3] * size[:, None]
    radius = np.sqrt(np.maximum(found[:, 3] + (found[:, :3] ** 2).sum(axis=1), 0)) * size
    away = points - centre[group]
    off = np.abs(np.sqrt((away * away).sum(axis=1)) - radius[group])
    return Spheres(centre, radius, maxima(group, off, count), is_fitted & (radius > 0))


def fit_cylinders(group: Ints, points: Floats, axis: Floats) -> Revolved:
    """With the axes' directions (g, 3) given."""
    count = len(axis)
    frame = frame_across(axis)
    flat = np.einsum("nij,nj->ni", frame[group], points)
    middle, radius, is_fitted = fit_circles(group, flat, count)
    away = flat - middle[group]
    off = np.abs(np.sqrt((away * away).sum(axis=1)) - radius[group])
    along = (means(group, points, count) * axis).sum(axis=1)
    centre = np.einsum("gi,gij->gj", middle, frame) + along[:, None] * axis
    return Revolved(
        axis,
        centre,
        radius,
        np.zeros(count),
        maxima(group, off, count),
        is_fitted & (radius > 0),
    )


def fit_cones(group: Ints, points: Floats, axis: Floats, slope: Floats) -> Revolved:
    """From first guesses of the axes' directions (g, 3) and the slopes (g,) of the radius."""
    count = len(axis)
    mean = means(group, points, count)
    frame = frame_across(axis)
    local = _local(group, points - mean[group], frame, axis)
    x, y, z = local.T
    k = slope[group]
    # (x - a)2 + (y - b)2 = (r + k z)2, linear in a, b, r and the rest.
    row = np.column_stack([2 * x, 2 * y, 2 * k * z, np.ones(len(x))])
    system = sums(group, row[:, :, None] * row[:, None, :], count)
    right = sums(group, row * (x * x + y * y - (k * z) ** 2)[:, None], count)
    found, is_fitted = solved(system, right)
    radius = np.where(is_fitted, found[:, 2], 1.0)
    centre = mean + np.einsum("gi,gij->gj", found[:, :2], frame)
    for _ in range(_ROUNDS):
        frame = frame_across(axis)
        x, y, z = _local(group, points - centre[group], frame, axis).T
        rho = np.maximum(np.sqrt(x * x + y * y), 1e-12)
        k = slope[group]
        off = rho - radius[group] - k * z
        row = np.column_stack(
            [x / rho, y / rho, x * z / rho + k * x, y * z / rho + k * y, np.ones(len(x)), z]
        )
        step, ok = solved(
            sums(group, row[:, :, None] * row[:, None, :], count),
            sums(group, row * off[:, None], count),
        )
        is_fitted &= ok
        step = np.where(is_fitted[:, None], np.clip(step, -1e3, 1e3), 0.0)
        centre = centre + np.einsum("gi,gij->gj", step[:, :2], frame)
        axis = axis + np.einsum("gi,gij->gj", np.clip(step[:, 2:4], -0.3, 0.3), frame)
        axis = axis / np.sqrt((axis * axis).sum(axis=1))[:, None]
        radius = radius + step[:, 4]
        slope = slope + step[:, 5]
    x, y, z = _local(group, points - centre[group], frame_across(axis), axis).T
    off = np.sqrt(x * x + y * y) - radius[group] - slope[group] * z
    residual = maxima(group, np.abs(off), count) / np.sqrt(1 + slope * slope)
    return Revolved(axis, centre, radius, slope, residual, is_fitted)


class Swept(NamedTuple):
    """g tori. axis, centre : (g, 3). around : (g,), radius of the sweep. radius, residual : (g,),
    of the swept circle."""

    axis: Floats
    centre: Floats
    around: Floats
    radius: Floats
    residual: Floats
    is_fitted: NDArray[np.bool_]


def fit_tori(group: Ints, points: Floats, guess: Swept) -> Swept:
    """Gauss-Newton on axis, centre and both radii from a first guess."""
    axis, centre, around, radius, _, is_fitted = guess
    count = len(axis)
    for step_number in range(_ROUNDS + 1):
        frame = frame_across(axis)
        x, y, z = _local(group, points - centre[group], frame, axis).T
        rho = np.maximum(np.sqrt(x * x + y * y), 1e-12)
        q = np.maximum(np.sqrt((rho - around[group]) ** 2 + z * z), 1e-12)
        off = q - radius[group]
        if step_number == _ROUNDS:
            break
        c, s = (rho - around[group]) / q, z / q
        tilt = c * z / rho - s
        row = np.column_stack([c * x / rho, c * y / rho, s, tilt * x, tilt * y, c, np.ones(len(x))])
        step, ok = solved(
            sums(group, row[:, :, None] * row[:, None, :], count),
            sums(group, row * off[:, None], count),
        )
        is_fitted = is_fitted & ok
        step = np.where(is_fitted[:, None], np.clip(step, -1e3, 1e3), 0.0)
        centre = centre + np.einsum("gi,gij->gj", step[:, :2], frame) + step[:, 2:3] * axis
        axis = axis + np.einsum("gi,gij->gj", np.clip(step[:, 3:5], -0.3, 0.3), frame)
        axis = axis / np.sqrt((axis * axis).sum(axis=1))[:, None]
        around, radius = around + step[:, 5], radius + step[:, 6]
    return Swept(axis, centre, around, radius, maxima(group, np.abs(off), count), is_fitted)


def _local(group: Ints, away: Floats, frame: Floats, axis: Floats) -> Floats:
    across = np.einsum("nij,nj->ni", frame[group], away)
    return np.column_stack([across, (away * axis[group]).sum(axis=1)])

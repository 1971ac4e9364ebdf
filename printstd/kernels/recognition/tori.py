"""Fillets and roundings along circular edges: stacks of conical bands on one torus."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.planes import Planes
from printstd.kernels.recognition.fits import Swept, fit_circles, fit_tori, means
from printstd.kernels.recognition.grouped import (
    Floats,
    Ints,
    distinct_pairs,
    maxima,
    medians,
    sums,
)
from printstd.kernels.recognition.outlines import frame_across
from printstd.kernels.recognition.strips import (
    Links,
    Runs,
    run_of_region,
    runs_alike,
)

_LEAST_BANDS = 3
_SAME_RADIUS = 1.2
_FIT_RATIO = 1e-3
_SAGITTA_SHARE = 0.05
_UNEVEN = 0.2
_LEAST_AROUND = 0.05
_LEAST_MET = 0.6


class FoundTori(NamedTuple):
    """of_region : (p,) int64, the torus of each flat region, or -1. axis, centre : (n, 3), centre
    in the plane of the swept circle's centre. around : (n,), radius of the sweep. radius, residual
    : (n,), of the swept circle. is_concave : (n,) bool."""

    of_region: Ints
    axis: Floats
    centre: Floats
    around: Floats
    radius: Floats
    residual: Floats
    is_concave: NDArray[np.bool_]


def tori(
    vertices: Floats,
    flat: Planes,
    links: Links,
    bands: Runs,
    *,
    noise: float,
) -> FoundTori:
    between = _between_bands(links, bands, len(flat.area))
    if not len(between.fold):
        return _none(len(flat.area))
    turn = np.deg2rad(between.angle_deg)
    length = medians(bands.run, links.length[bands.link], bands.number)
    a, b = length[between.first], length[between.second]
    apart = np.sqrt(np.maximum(a * a + b * b + 2 * a * b * np.cos(turn), 0.0))
    local = apart / (2 * np.sin(turn))
    runs = runs_alike(
        between, np.arange(len(local)), (local,), (_SAME_RADIUS,), least_strips=_LEAST_BANDS
    )
    count = runs.number
    if not count:
        return _none(len(flat.area))
    torus_of_band = np.full(bands.number, -1, np.int64)
    torus_of_band[runs.strip[::-1]] = runs.strip_run[::-1]
    torus = torus_of_band[bands.strip_run]
    strip, band, torus = (x[torus >= 0] for x in (bands.strip, bands.strip_run, torus))
    axis = _axes(flat, strip, band, torus, bands.number, count)
    own = torus_of_band[bands.run] >= 0
    vertex_torus, vertex = distinct_pairs(
        np.repeat(torus_of_band[bands.run[own]], 2), links.ends[bands.link[own]].reshape(-1)
    )
    frame = frame_across(axis)
    centre_2d, solved = _centres(vertices, flat, links, bands, own, torus_of_band, frame)
    points = vertices[vertex]
    flat_xy = np.einsum("nij,nj->ni", frame[vertex_torus], points) - centre_2d[vertex_torus]
    rho = np.sqrt((flat_xy * flat_xy).sum(axis=1))
    along = (points * axis[vertex_torus]).sum(axis=1)
    profile = np.column_stack([rho, along])
    middle, radius, fitted = fit_circles(vertex_torus, profile, count)
    centre = np.einsum("gi,gij->gj", centre_2d, frame) + middle[:, 1:] * axis
    guess = Swept(axis, centre, middle[:, 0], radius, np.zeros(count), solved & fitted)
    fit = fit_tori(vertex_torus, points, guess)
    radius, residual = fit.radius, fit.residual
    turn = np.deg2rad(medians(runs.run, between.angle_deg[runs.link], count))
    sagitta = _SAGITTA_SHARE * radius * (1 - np.cos(turn / 2))
    good = (
        fit.is_fitted
        & (radius > 0)
        & (fit.around > _LEAST_AROUND * radius)
        & (residual <= np.maximum(noise, np.minimum(_FIT_RATIO * radius, sagitta)))
    )
    # By the folds, not by how many bands there are: something that cuts one makes two of it.
    chord = 2 * radius * np.sin(turn / 2)
    uneven = maxima(runs.strip_run, np.abs(length[runs.strip] - chord[runs.strip_run]), count)
    good &= uneven <= _UNEVEN * chord
    is_concave = np.zeros(count, bool)
    is_concave[runs.run] = ~between.is_convex[runs.link]
    number = np.where(good, np.cumsum(good) - 1, -1)
    of_region = np.full(len(flat.area), -1, np.int64)
    of_region[strip] = number[torus]
    return FoundTori(
        of_region,
        *(
            x[good]
            for x in (
                fit.axis,
                fit.centre,
                fit.around,
                radius,
                residual,
                is_concave,
            )
        ),
    )


def _none(count: int) -> FoundTori:
    no, none = np.empty(0), np.empty((0, 3))
    return FoundTori(
        np.full(count, -1, np.int64),
        none,
        none,
        no,
        no,
        no,
        np.empty(0, bool),
    )


def _between_bands(links: Links, bands: Runs, n_regions: int) -> Links:
    """One link per pair of bands that meet along a circle."""
    band_of = run_of_region(links, bands, n_regions)
    a, b = band_of[links.first], band_of[links.second]
    rows = np.flatnonzero((a >= 0) & (b >= 0) & (a != b))
    low, high = np.minimum(a[rows], b[rows]), np.maximum(a[rows], b[rows])
    order = np.lexsort((rows, links.is_convex[rows], high, low))
    rows, low, high = rows[order], low[order], high[order]
    if not len(rows):
        return links.taken(rows)
    turn = links.is_convex[rows]
    first = np.append(
        True, (low[1:] != low[:-1]) | (high[1:] != high[:-1]) | (turn[1:] != turn[:-1])
    )
    group = np.cumsum(first) - 1
    count = int(group[-1]) + 1
    angle = medians(group, links.angle_deg[rows], count)
    found = links.taken(rows[first])._replace(first=low[first], second=high[first], angle_deg=angle)
    # Along a circle most strips of one meet a strip of the other; at a band's end one does.
    strips = np.bincount(bands.strip_run, minlength=bands.number)
    fewer = np.minimum(strips[found.first], strips[found.second])
    return found.taken(np.bincount(group, minlength=count) >= _LEAST_MET * fewer)


def _axes(flat: Planes, strip: Ints, band: Ints, torus: Ints, n_bands: int, count: int) -> Floats:
    """(count, 3): the direction along which the normals within each band vary least."""
    normal = flat.normal[strip]
    away = normal - means(band, normal, n_bands)[band]
    spread = sums(torus, away[:, :, None] * away[:, None, :], count)
    return np.asarray(np.linalg.eigh(spread)[1][:, :, 0], np.float64)


def _centres(
    vertices: Floats,
    flat: Planes,
    links: Links,
    bands: Runs,
    own: NDArray[np.bool_],
    torus_of_band: Ints,
    frame: Floats,
) -> tuple[Floats, NDArray[np.bool_]]:
    """((count, 2), (count,) bool): where the planes through the rulings that hold the axis meet.
    Such a plane halves the two strips at its ruling: it is square to the difference of their
    normals."""
    rows = bands.link[own]
    torus = torus_of_band[bands.run[own]]
    across = flat.normal[links.first[rows]] - flat.normal[links.second[rows]]
    across = np.einsum("nij,nj->ni", frame[torus], across)
    across /= np.maximum(np.sqrt((across * across).sum(axis=1)), 1e-300)[:, None]
    middle = np.einsum("nij,nj->ni", frame[torus], vertices[links.ends[rows]].mean(axis=1))
    count = len(frame)
    base = means(torus, middle, count)
    offset = (across * (middle - base[torus])).sum(axis=1)
    system = sums(torus, across[:, :, None] * across[:, None, :], count)
    right = sums(torus, across * offset[:, None], count)
    determinant = system[:, 0, 0] * system[:, 1, 1] - system[:, 0, 1] ** 2
    solvable = determinant > 1e-12 * np.maximum(system[:, 0, 0], system[:, 1, 1]) ** 2
    system[~solvable] = np.eye(2)
    return base + np.linalg.solve(system, right[:, :, None])[:, :, 0], solvable

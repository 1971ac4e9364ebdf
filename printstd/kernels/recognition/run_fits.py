"""Cylinders and cones through runs of strips."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.planes import Planes
from printstd.kernels.recognition.corners import Regions
from printstd.kernels.recognition.fits import Revolved, fit_cones, fit_cylinders
from printstd.kernels.recognition.grouped import (
    Floats,
    Ints,
    distinct_pairs,
    maxima,
    medians,
    scatter,
    sums,
)
from printstd.kernels.recognition.strips import MOST_FOLD_DEG, Links, Runs, run_of_region

_LEAST_SLOPE: Final = 2e-3
_MOST_SLOPE: Final = 50.0
_LEAN: Final = 0.01
_FIT_RATIO: Final = 1e-3
_SAGITTA_SHARE: Final = 0.03
_SAGITTA_SHARE_OF_MANY: Final = 0.2
"""Vertices of a round shape lie on it; where there are many, some may be rounded off it."""

_FEW_STRIPS: Final = 5
_BORDER_SHARE: Final = 0.01
_LEAST_CONE_STRIPS: Final = 6
_LEAST_ARC_DEG: Final = 12.0
_LEAST_RISE: Final = 500.0
_EVEN_WIDTH: Final = 1.02
_EVEN_FOLD: Final = 1.05


class Candidates(NamedTuple):
    """Fitted runs. strip_run, strip : as in `Runs`."""

    strip_run: Ints
    strip: Ints
    fit: Revolved
    is_good: NDArray[np.bool_]
    is_concave: NDArray[np.bool_]


def _ruling_points(links: Links, runs: Runs) -> tuple[Ints, Ints]:
    """(run, vertex): the ends of the rulings of each run, each once."""
    return distinct_pairs(np.repeat(runs.run, 2), links.ends[runs.link].reshape(-1))


def _points(
    vertices: Floats, regions: Regions, flat: Planes, links: Links, runs: Runs
) -> tuple[Ints, Ints]:
    """(run, vertex): the ends of the rulings, and of short runs all corners on the long borders of
    their strips. What cuts into a long run has corners on its facets, off the round surface; a
    short one needs the outer borders of its last strips, which are no rulings."""
    strips = np.bincount(runs.strip_run, minlength=runs.number)
    short = strips[runs.strip_run] <= 2 * _FEW_STRIPS
    strip, run_of_strip = runs.strip[short], runs.strip_run[short]
    entry, vertex = regions.corners_of(strip)
    direction = np.zeros((runs.number, 3))
    direction[runs.run] = links.direction[runs.link]
    across = np.cross(flat.normal[strip], direction[run_of_strip])
    place = (vertices[vertex] * across[entry]).sum(axis=1)
    high = maxima(entry, place, len(strip), -np.inf)
    low = -maxima(entry, -place, len(strip), -np.inf)
    slack = _BORDER_SHARE * (high - low)[entry]
    on_border = (place >= high[entry] - slack) | (place <= low[entry] + slack)
    own_run, own_vertex = _ruling_points(links, runs)
    return distinct_pairs(
        np.concatenate([own_run, run_of_strip[entry[on_border]]]),
        np.concatenate([own_vertex, vertex[on_border]]),
    )


def _turns_outward(links: Links, runs: Runs) -> NDArray[np.bool_]:
    is_convex = np.zeros(runs.number, bool)
    is_convex[runs.run] = links.is_convex[runs.link]
    return is_convex


def _is_even(flat: Planes, links: Links, runs: Runs) -> NDArray[np.bool_]:
    """(count,) bool: many strips, or all of one width and one fold. A few strips of a free curve
    may lie on some circle by chance; those of an arc are all alike."""
    strips = np.bincount(runs.strip_run, minlength=runs.number)
    longest = maxima(runs.run, links.length[runs.link], runs.number)
    width = flat.area[runs.strip] / np.maximum(longest[runs.strip_run], 1e-300)
    wide = maxima(runs.strip_run, width, runs.number)
    narrow = -maxima(runs.strip_run, -width, runs.number, -np.inf)
    fold = links.angle_deg[runs.link]
    most = maxima(runs.run, fold, runs.number)
    least = -maxima(runs.run, -fold, runs.number, -np.inf)
    even = (wide <= _EVEN_WIDTH * narrow) & (most <= _EVEN_FOLD * least)
    return (strips > _FEW_STRIPS) | even


def _is_deep(links: Links, runs: Runs, fit: Revolved, noise: float) -> NDArray[np.bool_]:
    """(count,) bool: the arc is long or high enough to tell a circle from another curve."""
    arc = 1.0 * np.bincount(runs.run, weights=links.angle_deg[runs.link], minlength=runs.number)
    rise = fit.radius * (1 - np.cos(np.deg2rad(np.minimum(arc, 360.0)) / 2))
    return np.asarray((arc >= _LEAST_ARC_DEG) | (rise >= _LEAST_RISE * noise), np.bool_)


def _may_be_deep(links: Links, runs: Runs) -> NDArray[np.bool_]:
    """(count,) bool: the arc is long enough for a cone, which a few strips fit anywhere."""
    arc = np.bincount(runs.run, weights=links.angle_deg[runs.link], minlength=runs.number)
    return np.asarray(arc >= _LEAST_ARC_DEG, np.bool_)


def _taken(runs: Runs, chosen: NDArray[np.bool_]) -> Runs:
    """The runs of a mask (count,)."""
    number = np.cumsum(chosen) - 1
    links, strips = chosen[runs.run], chosen[runs.strip_run]
    return Runs(
        number[runs.run[links]],
        runs.link[links],
        number[runs.strip_run[strips]],
        runs.strip[strips],
        int(chosen.sum()),
    )


def fitted_cylinders(
    vertices: Floats,
    regions: Regions,
    flat: Planes,
    links: Links,
    runs: Runs,
    noise: float,
) -> Candidates:
    """The axis is the direction most normal to the strips' normals, or that of the rulings:
    whichever leaves less. Short arcs know the one badly, short rulings the other."""
    run, vertex = _points(vertices, regions, flat, links, runs)
    count = runs.number
    normal = flat.normal[runs.strip]
    spread = scatter(runs.strip_run, normal, flat.area[runs.strip], count)
    along = scatter(runs.run, links.direction[runs.link], links.length[runs.link] ** 2, count)
    points = vertices[vertex]
    fits = [
        fit_cylinders(run, points, np.asarray(axis, np.float64))
        for axis in (
            np.linalg.eigh(spread)[1][:, :, 0] if count else np.empty((0, 3)),
            np.linalg.eigh(along)[1][:, :, 2] if count else np.empty((0, 3)),
        )
    ]
    better = fits[1].residual < fits[0].residual
    fit = Revolved(
        *(
            np.where(better.reshape(-1, *[1] * (a.ndim - 1)), b, a)
            for a, b in zip(*fits, strict=True)
        )
    )
    lean = maxima(runs.strip_run, np.abs((normal * fit.axis[runs.strip_run]).sum(axis=1)), count)
    turn = np.deg2rad(medians(runs.run, links.angle_deg[runs.link], count))
    sagitta = fit.radius * (1 - np.cos(turn / 2))
    few = np.bincount(runs.strip_run, minlength=count) <= 2 * _FEW_STRIPS
    share = np.where(few, _SAGITTA_SHARE, _SAGITTA_SHARE_OF_MANY)
    most = np.maximum(noise, np.minimum(_FIT_RATIO * fit.radius, share * sagitta))
    is_good = fit.is_fitted & (fit.residual <= most) & (lean <= _LEAN)
    is_good &= _is_even(flat, links, runs)
    is_good &= _is_deep(links, runs, fit, noise)
    return Candidates(runs.strip_run, runs.strip, fit, is_good, ~_turns_outward(links, runs))


def fitted_cones(
    vertices: Floats,
    flat: Planes,
    links: Links,
    bands: Runs,
    is_free: NDArray[np.bool_],
    noise: float,
) -> Candidates:
    enough = np.bincount(bands.strip_run, minlength=bands.number) >= _LEAST_CONE_STRIPS
    bands = _taken(bands, enough & _is_even(flat, links, bands) & _may_be_deep(links, bands))
    slope, axis = _leaning(flat, links, bands)
    tapered = np.abs(slope) > _LEAST_SLOPE / 2
    bands, slope, axis = _taken(bands, tapered), slope[tapered], axis[tapered]
    count = bands.number
    run, vertex = _ruling_points(links, bands)
    fit = fit_cones(run, vertices[vertex], axis, slope)
    turn = np.deg2rad(medians(bands.run, links.angle_deg[bands.link], count))
    sagitta = np.abs(fit.radius) * (1 - np.cos(turn / 2))
    # Normals that lean by as much turn less than the strips do about the axis.
    across = 1 / np.sqrt(1 + fit.slope**2)
    most = np.maximum(noise, np.minimum(_FIT_RATIO * fit.radius, _SAGITTA_SHARE * sagitta))
    is_good = (
        fit.is_fitted
        & (fit.radius > 0)
        & (np.abs(fit.slope) > _LEAST_SLOPE)
        & (np.abs(fit.slope) < _MOST_SLOPE)
        & (fit.residual <= most)
        & (2 * np.arcsin(np.minimum(np.sin(turn / 2) / across, 1.0)) <= np.deg2rad(MOST_FOLD_DEG))
        & ~_is_part_of_stack(links, bands, fit)
        & _is_deep(links, bands, fit, noise)
    )
    is_good &= maxima(bands.strip_run, (~is_free[bands.strip]).astype(np.float64), count) < 1
    return Candidates(bands.strip_run, bands.strip, fit, is_good, ~_turns_outward(links, bands))


def _leaning(flat: Planes, links: Links, bands: Runs) -> tuple[Floats, Floats]:
    """(slope (n,), axis (n, 3)) by the strips' normals alone: on a cone they all lean alike."""
    count = bands.number
    normal, area = flat.normal[bands.strip], flat.area[bands.strip]
    whole = np.maximum(sums(bands.strip_run, area, count), 1e-300)
    mean = sums(bands.strip_run, normal * area[:, None], count) / whole[:, None]
    spread = scatter(bands.strip_run, normal - mean[bands.strip_run], area, count)
    axis = np.linalg.eigh(spread)[1][:, :, 0] if count else np.empty((0, 3))
    sine = np.clip((mean * axis).sum(axis=1), -0.999, 0.999)
    outward = np.where(_turns_outward(links, bands), 1.0, -1.0)
    return -outward * sine / np.sqrt(1 - sine * sine), np.asarray(axis, np.float64)


def _is_part_of_stack(links: Links, bands: Runs, fit: Revolved) -> NDArray[np.bool_]:
    """(count,) bool: the band goes over smoothly into another cone about the same axis; then it is
    a facet of some curved profile, and no cone that was drawn."""
    n_regions = int(max(links.first.max(initial=0), links.second.max(initial=0))) + 1
    band_of = run_of_region(links, bands, n_regions)
    a, b = band_of[links.first], band_of[links.second]
    meets = (a >= 0) & (b >= 0) & (a != b)
    a, b = a[meets], b[meets]
    is_cone = np.abs(fit.slope) > _LEAST_SLOPE
    coaxial = np.abs((fit.axis[a] * fit.axis[b]).sum(axis=1)) > 1 - 1e-4
    both = coaxial & is_cone[a] & is_cone[b]
    part = np.zeros(bands.number, bool)
    part[a[both]] = True
    part[b[both]] = True
    return part

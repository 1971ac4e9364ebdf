"""Readings of rays put together to places: where something is thin, and how large that is."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Status, Where
from printstd.kernels.cell_clusters import cluster_points
from printstd.kernels.distinct import distinct
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.thickness import Readings
from printstd.words import said

SPOT_MM: Final = 2.0
"""The smallest feature that design guides call good (facts of standards 5.3)."""


class Place(NamedTuple):
    """Readings that lie next to each other.

    area_mm2 : of one side, where both sides are sampled. length_mm, width_mm : longest and second
    side of its box along its own axes. least_mm, median_mm : of the distances. limit_mm : what
    holds at the least.
    """

    readings: Readings
    area_mm2: float
    length_mm: float
    width_mm: float
    least_mm: float
    median_mm: float
    limit_mm: float


def places(readings: Readings, limit_mm: NDArray[np.float64], link_mm: float) -> list[Place]:
    """Largest area first. limit_mm : (n,), what holds for each reading. link_mm : readings this
    near are one place."""
    label, count = cluster_points(readings.point_mm, link_mm)
    order = np.argsort(label, kind="stable")
    borders = np.searchsorted(label[order], np.arange(count + 1)).tolist()
    found = [_place(readings, limit_mm, order[a:b]) for a, b in pairwise(borders)]
    return sorted(found, key=lambda place: -place.area_mm2)


def _place(readings: Readings, limit_mm: NDArray[np.float64], rows: NDArray[np.int64]) -> Place:
    own = readings.at(rows)
    centred = own.point_mm - own.point_mm.mean(axis=0)
    square = (centred[:, :, None] * centred[:, None, :]).sum(axis=0)
    along = centred @ np.linalg.eigh(square)[1]
    _, width, length = np.sort(np.ptp(along, axis=0)).tolist()
    thinnest = int(np.argmin(own.distance_mm))
    return Place(
        own,
        float(own.area_mm2.sum()) / 2,
        length,
        width,
        float(own.distance_mm[thinnest]),
        float(np.median(own.distance_mm)),
        float(limit_mm[rows[thinnest]]),
    )


def ranked(found: list[Place], nozzle_mm: float) -> list[tuple[Status, list[Place]]]:
    """By how much they matter: a place of 2 x 2 mm or more fails, a smaller one is a spot and
    warned about, and one smaller than the nozzle in every direction is only told."""
    ranks = [
        Status.FAIL
        if place.area_mm2 >= SPOT_MM * SPOT_MM
        else Status.WARN
        if place.length_mm >= nozzle_mm
        else Status.INFO
        for place in found
    ]
    return [
        (status, [place for place, rank in zip(found, ranks, strict=True) if rank is status])
        for status in (Status.FAIL, Status.WARN, Status.INFO)
        if status in ranks
    ]


def where_places(context: CheckContext, found: list[Place]) -> tuple[Where, ...]:
    """The largest of them."""
    return tuple(
        context.where(place.readings.point_mm, distinct(place.readings.facet))
        for place in found[:MOST_PLACES]
    )


def figures(found: list[Place], spacing_mm: float) -> tuple[tuple[str, str], ...]:
    """Details of a finding about these places."""
    largest = found[0]
    return (
        (
            said("largest place"),
            said(
                "{area:.2f} mm2, {length:.2f} mm long",
                area=largest.area_mm2,
                length=largest.length_mm,
            ),
        ),
        (said("median there"), said("{mm:.3f} mm", mm=largest.median_mm)),
        (said("distance between points"), said("{mm:.2f} mm", mm=spacing_mm)),
    )

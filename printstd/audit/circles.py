"""Round holes and pins of a section as the circles that their corners lie on.

A declared compensation (`Compensations.circles`): a mesh has polygons where the part has circles,
and a program that was asked for circles is held against those. What counts as round is decided
here anew, from the model alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Region = Any

FEWEST_CORNERS: Final = 9
OFF_CIRCLE_UM: Final = 3.6
"""3 um, and what rounding corners to whole um adds."""
ON_LINE_UM: Final = 1.2
LONGEST_CHORD: Final = 0.535
"""Of the radius, 31 degrees: coarser polygons are shapes of their own, as hexagons are."""
MOST_SAGITTA_UM: Final = 101.3
ROOM_UM: Final = 111.3
"""A circle with another outline nearer than this to it is printed as the model has it."""
SAGITTA_UM: Final = 0.3
"""Sides of such a circle lie no further inside it, half of what is left out elsewhere: every vertex
more is paid for in all that is asked of an outline."""
_QUARTER_SEGMENTS: Final = (8, 96)
"""At least and at most."""


def with_circles(region: Region, *, holes: bool, pins: bool) -> Region:
    """The region, its round holes or outlines replaced; the very same where it has none."""
    import shapely

    if not holes and not pins:
        return region
    parts = shapely.get_parts(region)
    rings = [[part.exterior, *part.interiors] for part in parts]
    every = [ring for own in rings for ring in own]
    asked = [
        ring for own in rings for ring in (own[:1] if pins else []) + (own[1:] if holes else [])
    ]
    laid = {
        id(ring): disc
        for ring in asked
        if (disc := _disc_of(ring)) is not None and _stands_alone(ring, every)
    }
    if not laid:
        return region
    made = []
    for own in rings:
        outer, *inner = (laid.get(id(ring)) or shapely.Polygon(ring) for ring in own)
        made.append(shapely.difference(outer, shapely.union_all(inner)) if inner else outer)
    return made[0] if len(made) == 1 else shapely.union_all(made)


def _disc_of(ring: Region) -> Region | None:
    import shapely

    corners: bytes = shapely.get_coordinates(ring)[:-1].tobytes()
    return _disc(corners)


@lru_cache(maxsize=256)
def _disc(corners: bytes) -> Region | None:
    """Of a ring's corners. Holes go on through many layers, whatever else changes."""
    import shapely

    circle = circle_of(np.frombuffer(corners, np.float64).reshape(-1, 2))
    if circle is None:
        return None
    x, y, radius = circle
    # A side's middle lies r (1 - cos(pi / 4 n)) inside, about r pi^2 / 32 n^2.
    segments = int(np.ceil(np.pi * np.sqrt(radius / (32 * SAGITTA_UM))))
    return shapely.buffer(
        shapely.Point(x, y), radius, quad_segs=int(np.clip(segments, *_QUARTER_SEGMENTS))
    )


def _stands_alone(ring: Region, every: list[Region]) -> bool:
    import shapely

    others = np.array([other for other in every if other is not ring], object)
    return not len(others) or float(shapely.distance(ring, others).min()) >= ROOM_UM


def circle_of(corners: NDArray[np.float64]) -> tuple[float, float, float] | None:
    """x, y, radius (um) of the circle that a ring's corners lie on, by least squares of
    x^2 + y^2 - 2 a x - 2 b y = c (Kasa); None where they do not, or are too far apart. Vertices on
    the line through their neighbours, which the edges of facets leave, are no corners."""
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    span = np.hypot(*(after - before).T)
    off_line = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]) / np.maximum(span, 1)
    is_corner = off_line > ON_LINE_UM
    if is_corner.sum() >= FEWEST_CORNERS:
        corners = corners[is_corner]
    if len(corners) < FEWEST_CORNERS:
        return None
    middle = corners.mean(axis=0)
    xy = corners - middle
    square = (xy * xy).sum(axis=1)
    left = np.column_stack([2.0 * xy, np.ones(len(xy))])
    (a, b, c), *_ = np.linalg.lstsq(left, square, rcond=None)
    radius = float(np.sqrt(c + a * a + b * b))
    off = np.abs(np.hypot(xy[:, 0] - a, xy[:, 1] - b) - radius).max()
    step = np.roll(xy, -1, axis=0) - xy
    chord = float(np.hypot(step[:, 0], step[:, 1]).max())
    if (
        off > OFF_CIRCLE_UM
        or chord > LONGEST_CHORD * radius
        or chord * chord > 8.0 * MOST_SAGITTA_UM * radius
    ):
        return None
    return float(a + middle[0]), float(b + middle[1]), radius

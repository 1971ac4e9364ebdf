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
SAGITTA_UM: Final = 0.5
"""Sides of such a circle lie no further inside it, half of what is left out elsewhere (`FINE_UM` of
`outline`): every vertex more is paid for in all that is asked of an outline."""
_QUARTER_SEGMENTS: Final = (8, 96)
"""At least and at most."""


def with_circles(region: Region, *, holes: bool, pins: bool) -> Region:
    """The region, its round holes or outlines replaced; the very same where it has none."""
    import shapely

    if not holes and not pins:
        return region
    parts = shapely.get_parts(region)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return region
    is_hole = np.zeros(len(rings), bool)
    is_hole[1:] = of_part[1:] == of_part[:-1]
    boxes = shapely.bounds(rings)
    asked = np.flatnonzero(np.where(is_hole, holes, pins) & _may_be_round(boxes))
    laid = {
        ring: disc
        for ring in asked.tolist()
        if (disc := _disc_of(rings[ring])) is not None and _stands_alone(ring, rings, boxes)
    }
    if not laid:
        return region
    # No ring comes near to another: parts stay parts, and holes inside them.
    for ring, disc in laid.items():
        rings[ring] = disc
    changed = np.unique(of_part[list(laid)]).tolist()
    made = np.array(parts, object)
    for part in changed:
        outer, *inner = rings[of_part == part]
        made[part] = shapely.polygons(outer, inner) if inner else shapely.polygons(outer)
    return made[0] if len(made) == 1 else shapely.multipolygons(made)


def _may_be_round(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) boxes of rings that are as wide as they are high, as far as `LONGEST_CHORD` tells: on
    each side a corner lies within half a chord of the circle's outermost point."""
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    least = np.sqrt(1.0 - LONGEST_CHORD * LONGEST_CHORD / 4) * np.maximum(wide, high)
    return np.asarray(np.minimum(wide, high) >= least - 4 * OFF_CIRCLE_UM)


def _disc_of(ring: Region) -> Region | None:
    import shapely

    corners: bytes = shapely.get_coordinates(ring)[:-1].tobytes()
    return _disc(corners)


@lru_cache(maxsize=256)
def _disc(corners: bytes) -> Region | None:
    """The outline of the disc that a ring's corners lie on. Holes go on through many layers,
    whatever else changes."""
    import shapely

    circle = circle_of(np.frombuffer(corners, np.float64).reshape(-1, 2))
    if circle is None:
        return None
    x, y, radius = circle
    # A side's middle lies r (1 - cos(pi / 4 n)) inside, about r pi^2 / 32 n^2.
    segments = int(np.ceil(np.pi * np.sqrt(radius / (32 * SAGITTA_UM))))
    return shapely.buffer(
        shapely.Point(x, y), radius, quad_segs=int(np.clip(segments, *_QUARTER_SEGMENTS))
    ).exterior


def _stands_alone(ring: int, rings: NDArray[Any], boxes: NDArray[np.float64]) -> bool:
    import shapely

    x0, y0, x1, y1 = boxes[ring]
    near = np.flatnonzero(
        (boxes[:, 0] < x1 + ROOM_UM)
        & (boxes[:, 2] > x0 - ROOM_UM)
        & (boxes[:, 1] < y1 + ROOM_UM)
        & (boxes[:, 3] > y0 - ROOM_UM)
    )
    near = near[near != ring]
    return not len(near) or float(shapely.distance(rings[ring], rings[near]).min()) >= ROOM_UM


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
    x, y = xy.T
    square = x * x + y * y
    # About their mean the normal equations fall apart: c is the mean of the squares.
    xx, xy_, yy = float((x * x).sum()), float((x * y).sum()), float((y * y).sum())
    right_x, right_y = float((x * square).sum()) / 2, float((y * square).sum()) / 2
    determinant = xx * yy - xy_ * xy_
    if determinant <= 1e-9 * xx * yy:
        return None
    a = (right_x * yy - right_y * xy_) / determinant
    b = (right_y * xx - right_x * xy_) / determinant
    radius = float(np.sqrt(square.mean() + a * a + b * b))
    off = np.abs(np.hypot(xy[:, 0] - a, xy[:, 1] - b) - radius).max()
    step = np.roll(xy, -1, axis=0) - xy
    chord = float(np.hypot(step[:, 0], step[:, 1]).max())
    if (
        off > OFF_CIRCLE_UM
        or chord > LONGEST_CHORD * radius
        or chord * chord > 8.0 * MOST_SAGITTA_UM * radius
    ):
        return None
    return a + float(middle[0]), b + float(middle[1]), radius

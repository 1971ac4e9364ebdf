"""Polygons of the auditor: sections with holes, unions of beads. GEOS is called here and in
the layers' own modules; it is imported when geometry starts, since lexing alone does not need it.

Lengths are um throughout, so areas are um2.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Region = Any
"""A shapely Polygon or MultiPolygon (shapely carries no types)."""

QUARTER_SEGMENTS: Final = 6
"""Sides of a quarter circle of a bead's end: 0.9 % of the radius, 2 um of a 0.45 mm bead."""
WIDTH_STEP_UM: Final = 10.0
"""Beads this near in width are united in one call; the radius is right to 2.5 um."""


def polygon_of(rings: list[NDArray[np.float64]]) -> Region:
    """The region that lies inside: winding number over zero (3MF core, positive fill rule)."""
    import shapely

    rings = [ring for ring in rings if len(ring) >= 3]
    if not rings:
        return shapely.Polygon()
    region = _nested(rings)
    if region is not None:
        return region
    closed = [np.concatenate([ring, ring[:1]]) for ring in rings]
    signed = sum(_signed_area(ring) for ring in rings)
    lines = shapely.linestrings(
        np.concatenate(closed), indices=np.repeat(np.arange(len(closed)), [len(c) for c in closed])
    )
    region = _filled(shapely.polygonize(lines), closed)
    if abs(region.area - signed) > 1e-6 * abs(signed) + 100.0:
        # Rings cross or touch along edges: cut them where they meet, then fill again.
        region = _filled(shapely.polygonize([shapely.union_all(lines)]), closed)
    return region


def _nested(rings: list[NDArray[np.float64]]) -> Region | None:
    """The region of rings that neither cross nor touch and whose turn alternates from the outside
    in, as those of a sound solid do; None where it is not so simple."""
    import shapely

    loops = shapely.linearrings(
        np.concatenate(rings), indices=np.repeat(np.arange(len(rings)), [len(r) for r in rings])
    )
    filled = shapely.polygons(loops)
    is_outer = np.asarray(shapely.is_ccw(loops), bool)
    if len(rings) == 1:
        return filled[0] if is_outer[0] and shapely.is_valid(filled[0]) else None
    x0, y0, x1, y1 = shapely.bounds(filled).T
    inner, around = np.nonzero(
        (x0[:, None] >= x0) & (y0[:, None] >= y0) & (x1[:, None] <= x1) & (y1[:, None] <= y1)
    )
    inner, around = inner[inner != around], around[inner != around]
    corner = np.array([ring[0] for ring in rings])
    shapely.prepare(filled)
    lies = shapely.contains_xy(filled[around], corner[inner, 0], corner[inner, 1])
    inner, around = inner[lies], around[lies]
    depth = np.bincount(inner, minlength=len(rings))
    if not (is_outer == (depth % 2 == 0)).all():
        return None
    # A hole lies in the one outer ring that is a single step further out.
    is_parent = ~is_outer[inner] & (depth[around] == depth[inner] - 1)
    holes: dict[int, list[Region]] = {outer: [] for outer in np.flatnonzero(is_outer).tolist()}
    for hole, outer in zip(inner[is_parent].tolist(), around[is_parent].tolist(), strict=True):
        holes[outer].append(loops[hole])
    parts = [
        shapely.polygons(loops[outer], holes=own) if own else filled[outer]
        for outer, own in holes.items()
    ]
    region = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return region if shapely.is_valid(region) else None


def _signed_area(ring: NDArray[np.float64]) -> float:
    x, y = (ring - ring[0]).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def _filled(faces: Region, rings: list[NDArray[np.float64]]) -> Region:
    """Union of the faces around which the rings wind."""
    import shapely

    parts = shapely.get_parts(faces)
    if not len(parts):
        return shapely.Polygon()
    points = shapely.get_coordinates(shapely.point_on_surface(parts))
    start = np.concatenate([ring[:-1] for ring in rings])
    end = np.concatenate([ring[1:] for ring in rings])
    kept = parts[_winding(points, start, end) > 0]
    return kept[0] if len(kept) == 1 else shapely.union_all(kept)


def _winding(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(n,) how often the segments wind around each point: crossings of a ray to the right."""
    winding = np.empty(len(points), np.int64)
    for index, (x, y) in enumerate(points.tolist()):
        up = (start[:, 1] <= y) & (end[:, 1] > y)
        down = (start[:, 1] > y) & (end[:, 1] <= y)
        side = (end[:, 0] - start[:, 0]) * (y - start[:, 1]) - (x - start[:, 0]) * (
            end[:, 1] - start[:, 1]
        )
        winding[index] = int((up & (side > 0)).sum()) - int((down & (side < 0)).sum())
    return winding


def within(region: Region, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) which points lie in a region."""
    import shapely

    shapely.prepare(region)
    return np.asarray(shapely.contains_xy(region, points), bool)


class Cover:
    """All that some beads cover, in a few regions that may overlap: uniting the many beads of the
    usual width with the few others would cost more than all that is asked of the union."""

    def __init__(self, parts: list[Region]) -> None:
        self.parts = [part for part in parts if not part.is_empty]

    @property
    def is_empty(self) -> bool:
        return not self.parts

    def bare(self, geometry: Region) -> Region:
        """What of a geometry is not covered."""
        import shapely

        for part in self.parts:
            geometry = shapely.difference(geometry, part)
        return geometry

    def beyond(self, region: Region) -> Region:
        """What is covered outside a region."""
        import shapely

        outside = [shapely.difference(part, region) for part in self.parts]
        outside = [part for part in outside if not part.is_empty]
        if len(outside) < 2:
            return outside[0] if outside else shapely.Polygon()
        return shapely.union_all(outside)


def cover_of_beads(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    width: NDArray[np.float64],
    chain: NDArray[np.int64],
    step_um: float | None = None,
    quarter_segments: int | None = None,
) -> Cover:
    """Everything that the beads cover: their centre lines, thickened, with round ends and joints.

    A line is one bead as far as its chain and its width last; one buffer call unites all lines
    of a width. step_um, quarter_segments : instead of `WIDTH_STEP_UM` and `QUARTER_SEGMENTS`.
    """
    import shapely

    if not len(start):
        return Cover([])
    step_um, segments = step_um or WIDTH_STEP_UM, quarter_segments or QUARTER_SEGMENTS
    step, is_head = heads_of(start, end, width, chain, step_um)
    lines = lines_of(start, end, is_head)
    of_line = step[is_head]
    n_moves = np.diff(np.append(np.flatnonzero(is_head), len(start)))
    usual = int(np.argmax(np.bincount(of_line, n_moves)))
    main = shapely.buffer(
        shapely.multilinestrings(lines[of_line == usual]),
        usual * step_um / 2,
        quad_segs=segments,
    )
    others = [
        shapely.buffer(
            shapely.multilinestrings(lines[of_line == other]),
            other * step_um / 2,
            quad_segs=segments,
        )
        for other in np.flatnonzero(np.bincount(of_line)).tolist()
        if other != usual
    ]
    return Cover([main, shapely.union_all(others)] if others else [main])


def heads_of(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    width: NDArray[np.float64],
    chain: NDArray[np.int64],
    step_um: float = WIDTH_STEP_UM,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(width in whole `step_um`, is the first move of a line of one chain and width)."""
    step = np.maximum(np.rint(width / step_um), 1).astype(np.int64)
    is_head = np.ones(len(start), bool)
    is_head[1:] = (
        (step[1:] != step[:-1]) | (chain[1:] != chain[:-1]) | (start[1:] != end[:-1]).any(axis=1)
    )
    return step, is_head


def lines_of(
    start: NDArray[np.float64], end: NDArray[np.float64], is_head: NDArray[np.bool_]
) -> NDArray[Any]:
    """Linestrings of moves that follow one another; a new one starts at every head."""
    import shapely

    line = np.cumsum(is_head) - 1
    place = np.arange(len(start)) + line + 1
    points = np.empty((len(start) + int(is_head.sum()), 2))
    index = np.empty(len(points), np.int64)
    points[place], index[place] = end, line
    heads = np.flatnonzero(is_head)
    points[place[heads] - 1], index[place[heads] - 1] = start[heads], line[heads]
    return np.asarray(shapely.linestrings(points, indices=index))

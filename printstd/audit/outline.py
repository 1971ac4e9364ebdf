"""A layer's section and what is made of it again and again: offsets, openings, closings."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import Compensations
from printstd.audit.circles import with_circles
from printstd.audit.regions import Region, polygon_of
from printstd.audit.sections import Sections

FINE_UM: Final = 1.0
"""Vertices nearer than this to the line through their neighbours are dropped: triangles of one flat
face leave one at each of their edges. Numbers of a program are rounded to as much."""
COARSE_UM: Final = 20.0
"""The same where only areas matter."""


T = TypeVar("T")


class Outline:
    """One region with its offsets, each made once."""

    coarse: Outline | None = None
    """The same where only areas matter, once it was asked for."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._made: dict[tuple[Hashable, ...], Any] = {}

    def once(self, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """What was made of this outline under a key, made the first time only: layers that are
        alike share it."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    @property
    def area(self) -> float:
        return float(self.region.area)

    def grown(self, by_um: float, quarter_segments: int = 8) -> Region:
        """Offset outwards, or inwards where negative, with round corners."""
        import shapely

        key = (f"grown{quarter_segments}", by_um)
        if key not in self._made:
            self._made[key] = shapely.buffer(self.region, by_um, quad_segs=quarter_segments)
        return self._made[key]

    def opened(self, radius_um: float) -> Region:
        """All places that a disc of this radius reaches inside the region."""
        import shapely

        key = ("opened", radius_um)
        if key not in self._made:
            self._made[key] = shapely.buffer(self.grown(-radius_um), radius_um)
        return self._made[key]

    def closed(self, radius_um: float, more_um: float = 0.0) -> Region:
        """With every slit and notch filled that is narrower than twice the radius; then grown."""
        import shapely

        key = (f"closed{radius_um}", more_um)
        if key not in self._made:
            self._made[key] = shapely.buffer(self.grown(radius_um + more_um), -radius_um)
        return self._made[key]


class OutlineStack:
    """Outlines of all layers, made when asked for and kept for as long as neighbours need them."""

    def __init__(self, sections: Sections, compensations: Compensations, n_layers: int) -> None:
        self._sections = sections
        self._compensations = compensations
        self.n_layers = n_layers
        self._last: dict[str, tuple[bytes, Outline]] = {}
        self.nominal = lru_cache(maxsize=4)(self._nominal)
        self.fine = lru_cache(maxsize=128)(self._fine)
        self.coarse = lru_cache(maxsize=4)(self._coarse)

    def _nominal(self, layer: int) -> Outline:
        """The model's own section; one object for layers that are alike, with all its offsets."""
        import shapely

        rings = [from_corner(ring) for ring in self._sections.rings_of(layer)]
        outline = Outline(tidied(polygon_of(rings), FINE_UM))
        return self._shared("nominal", shapely.to_wkb(outline.region), outline)

    def _shared(self, kind: str, key: bytes, outline: Outline) -> Outline:
        """The last outline of its kind where it is the same."""
        known = self._last.get(kind)
        if known is None or known[0] != key:
            known = self._last[kind] = (key, outline)
        return known[1]

    def _fine(self, layer: int) -> Outline:
        """The least that the toolpath was told to print of the section."""
        by = self._compensations
        return self._told(layer, layer == 0, holes=by.circles, pins=by.circles and not by.polygons)

    def widest(self, layer: int) -> Outline:
        """The most: the foot is drawn in as far as the outline lets it, round holes may be circles
        or polygons, and fuzzy skin goes out from the second layer on; all between is right."""
        by = self._compensations
        holes, pins = by.circles and not by.polygons, by.circles
        if layer and by.fuzzy_um:
            return self._told(layer, False, holes=holes, pins=pins, by=rough_outside(by))
        has_foot = layer == 0 and by.elephant_foot_um > 0
        if not has_foot and not (by.circles and by.polygons):
            return self.fine(layer)
        return self._told(layer, False, holes=holes, pins=pins)

    def roundest(self, layer: int) -> Outline:
        """The most of round holes and pins alone, whatever else was told."""
        return self._told(layer, layer == 0, holes=False, pins=True)

    def _told(
        self,
        layer: int,
        is_first: bool,
        *,
        holes: bool,
        pins: bool,
        by: Compensations | None = None,
    ) -> Outline:
        nominal = self.nominal(layer)
        region = with_circles(nominal.region, holes=holes, pins=pins)
        region = compensated(region, by or self._compensations, is_first=is_first)
        told = nominal if region is nominal.region else Outline(region)
        return self._shared(f"{is_first} {holes} {pins} {by}", nominal.region.wkb, told)

    def _coarse(self, layer: int) -> Outline:
        fine = self.fine(layer)
        if fine.coarse is None:
            fine.coarse = Outline(tidied(fine.region, COARSE_UM))
        return fine.coarse

    def exposed(self, layer: int, by: int, gap_um: float) -> Region:
        """What of a layer the one above (`by` = 1) or below (-1) leaves free, where a disc of the
        radius `gap_um` fits (coarse)."""
        import shapely

        free = self.coarse(layer).region
        if 0 <= layer + by < self.n_layers:
            other = self.coarse(layer + by).region
            if other is free:
                return shapely.Polygon()
            free = shapely.difference(free, other)
        return shapely.buffer(shapely.buffer(free, -gap_um, quad_segs=2), gap_um, quad_segs=2)


def from_corner(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ring from its lowest vertex on, which is a corner: simplifying keeps where a ring starts,
    and rings that are alike shall come out alike."""
    x, y = np.rint(ring).T
    first = int(np.lexsort((y, x))[0])
    return np.concatenate([ring[first:], ring[:first]])


def tidied(region: Region, tolerance_um: float) -> Region:
    """The region without vertices that change nothing, the others on whole um."""
    import shapely

    tidy = shapely.simplify(region, tolerance_um, preserve_topology=False)
    tidy = shapely.transform(tidy, np.rint)
    return tidy if shapely.is_valid(tidy) else region


def joined(a: Outline, b: Outline) -> Outline:
    """What either covers."""
    import shapely

    return a if a.region is b.region else Outline(shapely.union(a.region, b.region))


def common(a: Outline, b: Outline) -> Outline:
    """What both cover."""
    import shapely

    return a if a.region is b.region else Outline(shapely.intersection(a.region, b.region))


def apart_um(a: Outline, b: Outline) -> float:
    """How far the borders of two outlines are from each other, on the mean."""
    import shapely

    length = max(float(a.region.length), 1.0)
    return float(shapely.symmetric_difference(a.region, b.region).area) / length


def rough_outside(by: Compensations) -> Compensations:
    """The compensations that lead to the outer side of fuzzy skin."""
    hole_um = by.hole_um if by.fuzzy_holes else by.hole_um + by.fuzzy_um
    return replace(by, xy_um=by.xy_um + by.fuzzy_um, hole_um=hole_um)


def compensated(region: Region, by: Compensations, *, is_first: bool) -> Region:
    """The outline as the toolpath was told to print it."""
    import shapely

    if not by.xy_um and not by.hole_um and not (is_first and by.elephant_foot_um):
        return region
    outer = by.xy_um - (by.elephant_foot_um if is_first else 0)
    return shapely.union_all(
        [_with_sides_moved(part, outer, by.hole_um - outer) for part in shapely.get_parts(region)]
    )


def _with_sides_moved(part: Region, outer_um: float, hole_um: float) -> Region:
    """One polygon, its outside and its holes grown. Islands in its holes are other polygons."""
    import shapely

    grown = shapely.buffer(shapely.Polygon(part.exterior), outer_um, join_style="mitre")
    if not len(part.interiors):
        return grown
    holes = [shapely.Polygon(ring) for ring in part.interiors]
    return shapely.difference(
        grown, shapely.union_all(shapely.buffer(holes, hole_um, join_style="mitre"))
    )

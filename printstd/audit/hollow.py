"""Sections of a model less those of what is cut out of it (negative volumes)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.audit.regions import Region, polygon_of
from printstd.audit.sections import JOIN_UM, Sections, cut

_NEAR_UM: Final = 0.5
_SLIVER_UM: Final = 1.0
"""Half the width of what sides leave that lie in one plane."""
_LEAST_UM2: Final = 10.0


def is_solid(sections: Sections, layer: int) -> bool:
    """Whether a layer has more than what rounding leaves between sides in one plane."""
    import shapely

    region = polygon_of(sections.rings_of(layer))
    opened = shapely.buffer(shapely.buffer(region, -_SLIVER_UM), _SLIVER_UM)
    return bool(opened.area > _LEAST_UM2)


class Shells(NamedTuple):
    """vertices_um : (v, 3) float64. faces : (f, 3) int64. cut : the same of what is cut out.
    join_um : how far apart ends of open sections of the model are joined; what is cut out must be
    closed."""

    vertices_um: NDArray[np.float64]
    faces: NDArray[np.int64]
    cut: tuple[NDArray[np.float64], NDArray[np.int64]] | None = None
    join_um: float = JOIN_UM

    def sections(self, z_um: NDArray[np.float64]) -> Sections:
        """At heights that rise."""
        own = cut(self.vertices_um, self.faces, z_um, self.join_um)
        return own if self.cut is None else less(own, cut(*self.cut, z_um))

    def top_um(self, below_um: float, above_um: float) -> float:
        """The highest point of what is left, which lies between two planes, the lower one in it.
        Where it is as high as a vertex, it is that height."""
        while above_um - below_um > _NEAR_UM:
            middle = (below_um + above_um) / 2
            is_in = is_solid(self.sections(np.array([middle])), 0)
            below_um, above_um = (middle, above_um) if is_in else (below_um, middle)
        z = self.all_facets()[0][self.all_facets()[1], 2].reshape(-1)
        nearest = float(z[np.abs(z - above_um).argmin()])
        return nearest if abs(nearest - above_um) <= 2 * _NEAR_UM else above_um

    def moved(self, placed_um: NDArray[np.float64], cut_um: NDArray[np.float64] | None) -> Shells:
        """The same facets with their vertices elsewhere."""
        other = (cut_um, self.cut[1]) if self.cut is not None and cut_um is not None else None
        return Shells(placed_um, self.faces, other, self.join_um)

    def all_facets(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Facets of the model and of what is cut out, as one set."""
        if self.cut is None:
            return self.vertices_um, self.faces
        vertices, faces = self.cut
        both = np.concatenate([self.vertices_um, vertices])
        return both, np.concatenate([self.faces, faces + len(self.vertices_um)])


def less(sections: Sections, gone: Sections) -> Sections:
    """Layer by layer; open chains of either count."""
    import shapely

    rings: list[NDArray[np.float64]] = []
    counts = []
    for layer in range(len(sections.open_length_um)):
        own, other = sections.rings_of(layer), gone.rings_of(layer)
        if own and other:
            own = _rings(shapely.difference(polygon_of(own), polygon_of(other)))
        rings += own
        counts.append(len(own))
    return Sections(
        np.concatenate(rings) if rings else np.empty((0, 2)),
        np.concatenate([[0], np.cumsum([len(ring) for ring in rings])]).astype(np.int64),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        sections.open_length_um + gone.open_length_um,
        sections.longest_join_um,
    )


def _rings(region: Region) -> list[NDArray[np.float64]]:
    """The region's rings, the solid on their left; pieces of no area are dropped."""
    import shapely

    found = []
    for part in shapely.get_parts(region):
        if part.geom_type == "Polygon" and not part.is_empty:
            oriented = shapely.geometry.polygon.orient(part)
            for ring in (oriented.exterior, *oriented.interiors):
                found.append(np.asarray(ring.coords, np.float64)[:-1, :2])
    return found

"""What a round shape is, and where points lie about one."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.planes import Planes
from printstd.kernels.recognition.grouped import Floats, Ints
from printstd.kernels.recognition.outlines import frame_across


class Shape(Enum):
    CYLINDER = "cylinder"
    CONE = "cone"
    SPHERE = "sphere"
    TORUS = "torus"


class RoundShape(NamedTuple):
    """One fitted shape; lengths in the vertices' unit."""

    shape: Shape
    facets: Ints
    """(n,) int64, ascending."""
    axis: Floats
    """(3,) unit."""
    centre: Floats
    """(3,), on the axis in the middle of the shape; of spheres and tori the centre."""
    radius: float
    """Of tori that of the swept circle; of cones in the middle."""
    slope: float
    """Of cones, radius gained per length along the axis."""
    around: float
    """Of tori the radius of the sweep."""
    strips: int
    arc_deg: float
    """Round the axis, 360 where it closes; of tori that of the swept circle."""
    widest: float
    """Chord of the widest strip: it sets the chordal error."""
    length: float
    """Along the axis."""
    residual: float
    """Largest distance of a vertex from the fitted shape."""
    is_concave: bool
    """Round nothing."""

    @property
    def sagitta(self) -> float:
        """How far the middle of the widest chord lies inside the round shape."""
        half = self.widest / 2
        return float(self.radius - np.sqrt(max(self.radius**2 - half * half, 0.0)))

    @property
    def largest_radius(self) -> float:
        """Of cones at the wide end."""
        return self.radius + abs(self.slope) * self.length / 2


class Found(NamedTuple):
    """n shapes. shape : (n,) int64, place in `Shape`. of_region : (p,) int64, the shape of each
    flat region, or -1. axis, centre : (n, 3). radius, slope, around, residual : (n,), as in
    `RoundShape`, those of cones at `centre`. tolerance : (n,), how far a vertex may lie off.
    is_concave : (n,) bool."""

    shape: Ints
    of_region: Ints
    axis: Floats
    centre: Floats
    radius: Floats
    slope: Floats
    around: Floats
    residual: Floats
    tolerance: Floats
    is_concave: NDArray[np.bool_]

    @property
    def number(self) -> int:
        return len(self.shape)

    def of_facet(self, flat: Planes) -> Ints:
        """(f,) int64: the shape of each facet, or -1."""
        return np.asarray(np.where(flat.labels >= 0, self.of_region[flat.labels], -1), np.int64)

    def without(self, given_up: NDArray[np.bool_]) -> Found:
        """Shapes of a mask (n,) have no regions any more."""
        kept = (self.of_region >= 0) & ~given_up[self.of_region]
        return self._replace(of_region=np.where(kept, self.of_region, -1))


class Places(NamedTuple):
    """Of points (...,) about the axis of their shapes: angle rad, distance from it, height."""

    angle: Floats
    rho: Floats
    z: Floats


def places(points: Floats, shape: Ints, found: Found) -> Places:
    """Of points (n, 3) or (n, k, 3), each row about shape (n,)."""
    wide = (slice(None), *[None] * (points.ndim - 2))
    frame = frame_across(found.axis)[shape]
    away = points - found.centre[shape][wide]
    x = (away * frame[:, 0][wide]).sum(axis=-1)
    y = (away * frame[:, 1][wide]).sum(axis=-1)
    z = (away * found.axis[shape][wide]).sum(axis=-1)
    return Places(np.arctan2(y, x), np.sqrt(x * x + y * y), z)


def heights(at: Places, shape: Ints, found: Found) -> Floats:
    """How far points lie outside the round surface, seen from its axis or centre; < 0 inside."""
    wide = (slice(None), *[None] * (at.rho.ndim - 1))
    radius, slope = found.radius[shape][wide], found.slope[shape][wide]
    straight = (at.rho - radius - slope * at.z) / np.sqrt(1 + slope * slope)
    across = at.rho - found.around[shape][wide]
    bent = np.sqrt(across * across + at.z * at.z) - radius
    is_bent = is_doubly_curved(found)[shape][wide]
    return np.where(is_bent, bent, straight)


def is_doubly_curved(found: Found) -> NDArray[np.bool_]:
    kinds = list(Shape)
    return np.isin(found.shape, [kinds.index(Shape.SPHERE), kinds.index(Shape.TORUS)])

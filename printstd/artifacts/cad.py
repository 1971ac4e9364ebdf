"""A CAD file as a mesh: what it was made of, and which facet stands for which of its surfaces.

The mesh is what is sliced and audited; the file's own surfaces say the sizes.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array
from printstd.artifacts.finding import Finding
from printstd.dataclass import dataclass
from printstd.units import LengthUnit


class SurfaceKind(IntEnum):
    """What a face of a CAD body lies on."""

    FREE = 0
    """A form that has no size, or one that the file's own text does not vouch for."""
    PLANE = 1
    CYLINDER = 2
    CONE = 3
    SPHERE = 4
    TORUS = 5


@dataclass(frozen=True, slots=True)
class CadSource:
    """The CAD file that a mesh was made of, and how well the mesh stands for it."""

    sha256: str
    """Of the CAD file; the mesh has its own."""
    size_bytes: int
    unit: LengthUnit
    """The unit of the CAD file's lengths, as it says itself."""
    deflection_nm: int
    """That the tessellator was asked for."""
    chord_nm: int
    """Largest distance between the mesh and the CAD surfaces, as measured, rounded up."""
    chord_limit_nm: int
    """What it may be."""
    limit_from: str
    """Which tolerance that is a tenth of, or why it is what it is."""
    free_faces: int
    """Faces that are no plane, cylinder, cone, sphere or torus: there the distance is estimated
    from the surface's normals at the corners."""
    faces: int
    tessellator: str
    """Name and version of the library that made the triangles."""


@dataclass(frozen=True, slots=True, eq=False)
class ExactFaces:
    """The n faces of the CAD file's bodies, in mm in the model frame, and what of the mesh is
    theirs.

    of_facet : (f,) int32, each facet's face. kind : (n,) int8, `SurfaceKind`.
    point : (n, 3), on the plane or axis; of cones the apex, of spheres and tori the centre.
    axis : (n, 3), unit; of planes the normal, either way, of cones from the apex into the cone.
    radius : (n,), of tori that of the swept circle; 0 where there is none.
    angle : (n,), rad, of cones between axis and surface. around : (n,), of tori the radius of the
    sweep. chord : (n,), mm, how far the facets of each stray from it.
    """

    of_facet: NDArray[np.int32]
    kind: NDArray[np.int8]
    point: NDArray[np.float64]
    axis: NDArray[np.float64]
    radius: NDArray[np.float64]
    angle: NDArray[np.float64]
    around: NDArray[np.float64]
    chord: NDArray[np.float64]

    def __post_init__(self) -> None:
        kinds: dict[str, type[np.generic]] = {"of_facet": np.int32, "kind": np.int8}
        for name in self.__slots__:
            form = (None, 3) if name in ("point", "axis") else (None,)
            array = frozen_array(name, getattr(self, name), kinds.get(name, np.float64), form)
            object.__setattr__(self, name, array)


@dataclass(frozen=True, slots=True, eq=False)
class CadMesh:
    """What a CAD file becomes before anything else is done with it.

    stl : binary STL in mm, the model that is read, sliced, audited and bound by its digest.
    faces : by its facets. findings : what was noticed on the way, of rule PAR-01.
    """

    stl: bytes
    source: CadSource
    faces: ExactFaces
    findings: tuple[Finding, ...]

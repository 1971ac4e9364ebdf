"""Mesh: intake -> validate, slicing. Placement: the request -> slicing, audit."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array
from printstd.artifacts.cad import CadSource, ExactFaces
from printstd.artifacts.finding import Finding
from printstd.dataclass import dataclass
from printstd.kernels.facets import used_vertices
from printstd.units import LengthUnit


@dataclass(frozen=True, slots=True)
class SourceRef:
    """The file a mesh was read from."""

    name: str
    """Base name as the user gave it, in any script."""
    sha256: str
    """Of what the mesh was read from: the file, or the STL that a CAD file was made into."""
    size_bytes: int
    format: str
    """``stl-binary``, ``stl-ascii``, ``3mf``, ``obj``, ``ply``, ``step``."""
    unit: LengthUnit
    """The unit its numbers were read in."""
    is_unit_stated: bool
    """True where the file or the user said the unit; False where millimetres were assumed."""
    plate: int | None = None
    """1-based plate of a 3MF project, where one was chosen."""
    extruder: int | None = None
    """Of a 3MF project only the objects that it gives to this one, from 1; None: all."""
    cad: CadSource | None = None
    """The CAD file behind the mesh; None where the file has the mesh itself."""

    @property
    def file_sha256(self) -> str:
        """Of the file that the user gave."""
        return self.sha256 if self.cad is None else self.cad.sha256


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Welded, indexed triangles in the order of the file.

    vertices_mm : (v, 3) float64, mm, model frame. The file's own numbers times the unit.
    faces : (f, 3) int32, indices into vertices_mm, counter-clockwise seen from outside.
        Every facet of the file is here, degenerate ones too: file facet i is row i.
    weld_gap_mm : the largest distance that welding bridged.
    """

    vertices_mm: NDArray[np.float64]
    faces: NDArray[np.int32]
    source: SourceRef
    weld_gap_mm: float

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(
            self,
            "vertices_mm",
            frozen_array("vertices_mm", self.vertices_mm, np.float64, (None, 3)),
        )
        set_(self, "faces", frozen_array("faces", self.faces, np.int32, (None, 3)))
        if not np.isfinite(self.vertices_mm).all():
            raise TypeError("vertices_mm: not all finite")
        if self.faces.size and (self.faces.min() < 0 or self.faces.max() >= len(self.vertices_mm)):
            raise TypeError("faces: index out of range")

    @property
    def box_mm(self) -> NDArray[np.float64]:
        """(2, 3) float64, mm, model frame: lowest and highest corner over used vertices."""
        used = self.vertices_mm[used_vertices(len(self.vertices_mm), self.faces)]
        return np.stack([used.min(axis=0), used.max(axis=0)])


class RegionKind(StrEnum):
    """What a region says of what lies inside it."""

    SETTINGS = "region"
    """Other print settings hold."""
    BLOCKER = "blocker"
    """It gets no supports."""
    ENFORCER = "enforcer"
    """Where it hangs it is supported."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A volume of a project that is no part of the model, but says how what lies inside is made.

    item : the build item that it belongs to, by its number in the file, from 0. volume : its number
    among the components or volumes of the item's object, from 0. settings : (key, value) in the
    words of the slicer that wrote them. mesh : in the frame of the model.
    """

    item: int
    volume: int
    kind: RegionKind
    settings: tuple[tuple[str, str], ...]
    mesh: Mesh


@dataclass(frozen=True, slots=True, eq=False)
class Portion:
    """Build items of a project that have the same print settings of their own.

    family : whose words the settings are. items : numbers in the file's build, from 0. mesh, cut :
    the facets of these items alone.
    """

    family: str
    items: tuple[int, ...]
    settings: tuple[tuple[str, str], ...]
    mesh: Mesh
    cut: Mesh | None
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ModelFile:
    """What intake makes of a file: the mesh, and what the parser noticed on the way."""

    mesh: Mesh
    findings: tuple[Finding, ...]
    cut: Mesh | None = None
    """What is to be cut out of the mesh (negative volumes), in the same frame."""
    portions: tuple[Portion, ...] = ()
    """Of a project in which some object or part has print settings of its own: all of the mesh,
    divided. Empty where none has."""
    exact: ExactFaces | None = None
    """Of a CAD file: what its facets stand for."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Model frame to bed frame, quantised before both sides use it.

    bed_nm = round(rotation_e9 / 1e9 @ round(vertex_mm * scale_e6)) + translation_um * 1000,
    each row of the product rounded half to even; the bed frame is the printer's own.
    """

    rotation_e9: tuple[int, int, int, int, int, int, int, int, int]
    """Row-major 3 x 3 in 1e-9."""
    translation_um: tuple[int, int, int]
    scale_e6: int = 1_000_000
    """Uniform scale in 1e-6, applied before the rotation."""

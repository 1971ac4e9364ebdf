"""The sections of a process about what lies inside the walls: infill, bridges, ironing."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from printstd.profiles.kinds import Finite, NonNegative, Ratio, Strict


class InfillPattern(StrEnum):
    """Of sparse infill, under PrusaSlicer's names; `toolpath.infill.patterns` lays them."""

    RECTILINEAR = "rectilinear"
    ALIGNED_RECTILINEAR = "alignedrectilinear"
    ZIGZAG = "zigzag"
    GRID = "grid"
    TRIANGLES = "triangles"
    STARS = "stars"
    CUBIC = "cubic"
    HONEYCOMB = "honeycomb"
    GYROID = "gyroid"
    CONCENTRIC = "concentric"
    ADAPTIVE_CUBIC = "adaptivecubic"
    LIGHTNING = "lightning"


class InfillAnchoring(StrEnum):
    """When what is laid over the hollow inside is held there by the sparse lines below."""

    NEVER = "never"
    WITH_SUPPORTS = "with_supports"
    """Where supports hold the part from outside."""
    ALWAYS = "always"


class IronedSurfaces(StrEnum):
    NONE = "none"
    TOP = "top"
    """All that is seen from above."""
    TOPMOST = "topmost"
    """What is seen of the part's last layer."""


class Infill(Strict):
    density_ratio: Ratio
    pattern: InfillPattern
    angle_deg: Finite
    overlap_ratio: Ratio
    """Of (s/2 + s_solid/2), facts of slicers 2.4."""
    anchor_mm: NonNegative
    anchor_max_mm: NonNegative
    anchoring: InfillAnchoring
    """Bridges and shells over sparse infill reach to its next line, and no line turns in the air
    (facts of slicers D11)."""
    combine_layers: Annotated[int, Field(ge=1, le=10)]
    """Sparse infill is laid on every so-manieth layer, as thick as all of them together but no
    thicker than the nozzle is wide (facts of slicers D6)."""


class Ironing(Strict):
    """A second pass over tops, with little flow, that melts them smooth (facts of slicers D13)."""

    surfaces: IronedSurfaces
    flow_ratio: Annotated[float, Field(gt=0, le=0.5)]
    """Of what a layer over the same area takes."""
    spacing_mm: Annotated[float, Field(ge=0.02, le=1)]


class Bridges(Strict):
    flow_ratio: Annotated[float, Field(gt=0.3, le=1.5)]
    thick_external: bool
    thick_internal: bool

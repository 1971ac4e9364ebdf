"""The sections of a process about supports and raft (facts of slicers 2.9, E1-E7, F4)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from printstd.profiles.kinds import NonNegative, Positive, Strict


class SupportStyle(StrEnum):
    GRID = "grid"
    """Columns of whole cells, walled: stiff, easy to grip."""
    SNUG = "snug"
    """Columns of the outline of what they hold: little to print, little to mark."""
    TREE = "tree"
    """Branches from many tips that join on their way down: least to print and to mark."""


class Tree(Strict):
    """The style `tree` (facts of slicers 2.9, E3)."""

    tip_diameter_mm: Positive
    tip_distance_mm: Positive
    """Tips are no further apart than this; what lies between them bridges."""
    branch_diameter_mm: Positive
    """Of a branch with one tip; where branches join, their sections add up, to three times it."""
    diameter_angle_deg: Annotated[float, Field(ge=0, le=15)]
    """How a branch grows thicker downwards, each side."""
    branch_angle_deg: Annotated[float, Field(ge=5, le=60)]
    """How far its axis may lean: 0 is upright, and 40 stands 50 degrees from the build plate."""


class Supports(Strict):
    """What is laid under overhangs and taken off the part again (facts of slicers 2.9, E1-E7)."""

    enabled: bool
    style: SupportStyle
    angle_deg: Annotated[float, Field(ge=0, le=89)]
    """Undersides less steep than this, measured from the build plate (90: a wall), are supported;
    0: whatever reaches further than half an external perimeter beyond the layer below."""
    min_area_mm2: NonNegative
    """Overhangs smaller than this are left alone; islands that begin in the air never are."""
    top_distance_mm: NonNegative
    """Left free under the part, rounded up to whole layers; 0: the part lies on its support."""
    bottom_distance_mm: NonNegative
    """Left free over the part that a support stands on, likewise."""
    xy_gap_ratio: NonNegative
    """Of the external perimeter's width: left free beside the part."""
    spacing_mm: NonNegative
    """Left free between the lines of a support's body."""
    interface_spacing_mm: NonNegative
    """Left free between the lines next to the part."""
    top_interface_layers: Annotated[int, Field(ge=0)]
    bottom_interface_layers: Annotated[int, Field(ge=0)]
    closing_radius_mm: NonNegative
    """Gaps between overhangs up to twice as wide are supported too."""
    on_build_plate_only: bool
    """No support stands on the part."""
    dont_support_bridges: bool
    """What a bridge spans, both ends held and no longer than `integrity.max_air_mm`, is left
    alone."""
    tree: Tree


class Raft(Strict):
    """Layers under the whole part (facts of slicers 2.9, F4)."""

    layers: Annotated[int, Field(ge=0, le=20)]
    """0: no raft."""
    interface_layers: Annotated[int, Field(ge=0)]
    """How many of them, the uppermost, are dense: never the lowest, which holds on to the bed."""
    contact_distance_mm: NonNegative
    """Left free between raft and part."""
    expansion_mm: NonNegative
    """How far it reaches beyond the part and its supports."""
    first_layer_density_ratio: Annotated[float, Field(ge=0.1, le=1)]
    """Of the raft's first layer, and of the first layer of supports that stand on the bed."""
    first_layer_expansion_mm: NonNegative
    """How far those reach further than the layers above."""

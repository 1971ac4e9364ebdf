"""Jobs: areas to fill, and how. What a surface becomes is decided in `plan`; the patterns only
lay lines."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from printstd.artifacts.toolpath import Role
from printstd.kernels.rings import Rings
from printstd.kernels.turns import Direction
from printstd.toolpath.spec import Bead

UNLIMITED_NM: Final = 1_000_000_000
"""Solid lines are joined however far it is along the border (facts of slicers 2.4)."""


class Pitch(Enum):
    """How far apart the lines of a job lie, and where the first one does."""

    FITTED = 0
    """About a spacing, so that a whole number of lines fills each island; flow follows."""
    SPREAD = 1
    """About the given pitch, from edge to edge; flow stays (round threads)."""
    ABSOLUTE = 2
    """Exactly the given pitch from the bed's origin: lines of layers stand on each other."""


class Job(NamedTuple):
    """One area of one layer to be filled.

    slot : the layer, as counted in the call. bead : what is laid; lines keep half its spacing
    from the area's border. along : direction of the lines. pitch_nm : distance of straight lines,
    or the gyroid's nm per radian. flow_ratio : of the bead's own flow. is_swept : in monotonic
    order. longest_nm, hook_nm : how long joins along the border, and hooks of free ends, may be.
    """

    slot: int
    role: Role
    area: Rings
    bead: Bead
    along: Direction
    pitch: Pitch
    pitch_nm: float
    flow_ratio: float = 1.0
    is_swept: bool = False
    longest_nm: int = UNLIMITED_NM
    hook_nm: int = 0

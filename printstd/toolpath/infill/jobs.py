"""Jobs: areas to fill, and how. What a surface becomes is decided in `plan`; the patterns only
lay lines."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from printstd.artifacts.toolpath import Role
from printstd.kernels.rings import Rings
from printstd.kernels.turns import Direction
from printstd.named_tuple import NamedTuple
from printstd.toolpath.spec import Bead, LayerSpec

if TYPE_CHECKING:
    from printstd.toolpath.infill.hollow import Hollow

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
    or what a curved pattern measures itself by. flow_ratio : of the bead's own flow. is_swept : in
    monotonic order. longest_nm, hook_nm : how long joins along the border, and hooks of free ends,
    may be. may_turn : narrow islands are filled lengthways instead. hollow : over which no line
    turns and no free end has a hook, if any.
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
    may_turn: bool = False
    hollow: Hollow | None = None


class Sparse(NamedTuple):
    """A layer's sparse area, as a pattern gets it.

    slot : the layer, as counted in the call; layer : as counted from the bed. turn : by which
    lines change direction in patterns where they do. z_nm : where it is printed. bead : what is
    laid, perhaps over several layers at once. hollow : under it, if lines are to be held.
    """

    slot: int
    layer: int
    turn: int
    z_nm: int
    area: Rings
    spec: LayerSpec
    bead: Bead
    hollow: Hollow | None = None

    @property
    def pitch_nm(self) -> float:
        """Distance of the lines of a pattern of one family. What a line of several layers' height
        carries is theirs altogether, so the distance is that of a single layer's lines."""
        return self.spec.sparse.spacing_nm / self.spec.density_ratio

    def job(self, along: Direction, pitch_nm: float) -> Job:
        """Lines at exactly this pitch, held on to the walls as the spec wants it."""
        spec = self.spec
        return Job(
            self.slot,
            Role.INTERNAL_INFILL,
            self.area,
            self.bead,
            along,
            Pitch.ABSOLUTE,
            pitch_nm,
            longest_nm=spec.anchor_max_nm,
            hook_nm=min(spec.anchor_nm, spec.anchor_max_nm),
            hollow=self.hollow,
        )

"""What a layer's measuring is given, and the record of what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import Compensations, IntegrityLimits
from printstd.artifacts.layer_plan import LayerPlan
from printstd.audit.bead_models import Spread
from printstd.audit.beads import Beads, Heights
from printstd.audit.bonds import Joints
from printstd.audit.coverage import Coverage
from printstd.audit.crossings import Travels
from printstd.audit.deviation import Deviation
from printstd.audit.ironing import Ironed
from printstd.audit.sections import Sections
from printstd.audit.sorting import Sorted
from printstd.audit.zones import NO_ZONES, Zones

WIDEST_RATIO: Final = 1.5
"""A wall bead is taken to be this many nozzles wide at most: it sets how sharp a corner and how
thin a wall are allowed to be missing, which must not be the program's own choice."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerJob:
    """Everything a worker needs; sections stand where the model was found."""

    beads: Beads
    ironed: Beads
    elsewhere: Beads
    """At no planned height."""
    travels: Travels
    sections: Sections
    heights: Heights
    compensations: Compensations
    layers: LayerPlan
    limits: tuple[IntegrityLimits, ...]
    """Of each layer, outside its zones."""
    nozzle_um: float
    width_um: float
    """Typical bead of the whole program."""
    height_um: float
    """Ordinary layer."""
    axes: NDArray[np.float64]
    """(3, 3) rows: the model's own axes in the bed frame."""
    zones: Zones = NO_ZONES
    others: tuple[Sections, ...] = ()
    """Of the other parts of the plate, where beads may lie beside the parts."""

    @property
    def bead_um(self) -> float:
        """Width that a wall's bead has at least: the program's typical one, within reason."""
        return float(np.clip(self.width_um, 0.5 * self.nozzle_um, WIDEST_RATIO * self.nozzle_um))


@dataclass(frozen=True, slots=True, eq=False)
class LayerFigures:
    """One layer's measures. Lengths um, areas um2, volumes um3."""

    layer: int
    section_area: float
    part_volume: float
    sorted: Sorted
    deviation: Deviation
    coverage: Coverage
    crossing: NDArray[np.int64]
    """(k,) travels across the open, rows of the track."""
    reach: NDArray[np.float64]
    """(3, 2) lowest and highest reach of the layer's beads along the model's axes; NaN if none."""
    wall_width_um: float
    between_um: float
    """How far apart, on the mean, the two outlines are between which a smooth turn runs, or the
    walls of round holes and pins that may be circles or polygons."""
    ironing: Ironed
    joints: Joints
    spread: Spread
    """How far apart models of a bead put the sides of those along the outline."""
    reach_spread: Spread
    """The same of all beads, hanging ones as threads: what sizes may be off by on each side."""

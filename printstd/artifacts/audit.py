"""Motion and Audit: audit -> certify, report, preview."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array
from printstd.artifacts.finding import Finding, Status, worst


class ClaimedRole(IntEnum):
    """What a comment says that a bead is for (facts of slicers 3.3); numbered as the toolpath's
    own roles are."""

    UNKNOWN = 0
    """No comment, or one of no known dialect; start and end code too."""
    EXTERNAL_PERIMETER = 1
    PERIMETER = 2
    OVERHANG_PERIMETER = 3
    INTERNAL_INFILL = 4
    SOLID_INFILL = 5
    TOP_SOLID_INFILL = 6
    BRIDGE_INFILL = 7
    INTERNAL_BRIDGE_INFILL = 8
    GAP_FILL = 9
    SKIRT_BRIM = 10
    SUPPORT = 11
    SUPPORT_INTERFACE = 12
    IRONING = 13
    WIPE_TOWER = 14


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Every XYZ move that the auditor read from the bytes, arcs cut to chords, in time.

    start_um, end_um : (m, 3) float64, um, bed frame. e_um : (m,) float64, filament fed.
    feed_um_s : (m,) float64. line : (m,) int32, 1-based line in the file.
    claimed_role : (m,) uint8, `ClaimedRole`: a comment's claim, for pictures; no rule reads it.
    width_um : (m,) float64, of the bead that the move lays; 0 where it lays none.
    layer : (m,) int32, index of the layer; of a move that lays nothing, that of the next bead.
    layer_top_um, layer_height_um : (l,) float64, as found in the beads' heights.
    """

    start_um: NDArray[np.float64]
    end_um: NDArray[np.float64]
    e_um: NDArray[np.float64]
    feed_um_s: NDArray[np.float64]
    line: NDArray[np.int32]
    claimed_role: NDArray[np.uint8]
    width_um: NDArray[np.float64]
    layer: NDArray[np.int32]
    layer_top_um: NDArray[np.float64]
    layer_height_um: NDArray[np.float64]

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for name, dtype, shape in (
            ("start_um", np.float64, (None, 3)),
            ("end_um", np.float64, (None, 3)),
            ("e_um", np.float64, (None,)),
            ("feed_um_s", np.float64, (None,)),
            ("line", np.int32, (None,)),
            ("claimed_role", np.uint8, (None,)),
            ("width_um", np.float64, (None,)),
            ("layer", np.int32, (None,)),
            ("layer_top_um", np.float64, (None,)),
            ("layer_height_um", np.float64, (None,)),
        ):
            set_(self, name, frozen_array(name, getattr(self, name), dtype, shape))


class DeviationPlace(NamedTuple):
    """layer : 0-based. x_um, y_um, z_um : bed frame."""

    layer: int
    x_um: int
    y_um: int
    z_um: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What the auditor measured on the union of the beads; None = could not be had.

    Deviations are those of the commanded geometry from the model as placed and compensated: what
    machine and material add is not in them. They are measured at places about half a millimetre
    apart along the outlines where two beads fit, and exactly wherever a limit is exceeded.
    """

    layers: int
    outward_max_nm: int | None
    outward_p95_nm: int | None
    inward_max_nm: int | None
    inward_p95_nm: int | None
    extents_um: tuple[int, int, int] | None
    """Box of the beads along the model's own axes, supports and adhesion apart."""
    deposited_mm3_e3: int
    filament_um: int
    placement_um: tuple[int, int, int]
    """Translation model -> bed that was declared or found."""
    quarter_turns: int
    """0 where the placement was declared."""
    outward_p999_nm: int | None = None
    """99.9 % of the places along the outlines of all layers deviate by no more."""
    inward_p999_nm: int | None = None
    outward_at: DeviationPlace | None = None
    """Where the greatest was found; None where there is none."""
    inward_at: DeviationPlace | None = None
    shape_inwards_nm: int = 0
    """By how much further in, and out, other models of a bead put its sides, at most: a part of U
    of all of these, and no error of machine or material."""
    shape_outwards_nm: int = 0


class LayerMeasured(NamedTuple):
    """One layer; of a plate all its parts together, deviations of whichever is worst."""

    z_um: int
    """Its top."""
    section_area_um2: int
    deposited_mm3_e3: int
    """Thousandths of mm3."""
    outward_max_nm: int | None
    """Commanded geometry beyond the outline; None where nothing could be measured."""
    inward_max_nm: int | None
    middle_nm: int | None
    """Median over the layer's outline, positive = inside it: of walls laid where they should be
    about 0."""


@dataclass(frozen=True, slots=True)
class SizeFound:
    """One size of the demand's drawing, measured on the union of the beads."""

    number: str
    """As the demand has it; of a plate's part, with the part's label before it."""
    size_nm: int | None
    """Declared compensations taken back; None where it could not be measured."""
    deviation_nm: int | None
    """The worst place's, from the drawing's nominal."""
    u_nm: int
    """Expanded, k = 2."""
    mean_nm: int | None
    """The mean over all places."""
    verdict: Status
    basis: str
    """What was measured where; or why nothing."""


@dataclass(frozen=True, slots=True)
class MeasuredPart:
    """One part of a plate."""

    label: str
    model_sha256: str
    measured: Measured


@dataclass(frozen=True, slots=True)
class Audit:
    """The auditor's whole answer about one program."""

    program_sha256: str
    model_sha256: str
    findings: tuple[Finding, ...]
    rules_run: tuple[str, ...]
    measured: Measured
    per_layer: tuple[LayerMeasured, ...]
    """Of the printed part's layers, bottom up."""
    parts: tuple[MeasuredPart, ...] = ()
    """Of a plate; `model_sha256` is then the first part's."""
    sizes: tuple[SizeFound, ...] = ()
    """In the order of the demand."""

    @property
    def verdict(self) -> Status:
        return worst(finding.status for finding in self.findings)

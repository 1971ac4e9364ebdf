"""CapabilityRecord: what a machine has been measured to hold with one material and process.

The record is signed, so it holds whole numbers: lengths in nm, indices in 1e-4 (bounds rounded
down), temperatures in thousandths of a degree.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from printstd.artifacts.features import Feature, FeatureKind

Sense = Literal["outside", "inside", "step"]
"""What kind of size, since each is off for reasons of its own (facts of validation 3.3). outside :
over material, wider beads make it larger. inside : over nothing, wider beads and the melt that is
pulled in make it smaller. step : between faces that look the same way, without the bead's width."""

Along = Literal["xy", "z"]
"""Which way the size lies in the machine: in the layers, or along the build direction."""

SENSES: Final[tuple[Sense, ...]] = ("outside", "inside", "step")
ALONG: Final[tuple[Along, ...]] = ("xy", "z")

_SENSE_OF: Final = MappingProxyType(
    {
        FeatureKind.HOLE: "inside",
        FeatureKind.GAP: "inside",
        FeatureKind.BOSS: "outside",
        FeatureKind.EXTENT: "outside",
        FeatureKind.THICKNESS: "outside",
        FeatureKind.STEP: "step",
    }
)
_ROUND: Final = frozenset({FeatureKind.HOLE, FeatureKind.BOSS})
_ALONG_AN_AXIS: Final = 1e-3


def sense_of(feature: Feature) -> str | None:
    """None of what has no capability here: radii, chamfers, angles, cones and spheres."""
    if feature.kind is FeatureKind.SPHERE:
        return "inside" if feature.is_concave else "outside"
    return _SENSE_OF.get(feature.kind)


def directions_of(feature: Feature, up: tuple[float, float, float]) -> tuple[str, ...]:
    """Which ways the size lies, `up` the build direction in the model's axes: both of a size that
    is oblique, and of a round one whose axis is level."""
    if feature.kind is FeatureKind.SPHERE:
        return ("xy", "z")
    along = abs(sum(a * b for a, b in zip(feature.axis, up, strict=True)))
    upright = 1.0 - along if feature.kind in _ROUND else along
    if upright < _ALONG_AN_AXIS:
        return ("xy",)
    if feature.kind not in _ROUND and upright > 1 - _ALONG_AN_AXIS:
        return ("z",)
    return ("xy", "z")


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """One measurement. line : 1-based, of the table. u_nm : expanded, k = 2; None: the
    instrument's. instrument : which of those that the header declares; empty: its only one."""

    line: int
    characteristic: str
    sense: str
    along: str
    nominal_nm: int
    part: str
    measured_nm: int
    u_nm: int | None
    instrument: str


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """A table of measurements as it was read."""

    name: str
    sha256: str
    rows: tuple[MeasuredRow, ...]


@dataclass(frozen=True, slots=True)
class ClassHeld:
    """One class of the table, judged for one characteristic. cp_lower_e4, cpk_lower_e4 : bounds at
    95 %. verdict : PASS, held; FAIL, measured and not held; NOT_EVALUATED, `reason` says why."""

    tolerance_class: str
    tolerance_nm: int
    cp_e4: int | None
    cp_lower_e4: int | None
    cpk_e4: int | None
    cpk_lower_e4: int | None
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outlier:
    """A value that Grubbs' test names; it is in every figure all the same."""

    part: str
    measured_nm: int


@dataclass(frozen=True, slots=True)
class MeasuredCharacteristic:
    """What one characteristic came out as. No value was left out of any figure.

    bias_nm : mean less nominal. spread_nm : standard deviation with n - 1 degrees of freedom.
    normality_e4 : Anderson-Darling's A*^2; None where there is no spread. reason : why there is no
    index, empty where there is one.
    """

    id: str
    sense: str
    along: str
    nominal_nm: int
    parts: int
    bias_nm: int
    spread_nm: int
    least_nm: int
    greatest_nm: int
    u_nm: int
    instruments: tuple[str, ...]
    normality_e4: int | None
    outliers: tuple[Outlier, ...]
    reason: str
    classes: tuple[ClassHeld, ...]


@dataclass(frozen=True, slots=True)
class RangeHeld:
    """What a range of sizes of the class table holds: the finest class that all characteristics in
    it hold, of one sense and direction; empty where none."""

    over_nm: int
    up_to_nm: int
    sense: str
    along: str
    tolerance_class: str
    characteristics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """What was measured with. Days as in ISO 8601. u_nm : expanded uncertainty of a measurement
    with it, k = 2."""

    id: str
    calibrated_on: str
    calibration_due: str
    u_nm: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What was measured: one machine with one material under one process.

    printer, material, process : names of profiles. process_sha256 : of the resolved process: with
    one value changed it is another process.
    """

    printer: str
    serial: str
    nozzle_um: int
    material: str
    lot: str
    process: str
    process_sha256: str


@dataclass(frozen=True, slots=True)
class CapabilityRecord:
    """Everything that is signed. standard : how a drawing names the table. least_cpk_e4 : what the
    lower bound of Cpk was held against. valid_until : a day."""

    machine: Machine
    measured_on: str
    temperature_mdeg_c: int
    humidity_percent: int | None
    instruments: tuple[Instrument, ...]
    pack: str
    standard: str
    least_cpk_e4: int
    characteristics: tuple[MeasuredCharacteristic, ...]
    ranges: tuple[RangeHeld, ...]
    table: str
    table_sha256: str
    valid_until: str

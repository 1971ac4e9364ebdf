"""The header of a table of measurements (`printstd qualify --about`): what was measured, with what,
and when. Every field is there for a reason that a reader of the record will ask for; those without
which a figure means nothing have no default."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from printstd.profiles.kinds import Date, Positive, Strict

Name = Annotated[str, Field(min_length=1, max_length=200)]


class MeasuredMachine(Strict):
    printer: Name
    """Name of the printer profile."""
    serial: Name
    nozzle_mm: Positive


class MeasuredMaterial(Strict):
    name: Name
    """Name of the material profile."""
    lot: Name


class MeasuredProcess(Strict):
    name: Name
    """Name of the process profile."""
    settings: dict[str, str] = Field(default_factory=dict)
    """As `--set`: key -> value in TOML."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Of the resolved process, as the parts' certificates name it: compared where it is given."""


class Measuring(Strict):
    measured_on: Date
    temperature_c: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]
    """Of the parts. The reference temperature is 20 (ISO 1), plastics are conditioned at 23 (ISO
    291; facts of standards 1.7)."""
    humidity_percent: Annotated[int, Field(ge=0, le=100)] | None = None


class MeasuringInstrument(Strict):
    id: Name
    calibrated_on: Date
    calibration_due: Date
    u_mm: Positive
    """Expanded uncertainty of a measurement with it, k = 2."""

    @model_validator(mode="after")
    def _in_order(self) -> MeasuringInstrument:
        if self.calibration_due <= self.calibrated_on:
            raise ValueError("calibration_due is after calibrated_on")
        return self


class Validity(Strict):
    valid_until: Date
    """The last day; without one a record is good for twelve months (facts of standards 8: a
    statement older than that counts as stale)."""


class MeasurementHeader(Strict):
    machine: MeasuredMachine
    material: MeasuredMaterial
    process: MeasuredProcess
    measuring: Measuring
    instrument: Annotated[tuple[MeasuringInstrument, ...], Field(min_length=1)]
    record: Validity | None = None

    @model_validator(mode="after")
    def _instruments_differ(self) -> MeasurementHeader:
        names = [one.id for one in self.instrument]
        if len(set(names)) != len(names):
            raise ValueError("two instruments have one id")
        return self

"""The form that is filled in beside a calibration print, and the record that is made of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from printstd.artifacts.calibration import CalibrationKind
from printstd.profiles.kinds import Date, Strict

Text = Annotated[str, Field(min_length=1, max_length=200)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Printed(Strict):
    """What was printed; written by `printstd calibrate`, and not to be changed. values : of each
    band or square, from the first; of a flow print none."""

    kind: Literal["flow", "pressure_advance", "temperature", "first_layer"]
    program_sha256: Digest
    printer: Text
    material: Text
    process: Text
    nozzle_mm: Annotated[float, Field(gt=0, le=3)]
    before: Number
    values: tuple[Number, ...] = ()
    base_mm: Annotated[float, Field(ge=0)] = 0.0
    band_mm: Annotated[float, Field(ge=0)] = 0.0
    wall_mm: Annotated[float, Field(ge=0, le=5)] = 0.0
    tool_version: Text


class Individuals(Strict):
    """Who measured, when, on which machine with which nozzle and spool."""

    by: Text
    on: Date
    printer_serial: Text
    nozzle_id: Text
    spool: Text


class Readings(Strict):
    """One of these, as the print is: walls in mm, heights in mm, or numbers of bands or squares."""

    wall_mm: tuple[Number, ...] = ()
    best_height_mm: tuple[Number, ...] = ()
    best: tuple[int, ...] = ()
    resolution_mm: Annotated[float, Field(gt=0, le=0.1)] = 0.01


class CalibrationForm(Strict):
    printed: Printed
    who: Individuals
    measured: Readings


Micro = Annotated[int, Field(ge=-(10**12), le=10**12)]


class CalibrationRecordFile(Strict):
    """RECORD.json as `printstd calibrate take` writes it: the fields of
    `artifacts.calibration.CalibrationRecord`."""

    schema_version: Literal["1.0"]
    kind: CalibrationKind
    value_e6: Micro
    u_e6: Annotated[int, Field(ge=0, le=10**12)]
    before_e6: Micro
    unit: Literal["1", "s", "degC", "mm"]
    sets: Text | None
    printer: Text
    printer_serial: Text
    nozzle_id: Text
    nozzle_mm: Annotated[float, Field(gt=0, le=3, allow_inf_nan=False)]
    material: Text
    spool: Text
    process: Text
    by: Text
    on: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    samples: Annotated[int, Field(ge=1)]
    program_sha256: Digest
    form_sha256: Digest
    tool_version: Text

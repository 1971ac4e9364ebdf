"""The form that is filled in beside a calibration print."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

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

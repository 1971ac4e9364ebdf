"""FST-03: Filament diameter

What it demands
    The filament has the nominal diameter that the program is made for, within its tolerance, and
    its tolerance is no wider than that of the standard that it is made to.

Why
    The machine feeds lengths, the part needs volumes: their ratio goes with the square of the
    diameter. 0.05 mm more on 1.75 mm lay 5.8 % more material.

How it is measured
    Nominal diameter against the profile's `filament_diameter_mm`: 2.85 and 3.00 mm are not alike.
    Stated tolerance against that of the named standard where its limit is known (GB/T 42620:
    +-0.05 mm). Measured diameters against nominal and tolerance. What tolerance and measured mean
    do to the flow is told as (d/d0)^2 - 1; extrusion is never changed for it: set `material.
    filament_diameter_mm` to the measured mean if that is meant.

Example
    A spool sold as 3.00 mm for a profile of 2.85 mm fails: it would lay 10.8 % too much.

Standard and clause
    GB/T 42620-2023: +-0.05 mm (a vendor's summary, verified; the standard was not read). ISO 5425
    and GB/T 37643 limit it too; their values are not known here
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import feedstock_of, feedstock_record, in_record
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.feedstock_models import Geometry

GB_T_42620 = "GB/T42620"
_TOLERANCE_MM = 0.05
_SAME_MM = 1e-6


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = feedstock_of(context)
    own = held.says.geometry
    wanted = context.resolved.material.filament_diameter_mm
    nominal = own.nominal_diameter_mm
    if nominal is None:
        message = said("the feedstock record names no nominal diameter")
        return (CHECK.says(Status.INDETERMINATE, message),)
    findings = []
    if abs(nominal - wanted) > _SAME_MM:
        findings.append(
            CHECK.says(
                Status.FAIL,
                said(
                    "the filament is nominally {nominal:g} mm thick and the program is made for "
                    "{wanted:g} mm: the material laid would change by {flow:+.1f} %",
                    nominal=nominal,
                    wanted=wanted,
                    flow=100 * flow_error(nominal, wanted),
                ),
                measured=nominal,
                limit=wanted,
                unit="mm",
                where=in_record(held, "geometry.nominal_diameter_mm"),
                source=said("material: filament_diameter_mm"),
            )
        )
    tolerance = own.tolerance_mm
    is_gb = is_to(held.says.filament.standard, GB_T_42620)
    if tolerance is not None and is_gb and tolerance > _TOLERANCE_MM + _SAME_MM:
        findings.append(
            CHECK.says(
                Status.FAIL,
                said(
                    "the stated tolerance of +-{stated:g} mm is wider than the +-{limit:g} mm "
                    "of the standard that the filament is said to be made to",
                    stated=tolerance,
                    limit=_TOLERANCE_MM,
                ),
                measured=tolerance,
                limit=_TOLERANCE_MM,
                unit="mm",
                where=in_record(held, "geometry.tolerance_mm"),
                source=said("GB/T 42620-2023 (vendor's summary)"),
            )
        )
    if tolerance is not None:
        for key, measured in _measured(own):
            off = abs(measured - nominal)
            if off > tolerance + _SAME_MM:
                findings.append(
                    CHECK.says(
                        Status.FAIL,
                        said(
                            "a measured diameter of {measured:g} mm is {off:.3f} mm off the "
                            "nominal one, and +-{tolerance:g} mm are allowed",
                            measured=measured,
                            off=off,
                            tolerance=tolerance,
                        ),
                        measured=off,
                        limit=tolerance,
                        unit="mm",
                        where=in_record(held, f"geometry.{key}"),
                        source=said("the record's own tolerance"),
                    )
                )
    if not findings:
        findings.append(
            CHECK.says(
                Status.PASS,
                said("the filament is nominally {nominal:g} mm thick, as wanted", nominal=nominal),
                measured=nominal,
                limit=wanted,
                unit="mm",
                source=said("material: filament_diameter_mm"),
            )
        )
    is_meant = abs(nominal - wanted) <= _SAME_MM
    return (*findings, *(_consequences(own, nominal) if is_meant else ()))


def _consequences(own: Geometry, nominal: float) -> tuple[Finding, ...]:
    """What it does to the flow, changing nothing."""
    found = []
    if own.tolerance_mm is not None and own.tolerance_mm < nominal:
        more, less = (flow_error(nominal + sign * own.tolerance_mm, nominal) for sign in (1, -1))
        found.append(
            CHECK.says(
                Status.INFO,
                said(
                    "a diameter anywhere within +-{tolerance:g} mm changes the flow by {less:+.1f} "
                    "to {more:+.1f} %",
                    tolerance=own.tolerance_mm,
                    less=100 * less,
                    more=100 * more,
                ),
                measured=100 * more,
                unit="%",
                source="(d/d0)^2 - 1",
            )
        )
    if own.mean_diameter_mm is not None:
        flow = 100 * flow_error(own.mean_diameter_mm, nominal)
        found.append(
            CHECK.says(
                Status.INFO,
                said(
                    "the measured mean of {mean:g} mm changes the material laid by {flow:+.1f} %; "
                    "extrusion is left as it is",
                    mean=own.mean_diameter_mm,
                    flow=flow,
                ),
                measured=flow,
                unit="%",
                source="(d/d0)^2 - 1",
            )
        )
    return tuple(found)


def _measured(own: Geometry) -> list[tuple[str, float]]:
    keys = ("least_diameter_mm", "mean_diameter_mm", "greatest_diameter_mm")
    values = [(key, getattr(own, key)) for key in keys]
    return [(key, value) for key, value in values if value is not None]


def flow_error(diameter_mm: float, nominal_mm: float) -> float:
    """By how much a filament of this diameter lays more than one of the nominal, as a ratio."""
    return (diameter_mm / nominal_mm) ** 2 - 1


def is_to(stated: str | None, standard: str) -> bool:
    """Whether a stated standard is this one, of any edition, apart from blanks."""
    return stated is not None and stated.replace(" ", "").upper().startswith(standard)


CHECK = Check(
    "FST-03",
    said("Filament diameter"),
    said("material: filament_diameter_mm; facts of standards 3.5"),
    run,
    (feedstock_record,),
)

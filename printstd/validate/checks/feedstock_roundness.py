"""FST-04: Filament roundness

What it demands
    The filament is out of round by no more than its standard, or its own record, allows.

Why
    An oval strand slips in the drive and changes its section while it turns on the spool.

How it is measured
    The measured out-of-roundness, or else the spread of the measured diameters, against the limit
    of the named standard where it is known (GB/T 42620: 0.07 mm), else against the limit that the
    record states. The standard asks for 5 points a section, 3 sections, 5 specimens and a gauge of
    0.001 mm: fewer are told as a WARN where the record says how it was measured.

Example
    0.09 mm on a filament made to GB/T 42620 fails.

Standard and clause
    GB/T 42620-2023: at most 0.07 mm, measured so (a vendor's summary, verified; the standard was
    not read). ISO 5425 limits ovality too; its value is not known here
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.checks.feedstock_diameter import GB_T_42620, is_to
from printstd.validate.context import CheckContext
from printstd.validate.recorded import feedstock_of, feedstock_record, in_record
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.feedstock_models import Geometry

_LIMIT_MM = 0.07
_LEAST = {"points_per_section": 5, "sections": 3, "specimens": 5}
_GAUGE_MM = 0.001
_SAME_MM = 1e-6


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = feedstock_of(context)
    own = held.says.geometry
    is_gb = is_to(held.says.filament.standard, GB_T_42620)
    limits = [own.out_of_roundness_limit_mm, _LIMIT_MM if is_gb else None]
    limit = min((one for one in limits if one is not None), default=None)
    found, key = _found(own)
    source = said("GB/T 42620-2023 (vendor's summary)") if limit == _LIMIT_MM and is_gb else None
    if found is None:
        message = said("the feedstock record says nothing of the filament's roundness")
        return (CHECK.says(Status.INDETERMINATE, message),)
    if limit is None:
        return (
            CHECK.says(
                Status.INFO,
                said(
                    "the filament is {found:g} mm out of round; neither the record nor a standard "
                    "whose limit is known here bounds it",
                    found=found,
                ),
                measured=found,
                unit="mm",
            ),
        )
    is_round = found <= limit + _SAME_MM
    if is_round:
        message = said("the filament is {found:g} mm out of round", found=found)
    else:
        message = said(
            "the filament is {found:g} mm out of round, and {limit:g} mm are allowed; do not print "
            "with it",
            found=found,
            limit=limit,
        )
    finding = CHECK.says(
        Status.PASS if is_round else Status.FAIL,
        message,
        measured=found,
        limit=limit,
        unit="mm",
        where=in_record(held, f"geometry.{key}"),
        source=source or said("the record's own limit"),
    )
    return (finding, *(_scarcely(context) if is_gb else ()))


def _found(own: Geometry) -> tuple[float | None, str]:
    """What was measured, and the key that says so. The spread of all diameters is no less than the
    out-of-roundness of any section."""
    if own.out_of_roundness_mm is not None:
        return own.out_of_roundness_mm, "out_of_roundness_mm"
    if own.least_diameter_mm is not None and own.greatest_diameter_mm is not None:
        return own.greatest_diameter_mm - own.least_diameter_mm, "greatest_diameter_mm"
    return None, ""


def _scarcely(context: CheckContext) -> tuple[Finding, ...]:
    """Where it was measured less than the standard asks for."""
    held = feedstock_of(context)
    own = held.says.geometry
    findings = []
    for key, least in _LEAST.items():
        count = getattr(own, key)
        if count is not None and count < least:
            findings.append(
                CHECK.says(
                    Status.WARN,
                    said(
                        "{key} is {count}, and the standard asks for {least} at least",
                        key=key,
                        count=count,
                        least=least,
                    ),
                    measured=count,
                    limit=least,
                    unit=key.replace("_", " "),
                    where=in_record(held, f"geometry.{key}"),
                    source=said("GB/T 42620-2023 (vendor's summary)"),
                )
            )
    if own.gauge_mm is not None and own.gauge_mm > _GAUGE_MM + 1e-9:
        findings.append(
            CHECK.says(
                Status.WARN,
                said(
                    "the gauge resolves {gauge:g} mm, and the standard asks for {limit:g} mm",
                    gauge=own.gauge_mm,
                    limit=_GAUGE_MM,
                ),
                measured=own.gauge_mm,
                limit=_GAUGE_MM,
                unit="mm",
                where=in_record(held, "geometry.gauge_mm"),
                source=said("GB/T 42620-2023 (vendor's summary)"),
            )
        )
    return tuple(findings)


CHECK = Check(
    "FST-04",
    said("Filament roundness"),
    said("GB/T 42620-2023; the record"),
    run,
    (feedstock_record,),
)

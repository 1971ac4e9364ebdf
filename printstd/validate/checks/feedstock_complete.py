"""FST-01: Feedstock record is complete

What it demands
    The record of the filament says who made it, of which polymer, of which lot and diameter, and
    whatever else such records carry.

Why
    What is not written down cannot be traced: a bad lot is only found again by its number, and a
    moisture that nobody measured is only guessed at.

How it is measured
    Fields that are missing are counted. Without manufacturer, polymer, lot and nominal diameter the
    record is of no filament in particular: FAIL (ours). Other missing fields: WARN, each by its
    name. Of moisture and volatiles, of MFR and MVR, of Tg and Tm one will do.

Example
    A record without `filament.lot` fails; one without `strand.tensile_load_n` warns.

Standard and clause
    ISO/ASTM 52903-1, ISO 5425, GB/T 42620: presence of the fields is verified in part (secondary
    sources), the completeness of the list is knowledge, medium; none was read in full
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import completeness, feedstock_of, feedstock_record
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    # A run without records does not pay for their models.
    from printstd.profiles.feedstock_models import ESSENTIAL, EXPECTED

    return completeness(
        CHECK,
        feedstock_of(context),
        ESSENTIAL,
        EXPECTED,
        lacks=lambda fields: said("the feedstock record does not say {fields}", fields=fields),
        whole=lambda count: said(
            "the feedstock record says all {count} things that it should", count=count
        ),
    )


CHECK = Check(
    "FST-01",
    said("Feedstock record is complete"),
    said("ISO/ASTM 52903-1, ISO 5425, GB/T 42620 (fields; knowledge, medium)"),
    run,
    (feedstock_record,),
)

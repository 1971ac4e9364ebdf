"""ORD-01: Order record is complete

What it demands
    The record of the order says which order it is of, which geometry in which unit, with which
    tolerances, how the part is oriented or that the supplier chooses, and of which feedstock.

Why
    STL carries no unit, a mesh no tolerance, a part no direction of build: what the order leaves
    open the supplier guesses, and each guesses otherwise.

How it is measured
    Fields that are missing are counted. Order id, sha256 and units of the geometry, a general or a
    specific tolerance, an orientation and a specification of the feedstock are the essentials:
    FAIL. Other missing fields of the record: WARN, each by its name.

Example
    A record without `part.tolerances` fails; one without `order.packaging` warns.

Standard and clause
    ISO/ASTM 52901:2017, structure of clauses 4.2 and 4.3 (previews, verified; not read in full);
    the names of fields are ours
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import completeness, order_of, order_record
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    # A run without records does not pay for their models.
    from printstd.profiles.order_models import ESSENTIAL, EXPECTED

    return completeness(
        CHECK,
        order_of(context),
        ESSENTIAL,
        EXPECTED,
        lacks=lambda fields: said("the order does not say {fields}", fields=fields),
        whole=lambda count: said("the order says all {count} things that it should", count=count),
    )


CHECK = Check(
    "ORD-01", said("Order record is complete"), "ISO/ASTM 52901, 4.2 and 4.3", run, (order_record,)
)

"""The checks of records alone: `slice` runs them where records were given, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from printstd.artifacts.finding import Finding, Report, Status
from printstd.artifacts.mesh import ModelFile, Placement
from printstd.profiles.resolved import Resolved
from printstd.validate.checks import (
    earned_class,
    feedstock_complete,
    feedstock_dates,
    feedstock_diameter,
    feedstock_moisture,
    feedstock_polymer,
    feedstock_roundness,
    order_complete,
    order_drawing,
    order_geometry,
    order_orientation,
    order_process,
    order_tolerances,
    order_zones,
)
from printstd.validate.run import run_checks

FEEDSTOCK: Final = MappingProxyType(
    {
        module.CHECK.id: module.CHECK
        for module in (
            feedstock_complete,
            feedstock_polymer,
            feedstock_diameter,
            feedstock_roundness,
            feedstock_moisture,
            feedstock_dates,
        )
    }
)
ORDER: Final = MappingProxyType(
    {
        module.CHECK.id: module.CHECK
        for module in (
            order_complete,
            order_geometry,
            order_drawing,
            order_zones,
            order_orientation,
            order_process,
            order_tolerances,
        )
    }
)


def check_records(model: ModelFile, resolved: Resolved, placement: Placement | None) -> Report:
    """What the checks of those records say that were given."""
    records = resolved.records
    is_capable_asked = (
        records.capability is not None
        or resolved.pack.requires_capability
        or resolved.is_tolerated_by_order
    )
    checks = [
        *(FEEDSTOCK.values() if records.feedstock is not None else ()),
        *(ORDER.values() if records.order is not None else ()),
        *((earned_class.CHECK,) if is_capable_asked else ()),
    ]
    return run_checks(model, resolved, checks, placement=placement)


def of_another_part(findings: Sequence[Finding]) -> Finding | None:
    """What says that the order is of another file: then no program is made."""
    wrong = (f for f in findings if f.rule_id == order_geometry.CHECK.id)
    return next((f for f in wrong if f.status is Status.FAIL), None)

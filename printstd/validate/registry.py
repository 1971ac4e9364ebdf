"""The closed list of checks. Each has its own file in `checks/`; nothing registers itself."""

from __future__ import annotations

import inspect
import sys
from types import MappingProxyType
from typing import Final

from printstd.validate.check import Check
from printstd.validate.checks import (
    boundary_edges,
    build_volume,
    chordal_error,
    degenerate_facets,
    duplicate_facets,
    inside_out,
    minimum_wall,
    overhangs,
    parse_findings,
    self_intersection,
    shells,
    small_sizes,
    units,
    weld,
    winding,
)
from printstd.validate.outcome import SLICEABLE

_MODULES: Final = (
    parse_findings,
    units,
    weld,
    boundary_edges,
    winding,
    degenerate_facets,
    duplicate_facets,
    inside_out,
    shells,
    self_intersection,
    build_volume,
    overhangs,
    minimum_wall,
    chordal_error,
    small_sizes,
)

CHECKS: Final = MappingProxyType({module.CHECK.id: module.CHECK for module in _MODULES})
"""Rule id -> check, in the order in which they run and report."""

SLICE_BLOCKERS: Final = ("GEO-02", "GEO-03", "PRN-07")
"""What `slice` checks first. A FAIL of these means that no program can be made, unless the
finding carries `SLICEABLE`; see `run.slice_blockers`."""

__all__ = ["CHECKS", "SLICEABLE", "SLICE_BLOCKERS", "all_rules", "explain"]


def all_rules() -> tuple[Check, ...]:
    """Every check, in report order."""
    return tuple(CHECKS.values())


def explain(rule_id: str) -> str | None:
    """The manual's page of one check, or None where there is no such rule."""
    check = CHECKS.get(rule_id)
    if check is None:
        return None
    return inspect.cleandoc(sys.modules[check.run.__module__].__doc__ or "")

"""The closed list of checks. Each has its own file in `checks/`; nothing registers itself."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final

from printstd.artifacts.characteristics import CharacteristicList
from printstd.artifacts.finding import Report
from printstd.artifacts.mesh import ModelFile, Placement
from printstd.ports import Progress
from printstd.profiles.resolved import Resolved
from printstd.validate.check import Check
from printstd.validate.checks import (
    boundary_edges,
    build_volume,
    chordal_error,
    degenerate_facets,
    drawing_rows,
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
from printstd.validate.context import Layered
from printstd.validate.run import run_checks

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
    drawing_rows,
)

CHECKS: Final = MappingProxyType({module.CHECK.id: module.CHECK for module in _MODULES})
"""Rule id -> check, in the order in which they run and report."""


def validate_model(
    model: ModelFile,
    resolved: Resolved,
    *,
    placement: Placement | None = None,
    is_healed: bool = False,
    progress: Progress | None = None,
    only: Iterable[str] | None = None,
    layers: Sequence[Layered] = (),
    drawing: CharacteristicList | None = None,
) -> Report:
    """Whether the model may be made under the resolved demands.

    `only` limits the run to those rule ids; KeyError names one that is not in the registry.
    Without a placement the model is judged as it lies in the file, unscaled, put at the bed's
    centre. layers : in which it is printed, where they are not simply its mesh cut at even heights.
    """
    chosen = list(CHECKS.values()) if only is None else [CHECKS[rule_id] for rule_id in only]
    return run_checks(
        model,
        resolved,
        chosen,
        placement=placement,
        is_healed=is_healed,
        progress=progress,
        layers=layers,
        drawing=drawing,
    )


def all_rules() -> tuple[Check, ...]:
    """Every check, in report order."""
    return tuple(CHECKS.values())


def explain(rule_id: str) -> str | None:
    """The manual's page of one check, or None where there is no such rule."""
    check = CHECKS.get(rule_id)
    if check is None:
        return None
    return inspect.cleandoc(sys.modules[check.run.__module__].__doc__ or "")

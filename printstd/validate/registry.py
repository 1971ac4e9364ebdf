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
from printstd.ports import Executor, Progress
from printstd.profiles.resolved import Resolved
from printstd.validate.check import Check
from printstd.validate.checks import (
    bed_contact,
    boundary_edges,
    broken_edges,
    build_volume,
    chamber,
    chordal_error,
    degenerate_facets,
    drawing_rows,
    duplicate_facets,
    earned_class,
    effective_solid,
    features_of_size,
    feedstock_complete,
    feedstock_dates,
    feedstock_diameter,
    feedstock_moisture,
    feedstock_polymer,
    feedstock_roundness,
    gaps,
    hole_loops,
    holes,
    inside_out,
    islands,
    knife_edges,
    lettering,
    line_width,
    minimum_wall,
    order_complete,
    order_drawing,
    order_geometry,
    order_orientation,
    order_process,
    order_tolerances,
    order_zones,
    overhangs,
    parse_findings,
    pins,
    precision,
    ribs_and_slots,
    self_intersection,
    shells,
    skins,
    small_sizes,
    spans,
    stability,
    trapped_volumes,
    units,
    vertex_fans,
    weld,
    winding,
)
from printstd.validate.context import Layered
from printstd.validate.run import run_checks

_MODULES: Final = (
    parse_findings,
    units,
    precision,
    weld,
    boundary_edges,
    winding,
    hole_loops,
    vertex_fans,
    degenerate_facets,
    duplicate_facets,
    inside_out,
    shells,
    self_intersection,
    effective_solid,
    overhangs,
    islands,
    spans,
    stability,
    bed_contact,
    trapped_volumes,
    build_volume,
    minimum_wall,
    gaps,
    line_width,
    skins,
    features_of_size,
    chordal_error,
    knife_edges,
    lettering,
    holes,
    pins,
    ribs_and_slots,
    small_sizes,
    broken_edges,
    chamber,
    feedstock_complete,
    feedstock_polymer,
    feedstock_diameter,
    feedstock_roundness,
    feedstock_moisture,
    feedstock_dates,
    order_complete,
    order_geometry,
    order_drawing,
    order_zones,
    order_orientation,
    order_process,
    order_tolerances,
    drawing_rows,
    earned_class,
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
    executor: Executor | None = None,
    drawing: CharacteristicList | None = None,
) -> Report:
    """Whether the model may be made under the resolved demands.

    `only` limits the run to those rule ids; KeyError names one that is not in the registry.
    Without a placement the model is judged as it lies in the file, unscaled, put at the bed's
    centre. layers : in which it is printed, where they are not simply its mesh cut at even heights.
    executor : to look at a large model's pairs of facets beside the rest.
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
        executor=executor,
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

"""The heights of layers that a process asks for."""

from __future__ import annotations

from printstd.artifacts.layer_plan import LayerPlan
from printstd.profiles.raft import raft_plan
from printstd.profiles.ranges import has_varied_layers
from printstd.profiles.resolved import Resolved
from printstd.units import um


def plan_asked(resolved: Resolved) -> LayerPlan:
    """The heights that a process asks for, tops not declared."""
    process = resolved.process
    if not has_varied_layers(process):
        floor_um = raft_plan(resolved).floor_um
        first_mm = process.layer_height_mm if floor_um else process.first_layer_height_mm
        return LayerPlan(um(first_mm), um(process.layer_height_mm), None, floor_um=floor_um)
    return LayerPlan(
        first_um=um(process.first_layer_height_mm),
        height_um=um(process.layer_height_mm),
        count=None,
        is_varied=True,
        window_um=resolved.layer_window_um,
        max_error_um=process.layers.max_surface_error_um,
        is_top_exact=process.layers.exact_top,
        given_um=tuple(
            (um(one.from_mm), um(one.to_mm))
            for one in process.ranges
            if one.layer_height_mm is not None
        ),
    )

"""Mesh to LayerStack: layer plan, plane sections, clean contours."""

from printstd.slicing.plan import layer_plan, layer_plan_of, layer_thickness
from printstd.slicing.stack import shrinkage_scale_e6, slice_mesh, slice_region

__all__ = [
    "layer_plan",
    "layer_plan_of",
    "layer_thickness",
    "shrinkage_scale_e6",
    "slice_mesh",
    "slice_region",
]

"""Infill: lines that fill the surfaces of a layer."""

from printstd.toolpath.infill.plan import fill_layer, fill_layers

__all__ = ["fill_layer", "fill_layers"]

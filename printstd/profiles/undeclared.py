"""A demand for a program of which nobody said all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from printstd.artifacts.demand import UNDECLARED, AuditDemand
from printstd.profiles.resolved import Resolved


def left_open(own: AuditDemand, undeclared: Collection[str], resolved: Resolved) -> AuditDemand:
    """The demand with what was not declared left to be measured. What the request's profiles have
    for it stays: it says where to look."""
    if not undeclared:
        return own
    layers = own.layers
    if "layers" in undeclared and not layers.is_varied:
        layers = replace(layers, is_varied=True, window_um=resolved.layer_window_um)
    integrity = own.integrity
    if "adhesion" in undeclared:
        integrity = replace(integrity, adhesion_allowed=True)
    return replace(
        own,
        layers=layers,
        integrity=integrity,
        undeclared=tuple(name for name in UNDECLARED if name in undeclared),
    )

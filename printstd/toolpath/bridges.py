"""Bridges: how thick their threads are, which way they run, and what lies over nothing.

Source: facts of slicers 2.1, 2.5, D10-D12.
"""

from __future__ import annotations

from typing import Final

from printstd.kernels import bead, clip
from printstd.kernels.rings import Rings
from printstd.kernels.spans import best_span
from printstd.kernels.turns import Direction
from printstd.named_tuple import NamedTuple
from printstd.toolpath.infill.jobs import Pitch
from printstd.toolpath.spec import Bead, LayerSpec

THREAD_GAP_NM: Final = 25_000
"""Round threads lie so much further apart than they are thick. PrusaSlicer leaves 0.05 mm, and then
makes the threads thicker so that they fill the width: ours keep their thickness and lie closer."""


class Thread(NamedTuple):
    """bead : size of a bridge's lines. pitch : how they are spread."""

    bead: Bead
    pitch: Pitch
    pitch_nm: int
    flow_ratio: float


def thread(spec: LayerSpec, *, is_thick: bool) -> Thread:
    """Thick: a round thread, d = nozzle * sqrt(flow ratio), at d + 0.025 mm. Otherwise a solid
    infill line whose flow alone is changed."""
    if not is_thick:
        return Thread(spec.solid, Pitch.FITTED, spec.solid.spacing_nm, spec.bridge_flow_ratio)
    d = bead.thread_diameter_nm(spec.nozzle_nm, spec.bridge_flow_ratio)
    pitch = d + THREAD_GAP_NM
    return Thread(Bead(d, d, pitch, bead.thread_area_nm2(d)), Pitch.SPREAD, pitch, 1.0)


def bridge_direction(gap: Rings, below: Rings | None, pitch_nm: int) -> Direction | None:
    """The direction in which threads over `gap` are held best (`kernels.spans`); None where nothing
    holds it."""
    span = best_span(gap, below, pitch_nm)
    return span.along if span else None


def way_over(bridge: Rings, below: Rings | None, pitch_nm: int) -> Direction | None:
    """The direction of a bridge's threads: `bridge_direction` over its gap."""
    return bridge_direction(gaps(bridge, below), below, pitch_nm)


def gaps(bridge: Rings, below: Rings | None) -> Rings:
    """The part of a bridge that lies over nothing."""
    return bridge if below is None else clip.difference(bridge, below)

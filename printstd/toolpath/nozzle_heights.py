"""A print of one layer with the nozzle higher or lower over some of it: how a first layer looks at
each distance from the bed. What is fed stays what it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from printstd.artifacts.toolpath import Toolpath
from printstd.errors import InternalError


def raised(
    toolpath: Toolpath, middles_um: Sequence[tuple[int, int]], offsets_um: Sequence[int]
) -> Toolpath:
    """Every move that ends nearest to a middle is so much higher. middles_um : bed frame."""
    if int(toolpath.layer.max(initial=0)) > 0:
        raise InternalError("more than one layer: what lies above would not fit")
    away = toolpath.xy_um[:, None, :] - np.asarray(middles_um, np.int64)[None]
    nearest = np.argmin((away * away).sum(axis=2), axis=1)
    # Where nothing has moved yet the nozzle stands beside all squares, at its own height.
    has_moved = np.cumsum((toolpath.xy_um != np.asarray(toolpath.start_xy_um)).any(axis=1)) > 0
    offsets = np.where(has_moved, np.asarray(offsets_um, np.int64)[nearest], 0)
    return replace(toolpath, z_um=toolpath.z_um + offsets)

"""What the part fan of each move follows from, and the fan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple
from printstd.profiles.models import Fan
from printstd.profiles.resolved import Resolved
from printstd.toolpath.cooling import fan_ramp, fan_ratios_e3, overlap_fans


class Cooling(NamedTuple):
    """Moves in runs that one fan cools, whatever it is set to.

    first_move : (k,) int64, where each run begins; the first at 0. layer, overlap_e3, tool : (k,)
    int64. is_bridge : (k,) bool. number, time_s : (l,) of each layer: the how manieth of its object
    it is, from 0, and what it takes before it is slowed down.
    """

    first_move: NDArray[np.int64]
    layer: NDArray[np.int64]
    overlap_e3: NDArray[np.int64]
    is_bridge: NDArray[np.bool_]
    tool: NDArray[np.int64]
    number: NDArray[np.int64]
    time_s: NDArray[np.float64]


def fans_e3(cooling: Cooling, resolved: Resolved) -> NDArray[np.int16]:
    """(k,) thousandths of full speed, of each run: as the material of its tool wants it."""
    found = np.zeros(len(cooling.tool), np.int64)
    for tool in np.flatnonzero(np.bincount(cooling.tool)).tolist():
        rows = np.flatnonzero(cooling.tool == tool)
        found[rows] = _of_material(cooling, rows, resolved.material_of(tool).fan, resolved)
    return found.astype(np.int16)


def _of_material(
    cooling: Cooling, rows: NDArray[np.int64], fan: Fan, resolved: Resolved
) -> NDArray[np.int64]:
    """Of some runs."""
    overhangs, number, layer = resolved.process.overhangs, cooling.number + 1, cooling.layer[rows]
    of_layer, of_bridges = fan_ratios_e3(cooling.time_s, fan, number)
    found = np.where(cooling.is_bridge[rows], of_bridges[layer], of_layer[layer])
    if overhangs.is_dynamic:
        overlap_e3 = cooling.overlap_e3[rows]
        found = overlap_fans(found, fan_ramp(number, fan)[layer], overlap_e3, overhangs)
    return found

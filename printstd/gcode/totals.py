"""What a print adds up to, in whole numbers."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.program import ToolTotals, Totals
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.profiles.models import Material
from printstd.profiles.resolved import Resolved
from printstd.units import um

_QUARTER_PI_E18: Final = 785_398_163_397_448_310
"""pi/4 in 1e-18: volumes are worked out in whole numbers."""


def totals_of(toolpath: Toolpath, time_ms: NDArray[np.int64], resolved: Resolved) -> Totals:
    """time_ms : (m + 1,) int64, when each move starts, then when the last one ends."""
    tools = [_of_tool(toolpath, tool, resolved.material_of(tool)) for tool in toolpath.tools]
    has_several = resolved.printer is not None and resolved.printer.tools is not None
    laid = toolpath.kind == MoveKind.EXTRUDE
    of_first = int(np.searchsorted(toolpath.layer, 0, side="right"))
    return Totals(
        n_layers=len(toolpath.layer_top_um),
        filament_um=_rounded(int(toolpath.e_e5.sum()), 100),
        filament_mm3_e3=sum(one.filament_mm3_e3 for one in tools),
        filament_mg=sum(one.filament_mg for one in tools),
        print_time_ms=int(time_ms[-1]),
        first_layer_time_ms=int(time_ms[of_first]),
        max_z_um=int(toolpath.z_um[laid].max(initial=0)),
        tools=tuple(tools) if has_several else (),
        tool_changes=len(toolpath.changes),
    )


def _of_tool(toolpath: Toolpath, tool: int, material: Material) -> ToolTotals:
    own = toolpath.tool == tool
    fed_e5 = int(toolpath.e_e5[own].sum())
    volume_e3, mass_mg = _filament(fed_e5, material)
    tower_e5 = int(toolpath.e_e5[own & (toolpath.role == Role.WIPE_TOWER)].sum())
    _, tower_mg = _filament(tower_e5, material)
    return ToolTotals(tool, _rounded(fed_e5, 100), volume_e3, mass_mg, tower_mg)


def _filament(fed_e5: int, material: Material) -> tuple[int, int]:
    """1e-3 mm3 and mg of so much filament, 1e-5 mm."""
    diameter_um = um(material.filament_diameter_mm)
    # 1e-5 mm is 10 nm, so fed times diameter squared is in 1e-11 mm3; wanted are 1e-3.
    volume_e3 = _rounded(fed_e5 * diameter_um * diameter_um * _QUARTER_PI_E18, 10**26)
    density_e6 = round(material.density_g_cm3 * 1_000_000)
    return volume_e3, _rounded(volume_e3 * density_e6, 10**9)


def cost_e2(filament_mg: int, cost_per_kg: float) -> int:
    """Hundredths of the currency."""
    return _rounded(filament_mg * round(cost_per_kg * 10_000), 10**8)


def _rounded(value: int, unit: int) -> int:
    """value / unit to the nearest whole number, halves up."""
    return (2 * value + unit) // (2 * unit)

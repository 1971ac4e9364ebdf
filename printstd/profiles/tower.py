"""The prime tower: how large it is follows from the request before anything is sliced; and what it
must be."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations
from math import floor
from typing import TYPE_CHECKING, Final

from printstd.artifacts.plate import TowerStand
from printstd.kernels import bead
from printstd.named_tuple import NamedTuple
from printstd.profiles.ranges import has_varied_layers
from printstd.profiles.resolved import Resolved
from printstd.profiles.tool_models import Tools
from printstd.units import NM_PER_UM, nm

if TYPE_CHECKING:
    from printstd.artifacts.demand import TowerDemand

_LEAST_DEPTH_NM: Final = 5_000_000
_SLENDERNESS: Final = 5
"""A tower is no higher than so many times its depth: it stands on the bed by itself."""


class TowerSize(NamedTuple):
    """nm, along X and Y, brim apart. row_nm : the lines of a strip along X, in which one change is
    purged. thinnest_nm : of the print's layers. spacing_nm : of lines of `bead_width_nm` there.
    brim_loops : around the first layer, each a spacing further out than the last."""

    width_nm: int
    depth_nm: int
    row_nm: int
    thinnest_nm: int
    spacing_nm: int
    bead_width_nm: int
    brim_loops: int
    brim_nm: int

    def strip_nm(self, purge_nm3: int) -> int:
        """As deep as a purge fills it in the thinnest layer: area = volume / height (neighbouring
        beads of the stadium model lie at a spacing of area / height); one line at least."""
        return max(-(-purge_nm3 // (self.row_nm * self.thinnest_nm)), self.spacing_nm)


def tower_size(resolved: Resolved, tools: Sequence[int], height_nm: int) -> TowerSize | None:
    """Of a print so high that uses these tools, from 0; None where none is asked for. It has room
    for the changes of one layer: fewer than tools (`kernels.tool_order`)."""
    printer, own = resolved.printer, resolved.process.prime_tower
    if printer is None or printer.tools is None or len(tools) < 2 or not own.enabled:
        return None
    layer_nm = _thinnest_um(resolved) * NM_PER_UM
    bead_nm = nm(resolved.process.widths.perimeter_mm)
    spacing = bead.spacing_nm(bead_nm, layer_nm)
    width = _whole_um(nm(own.width_mm))
    row = width - bead_nm - 2 * spacing
    loops = nm(own.brim_width_mm) // spacing
    brim = _whole_um(loops * spacing)
    found = TowerSize(width, 0, row, layer_nm, spacing, bead_nm, loops, brim)
    most = max(purge_nm3(printer.tools, *pair) for pair in permutations(tools, 2))
    strips = (len(tools) - 1) * found.strip_nm(most)
    least = max(_LEAST_DEPTH_NM, height_nm // _SLENDERNESS)
    return found._replace(depth_nm=_whole_um(max(bead_nm + spacing + strips, least)))


def tower_demand(
    resolved: Resolved, tools: Sequence[int], stand: TowerStand | None
) -> TowerDemand | None:
    """What the tower of a print that uses these tools must be. stand : None where nobody declared
    its place."""
    printer = resolved.printer
    if printer is None or printer.tools is None or len(tools) < 2:
        return None
    if not resolved.process.prime_tower.enabled:
        return None
    # The numbers that the profile's author wrote, not the floats nearest to them.
    purges = tuple(
        (*pair, floor(Fraction(repr(printer.tools.purged_mm3(*pair))) * 1000))
        for pair in permutations(tools, 2)
    )
    from printstd.artifacts.demand import TowerDemand

    return TowerDemand(purges, None if stand is None else stand.outer_um)


def purge_nm3(tools: Tools, leaves: int, comes: int) -> int:
    """After a change from one tool to the other, from 0."""
    return round(tools.purged_mm3(leaves, comes) * 10**18)


def _thinnest_um(resolved: Resolved) -> int:
    process = resolved.process
    if has_varied_layers(process):
        return resolved.layer_window_um[0]
    return round(min(process.layer_height_mm, process.first_layer_height_mm) * 1000)


def _whole_um(length_nm: int) -> int:
    return -(-length_nm // NM_PER_UM) * NM_PER_UM

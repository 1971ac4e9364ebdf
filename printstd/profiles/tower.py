"""How large the prime tower is: it follows from the request before anything is sliced."""

from __future__ import annotations

from typing import Final, NamedTuple

from printstd.kernels import bead
from printstd.profiles.ranges import has_varied_layers
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_UM, nm

_LEAST_DEPTH_NM: Final = 5_000_000
_SLENDERNESS: Final = 5
"""A tower is no higher than so many times its depth: it stands on the bed by itself."""


class TowerSize(NamedTuple):
    """nm, along X and Y, brim apart. n_slots : changes that one layer has room for, each in a strip
    of `strip_nm` along X; row_nm : a strip's lines. bead_width_nm : nominal. brim_loops : around
    the first layer, each a spacing further out than the last."""

    width_nm: int
    depth_nm: int
    n_slots: int
    strip_nm: int
    row_nm: int
    bead_width_nm: int
    purge_nm3: int
    brim_loops: int
    brim_nm: int


def tower_size(resolved: Resolved, n_tools: int, height_nm: int) -> TowerSize | None:
    """Of a print so high that uses so many tools; None where none is asked for.

    A strip is as deep as its purge fills it in the thinnest layer: area = volume / height
    (neighbouring beads of the stadium model lie at a spacing of area / height).
    """
    printer, own = resolved.printer, resolved.process.prime_tower
    if printer is None or printer.tools is None or n_tools < 2 or not own.enabled:
        return None
    layer_nm = _thinnest_um(resolved) * NM_PER_UM
    bead_nm = nm(resolved.process.widths.perimeter_mm)
    spacing = bead.spacing_nm(bead_nm, layer_nm)
    width = _whole_um(nm(own.width_mm))
    row = width - bead_nm - 2 * spacing
    purge = round(printer.tools.purge_mm3 * 10**18)
    # Never less than one whole line.
    strip = max(-(-purge // (row * layer_nm)), spacing)
    n_slots = n_tools - 1
    loops = nm(own.brim_width_mm) // spacing
    least = max(_LEAST_DEPTH_NM, height_nm // _SLENDERNESS)
    depth = _whole_um(max(bead_nm + spacing + n_slots * strip, least))
    return TowerSize(
        width, depth, n_slots, strip, row, bead_nm, purge, loops, _whole_um(loops * spacing)
    )


def _thinnest_um(resolved: Resolved) -> int:
    process = resolved.process
    if has_varied_layers(process):
        return resolved.layer_window_um[0]
    return round(min(process.layer_height_mm, process.first_layer_height_mm) * 1000)


def _whole_um(length_nm: int) -> int:
    return -(-length_nm // NM_PER_UM) * NM_PER_UM

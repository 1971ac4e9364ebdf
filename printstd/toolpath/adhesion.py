"""Skirt and brim: lines on the bed around the part, before it.

The skirt primes the nozzle: closed lines at a distance, around everything, on the lowest layers.
The brim holds the part down: lines around every island's outline on the first layer, joined to it
or a gap away. Source: facts of slicers 2.10, F1, F2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels import clip
from printstd.kernels.clip import Join
from printstd.kernels.rings import EMPTY, Rings, concat, lengths_nm, signed_area2, take
from printstd.kernels.simplify import simplified
from printstd.profiles.models import Volume
from printstd.profiles.resolved import Resolved
from printstd.toolpath.feeds import filament_area_mm2
from printstd.toolpath.paths import NO_PATHS, PathSet, join, path_set
from printstd.toolpath.spec import Bead, LayerSpec
from printstd.units import NM_PER_MM, nm

_SMOOTH_NM: Final = 50_000
"""A skirt need not follow the hull closer than this."""
_MOST_EXTRA_LOOPS: Final = 20
"""Loops laid for the sake of the least filament end here: a tiny part needs no field of them."""


def plan_adhesion(
    sections: Sequence[Rings],
    specs: Sequence[LayerSpec],
    resolved: Resolved,
    volume: Volume,
) -> list[PathSet]:
    """Skirt and brim of the lowest layers, bottom up, as many as have any.

    sections : of all that stands there, of the lowest layers, at least one: the part's,
    compensated, with its supports; or the raft's. Lines that would leave the
    printable area are left out.
    """
    adhesion = resolved.process.adhesion
    bed = printable_area(volume, [own.xy_nm for own in sections])
    first = specs[0]
    reach, brim = EMPTY, NO_PATHS
    outline = _outline(sections[0])
    if adhesion.brim_width_mm > 0 and not outline.is_empty:
        # From where the part's foot will be once it has spread.
        gap = nm(adhesion.brim_gap_mm) + first.elephant_foot_nm
        loops = nm(adhesion.brim_width_mm) // first.external.spacing_nm
        brim = join(
            [
                _lines(_around(outline, gap + _middle(first.external, i)), first.external, bed)
                for i in range(loops)
            ]
        )
        reach = clip.offset(outline, gap + loops * first.external.spacing_nm, join=Join.SQUARE)
    skirts = _skirts([*sections, reach], specs, resolved, bed) if adhesion.skirt_loops else []
    if not skirts:
        return [brim] if brim.n_paths else []
    return [join([skirts[0], brim]), *skirts[1:]]


def _skirts(
    around: Sequence[Rings], specs: Sequence[LayerSpec], resolved: Resolved, bed: Rings
) -> list[PathSet]:
    adhesion = resolved.process.adhesion
    hull = clip.hull(concat(around))
    if hull.is_empty or not adhesion.skirt_layers:
        return []
    layers = min(adhesion.skirt_layers, len(specs))
    # The first layer's beads set the distances, so that the skirts of all layers stand on it.
    size = specs[0].external
    lines: list[Rings] = []
    fed_mm = 0.0
    per_nm = size.area_nm2 * 1e-18 / filament_area_mm2(resolved)
    wanted_mm = adhesion.skirt_min_filament_mm
    while len(lines) < adhesion.skirt_loops or (
        fed_mm < wanted_mm and len(lines) < adhesion.skirt_loops + _MOST_EXTRA_LOOPS
    ):
        distance = nm(adhesion.skirt_distance_mm) + _middle(size, len(lines))
        loop = simplified(clip.offset(hull, distance, join=Join.SQUARE), _SMOOTH_NM)
        if not _fits(loop, size, bed):
            break
        lines.append(loop)
        fed_mm += float(lengths_nm(loop).sum()) * per_nm
    if not lines:
        return []
    whole = concat(lines)
    return [_paths(whole, specs[layer].external) for layer in range(layers)]


def _middle(size: Bead, number: int) -> int:
    """How far beyond the inner edge of the first line line `number` has its middle."""
    return size.width_nm // 2 + number * size.spacing_nm


def _outline(section: Rings) -> Rings:
    """A section without its holes."""
    outers = take(section, np.asarray(signed_area2(section) > 0))
    return clip.clean(outers)


def _around(outline: Rings, distance_nm: int) -> Rings:
    return clip.offset(outline, distance_nm, join=Join.SQUARE)


def printable_area(volume: Volume, laid_nm: Sequence[NDArray[np.int64]]) -> Rings:
    """What the nozzle may reach while it prints, one rectangle: without the places to keep out of
    that lie beside what is laid. Where some are between that, the printable area.

    laid_nm : (n, 2) points each, nm, bed frame.
    """
    room = volume.bed_mm
    points = [own for own in laid_nm if len(own)] if volume.keep_out else []
    if points:
        low = np.min([own.min(axis=0) for own in points], axis=0) / NM_PER_MM
        high = np.max([own.max(axis=0) for own in points], axis=0) / NM_PER_MM
        room = volume.room_for((low[0], low[1], high[0], high[1])) or room
    x0, y0, x1, y1 = (nm(value) for value in room)
    return Rings(
        np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.int64), np.array([0, 4], np.int64)
    )


def _fits(rings: Rings, size: Bead, bed: Rings) -> bool:
    half = size.width_nm // 2
    low, high = bed.xy_nm.min(axis=0) + half, bed.xy_nm.max(axis=0) - half
    return bool(((rings.xy_nm >= low) & (rings.xy_nm <= high)).all())


def _lines(rings: Rings, size: Bead, bed: Rings) -> PathSet:
    """Rings as beads; those that would leave the bed are left out."""
    kept = [i for i in range(rings.n_rings) if _fits(_ring(rings, i), size, bed)]
    return _paths(take(rings, np.array(kept, np.int64)), size) if kept else NO_PATHS


def _ring(rings: Rings, index: int) -> Rings:
    return take(rings, np.array([index], np.int64))


def _paths(rings: Rings, size: Bead) -> PathSet:
    return path_set(
        rings.xy_nm,
        rings.offsets,
        role=Role.SKIRT_BRIM,
        width_nm=size.width_nm,
        height_nm=size.height_nm,
        area_nm2=size.area_nm2,
        is_loop=True,
    )

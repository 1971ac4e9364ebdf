"""Fewer and longer steps for the machine: what no one sees of a line is left out of it.

Firmware plans a fixed number of steps ahead and reads a limited number of lines a second, so that
steps of a few hundredths of a millimetre make it slow and rough. How far a line may stray from
where it was planned is given by the resolution that contours are simplified by: lines that
make the outline stay within twice as much, all others within three times, a tenth of a bead, and
inner walls of many short steps within five times. (The peers thin every line by the resolution:
facts of slicers B3.) Ends stay where they are, but for those of infill, which may begin and end up
to `STUB_UM` later or earlier.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels.circles import circles_among
from printstd.kernels.polyline import thinned, without_spare
from printstd.kernels.rings import Rings, take
from printstd.kernels.short_steps import joined
from printstd.toolpath.feeds import in_roles
from printstd.toolpath.lines import Lines, kept_vertices, without_repeats
from printstd.toolpath.overlap import levels
from printstd.toolpath.paths import PathSet

STUB_UM: Final = 50.0
_CROWDED_UM: Final = 600.0
_CROWDED_OUTLINE_UM: Final = 300.0
"""Lines are thinned where their steps are shorter: at the usual speeds that is where more than a
hundred steps come in a second."""
_CROWDED_WALL_UM: Final = 450.0
_CROWD: Final = 8
"""Inner walls whose steps are shorter than this in the mean, so many on both sides of each, get
fewer: at 45 mm/s these too are a hundred in a second."""
_OUTLINE_RATIO: Final = 0.4
_LAST_OUTLINE_RATIO: Final = 1.0
_HIDDEN_RATIO: Final = 3.0
_CROWDED_RATIO: Final = 1.75
"""How far lines may stray, over the resolution: outlines in the first step and in the last, all
others in all steps but the last, and crowded inner walls in that."""
_OUTLINES: Final = (
    Role.EXTERNAL_PERIMETER,
    Role.OVERHANG_PERIMETER,
    Role.BRIDGE_INFILL,
    Role.INTERNAL_BRIDGE_INFILL,
)
"""What makes the outline, and threads over air."""
_INFILL: Final = (Role.INTERNAL_INFILL, Role.SOLID_INFILL, Role.TOP_SOLID_INFILL)
_WINDOW: Final = 6
"""Vertices on both sides of a short step that are looked at with it."""


def smoothed(
    lines: Lines, paths: PathSet, resolution_um: float, *, keeps_circles: bool = False
) -> Lines:
    """The lines without what makes them rough, and without short steps wherever the bound allows
    it. Lines of a few short steps stay as they are.

    keeps_circles : round outlines have the corners that make them as large as they shall be
    (`toolpath.compensate`), and of what is left of these by the first steps keep all.
    """
    if not len(lines.path) or resolution_um <= 0:
        return lines
    role = paths.role[lines.path]
    is_outline = in_roles(role, _OUTLINES)
    # Masses of tiny steps first: what follows takes them one by one.
    lines, away_um = _thinned(
        lines, np.full(len(role), STUB_UM), _OUTLINE_RATIO * resolution_um, is_dense=True
    )
    bound_um = resolution_um * np.where(is_outline, 1.0, _HIDDEN_RATIO / 2.0)
    shortest_um = np.where(is_outline, STUB_UM, 2.0 * STUB_UM)
    lines = _joined(lines, bound_um, away_um, shortest_um)
    # Where the resolution is larger than a line, nothing may be left of it.
    role = paths.role[lines.path]
    lines = _trimmed(lines, in_roles(role, _INFILL) & ~lines.is_loop)
    # Of what is crowded still, the vertices that a chord, or a place between two, can do without.
    is_outline = in_roles(role, _OUTLINES)
    is_thinned = is_outline & ~_is_circle(paths)[lines.path] if keeps_circles else is_outline
    crowded_um = np.where(is_thinned, _CROWDED_OUTLINE_UM, 0.0)
    lines, _ = _thinned(lines, crowded_um, _LAST_OUTLINE_RATIO * resolution_um, is_dense=True)
    crowded_um = np.where(is_outline, 0.0, _CROWDED_UM)
    lines, _ = _thinned(lines, crowded_um, _HIDDEN_RATIO / 2.0 * resolution_um)
    crowded_um = np.where(role == Role.PERIMETER, _CROWDED_WALL_UM, 0.0)
    bound_um = np.full(len(role), _CROWDED_RATIO * resolution_um)
    away_um = np.zeros(len(lines.xy_um))
    return without_repeats(_joined(lines, bound_um, away_um, crowded_um, crowd=_CROWD))


def _is_circle(paths: PathSet) -> NDArray[np.bool_]:
    """(k,) paths that make a round outline."""
    outline = np.flatnonzero(paths.is_loop & in_roles(paths.role, _OUTLINES))
    found = circles_among(take(Rings(paths.xy_nm, paths.offsets), outline))
    is_circle = np.zeros(paths.n_paths, bool)
    is_circle[outline[found.ring]] = True
    return is_circle


def _is_long(lines: Lines, step_um: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) lines of more than a few short steps."""
    return np.asarray(np.add.reduceat(step_um, lines.offsets[:-1]) > 4.0 * STUB_UM)


def _is_end(lines: Lines) -> NDArray[np.bool_]:
    """(q,) first and last vertices."""
    found = np.zeros(len(lines.xy_um), bool)
    found[lines.offsets[:-1]] = True
    found[lines.offsets[1:] - 1] = True
    return found


def _bounds(lines: Lines) -> NDArray[np.bool_]:
    """(q,) vertices that stay: steps of different widths are never one, each has its own flow."""
    stays = _is_end(lines)
    stays[:-1] |= lines.widening_nm[:-1] != lines.widening_nm[1:]
    return stays


def _thinned(
    lines: Lines,
    below_um: NDArray[np.float64],
    tolerance_um: float,
    *,
    is_dense: bool = False,
) -> tuple[Lines, NDArray[np.float64]]:
    """Vertices next to a step shorter than `below_um`, of each line, are left out where the line
    stays within the tolerance; and by how much the step that ends at each vertex may be away."""
    step = lines.steps_um()
    below = np.repeat(np.where(_is_long(lines, step), below_um, 0.0), np.diff(lines.offsets))
    short = (step < below) & (step > 0)
    stays = ~short
    stays[:-1] &= ~short[1:]
    stays |= _bounds(lines)
    # Where the overlap with the layer below changes so do speed and fan.
    level = levels(lines.overlap_e3)
    changes = (level[1:] != level[:-1]) & (step[1:] >= STUB_UM)
    stays[1:] |= changes
    stays[:-1] |= changes
    # From each vertex that stays to the next one, where there is any between.
    anchor = np.flatnonzero(stays)
    size = np.diff(anchor) + 1
    is_open = size > 2
    first, size = anchor[:-1][is_open], size[is_open]
    if not len(first):
        return lines, np.zeros(len(step))
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    rows = np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], size)
    keep = np.ones(len(step), bool)
    xy = lines.xy_um.take(rows, axis=0).astype(np.float64)
    kept = thinned(xy, offsets, tolerance_um) if is_dense else np.ones(len(rows), bool)
    keep[rows] = without_spare(xy, offsets, kept, tolerance_um)
    away = np.zeros(len(step))
    away[1:] = np.where(keep[:-1], 0.0, tolerance_um)
    return kept_vertices(lines, keep, lines.xy_um), away[keep]


def _joined(
    lines: Lines,
    bound_um: NDArray[np.float64],
    away_um: NDArray[np.float64],
    shortest_um: NDArray[np.float64],
    *,
    crowd: int = 0,
) -> Lines:
    """Short steps joined with their neighbours. away_um : (q,) of each step already. bound_um,
    shortest_um : (n,) of each line. crowd : only those among so many on both sides that are short
    in the mean."""
    step = lines.steps_um()
    counts = np.diff(lines.offsets)
    is_end = _is_end(lines)
    is_long = np.repeat(_is_long(lines, step), counts)
    shortest = np.repeat(shortest_um, counts)
    short = np.flatnonzero((step < shortest) & (step > 0) & is_long)
    if crowd:
        first, last = (
            np.repeat(lines.offsets[:-1], counts)[short],
            np.repeat(lines.offsets[1:] - 1, counts)[short],
        )
        way = np.cumsum(step)
        begin, end = np.maximum(short - crowd, first), np.minimum(short + crowd, last)
        short = short[way[end] - way[begin] < shortest[short] * (end - begin)]
    if not len(short):
        return lines
    # Windows around short steps; what is at their ends stays.
    reach = np.zeros(len(step) + 1, np.int64)
    np.add.at(reach, np.maximum(short - 1 - _WINDOW, 0), 1)
    np.add.at(reach, np.minimum(short + _WINDOW + 1, len(step)), -1)
    is_in = np.cumsum(reach[:-1]) > 0
    rows = np.flatnonzero(is_in)
    stays = _bounds(lines)
    stays |= ~is_long
    stays[1:] |= ~is_in[:-1]
    stays[:-1] |= ~is_in[1:]
    stays |= is_end
    xy = lines.xy_um.copy()
    keep = np.ones(len(step), bool)
    bound = np.repeat(bound_um, counts)
    found = joined(
        xy.take(rows, axis=0).astype(np.float64),
        stays[rows],
        away_um[rows],
        bound[rows],
        shortest[rows],
    )
    keep[rows] = found.kept
    xy[rows] = np.rint(found.xy).astype(np.int64)
    return without_repeats(kept_vertices(lines, keep, xy))


def _trimmed(lines: Lines, is_free: NDArray[np.bool_]) -> Lines:
    """Lines of infill without a short step at their ends."""
    step = lines.steps_um()
    first, last = lines.offsets[:-1], lines.offsets[1:] - 1
    is_free = is_free & _is_long(lines, step) & (last - first > 2)
    keep = np.ones(len(step), bool)
    keep[first[is_free & (step[np.minimum(first + 1, last)] < STUB_UM)]] = False
    keep[last[is_free & (step[last] < STUB_UM)]] = False
    return kept_vertices(lines, keep, lines.xy_um)

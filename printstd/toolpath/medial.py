"""Beads along the middle of what no loop can reach: thin walls and gap fill.

Widths are those of facts of slicers 2.3. A bead follows the width of its place in steps; the
steps of one line form one group, to be printed without a stop.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels import polyline
from printstd.kernels.bead import QUARTER_PI, ROUND_LOSS
from printstd.kernels.medial_axis import Axis, medial_axis
from printstd.kernels.rings import Rings, take
from printstd.toolpath.paths import NO_PATHS, PathSet, join, path_set
from printstd.toolpath.spec import LayerSpec

WIDTH_STEP_NM: Final = 30_000
"""How far the width of a place may be from that of its bead's other places."""
_GAP_TOLERANCE_NM: Final = 30_000


def min_thin_wall_nm(spec: LayerSpec) -> int:
    return spec.nozzle_nm // 3


def min_gap_nm(spec: LayerSpec) -> int:
    """0.2 w (1 - 0.4) of the inner wall."""
    return round(0.12 * spec.inner.width_nm)


def thin_walls(bare: Rings, spec: LayerSpec) -> PathSet:
    """One bead along each wall too thin for a loop.

    The bead is as wide as the wall, so that its sides are the wall's outlines, and its round
    ends touch the wall's ends.
    """
    least = min_thin_wall_nm(spec)
    most = spec.external.width_nm + (spec.external.spacing_nm + spec.inner.spacing_nm) // 2
    axis = medial_axis(
        _long_enough(bare, spec.nozzle_nm),
        min_width_nm=least,
        max_width_nm=most,
        min_length_nm=spec.external.width_nm // 2,
        end_gap_ratio=1.0,
    )
    return _paths(axis, spec, Role.EXTERNAL_PERIMETER)


def gap_fill(gaps: Rings, spec: LayerSpec) -> PathSet:
    """One bead along each gap between loops, with as much material as the gap holds."""
    least_length = 2 * spec.inner.spacing_nm
    axis = medial_axis(
        _long_enough(gaps, least_length),
        min_width_nm=min_gap_nm(spec),
        max_width_nm=2 * spec.inner.spacing_nm,
        min_length_nm=least_length,
        tolerance_nm=_GAP_TOLERANCE_NM,
    )
    return _paths(axis, spec, Role.GAP_FILL)


def _long_enough(area: Rings, length_nm: int) -> Rings:
    """Without the outlines too small to hold a line of that length (holes stay)."""
    if area.is_empty:
        return area
    starts = area.offsets[:-1]
    size = np.maximum.reduceat(area.xy_nm, starts) - np.minimum.reduceat(area.xy_nm, starts)
    wide = size.astype(np.float64)
    return take(area, (wide * wide).sum(axis=1) >= float(length_nm) ** 2)


def _bead(
    place_nm: NDArray[np.float64], spec: LayerSpec, role: Role
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Width, nm, and cross-section, nm2, of beads in places so wide.

    A bead narrower than it is high is a round thread. In a gap the bead brings the gap's own
    cross-section; its round sides then reach over those of its neighbours.
    """
    height = float(spec.height_nm)
    if role is Role.GAP_FILL:
        area = height * place_nm
        thread = np.sqrt(area / QUARTER_PI)
        width = np.where(thread < height, thread, place_nm + height * ROUND_LOSS)
    else:
        width = place_nm
        flat = height * (width - height * ROUND_LOSS)
        area = np.where(width < height, QUARTER_PI * width * width, flat)
    return np.rint(width).astype(np.int64), np.rint(area).astype(np.int64)


def _paths(axis: Axis, spec: LayerSpec, role: Role) -> PathSet:
    if not axis.n_lines:
        return NO_PATHS
    starts = axis.offsets[:-1]
    spread = np.maximum.reduceat(axis.width_nm, starts) - np.minimum.reduceat(axis.width_nm, starts)
    is_loop = axis.is_closed & (spread <= WIDTH_STEP_NM)
    return join([_loops(axis, is_loop, spec, role), _runs(axis, ~is_loop, spec, role)])


def _loops(axis: Axis, which: NDArray[np.bool_], spec: LayerSpec, role: Role) -> PathSet:
    """Closed lines of one width."""
    if not which.any():
        return NO_PATHS
    lines = take(Rings(axis.xy_nm, axis.offsets), np.flatnonzero(which))
    mine = np.repeat(which, np.diff(axis.offsets))
    starts = lines.offsets[:-1]
    step = np.empty(len(lines.xy_nm))
    following = np.arange(1, len(step) + 1)
    following[lines.offsets[1:] - 1] = starts
    d = (lines.xy_nm[following] - lines.xy_nm).astype(np.float64)
    step = np.sqrt(d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1])
    width = axis.width_nm[mine].astype(np.float64)
    middle = (width + width[following]) * 0.5
    place = np.add.reduceat(middle * step, starts) / np.add.reduceat(step, starts)
    width_nm, area_nm2 = _bead(place, spec, role)
    return path_set(
        lines.xy_nm,
        lines.offsets,
        role=role,
        width_nm=width_nm,
        height_nm=spec.height_nm,
        area_nm2=area_nm2,
        is_loop=True,
        depth=_depth(role),
    )


def _runs(axis: Axis, which: NDArray[np.bool_], spec: LayerSpec, role: Role) -> PathSet:
    """Open lines, and closed ones whose width changes, as runs of one width each."""
    if not which.any():
        return NO_PATHS
    counts = np.diff(axis.offsets)
    # A closed line comes back to its first vertex.
    back = np.where(which & axis.is_closed, 1, 0)
    index = np.repeat(np.where(which, axis.offsets[:-1], 0), np.where(which, counts + back, 0))
    new = np.where(which, counts + back, 0)[which]
    offsets = np.zeros(len(new) + 1, np.int64)
    np.cumsum(new, out=offsets[1:])
    number = np.arange(offsets[-1]) - np.repeat(offsets[:-1], new)
    index += number % np.repeat(counts[which], new)
    runs = polyline.constant_width_runs(
        axis.xy_nm[index].astype(np.float64),
        offsets,
        axis.width_nm[index].astype(np.float64),
        float(WIDTH_STEP_NM),
    )
    runs_of_line = np.bincount(runs.line, minlength=len(new))
    is_many = runs_of_line > 1
    group = np.where(is_many, np.cumsum(is_many) - 1, -1)[runs.line]
    width_nm, area_nm2 = _bead(runs.width, spec, role)
    return path_set(
        np.rint(runs.xy).astype(np.int64),
        runs.offsets,
        role=role,
        width_nm=width_nm,
        height_nm=spec.height_nm,
        area_nm2=area_nm2,
        depth=_depth(role),
        group=group.astype(np.int32),
    )


def _depth(role: Role) -> int:
    return 0 if role is Role.EXTERNAL_PERIMETER else -1

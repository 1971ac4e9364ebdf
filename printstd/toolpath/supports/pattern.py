"""Support areas to beads.

The body is lines a spacing apart, joined to a zig-zag, that stand on those of the layer below; in
style `grid`, and wherever an area is too narrow for lines at that distance, a wall runs around
them. The interface is lines across those of the body, and dense. What is too narrow for a wall gets
one bead along its middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from printstd.artifacts.toolpath import Role
from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings
from printstd.kernels.turns import Direction
from printstd.profiles.supports import SupportStyle
from printstd.toolpath import medial
from printstd.toolpath.infill.jobs import Job, Pitch
from printstd.toolpath.infill.plan import path_sets
from printstd.toolpath.infill.straight import lay_straight
from printstd.toolpath.paths import PathSet, join, path_set
from printstd.toolpath.spec import Bead, LayerSpec
from printstd.toolpath.supports.areas import SupportSpec

ALONG: Final[Direction] = (0, 1)
"""Lines of bodies run along Y, ..."""
ACROSS: Final[Direction] = (1, 0)
"""... those of interfaces along X."""
_NOTHING: Final = Area.of(EMPTY)
_SLACK_NM: Final = 1_000


class Fill(NamedTuple):
    """How an area is laid. pitch_nm : distance of its lines, middle to middle. is_walled : a wall
    around all of it, not only where it is narrow."""

    role: Role
    bead: Bead
    along: Direction
    pitch_nm: int
    is_walled: bool = False


def body_fill(spec: SupportSpec, bead: Bead) -> Fill:
    pitch = spec.spacing_nm + bead.spacing_nm
    return Fill(Role.SUPPORT, bead, ALONG, pitch, spec.style is SupportStyle.GRID)


def interface_fill(spec: SupportSpec, bead: Bead) -> Fill:
    return Fill(Role.SUPPORT_INTERFACE, bead, ACROSS, spec.interface_spacing_nm + bead.spacing_nm)


def foot_fill(spec: SupportSpec, bead: Bead, density_ratio: float) -> Fill:
    """Of a layer that lies on the bed."""
    is_walled = spec.style is SupportStyle.GRID
    return Fill(Role.SUPPORT, bead, ALONG, round(bead.spacing_nm / density_ratio), is_walled)


class Patch(NamedTuple):
    """An area of one layer (as counted in the call) and how it is laid. layer : its settings."""

    slot: int
    area: Rings
    fill: Fill
    layer: LayerSpec


def lay_patches(patches: Sequence[Patch], n_layers: int) -> list[PathSet]:
    """The beads of all patches, layer by layer."""
    jobs: list[Job] = []
    beside: list[list[PathSet]] = [[] for _ in range(n_layers)]
    narrow: list[tuple[Patch, Rings]] = []
    divided: dict[tuple[int, Fill], _Divided] = {}
    for patch in patches:
        if patch.area.is_empty:
            continue
        key = id(patch.area), patch.fill
        if key not in divided:
            divided[key] = _divide(patch.area, patch.fill)
        found = divided[key]
        jobs.append(_job(patch, found.lines))
        if not found.walls.is_empty:
            beside[patch.slot].append(_walls(found.walls, patch.fill))
        if not found.narrow.is_empty:
            narrow.append((patch, found.narrow))
    for patch, middle in zip([p for p, _ in narrow], _middles(narrow), strict=True):
        beside[patch.slot].append(middle)
    jobs = [job for job in jobs if not job.area.is_empty]
    lines = path_sets(lay_straight(jobs), jobs, n_layers) if jobs else None
    return [
        join([*walls, *([] if lines is None else lines[slot : slot + 1])])
        for slot, walls in enumerate(beside)
    ]


def _job(patch: Patch, area: Rings) -> Job:
    fill = patch.fill
    return Job(
        patch.slot,
        fill.role,
        area,
        fill.bead,
        fill.along,
        Pitch.ABSOLUTE,
        float(fill.pitch_nm),
        # As far as the next line, with what a slanting border adds.
        longest_nm=3 * fill.pitch_nm,
    )


class _Divided(NamedTuple):
    """walls : along which walls run. lines : takes lines. narrow : has room for neither."""

    walls: Rings
    lines: Rings
    narrow: Rings


def _divide(area: Rings, fill: Fill) -> _Divided:
    whole = Area.of(area)
    spacing = fill.bead.spacing_nm
    # A wall that comes nearer to itself than that would be laid twice.
    inner = whole.offset(-spacing)
    roomy = inner.offset(spacing + _SLACK_NM) & whole
    narrow = _worth(whole - roomy, spacing)
    if fill.is_walled:
        walled, free = roomy, _NOTHING
    else:
        walled, free = _walled(roomy, fill)
    walls = walled if walled.is_empty else walled.offset(-spacing // 2)
    lines = free if walled.is_empty else free | walled.offset(-spacing)
    return _Divided(*clip.rings_of([walls, lines, narrow]))


def _walled(roomy: Area, fill: Fill) -> tuple[Area, Area]:
    """(the islands that need a wall, the others): lines miss what is narrower than their pitch,
    and a single one does not stand by itself."""
    least = 2 * fill.pitch_nm
    islands = roomy.islands()
    wide = [island for island in islands if min(island.sides_nm) > least]
    if not wide:
        # Cross sections of branches, by the thousand: no need to look closer.
        return roomy, _NOTHING
    large = roomy if len(wide) == len(islands) else clip.united(wide)
    small = _NOTHING if large is roomy else roomy - large
    half = fill.bead.spacing_nm // 2
    missed = large - large.offset(-fill.pitch_nm, fill.pitch_nm + _SLACK_NM)
    missed = missed.offset(-half, half)
    if missed.is_empty:
        return small, large
    walled = clip.united(clip.islands_that_meet(large, missed))
    return (walled if small.is_empty else walled | small), large - walled


def _worth(rest: Area, spacing: int) -> Area:
    """Without what corners leave, and strips too narrow for half a bead."""
    quarter = spacing // 4
    return rest if rest.is_empty else rest.offset(-quarter, quarter)


def _walls(walls: Rings, fill: Fill) -> PathSet:
    return path_set(
        walls.xy_nm,
        walls.offsets,
        role=fill.role,
        width_nm=fill.bead.width_nm,
        height_nm=fill.bead.height_nm,
        area_nm2=fill.bead.area_nm2,
        is_loop=True,
    )


def _middles(narrow: Sequence[tuple[Patch, Rings]]) -> list[PathSet]:
    """One bead along the middle of each area, as wide as it is there."""
    out: list[PathSet | None] = [None] * len(narrow)
    for layer, bead in dict.fromkeys((patch.layer, patch.fill.bead) for patch, _ in narrow):
        mine = [
            i
            for i, (patch, _) in enumerate(narrow)
            if (patch.layer, patch.fill.bead) == (layer, bead)
        ]
        own = replace(layer, inner=bead, external=bead)
        found = medial.gap_fill([narrow[i][1] for i in mine], own)
        for i, paths in zip(mine, found, strict=True):
            role = np.full(paths.n_paths, narrow[i][0].fill.role, np.uint8)
            out[i] = replace(paths, role=role)
    return [paths for paths in out if paths is not None]

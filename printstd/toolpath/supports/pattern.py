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
    patches = [patch for patch in patches if not patch.area.is_empty]
    keys = [(id(patch.area), patch.fill) for patch in patches]
    distinct = {key: (patch.area, patch.fill) for key, patch in zip(keys, patches, strict=True)}
    divided = dict(zip(distinct, _divided(list(distinct.values())), strict=True))
    for key, patch in zip(keys, patches, strict=True):
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


def _divided(asked: Sequence[tuple[Rings, Fill]]) -> list[_Divided]:
    fills = [fill for _, fill in asked]
    spacing = [fill.bead.spacing_nm for fill in fills]
    # A wall that comes nearer to itself than that would be laid twice.
    inner = clip.watched_ring_offsets([area for area, _ in asked], [-own for own in spacing])
    roomy = [Area.of(area) for area, _ in asked]
    narrow = [_NOTHING] * len(asked)
    rows = [i for i, one in enumerate(inner) if not one.is_reversible]
    grown = clip.offset_each([inner[i].area for i in rows], [spacing[i] + _SLACK_NM for i in rows])
    for i, area in zip(rows, grown, strict=True):
        narrow[i], roomy[i] = roomy[i] - area, area & roomy[i]
    # Without what corners leave, and strips too narrow for half a bead.
    worth = clip.opened_each([narrow[i] for i in rows], [spacing[i] // 4 for i in rows])
    for i, area in zip(rows, worth, strict=True):
        narrow[i] = area
    walled, free = list(roomy), [_NOTHING] * len(asked)
    open_ = [i for i, fill in enumerate(fills) if not fill.is_walled and not roomy[i].is_empty]
    split = _walled([roomy[i] for i in open_], [fills[i] for i in open_])
    for i, parts in zip(open_, split, strict=True):
        walled[i], free[i] = parts
    rows = [i for i, area in enumerate(walled) if not area.is_empty]
    walls = [_NOTHING] * len(asked)
    middles = clip.offset_each([walled[i] for i in rows], [-spacing[i] // 2 for i in rows])
    for i, area in zip(rows, middles, strict=True):
        walls[i] = area
    lines = list(free)
    within = clip.offset_each([walled[i] for i in rows], [-spacing[i] for i in rows])
    for i, area in zip(rows, within, strict=True):
        lines[i] = area if free[i].is_empty else free[i] | area
    rings = clip.rings_of([*walls, *lines, *narrow])
    n = len(asked)
    return [
        _Divided(*parts) for parts in zip(rings[:n], rings[n : 2 * n], rings[2 * n :], strict=True)
    ]


def _walled(roomy: Sequence[Area], fills: Sequence[Fill]) -> list[tuple[Area, Area]]:
    """Of each (the islands that need a wall, the others): lines miss what is narrower than their
    pitch, and a single one does not stand by itself."""
    found = [(area, _NOTHING) for area in roomy]
    large: list[tuple[int, Area, Area]] = []
    for i, (area, fill) in enumerate(zip(roomy, fills, strict=True)):
        islands = area.islands()
        wide = [island for island in islands if min(island.sides_nm) > 2 * fill.pitch_nm]
        # Cross sections of branches, by the thousand: no need to look closer.
        if wide:
            own = area if len(wide) == len(islands) else clip.united(wide)
            large.append((i, own, _NOTHING if own is area else area - own))
    pitch = [fills[i].pitch_nm for i, _, _ in large]
    core = clip.watched_offsets([own for _, own, _ in large], [-own for own in pitch])
    rows = [nth for nth, one in enumerate(core) if not one.is_reversible]
    grown = clip.offset_each(
        [core[nth].area for nth in rows], [pitch[nth] + _SLACK_NM for nth in rows]
    )
    missed = clip.opened_each(
        [large[nth][1] - area for nth, area in zip(rows, grown, strict=True)],
        [fills[large[nth][0]].bead.spacing_nm // 2 for nth in rows],
    )
    of = dict(zip(rows, missed, strict=True))
    for nth, (i, own, small) in enumerate(large):
        if nth not in of or of[nth].is_empty:
            found[i] = small, own
            continue
        walled = clip.united(clip.islands_that_meet(own, of[nth]))
        found[i] = (walled if small.is_empty else walled | small), own - walled
    return found


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
        # Columns go straight down: layers share their areas.
        distinct = {id(narrow[i][1]): narrow[i][1] for i in mine}
        found = dict(zip(distinct, medial.gap_fill(list(distinct.values()), own), strict=True))
        for i in mine:
            paths = found[id(narrow[i][1])]
            role = np.full(paths.n_paths, narrow[i][0].fill.role, np.uint8)
            out[i] = replace(paths, role=role)
    return [paths for paths in out if paths is not None]

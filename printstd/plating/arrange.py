"""Places for the parts of one plate, and the names under which a machine knows them.

The largest footprint goes first, as near to the middle of the bed as it can, and the group is then
centred. What decides is in the parts alone: their footprint, their height, their digest. So the
order in which models are named decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from printstd.artifacts.mesh import ModelFile, Placement
from printstd.artifacts.plate import Stand, TowerStand
from printstd.errors import InternalError, SlicingError
from printstd.kernels.arrange import Arrangement, Points, Room, arranged, supports_um
from printstd.kernels.placing import place_vertices
from printstd.profiles.models import Adhesion, Widths
from printstd.profiles.resolved import Resolved
from printstd.profiles.tower import TowerSize
from printstd.profiles.volume_models import Box
from printstd.units import NM_PER_UM, um
from printstd.words import said

_HEAD_SLACK_UM: Final = 500
"""Beyond the head's own radius: beads end round, and outlines are simplified."""
MOST_PARTS: Final = 500
"""Copies on one plate: more are a typing slip."""


def arrange(
    files: Sequence[ModelFile],
    placements: Sequence[Placement],
    copies: Sequence[int],
    names: Sequence[str],
    resolved: Resolved,
    *,
    tools: Sequence[int] | None = None,
    tower: TowerSize | None = None,
) -> tuple[tuple[Stand, ...], TowerStand | None]:
    """All copies of all models, each on a place of its own, in the order of the plate, copies of
    one model together; and the prime tower, if there is one, where the parts have left room.

    placements : of each model where it would stand alone. One part stays there. names : ASCII, of
    each model; copies are numbered. tools : that makes each model; None where all are made by one.
    Raises SlicingError naming the part for which there is no room.
    """
    if sum(copies) == 1 and tower is None:
        return (Stand(0, names[0], placements[0]),), None
    if sum(copies) > MOST_PARTS:
        raise SlicingError(
            said("too many parts for one plate"),
            got=said("{copies} parts", copies=sum(copies)),
            wanted=said("at most {most}", most=MOST_PARTS),
            hint=said("make several plates of them"),
            code="SLICE-08",
        )
    if resolved.printer is None:
        raise InternalError("parts are arranged on a printer's bed")
    outlines = [
        standing_nm(file, placement, resolved.of_tool(tool))
        for file, placement, tool in zip(
            files, placements, tools or [resolved.tool] * len(files), strict=True
        )
    ]
    rank = sorted(range(len(files)), key=lambda i: _rank(outlines[i], files[i]))
    row = [i for i in rank for _ in range(copies[i])]
    supports = [supports_um(outlines[i][:, :2]) for i in row]
    if tower is not None:
        supports.append(supports_um(_corners_nm(tower)))
    found = _first_that_fits(supports, resolved)
    if found.left_out == len(row):
        raise _no_room_for_tower(tower, resolved)
    if found.left_out >= 0:
        raise _no_room(files[row[found.left_out]], found.left_out, len(row), resolved)
    nth: dict[int, int] = {}
    stands = []
    for i, (x, y) in zip(row, found.shift_um.tolist(), strict=False):
        nth[i] = nth.get(i, 0) + 1
        dx, dy, dz = placements[i].translation_um
        moved = replace(placements[i], translation_um=(dx + x, dy + y, dz))
        label = names[i] if copies[i] == 1 else f"{names[i]}_{nth[i]}"
        stands.append(Stand(i, label, moved))
    if tower is None:
        return tuple(stands), None
    return tuple(stands), _tower_at(tower, found.shift_um[-1].tolist())


def _corners_nm(tower: TowerSize) -> Points:
    """Of the tower with its brim, its own low corner at the origin."""
    low, (x, y) = -tower.brim_nm, (tower.width_nm, tower.depth_nm)
    return np.array([[low, low], [x - low, low], [x - low, y - low], [low, y - low]], np.int64)


def _tower_at(tower: TowerSize, corner_um: Sequence[int]) -> TowerStand:
    x, y = corner_um
    high = x + tower.width_nm // NM_PER_UM, y + tower.depth_nm // NM_PER_UM
    return TowerStand((x, y, *high), tower.brim_nm // NM_PER_UM)


def _no_room_for_tower(tower: TowerSize | None, resolved: Resolved) -> SlicingError:
    x, y = (tower.width_nm / 1e6, tower.depth_nm / 1e6) if tower else (0, 0)
    return SlicingError(
        said("the prime tower does not fit on the plate beside the parts"),
        got=said("a tower of {x:g} x {y:.2f} mm, brim apart", x=x, y=y),
        wanted=said(
            "room for it, {spacing_mm:g} mm from every part", spacing_mm=spacing_um(resolved) / 1000
        ),
        hint=said(
            "print fewer at once, or set prime_tower.width_mm, prime_tower.brim_width_mm or "
            "prime_tower.enabled=false"
        ),
        code="SLICE-08",
    )


def spacing_um(resolved: Resolved) -> int:
    """Between any two parts: what the process asks for, and room for both brims; one after the
    other, room for the head beside what is finished."""
    process, printer = resolved.process, resolved.printer
    spacing = um(process.plate.spacing_mm) + 2 * _brim_um(process.adhesion)
    if process.plate.by_object and printer is not None:
        grown = 2 * max(um(process.compensation.xy_mm), 0)
        spacing = max(spacing, um(printer.clearance.radius_mm) + grown + _HEAD_SLACK_UM)
    return spacing


def _brim_um(adhesion: Adhesion) -> int:
    return um(adhesion.brim_gap_mm + adhesion.brim_width_mm) if adhesion.brim_width_mm else 0


def _skirt_um(adhesion: Adhesion, widths: Widths) -> int:
    """From the parts to the outer side of the skirt."""
    if not adhesion.skirt_loops or not adhesion.skirt_layers:
        return 0
    return um(adhesion.skirt_distance_mm + adhesion.skirt_loops * widths.first_layer_mm)


def _first_that_fits(supports: Sequence[Points], resolved: Resolved) -> Arrangement:
    """With room for the skirt if there is any, else without: a skirt is left out, a part never."""
    process, printer = resolved.process, resolved.printer
    if printer is None:
        raise InternalError("parts are arranged on a printer's bed")
    brim = _brim_um(process.adhesion)
    spacing = spacing_um(resolved)
    margins = sorted({brim + _skirt_um(process.adhesion, process.widths), brim}, reverse=True)
    tried = [_inside(room, margin) for margin in margins for room in printer.volume.rooms_mm()]
    best: Arrangement | None = None
    for room in tried:
        found = arranged(supports, room, spacing_um=spacing)
        if found.left_out < 0:
            return found
        if best is None or found.left_out > best.left_out:
            best = found
    if best is None:
        raise InternalError("a bed has room")
    return best


def _inside(room_mm: Box, margin_um: int) -> Room:
    x0, y0, x1, y1 = (um(value) for value in room_mm)
    return Room(x0 + margin_um, y0 + margin_um, x1 - margin_um, y1 - margin_um)


def standing_nm(file: ModelFile, placement: Placement, resolved: Resolved) -> Points:
    """(n, 3) int64, nm, bed frame: the vertices of a part where it would stand alone, as large as
    it is printed."""
    material = resolved.material
    in_xy, in_z = (
        round(1_000_000 / (1.0 - ratio))
        for ratio in (material.shrinkage_xy_ratio, material.shrinkage_z_ratio)
    )
    used = np.zeros(len(file.mesh.vertices_mm), bool)
    used[file.mesh.faces.reshape(-1)] = True
    return place_vertices(
        file.mesh.vertices_mm[used],
        rotation_e9=placement.rotation_e9,
        translation_um=placement.translation_um,
        scale_e6=placement.scale_e6,
        shrink_xy_e6=in_xy,
        shrink_z_e6=in_z,
    )


def _rank(vertices_nm: Points, file: ModelFile) -> tuple[int, int, str]:
    x, y, z = (vertices_nm.max(axis=0) - vertices_nm.min(axis=0)).tolist()
    return -(x // NM_PER_UM) * (y // NM_PER_UM), -z, file.mesh.source.sha256


def _no_room(file: ModelFile, nth: int, of: int, resolved: Resolved) -> SlicingError:
    volume = resolved.printer.volume if resolved.printer else None
    bed = (
        said(
            "{x_mm:g} x {y_mm:g} mm",
            x_mm=volume.x_max_mm - volume.x_min_mm,
            y_mm=volume.y_max_mm - volume.y_min_mm,
        )
        if volume
        else said("the bed")
    )
    return SlicingError(
        said("a part does not fit on the plate beside the others"),
        where=file.mesh.source.name,
        got=said("no free place for part {nth} of {of} (the largest go first)", nth=nth + 1, of=of),
        wanted=said(
            "room on {bed}, {spacing_mm:g} mm from every other part",
            bed=bed,
            spacing_mm=spacing_um(resolved) / 1000,
        ),
        hint=said("print fewer at once, turn parts (--rotate), or set process.plate.spacing_mm"),
        code="SLICE-08",
    )

"""Walls of layers: loops at fixed distances inside the section, and what is left inside.

`toolpath.wall_areas` says where classic walls run, and `toolpath.medial` fills what stays bare:
thin walls where not even the external loop fits, gap fill between loops. Walls of variable width
(`toolpath.beading`) are the same loops, moved and widened where they are the innermost of a narrow
place, and what is left between them holds exactly one bead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings, concat, signed_area2
from printstd.named_tuple import NamedTuple
from printstd.toolpath import beading, medial, overhangs
from printstd.toolpath.paths import NO_PATHS, PathSet, join
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.wall_areas import FewerWalls, WallAreas, wall_areas


class Walls(NamedTuple):
    """paths: the walls, thin walls and gap fill. fill: the area that infill may take, up to the
    edge of the innermost wall (its overlap with the wall is not in it). in_air: the area inside the
    external walls' middles that the layer below does not carry."""

    paths: PathSet
    fill: Rings
    in_air: Area


def plan_walls(
    section: Rings, spec: LayerSpec, *, below: Rings | None, above: Rings = EMPTY
) -> Walls:
    """Walls of a compensated section.

    below : the compensated section of the layer below; None on the bed. above : that of the layer
    above; empty on the top. It matters for `spec.one_wall_on_top` alone.
    """
    return plan_walls_of([section], [spec], [below], [above])[0]


def plan_walls_of(
    sections: Sequence[Rings],
    specs: Sequence[LayerSpec],
    below: Sequence[Rings | None],
    above: Sequence[Rings],
    is_bare: Sequence[bool] | None = None,
    fewer: Sequence[Sequence[FewerWalls]] | None = None,
) -> list[Walls]:
    """`plan_walls` of several layers, with the same result layer by layer. Offsets, the way out of
    the polygon library, and what follows the middle of narrow places, cost about the same for many
    layers at once as for a few.

    is_bare : whether the layer below leaves anything of each layer bare (`toolpath.exposure`): of
    others nothing is in the air, and nobody looks. None: they are all looked at. fewer : of each
    layer, counts rising.
    """
    is_bare = [True] * len(sections) if is_bare is None else is_bare
    fewer = [()] * len(sections) if fewer is None else fewer
    layers = wall_areas(sections, specs, below, above, is_bare, fewer)
    rings = iter(clip.rings_of([area for layer in layers for area in layer.all()]))
    found = [_taken(layer, rings) for layer in layers]
    bare = []
    for taken, loops, spec, under in zip(found, _loops_of(found, specs), specs, below, strict=True):
        in_air, fill, held = taken.in_air, taken.fill, NO_PATHS
        if taken.shells and not in_air.is_empty and not spec.is_spiral:
            loops = overhangs.split_at_air(loops, taken.carried, in_air, spec)
        if spec.extra_overhang_walls and under is not None and not in_air.is_empty:
            from printstd.toolpath.overhang_walls import held_walls

            held, fill = held_walls(fill, under, spec)
        bare.append(_Bare(join([held, loops]), taken.thin, taken.gaps, fill))
    thin, gaps = [NO_PATHS] * len(bare), [NO_PATHS] * len(bare)
    for spec in dict.fromkeys(specs):
        mine = [i for i, other in enumerate(specs) if other == spec]
        thins, between = [bare[i].thin for i in mine], [bare[i].gaps for i in mine]
        if spec.beading is None:
            single, filled = medial.thin_walls(thins, spec), medial.gap_fill(between, spec)
        else:
            single = medial.thin_walls(thins, spec, [sections[i] for i in mine])
            least = beading.least_centre_nm(spec, spec.beading)
            filled = medial.centre_beads(between, spec, least)
        for i, thin_paths, gap_paths in zip(mine, single, filled, strict=True):
            thin[i], gaps[i] = thin_paths, gap_paths
    return [
        Walls(join([left.loops, thin[i], gaps[i]]), left.fill, layers[i].in_air)
        for i, left in enumerate(bare)
    ]


class _Taken(NamedTuple):
    """The same, out of the library; all gaps as one."""

    shells: list[Rings]
    narrow: list[Rings]
    gaps: Rings
    carried: Rings
    in_air: Rings
    thin: Rings
    fill: Rings


def _taken(layer: WallAreas, rings: Iterator[Rings]) -> _Taken:
    shells = [next(rings) for _ in layer.shells]
    narrow = [next(rings) for _ in layer.narrow]
    gaps = concat([next(rings) for _ in layer.gaps])
    return _Taken(shells, narrow, gaps, next(rings), next(rings), next(rings), next(rings))


class _Bare(NamedTuple):
    """One layer's loops, and the areas that they leave for thin walls, gap fill and infill."""

    loops: PathSet
    thin: Rings
    gaps: Rings
    fill: Rings


# ----------------------------------------------------------------------------------- loops


def _loops_of(layers: Sequence[_Taken], specs: Sequence[LayerSpec]) -> list[PathSet]:
    """The loops of each layer, those of variable width fitted to their places."""
    middles: list[list[_Middle]] = [
        [_Middle(shell, None) for shell in layer.shells] for layer in layers
    ]
    for spec in dict.fromkeys(specs):
        if spec.beading is None or spec.is_spiral:
            continue
        mine = [i for i, other in enumerate(specs) if other == spec]
        is_alike = spec.external.spacing_nm == spec.inner.spacing_nm
        for first, last in ((0, spec.wall_count),) if is_alike else ((0, 1), (1, spec.wall_count)):
            rows = [(i, k) for i in mine for k in range(first, min(last, len(layers[i].shells)))]
            fits = beading.fitted(
                [layers[i].shells[k] for i, k in rows],
                [layers[i].narrow[k] for i, k in rows],
                spec,
                spec.beading,
                first,
            )
            for (i, k), fit in zip(rows, fits, strict=True):
                middles[i][k] = _Middle(*fit)
    return [_loops(walls, spec) for walls, spec in zip(middles, specs, strict=True)]


class _Middle(NamedTuple):
    """Where the middles of one wall run, and by how much its bead is wider from each vertex on;
    None where it has one width."""

    rings: Rings
    widening_nm: NDArray[np.int64] | None


def _loops(shells: list[_Middle], spec: LayerSpec) -> PathSet:
    """The walls along each shell's outlines, from outside."""
    rings = concat([shell.rings for shell in shells])
    if rings.is_empty:
        return NO_PATHS
    depth = np.repeat(np.arange(len(shells)), [shell.rings.n_rings for shell in shells])
    is_inner = depth > 0
    widening = [
        np.zeros(len(ring.xy_nm), np.int64) if wider is None else wider for ring, wider in shells
    ]
    return PathSet(
        xy_nm=rings.xy_nm,
        offsets=rings.offsets,
        role=np.where(is_inner, Role.PERIMETER, Role.EXTERNAL_PERIMETER).astype(np.uint8),
        width_nm=np.where(is_inner, spec.inner.width_nm, spec.external.width_nm),
        height_nm=np.where(is_inner, spec.inner.height_nm, spec.external.height_nm),
        area_nm2=np.where(is_inner, spec.inner.area_nm2, spec.external.area_nm2),
        is_loop=np.ones(len(depth), np.bool_),
        depth=depth.astype(np.int16),
        is_hole=np.asarray(signed_area2(rings) < 0),
        group=np.full(len(depth), -1, np.int32),
        widening_nm=np.concatenate(widening),
    )

"""Walls of one layer: loops at fixed distances inside the section, and what is left inside.

Classic walls (facts of slicers 2.3): the external centreline lies w_e/2 inside the outline, the
next a further (s_e + s)/2 (or (w_e + w)/2, where the outer wall is to be precise), then every s.
Where the part is too narrow for a loop the loop leaves it out, and `toolpath.medial` fills what
stays bare: thin walls where not even the external loop fits, gap fill between loops. Where a top
lies open, all walls but the external one leave it to the infill. Walls of variable width
(`toolpath.beading`) are the same loops, moved and widened where they are the innermost of a narrow
place, and what is left between them holds exactly one bead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings, concat, signed_area2
from printstd.toolpath import beading, medial, overhangs
from printstd.toolpath.overhang_walls import held_walls
from printstd.toolpath.paths import NO_PATHS, PathSet, join
from printstd.toolpath.spec import LayerSpec

COLLAPSE_RATIO: Final = 0.6
"""A loop may come as close to itself as this share of its spacing before it gives way to a
thin wall or to gap fill (facts of slicers 2.3, INSET_OVERLAP_TOLERANCE 0.4)."""

_SLACK_NM: Final = 2_000
"""Two ways to the same outline are told apart from different outlines by this much."""
_OVERLAP_NM: Final = 10
"""Areas that touch are told from areas that overlap by this much."""


class Walls(NamedTuple):
    """paths: the walls, thin walls and gap fill. fill: the area that infill may take, up to the
    edge of the innermost wall (its overlap with the wall is not in it). in_air: the area inside the
    external walls' middles that the layer below does not carry."""

    paths: PathSet
    fill: Rings
    in_air: Area


class FewerWalls(NamedTuple):
    """No more than `at_most` walls are laid inside an area; is_outside : everywhere but in it."""

    at_most: int
    area: Rings
    is_outside: bool


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
    fewer: Sequence[Sequence[FewerWalls]] | None = None,
) -> list[Walls]:
    """`plan_walls` of several layers, with the same result layer by layer. The way out of the
    polygon library, and what follows the middle of narrow places, cost about the same for many
    layers at once as for a few. fewer : of each layer, counts rising."""
    wholes = [Area.of(section) for section in sections]
    layers = [
        _areas(*layer)
        for layer in zip(
            wholes,
            specs,
            _held(below, specs),
            above,
            _shells_of(wholes, specs),
            fewer or [()] * len(specs),
            strict=True,
        )
    ]
    rings = iter(clip.rings_of([area for layer in layers for area in layer.all()]))
    found = [_taken(layer, rings) for layer in layers]
    bare = []
    for taken, loops, spec, under in zip(found, _loops_of(found, specs), specs, below, strict=True):
        in_air, fill, held = taken.in_air, taken.fill, NO_PATHS
        if taken.shells and not in_air.is_empty and not spec.is_spiral:
            loops = overhangs.split_at_air(loops, taken.carried, in_air, spec)
        if spec.extra_overhang_walls and under is not None and not in_air.is_empty:
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


class _Areas(NamedTuple):
    """One layer, still inside the polygon library. shells : inside the middles of each wall.
    narrow : of each shell, where beads of variable width are looked for. thin, gaps : where thin
    walls and gap fill go. carried : what the layer below carries, where something is in the air;
    in_air : that. fill : what is left."""

    shells: list[Area]
    narrow: list[Area]
    gaps: list[Area]
    carried: Area
    in_air: Area
    thin: Area
    fill: Area

    def all(self) -> list[Area]:
        rest = [self.carried, self.in_air, self.thin, self.fill]
        return [*self.shells, *self.narrow, *self.gaps, *rest]


class _Taken(NamedTuple):
    """The same, out of the library; all gaps as one."""

    shells: list[Rings]
    narrow: list[Rings]
    gaps: Rings
    carried: Rings
    in_air: Rings
    thin: Rings
    fill: Rings


def _taken(layer: _Areas, rings: Iterator[Rings]) -> _Taken:
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


def _areas(
    whole: Area,
    spec: LayerSpec,
    held: Area | None,
    above: Rings,
    shells: list[Area],
    fewer: Sequence[FewerWalls],
) -> _Areas:
    """held : what the layer below carries; None on the bed. shells : as `_shells_of` found them."""
    nothing = Area.of(EMPTY)
    if whole.is_empty:
        return _Areas([], [], [], nothing, nothing, nothing, nothing)
    top = nothing
    if spec.one_wall_on_top and len(shells) > 1:
        top = open_top(shells[0].offset(-_edge_nm(spec, 1)), above, spec)
    barred: list[_Barred] = []
    if fewer or not top.is_empty:
        shells, barred = _shells(whole, spec, top, fewer)
    carried = in_air = nothing
    if held is not None:
        in_air = (shells[0] if shells else whole) - held
        carried = nothing if in_air.is_empty else held
    if spec.is_spiral:
        return _Areas(shells[:1], [], [], carried, in_air, nothing, nothing)
    is_variable = spec.beading is not None
    thin = _too_thin(whole, shells, spec) if spec.thin_walls or is_variable else nothing
    gaps: list[Area] = []
    fill = _inner_edge(shells, spec)
    if (spec.gap_fill or is_variable) and shells:
        gaps, fill = _gaps(shells, fill, spec)
    half = medial.min_gap_nm(spec) // 2
    for first, area in barred:
        inner = [(gap - area).offset(-half, half) for gap in gaps[first - 1 :]]
        gaps, fill = [*gaps[: first - 1], *inner], fill | area
    narrow: list[Area] = []
    if spec.beading is not None:
        narrow = [
            beading.narrow_places(shell, spec, spec.beading, depth)
            for depth, shell in enumerate(shells)
        ]
    return _Areas(shells, narrow, gaps, carried, in_air, thin, fill)


# ----------------------------------------------------------------------------------- loops


def _held(below: Sequence[Rings | None], specs: Sequence[LayerSpec]) -> list[Area | None]:
    """Of each layer what the one below it carries."""
    rows = [i for i, rings in enumerate(below) if rings is not None]
    found = clip.offset_each(
        [Area.of(below[i] or EMPTY) for i in rows], [specs[i].nozzle_nm // 2 for i in rows]
    )
    held: list[Area | None] = [None] * len(below)
    for i, area in zip(rows, found, strict=True):
        held[i] = area
    return held


def _shells_of(wholes: Sequence[Area], specs: Sequence[LayerSpec]) -> list[list[Area]]:
    """`_shells` of all layers, wall by wall: offsets of many areas at once take half the time."""
    found: list[list[Area]] = [[] for _ in wholes]
    inside = list(wholes)
    rows = [i for i, whole in enumerate(wholes) if not whole.is_empty]
    for depth in range(max((spec.wall_count for spec in specs), default=0)):
        rows = [i for i in rows if depth < specs[i].wall_count]
        plain = clip.offset_each(
            [inside[i] for i in rows], [-_step_nm(specs[i], depth) for i in rows]
        )
        wide = _widened_again(plain, [_collapse_nm(specs[i], depth) for i in rows])
        for i, area, within in zip(rows, plain, wide, strict=True):
            inside[i] = area if within is None else area & within
            if not inside[i].is_empty:
                found[i].append(inside[i])
        rows = [i for i in rows if not inside[i].is_empty]
    return found


def _widened_again(plain: Sequence[Area], collapse_nm: Sequence[int]) -> list[Area | None]:
    """The places of each area as wide as twice its collapse, and a little around; None where all
    are wide enough."""
    rows = [i for i, collapse in enumerate(collapse_nm) if collapse]
    core = clip.offset_each([plain[i] for i in rows], [-collapse_nm[i] for i in rows])
    grown = clip.offset_each(core, [collapse_nm[i] + _SLACK_NM for i in rows])
    found: list[Area | None] = [None] * len(plain)
    for i, area in zip(rows, grown, strict=True):
        found[i] = area
    return found


class _Barred(NamedTuple):
    """Where no wall from number `first` on is laid."""

    first: int
    area: Area


def _shells(
    whole: Area, spec: LayerSpec, top: Area, fewer: Sequence[FewerWalls]
) -> tuple[list[Area], list[_Barred]]:
    """The area inside the centrelines of each wall, from outside; as many as asked for, fewer
    where the part is full before; and what was left to the infill. top : where only the first of
    them is laid."""
    shells: list[Area] = []
    barred: list[_Barred] = []
    inside = whole
    for depth in range(spec.wall_count):
        inside = _next_shell(inside, depth, spec)
        if depth:
            room = shells[-1].offset(-_edge_nm(spec, depth))
            here = [top] if depth == 1 else []
            here += [_left_free(room, one, spec) for one in fewer if one.at_most == depth]
            here = [area for area in here if not area.is_empty]
            barred += [_Barred(depth, area) for area in here]
            if here:
                # Inner walls run along the edge of a top as they do along the outer wall.
                for area in here:
                    room = room - area
                half = spec.inner.spacing_nm // 2
                collapse = _collapse_nm(spec, depth)
                inside = inside & room.offset(-half - collapse, collapse)
        if inside.is_empty:
            break
        shells.append(inside)
    return shells, barred


def _left_free(room: Area, one: FewerWalls, spec: LayerSpec) -> Area:
    """What of the room behind the last wall is left to the infill, strips apart that are too narrow
    for a line of it."""
    area = Area.of(one.area)
    half = spec.solid.spacing_nm // 2
    return (room - area if one.is_outside else room & area).offset(-half, half) & room


def _next_shell(inside: Area, depth: int, spec: LayerSpec) -> Area:
    step, collapse = _step_nm(spec, depth), _collapse_nm(spec, depth)
    plain = inside.offset(-step)
    if not collapse:
        return plain
    # There and back again small roundings come back as sharp corners, which would stand out of
    # the part: from the plain inset only what is too narrow is taken.
    return plain & plain.offset(-collapse, collapse + _SLACK_NM)


def _collapse_nm(spec: LayerSpec, depth: int) -> int:
    """Half the distance to itself at which wall `depth` gives way."""
    if spec.beading is not None:
        return beading.closest_nm(spec, spec.beading, depth) // 2
    spacing = spec.inner.spacing_nm if depth else spec.external.spacing_nm
    return round(spacing * COLLAPSE_RATIO / 2) if spec.thin_walls else 0


def _step_nm(spec: LayerSpec, depth: int) -> int:
    """How far the centreline of wall `depth` lies inside the one before it (of the first: inside
    the outline)."""
    if depth == 0:
        return spec.external.width_nm // 2
    if depth == 1 and spec.precise_outer:
        return (spec.external.width_nm + spec.inner.width_nm) // 2
    if depth == 1:
        return (spec.external.spacing_nm + spec.inner.spacing_nm) // 2
    return spec.inner.spacing_nm


def _edge_nm(spec: LayerSpec, depth: int) -> int:
    """How far the room of wall `depth` begins inside the centreline of the one before it."""
    return _step_nm(spec, depth) - spec.inner.spacing_nm // 2


def open_top(room: Area, above: Rings, spec: LayerSpec) -> Area:
    """What of the room behind the outer wall lies open to the sky, where that is wide enough for
    two lines of infill: narrow steps of a slope stay under all walls (facts of slicers C5)."""
    half = spec.top.spacing_nm
    return (room - Area.of(above)).offset(-half, half) & room


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


# ------------------------------------------------------------------------- what loops leave


def _inner_edge(shells: list[Area], spec: LayerSpec) -> Area:
    """The area inside the innermost wall's own edge."""
    if len(shells) < spec.wall_count:
        return Area.of(EMPTY)
    bead = spec.inner if len(shells) > 1 else spec.external
    return shells[-1].offset(-(bead.spacing_nm // 2))


def _too_thin(whole: Area, shells: list[Area], spec: LayerSpec) -> Area:
    """What the external loop leaves bare, where it is wide enough for a bead of its own."""
    half = medial.min_thin_wall_nm(spec) // 2
    if not shells:
        return whole.offset(-half, half)
    return (whole - shells[0].offset(spec.external.width_nm // 2 + _OVERLAP_NM)).offset(-half, half)


def _gaps(shells: list[Area], fill: Area, spec: LayerSpec) -> tuple[list[Area], Area]:
    """What lies between neighbouring walls and belongs to neither; and the fill without the
    places in it that are too narrow for another loop, which are gaps too."""
    half = medial.min_gap_nm(spec) // 2
    if spec.beading is not None:
        # Beads end where the room is too narrow, a little further than this.
        half = beading.least_centre_nm(spec, spec.beading) // 4
    pairs = []
    for depth, (outer, inner) in enumerate(zip(shells, [*shells[1:], None], strict=True), 1):
        out, back = _half_steps_nm(spec, depth)
        if inner is not None:
            pairs.append((outer.offset(-out), inner.offset(back + _OVERLAP_NM)))
        elif depth < spec.wall_count:
            pairs.append((outer.offset(-out), Area.of(EMPTY)))
        else:
            least = _least_fill_nm(spec, depth) // 2
            wide = fill.offset(-least, least + _OVERLAP_NM)
            pairs.append((fill, wide))
            fill = fill & wide
    if spec.beading is None:
        return [(edge - full).offset(-half, half) for edge, full in pairs], fill
    return [_exactly_opened(edge - full, half) for edge, full in pairs], fill


def _least_fill_nm(spec: LayerSpec, depth: int) -> int:
    """How wide a place inside the innermost wall must be to be filled by infill."""
    if spec.beading is None:
        return 2 * (spec.inner.spacing_nm // 2 + _collapse_nm(spec, depth))
    return beading.most_centre_nm(spec, spec.beading)


def _exactly_opened(area: Area, half_nm: int) -> Area:
    """Without what is narrower than twice `half_nm`. Borders that stay, stay where they are:
    offsets move the sides of a tip by a micrometre, and beads begin where it has some width."""
    core = area.offset(-half_nm)
    return core if core.is_empty else area & core.offset(half_nm + _SLACK_NM)


def _half_steps_nm(spec: LayerSpec, depth: int) -> tuple[int, int]:
    """Where the edge between walls `depth` - 1 and `depth` lies: how far inside the middle of the
    one and outside that of the other."""
    if spec.beading is None:
        half = _step_nm(spec, depth) // 2
        return half, half
    outer = spec.inner if depth > 1 else spec.external
    return outer.spacing_nm // 2, spec.inner.spacing_nm // 2

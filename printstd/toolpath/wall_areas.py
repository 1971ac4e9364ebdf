"""Where the walls of layers run, and what areas they leave: polygons only, many layers at once.

The external wall's middle lies w_e/2 inside the outline, the next a further (s_e + s)/2 (or
(w_e + w)/2, where the outer wall is to be precise), then every s (facts of slicers 2.3). Where the
part is too narrow for a wall the wall leaves it out: what stays bare becomes thin walls, where not
even the external one fits, and gaps between walls. Where a top lies open all walls but the external
one leave it to the infill, and where fewer walls are asked for than elsewhere in the layer, the
further ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Final

from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings
from printstd.named_tuple import NamedTuple
from printstd.toolpath import beading, medial
from printstd.toolpath.spec import LayerSpec

COLLAPSE_RATIO: Final = 0.6
"""A loop may come as close to itself as this share of its spacing before it gives way to a
thin wall or to gap fill (facts of slicers 2.3, INSET_OVERLAP_TOLERANCE 0.4)."""

_SLACK_NM: Final = 2_000
"""Two ways to the same outline are told apart from different outlines by this much."""
_OVERLAP_NM: Final = 10
"""Areas that touch are told from areas that overlap by this much."""


class FewerWalls(NamedTuple):
    """No more than `at_most` walls are laid inside an area; is_outside : everywhere but in it."""

    at_most: int
    area: Rings
    is_outside: bool


class WallAreas(NamedTuple):
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


def wall_areas(
    sections: Sequence[Rings],
    specs: Sequence[LayerSpec],
    below: Sequence[Rings | None],
    above: Sequence[Rings],
    is_bare: Sequence[bool],
    fewer: Sequence[Sequence[FewerWalls]],
) -> list[WallAreas]:
    """Of each layer by itself; the arguments are those of `walls.plan_walls_of`."""
    nothing = Area.of(EMPTY)
    shells, is_even = _shells_of(sections, specs)
    barred: list[list[_Barred]] = [[] for _ in sections]
    for i, spec in enumerate(specs):
        top = nothing
        if spec.one_wall_on_top and len(shells[i]) > 1:
            top = open_top(shells[i][0].offset(-_edge_nm(spec, 1)), above[i], spec)
        if fewer[i] or not top.is_empty:
            shells[i], barred[i] = _shells(Area.of(sections[i]), spec, top, fewer[i])
            is_even[i] = [False] * len(shells[i])
    held = _held(below, specs, is_bare)
    fills = _inner_edges(shells, specs)
    thin = _too_thin(sections, shells, is_even, specs)
    gaps, fills = _gaps(shells, is_even, fills, specs)
    narrow = _narrow(shells, specs)
    found = []
    for i, (section, spec, own) in enumerate(zip(sections, specs, shells, strict=True)):
        carried = in_air = nothing
        under = held[i]
        if under is not None and not section.is_empty:
            in_air = (own[0] if own else Area.of(section)) - under
            carried = nothing if in_air.is_empty else under
        if spec.is_spiral:
            found.append(WallAreas(own[:1], [], [], carried, in_air, nothing, nothing))
            continue
        of_layer, fill = [gap.bare for gap in gaps[i]], fills[i]
        half = medial.min_gap_nm(spec) // 2
        for first, area in barred[i]:
            of_layer = [
                (bare - area).offset(-half, half) if gap.depth >= first else bare
                for gap, bare in zip(gaps[i], of_layer, strict=True)
            ]
            fill = fill | area
        found.append(WallAreas(own, narrow[i], of_layer, carried, in_air, thin[i], fill))
    return found


def _narrow(shells: Sequence[Sequence[Area]], specs: Sequence[LayerSpec]) -> list[list[Area]]:
    """Of each shell where beads of variable width are looked for."""
    asked = [
        (i, beading.Shell(shell, spec, spec.beading, depth))
        for i, (own, spec) in enumerate(zip(shells, specs, strict=True))
        if spec.beading is not None and not spec.is_spiral
        for depth, shell in enumerate(own)
    ]
    narrow: list[list[Area]] = [[] for _ in shells]
    found = beading.narrow_places([shell for _, shell in asked])
    for (i, _), area in zip(asked, found, strict=True):
        narrow[i].append(area)
    return narrow


def _held(
    below: Sequence[Rings | None], specs: Sequence[LayerSpec], is_bare: Sequence[bool]
) -> list[Area | None]:
    """Of each layer what the one below it carries, where that may be less than all of it."""
    rows = [i for i, rings in enumerate(below) if rings is not None and is_bare[i]]
    found = clip.offset_rings(
        [below[i] or EMPTY for i in rows], [specs[i].nozzle_nm // 2 for i in rows]
    )
    held: list[Area | None] = [None] * len(below)
    for i, area in zip(rows, found, strict=True):
        held[i] = area
    return held


# --------------------------------------------------------------------------------- shells


def _shells_of(
    sections: Sequence[Rings], specs: Sequence[LayerSpec]
) -> tuple[list[list[Area]], list[list[bool]]]:
    """The areas inside the centrelines of each wall, from outside; of each layer as many as asked
    for, fewer where the part is full before. Of each too whether it is even: nothing lies between
    it and the one before that beads along both would not cover."""
    found: list[list[Area]] = [[] for _ in sections]
    is_even: list[list[bool]] = [[] for _ in sections]
    rows = [i for i, section in enumerate(sections) if not section.is_empty]
    for depth in range(max((spec.wall_count for spec in specs), default=0)):
        rows = [i for i in rows if depth < specs[i].wall_count]
        steps = [-_step_nm(specs[i], depth) for i in rows]
        if depth:
            plain = clip.watched_offsets([found[i][-1] for i in rows], steps)
        else:
            plain = clip.watched_ring_offsets([sections[i] for i in rows], steps)
        wide = _widened_again(
            [one.area for one in plain], [_collapse_nm(specs[i], depth) for i in rows]
        )
        for i, one, within in zip(rows, plain, wide, strict=True):
            left = one.area if within is None else one.area & within
            if not left.is_empty:
                found[i].append(left)
                is_even[i].append(one.is_reversible and within is None)
        rows = [i for i in rows if len(found[i]) > depth]
    return found, is_even


def _widened_again(plain: Sequence[Area], collapse_nm: Sequence[int]) -> list[Area | None]:
    """The places of each area as wide as twice its collapse, and a little around; None where all
    are wide enough."""
    rows = [i for i, collapse in enumerate(collapse_nm) if collapse]
    core = clip.watched_offsets([plain[i] for i in rows], [-collapse_nm[i] for i in rows])
    left = [(i, one.area) for i, one in zip(rows, core, strict=True) if not one.is_reversible]
    grown = clip.offset_each(
        [area for _, area in left], [collapse_nm[i] + _SLACK_NM for i, _ in left]
    )
    found: list[Area | None] = [None] * len(plain)
    for (i, _), area in zip(left, grown, strict=True):
        found[i] = area
    return found


class _Barred(NamedTuple):
    """Where no wall from number `first` on is laid."""

    first: int
    area: Area


def _shells(
    whole: Area, spec: LayerSpec, top: Area, fewer: Sequence[FewerWalls]
) -> tuple[list[Area], list[_Barred]]:
    """The shells of one layer, and what of it they leave to the infill. top : where only the first
    of them is laid."""
    shells: list[Area] = []
    barred: list[_Barred] = []
    inside = whole
    for depth in range(spec.wall_count):
        inside = _next_shell(inside, depth, spec)
        ending = [one for one in fewer if one.at_most == depth]
        if depth and (ending or (depth == 1 and not top.is_empty)):
            room = shells[-1].offset(-_edge_nm(spec, depth))
            here = [top] if depth == 1 else []
            here += [_left_free(room, one, spec) for one in ending]
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


# ----------------------------------------------------------------------- what shells leave


def _inner_edges(shells: Sequence[Sequence[Area]], specs: Sequence[LayerSpec]) -> list[Area]:
    """The area inside the innermost wall's own edge, where all walls that were asked for fit."""
    rows = [
        i for i, (own, spec) in enumerate(zip(shells, specs, strict=True)) if _is_full(own, spec)
    ]
    beads = [specs[i].inner if len(shells[i]) > 1 else specs[i].external for i in rows]
    found = clip.offset_each(
        [shells[i][-1] for i in rows], [-(bead.spacing_nm // 2) for bead in beads]
    )
    edges = [Area.of(EMPTY)] * len(shells)
    for i, area in zip(rows, found, strict=True):
        edges[i] = area
    return edges


def _is_full(shells: Sequence[Area], spec: LayerSpec) -> bool:
    return 0 < spec.wall_count <= len(shells) and not spec.is_spiral


def _too_thin(
    sections: Sequence[Rings],
    shells: Sequence[Sequence[Area]],
    is_even: Sequence[Sequence[bool]],
    specs: Sequence[LayerSpec],
) -> list[Area]:
    """What the external loops leave bare, where it is wide enough for a bead of its own."""
    rows = [
        i
        for i, (section, spec) in enumerate(zip(sections, specs, strict=True))
        if not section.is_empty
        and not spec.is_spiral
        and (spec.thin_walls or spec.beading is not None)
        and not (is_even[i] and is_even[i][0])
    ]
    walled = [i for i in rows if shells[i]]
    reach = clip.offset_each(
        [shells[i][0] for i in walled],
        [specs[i].external.width_nm // 2 + _OVERLAP_NM for i in walled],
    )
    covered = dict(zip(walled, reach, strict=True))
    bare = [
        Area.of(sections[i]) - covered[i] if i in covered else Area.of(sections[i]) for i in rows
    ]
    opened = clip.opened_each(bare, [medial.min_thin_wall_nm(specs[i]) // 2 for i in rows])
    thin = [Area.of(EMPTY)] * len(sections)
    for i, area in zip(rows, opened, strict=True):
        thin[i] = area
    return thin


class _Gap(NamedTuple):
    """What lies between two walls, or between the innermost and the infill, with what of it the
    walls do not cover; depth : how many walls lie outside of it; half : of the width from which on
    it is filled."""

    layer: int
    depth: int
    bare: Area
    half_nm: int


def _gaps(
    shells: Sequence[Sequence[Area]],
    is_even: Sequence[Sequence[bool]],
    fills: Sequence[Area],
    specs: Sequence[LayerSpec],
) -> tuple[list[list[_Gap]], list[Area]]:
    """Of each layer what lies between neighbouring walls and belongs to neither; and the fill
    without the places in it that are too narrow for another loop, which are gaps too."""
    fills = list(fills)
    rows = [
        i
        for i, (own, spec) in enumerate(zip(shells, specs, strict=True))
        if own and not spec.is_spiral and (spec.gap_fill or spec.beading is not None)
    ]
    edges = [
        (i, depth)
        for i in rows
        for depth in range(1, len(shells[i]) + 1)
        if depth < max(len(shells[i]), specs[i].wall_count)
        and not (depth < len(shells[i]) and is_even[i][depth])
    ]
    outer = clip.offset_each(
        [shells[i][depth - 1] for i, depth in edges],
        [-_half_steps_nm(specs[i], depth)[0] for i, depth in edges],
    )
    beside = [(i, depth) for i, depth in edges if depth < len(shells[i])]
    inner = clip.offset_each(
        [shells[i][depth] for i, depth in beside],
        [_half_steps_nm(specs[i], depth)[1] + _OVERLAP_NM for i, depth in beside],
    )
    covered = dict(zip(beside, inner, strict=True))
    full = [i for i in rows if _is_full(shells[i], specs[i])]
    least = [_least_fill_nm(specs[i], len(shells[i])) // 2 for i in full]
    core = clip.watched_offsets([fills[i] for i in full], [-half for half in least])
    has_narrow = [not one.is_reversible for one in core]
    full = list(compress(full, has_narrow))
    wide = clip.offset_each(
        [one.area for one in compress(core, has_narrow)],
        [half + _OVERLAP_NM for half in compress(least, has_narrow)],
    )
    found = []
    for (i, depth), area in zip(edges, outer, strict=True):
        taken = covered.get((i, depth))
        bare = area if taken is None else area - taken
        found.append(_Gap(i, depth, bare, _least_gap_nm(specs[i]) // 2))
    for i, room in zip(full, wide, strict=True):
        narrow = fills[i] - room
        found.append(_Gap(i, len(shells[i]), narrow, _least_gap_nm(specs[i]) // 2))
        if not narrow.is_empty:
            fills[i] = fills[i] & room
    gaps: list[list[_Gap]] = [[] for _ in shells]
    for gap, area in zip(found, _opened(found, specs), strict=True):
        if not area.is_empty:
            gaps[gap.layer].append(gap._replace(bare=area))
    return gaps, fills


def _least_gap_nm(spec: LayerSpec) -> int:
    """Gaps narrower than this are not filled."""
    if spec.beading is None:
        return medial.min_gap_nm(spec)
    # Beads end where the room is too narrow, a little further than this.
    return beading.least_centre_nm(spec, spec.beading) // 2


def _opened(gaps: Sequence[_Gap], specs: Sequence[LayerSpec]) -> list[Area]:
    """Each without what is too narrow. Where beads of variable width follow, borders that stay,
    stay where they are: offsets move the sides of a tip by a micrometre, and beads begin where it
    has some width."""
    areas = [gap.bare for gap in gaps]
    core = clip.offset_each(areas, [-gap.half_nm for gap in gaps])
    left = [nth for nth, area in enumerate(core) if not area.is_empty]
    is_exact = [specs[gaps[nth].layer].beading is not None for nth in left]
    grown = clip.offset_each(
        [core[nth] for nth in left],
        [
            gaps[nth].half_nm + (_SLACK_NM if exact else 0)
            for nth, exact in zip(left, is_exact, strict=True)
        ],
    )
    for nth, exact, area in zip(left, is_exact, grown, strict=True):
        core[nth] = areas[nth] & area if exact else area
    return core


def _least_fill_nm(spec: LayerSpec, depth: int) -> int:
    """How wide a place inside the innermost wall must be to be filled by infill."""
    if spec.beading is None:
        return 2 * (spec.inner.spacing_nm // 2 + _collapse_nm(spec, depth))
    return beading.most_centre_nm(spec, spec.beading)


def _half_steps_nm(spec: LayerSpec, depth: int) -> tuple[int, int]:
    """Where the edge between walls `depth` - 1 and `depth` lies: how far inside the middle of the
    one and outside that of the other."""
    if spec.beading is None:
        half = _step_nm(spec, depth) // 2
        return half, half
    outer = spec.inner if depth > 1 else spec.external
    return outer.spacing_nm // 2, spec.inner.spacing_nm // 2

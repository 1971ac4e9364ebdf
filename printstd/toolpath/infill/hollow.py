"""What is laid over the hollow inside of a part is carried by the sparse lines of the layer below.

A thread that ends between two of these lines, and turns there, hangs in the air however well the
part is supported from outside. So bridges and shells over the hollow are made wider, each stretch
along its own threads, until they reach the next line below (`anchored`); and no path turns where
its end is over nothing (`infill.free_ends`): such an end is held by the wall beside it. The like:
the anchors of internal bridges on infill lines, facts of slicers D11.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.clip import Area, Fill, Islands
from printstd.kernels.rings import EMPTY, Rings, contains
from printstd.kernels.turns import Direction, direction
from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath import bridges
from printstd.toolpath.infill.patterns.parallel import across_of, directions
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.surfaces import Surfaces

_CARRIED_RATIO: Final = 0.6
"""Of a line's width: so far beyond the border of what is solid below, a bead's middle still lies
on it."""
_SLIVER_RATIO: Final = 0.25
"""Of a line's width: half the width under which a strip over the hollow is carried from beside."""
_ACROSS_LEAST: Final = 0.17
"""Threads that run along the lines below within this sine never reach the next one."""
_CUT_NM: Final = 2_000
_NOTHING: Final = Area.of(EMPTY)


class Family(NamedTuple):
    """Parallel lines, of which one runs through the bed's origin. pitch_nm : from line to line."""

    along: Direction
    pitch_nm: float

    def across_nm(self, xy_nm: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) float64: how far points lie to the left of the line through the origin."""
        x, y = self.unit()
        return np.asarray(xy_nm[:, 1] * x - xy_nm[:, 0] * y)

    def unit(self) -> tuple[float, float]:
        return _unit(self.along)


class Hollow(NamedTuple):
    """area : sparse on the layer below, and not walls or solid. families : the straight lines laid
    in it there; none where they are not straight or not known. width_nm : of those lines.
    bridged : what is bridged in the layer above it. spans : of that, bridges from outside to
    outside in parts, each with the way its threads run; None where that is still to be found. deep
    : of the area, what no bead beside it carries (`deepened`)."""

    area: Rings
    families: Sequence[Family]
    width_nm: int
    bridged: Rings = EMPTY
    spans: Sequence[tuple[Rings, Direction]] | None = None
    deep: Rings = EMPTY

    def drawn_back(
        self, ends_nm: NDArray[np.int64], to_nm: NDArray[np.int64], beyond_nm: int
    ) -> NDArray[np.int64]:
        """(n, 2) int64: free ends over nothing, of lines that come from `to_nm`. Beside a wall they
        stay; within `beyond_nm` of a bridge, they are on the last line below."""
        out = ends_nm.copy()
        if self.bridged.is_empty or not self.families:
            return out
        way = (to_nm - ends_nm).astype(np.float64)
        length = np.maximum(np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1]), 1.0)
        way /= length[:, None]
        rows = np.flatnonzero(contains(clip.offset(self.bridged, beyond_nm), ends_nm))
        if not len(rows):
            return out
        back = length[rows]
        for family in self.families:
            x, y = family.unit()
            rate = way[rows, 1] * x - way[rows, 0] * y
            across = family.across_nm(ends_nm[rows]) / family.pitch_nm
            left = np.where(rate > 0, np.ceil(across) - across, across - np.floor(across))
            away = left * family.pitch_nm / np.maximum(np.abs(rate), 1e-9)
            back = np.minimum(back, away)
        out[rows] += np.rint(way[rows] * back[:, None]).astype(np.int64)
        return out


def deepened(hollows: Sequence[Hollow | None]) -> list[Hollow | None]:
    """The same, each with its `deep`."""
    some = [hollow for hollow in hollows if hollow is not None]
    inwards = [-round(_CARRIED_RATIO * hollow.width_nm) for hollow in some]
    areas = clip.offset_rings([hollow.area for hollow in some], inwards)
    deep = iter(clip.rings_of(areas))
    return [hollow and hollow._replace(deep=next(deep)) for hollow in hollows]


def is_anchored(spec: LayerSpec) -> bool:
    """Is what a layer lays over the hollow to be held? The one place where that is decided."""
    return spec.anchors_fill and 0.0 < spec.density_ratio < 1.0


def hollow_of(surfaces: Surfaces, spec: LayerSpec, turn: int) -> Hollow | None:
    """Of a layer, for the one above it; None where nothing of it is sparse. turn : by which its
    lines change direction."""
    if surfaces.sparse.is_empty or not 0.0 < spec.density_ratio < 1.0:
        return None
    return Hollow(surfaces.sparse, _families(spec, turn), spec.sparse.width_nm)


def _families(spec: LayerSpec, turn: int) -> list[Family]:
    pitch = spec.sparse.spacing_nm / spec.density_ratio
    if spec.combine_layers > 1:
        return []
    match spec.pattern:
        case InfillPattern.RECTILINEAR | InfillPattern.ZIGZAG:
            return [Family(directions(spec.angle_deg, turn)[0], pitch)]
        case InfillPattern.ALIGNED_RECTILINEAR:
            return [Family(direction(spec.angle_deg), pitch)]
        case InfillPattern.GRID:
            return [Family(along, 2.0 * pitch) for along in directions(spec.angle_deg, turn)]
        case _:
            return []


def held(
    found: Sequence[Surfaces],
    under: Sequence[Rings | None],
    specs: Sequence[LayerSpec],
    turns: Sequence[int],
    first: int,
) -> tuple[list[Surfaces], list[Hollow | None]]:
    """Surfaces of layers from `first` on, each (but the first of them) anchored on the one before,
    and the hollow under each. under : the section below each. specs, turns : of all layers, `turns`
    being those by which sparse lines change direction."""
    out: list[Surfaces] = list(found[:1])
    beneaths: list[Hollow | None] = [None] * len(out)
    for layer, below, own, section in zip(
        range(first + 1, first + len(found)), found, found[1:], under[1:], strict=False
    ):
        beneath = None
        if section is not None and is_anchored(specs[layer]):
            beneath = hollow_of(below, specs[layer - 1], turns[layer - 1])
        if section is not None and beneath is not None:
            across = across_of(specs[layer], turns[layer - 1])
            own, beneath = anchored(own, beneath, section, specs[layer], across)
        out.append(own)
        beneaths.append(beneath)
    return out, deepened(beneaths)


def anchored(
    parts: Surfaces, hollow: Hollow, below: Rings, spec: LayerSpec, across: Direction
) -> tuple[Surfaces, Hollow]:
    """Surfaces of a layer, with bridges and shells over the hollow below grown to its lines; and
    the hollow, that knows of them.

    below : the section under the layer. across : the way of internal bridges, and of bridges that
    nothing holds.
    """
    solid = Area.of(parts.solid) | Area.of(parts.internal_bridge)
    if not hollow.families or (parts.bridge.is_empty and solid.is_empty):
        return parts, hollow
    void, sparse = Area.of(hollow.area), Area.of(parts.sparse)
    threads = _bridges(parts, below, spec, solid & void, across)
    free = sparse | solid
    bridge: list[Area] = []
    for area, along in threads:
        over = area & void
        bridge.append(area | _reaching(over, hollow, along, void & free))
        free, solid, sparse = (_less(a, bridge[-1]) for a in (free, solid, sparse))
    sliver = round(_SLIVER_RATIO * spec.solid.width_nm)
    over = (solid & void).offset(-sliver, sliver)
    inner = _reaching(over, hollow, across, void & free)
    if not inner.is_empty:
        inner = inner | (inner.offset(spec.solid.width_nm) & solid)
        # What is left between it and the walls holds no two lines.
        sparse = _less(sparse, inner)
        narrow = sparse - sparse.offset(-spec.solid.spacing_nm, spec.solid.spacing_nm)
        if not narrow.is_empty:
            strips = clip.united(clip.islands_that_meet(narrow, inner.offset(_CUT_NM)))
            inner, sparse = inner | strips, _less(sparse, strips)
        solid = _less(solid, inner)
    rings = clip.rings_of([clip.united(bridge), solid, inner, sparse, *bridge])
    found = parts._replace(bridge=rings[0], solid=rings[1], internal_bridge=rings[2])
    spans = [(of, along) for of, (_, along) in zip(rings[4:], threads, strict=True)]
    bridged = clip.union([rings[0], rings[2]])
    return found._replace(sparse=rings[3]), hollow._replace(bridged=bridged, spans=spans)


def _bridges(
    parts: Surfaces, below: Rings, spec: LayerSpec, over: Area, otherwise: Direction
) -> list[tuple[Area, Direction]]:
    """The islands of bridges with the ways that they run. over : shells over the hollow: what of
    them lies beside bridges that all run one way runs on with these."""
    thread = bridges.thread(spec, is_thick=spec.thick_external_bridges)
    found: list[tuple[Area, Direction]] = []
    for island in clip.islands(parts.bridge):
        along = bridges.way_over(island, below, thread.pitch_nm) or otherwise
        found.append((Area.of(island), along))
    found = _by_way(found)
    if over.is_empty or not found:
        return found
    beside = [area.offset(_CUT_NM) for area, _ in found]
    for shell in over.islands():
        met = [number for number, area in enumerate(beside) if shell.meets(area)]
        if len(met) == 1:
            area, along = found[met[0]]
            found[met[0]] = (area | shell, along)
    return found


def _by_way(found: Sequence[tuple[Area, Direction]]) -> list[tuple[Area, Direction]]:
    """Areas of one direction, which may come to touch, as one."""
    ways: list[tuple[Area, Direction]] = []
    for area, along in found:
        for number, (other, way) in enumerate(ways):
            if along[0] * way[1] == along[1] * way[0]:
                ways[number] = (other | area, way)
                break
        else:
            ways.append((area, along))
    return ways


def _reaching(over: Area, hollow: Hollow, along: Direction, free: Area) -> Area:
    """An area over the hollow, and what of `free` lies between it and the lines below, along
    threads."""
    family = _crossed(hollow, along)
    if over.is_empty or family is None:
        return over
    cells = clip.inset_islands([(over - _lines(family, over.rings())).rings()], None)
    if not len(cells.part):
        return over
    # Borders that are shared differ by roundings.
    wider = Area.of(_quads(cells, family, along), Fill.NONZERO) & free.offset(_CUT_NM)
    return clip.united(clip.islands_that_meet(wider | over, over))


def _crossed(hollow: Hollow, along: Direction) -> Family | None:
    """The family that threads cross most steeply."""
    ux, uy = _unit(along)
    best, most = None, _ACROSS_LEAST
    for family in hollow.families:
        x, y = family.unit()
        sine = abs(x * uy - y * ux)
        if sine > most:
            best, most = family, sine
    return best


def _lines(family: Family, rings: Rings) -> Area:
    """The lines of a family across what the rings enclose, as thin as can be."""
    x, y = family.unit()
    across = family.across_nm(rings.xy_nm)
    along = rings.xy_nm[:, 0] * x + rings.xy_nm[:, 1] * y
    low, high = float(along.min()) - 1e6, float(along.max()) + 1e6
    first = int(np.ceil(float(across.min()) / family.pitch_nm))
    last = int(np.floor(float(across.max()) / family.pitch_nm))
    number = np.arange(first, last + 1, dtype=np.float64)
    if not len(number):
        return _NOTHING
    at = (number * family.pitch_nm)[:, None] + np.array([-_CUT_NM, -_CUT_NM, _CUT_NM, _CUT_NM])
    run = np.array([low, high, high, low])
    xy = np.stack([run * x - at * y, run * y + at * x], axis=2)
    flat = np.rint(xy.reshape(-1, 2)).astype(np.int64)
    return Area.of(Rings(flat, 4 * np.arange(len(number) + 1, dtype=np.int64)))


def _quads(cells: Islands, family: Family, along: Direction) -> Rings:
    """For each cell: from the line on one side of it to that on the other, and as far along these
    as the cell reaches aside of its threads, which keep their place there."""
    first = np.flatnonzero(np.diff(cells.island, prepend=-1))
    vertex = cells.rings.offsets[first]
    x, y = family.unit()
    ux, uy = _unit(along)
    xy = cells.rings.xy_nm
    across, aside = family.across_nm(xy), np.asarray(xy[:, 1] * ux - xy[:, 0] * uy)
    middle = (np.minimum.reduceat(across, vertex) + np.maximum.reduceat(across, vertex)) / 2
    low = np.floor(middle / family.pitch_nm) * family.pitch_nm
    high = low + family.pitch_nm
    a, b = np.minimum.reduceat(aside, vertex), np.maximum.reduceat(aside, vertex)
    t, q = np.stack([low, high, high, low], axis=1), np.stack([a, a, b, b], axis=1)
    # p . (-y, x) = t and p . (-uy, ux) = q.
    det = x * uy - y * ux
    corners = np.stack([(t * ux - q * x) / det, (t * uy - q * y) / det], axis=2)
    flat = np.rint(corners.reshape(-1, 2)).astype(np.int64)
    return Rings(flat, 4 * np.arange(len(first) + 1, dtype=np.int64))


def _unit(along: Direction) -> tuple[float, float]:
    x, y = along
    length = float(np.sqrt(float(x * x + y * y)))
    return x / length, y / length


def _less(a: Area, b: Area) -> Area:
    return a if a.is_empty or b.is_empty else a - b

"""One layer's beads that make the part, and what they cover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.audit.bead_models import (
    ROUND_LOSS,
    leanest,
    narrowest,
    thickest,
    thinnest,
    widest,
)
from printstd.audit.beads import Beads
from printstd.audit.regions import WIDTH_STEP_UM, Region, cover_of_beads, heads_of, lines_of
from printstd.audit.scan import stretches_outside, tape_over, united

NEAR_UM: Final = 400.0
"""A bead whose middle line is further from something than this, and than its own half width, has
nothing to do with it."""
HOLE_PITCH_RATIO: Final = 1.6
COARSE_RADIUS_RATIO: Final = 0.85
"""Two chords to a quarter circle come as near to its middle as 0.924 of the radius, and polygons of
beads lie up to 5 um inside them."""
HOLE_ROOM_RATIO: Final = 2.5
"""Radii around a chord of a disc: the disc, and what it is asked about it."""
_MOST_PAIRS: Final = 4_000_000
"""Pieces times beads of which each pair is looked at; more pieces go by their common box."""


class Laid(NamedTuple):
    """Beads of the part in one layer, before anything is asked about them. As of `LayerBeads`;
    core : the outline drawn in by `depth_um`."""

    beads: Beads
    hanging: NDArray[np.bool_]
    core: Region
    depth_um: float
    laid_um: NDArray[np.float64]
    height_um: float
    near_um: float = NEAR_UM


class Sides(NamedTuple):
    """(n,) um, widths of beads under the models of one, as `LayerBeads` has them."""

    least_um: NDArray[np.float64]
    lean_um: NDArray[np.float64]
    most_um: NDArray[np.float64]
    laid_least_um: NDArray[np.float64]
    laid_lean_um: NDArray[np.float64]
    laid_most_um: NDArray[np.float64]

    def of_rows(self, rows: slice) -> Sides:
        return Sides(*(column[rows] for column in self))


class LayerBeads:
    """The beads of the part in one layer.

    beads : theirs alone, in one layer. hanging : (n,) bool, their middle lies over nothing of the
    section below. lines : (l,) linestrings, beads that follow one another in one chain and at one
    width; line_of : (n,) int64; widest_um : (l,) float64, no bead of the line is wider. is_edge :
    (n,) bool, beads of the lines that come out of the outline drawn in by `depth_um`.
    laid_um : (n,) float64, widths where areas are asked: there a bridge's thread is no wider than
    it is. height_um : of the layer. near_um : how far from the middle of a bead anything lies that
    it is asked about.

    (n,) widths under other models of a bead: least_um, most_um where it is narrowest and widest;
    lean_um with round sides and the least flow; laid_least_um, laid_lean_um, laid_most_um the same
    of `laid_um`.

    Uniting all beads of a layer would cost more than everything that is asked of the union, so
    beads are looked up where something is asked.
    """

    def __init__(
        self,
        laid: Laid,
        sides: Sides,
        lines: NDArray[Any],
        line_of: NDArray[np.int64],
        widest_um: NDArray[np.float64],
        is_edge_line: NDArray[np.bool_],
    ) -> None:
        self.beads, self.hanging, self.laid_um = laid.beads, laid.hanging, laid.laid_um
        self.height_um, self.near_um, self.depth_um = laid.height_um, laid.near_um, laid.depth_um
        self._core = (float(laid.core.area), float(laid.core.length))
        (
            self.least_um,
            self.lean_um,
            self.most_um,
            self.laid_least_um,
            self.laid_lean_um,
            self.laid_most_um,
        ) = sides
        self.lines, self.line_of, self.widest_um = lines, line_of, widest_um
        self.is_edge_line = is_edge_line
        self.is_edge: NDArray[np.bool_] = is_edge_line[line_of]

    def area_behind(self, depth_um: float) -> float:
        """Area of the outline drawn in so far, by what is known of `core`, a little less deep."""
        area, border = self._core
        return max(area - border * (depth_um - self.depth_um), 0.0)

    def __len__(self) -> int:
        return len(self.hanging)

    def lost_area(self) -> tuple[float, float]:
        """(by how much less, by how much more) the beads cover under other models, at most: an area
        grows with the radius by no more than its border, and that of a line with round ends is at
        most 2 l + 2 pi r."""
        n_chains = 1 + int(np.count_nonzero(np.diff(self.beads.chain)))
        found = []
        for one, other in ((self.laid_least_um, self.laid_um), (self.laid_um, self.laid_most_um)):
            strips = float(((other - one) * self.beads.length_um).sum())
            ends = np.pi / 4 * float((other * other - one * one).max(initial=0.0))
            found.append(strips + n_chains * ends)
        return found[0], found[1]

    @property
    def volume(self) -> float:
        """um3."""
        return float((self.beads.area_um2 * self.beads.length_um).sum())

    def flat_volume(self, height_um: float) -> float:
        """um3 that fill the layer: what of a thicker thread goes down into the air is left out."""
        is_thread = self.laid_um != self.beads.width_um
        width = np.where(is_thread, self.laid_um, self.beads.pitch_um)
        flat = height_um * np.maximum(width - height_um * ROUND_LOSS, 0.0)
        return float((np.minimum(flat, self.beads.area_um2) * self.beads.length_um).sum())

    def inner_beads_near(
        self, a: NDArray[np.float64], b: NDArray[np.float64], near_um: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(segment, bead) of beads away from the outline whose middle line's box comes within
        `near_um` (n,) of the box of a segment a b (n, 2); segments rise."""
        near = near_um[:, None]
        low, high = np.minimum(a, b) - near, np.maximum(a, b) + near
        inner = np.flatnonzero(~self.is_edge)
        start, end = self.beads.start_um[inner], self.beads.end_um[inner]
        boxes = np.concatenate([low, high], axis=1)
        segment, bead = _meeting(np.minimum(start, end), np.maximum(start, end), boxes)
        return segment, inner[bead]

    def bare(self, geometry: Region, laid_um: NDArray[np.float64]) -> Region:
        """What of a geometry no bead of the layer covers. laid_um : (n,) how wide they are."""
        import shapely

        if geometry.is_empty:
            return geometry
        boxes = shapely.bounds(shapely.get_parts(geometry))
        if len(boxes) * len(self) > _MOST_PAIRS:
            boxes = np.array([[*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]])
        half = self.beads.width_um[:, None] / 2 + WIDTH_STEP_UM
        low = np.minimum(self.beads.start_um, self.beads.end_um) - half
        high = np.maximum(self.beads.start_um, self.beads.end_um) + half
        rows = np.unique(_meeting(low, high, boxes)[1])
        own = self.beads.chosen(rows)
        cover = cover_of_beads(own.start_um, own.end_um, laid_um[rows], own.chain)
        return cover.bare(geometry)

    def where_holes_may_be(
        self, region: Region, laid_um: NDArray[np.float64], radius_um: float
    ) -> Region:
        """What of a region lies around all places where a disc of a radius may fit between the
        beads; empty where none can: of parallel lines that are no further apart than
        `HOLE_PITCH_RATIO` radii, one has a chord of any such disc, of which half is the root of
        what the Pythagorean theorem leaves."""
        import shapely

        tape = tape_over(region.bounds, HOLE_PITCH_RATIO * radius_um)
        covered = united(tape.of_beads(self.beads.start_um, self.beads.end_um, laid_um / 2))
        low, high = stretches_outside(tape.of_region(region), covered)
        if not (high - low >= _chord(1.0) * radius_um).any():
            return shapely.Polygon()
        # Chords to a circle draw a region in by less than its radius here and there.
        chosen = np.flatnonzero(high - low >= _chord(COARSE_RADIUS_RATIO) * radius_um)
        a, b = tape.places(low[chosen]), tape.places(high[chosen])
        room = HOLE_ROOM_RATIO * radius_um
        boxes = np.concatenate([np.minimum(a, b) - room, np.maximum(a, b) + room], axis=1)
        return shapely.intersection(region, shapely.union_all(shapely.box(*boxes.T)))

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) um from each point to the side of the bead whose middle line is nearest; 0 inside
        it, infinite where there is no bead."""
        import shapely

        far = np.full(len(points), np.inf)
        if len(self.lines):
            tree = shapely.STRtree(self.lines)
            pairs, distance = tree.query_nearest(
                shapely.points(points), return_distance=True, all_matches=False
            )
            far[pairs[0]] = np.maximum(distance - self.widest_um[pairs[1]] / 2, 0.0)
        return far


def _chord(ratio: float) -> float:
    """In radii, the least chord that a disc of so much of the radius has on one of the lines."""
    return 2 * float(np.sqrt(ratio * ratio - HOLE_PITCH_RATIO * HOLE_PITCH_RATIO / 4))


def layer_beads(layers: Sequence[Laid]) -> list[LayerBeads]:
    """The beads of several layers, made ready together."""
    import shapely

    counts = [len(one.hanging) for one in layers]
    borders = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def column(of: Callable[[Laid], Any]) -> NDArray[Any]:
        return np.concatenate([of(one) for one in layers])

    start, end = column(lambda one: one.beads.start_um), column(lambda one: one.beads.end_um)
    width, chain = column(lambda one: one.beads.width_um), column(lambda one: one.beads.chain)
    step, is_head = heads_of(start, end, width, chain)
    is_head[borders[:-1][borders[:-1] < len(is_head)]] = True
    lines = lines_of(start, end, is_head)
    line_of = np.cumsum(is_head) - 1
    first_line = np.append(line_of, len(lines))[borders]
    cores = np.empty(len(layers), object)
    cores[:] = [one.core for one in layers]
    shapely.prepare(cores)
    of_line = np.repeat(np.arange(len(layers)), np.diff(first_line))
    is_edge_line = ~np.asarray(shapely.covers(cores[of_line], lines), bool)
    widest_um = np.asarray((step[is_head] + 0.5) * WIDTH_STEP_UM, np.float64)
    sides = _sides(
        column(lambda one: one.beads.thread_um),
        width,
        column(lambda one: one.laid_um),
        np.repeat([one.height_um for one in layers], counts),
    )
    found = []
    for number, one in enumerate(layers):
        rows = slice(*borders[number : number + 2].tolist())
        own = slice(*first_line[number : number + 2].tolist())
        found.append(
            LayerBeads(
                one,
                sides.of_rows(rows),
                lines[own],
                line_of[rows] - own.start,
                widest_um[own],
                is_edge_line[own],
            )
        )
    return found


def _sides(
    thread: NDArray[np.float64],
    width: NDArray[np.float64],
    laid: NDArray[np.float64],
    height: NDArray[np.float64],
) -> Sides:
    least, lean, most = narrowest(thread, height), leanest(thread, height), widest(thread, height)
    is_thread = laid != width
    if not is_thread.any():
        return Sides(least, lean, most, least, lean, most)
    thin, thick = thinnest(thread), thickest(thread)
    return Sides(
        least,
        lean,
        most,
        np.where(is_thread, thin, least),
        np.where(is_thread, thin, lean),
        np.where(is_thread, thick, most),
    )


def _meeting(
    low: NDArray[np.float64], high: NDArray[np.float64], boxes: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(box, other) of boxes (n, 4) that meet others, from low to high (m, 2)."""
    x0, y0, x1, y1 = boxes.T[..., None]
    meets = (low[:, 0] <= x1) & (high[:, 0] >= x0) & (low[:, 1] <= y1) & (high[:, 1] >= y0)
    box, other = np.nonzero(meets)
    return box, other


def distances(
    point: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) distance of points from segments, one to one."""
    x, y = start[:, 0], start[:, 1]
    way_x, way_y = end[:, 0] - x, end[:, 1] - y
    off_x, off_y = point[:, 0] - x, point[:, 1] - y
    square = np.maximum(way_x * way_x + way_y * way_y, 1e-9)
    share = np.clip((off_x * way_x + off_y * way_y) / square, 0.0, 1.0)
    off_x -= way_x * share
    off_y -= way_y * share
    return np.asarray(np.sqrt(off_x * off_x + off_y * off_y))

"""One layer's beads that make the part, and what they cover."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.bead_models import (
    ROUND_LOSS,
    Spread,
    leanest,
    narrowest,
    thickest,
    thinnest,
    widest,
)
from printstd.audit.beads import Beads
from printstd.audit.regions import WIDTH_STEP_UM, Region, cover_of_beads, heads_of, lines_of
from printstd.audit.scan import longest_outside, tape_over, united

NEAR_UM: Final = 400.0
"""A bead whose middle line is further from something than this, and than its own half width, has
nothing to do with it."""
HOLE_PITCH_RATIO: Final = 1.6
_MOST_PAIRS: Final = 4_000_000
"""Pieces times beads of which each pair is looked at; more pieces go by their common box."""


class LayerBeads:
    """The beads of the part in one layer.

    beads : theirs alone, in one layer. hanging : (n,) bool, their middle lies over nothing of the
    section below. lines : (l,) linestrings, beads that follow one another in one chain and at one
    width; line_of : (n,) int64; widest_um : (l,) float64, no bead of the line is wider. is_edge :
    (n,) bool, beads of the lines that come out of `core`, the outline drawn in by `depth_um`.
    laid_um : (n,) float64, widths where areas are asked: there a bridge's thread is no wider than
    it is. height_um : of the layer. near_um : how far from the middle of a bead anything lies that
    it is asked about.

    Uniting all beads of a layer would cost more than everything that is asked of the union, so
    beads are looked up where something is asked.
    """

    def __init__(
        self,
        beads: Beads,
        hanging: NDArray[np.bool_],
        core: Region,
        depth_um: float,
        laid_um: NDArray[np.float64],
        height_um: float,
        near_um: float = NEAR_UM,
    ) -> None:
        import shapely

        self.height_um = height_um
        self.beads, self.hanging, self.laid_um = beads, hanging, laid_um
        self._near_um = near_um
        step, is_head = heads_of(beads.start_um, beads.end_um, beads.width_um, beads.chain)
        self.lines: NDArray[Any] = lines_of(beads.start_um, beads.end_um, is_head)
        self.line_of = np.cumsum(is_head) - 1
        self.widest_um = (step[is_head] + 0.5) * WIDTH_STEP_UM
        self.depth_um = depth_um
        self._core = (float(core.area), float(core.length))
        shapely.prepare(core)
        self.is_edge_line = ~np.asarray(shapely.covers(core, self.lines), bool)
        self.is_edge: NDArray[np.bool_] = self.is_edge_line[self.line_of]

    def area_behind(self, depth_um: float) -> float:
        """Area of the outline drawn in so far, by what is known of `core`, a little less deep."""
        area, border = self._core
        return max(area - border * (depth_um - self.depth_um), 0.0)

    def __len__(self) -> int:
        return len(self.hanging)

    @cached_property
    def least_um(self) -> NDArray[np.float64]:
        """(n,) widths under the model that makes each bead narrowest."""
        return narrowest(self.beads.thread_um, self.height_um)

    @cached_property
    def lean_um(self) -> NDArray[np.float64]:
        """(n,) with round sides and the least flow."""
        return leanest(self.beads.thread_um, self.height_um)

    @cached_property
    def most_um(self) -> NDArray[np.float64]:
        """(n,) under the one that makes it widest."""
        return widest(self.beads.thread_um, self.height_um)

    @property
    def _is_thread(self) -> NDArray[np.bool_]:
        return np.asarray(self.laid_um != self.beads.width_um)

    @cached_property
    def laid_least_um(self) -> NDArray[np.float64]:
        """(n,) `laid_um` under the model that makes each bead narrowest."""
        return np.where(self._is_thread, thinnest(self.beads.thread_um), self.least_um)

    @cached_property
    def laid_lean_um(self) -> NDArray[np.float64]:
        return np.where(self._is_thread, thinnest(self.beads.thread_um), self.lean_um)

    @cached_property
    def laid_most_um(self) -> NDArray[np.float64]:
        return np.where(self._is_thread, thickest(self.beads.thread_um), self.most_um)

    @property
    def spread(self) -> Spread:
        """Of the sides of the beads along the outline, the widest."""
        edge = np.flatnonzero(self.is_edge)
        width = self.beads.width_um[edge]
        return Spread(
            float((width - self.least_um[edge]).max(initial=0.0)) / 2,
            float((self.most_um[edge] - width).max(initial=0.0)) / 2,
        )

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
        width = np.where(self._is_thread, self.laid_um, self.beads.pitch_um)
        flat = height_um * np.maximum(width - height_um * ROUND_LOSS, 0.0)
        return float((np.minimum(flat, self.beads.area_um2) * self.beads.length_um).sum())

    @cached_property
    def _edge(self) -> tuple[NDArray[np.int64], Any]:
        """(beads, tree of their boxes) along the outline."""
        import shapely

        rows = np.flatnonzero(self.is_edge)
        # Of what stands in the tree only its box is asked, which its middle line has, too.
        lines = np.stack([self.beads.start_um[rows], self.beads.end_um[rows]], axis=1)
        return rows, shapely.STRtree(shapely.linestrings(lines))

    def edge_beads_near(
        self, a: NDArray[np.float64], b: NDArray[np.float64], near_um: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(segment, bead) of beads along the outline whose middle line's box comes within `near_um`
        of the box of a segment a b (n, 2); segments rise."""
        import shapely

        rows, tree = self._edge
        if not len(rows) or not len(a):
            none = np.zeros(0, np.int64)
            return none, none
        low, high = np.minimum(a, b) - near_um, np.maximum(a, b) + near_um
        segment, bead = tree.query(shapely.linestrings(np.stack([low, high], axis=1)))
        return segment, rows[bead]

    def edge_beads_beside(
        self, a: NDArray[np.float64], b: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same of those that have to do with a segment: within `near_um` of it, and wide ones
        where they may touch it."""
        near = np.maximum(self.most_um / 2, self._near_um)
        segment, bead = self.edge_beads_near(a, b, float(near.max(initial=0.0)))
        start, end, room = self.beads.start_um[bead], self.beads.end_um[bead], near[bead, None]
        is_near = (
            (np.minimum(start, end) - room <= np.maximum(a, b)[segment])
            & (np.maximum(start, end) + room >= np.minimum(a, b)[segment])
        ).all(axis=1)
        return segment[is_near], bead[is_near]

    def inner_beads_near(
        self, a: NDArray[np.float64], b: NDArray[np.float64], near_um: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same of the other beads."""
        low, high = np.minimum(a, b) - near_um, np.maximum(a, b) + near_um
        inner = np.flatnonzero(~self.is_edge)
        start, end = self.beads.start_um[inner], self.beads.end_um[inner]
        boxes = np.concatenate([low, high], axis=1)
        segment, bead = _meeting(np.minimum(start, end), np.maximum(start, end), boxes)
        return segment, inner[bead]

    @cached_property
    def _frames(self) -> tuple[NDArray[np.float64], ...]:
        """Of each bead, (n,): x, y of its start, x, y of the unit vector along it, length."""
        beads = self.beads
        way = beads.end_um - beads.start_um
        length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
        way /= np.maximum(length, 1e-9)[:, None]
        columns = (*beads.start_um.T, *way.T)
        return (*(np.ascontiguousarray(column) for column in columns), length)

    def have(
        self,
        row: NDArray[np.int64],
        reach_um: NDArray[np.float64],
        a: NDArray[np.float64],
        b: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """(k,) which pairs of a bead, thickened to reach so far, and a segment a b are such that
        the bead has all of the segment: a bead is convex, so where it has both ends."""
        both = np.arange(len(row))
        square = reach_um * reach_um
        for point in (a, b):
            x0, y0, ux, uy, length = (column[row[both]] for column in self._frames)
            x, y = point[both, 0] - x0, point[both, 1] - y0
            share = np.minimum(np.maximum(x * ux + y * uy, 0.0), length)
            x -= ux * share
            y -= uy * share
            both = both[x * x + y * y <= square[both]]
        return both

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

    def may_leave_a_hole(
        self, region: Region, laid_um: NDArray[np.float64], radius_um: float
    ) -> bool:
        """Whether a disc of a radius may fit between the beads inside a region: of parallel lines
        that are no further apart than `HOLE_PITCH_RATIO` radii, one has a chord of any such disc,
        of which half is the root of what the Pythagorean theorem leaves."""
        tape = tape_over(region.bounds, HOLE_PITCH_RATIO * radius_um)
        covered = united(tape.of_beads(self.beads.start_um, self.beads.end_um, laid_um / 2))
        least = 2 * radius_um * np.sqrt(1 - HOLE_PITCH_RATIO * HOLE_PITCH_RATIO / 4)
        return bool(longest_outside(tape.of_region(region), covered) >= least)

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

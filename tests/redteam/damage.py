"""How much worse a part is than the honest one, measured on the beads themselves: by a raster of
0.15 mm and by distances in closed form. Nothing is shared with the auditor but the published model
of a bead (a rectangle with round sides).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from tests.mutation.subjects import Subject, own_subject
from tests.mutation.tiny_slicer import FILAMENT_MM2, K
from tests.redteam.edits import KINDS, NEUTRAL, Genome, Moves, edited, moves_of

CELL_MM: Final = 0.15
SAMPLE_MM: Final = 0.1
BORDER_MM: Final = 0.25
WINDOW: Final = 4
"""Border samples on end, a millimetre: what is shorter is a spot."""
STRETCH: Final = 5
INNER_MM: Final = 2.0
"""Infill is looked at so far inside the outline."""


@dataclass(frozen=True)
class Damage:
    """Each grows with the harm; all are 0 for the honest program.

    void_mm3 : the largest ball free of material inside the part, over the honest one's largest.
    shift_um : the furthest that a millimetre of the outline is off where it lies in the honest
    program. bond : share of the contact between two layers that is lost, the worst pair. section :
    share of a layer's material that is lost, the worst layer. infill : the same of the inside, of
    five layers on end. cold_k : how much cooler the nozzle is.
    """

    void_mm3: float
    shift_um: float
    bond: float
    section: float
    infill: float
    cold_k: float


OBJECTIVES: Final = ("void_mm3", "shift_um", "bond", "section", "infill")
_RASTERED: Final = frozenset({"void_mm3", "bond", "section"})


@dataclass(frozen=True, eq=False)
class State:
    """material : (l, r, c) bool; reach_mm : one array per layer: at samples of the border, how far
    beads reach beyond it (+) or fall short of it (-)."""

    material: NDArray[np.bool_]
    reach_mm: tuple[NDArray[np.float64], ...]
    infill_mm3: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    """inside, core : (l, r, c) bool, cells of the part and of its inside; border : points."""

    x0: float
    y0: float
    inside: NDArray[np.bool_]
    core: NDArray[np.bool_]
    border: tuple[NDArray[np.float64], ...]
    height: float


@functools.cache
def ground_of(name: str) -> Ground:
    on = own_subject(*name.split("/"))
    n = moves_of(name).n_layers
    x0, y0, x1, y1 = on.outline_of(0).bounds
    x0, y0 = x0 - 0.5, y0 - 0.5
    x = x0 + CELL_MM * (np.arange(int((x1 + 0.5 - x0) / CELL_MM)) + 0.5)
    y = y0 + CELL_MM * (np.arange(int((y1 + 0.5 - y0) / CELL_MM)) + 0.5)
    grid_x, grid_y = np.meshgrid(x, y)
    outlines = [on.outline_of(layer) for layer in range(n)]
    return Ground(
        x0,
        y0,
        np.stack([shapely.contains_xy(one, grid_x, grid_y) for one in outlines]),
        np.stack([shapely.contains_xy(one.buffer(-INNER_MM), grid_x, grid_y) for one in outlines]),
        tuple(_border(one) for one in outlines),
        on.layer_height,
    )


def _border(outline: shapely.Geometry) -> NDArray[np.float64]:
    """(n, 2) points along the outline, ring after ring."""
    rings = [ring for part in shapely.get_parts(outline) for ring in shapely.get_rings(part)]
    return np.concatenate(
        [
            shapely.get_coordinates(
                shapely.line_interpolate_point(ring, np.arange(0, ring.length, BORDER_MM))
            )
            for ring in rings
        ]
    )


def _segments(moves: Moves) -> tuple[NDArray[np.float64], ...]:
    """(start, end, length, e, layer) of what is laid of the part."""
    x, y = moves.x.copy(), moves.y.copy()
    for column in (x, y):
        known = ~np.isnan(column)
        last = np.maximum.accumulate(np.where(known, np.arange(len(column)), 0))
        column[:] = column[last]
    start = np.stack([np.roll(x, 1), np.roll(y, 1)], axis=1)
    end = np.stack([x, y], axis=1)
    laid = (moves.e > 0) & ~np.isnan(moves.x) & np.isin(moves.kind, KINDS)
    laid &= (moves.layer >= 0) & (moves.layer < 10**6)
    length = np.hypot(*(end - start).T)
    laid &= length > 1e-6
    return start[laid], end[laid], length[laid], moves.e[laid], moves.layer[laid]


def state_of(name: str, moves: Moves, asked: frozenset[str] = frozenset(OBJECTIVES)) -> State:
    """asked : the kinds of damage that are to be told; what only others need stays empty."""
    ground = ground_of(name)
    start, end, length, e, layer = _segments(moves)
    area = e * FILAMENT_MM2 / length
    # As on the writer's own numbers of five decimals, a tiny move's width is noise.
    width = np.clip(area / ground.height + ground.height * K, 0.05, 1.5)
    shape = ground.inside.shape
    has_raster, has_reach = bool(asked & _RASTERED), "shift_um" in asked
    material, reach, infill = np.zeros(shape, bool), [], np.zeros(shape[0])
    for k in range(shape[0]):
        mine = layer == k
        a, b, half = start[mine], end[mine], width[mine] / 2
        count = np.maximum(np.ceil(length[mine] / SAMPLE_MM), 1).astype(np.int64) + 1
        bead = np.repeat(np.arange(len(count)), count)
        place = np.arange(len(bead)) - np.repeat(np.cumsum(count) - count, count)
        share = (place / (count[bead] - 1))[:, None]
        points = a[bead] + (b - a)[bead] * share
        column = ((points[:, 0] - ground.x0) / CELL_MM).astype(np.int64).clip(0, shape[2] - 1)
        row = ((points[:, 1] - ground.y0) / CELL_MM).astype(np.int64).clip(0, shape[1] - 1)
        if has_raster and len(points):
            material[k] = _painted(shape[1:], row, column, half[bead])
        if has_reach:
            # Beads in the core are far from every border.
            near = np.zeros(len(count), bool)
            near[bead[~ground.core[k][row, column]]] = True
            reach.append(_reach(ground.border[k], a[near], b[near], half[near]))
        inside = ground.core[k][row, column]
        volume = e[mine] * FILAMENT_MM2
        share_inside = np.bincount(bead[inside], minlength=len(count)) / count
        infill[k] = float((volume * share_inside).sum())
    return State(material, tuple(reach), infill)


def _painted(
    shape: tuple[int, ...],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    half: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Cells within half a bead's width of the nearest of the beads' points."""
    from scipy import ndimage

    thick = np.zeros(shape)
    np.maximum.at(thick, (row, column), half)
    far, (i, j) = ndimage.distance_transform_edt(thick == 0, sampling=CELL_MM, return_indices=True)
    return np.asarray(far <= thick[i, j])


def _reach(
    points: NDArray[np.float64],
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    half: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n,) how far the bead that comes furthest covers each point, < 0 where none does."""
    found = np.full(len(points), -9.0)
    if not len(a):
        return found
    way = b - a
    square = np.maximum((way * way).sum(axis=1), 1e-12)
    for first in range(0, len(points), 64):
        p = points[first : first + 64, None, :]
        t = (((p - a) * way).sum(axis=2) / square).clip(0, 1)
        far = np.hypot(*np.moveaxis(p - (a + t[..., None] * way), 2, 0))
        found[first : first + 64] = (half - far).max(axis=1)
    return found


@functools.cache
def honest_state(name: str) -> State:
    return state_of(name, moves_of(name))


def ball_mm3(name: str, state: State) -> float:
    """Volume of the largest ball inside the part that holds no material."""
    from scipy import ndimage

    ground = ground_of(name)
    free = ground.inside & ~state.material
    # What lies above the top and under the bottom is no inside.
    free = np.pad(free, ((1, 1), (0, 0), (0, 0)))
    radius = ndimage.distance_transform_edt(free, sampling=(ground.height, CELL_MM, CELL_MM)).max()
    return float(4 / 3 * np.pi * radius**3)


def harm(name: str, genome: Genome, objective: str) -> float:
    """One kind of damage."""
    return float(getattr(damage_of(name, genome, frozenset([objective])), objective))


def damage_of(name: str, genome: Genome, asked: frozenset[str] = frozenset(OBJECTIVES)) -> Damage:
    on: Subject = own_subject(*name.split("/"))
    moves = edited(on, moves_of(name), genome)
    honest, state = honest_state(name), state_of(name, moves, asked)
    found = dict.fromkeys(OBJECTIVES, 0.0)
    if "void_mm3" in asked:
        found["void_mm3"] = max(ball_mm3(name, state) - ball_mm3(name, honest), 0.0)
    if "shift_um" in asked:
        found["shift_um"] = 1000 * _off_mm(honest, state)
    if "bond" in asked:
        pairs = range(len(state.material) - 1)
        found["bond"] = 1 - min(
            _share(
                state.material[k] & state.material[k + 1],
                honest.material[k] & honest.material[k + 1],
            )
            for k in pairs
        )
    if "section" in asked:
        found["section"] = 1 - min(
            _share(a & inside, b & inside)
            for a, b, inside in zip(
                state.material, honest.material, ground_of(name).inside, strict=True
            )
        )
    if "infill" in asked:
        ones = np.ones(STRETCH)
        whole = np.convolve(honest.infill_mm3, ones, "valid")
        left = np.convolve(state.infill_mm3, ones, "valid")
        found["infill"] = float((1 - left / np.maximum(whole, 1e-9)).max())
    return Damage(**found, cold_k=max(-genome["nozzle_k"], 0.0))


def _off_mm(honest: State, state: State) -> float:
    off = 0.0
    for before, after in zip(honest.reach_mm, state.reach_mm, strict=True):
        for sign in (1, -1):
            windows = np.lib.stride_tricks.sliding_window_view(sign * (after - before), WINDOW)
            off = max(off, float(windows.min(axis=1).max()))
    return off


def _share(left: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    return float(left.sum() / max(whole.sum(), 1))


def nothing(name: str) -> Damage:
    """Of the honest program: all 0, or the measure is wrong."""
    return damage_of(name, NEUTRAL)

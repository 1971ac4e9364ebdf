"""What is measured of a toolpath: a number each."""

from __future__ import annotations

import math

import numpy as np
import shapely

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from tests.unit.toolpath.planning import hops, is_kind, lengths_um, lines_laid, of_role
from tests.unit.toolpath.settings.planned import Measure, Settings


def n_layers(toolpath: Toolpath) -> float:
    return float(len(toolpath.layer_top_um))


def last_top(toolpath: Toolpath) -> float:
    return float(toolpath.layer_top_um[-1]) / 1e3


def width(role: Role, *, first: bool = False) -> Measure:
    """Mean width of a role's beads, mm, on the first layer or all above."""

    def of(toolpath: Toolpath) -> float:
        mine = (toolpath.role == role) & ((toolpath.layer == 0) == first)
        return float(toolpath.width_nm[mine].mean()) / 1e6

    return of


def height(role: Role) -> Measure:
    return lambda t: float(t.height_nm[t.role == role].mean()) / 1e6


def feed(role: Role, *, first: bool = False) -> Measure:
    """mm/s of a role's beads."""

    def of(toolpath: Toolpath) -> float:
        mine = (toolpath.role == role) & ((toolpath.layer == 0) == first)
        (found,) = set(toolpath.feed_mm_min[mine].tolist())
        return found / 60

    return of


def feed_of_kind(kind: MoveKind) -> Measure:
    return lambda t: float(np.median(t.feed_mm_min[is_kind(t, kind)])) / 60


def accel(role: Role, *, first: bool = False) -> Measure:
    def of(toolpath: Toolpath) -> float:
        mine = (toolpath.role == role) & ((toolpath.layer == 0) == first)
        (found,) = set(toolpath.accel_mm_s2[mine].tolist())
        return float(found)

    return of


def fed(*roles: Role) -> Measure:
    """Filament, mm."""
    return lambda t: float(t.e_e5[np.isin(t.role, roles)].sum()) / 1e5


def fed_per_mm(role: Role) -> Measure:
    def of(toolpath: Toolpath) -> float:
        mine = toolpath.role == role
        return float(toolpath.e_e5[mine].sum() / 1e5 / (lengths_um(toolpath)[mine].sum() / 1e3))

    return of


def has(role: Role) -> Measure:
    return lambda t: float((t.role == role).any())


VARIABLE: Settings = (("walls.generator", "variable"), ("walls.count", "3"))


def _external(toolpath: Toolpath) -> tuple[np.ndarray, np.ndarray]:
    """Widths, mm, of the walls' moves above the first layer, and whether they are external."""
    walls = np.isin(toolpath.role, (Role.EXTERNAL_PERIMETER, Role.PERIMETER)) & (toolpath.layer > 0)
    return toolpath.width_nm[walls] / 1e6, toolpath.role[walls] == Role.EXTERNAL_PERIMETER


def widths_of_external(toolpath: Toolpath) -> float:
    width, is_external = _external(toolpath)
    return float(len(np.unique(width[is_external])))


def narrowest_wall(toolpath: Toolpath) -> float:
    return float(_external(toolpath)[0].min())


def widest_wall(toolpath: Toolpath) -> float:
    return float(_external(toolpath)[0].max())


def steepest_wall(toolpath: Toolpath) -> float:
    """By how much the external wall changes its width at most within 0.5 mm, once it is a pair."""
    external = (toolpath.role == Role.EXTERNAL_PERIMETER) & (toolpath.layer == 2)
    x, width = toolpath.xy_um[external, 0], toolpath.width_nm[external]
    inner = (x > x.min() + 12_000) & (x < x.max() - 1_000)
    order = np.argsort(x[inner])
    x, width = x[inner][order], width[inner][order]
    then = np.searchsorted(x, x + 500, side="right") - 1
    return float((width - width[then]).max()) / 1e6


def count_on(layer: int, *roles: Role) -> Measure:
    """Lines of the roles on one layer."""
    return lambda t: float(sum(line.layer == layer for line in of_role(t, *roles)))


def laid_mm(role: Role) -> Measure:
    """Length of a role's beads."""
    return lambda t: float(lengths_um(t)[t.role == role].sum()) / 1e3


def shape_of(role: Role) -> Measure:
    """Where a role's beads lie, as one number."""
    return lambda t: float((t.xy_um[t.role == role] * [1.0, 1.37]).sum())


def layers_with(role: Role) -> Measure:
    return lambda t: float(len(np.unique(t.layer[t.role == role])))


def shell_layers(*, top: bool) -> Measure:
    """Layers from the top (the bed) on without sparse infill."""

    def of(toolpath: Toolpath) -> float:
        sparse = np.unique(toolpath.layer[toolpath.role == Role.INTERNAL_INFILL])
        last = len(toolpath.layer_top_um) - 1
        return float(last - sparse.max() if top else sparse.min())

    return of


def reach(role: Role, layer: int, *, inner: bool = False) -> Measure:
    """Half the extent of a role's lines on a layer, mm; of the shortest line where inner."""

    def of(toolpath: Toolpath) -> float:
        mine = [line for line in of_role(toolpath, role) if line.layer == layer]
        chosen = [min(mine, key=lambda line: line.length_um)] if inner else mine
        return float(np.ptp(np.concatenate([line.xy_um for line in chosen])[:, 0])) / 2e3

    return of


def seam_gap(toolpath: Toolpath) -> float:
    """Median way from the end of an external loop to its start, mm."""
    loops = [line for line in of_role(toolpath, Role.EXTERNAL_PERIMETER) if line.is_closed]
    ends = [np.hypot(*(line.xy_um[-1] - line.xy_um[0]).astype(float)) for line in loops]
    return float(np.median(ends)) / 1e3


def place_of_the_outer_wall(toolpath: Toolpath) -> float:
    """How many walls of a layer come before it; the same on all layers but the first."""
    walls = of_role(toolpath, Role.EXTERNAL_PERIMETER, Role.PERIMETER)
    places = set()
    for layer in range(1, int(toolpath.layer.max()) + 1):
        mine = [line.role for line in walls if line.layer == layer]
        places.add(mine.index(Role.EXTERNAL_PERIMETER))
    (place,) = places
    return place


def second_wall_inset(toolpath: Toolpath) -> float:
    """From the outer wall's middle to the second one's, mm, of layer 5."""
    spread = [
        float(np.ptp(line.xy_um[:, 0]))
        for role in (Role.EXTERNAL_PERIMETER, Role.PERIMETER)
        for line in of_role(toolpath, role)
        if line.layer == 5
    ]
    return (spread[0] - spread[1]) / 2000


def slowest_wall(toolpath: Toolpath) -> float:
    walls = np.isin(toolpath.role, (Role.EXTERNAL_PERIMETER, Role.OVERHANG_PERIMETER))
    feeds = toolpath.feed_mm_min[walls & (toolpath.layer > 0)]
    return float(feeds.min())


def highest_fan(toolpath: Toolpath) -> float:
    return float(toolpath.fan_ratio_e3.max())


def n_moves_outside(toolpath: Toolpath) -> float:
    return float((toolpath.role == Role.EXTERNAL_PERIMETER).sum())


def rising_moves(toolpath: Toolpath) -> float:
    climbs = np.diff(toolpath.z_um, prepend=0) > 0
    return float((climbs & is_kind(toolpath, MoveKind.EXTRUDE)).sum())


def sharpest_turn(toolpath: Toolpath) -> float:
    """Mean of the sharpest turns between moves of the spiral: those where turns begin."""
    laid = is_kind(toolpath, MoveKind.EXTRUDE) & (toolpath.layer > 4)
    way = np.diff(toolpath.xy_um[laid], axis=0).astype(float)
    way /= np.maximum(np.hypot(*way.T), 1.0)[:, None]
    turn = np.abs(way[:-1, 0] * way[1:, 1] - way[:-1, 1] * way[1:, 0])
    return float(np.sort(turn)[-8:].mean())


def seam_spots(toolpath: Toolpath) -> np.ndarray:
    """(n, 2) mm from the corner of the part's box: where external loops start, but the lowest."""
    loops = [
        line.xy_um
        for line in of_role(toolpath, Role.EXTERNAL_PERIMETER)
        if line.is_closed and line.layer
    ]
    return (np.array([xy[0] for xy in loops]) - np.concatenate(loops).min(axis=0)) / 1e3


def seam_height(toolpath: Toolpath) -> float:
    return float(seam_spots(toolpath)[:, 1].mean())


def direction_deg(role: Role, layer: int) -> Measure:
    """Of the longest stroke of a role on one layer, 0 to 180."""

    def of(toolpath: Toolpath) -> float:
        steps = [
            np.diff(line.xy_um, axis=0) for line in of_role(toolpath, role) if line.layer == layer
        ]
        way = np.concatenate(steps).astype(float)
        x, y = way[np.hypot(*way.T).argmax()]
        return math.degrees(math.atan2(y, x)) % 180

    return of


def skirt_distance(toolpath: Toolpath) -> float:
    """From skirt or brim to the nearest external line of the first layer, mm, middle to middle."""
    mine = [line for line in lines_laid(toolpath) if line.layer == 0]
    around, part = (
        shapely.MultiLineString([line.xy_um / 1e3 for line in mine if line.role is role])
        for role in (Role.SKIRT_BRIM, Role.EXTERNAL_PERIMETER)
    )
    return float(around.distance(part))


def retracted_ways(toolpath: Toolpath) -> float:
    return float(is_kind(toolpath, MoveKind.UNRETRACT).sum())


def vertices(toolpath: Toolpath) -> float:
    return float((toolpath.role == Role.EXTERNAL_PERIMETER).sum())


def loops_of_external(toolpath: Toolpath) -> float:
    """Length of the external walls of layer 2, mm."""
    lines = of_role(toolpath, Role.EXTERNAL_PERIMETER)
    return sum(line.length_um for line in lines if line.layer == 2) / 1e3


def mean_length(role: Role) -> Measure:
    return lambda t: float(np.mean([line.length_um for line in of_role(t, role)])) / 1e3


def n_lines(role: Role) -> Measure:
    return lambda t: float(len(of_role(t, role)))


def layer_height(toolpath: Toolpath) -> float:
    return float(np.diff(toolpath.layer_top_um).mean()) / 1e3


def first_height(toolpath: Toolpath) -> float:
    return float(toolpath.layer_top_um[0]) / 1e3


def small_feed(toolpath: Toolpath) -> float:
    """mm/s of the shortest external loop above the first layer."""
    loops = [line for line in of_role(toolpath, Role.EXTERNAL_PERIMETER) if line.layer > 0]
    return float(toolpath.feed_mm_min[min(loops, key=lambda line: line.length_um).rows.start]) / 60


def whole_fed(toolpath: Toolpath) -> float:
    return float(toolpath.e_e5[is_kind(toolpath, MoveKind.EXTRUDE)].sum()) / 1e5


def fan_at(layer: int, *, bridge: bool = False) -> Measure:
    role = Role.BRIDGE_INFILL if bridge else Role.EXTERNAL_PERIMETER
    return lambda t: float(t.fan_ratio_e3[(t.layer == layer) & (t.role == role)].mean()) / 1e3


def layer_time_s(toolpath: Toolpath) -> float:
    """Of layer 10, all moves."""
    mine = toolpath.layer == 10
    return float((lengths_um(toolpath)[mine] / 1e3 / (toolpath.feed_mm_min[mine] / 60)).sum())


def slowest(toolpath: Toolpath) -> float:
    mine = (toolpath.layer > 2) & is_kind(toolpath, MoveKind.EXTRUDE)
    return float(toolpath.feed_mm_min[mine].min()) / 60


def drawn_back(toolpath: Toolpath) -> float:
    return float(toolpath.e_e5[is_kind(toolpath, MoveKind.UNRETRACT)].max()) / 1e5


def lifted(toolpath: Toolpath) -> float:
    """How high travels with the filament drawn back run over their layer, mm."""
    over = []
    for hop in list(hops(toolpath))[1:-1]:
        travel = hop.rows[toolpath.kind[hop.rows] == MoveKind.TRAVEL]
        if len(travel) and (toolpath.kind[hop.rows] == MoveKind.UNRETRACT).any():
            top = toolpath.layer_top_um[toolpath.layer[hop.after]]
            over += (toolpath.z_um[travel] - top).tolist()
    return float(np.mean(over)) / 1e3


def share_before_wipe(toolpath: Toolpath) -> float:
    """Of what is drawn back at all, what comes before the nozzle moves."""
    rows = np.flatnonzero(is_kind(toolpath, MoveKind.WIPE))
    first = rows[(toolpath.kind[rows - 1] == MoveKind.RETRACT)]
    return float(-toolpath.e_e5[first - 1].mean() / 0.7e5) if len(first) else 0.0

"""Every setting that concerns the toolpath is seen in it: no key is read and ignored.

A row names a key, two or more values, the part on which it shows, and what is measured there. What
must be measured is either told by the value itself, or it must rise or fall with the values.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from manifold3d import CrossSection, Manifold

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.keys import settable_keys
from printstd.profiles.models import Material, Printer, Process
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import (
    hops,
    is_kind,
    lengths_um,
    lines_laid,
    of_role,
    plan,
    profiles,
    stack_for,
)
from tests.unit.toolpath.solids import block
from tests.unit.toolpath.test_hollow import loose_turns

Settings = tuple[tuple[str, str], ...]
Measure = Callable[[Toolpath], float]

CALM: Settings = (
    # Nothing slows down for cooling and nothing but the part is laid, unless a row asks for it.
    ("material.fan.slowdown_below_layer_time_s", "0.0"),
    ("adhesion.skirt_loops", "0"),
    ("compensation.elephant_foot_mm", "0.0"),
    ("compensation.circle_chord_mm", "0.0"),
    ("infill.pattern", "rectilinear"),
    ("speeds.first_layer_mm_s", "20.0"),
    ("shells.top_min_thickness_mm", "0.0"),
    ("shells.bottom_min_thickness_mm", "0.0"),
    ("shells.top_layers", "2"),
    ("shells.bottom_layers", "2"),
)


def ell() -> Manifold:
    outline = [(0, 0), (14, 0), (14, 6), (6, 6), (6, 14), (0, 14)]
    return Manifold.extrude(CrossSection([np.array(outline, float)]), 2.4)


def slit() -> Manifold:
    """A block with a slit of 0.06 mm half-way in."""
    return block(10, 10, 1) - block(6, 0.06, 3, (4, 5, -1))


def drilled() -> Manifold:
    return block(12, 12, 2) - Manifold.cylinder(9, 1.5, 1.5, 60, True).translate((6, 6, 0))


def shelf() -> Manifold:
    """A plate over a plate, at one end of both."""
    return block(14, 10, 1) + block(4, 10, 6) + block(14, 10, 1, (0, 0, 5))


def comb() -> Manifold:
    """A plate with a slit of 1.5 mm on a column."""
    return block(6, 10, 4) + block(20, 10, 1, (0, 0, 4)) - block(9, 1.5, 3, (9, 4, 3))


PARTS: dict[str, Callable[[], Manifold]] = {
    "cube": lambda: solids.cube(9.0),
    "slab": lambda: block(16, 12, 3),
    "bridge": lambda: solids.bridge(14.0),
    "steps": solids.steps,
    "ribs": solids.ribs,
    "dome": solids.dome,
    "ell": ell,
    "slit": slit,
    "drilled": drilled,
    "letters": solids.letters,
    "tapered wall": solids.tapered_wall,
    "two bodies": solids.two_bodies,
    "plate": solids.hole_plate,
    "tee": solids.tee,
    "cone": lambda: Manifold.cylinder(4, 8, 10, 60),
    "shelf": shelf,
    "comb": comb,
    "ball": lambda: Manifold.sphere(6, 48).translate((0, 0, 6)),
    "short bridge": lambda: solids.bridge(8.0),
}
DYNAMIC: Settings = (("overhangs.is_dynamic", "true"),)
CALM_AIR: Settings = (
    ("material.fan.max_ratio", "0.1"),
    ("material.fan.min_ratio", "0.1"),
    ("material.fan.bridge_ratio", "0.1"),
)
FUZZY: Settings = (("fuzzy_skin.walls", "all"),)
VASE: Settings = (
    ("walls.count", "1"),
    ("shells.top_layers", "0"),
    ("infill.density_ratio", "0.0"),
)
FAST, SLOW = [0.9, 0.9, 0.9, 0.9], [0.2, 0.4, 0.6, 0.8]
STILL, WINDY = [0.0, 0.0, 0.0, 0.0], [0.7, 0.6, 0.5, 0.4]
SPACING_ABOVE = 0.45 - 0.2 * 0.2146018366


@functools.cache
def planned(part: str, settings: Settings) -> Toolpath:
    merged = dict(CALM) | dict(settings)
    resolved = profiles(*merged.items())
    return plan(stack_for(PARTS[part](), resolved), resolved)


class Row(NamedTuple):
    """wanted : what a value makes of the measure; or it "rises", "falls" with them, "differs"."""

    key: str
    values: tuple[object, ...]
    part: str
    measure: Measure
    wanted: Callable[[float], float] | str
    beside: Settings = ()
    within: float = 1e-6


def text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# -------------------------------------------------------------------------------- measures


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


# ------------------------------------------------------------------------------- the table

SPACING = 0.42 - 0.2 * 0.2146018366
"""Of the first layer's beads, mm."""


def same(value: float) -> float:
    return value


def speeds() -> list[Row]:
    roles = {
        "external_perimeter": (Role.EXTERNAL_PERIMETER, "cube"),
        "perimeter": (Role.PERIMETER, "cube"),
        "infill": (Role.INTERNAL_INFILL, "cube"),
        "solid_infill": (Role.SOLID_INFILL, "cube"),
        "top_infill": (Role.TOP_SOLID_INFILL, "cube"),
        "gap_fill": (Role.GAP_FILL, "ribs"),
        "bridge": (Role.BRIDGE_INFILL, "bridge"),
    }
    large = ("walls.small_perimeter_length_mm", "0.0")
    return [
        Row(f"speeds.{name}_mm_s", (22.0, 33.5), part, feed(role), same, (large,))
        for name, (role, part) in roles.items()
    ] + [
        Row("speeds.small_perimeter_mm_s", (11.0, 14.0), "drilled", small_feed, same),
        Row("speeds.first_layer_mm_s", (9.0, 19.0), "cube", feed(Role.PERIMETER, first=True), same),
        Row("speeds.travel_mm_s", (90.0, 200.0), "cube", feed_of_kind(MoveKind.TRAVEL), same),
        Row("speeds.travel_z_mm_s", (5.0, 9.0), "cube", feed_of_kind(MoveKind.LIFT), same),
    ]


def accelerations() -> list[Row]:
    roles = {
        "external_perimeter": (Role.EXTERNAL_PERIMETER, "cube"),
        "perimeter": (Role.PERIMETER, "cube"),
        "infill": (Role.INTERNAL_INFILL, "cube"),
        "solid_infill": (Role.SOLID_INFILL, "cube"),
        "top_infill": (Role.TOP_SOLID_INFILL, "cube"),
        "bridge": (Role.BRIDGE_INFILL, "bridge"),
        "default": (Role.GAP_FILL, "ribs"),
    }
    travel: Measure = lambda t: float(np.median(t.accel_mm_s2[is_kind(t, MoveKind.TRAVEL)]))  # noqa: E731
    return [
        Row(f"accelerations.{name}_mm_s2", (410.0, 1230.0), part, accel(role), same)
        for name, (role, part) in roles.items()
    ] + [
        Row(
            "accelerations.first_layer_mm_s2",
            (310.0, 520.0),
            "cube",
            accel(Role.PERIMETER, first=True),
            same,
        ),
        Row("accelerations.travel_mm_s2", (910.0, 1400.0), "cube", travel, same),
    ]


ROWS = [
    Row("layer_height_mm", (0.1, 0.25), "cube", layer_height, same),
    Row("first_layer_height_mm", (0.15, 0.3), "cube", first_height, same),
    Row(
        "layers.exact_top",
        (False, True),
        "cube",
        last_top,
        "differs",
        (("first_layer_height_mm", "0.25"),),
    ),
    Row("layers.max_surface_error_um", (40, 60, 100), "dome", n_layers, "falls"),
    Row(
        "ranges",
        ("[]", "[{from_mm=1.0, to_mm=2.0, layer_height_mm=0.1}]"),
        "cube",
        n_layers,
        "rises",
    ),
    Row("slice_closing_mm", (0.0, 0.049), "slit", loops_of_external, "falls"),
    Row("resolution_mm", (0.0, 0.05), "dome", vertices, "falls"),
    Row("avoid_crossing_walls", (False, True), "plate", retracted_ways, "falls"),
    Row(
        "max_detour_mm",
        (0.001, 2.0, 0.0),
        "plate",
        retracted_ways,
        "falls",
        (("avoid_crossing_walls", "true"),),
    ),
    Row("widths.external_perimeter_mm", (0.4, 0.5), "cube", width(Role.EXTERNAL_PERIMETER), same),
    Row("widths.perimeter_mm", (0.4, 0.6), "cube", width(Role.PERIMETER), same),
    Row("widths.infill_mm", (0.4, 0.6), "cube", width(Role.INTERNAL_INFILL), same),
    Row("widths.solid_infill_mm", (0.4, 0.6), "slab", width(Role.SOLID_INFILL), same, within=0.03),
    Row(
        "widths.top_infill_mm", (0.36, 0.6), "slab", width(Role.TOP_SOLID_INFILL), same, within=0.03
    ),
    Row("widths.first_layer_mm", (0.4, 0.6), "cube", width(Role.PERIMETER, first=True), same),
    Row(
        "walls.count",
        (1, 2, 4),
        "cube",
        count_on(20, Role.EXTERNAL_PERIMETER, Role.PERIMETER),
        same,
    ),
    Row("walls.generator", ("classic", "variable"), "tapered wall", widths_of_external, "rises"),
    Row(
        "walls.min_bead_width_ratio", (0.6, 0.85), "tapered wall", narrowest_wall, "rises", VARIABLE
    ),
    Row("walls.max_bead_width_ratio", (1.45, 2.0), "tapered wall", widest_wall, "rises", VARIABLE),
    Row(
        "walls.transition_length_ratio",
        (0.5, 2.0),
        "tapered wall",
        steepest_wall,
        "falls",
        VARIABLE,
    ),
    Row(
        "walls.order",
        ("inner_outer", "outer_inner", "inner_outer_inner"),
        "cube",
        place_of_the_outer_wall,
        lambda order: {"inner_outer": 3, "outer_inner": 0, "inner_outer_inner": 2}[str(order)],
        (("walls.count", "4"),),
    ),
    Row(
        "walls.precise_outer",
        (False, True),
        "cube",
        second_wall_inset,
        lambda precise: 0.45 if precise else SPACING_ABOVE,
        within=0.001,
    ),
    Row(
        "walls.one_on_first_layer",
        (False, True),
        "cube",
        count_on(0, Role.PERIMETER),
        lambda one: 1 - one,
    ),
    Row("walls.one_on_top", (False, True), "steps", fed(Role.PERIMETER), "falls"),
    Row("overhangs.is_dynamic", (False, True), "tee", slowest_wall, "falls"),
    Row("overhangs.speed_ratios", (FAST, SLOW), "tee", slowest_wall, "falls", DYNAMIC),
    Row("overhangs.fan_ratios", (STILL, WINDY), "tee", highest_fan, "rises", (*DYNAMIC, *CALM_AIR)),
    Row("overhangs.extra_walls", (False, True), "tee", fed(Role.OVERHANG_PERIMETER), "rises"),
    Row("fuzzy_skin.walls", ("none", "outer", "all"), "drilled", n_moves_outside, "rises"),
    Row(
        "fuzzy_skin.thickness_mm",
        (0.1, 0.3),
        "slab",
        reach(Role.EXTERNAL_PERIMETER, 6),
        "rises",
        FUZZY,
    ),
    Row("fuzzy_skin.point_distance_mm", (2.0, 0.5), "slab", n_moves_outside, "rises", FUZZY),
    Row("spiral_vase.is_on", (False, True), "slab", rising_moves, "rises", VASE),
    Row(
        "spiral_vase.is_smooth",
        (True, False),
        "cone",
        sharpest_turn,
        "rises",
        (*VASE, ("spiral_vase.is_on", "true")),
    ),
    Row("walls.thin_walls", (False, True), "ribs", fed(Role.EXTERNAL_PERIMETER), "rises"),
    Row("walls.gap_fill", (False, True), "ribs", has(Role.GAP_FILL), same),
    Row("walls.seam", ("aligned", "rear"), "ell", seam_height, "rises"),
    Row("walls.seam_gap_ratio", (0.0, 0.2), "slab", seam_gap, lambda r: 0.4 * r, within=0.002),
    Row(
        "walls.small_perimeter_length_mm",
        (5.0, 60.0),
        "drilled",
        small_feed,
        lambda limit: 12.0 if limit > 12 else 25.0,
        (("speeds.small_perimeter_mm_s", "12.0"),),
    ),
    Row("shells.top_layers", (1, 2, 5), "cube", shell_layers(top=True), same),
    Row("shells.bottom_layers", (1, 2, 5), "cube", shell_layers(top=False), same),
    Row(
        "shells.top_min_thickness_mm",
        (0.0, 0.5, 1.0),
        "cube",
        shell_layers(top=True),
        lambda t: max(2, math.ceil(t / 0.2 - 1e-9)),
    ),
    Row(
        "shells.bottom_min_thickness_mm",
        (0.0, 0.5, 1.0),
        "cube",
        shell_layers(top=False),
        lambda t: max(2, math.ceil(t / 0.2 - 1e-9)),
    ),
    Row(
        "shells.ensure_vertical",
        (False, True),
        "dome",
        fed(Role.SOLID_INFILL, Role.INTERNAL_BRIDGE_INFILL, Role.TOP_SOLID_INFILL),
        "rises",
        beside=(("shells.top_layers", "6"),),
    ),
    Row("shells.solid_below_area_mm2", (0.0, 90.0), "cube", has(Role.INTERNAL_INFILL), "falls"),
    Row("infill.density_ratio", (0.1, 0.2, 0.4), "slab", fed(Role.INTERNAL_INFILL), "rises"),
    Row(
        "infill.pattern",
        # A part as small as this is adaptive cubic's surface throughout.
        tuple(pattern.value for pattern in InfillPattern if pattern.value != "adaptivecubic"),
        "slab",
        shape_of(Role.INTERNAL_INFILL),
        "differs",
        (("infill.anchor_max_mm", "2.5"),),
    ),
    Row(
        "infill.angle_deg",
        (10.0, 50.0),
        "slab",
        direction_deg(Role.INTERNAL_INFILL, 6),
        same,
        within=0.05,
    ),
    Row("infill.overlap_ratio", (0.0, 0.2, 0.4), "slab", reach(Role.INTERNAL_INFILL, 6), "rises"),
    Row(
        "infill.anchor_mm",
        (0.0, 1.0, 2.0),
        "slab",
        mean_length(Role.INTERNAL_INFILL),
        "rises",
        (("infill.anchor_max_mm", "2.0"),),
    ),
    Row("infill.anchor_max_mm", (2.5, 12.0), "slab", n_lines(Role.INTERNAL_INFILL), "falls"),
    Row("infill.anchoring", ("never", "always"), "ball", loose_turns, "falls"),
    Row(
        "infill.combine_layers",
        (1, 2),
        "cube",
        height(Role.INTERNAL_INFILL),
        lambda layers: 0.2 * layers,
        within=0.05,
    ),
    Row(
        "speeds.ironing_mm_s",
        (10.0, 15.0),
        "slab",
        feed(Role.IRONING),
        same,
        (("ironing.surfaces", "top"),),
        within=0.02,
    ),
    Row("ironing.surfaces", ("none", "topmost", "top"), "steps", fed(Role.IRONING), "rises"),
    Row(
        "ironing.flow_ratio",
        (0.1, 0.2),
        "slab",
        fed(Role.IRONING),
        "rises",
        (("ironing.surfaces", "top"),),
    ),
    Row(
        "ironing.spacing_mm",
        (0.1, 0.2),
        "slab",
        laid_mm(Role.IRONING),
        "falls",
        (("ironing.surfaces", "top"),),
    ),
    Row("bridges.flow_ratio", (0.8, 1.0), "bridge", fed_per_mm(Role.BRIDGE_INFILL), "rises"),
    Row(
        "bridges.thick_external",
        (False, True),
        "bridge",
        height(Role.BRIDGE_INFILL),
        lambda thick: 0.4 * math.sqrt(0.95) if thick else 0.2,
    ),
    Row(
        "bridges.thick_internal",
        (False, True),
        "cube",
        height(Role.INTERNAL_BRIDGE_INFILL),
        lambda thick: 0.4 * math.sqrt(0.95) if thick else 0.2,
    ),
    *speeds(),
    *accelerations(),
    Row(
        "adhesion.skirt_loops",
        (0, 1, 3),
        "cube",
        count_on(0, Role.SKIRT_BRIM),
        same,
        (("adhesion.skirt_min_filament_mm", "0.0"),),
    ),
    Row(
        "adhesion.skirt_distance_mm",
        (1.0, 3.0),
        "cube",
        skirt_distance,
        lambda d: d + 0.42,
        (("adhesion.skirt_loops", "1"),),
        within=0.06,
    ),
    Row(
        "adhesion.skirt_layers",
        (1, 4),
        "cube",
        layers_with(Role.SKIRT_BRIM),
        same,
        (("adhesion.skirt_loops", "1"),),
    ),
    Row(
        "adhesion.skirt_min_filament_mm",
        (0.0, 10.0, 20.0),
        "cube",
        fed(Role.SKIRT_BRIM),
        "rises",
        (("adhesion.skirt_loops", "1"), ("adhesion.skirt_layers", "1")),
    ),
    Row(
        "adhesion.brim_width_mm",
        (0.0, 2.0, 5.0),
        "cube",
        count_on(0, Role.SKIRT_BRIM),
        lambda w: math.floor(w / SPACING),
    ),
    Row(
        "adhesion.brim_gap_mm",
        (0.0, 0.3),
        "cube",
        skirt_distance,
        lambda gap: gap + 0.42,
        (("adhesion.brim_width_mm", "2.0"),),
        within=0.002,
    ),
    Row(
        "compensation.xy_mm",
        (-0.1, 0.0, 0.1),
        "cube",
        reach(Role.EXTERNAL_PERIMETER, 5),
        lambda xy: 4.5 + xy - 0.225,
        within=0.001,
    ),
    Row(
        "compensation.hole_mm",
        (-0.1, 0.0, 0.1),
        "drilled",
        reach(Role.EXTERNAL_PERIMETER, 5, inner=True),
        lambda r: 1.5 + r + 0.225,
        within=0.01,
    ),
    Row(
        "compensation.elephant_foot_mm",
        (0.0, 0.2),
        "cube",
        reach(Role.EXTERNAL_PERIMETER, 0),
        lambda foot: 4.5 - foot - 0.21,
        within=0.001,
    ),
    Row(
        # The corners of the outer wall around a polygon of so many sides about the nominal hole.
        "compensation.circle_chord_mm",
        (0.0, 0.005, 0.05),
        "drilled",
        reach(Role.EXTERNAL_PERIMETER, 5, inner=True),
        lambda chord: {
            0.0: 1.5 + 0.225 / math.cos(math.pi / 60),
            0.005: 1.725 / math.cos(math.pi / 48),
            0.05: 1.725 / math.cos(math.pi / 16),
        }[chord],
        within=0.001,
    ),
]
TREE = ("supports.style", "tree")
SUPPORTED: Settings = (("supports.enabled", "true"), ("raft.first_layer_expansion_mm", "0.0"))
ON_RAFT: Settings = (("raft.layers", "4"),)
ASIDE = (Role.SUPPORT, Role.SUPPORT_INTERFACE)


def supported(
    key: str,
    values: tuple[object, ...],
    part: str,
    measure: Measure,
    wanted: Callable[[float], float] | str,
    *beside: tuple[str, str],
) -> Row:
    on = tuple(setting for setting in SUPPORTED if setting[0] != key)
    return Row(key, values, part, measure, wanted, (*on, *beside), within=0.002)


def free_over(*, face_mm: float) -> Measure:
    """From a face that looks up to the lowest support above it, mm."""

    def of(toolpath: Toolpath) -> float:
        layer = np.unique(toolpath.layer[np.isin(toolpath.role, ASIDE)])
        bottom = (toolpath.layer_top_um - toolpath.layer_height_um)[layer] / 1e3
        return float(bottom[bottom > face_mm - 0.1].min()) - face_mm

    return of


def free_under(*, face_mm: float) -> Measure:
    """From the highest support to the face above it, mm."""

    def of(toolpath: Toolpath) -> float:
        layer = int(toolpath.layer[np.isin(toolpath.role, ASIDE)].max())
        return face_mm - float(toolpath.layer_top_um[layer]) / 1e3

    return of


def free_beside(toolpath: Toolpath) -> float:
    """From an interface's lines on layer 28 to the part's outer walls there, middle to middle."""
    mine = [line for line in lines_laid(toolpath) if line.layer == 28]
    one, other = (
        shapely.MultiLineString([line.xy_um / 1e3 for line in mine if line.role in roles])
        for roles in (ASIDE, (Role.EXTERNAL_PERIMETER,))
    )
    return float(one.distance(other))


def raft_layers(toolpath: Toolpath) -> float:
    """Layers below the part's first."""
    return float(toolpath.layer[toolpath.role == Role.EXTERNAL_PERIMETER].min())


def raft_gap(toolpath: Toolpath) -> float:
    first = int(raft_layers(toolpath))
    bottom = toolpath.layer_top_um[first] - toolpath.layer_height_um[first]
    return float(bottom - toolpath.layer_top_um[first - 1]) / 1e3


def fed_first(toolpath: Toolpath) -> float:
    return float(toolpath.e_e5[(toolpath.layer == 0) & np.isin(toolpath.role, ASIDE)].sum()) / 1e5


ROWS += [
    Row("widths.support_mm", (0.4, 0.6), "tee", width(Role.SUPPORT), same, SUPPORTED),
    Row("speeds.support_mm_s", (22.0, 33.5), "tee", feed(Role.SUPPORT), same, SUPPORTED),
    Row(
        "speeds.support_interface_mm_s",
        (22.0, 33.5),
        "tee",
        feed(Role.SUPPORT_INTERFACE),
        same,
        SUPPORTED,
    ),
    supported("supports.enabled", (False, True), "tee", has(Role.SUPPORT), same),
    supported("supports.style", ("snug", "grid"), "tee", fed(*ASIDE), "rises"),
    supported("supports.angle_deg", (20.0, 40.0, 60.0), "ball", fed(*ASIDE), "rises"),
    supported("supports.min_area_mm2", (1.0, 100.0), "tee", has(Role.SUPPORT), lambda a: a < 70),
    supported(
        "supports.top_distance_mm",
        (0.0, 0.2, 0.25),
        "tee",
        free_under(face_mm=6.0),
        lambda free: math.ceil(round(free / 0.2, 6)) * 0.2,
    ),
    supported(
        "supports.bottom_distance_mm",
        (0.0, 0.2, 0.25),
        "shelf",
        free_over(face_mm=1.0),
        lambda free: math.ceil(round(free / 0.2, 6)) * 0.2,
    ),
    supported(
        "supports.xy_gap_ratio",
        (0.5, 1.0, 2.0),
        "tee",
        free_beside,
        lambda ratio: 0.45 * (ratio + 0.5) + (0.4 - 0.2 * 0.2146018366) / 2,
    ),
    supported("supports.tree.tip_distance_mm", (1.0, 3.0), "tee", fed(Role.SUPPORT), "falls", TREE),
    supported("supports.tree.tip_diameter_mm", (0.6, 1.2), "tee", fed(Role.SUPPORT), "rises", TREE),
    supported(
        "supports.tree.branch_diameter_mm",
        (0.8, 2.0),
        "tee",
        fed(Role.SUPPORT),
        "rises",
        TREE,
        ("supports.tree.diameter_angle_deg", "15"),
    ),
    supported(
        "supports.tree.diameter_angle_deg", (0.0, 15.0), "tee", fed(Role.SUPPORT), "rises", TREE
    ),
    supported(
        "supports.tree.branch_angle_deg", (5.0, 50.0), "tee", fed(Role.SUPPORT), "falls", TREE
    ),
    supported("supports.spacing_mm", (0.5, 1.0, 2.0), "tee", fed(Role.SUPPORT), "falls"),
    supported(
        "supports.interface_spacing_mm",
        (0.0, 0.2, 0.8),
        "tee",
        fed(Role.SUPPORT_INTERFACE),
        "falls",
    ),
    supported(
        "supports.top_interface_layers", (0, 2, 3), "tee", layers_with(Role.SUPPORT_INTERFACE), same
    ),
    supported(
        "supports.bottom_interface_layers",
        (0, 1, 3),
        "shelf",
        layers_with(Role.SUPPORT_INTERFACE),
        same,
        ("supports.top_interface_layers", "0"),
    ),
    supported(
        "supports.closing_radius_mm", (0.0, 2.0), "comb", fed(Role.SUPPORT_INTERFACE), "rises"
    ),
    supported(
        "supports.on_build_plate_only", (False, True), "shelf", has(Role.SUPPORT), lambda on: not on
    ),
    supported(
        "supports.dont_support_bridges",
        (False, True),
        "short bridge",
        has(Role.SUPPORT),
        lambda on: not on,
    ),
    Row("raft.layers", (0, 1, 3), "cube", raft_layers, same),
    Row(
        "raft.interface_layers",
        (0, 1, 3, 9),
        "cube",
        layers_with(Role.SUPPORT_INTERFACE),
        lambda asked: min(asked, 3),
        ON_RAFT,
    ),
    Row("raft.contact_distance_mm", (0.0, 0.1, 0.25), "cube", raft_gap, same, ON_RAFT),
    Row("raft.expansion_mm", (0.0, 1.0, 3.0), "cube", reach(Role.SUPPORT, 1), "rises", ON_RAFT),
    Row("raft.first_layer_density_ratio", (0.3, 0.6, 0.9), "cube", fed_first, "rises", ON_RAFT),
    Row(
        "raft.first_layer_expansion_mm",
        (0.0, 1.0, 3.0),
        "cube",
        reach(Role.SUPPORT, 0),
        "rises",
        ON_RAFT,
    ),
]
NO_TOOLPATH = (
    *("id", "title_en", "plate.", "prime_tower.", "arcs."),
    *("design.", "integrity.", "printability.", "provenance.", "heal_gap_mm"),
)
"""Names, what concerns several parts (tests of plating) or tools (test_tools), how moves are
written, what the auditor is told, where values come from, and what only a report says."""


@pytest.mark.parametrize("row", ROWS, ids=[row.key for row in ROWS])
def test_a_setting_is_seen(row: Row) -> None:
    found = [
        row.measure(planned(row.part, (*row.beside, (row.key, text(value)))))
        for value in row.values
    ]
    if callable(row.wanted):
        wanted = [float(row.wanted(value)) for value in row.values]  # type: ignore[arg-type]
        assert found == pytest.approx(wanted, abs=row.within)
        assert len(set(wanted)) > 1
    elif row.wanted == "differs":
        assert len(set(found)) == len(found)
    else:
        steps = np.diff(found)
        assert (steps > 0 if row.wanted == "rises" else steps < 0).all()


def test_every_process_key_has_a_row() -> None:
    keys = [key for key in settable_keys(Process) if not key.startswith(NO_TOOLPATH)]
    assert sorted({row.key for row in ROWS}) == sorted(keys)


def test_seams_lie_where_the_setting_says() -> None:
    spots = {
        seam: seam_spots(planned("ell", (("walls.seam", seam),)))
        for seam in ("aligned", "rear", "nearest")
    }
    # In the inner corner, at the rear, and next to where the nozzle was.
    assert np.hypot(*(spots["aligned"] - [5.775, 5.775]).T).max() < 0.5
    assert (spots["rear"][:, 1] > 13.0).all()
    assert len(spots["nearest"]) == len(spots["rear"])
    travel = {
        seam: float(lengths_um(t)[is_kind(t, MoveKind.TRAVEL)].sum())
        for seam in spots
        for t in [planned("two bodies", (("walls.seam", seam),))]
    }
    assert travel["nearest"] < min(travel["aligned"], travel["rear"])


def test_density_is_in_the_filament() -> None:
    feds = [
        fed(Role.INTERNAL_INFILL)(planned("slab", (("infill.density_ratio", d),)))
        for d in ("0.2", "0.4")
    ]
    # Joins along the walls come on top: they do not double.
    assert 1.6 < feds[1] / feds[0] < 2.1


# -------------------------------------------------------------------- material and machine


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


MATERIAL_ROWS = [
    Row("material.flow_ratio", (0.9, 1.1), "cube", whole_fed, "rises"),
    Row("material.filament_diameter_mm", (1.7, 2.85), "cube", whole_fed, "falls"),
    Row(
        "material.max_flow_mm3_s",
        (2.0, 4.0),
        "cube",
        feed(Role.INTERNAL_INFILL),
        lambda q: q / (0.2 * (0.45 - 0.2 * 0.2146018366)),
        within=0.02,
    ),
    Row(
        "material.fan.min_ratio",
        (0.2, 0.6),
        "cube",
        fan_at(10),
        same,
        (("material.fan.below_layer_time_s", "0.0"),),
    ),
    Row(
        "material.fan.max_ratio",
        (0.5, 0.9),
        "cube",
        fan_at(10),
        same,
        (
            ("material.fan.min_ratio", "0.0"),
            ("material.fan.below_layer_time_s", "900.0"),
            ("material.fan.slowdown_below_layer_time_s", "900.0"),
        ),
    ),
    Row(
        "material.fan.bridge_ratio",
        (0.5, 0.9),
        "bridge",
        fan_at(25, bridge=True),
        same,
        (("material.fan.min_ratio", "0.1"), ("material.fan.below_layer_time_s", "0.0")),
    ),
    Row("material.fan.off_layers", (0, 3), "cube", fan_at(1), "falls"),
    Row("material.fan.full_layer", (2, 10), "cube", fan_at(4), "falls"),
    Row(
        "material.fan.below_layer_time_s",
        (0.0, 400.0),
        "cube",
        fan_at(10),
        "rises",
        (("material.fan.min_ratio", "0.1"),),
    ),
    Row(
        "material.fan.slowdown_below_layer_time_s",
        (10.0, 16.0, 25.0),
        "cube",
        layer_time_s,
        same,
        (("material.fan.min_print_speed_mm_s", "1.0"),),
        within=0.3,
    ),
    Row(
        "material.fan.min_print_speed_mm_s",
        (5.0, 12.0),
        "cube",
        slowest,
        same,
        (("material.fan.slowdown_below_layer_time_s", "90.0"),),
    ),
]
RETRACTION_ROWS = [
    Row("printer.retraction.length_mm", (0.4, 0.7, 2.5), "letters", drawn_back, same),
    Row(
        "printer.retraction.speed_mm_s",
        (20.0, 30.0),
        "letters",
        feed_of_kind(MoveKind.RETRACT),
        same,
    ),
    Row(
        "printer.retraction.deretract_speed_mm_s",
        (20.0, 30.0),
        "letters",
        feed_of_kind(MoveKind.UNRETRACT),
        same,
    ),
    Row("printer.retraction.min_travel_mm", (0.5, 3.0, 30.0), "letters", retracted_ways, "falls"),
    Row("printer.retraction.lift_mm", (0.0, 0.2, 0.6), "letters", lifted, same),
    Row("printer.retraction.hop_slope_deg", (0.5, 1.0, 3.0), "letters", lifted, "rises"),
    Row("printer.retraction.only_when_leaving", (True, False), "letters", retracted_ways, "rises"),
    Row(
        "printer.retraction.is_wiping",
        (False, True),
        "letters",
        lambda t: float(is_kind(t, MoveKind.WIPE).any()),
        same,
    ),
    Row(
        "printer.retraction.before_wipe_ratio",
        (0.2, 0.6),
        "letters",
        share_before_wipe,
        same,
        (("printer.retraction.is_wiping", "true"),),
        within=1e-4,
    ),
    Row("printer.retraction.on_layer_change", (False, True), "cube", retracted_ways, "rises"),
]
OF_OTHERS = {
    # The auditor's limit, not the generator's.
    "printer.retraction.max_length_mm",
}


@pytest.mark.parametrize(
    "row", MATERIAL_ROWS + RETRACTION_ROWS, ids=[row.key for row in MATERIAL_ROWS + RETRACTION_ROWS]
)
def test_a_setting_of_material_or_machine_is_seen(row: Row) -> None:
    test_a_setting_is_seen(row)


def test_every_fan_and_retraction_key_has_a_row() -> None:
    keys = {f"material.{key}" for key in settable_keys(Material) if key.startswith("fan.")}
    keys |= {f"printer.{key}" for key in settable_keys(Printer) if key.startswith("retraction.")}
    rows = {row.key for row in MATERIAL_ROWS + RETRACTION_ROWS}
    assert keys - OF_OTHERS <= rows


def test_filament_goes_with_flow_and_with_the_square_of_its_diameter() -> None:
    for key, a, b, ratio in (
        ("material.flow_ratio", "0.9", "1.1", 1.1 / 0.9),
        ("material.filament_diameter_mm", "1.7", "2.85", (1.7 / 2.85) ** 2),
    ):
        one, other = (whole_fed(planned("cube", ((key, value),))) for value in (a, b))
        assert other / one == pytest.approx(ratio, rel=1e-5)

"""What a row of the tables of settings is, and parts planned with the settings of one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from manifold3d import CrossSection, Manifold

from printstd.artifacts.toolpath import Toolpath
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import plan, profiles, stack_for
from tests.unit.toolpath.solids import block

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


def same(value: float) -> float:
    return value

"""Keys of supports and rafts, each with the part and the measure on which it shows."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import shapely

from printstd.artifacts.toolpath import Role, Toolpath
from tests.unit.toolpath.planning import lines_laid
from tests.unit.toolpath.settings.measures import fed, feed, has, layers_with, reach, width
from tests.unit.toolpath.settings.planned import Measure, Row, Settings, same

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


SUPPORT_ROWS = [
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

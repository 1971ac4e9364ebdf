"""THK-01: Minimum wall

What it demands
    Walls are at least as thick as the nozzle is wide, floors and roofs at least one layer. Walls
    below the material's recommended minimum and skins below three layers are warned about.

Why
    A wall thinner than one line is left out by the slicer or drawn too thick. A skin thinner
    than a layer is a hole.

How it is measured
    Points are spread over the surface at a fixed density, at least one per facet. From each, a
    ray goes straight inwards; it counts where it leaves by a face opposed within 20 degrees and
    the way back agrees within 10 %. Knife edges and rims thus do not read as walls. Distances
    are those to the plane of the facet that was hit. Thickness does not depend on how
    the part lies; which limit holds does: where the surface is steeper than 45 degrees it is a
    wall, elsewhere a skin.
    Thin points are grouped. A group smaller than one nozzle in every direction is reported only;
    one smaller than 2 x 2 mm is a spot, such as a hole that almost breaks through, and is warned
    about; anything larger is a wall.
    A thin place smaller than the distance between points, given in the finding, can be missed.

Example
    A tube with a wall of 0.30 mm for a 0.4 mm nozzle fails.

Standard and clause
    Facts of design guides: wall below one line width fails, below 0.8 mm (PLA) is warned about;
    smallest feature worth designing 2 mm. Printer: nozzle_mm; material: min_wall_mm; process:
    layer_height_mm
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.cell_clusters import cluster_points
from printstd.kernels.distinct import distinct
from printstd.kernels.opposed_rays import opposed_walls, surface_samples
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import closed_surface, facets
from printstd.validate.outcome import counted

_MOST_SAMPLES = 300_000
_SPOT_MM2 = 4.0
"""2 x 2 mm: the smallest feature that design guides call good."""

_SLACK_MM = 1e-3
"""A wall drawn at the limit may read this much less: chords of curved walls, float32."""

_LAYERS_OF_SKIN = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Thin:
    """Points with material of little thickness behind them.

    point_mm : (n, 3), thickness_mm, area_mm2 : (n,), facet : (n,) int64.
    """

    point_mm: NDArray[np.float64]
    thickness_mm: NDArray[np.float64]
    area_mm2: NDArray[np.float64]
    facet: NDArray[np.int64]

    def only(self, chosen: NDArray[np.bool_]) -> _Thin:
        return _Thin(
            self.point_mm[chosen],
            self.thickness_mm[chosen],
            self.area_mm2[chosen],
            self.facet[chosen],
        )


@dataclass(frozen=True, slots=True)
class _Limits:
    """What holds for one kind of place."""

    name: str
    least_mm: float
    wanted_mm: float
    source: str


def run(context: CheckContext) -> tuple[Finding, ...]:
    profile = context.resolved
    layer_mm = profile.process.layer_height_mm
    wall = _Limits("wall", profile.nozzle_mm, profile.material.min_wall_mm, "printer: nozzle_mm")
    skin = _Limits("skin", layer_mm, _LAYERS_OF_SKIN * layer_mm, "process: layer_height_mm")
    thin, spacing = _thin_points(context, max(wall.wanted_mm, skin.wanted_mm))
    up = context.shapes.normal[thin.facet] @ context.rotation[2]
    is_wall = np.abs(up) < np.sqrt(0.5)
    findings = [
        *_findings(context, thin.only(is_wall), wall, spacing),
        *_findings(context, thin.only(~is_wall), skin, spacing),
    ]
    return tuple(findings) or (
        CHECK.says(
            Status.PASS,
            f"no wall is thinner than {wall.wanted_mm:g} mm",
            measured=None,
            limit=wall.wanted_mm,
            unit="mm",
            details=(("distance between points", f"{spacing:.2f} mm"),),
        ),
    )


def _thin_points(context: CheckContext, reach: float) -> tuple[_Thin, float]:
    """(points with less than `reach` of material behind them, distance between points)."""
    shapes = context.shapes
    usable = np.flatnonzero(context.has_area)
    total = float(shapes.area[usable].sum())
    # Two points across the least wall of interest, unless the part is too large for that.
    per_sample = max((context.resolved.nozzle_mm) ** 2, total / _MOST_SAMPLES)
    samples = surface_samples(
        context.vertices_mm,
        context.faces,
        shapes.area,
        facets=usable,
        area_per_sample=per_sample,
    )
    walls = opposed_walls(context.vertices_mm, context.faces, shapes.normal, samples, reach=reach)
    own = walls.sample
    thin = _Thin(samples.point[own], walls.thickness, samples.area[own], samples.facet[own])
    return thin, float(np.sqrt(per_sample))


def _findings(context: CheckContext, thin: _Thin, limits: _Limits, spacing: float) -> list[Finding]:
    link = max(context.resolved.nozzle_mm, 3 * spacing)
    below = thin.only(thin.thickness_mm < limits.least_mm - _SLACK_MM)
    groups = _groups(below, link)
    nozzle = context.resolved.nozzle_mm
    large = [g for g in groups if g.area_mm2 >= _SPOT_MM2]
    specks = [g for g in groups if g.extent_mm < nozzle]
    spots = [g for g in groups if g not in large and g not in specks]
    poor = thin.only(thin.thickness_mm < limits.wanted_mm - _SLACK_MM)
    found = []
    if large:
        found.append(_finding(context, Status.FAIL, large, limits, limits.least_mm, spacing))
    if spots:
        found.append(_finding(context, Status.WARN, spots, limits, limits.least_mm, spacing))
    if specks:
        found.append(_finding(context, Status.INFO, specks, limits, limits.least_mm, spacing))
    weak = [g for g in _groups(poor, link) if g.extent_mm >= nozzle and g.is_new(limits, found)]
    if weak:
        found.append(_finding(context, Status.WARN, weak, limits, limits.wanted_mm, spacing))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    points: _Thin
    area_mm2: float
    """Of one side: both sides of a wall are sampled."""
    extent_mm: float
    """Longest side of the group's box along its own axes."""
    least_mm: float

    def is_new(self, limits: _Limits, found: list[Finding]) -> bool:
        """Not one that a harder finding has named already."""
        return not found or self.least_mm >= limits.least_mm - _SLACK_MM


def _groups(thin: _Thin, link: float) -> list[_Group]:
    """Largest first."""
    label, count = cluster_points(thin.point_mm, link)
    groups = []
    for index in range(count):
        own = thin.only(label == index)
        centred = own.point_mm - own.point_mm.mean(axis=0)
        axes = np.linalg.eigh(centred.T @ centred)[1]
        extent = float(np.ptp(centred @ axes, axis=0).max())
        groups.append(
            _Group(own, float(own.area_mm2.sum()) / 2, extent, float(own.thickness_mm.min()))
        )
    return sorted(groups, key=lambda group: -group.area_mm2)


def _finding(
    context: CheckContext,
    status: Status,
    groups: list[_Group],
    limits: _Limits,
    limit: float,
    spacing: float,
) -> Finding:
    least = min(group.least_mm for group in groups)
    median = float(np.median(np.concatenate([g.points.thickness_mm for g in groups])))
    area = sum(group.area_mm2 for group in groups)
    kind = {Status.FAIL: limits.name, Status.INFO: "speck"}.get(status, f"thin {limits.name}")
    if status is Status.WARN and limit == limits.least_mm:
        kind = f"thin spot in a {limits.name}"
    places = counted(len(groups), "place")
    return CHECK.says(
        status,
        f"{kind}: {least:.3f} mm at the thinnest, at {places}, {area:.2f} mm2; "
        f"{limits.name}s want {limit:g} mm",
        measured=round(least, 3),
        limit=limit,
        unit="mm",
        where=_places(context, groups),
        source=limits.source if limit == limits.least_mm else None,
        details=(
            ("median thickness there", f"{median:.3f} mm"),
            ("distance between points", f"{spacing:.2f} mm"),
        ),
    )


def _places(context: CheckContext, groups: list[_Group]) -> tuple[Where, ...]:
    return tuple(
        context.where(group.points.point_mm, distinct(group.points.facet))
        for group in groups[:MOST_PLACES]
    )


CHECK = Check(
    "THK-01",
    "Minimum wall",
    "printer: nozzle_mm; material: min_wall_mm; process: layer_height_mm",
    run,
    (facets, closed_surface),
)

"""What every style of support is given, and what it gives back.

Layers are those of the part, counted from its lowest (which lies on the bed, or on a raft). A
style gets the contacts (`contacts`: of every layer the area that must be held from below), the
sections and a `SupportSpec`, and gives `SupportAreas`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings
from printstd.kernels.turns import cos_sin
from printstd.profiles.resolved import Resolved
from printstd.profiles.supports import SupportStyle
from printstd.profiles.wall_models import FuzzyWalls
from printstd.units import NM_PER_UM, nm

_BEYOND_DEG = 1.0
"""Surfaces at the very angle of the threshold hold themselves (facts of slicers 2.9)."""


class SupportAreas(NamedTuple):
    """body, interface : one per layer of the part. They do not overlap; the interface is what lies
    next to the part and is laid densely."""

    body: list[Rings]
    interface: list[Rings]


@dataclass(frozen=True, slots=True)
class TreeSpec:
    """The settings of branches. lean_ratio, swell_ratio : how far to the side a branch goes, and
    how much its radius grows, per nm of height."""

    tip_radius_nm: int
    tip_distance_nm: int
    branch_radius_nm: int
    lean_ratio: float
    swell_ratio: float

    @property
    def trunk_radius_nm(self) -> int:
        """The thickest that many joined branches become."""
        return 3 * self.branch_radius_nm

    def radius_nm(self, below_nm: NDArray[np.int64], tips: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) of branches so far below their tips, with so many of them."""
        grown = self.tip_radius_nm + np.rint(below_nm * self.swell_ratio).astype(np.int64)
        most = np.rint(self.branch_radius_nm * np.sqrt(tips.astype(np.float64))).astype(np.int64)
        return np.asarray(np.minimum(np.minimum(grown, most), self.trunk_radius_nm), np.int64)


@dataclass(frozen=True, slots=True)
class SupportSpec:
    """The resolved settings of the supports, as the integers that the passes use.

    angle_deg : 0 = automatic. width_nm : of a support's bead. external_nm : of an external
    perimeter. carried_nm : how far beyond the section below a bead's middle may lie. xy_gap_nm,
    top_distance_nm, bottom_distance_nm : what is left free between support and part. spacing_nm,
    interface_spacing_nm : what is left free between lines. longest_bridge_nm : None where bridges
    are supported too.
    """

    style: SupportStyle
    angle_deg: float
    min_area_nm2: int
    width_nm: int
    external_nm: int
    carried_nm: int
    xy_gap_nm: int
    top_distance_nm: int
    bottom_distance_nm: int
    spacing_nm: int
    interface_spacing_nm: int
    top_interface_layers: int
    bottom_interface_layers: int
    closing_nm: int
    on_build_plate_only: bool
    longest_bridge_nm: int | None
    tree: TreeSpec

    @property
    def is_soluble(self) -> bool:
        """No distance is left under the part: it lies on its supports as on itself."""
        return self.top_distance_nm == 0


def support_spec(resolved: Resolved) -> SupportSpec:
    process = resolved.process
    own = process.supports
    external = nm(process.widths.external_perimeter_mm)
    skin = process.fuzzy_skin
    # Rough walls reach so far beyond the sections that supports keep their gap from.
    rough = 0 if skin.walls is FuzzyWalls.NONE else nm(skin.thickness_mm)
    return SupportSpec(
        style=own.style,
        angle_deg=own.angle_deg,
        min_area_nm2=round(own.min_area_mm2 * 1e12),
        width_nm=nm(process.widths.support_mm),
        external_nm=external,
        carried_nm=nm(resolved.nozzle_mm) // 2,
        xy_gap_nm=round(external * own.xy_gap_ratio) + rough,
        top_distance_nm=nm(own.top_distance_mm),
        bottom_distance_nm=nm(own.bottom_distance_mm),
        spacing_nm=nm(own.spacing_mm),
        interface_spacing_nm=nm(own.interface_spacing_mm),
        top_interface_layers=own.top_interface_layers,
        bottom_interface_layers=own.bottom_interface_layers,
        closing_nm=nm(own.closing_radius_mm),
        on_build_plate_only=own.on_build_plate_only,
        longest_bridge_nm=nm(process.integrity.max_air_mm) if own.dont_support_bridges else None,
        tree=TreeSpec(
            tip_radius_nm=nm(own.tree.tip_diameter_mm) // 2,
            tip_distance_nm=nm(own.tree.tip_distance_mm),
            branch_radius_nm=nm(own.tree.branch_diameter_mm) // 2,
            lean_ratio=_tangent(own.tree.branch_angle_deg),
            swell_ratio=_tangent(own.tree.diameter_angle_deg),
        ),
    )


def _tangent(angle_deg: float) -> float:
    c, s = cos_sin(np.array([angle_deg / 360.0]))
    return float(s[0]) / float(c[0])


def free_reach_nm(spec: SupportSpec, height_nm: int) -> int:
    """How far a layer `height_nm` thick may reach beyond the one below and hold itself:
    h / tan(angle + 1 deg), or half an external perimeter."""
    if not spec.angle_deg:
        return spec.external_nm // 2
    c, s = cos_sin(np.array([(spec.angle_deg + _BEYOND_DEG) / 360.0]))
    return round(height_nm * float(c[0]) / float(s[0]))


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Where supports of each layer may be, counted in whole layers.

    top_nm, bottom_nm : (l,) int64, nm, of each layer, above the bed or the raft. rests_on : (l,)
    int64, the highest layer whose support may hold layer i, its contact distance left free; -1
    where there is no room for any. low, high : (l,) int64, a support of layer j keeps its gap from
    the sections of layers low[j]..high[j].
    """

    top_nm: NDArray[np.int64]
    bottom_nm: NDArray[np.int64]
    rests_on: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.top_nm)


def levels_of(height_um: NDArray[np.int64], spec: SupportSpec) -> Levels:
    """height_um : (l,) int64, of the part's layers, bottom up."""
    height = height_um * NM_PER_UM
    top = np.cumsum(height)
    bottom = top - height
    layers = np.arange(len(top))
    # Sections that begin less than the distance above a support's top, and those that end less
    # than the other one below its bottom.
    high = np.searchsorted(bottom, top + spec.top_distance_nm, side="left") - 1
    low = np.searchsorted(top, bottom - spec.bottom_distance_nm, side="right")
    return Levels(
        top_nm=top,
        bottom_nm=bottom,
        rests_on=np.searchsorted(top, bottom - spec.top_distance_nm, side="right") - 1,
        low=np.minimum(low, layers),
        high=np.maximum(high, layers),
    )

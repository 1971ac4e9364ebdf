"""Areas and settings for tests of the supports: no profile is read unless a test asks for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from printstd.kernels.rings import Rings, canonical, from_list
from printstd.profiles.supports import SupportStyle
from printstd.toolpath.supports.areas import SupportSpec, TreeSpec

MM = 1_000_000
SPEC = SupportSpec(
    style=SupportStyle.SNUG,
    angle_deg=0.0,
    min_area_nm2=round(0.5e12),
    width_nm=400_000,
    external_nm=450_000,
    carried_nm=200_000,
    xy_gap_nm=270_000,
    top_distance_nm=200_000,
    bottom_distance_nm=200_000,
    spacing_nm=2_000_000,
    interface_spacing_nm=200_000,
    top_interface_layers=2,
    bottom_interface_layers=0,
    closing_nm=2_000_000,
    on_build_plate_only=False,
    longest_bridge_nm=10_000_000,
    tree=TreeSpec(
        tip_radius_nm=400_000,
        tip_distance_nm=1_500_000,
        branch_radius_nm=1_000_000,
        lean_ratio=0.8391,
        swell_ratio=0.0875,
    ),
)


def spec(**changes: object) -> SupportSpec:
    return replace(SPEC, **changes)  # type: ignore[arg-type]


def box(x0: float, y0: float, x1: float, y1: float) -> Rings:
    """A rectangle, mm."""
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) * MM
    return from_list([np.rint(corners).astype(np.int64)])


def boxes(*corners: tuple[float, float, float, float]) -> Rings:
    """Rectangles that do not touch."""
    parts = [box(*each) for each in corners]
    return canonical(from_list([part.xy_nm for part in parts]))


def disc(radius_mm: float, n_sides: int = 96) -> Rings:
    turn = 2 * np.pi * np.arange(n_sides) / n_sides
    xy = radius_mm * MM * np.column_stack([np.cos(turn), np.sin(turn)])
    return canonical(from_list([np.rint(xy).astype(np.int64)]))


def region(rings: Rings) -> shapely.Geometry:
    """The area of rings as another library sees it, mm. Rings of one set may touch themselves and
    each other in points: what lies inside an odd number of them is the area."""
    area = shapely.Polygon()
    for index in range(rings.n_rings):
        ring = shapely.Polygon(rings.ring(index) / MM)
        area = shapely.symmetric_difference(area, shapely.make_valid(ring))
    return area

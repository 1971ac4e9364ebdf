"""LayerSpecs for tests of the passes: no profile is read."""

from __future__ import annotations

from dataclasses import replace

from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath.spec import Bead, LayerSpec, bead_of


def layer_spec(
    *,
    height_nm: int = 200_000,
    width_mm: float = 0.45,
    inner_mm: float | None = None,
    **changes: object,
) -> LayerSpec:
    """0.45 mm beads of a 0.4 mm nozzle, 0.2 mm layers, two walls, nothing compensated; `changes`
    replace fields."""
    bead = bead_of(width_mm, height_nm)
    inner: Bead = bead_of(inner_mm or width_mm, height_nm)
    base = LayerSpec(
        height_nm=height_nm,
        nozzle_nm=400_000,
        external=bead,
        inner=inner,
        sparse=inner,
        solid=inner,
        top=inner,
        wall_count=2,
        precise_outer=False,
        one_wall_on_top=False,
        extra_overhang_walls=False,
        is_spiral=False,
        thin_walls=True,
        gap_fill=True,
        top_layers=4,
        bottom_layers=4,
        ensure_vertical=True,
        solid_below_area_nm2=0,
        density_ratio=0.15,
        pattern=next(iter(InfillPattern)),
        angle_deg=45.0,
        overlap_ratio=0.15,
        anchor_nm=2_500_000,
        anchor_max_nm=12_000_000,
        combine_layers=1,
        ironing=None,
        bridge_flow_ratio=1.0,
        thick_external_bridges=False,
        thick_internal_bridges=True,
        xy_nm=0,
        hole_nm=0,
        elephant_foot_nm=0,
        circle_chord_nm=0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]

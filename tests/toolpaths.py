"""Toolpaths made by hand: a pen that draws moves one by one, and a small honest print."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.kernels.bead import QUARTER_PI, area_nm2

COLUMNS: dict[str, Any] = {
    "kind": np.uint8,
    "role": np.uint8,
    "layer": np.int32,
    "object_id": np.int32,
    "xy_um": np.int64,
    "z_um": np.int64,
    "e_e5": np.int64,
    "feed_mm_min": np.int32,
    "accel_mm_s2": np.int32,
    "fan_ratio_e3": np.int16,
    "width_nm": np.int64,
    "height_nm": np.int64,
}


@dataclass
class Pen:
    """Draws moves; what is not said stays as it was. um, 1e-5 mm, mm/min."""

    start_xy_um: tuple[int, int] = (70_000, 5_000)
    start_z_um: int = 2_000
    layer_um: int = 200
    filament_mm: float = 1.75
    names: tuple[str, ...] = ("part",)
    rows: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = {
            "layer": 0,
            "object_id": -1,
            "xy_um": self.start_xy_um,
            "z_um": self.start_z_um,
            "fan_ratio_e3": 0,
        }

    def move(self, kind: MoveKind, feed: int, **changes: Any) -> None:
        """One move; `changes` name columns. Place, layer, object and fan stay as they are."""
        row = {"role": Role.NONE, "e_e5": 0, "accel_mm_s2": 0, "width_nm": 0, "height_nm": 0}
        row |= self.state | changes | {"kind": kind, "feed_mm_min": feed}
        self.rows.append(row)
        self.state = {key: row[key] for key in self.state}

    def go(self, xy_um: tuple[int, int], *, drawn_e5: int = 0, **changes: Any) -> None:
        """Draw back, lift, travel, drop, push forward: a hop as `toolpath` lays it."""
        z = changes.pop("z_um", self.state["z_um"])
        if drawn_e5 and self.rows:
            self.move(MoveKind.RETRACT, 2_100, e_e5=-drawn_e5)
        if z > self.state["z_um"]:
            self.move(MoveKind.LIFT, 600, z_um=z, **changes)
        self.move(MoveKind.TRAVEL, 9_000, xy_um=xy_um, **changes)
        if z != self.state["z_um"]:
            self.move(MoveKind.LIFT, 600, z_um=z, **changes)
        if drawn_e5 and any(row["kind"] == MoveKind.RETRACT for row in self.rows):
            self.move(MoveKind.UNRETRACT, 2_100, e_e5=drawn_e5)

    def lay(
        self, xy_um: tuple[int, int], feed: int, role: Role, width_nm: int, **more: Any
    ) -> None:
        """A bead of the layer's height from here to there."""
        height_nm = self.layer_um * 1_000
        (ax, ay), (bx, by) = self.state["xy_um"], xy_um
        length_mm = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 / 1_000
        section_mm2 = area_nm2(width_nm, height_nm) * 1e-12
        e_mm = length_mm * section_mm2 / (QUARTER_PI * self.filament_mm**2)
        bead = {"role": role, "width_nm": width_nm, "height_nm": height_nm}
        self.move(MoveKind.EXTRUDE, feed, xy_um=xy_um, e_e5=round(e_mm * 1e5), **bead | more)

    def toolpath(self, n_layers: int | None = None) -> Toolpath:
        count = n_layers or max((row["layer"] for row in self.rows), default=-1) + 1
        columns = {
            name: np.array([row[name] for row in self.rows], dtype)
            for name, dtype in COLUMNS.items()
        }
        columns["xy_um"] = columns["xy_um"].reshape(-1, 2)
        return Toolpath(
            **columns,
            layer_top_um=self.layer_um * np.arange(1, count + 1),
            layer_height_um=np.full(count, self.layer_um),
            start_xy_um=self.start_xy_um,
            start_z_um=self.start_z_um,
            object_names=self.names,
        )


def square_loop(pen: Pen, centre_um: tuple[int, int], half_um: int, **bead: Any) -> None:
    """A closed square, ending where it starts."""
    x, y = centre_um
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    for dx, dy in corners[1:]:
        pen.lay((x + dx * half_um, y + dy * half_um), **bead)


def solid_block(
    pen: Pen,
    *,
    centre_um: tuple[int, int] = (110_000, 110_000),
    half_um: int = 4_000,
    n_layers: int = 6,
    drawn_e5: int = 80_000,
    wipe: bool = False,
    accelerations: tuple[int, int, int] = (0, 0, 0),
    fan_off_layers: int = 1,
) -> Pen:
    """A square block of concentric beads, 0.45 mm wide; outer wall, inner wall, solid inside.

    accelerations : outer, the rest, travel; mm/s2.
    """
    width_nm = 450_000
    spacing_um = round((width_nm - 0.2146018366 * pen.layer_um * 1_000) / 1_000)
    outer, rest, travel = accelerations
    for layer in range(n_layers):
        fan = 1000 if layer >= fan_off_layers else 0
        inset, ring = width_nm // 2_000, 0
        while half_um - inset > spacing_um // 2:
            half = half_um - inset
            corner = (centre_um[0] - half, centre_um[1] - half)
            pen.go(
                corner,
                drawn_e5=drawn_e5 if ring == 0 else 0,
                z_um=(layer + 1) * pen.layer_um,
                layer=layer,
                object_id=0,
                accel_mm_s2=travel,
                fan_ratio_e3=fan,
            )
            role = (
                (Role.EXTERNAL_PERIMETER, Role.PERIMETER)[ring] if ring < 2 else Role.SOLID_INFILL
            )
            bead = {"feed": 1_500 if ring == 0 else 2_700, "role": role, "width_nm": width_nm}
            square_loop(pen, centre_um, half, **bead, accel_mm_s2=rest if ring else outer)
            inset, ring = inset + spacing_um, ring + 1
        if wipe:
            place = pen.state["xy_um"]
            pen.move(MoveKind.WIPE, 8_640, xy_um=(place[0] + 500, place[1]), e_e5=-1_000)
            pen.move(MoveKind.WIPE, 8_640, xy_um=(place[0] + 500, place[1] + 300), e_e5=-500)
            pen.move(MoveKind.UNRETRACT, 2_100, e_e5=1_500)
    pen.move(MoveKind.RETRACT, 2_100, e_e5=-drawn_e5)
    return pen

"""What a reader must find in a program, worked out from the toolpath alone."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.profiles.models import Firmware
from tests.oracles.gcode_reader import Move, Reading

TYPES = {
    Role.NONE: "Custom",
    Role.EXTERNAL_PERIMETER: "External perimeter",
    Role.PERIMETER: "Perimeter",
    Role.OVERHANG_PERIMETER: "Overhang perimeter",
    Role.INTERNAL_INFILL: "Internal infill",
    Role.SOLID_INFILL: "Solid infill",
    Role.TOP_SOLID_INFILL: "Top solid infill",
    Role.BRIDGE_INFILL: "Bridge infill",
    Role.INTERNAL_BRIDGE_INFILL: "Bridge infill",
    Role.GAP_FILL: "Gap fill",
    Role.SKIRT_BRIM: "Skirt/Brim",
    Role.IRONING: "Ironing",
    Role.SUPPORT: "Support material",
    Role.SUPPORT_INTERFACE: "Support material interface",
    Role.WIPE_TOWER: "Wipe tower",
}


def fan_step(ratio_e3: int) -> int:
    """The nearest of 255 steps; never 1, which RepRapFirmware reads as all of the speed."""
    exact = Decimal(ratio_e3) * 255 / 1000
    step = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return 2 if step == 1 else step


def said_rows(toolpath: Toolpath) -> list[int]:
    """Moves that change anything, or say where they are in the plane anyway."""
    rows = []
    at = (*toolpath.start_xy_um, toolpath.start_z_um)
    for row in range(toolpath.n_moves):
        place = (*toolpath.xy_um[row].tolist(), int(toolpath.z_um[row]))
        goes = toolpath.kind[row] in (MoveKind.EXTRUDE, MoveKind.TRAVEL, MoveKind.WIPE)
        if goes or place != at or toolpath.e_e5[row]:
            rows.append(row)
        at = place
    return rows


def object_names(firmware: Firmware, names: tuple[str, ...]) -> list[str]:
    """What a machine calls each object, of names that stay apart in any case."""
    if firmware is Firmware.MARLIN2:
        return [f"object {number}" for number in range(len(names))]
    return [name.replace("-", "_") for name in names]


def check_moves(
    toolpath: Toolpath, reading: Reading, firmware: Firmware, *, has_labels: bool
) -> None:
    """Every move is there with its own numbers, and under what the toolpath says of it."""
    moves, rows = reading.body(), said_rows(toolpath)
    assert len(moves) == len(rows)
    names = object_names(firmware, toolpath.object_names)
    named: set[str] = set()
    for move, row in zip(moves, rows, strict=True):
        state = move.state
        named |= set(move.named)
        # Until the toolpath first goes somewhere, the nozzle is where the start code left it.
        if "X" in named:
            assert (state.x_um, state.y_um) == tuple(toolpath.xy_um[row].tolist())
        if named & set("XYZ"):
            assert state.z_um == toolpath.z_um[row]
        assert move.e_e5 == toolpath.e_e5[row]
        assert state.feed_mm_min == toolpath.feed_mm_min[row]
        assert state.layer == toolpath.layer[row]
        assert state.fan_step == fan_step(int(toolpath.fan_ratio_e3[row]))
        assert state.is_wiping is bool(toolpath.kind[row] == MoveKind.WIPE)
        number = int(toolpath.object_id[row])
        assert state.object_name == (names[number] if has_labels and number >= 0 else None)
        _check_bead(toolpath, row, move, shares=firmware is Firmware.KLIPPER)
    assert sum(move.e_e5 for move in moves) == int(toolpath.e_e5.sum())


def _check_bead(toolpath: Toolpath, row: int, move: Move, *, shares: bool) -> None:
    kind, accel = toolpath.kind[row], int(toolpath.accel_mm_s2[row])
    if kind == MoveKind.EXTRUDE:
        assert move.state.type_name == TYPES[Role(int(toolpath.role[row]))]
        assert move.state.width_mm == Decimal(int(toolpath.width_nm[row])).scaleb(-6)
        assert move.state.height_mm == Decimal(int(toolpath.height_nm[row])).scaleb(-6)
    if accel and (kind in (MoveKind.EXTRUDE, MoveKind.WIPE) or shares):
        assert move.state.print_accel == accel
    if accel and kind == MoveKind.TRAVEL:
        assert move.state.travel_accel == accel


def layer_blocks(reading: Reading) -> list[list[str]]:
    """The lines of each layer's block, tags included."""
    starts = [n for n, line in enumerate(reading.lines) if line == ";LAYER_CHANGE"]
    blocks = []
    for start in starts:
        end = reading.lines.index(";AFTER_LAYER_CHANGE", start)
        blocks.append(reading.lines[start : end + 2])
    return blocks


def tops_mm(toolpath: Toolpath) -> list[Decimal]:
    return [Decimal(top).scaleb(-3) for top in np.asarray(toolpath.layer_top_um).tolist()]

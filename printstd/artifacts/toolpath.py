"""Toolpath: toolpath -> gcode. The machine's moves in order, as a struct of arrays."""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array
from printstd.dataclass import dataclass
from printstd.kernels.hanging import Hanging


class Role(IntEnum):
    """What a bead is for (the field's words: facts of slicers 3.3)."""

    NONE = 0
    """Not an extrusion of the part: travel, retraction, wipe."""
    EXTERNAL_PERIMETER = 1
    PERIMETER = 2
    OVERHANG_PERIMETER = 3
    INTERNAL_INFILL = 4
    SOLID_INFILL = 5
    TOP_SOLID_INFILL = 6
    BRIDGE_INFILL = 7
    INTERNAL_BRIDGE_INFILL = 8
    GAP_FILL = 9
    SKIRT_BRIM = 10
    IRONING = 13
    """A second pass over a top, which lays next to nothing."""
    SUPPORT = 11
    SUPPORT_INTERFACE = 12
    """Next to the part. A raft is laid as these two."""
    WIPE_TOWER = 14
    """The prime tower: what tools lay after a change, and what carries that."""


class MoveKind(IntEnum):
    EXTRUDE = 0
    """XY moves, E grows."""
    TRAVEL = 1
    """XY (and perhaps Z) moves, E stands."""
    WIPE = 2
    """XY moves while the filament is drawn back."""
    RETRACT = 3
    """E alone, backwards."""
    UNRETRACT = 4
    """E alone, forwards."""
    LIFT = 5
    """Z alone: hop up, drop back, or step to the next layer."""


@dataclass(frozen=True, slots=True, eq=False)
class Toolpath:
    """All moves of the print, first layer to last; one row per move.

    kind : (m,) uint8, MoveKind. role : (m,) uint8, Role.
    layer : (m,) int32, never falling. object_id : (m,) int32, index into object_names, -1 none.
    xy_um : (m, 2) int64, um, bed frame: where the move ends. z_um : (m,) int64, likewise.
    e_e5 : (m,) int64, 1e-5 mm of filament fed by the move (negative: drawn back).
    feed_mm_min : (m,) int32. accel_mm_s2 : (m,) int32, 0 = leave the machine's own.
    fan_ratio_e3 : (m,) int16, thousandths of full speed during the move.
    width_nm, height_nm : (m,) int64, bead size of extrusions, 0 elsewhere.
    start_xy_um, start_z_um: where the nozzle stands before the first move.
    layer_top_um, layer_height_um : (l,) int64 of every layer.
    hanging : the areas laid over nothing, which supports would have to hold.
    tool : (m,) uint8, from 0; all 0 where not given. A change stands before the first move of the
        tool that comes, which goes nowhere and so says again where the nozzle is to be.
    """

    kind: NDArray[np.uint8]
    role: NDArray[np.uint8]
    layer: NDArray[np.int32]
    object_id: NDArray[np.int32]
    xy_um: NDArray[np.int64]
    z_um: NDArray[np.int64]
    e_e5: NDArray[np.int64]
    feed_mm_min: NDArray[np.int32]
    accel_mm_s2: NDArray[np.int32]
    fan_ratio_e3: NDArray[np.int16]
    width_nm: NDArray[np.int64]
    height_nm: NDArray[np.int64]
    layer_top_um: NDArray[np.int64]
    layer_height_um: NDArray[np.int64]
    start_xy_um: tuple[int, int]
    start_z_um: int
    object_names: tuple[str, ...]
    hanging: tuple[Hanging, ...] = ()
    tool: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        if not len(self.tool):
            set_(self, "tool", np.zeros(len(self.kind), np.uint8))
        for name, dtype in _DTYPES.items():
            shape: tuple[int | None, ...] = (None, 2) if name == "xy_um" else (None,)
            set_(self, name, frozen_array(name, getattr(self, name), dtype, shape))
        lengths = {len(getattr(self, name)) for name in _DTYPES if not name.startswith("layer_")}
        if len(lengths) != 1:
            raise TypeError(f"moves of different lengths: {sorted(lengths)}")
        if len(self.layer) and (np.diff(self.layer) < 0).any():
            raise TypeError("layer: falls")

    @property
    def n_moves(self) -> int:
        return len(self.kind)

    @property
    def changes(self) -> NDArray[np.int64]:
        """(c,) int64, moves before which the tool changes."""
        return np.flatnonzero(np.diff(self.tool)) + 1

    @property
    def tools(self) -> list[int]:
        """Those that are used, rising."""
        return np.flatnonzero(np.bincount(self.tool, minlength=1)).tolist() or [0]


_DTYPES: dict[str, type[np.generic]] = {
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
    "layer_top_um": np.int64,
    "layer_height_um": np.int64,
    "tool": np.uint8,
}

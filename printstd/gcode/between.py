"""What the machine and the readers of a program are told between moves, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.gcode.dialects import Label, Phrases
from printstd.gcode.estimate import PRINTING
from printstd.gcode.marks import Marks, as_bytes
from printstd.gcode.numbers import mm_text
from printstd.gcode.progress import progress_at
from printstd.profiles.models import Material
from printstd.units import NM_PER_UM

if TYPE_CHECKING:
    from printstd.gcode.tool_changes import Changes

TYPE_NAMES: Final = {
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
"""The words of the tags that previews know (facts of slicers 3.3)."""
_NM_DECIMALS: Final = 6


def marks_between(
    toolpath: Toolpath,
    time_ms: NDArray[np.int64],
    phrases: Phrases,
    labels: Sequence[Label],
    layer_code: Sequence[str],
    materials: Sequence[Material],
    fan_move: NDArray[np.int64],
    *,
    has_progress: bool,
    changes: Changes | None = None,
) -> Marks:
    """All marks of a print but those of the fan, whose places are left open; before one move they
    stand in the order of this function.

    time_ms : (m + 1,) int64, when each move starts, then when the last one ends. labels : empty
    where the machine wants none. layer_code : the machine's own lines for a new layer. materials :
    all that are printed, before them that which begins. fan_move : (k,) int64, the moves
    before which the fan may be spoken of. changes : of a machine with several tools.
    """
    marks = Marks()
    wipes = np.diff(toolpath.kind == MoveKind.WIPE, prepend=False, append=False)
    borders = np.flatnonzero(wipes)
    marks.add(borders[1::2], [b";WIPE_END\n"] * len(borders[1::2]))
    second = _second_layer(phrases, materials, changes)
    _layers(marks, toolpath, phrases, layer_code, second)
    if has_progress:
        _progress(marks, time_ms, phrases)
    if labels:
        _objects(marks, toolpath.object_id, phrases, labels)
    if changes is not None:
        marks.add(changes.at, changes.blocks)
    marks.leave_open(fan_move)
    _accelerations(marks, toolpath, phrases)
    _beads(marks, toolpath)
    marks.add(borders[::2], [b";WIPE_START\n"] * len(borders[::2]))
    return marks


def _layers(
    marks: Marks,
    toolpath: Toolpath,
    phrases: Phrases,
    layer_code: Sequence[str],
    second_layer: Sequence[str],
) -> None:
    n_layers = len(toolpath.layer_top_um)
    at = np.searchsorted(toolpath.layer, np.arange(n_layers))
    blocks = []
    for layer, (top_um, height_um) in enumerate(
        zip(toolpath.layer_top_um.tolist(), toolpath.layer_height_um.tolist(), strict=True)
    ):
        # Print hosts find layers only where Z has a point (facts of slicers 3.4).
        z = mm_text(top_um, min_decimals=1)
        # Moonraker takes Z from the second line after the first tag at the latest.
        block = [";LAYER_CHANGE", f";Z:{z}", f";HEIGHT:{mm_text(height_um)}"]
        block += [";BEFORE_LAYER_CHANGE", *layer_code[:1], f";{z}", *layer_code[1:]]
        if layer == 1:
            block += second_layer
        blocks.append(as_bytes([*block, *phrases.layer(layer + 1), ";AFTER_LAYER_CHANGE", f";{z}"]))
    marks.add(at, blocks)


def _second_layer(
    phrases: Phrases, materials: Sequence[Material], changes: Changes | None
) -> list[str]:
    """From the first layer's temperatures to those of all others, without waiting."""
    nozzle = materials[0].nozzle_c
    lines = list(changes.second_layer) if changes is not None else []
    if changes is None and nozzle != materials[0].first_layer_nozzle_c:
        lines.append(phrases.nozzle(nozzle))
    bed = max(one.bed_c for one in materials)
    if bed != max(one.first_layer_bed_c for one in materials):
        lines.append(phrases.bed(bed))
    return lines


def _progress(marks: Marks, time_ms: NDArray[np.int64], phrases: Phrases) -> None:
    """Where percent or minutes change; the first is said before the start code."""
    elapsed, total = time_ms[:-1], int(time_ms[-1])
    percent = elapsed * 100 // max(total, 1)
    left = (total - elapsed + 30_000) // 60_000 if phrases.says_minutes_left else 0 * elapsed
    changes = (np.diff(percent) != 0) | (np.diff(left) != 0)
    at = np.flatnonzero(changes) + 1
    pairs = [progress_at(done, total) for done in elapsed[at].tolist()]
    marks.add(at, [as_bytes([phrases.progress(*pair)]) for pair in pairs])


def _objects(
    marks: Marks, object_id: NDArray[np.int32], phrases: Phrases, labels: Sequence[Label]
) -> None:
    def label(number: int) -> Label | None:
        return labels[number] if number >= 0 else None

    padded = np.concatenate([[-1], object_id, [-1]])
    at = np.flatnonzero(np.diff(padded))
    pairs = zip(padded[at].tolist(), padded[at + 1].tolist(), strict=True)
    marks.add(at, [as_bytes(phrases.change_object(label(a), label(b))) for a, b in pairs])


def _accelerations(marks: Marks, toolpath: Toolpath, phrases: Phrases) -> None:
    """Where it changes among the moves that share one; 0 leaves things as they are."""
    given = toolpath.accel_mm_s2
    is_set = given > 0
    if not is_set.any():
        return
    is_laid = np.isin(toolpath.kind, PRINTING)
    is_travel = toolpath.kind == MoveKind.TRAVEL
    groups = [(is_set & is_laid, phrases.print_acceleration)]
    groups.append((is_set & is_travel, phrases.travel_acceleration))
    if phrases.shares_acceleration:
        groups = [(is_set, phrases.print_acceleration)]
    for chosen, say in groups:
        rows = np.flatnonzero(chosen)
        marks.add_changes(rows, given[rows], say)


def _beads(marks: Marks, toolpath: Toolpath) -> None:
    """What a bead is for, its width and its height. A new layer says its own height."""
    rows = np.flatnonzero(toolpath.kind == MoveKind.EXTRUDE)
    marks.add_changes(
        rows, toolpath.role[rows].astype(np.int64), lambda role: f";TYPE:{TYPE_NAMES[Role(role)]}"
    )
    width, height, layer = toolpath.width_nm[rows], toolpath.height_nm[rows], toolpath.layer[rows]
    marks.add_comments(rows, width, ";WIDTH:", _NM_DECIMALS)
    before = toolpath.layer_height_um[layer] * NM_PER_UM
    before[1:] = np.where(layer[1:] == layer[:-1], height[:-1], before[1:])
    marks.add_comments(rows, height, ";HEIGHT:", _NM_DECIMALS, before)

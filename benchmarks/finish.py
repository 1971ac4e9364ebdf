"""What users see and hear of a program, ours and the peer's (equal settings): how far seams stray,
how much the flow jumps, how busy the machine is kept, how often the filament is drawn back.

    time s          all moves under the comparison printer's own limits (one planner for both)
    seam um         distance of a seam from the nearest one in the layer below, its 90th percentile
    flow step       mm3/s that the flow jumps by from bead to bead laid in one stroke, per bead
    stubs           segments under 0.05 mm, per metre of bead
    commands/s      the busiest stretch of 32 moves
    draws/cm3       retractions per cm3

Roles are what the program's comments claim. On no part may one of these be worse than the peer's by
more than 2 % or its own step (`SLACK`).
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.processes import PEER, run
from benchmarks.tables import show
from printstd.adapters.profile_files import default_source
from printstd.artifacts.audit import Motion
from printstd.artifacts.mesh import SourceRef
from printstd.audit import read_motion
from printstd.gcode.estimate import model_of
from printstd.kernels.motion_time import move_times
from printstd.profiles.demand import foreign_demand
from printstd.profiles.models import MotionLimits
from printstd.profiles.resolve import Request, resolve
from printstd.units import LengthUnit

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

STUB_UM = 50.0
WINDOW = 32
SLACK = {
    "time_s": 1.0,
    "seam_p90_um": 5.0,
    "flow_step_mm3_s": 0.005,
    "stubs_per_m": 0.05,
    "commands_per_s": 1.0,
    "draws_per_cm3": 0.5,
}
"""By how much a figure may be worse before it is called so: what nobody sees or hears."""
_EXTERNAL = 1
_COLUMNS = (
    "time_s",
    "seam_p90_um",
    "flow_step_mm3_s",
    "stubs_per_m",
    "commands_per_s",
    "draws_per_cm3",
)


class Finish(NamedTuple):
    """The figures of one program; see above."""

    time_s: float
    seam_p90_um: float
    flow_step_mm3_s: float
    stubs_per_m: float
    commands_per_s: float
    draws_per_cm3: float


def measure(setting: Setting) -> dict[str, Any]:
    if not (setting.corpus and setting.peers):
        return {"not_run": "needs --corpus and --peers"}
    parts: dict[str, Any] = {}
    rows = []
    for model in setting.models():
        scores: dict[str, Finish | None] = {}
        for name, command in setting.commands(model).items():
            out = setting.program(model, name)
            made = out.exists() or run(command).exit_code == 0
            scores[name] = of_program(out) if made else None
        off = worse(scores["printstd"], scores[PEER])
        parts[model.name] = {name: score and score._asdict() for name, score in scores.items()}
        parts[model.name]["worse"] = off
        rows.append([model.name, *(_pairs(scores)), ", ".join(off) or "none"])
        print(f"  {model.name}: worse in {', '.join(off) or 'none'}", flush=True)
    show(["part", *(text for name in _COLUMNS for text in (name, "theirs")), "worse in"], rows)
    ratio = _ratio(parts)
    print(f"time, ours over theirs, geometric mean: {ratio:.4f}")
    holds = not any(part["worse"] for part in parts.values())
    return {"peer": PEER, "parts": parts, "time_ratio": ratio, "holds": holds}


def worse(ours: Finish | None, theirs: Finish | None) -> list[str]:
    """The figures in which ours is worse than allowed. Where the peer made no program, or has no
    such thing as a seam, there is nothing to compare."""
    if ours is None or theirs is None:
        return ["no program"] if ours is None else []
    found = []
    for name, step in SLACK.items():
        mine, limit = getattr(ours, name), getattr(theirs, name)
        if mine > limit + max(0.02 * limit, step):
            found.append(name)
    return found


def _pairs(scores: dict[str, Finish | None]) -> list[float | None]:
    both = [scores["printstd"], scores[PEER]]
    return [score and getattr(score, name) for name in _COLUMNS for score in both]


def _ratio(parts: dict[str, Any]) -> float:
    pairs = [(p["printstd"], p[PEER]) for p in parts.values() if p["printstd"] and p[PEER]]
    logs = [math.log(ours["time_s"] / theirs["time_s"]) for ours, theirs in pairs]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def of_program(path: Path) -> Finish:
    """A program's figures, whoever made it, with the comparison's printer and filament."""
    resolved = resolve(
        Request(printer="peer", material="peer", process="peer-0.20"), default_source()
    )
    if resolved.printer is None:
        raise ValueError("the comparison has a printer")
    nobody = SourceRef(path.name, "0" * 64, 0, "", LengthUnit.MILLIMETER, True)
    demand = foreign_demand(resolved, nobody, placement=None, supports_allowed=False)
    motion = read_motion(path.read_bytes(), demand)
    diameter_mm = resolved.material.filament_diameter_mm
    return of_motion(motion, resolved.printer.motion, math.pi / 4 * diameter_mm * diameter_mm)


def of_motion(motion: Motion, limits: MotionLimits, filament_mm2: float) -> Finish:
    way = motion.end_um - motion.start_um
    length = np.sqrt((way * way).sum(axis=1))
    is_bead = (motion.e_um > 0) & (length > 0)
    laid_m = float(length[is_bead].sum()) * 1e-6
    drawn = (motion.e_um < 0) & np.append(True, motion.e_um[:-1] >= 0)
    cm3 = float(motion.e_um.sum()) * 1e-6 * filament_mm2
    times = _times(motion, way, limits)
    return Finish(
        time_s=float(times.sum()),
        seam_p90_um=_seam_p90_um(motion, is_bead),
        flow_step_mm3_s=_flow_step(motion, is_bead, length, filament_mm2),
        stubs_per_m=float((is_bead & (length < STUB_UM)).sum()) / max(laid_m, 1e-9),
        commands_per_s=_busiest(times),
        draws_per_cm3=float(drawn.sum()) / max(cm3, 1e-9),
    )


def _times(motion: Motion, way: NDArray[np.float64], limits: MotionLimits) -> NDArray[np.float64]:
    is_alone = (way == 0).all(axis=1)
    is_print = motion.e_um != 0
    accel = np.where(is_print, limits.print_accel_mm_s2, limits.travel_accel_mm_s2)
    return move_times(
        np.rint(way).astype(np.int64),
        np.rint(motion.e_um * 100.0).astype(np.int64),
        np.maximum(np.rint(motion.feed_um_s * 0.06), 1).astype(np.int64),
        np.where(is_alone & is_print, limits.retract_accel_mm_s2, accel),
        model_of(limits),
    )


def _strokes(is_bead: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(m,) number of the run of beads that each move belongs to; -1 for other moves."""
    starts = is_bead & ~np.append(False, is_bead[:-1])
    return np.where(is_bead, np.cumsum(starts) - 1, -1)


def _seam_p90_um(motion: Motion, is_bead: NDArray[np.bool_]) -> float:
    """External walls that come back to where they began (within a bead's width) have a seam."""
    mine = is_bead & (motion.claimed_role == _EXTERNAL)
    rows = np.flatnonzero(mine)
    if not len(rows):
        return math.nan
    stroke = _strokes(mine)[rows]
    first = rows[np.searchsorted(stroke, np.arange(stroke[-1] + 1))]
    last = rows[np.searchsorted(stroke, np.arange(stroke[-1] + 1), side="right") - 1]
    gap = motion.start_um[first, :2] - motion.end_um[last, :2]
    seams = motion.start_um[first[(gap * gap).sum(axis=1) < 500.0**2]]
    away: list[NDArray[np.float64]] = []
    heights = np.rint(seams[:, 2]).astype(np.int64)
    levels = [seams[heights == z, :2] for z in sorted(set(heights.tolist()))]
    for below, here in pairwise(levels):
        off = here[:, None] - below[None]
        away.append(np.sqrt((off * off).sum(axis=2).min(axis=1)))
    return float(np.percentile(np.concatenate(away), 90)) if away else math.nan


def _flow_step(
    motion: Motion,
    is_bead: NDArray[np.bool_],
    length: NDArray[np.float64],
    filament_mm2: float,
) -> float:
    """What the pressure in the nozzle has to follow, as commanded: sum of the jumps over the number
    of beads. Beads under 0.2 mm are left out, where E has too few digits to tell."""
    rows = np.flatnonzero(is_bead & (length >= 200.0))
    if len(rows) < 2:
        return 0.0
    flow = motion.e_um[rows] / length[rows] * motion.feed_um_s[rows] * 1e-3 * filament_mm2
    stroke = _strokes(is_bead)[rows]
    step = np.abs(np.diff(flow))[stroke[1:] == stroke[:-1]]
    return float(step.sum()) / len(rows)


def _busiest(times: NDArray[np.float64]) -> float:
    ends = np.concatenate([[0.0], np.cumsum(times)])
    if len(times) < WINDOW:
        return len(times) / max(float(ends[-1]), 1e-9)
    return WINDOW / max(float((ends[WINDOW:] - ends[:-WINDOW]).min()), 1e-9)

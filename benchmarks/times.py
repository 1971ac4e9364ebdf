"""How near estimates of printing time come to times that others find, under equal limits.

    Klipper   our programs, run as they are by Kalico's own planner without a board: heaters are
              always hot and homing is told, so what is left is motion, start and end code with it
    Marlin    PrusaSlicer's programs, which state PrusaSlicer's estimate, read by the auditor's
              reader and timed by our planner; under its own default limits and under a MK4S's,
              with an acceleration for each kind of line

RepRapFirmware is timed as Marlin, and compared with nothing: programs and reports call such times
unverified. Wanted: Klipper within 1 % in the median and 3 % at worst, Marlin within 2 % at worst.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.processes import PEER, printstd, run
from benchmarks.tables import show
from printstd.adapters.profile_files import default_source
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

KLIPPER: Final = ("voron-2.4-350", "abs", "standard-0.20")
KLIPPER_MEDIAN_PERCENT, KLIPPER_WORST_PERCENT, MARLIN_WORST_PERCENT = 1.0, 3.0, 2.0
LINE_ACCELERATIONS: Final = {
    "default_acceleration": 2000,
    "first_layer_acceleration": 800,
    "external_perimeter_acceleration": 1500,
    "perimeter_acceleration": 2500,
    "top_solid_infill_acceleration": 1200,
    "solid_infill_acceleration": 3000,
    "infill_acceleration": 4000,
    "bridge_acceleration": 1000,
}
"""PrusaSlicer's keys, mm/s2: each kind of line has its own, so that each must be read."""
_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_M204: Final = re.compile(rb"^M204((?: [A-Z][0-9.]+)+)", re.MULTILINE)
_STATED: Final = re.compile(r"^; estimated printing time \(normal mode\) = (.*)$", re.MULTILINE)


def measure(setting: Setting) -> dict[str, Any]:
    if setting.corpus is None:
        return {"not_run": "needs --corpus"}
    from tests.hosts.installed import folder

    result: dict[str, Any] = {}
    if (folder() / "kalico" / "bin" / "kalico").exists():
        result["klipper"] = klipper(setting)
    else:
        result["klipper"] = {"not_run": "Kalico is not installed (python -m tests.hosts kalico)"}
    if setting.peers and setting.peers_ini:
        result["marlin"] = {limits: marlin(setting, limits) for limits in ("peer", "mk4s")}
    else:
        result["marlin"] = {"not_run": "needs --peers, and the file of its settings"}
    for name in ("klipper", "marlin"):
        if "not_run" in result[name]:
            print(f"{name}: not run: {result[name]['not_run']}")
    print("RepRapFirmware: unverified")
    told = [
        one
        for one in (result["klipper"], *result["marlin"].values())
        if isinstance(one, dict) and "holds" in one
    ]
    if not told:
        return {**result, "not_run": "neither of the two could be compared"}
    result["holds"] = all(one["holds"] for one in told)
    return result


# -------------------------------------------------------------------------------------- Klipper


def klipper(setting: Setting) -> dict[str, Any]:
    """Our estimates of our programs beside what Kalico takes for them."""
    from tests.hosts import boards
    from tests.hosts.klipper import batch

    name, material, process = KLIPPER
    printer = resolve(
        Request(printer=name, material=material, process=process), default_source()
    ).printer
    assert printer is not None
    config = boards.of_printer(printer)

    def times(model: Path) -> tuple[float, float] | None:
        out = setting.program(model, name)
        options = ("--printer", name, "--material", material, "--process", process, "--quiet")
        if run(printstd("slice", str(model), "-o", str(out), *options)).exit_code:
            return None
        done = batch(out, setting.scratch / "kalico", config)
        if not done.is_done or done.unknown:
            raise RuntimeError(f"{model.name}: {done.error or done.unknown}")
        return stated_s(out.read_text("ascii")), done.print_time_s

    return _compared(
        setting, f"{name}: ours, Kalico", times, KLIPPER_WORST_PERCENT, KLIPPER_MEDIAN_PERCENT
    )


# --------------------------------------------------------------------------------------- Marlin


def marlin(setting: Setting, printer: str) -> dict[str, Any]:
    """Our estimates of PrusaSlicer's programs beside its own; printer : whose limits both have."""
    limits = limits_of(printer)
    environment = setting.altered(PEER, _prusa_limits(limits))

    def times(model: Path) -> tuple[float, float] | None:
        out = setting.program(model, f"{PEER}.{printer}")
        command = setting.peer_command(model, PEER, f".{printer}")
        if run(command, environment=environment).exit_code:
            return None
        program = out.read_bytes()
        return seconds_of(program, limits), stated_s(program.decode("utf-8", "replace"))

    return _compared(setting, f"{printer}: ours, PrusaSlicer", times, MARLIN_WORST_PERCENT)


def limits_of(printer: str) -> MotionLimits:
    found = resolve(
        Request(printer=printer, material="peer", process="peer-0.20"), default_source()
    ).printer
    assert found is not None
    return found.motion


def _prusa_limits(limits: MotionLimits) -> dict[str, str]:
    """A profile's limits as PrusaSlicer has them; `LINE_ACCELERATIONS` where they allow them."""
    assert limits.jerk_mm_s is not None
    each = {
        "machine_max_feedrate": limits.max_speed_mm_s,
        "machine_max_acceleration": limits.max_accel_mm_s2,
        "machine_max_jerk": limits.jerk_mm_s,
    }
    rows: dict[str, float | str] = {
        f"{key}_{axis}": getattr(values, axis) for key, values in each.items() for axis in "xyze"
    }
    rows |= {
        "machine_max_acceleration_extruding": limits.print_accel_mm_s2,
        "machine_max_acceleration_travel": limits.travel_accel_mm_s2,
        "machine_max_acceleration_retracting": limits.retract_accel_mm_s2,
        "machine_limits_usage": "time_estimate_only",
    }
    if limits.print_accel_mm_s2 >= max(LINE_ACCELERATIONS.values()):
        rows |= LINE_ACCELERATIONS
    return {key: str(value) for key, value in rows.items()}


def seconds_of(program: bytes, limits: MotionLimits) -> float:
    """What our planner takes for a program, whoever made it, with its own accelerations."""
    resolved = resolve(
        Request(printer="peer", material="peer", process="peer-0.20"), default_source()
    )
    nobody = SourceRef("program", "0" * 64, 0, "", LengthUnit.MILLIMETER, True)
    motion = read_motion(
        program, foreign_demand(resolved, nobody, placement=None, supports_allowed=False)
    )
    way = motion.end_um - motion.start_um
    feeds = motion.e_um != 0
    is_alone = (way == 0).all(axis=1) & feeds
    in_force = accelerations_at(program, motion.line, limits)
    times = move_times(
        np.rint(way).astype(np.int64),
        np.rint(motion.e_um * 100.0).astype(np.int64),
        np.maximum(np.rint(motion.feed_um_s * 0.06), 1).astype(np.int64),
        np.where(is_alone, in_force["R"], np.where(feeds, in_force["P"], in_force["T"])),
        model_of(limits),
    )
    return float(times.sum())


def accelerations_at(
    program: bytes, line: NDArray[np.int32], limits: MotionLimits
) -> dict[str, NDArray[np.float64]]:
    """What M204 has set at each line (from 1): P while printing, T in travel, R of filament alone;
    S sets the first two. Never more than the limits."""
    most = {
        "P": limits.print_accel_mm_s2,
        "T": limits.travel_accel_mm_s2,
        "R": limits.retract_accel_mm_s2,
    }
    ends = np.flatnonzero(np.frombuffer(program, np.uint8) == ord("\n"))
    lines, rows, now = [0], [dict(most)], dict(most)
    for found in _M204.finditer(program):
        for word in found[1].decode("ascii").split():
            for letter in "PT" if word[0] == "S" else word[0]:
                now[letter] = min(float(word[1:]), most[letter])
        lines.append(int(np.searchsorted(ends, found.start())) + 1)
        rows.append(dict(now))
    last = np.searchsorted(np.array(lines), line, side="right") - 1
    return {letter: np.array([row[letter] for row in rows])[last] for letter in most}


# ----------------------------------------------------------------------------------------- both


def stated_s(text: str) -> float:
    """The estimate that a program states, s."""
    found = _STATED.search(text)
    if found is None:
        raise ValueError("the program states no time")
    return float(sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", found[1])))


def _compared(
    setting: Setting,
    title: str,
    times: Callable[[Path], tuple[float, float] | None],
    worst_percent: float,
    median_percent: float | None = None,
) -> dict[str, Any]:
    parts: dict[str, Mapping[str, float]] = {}
    for model in setting.models():
        found = times(model)
        if found is None:
            print(f"  {model.name}: no program", flush=True)
            continue
        ours, theirs = found
        percent = 100.0 * (ours / theirs - 1.0)
        parts[model.name] = {"ours_s": ours, "theirs_s": theirs, "off_percent": round(percent, 3)}
    rows = [[name, p["ours_s"], p["theirs_s"], p["off_percent"]] for name, p in parts.items()]
    show([title, "ours s", "theirs s", "off %"], rows)
    off = [abs(part["off_percent"]) for part in parts.values()]
    if not off:
        return {"not_run": "no program"}
    holds = max(off) <= worst_percent and median(off) <= (median_percent or worst_percent)
    print(f"off: median {median(off):.2f} %, worst {max(off):.2f} %")
    return {"parts": parts, "median": median(off), "worst": max(off), "holds": holds}

"""What one changed setting costs with a warm cache, as a whole process, beside the same without.

The floor is a run of the smallest part with everything kept: what a call costs before there is any
work. A part that takes less than `WANTED` floors without a cache cannot be `WANTED` times as fast,
whatever is kept; it is shown, and not counted.
"""

from __future__ import annotations

import filecmp
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.processes import interleaved, medians, printstd, run
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

WANTED = 10.0
CHANGES = {
    "fan": "material.fan.min_ratio=0.63",
    "speed": "process.speeds.perimeter_mm_s=41",
    "temperature": "material.nozzle_c=213",
    "seam": "process.walls.seam=rear",
    "density": "process.infill.density_ratio=0.21",
}
"""The first is the one that is promised something; the others show what follows from what."""
_SMALLEST = Path(__file__).parent.parent / "samples" / "cube20.stl"


def measure(setting: Setting) -> dict[str, Any]:
    models = [_pillow(setting.scratch / "pillow.stl"), *setting.models()]
    kept = setting.scratch / "kept"
    calls = {"floor": _call(_SMALLEST, setting.scratch / "floor.gcode", CHANGES["fan"], kept)}
    run(_call(_SMALLEST, setting.scratch / "floor.gcode", None, kept))
    rows, parts = [], {}
    holds = True
    for model in models:
        out = setting.scratch / f"{model.name}.gcode"
        if run(_call(model, out, None, kept)).exit_code:
            print(f"  {model.name}: cannot be sliced", flush=True)
            continue
        calls["cold"] = _call(model, out.with_suffix(".cold"), CHANGES["fan"], None)
        calls["fan"] = _call(model, out.with_suffix(".fan"), CHANGES["fan"], kept)
        runs = interleaved(calls, runs=setting.runs)
        if any(one.exit_code for of_call in runs.values() for one in of_call):
            raise RuntimeError(f"{model.name}: a call failed that had succeeded before")
        done = {name: medians(of_call) for name, of_call in runs.items()}
        others = _others(model, out, kept)
        is_same = filecmp.cmp(out.with_suffix(".cold"), out.with_suffix(".fan"), shallow=False)
        ratio = {k: done["cold"][k] / done["fan"][k] for k in ("cpu_s", "wall_s")}
        is_counted = done["cold"]["cpu_s"] >= WANTED * done["floor"]["cpu_s"] * 1.2
        holds &= is_same and (not is_counted or ratio["cpu_s"] >= WANTED)
        parts[model.name] = {
            **done,
            "cpu_ratio": round(ratio["cpu_s"], 2),
            "wall_ratio": round(ratio["wall_s"], 2),
            "counted": is_counted,
            "same_bytes": is_same,
            "other_changes_cpu_s": others,
        }
        rows.append(
            [
                model.name,
                *(done[name]["cpu_s"] for name in ("cold", "fan", "floor")),
                ratio["cpu_s"],
                ratio["wall_s"],
                is_counted,
                is_same,
                *others.values(),
            ]
        )
        print(f"  {model.name}: {ratio['cpu_s']:.1f} times as fast", flush=True)
    header = ["part", "cold cpu s", "fan cpu s", "floor", "cpu x", "wall x", "counted", "same"]
    show([*header, *(f"{name} cpu s" for name in list(CHANGES)[1:])], rows)
    return {"wanted": WANTED, "parts": parts, "holds": holds and bool(parts)}


def _others(model: Path, out: Path, kept: Path) -> dict[str, float]:
    """CPU seconds of the other changes. Each once: what it makes is kept from then on."""
    return {
        name: round(run(_call(model, out, change, kept)).cpu_s, 4)
        for name, change in list(CHANGES.items())[1:]
    }


def _call(model: Path, out: Path, change: str | None, kept: Path | None) -> list[str]:
    options = ["--printer", "mk4s", "--quiet", "--workers", "1"]
    options += ["--set", change] if change else []
    options += ["--cache", str(kept)] if kept else []
    return printstd("slice", str(model), "-o", str(out), *options)


def _pillow(path: Path) -> Path:
    """A large part without a corpus: a body of 150 x 150 x 50 mm with waves all around, 230 000
    facets."""
    n_around, n_up = 960, 120
    turn = np.arange(n_around) * (2 * np.pi / n_around)
    up = np.linspace(0.0, 1.0, n_up)[:, None]
    radius = 60.0 + 8.0 * np.sin(24 * turn) + 5.0 * np.sin(3 * turn + 6 * up) * np.sin(np.pi * up)
    height = np.broadcast_to(50.0 * up, radius.shape)
    grid = np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=2)
    after = np.roll(grid, -1, axis=1)
    a, b, c, d = grid[:-1], after[:-1], after[1:], grid[1:]
    sides = [np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2)]
    middles = np.zeros((2, 1, 3))
    middles[1, 0, 2] = 50.0
    low = np.stack([after[0], grid[0], np.broadcast_to(middles[0], grid[0].shape)], axis=1)
    high = np.stack([grid[-1], after[-1], np.broadcast_to(middles[1], grid[0].shape)], axis=1)
    facets = np.concatenate([*(side.reshape(-1, 3, 3) for side in sides), low, high])
    records = np.zeros(
        len(facets), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("n", "<u2")]
    )
    records["corners"] = facets
    path.write_bytes(bytes(80) + struct.pack("<I", len(facets)) + records.tobytes())
    return path

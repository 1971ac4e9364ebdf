"""The floor: what a call costs before there is work, against what it must import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from benchmarks.processes import interleaved, medians, printstd, slice_command
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

WANTED = 2.5


def measure(setting: Setting) -> dict[str, Any]:
    from pathlib import Path

    cube = Path(__file__).parent.parent / "samples" / "cube20.stl"
    pairs = {
        "--help": (printstd("--help"), [sys.executable, "-c", "import typer"]),
        "20 mm cube": (
            slice_command(cube, setting.scratch / "cube.gcode"),
            [sys.executable, "-c", "import numpy, manifold3d, stl, typer"],
        ),
    }
    result: dict[str, Any] = {"holds": True}
    rows = []
    for name, (ours, floor) in pairs.items():
        runs = interleaved({"ours": ours, "floor": floor}, runs=max(setting.runs, 7))
        figures = {who: medians(done) for who, done in runs.items()}
        ratio = figures["ours"]["wall_s"] / figures["floor"]["wall_s"]
        result[name] = {**figures, "ratio": round(ratio, 3)}
        result["holds"] = bool(result["holds"] and ratio <= WANTED)
        rows.append([name, figures["ours"]["wall_s"], figures["floor"]["wall_s"], ratio, WANTED])
    show(["call", "wall s", "imports s", "ratio", "wanted"], rows)
    return result

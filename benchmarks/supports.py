"""What supports are for: how much of what is laid over nothing is still so with them on.

The referee's `unanchored_mm` (laid over nothing and not a straight stretch held at both ends),
without supports and with each style, on a T, an arch and a ball of ours, and on corpus parts, as
they stand and turned over. All are filled solid, so that what lies over nothing inside a part,
where no support ever comes, does not count. Every part must lose 95 % of it; a corpus part that has
none to lose (under 20 mm) is left out.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.processes import run, slice_command
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

LEAST_GAIN = 0.95
WORTH_MM = 20.0
STYLES = ("grid", "snug")
SOLID = ("--set", "infill.density_ratio=1.0")
CORPUS = ("busted.stl", "fixed_top.ply")
TURNED = (
    "voron_bottom_panel_clip.stl",
    "voron_tensioner_right.stl",
    "voron_xy_joint_cable_bridge.stl",
)
"""Made to be printed the other way up."""


def measure(setting: Setting) -> dict[str, Any]:
    if not setting.referee:
        return {"not_run": "needs --referee"}
    parts: dict[str, Any] = {}
    rows = []
    holds = True
    for model in [*_ours(setting.scratch), *_of_corpus(setting)]:
        before = _unanchored(setting, model, "off", ())
        if before < WORTH_MM:
            print(f"  {model.name}: nothing to hold ({before:.1f} mm)", flush=True)
            continue
        scores = {"off": before}
        for style in STYLES:
            options = ("--set", "supports.enabled=true", "--set", f"supports.style={style}")
            scores[style] = _unanchored(setting, model, style, options)
        good = all(scores[style] <= (1.0 - LEAST_GAIN) * before for style in STYLES)
        holds &= good
        parts[model.name] = scores
        rows.append([model.name, before, *(scores[style] for style in STYLES), good])
    show(["part", "off mm", *(f"{style} mm" for style in STYLES), "holds"], rows)
    return {"parts": parts, "holds": holds}


def _unanchored(setting: Setting, model: Path, who: str, options: tuple[str, ...]) -> float:
    program = setting.program(model, f"supports-{who}")
    done = run([*slice_command(model, program), *SOLID, *options])
    if done.exit_code:
        raise RuntimeError(f"{model.name}: slice ended with {done.exit_code}")
    answer = subprocess.run(
        [*(setting.referee or []), str(model), str(program), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(answer.stdout)["unanchored_mm"])


def _ours(scratch: Path) -> list[Path]:
    import trimesh
    from manifold3d import Manifold

    def block(x0: float, z0: float, x1: float, z1: float) -> Manifold:
        return Manifold.cube((x1 - x0, 10, z1 - z0)).translate((x0, 0, z0))

    tunnel = Manifold.cylinder(30, 16, 16, 128).rotate((-90, 0, 0)).translate((20, -10, 4))
    solids = {
        "tee": block(0, 0, 10, 20) + block(-20, 20, 30, 25),
        "arch": block(0, 0, 40, 26) - tunnel - block(4, -1, 36, 4),
        "ball": Manifold.sphere(12, 96).translate((0, 0, 12)),
    }
    found = []
    for name, solid in solids.items():
        mesh = solid.to_mesh64()
        path = scratch / f"{name}.stl"
        trimesh.Trimesh(mesh.vert_properties[:, :3], mesh.tri_verts).export(path)
        found.append(path)
    return found


def _of_corpus(setting: Setting) -> list[Path]:
    import numpy as np
    import trimesh

    models = {path.name: path for path in setting.models()}
    found = [models[name] for name in CORPUS if name in models]
    for name in TURNED:
        if name not in models:
            continue
        mesh = trimesh.load(models[name], process=False)
        mesh.apply_transform(np.diag([1.0, -1.0, -1.0, 1.0]))
        path = setting.scratch / f"turned_{name}"
        mesh.export(path)
        found.append(path)
    return found

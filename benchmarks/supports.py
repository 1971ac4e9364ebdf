"""What supports are for: how much of what is laid over nothing is still so with them on.

The referee's `unanchored_mm` (laid over nothing and not a straight stretch held at both ends),
without supports and with each style, on a T, an arch and a ball of ours, and on corpus parts, as
they stand and turned over. It is taken twice, and every part must lose 95 % of it each time: filled
solid, and as the process fills it, where bridges and shells over the hollow inside must be held by
the infill (`infill.anchoring`). The parts named in `BEYOND` are shown, and do not count. A part
that has under 20 mm to lose is left out, and told.
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
STYLES = ("grid", "snug", "tree")
SOLID = ("--set", "infill.density_ratio=1.0")
CORPUS = ("busted.stl", "fixed_top.ply")
BEYOND = {
    "voron_exhaust_filter_housing.stl": "a ledge over a groove of two layers: no layer of support "
    "fits between the distances above and below it",
}
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
        solid = _scores(setting, model, "solid", SOLID)
        if solid["off"] < WORTH_MM:
            print(f"  {model.name}: nothing to hold ({solid['off']:.1f} mm)", flush=True)
            continue
        filled = _scores(setting, model, "filled", ())
        good = all(
            mm[style] <= (1.0 - LEAST_GAIN) * mm["off"]
            for mm in (solid, filled)
            for style in STYLES
        )
        why = BEYOND.get(model.name)
        holds &= good or why is not None
        parts[model.name] = {"solid": solid, "as_filled": filled, "beyond": why}
        if why is not None:
            print(f"  {model.name} does not count: {why}", flush=True)
        rows.append([model.name, *solid.values(), good, *filled.values()])
    columns = ["off", *STYLES]
    show(
        ["part", *(f"{name} mm" for name in columns), "holds", *(f"{n}, filled" for n in columns)],
        rows,
    )
    return {"parts": parts, "holds": holds}


def _scores(setting: Setting, model: Path, name: str, options: tuple[str, ...]) -> dict[str, float]:
    """Without supports, and with each style."""
    found = {"off": _unanchored(setting, model, f"{name}-off", options)}
    for style in STYLES:
        on = ("--set", "supports.enabled=true", "--set", f"supports.style={style}")
        found[style] = _unanchored(setting, model, f"{name}-{style}", (*options, *on))
    return found


def _unanchored(setting: Setting, model: Path, who: str, options: tuple[str, ...]) -> float:
    program = setting.program(model, f"supports-{who}")
    done = run([*slice_command(model, program), *options])
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
    found = [models[name] for name in (*CORPUS, *BEYOND) if name in models]
    for name in TURNED:
        if name not in models:
            continue
        mesh = trimesh.load(models[name], process=False)
        mesh.apply_transform(np.diag([1.0, -1.0, -1.0, 1.0]))
        path = setting.scratch / f"turned_{name}"
        mesh.export(path)
        found.append(path)
    return found

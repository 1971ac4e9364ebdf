"""How long the whole of ``printstd validate`` takes, and how much memory: a torus with bumps and a
plate with bumps, of 50,000 and 1,000,000 triangles in no order, on two cores, whole process.

At most 4 s for 50,000 triangles, 30 s and 3 GiB for 1,000,000 (all checks, one report). Beside it
``admesh`` and ``prusa-slicer --info``, which look at edges, shells and volume alone, where they are
on the PATH.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks import generated
from benchmarks.processes import interleaved, medians, printstd
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

SIZES: Final = (50_000, 1_000_000)
MOST_S: Final = {50_000: 4.0, 1_000_000: 30.0}
MOST_MIB: Final = {1_000_000: 3072.0}
PEERS: Final = {"admesh": ["admesh"], "prusa-slicer": ["prusa-slicer", "--info"]}
CORES: Final = 2
_KINDS: Final = ("torus", "plate")


def measure(setting: Setting) -> dict[str, Any]:
    rows: list[list[object]] = []
    parts: dict[str, Any] = {}
    holds = True
    peers = {name: command for name, command in PEERS.items() if shutil.which(command[0])}
    for size in (size for size in SIZES if size <= setting.largest):
        for kind in _KINDS:
            model = _written(setting.scratch, kind, size)
            commands = {
                "printstd": printstd("validate", str(model), "--printer", "mk4s", "--quiet"),
                **{name: [*command, str(model)] for name, command in peers.items()},
            }
            found = interleaved(commands, runs=setting.runs, cores=CORES)
            for who, runs in found.items():
                figures = medians(runs)
                parts.setdefault(model.stem, {})[who] = figures
                within: bool | None = None
                if who == "printstd":
                    # Verdicts are answers, too; what is not is an error.
                    ended = all(run.exit_code in (0, 1, 8) for run in runs)
                    within = ended and figures["wall_s"] <= MOST_S[size]
                    within &= figures["peak_mib"] <= MOST_MIB.get(size, np.inf)
                    holds &= within
                rows.append([model.stem, who, *figures.values(), within])
    show(["part", "who", "wall s", "cpu s", "peak MiB", "within"], rows)
    for name in PEERS.keys() - peers.keys():
        print(f"{name}: not run, it is not on the PATH")
    return {"parts": parts, "not_on_path": sorted(PEERS.keys() - peers.keys()), "holds": holds}


def _written(folder: Path, kind: str, triangles: int) -> Path:
    """Triangles in no order, as exporters that thread write them."""
    path = folder / f"{kind}_{triangles}_shuffled.stl"
    if not path.exists():
        corners = torus(triangles) if kind == "torus" else generated.KINDS[kind](triangles)
        order = np.random.default_rng(1).permutation(len(corners))
        path.write_bytes(generated.stl_bytes(corners[order]))
    return path


def torus(triangles: int) -> generated.Corners:
    """90 mm across with bumps of 1 mm, from Z 0."""
    minor = round(np.sqrt(triangles / 8))
    major = triangles // (2 * minor)
    u = (np.arange(major) * (2 * np.pi / major))[:, None]
    v = (np.arange(minor) * (2 * np.pi / minor))[None]
    tube = 12.0 + 0.5 * np.sin(24 * u) * np.sin(8 * v)
    ring = 32.0 + tube * np.cos(v)
    x, y = ring * np.cos(u), ring * np.sin(u)
    points = np.stack(np.broadcast_arrays(x, y, tube * np.sin(v)), axis=-1)
    points[..., 2] -= points[..., 2].min()
    a, b = points, np.roll(points, -1, axis=0)
    c, d = np.roll(b, -1, axis=1), np.roll(a, -1, axis=1)
    two = np.stack([np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2)], axis=2)
    return np.asarray(two.reshape(-1, 3, 3), np.float64)

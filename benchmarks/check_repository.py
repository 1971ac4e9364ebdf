"""`printstd check` over a repository of 400 parts: all judged, all taken from the cache, and one of
them changed. Wanted on two cores: 120 s cold, 3 s warm."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from manifold3d import Manifold

from benchmarks import generated
from benchmarks.processes import Run, medians, printstd, run
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

PARTS: Final = 400
CORES: Final = 2
COLD_S: Final = 120.0
WARM_S: Final = 3.0
RULES: Final = """
[defaults]
pack = "int"
printer = "mk4s"
[[rules]]
files = ["parts/**/*.stl"]
"""
_SHARES: Final = (("ball", 2, 9), ("column", 5, 11), ("plate", 7, 13))
"""Kind of a free-form part, and which of the numbers modulo 20 are of it."""


def measure(setting: Setting) -> dict[str, Any]:
    root = setting.scratch / "repository"
    count = setting.parts or PARTS
    triangles = [write(root, number) for number in range(count)]
    (root / "printstd.toml").write_text(RULES)
    cache = root / ".printstd-cache"
    command = printstd("check", "--config", str(root / "printstd.toml"), "--cache", str(cache))
    shutil.rmtree(cache, ignore_errors=True)
    cold = run(command, cores=CORES)
    warm = [run(command, cores=CORES) for _ in range(setting.runs)]
    shutil.copy(_place(root, 0), _place(root, 1))
    one = run(command, cores=CORES)
    rows: dict[str, list[Run]] = {"cold": [cold], "warm": warm, "one of them changed": [one]}
    figures = {name: medians(runs) for name, runs in rows.items()}
    show(
        ["call", "parts", "wall s", "cpu s", "MiB (largest process)"],
        [[name, count, *figure.values()] for name, figure in figures.items()],
    )
    per_part = 1000 * figures["cold"]["cpu_s"] / count
    print(f"{min(triangles)} to {max(triangles)} triangles, {sum(triangles)} in all")
    print(f"{per_part:.0f} ms of CPU a part; exit codes {sorted({r.exit_code for r in warm})}")
    is_fast = figures["cold"]["wall_s"] <= COLD_S and figures["warm"]["wall_s"] <= WARM_S
    print(f"wanted {COLD_S:g} s cold and {WARM_S:g} s warm: {'held' if is_fast else 'NOT held'}")
    return {
        "parts": count,
        "triangles": sum(triangles),
        "figures": figures,
        "holds": is_fast and {r.exit_code for r in (cold, *warm, one)} <= {0, 1},
    }


def write(root: Path, number: int) -> int:
    """Part `number`, and how many triangles it has."""
    path = _place(root, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    corners = _free(number)
    if corners is None:
        corners = _mechanical(number)
    path.write_bytes(generated.stl_bytes(corners))
    return len(corners)


def _place(root: Path, number: int) -> Path:
    return root / "parts" / f"{number // 50:02d}" / f"part-{number:03d}.stl"


def _free(number: int) -> generated.Corners | None:
    """A ball, a twisted column or a field of bumps of 500 to 8,000 triangles, no two alike."""
    for kind, *numbers in _SHARES:
        if number % 20 in numbers:
            return generated.KINDS[kind](500 + 7_500 * (number % PARTS) // PARTS)
    return None


def _mechanical(number: int) -> generated.Corners:
    """A plate with ribs and round holes, of sizes that go with its number."""
    length, width = 30.0 + number % 37, 24.0 + number % 23
    thick = 3.0 + (number % 5) * 0.5
    solid = Manifold.cube((length, width, thick))
    for x, reach in _along(length, 1 + number % 3, 2.0):
        rib = Manifold.cube((reach, width - 6.0, 8.0 + number % 7))
        solid += rib.translate((x, 3.0, thick - 0.5))
    around = (24, 48, 96)[number % 3]
    for x, reach in _along(length, 2 + number % 4, 4.0 + number % 3):
        radius = reach / 2
        hole = Manifold.cylinder(60.0, radius, radius, around)
        solid -= hole.translate((x + radius, width - 8.0, -5.0))
    mesh = solid.to_mesh()
    points = np.round(np.asarray(mesh.vert_properties)[:, :3], 4).astype(np.float64)
    return points[np.asarray(mesh.tri_verts)]


def _along(length: float, count: int, reach: float) -> Iterator[tuple[float, float]]:
    """Places of `count` things of one width, evenly along a side."""
    for k in range(count):
        yield (k + 1) * length / (count + 1) - reach / 2, reach

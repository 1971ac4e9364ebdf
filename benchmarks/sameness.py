"""Same bytes: every part sliced over workers, hash seeds, locales and CPU features.

The split is forced to one layer a task and the tasks are submitted shuffled, inside one
helper process per run (benchmarks.slice_shuffled), which also says how many processes
really worked.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

LOCALES = ("C.UTF-8", "de_DE.UTF-8")
FEATURES = (None, "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3")


def variants() -> list[dict[str, str]]:
    """Twenty surroundings: workers 1, 2, 4 x seeds x locales x CPU features."""
    found = []
    for number in range(20):
        environment = {
            "WORKERS": str((1, 2, 4)[number % 3]),
            "PYTHONHASHSEED": str((0, 1, 42, 4242)[number % 4]),
            "LC_ALL": LOCALES[(number // 2) % 2],
            "ORDER_SEED": str(number),
        }
        features = FEATURES[(number // 4) % 2]
        if features:
            environment["NPY_DISABLE_CPU_FEATURES"] = features
        found.append(environment)
    return found


def measure(setting: Setting) -> dict[str, Any]:
    if not setting.corpus:
        return {"not_run": "needs --corpus"}
    parts: dict[str, Any] = {}
    rows = []
    holds = True
    for model in setting.models():
        digests: set[str] = set()
        processes = 0
        for environment in variants():
            digest, worked = _one(model, environment)
            digests.add(digest)
            processes = max(processes, worked)
        same = len(digests) == 1
        holds &= same and processes >= 2
        parts[model.name] = {"digests": sorted(digests), "runs": 20, "processes": processes}
        rows.append([model.name, len(digests), processes, sorted(digests)[0][:16], same])
        print(f"  {model.name}: {len(digests)} digest(s), {processes} processes", flush=True)
    show(["part", "digests", "processes", "first", "same"], rows)
    return {"parts": parts, "holds": holds}


def _one(model: Path, environment: dict[str, str]) -> tuple[str, int]:
    """(sha256 of the program, processes that worked) of one run in those surroundings."""
    import os

    env = {k: v for k, v in os.environ.items() if k != "NPY_DISABLE_CPU_FEATURES"}
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.slice_shuffled", str(model)],
        capture_output=True,
        text=True,
        env={**env, **environment},
        check=False,
    )
    if answer.returncode:
        return hashlib.sha256(answer.stderr.encode()).hexdigest(), 0
    said = json.loads(answer.stdout)
    return said["sha256"], said["processes"]

"""Same bytes, in two sections.

sameness: every part sliced in twenty surroundings (workers, hash seeds, locales, CPU features).
features: thirty parts, corpus and generated, each with some of all features (`benchmarks.features`;
over all parts each feature comes several times), by each interpreter of two NumPy releases and two
Pythons, with NumPy's CPU dispatch limited and not. A feature that refuses a part must refuse it
everywhere alike, and make a program of some.

The split is forced to one layer a task and the tasks are submitted shuffled, inside one helper
process per run (benchmarks.slice_shuffled), which also says how many processes really worked.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from benchmarks import generated
from benchmarks.features import FEATURES
from benchmarks.interpreters import ROOT, Interpreter, all_of, dispatched
from benchmarks.slice_shuffled import COMPARED
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

LOCALES: Final = ("C.UTF-8", "de_DE.UTF-8")
N_PARTS: Final = 30
EACH_PART_HAS: Final = 4
"""Features, of all: every feature comes on several of the parts."""
ALSO: Final = {
    "plate_10.stl": ("vase", "one by one"),
    "column_100.stl": ("vase",),
}
"""Parts that features can be made of which most parts refuse."""
GENERATED: Final = (
    *(("plate", size) for size in (10, 100, 300, 1_000, 3_000)),
    *(("ball", size) for size in (30, 300, 3_000)),
    *(("column", size) for size in (100, 1_000, 10_000)),
    *(("lattice", size) for size in (4_000, 40_000)),
)


class Sliced(NamedTuple):
    """digests : of each feature's program, or why there is none. processes : that worked.
    surroundings : as the run itself found them."""

    digests: dict[str, str]
    processes: int
    surroundings: str


def variants() -> list[dict[str, str]]:
    """Twenty surroundings: workers 1, 2, 4 x seeds x locales x CPU features."""
    without = dispatched(Path(sys.executable))
    return [_surroundings(number, without * ((number // 4) % 2)) for number in range(20)]


def _surroundings(number: int, without: str) -> dict[str, str]:
    """without : CPU features that NumPy shall leave alone."""
    environment = {
        "WORKERS": str((1, 2, 4)[number % 3]),
        "PYTHONHASHSEED": str((0, 1, 42, 4242)[number % 4]),
        "LC_ALL": LOCALES[(number // 2) % 2],
        "ORDER_SEED": str(number),
    }
    return {**environment, **({"NPY_DISABLE_CPU_FEATURES": without} if without else {})}


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
            run = _sliced(Path(sys.executable), model, [COMPARED], environment)
            digests.add(run.digests[COMPARED])
            processes = max(processes, run.processes)
        same = len(digests) == 1
        holds &= same and processes >= 2
        parts[model.name] = {"digests": sorted(digests), "runs": 20, "processes": processes}
        rows.append([model.name, len(digests), processes, sorted(digests)[0][:16], same])
        print(f"  {model.name}: {len(digests)} digest(s), {processes} processes", flush=True)
    show(["part", "digests", "processes", "first", "same"], rows)
    return {"parts": parts, "holds": holds}


def over_features(setting: Setting) -> dict[str, Any]:
    """Section features."""
    models = setting.models()
    made = [generated.write(setting.scratch, *part) for part in GENERATED]
    models += made[: max(0, min(N_PARTS, setting.parts or N_PARTS) - len(models))]
    interpreters = all_of(setting.environments)
    for one in interpreters:
        if one.path is None:
            print(f"{one.name}: not run: {one.why}")
    chosen = [
        list(dict.fromkeys((*features, *ALSO.get(model.name, ()))))
        for model, features in zip(
            models, dealt(list(FEATURES), len(models), EACH_PART_HAS), strict=True
        )
    ]
    digests: dict[str, dict[str, set[str]]] = {name: {} for name in FEATURES}
    seen: set[str] = set()
    for model, features in zip(models, chosen, strict=True):
        for number, (who, without) in enumerate(_everywhere(interpreters)):
            run = _sliced(who, model, features, _surroundings(number, without))
            seen.add(run.surroundings)
            for name, digest in run.digests.items():
                digests[name].setdefault(model.name, set()).add(digest)
        off = [name for name in features if len(digests[name][model.name]) > 1]
        said = f"differs: {', '.join(off)}" if off else "same"
        print(f"  {model.name}: {', '.join(features)}: {said}", flush=True)
    rows: list[list[object]] = []
    for name, of in digests.items():
        refused = [m for m, found in of.items() if any(not _is_digest(d) for d in found)]
        differ = [m for m, found in of.items() if len(found) > 1]
        same = not differ if of else None
        rows.append([name, len(of), len(refused), ", ".join(differ), same])
        if of and len(refused) == len(of):
            print(f"  {name}: no program of any part: {sorted(next(iter(of.values())))[0]}")
    show(["feature", "parts", "refused", "differ on", "same"], rows)
    print(f"{len(models)} parts, each {len(_everywhere(interpreters))} ways; sliced by:")
    for surroundings in sorted(seen):
        print(f"  {surroundings}")
    return {
        "sliced_by": sorted(seen),
        "interpreters": {i.name: "not run: " + i.why if i.why else "run" for i in interpreters},
        "digests": {n: {m: sorted(d) for m, d in of.items()} for n, of in digests.items()},
        "holds": all(row[-1] and row[2] != row[1] for row in rows if row[1]),
    }


def _everywhere(interpreters: Sequence[Interpreter]) -> list[tuple[Path, str]]:
    paths = [one.path for one in interpreters if one.path]
    return [(path, without) for path in paths for without in ("", dispatched(path))]


def _is_digest(text: str) -> bool:
    return not text.startswith(("refused", "failed"))


def dealt(names: Sequence[str], parts: int, each: int) -> list[list[str]]:
    """Names for each part, so that all come about equally often: one pack dealt round and round."""
    return [
        list(dict.fromkeys(names[(part * each + k) % len(names)] for k in range(each)))
        for part in range(parts)
    ]


def _sliced(
    python: Path, model: Path, features: Sequence[str], environment: dict[str, str]
) -> Sliced:
    """One run in those surroundings."""
    env = {k: v for k, v in os.environ.items() if k != "NPY_DISABLE_CPU_FEATURES"}
    answer = subprocess.run(
        [str(python), "-m", "benchmarks.slice_shuffled", str(model), *features],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**env, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )
    if answer.returncode:
        failed = hashlib.sha256(answer.stderr.encode()).hexdigest()
        return Sliced(dict.fromkeys(features, f"failed: {failed}"), 0, "failed")
    said = json.loads(answer.stdout)
    return Sliced(said["sha256"], said["processes"], said["surroundings"])

"""Wall time of the whole cold `printstd slice` process beside the peer's, interleaved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from benchmarks.processes import PEER, interleaved, medians
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

COUNTED_FROM_S = 1.0
"""Parts that take the peer less than this are shown, and not counted in the mean."""
WANTED_RATIO = 2.0


def measure(setting: Setting) -> dict[str, Any]:
    if not (setting.corpus and setting.peers):
        return {"not_run": "needs --corpus and --peers"}
    parts: dict[str, Any] = {}
    rows = []
    ratios = []
    for model in setting.models():
        results = interleaved(setting.commands(model), runs=setting.runs)
        figures = {name: medians(runs) for name, runs in results.items()}
        failed = [n for n, runs in results.items() if any(r.exit_code for r in runs)]
        ratio = figures[PEER]["wall_s"] / figures["printstd"]["wall_s"]
        counted = figures[PEER]["wall_s"] >= COUNTED_FROM_S and not failed
        if counted:
            ratios.append(ratio)
        parts[model.name] = {**figures, "ratio": round(ratio, 3), "counted": counted}
        if failed:
            parts[model.name]["failed"] = failed
        rows.append(
            [model.name]
            + [figures[n][k] for k in ("wall_s", "cpu_s", "peak_mib") for n in ("printstd", PEER)]
            + [ratio, counted]
        )
        print(f"  {model.name}: {ratio:.2f} times as fast", flush=True)
    show(
        ["part", "wall s", "theirs", "cpu s", "theirs", "MiB", "theirs", "faster x", "counted"],
        rows,
    )
    mean = math.exp(sum(math.log(r) for r in ratios) / len(ratios)) if ratios else None
    slowest = min(ratios, default=None)
    print(f"geometric mean over {len(ratios)} counted parts: {mean and round(mean, 3)} times")
    return {
        "peer": PEER,
        "runs": setting.runs,
        "parts": parts,
        "geometric_mean": mean and round(mean, 3),
        "slowest_ratio": slowest and round(slowest, 3),
        "holds": mean is None or (mean >= WANTED_RATIO and (slowest or 0) >= 1.0),
    }

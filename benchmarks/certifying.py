"""A cold `printstd certify`, which validates, slices, audits and signs, beside the peer's slice
alone: wanted at least as fast where the peer takes 2 s or more (ratios of one interleaved run)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from benchmarks.fits import geometric_mean
from benchmarks.processes import PEER, interleaved, medians, printstd, run
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

COUNTED_FROM_S: Final = 2.0
WANTED: Final = 1.0


def measure(setting: Setting) -> dict[str, Any]:
    if not (setting.corpus and setting.peers):
        return {"not_run": "needs --corpus and --peers"}
    key = setting.scratch / "certifying"
    run(printstd("keys", "new", str(key)))
    parts: dict[str, Any] = {}
    rows = []
    ratios = []
    for model in setting.models():
        out = setting.program(model, "certified")
        options = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")
        ours = printstd("certify", str(model), "-o", str(out), "--key", f"{key}.key", *options)
        theirs = setting.peer_command(model, PEER)
        results = interleaved({"certify": [*ours, "--quiet"], PEER: theirs}, runs=setting.runs)
        figures = {"certify": medians(results["certify"])}
        figures[PEER] = medians(results[PEER], setting.idle(PEER))
        exit_code = results["certify"][-1].exit_code
        ratio = figures[PEER]["wall_s"] / figures["certify"]["wall_s"]
        # A no is an answer, and is worked for: 1 counts as well as 0.
        is_counted = figures[PEER]["wall_s"] >= COUNTED_FROM_S and exit_code in (0, 1)
        if is_counted:
            ratios.append(ratio)
        parts[model.name] = {**figures, "exit": exit_code, "times_as_fast": round(ratio, 3)}
        row = [figures[who][k] for k in ("wall_s", "cpu_s", "peak_mib") for who in figures]
        rows.append([model.name, exit_code, *row, ratio, is_counted])
        print(f"  {model.name}: {ratio:.2f} times as fast as their slice", flush=True)
    titles = ("wall s", "theirs", "cpu s", "theirs", "MiB", "theirs")
    show(["certified", "exit", *titles, "faster x", "counted"], rows)
    mean = geometric_mean(ratios)
    print(f"geometric mean over {len(ratios)} counted parts: {mean and round(mean, 3)} times")
    slowest = min(ratios, default=None)
    holds = slowest is None or slowest >= WANTED
    return {
        "parts": parts,
        "geometric_mean": mean and round(mean, 3),
        "slowest": slowest and round(slowest, 3),
        "holds": holds,
    }

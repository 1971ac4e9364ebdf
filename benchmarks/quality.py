"""The referee over our programs and the peer's, part by part (equal settings); those of the speed
section where that ran.

Ours must have no missing layer; surface_dev_p95_um at most max(15, theirs); the other
columns no worse than theirs with slack max(2 %, the column's own step).
"""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.processes import PEER, run
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

SLACK = {
    "underfill_fraction": 0.0005,
    "overspill_fraction": 0.0005,
    "missing_boundary_fraction": 0.0005,
    "travel_length_mm": 1.0,
    "unretracted_travels_crossing_outside": 1.0,
}
ALSO = ("shell_underfill_fraction", "total_time_estimate_s", "solid_flow_ratio", "retraction_count")


def measure(setting: Setting) -> dict[str, Any]:
    if not (setting.corpus and setting.referee and setting.peers):
        return {"not_run": "needs --corpus, --referee and --peers"}
    parts: dict[str, Any] = {}
    rows = []
    holds = True
    for model in setting.models():
        scores: dict[str, Any] = {}
        for name, command in setting.commands(model).items():
            out = setting.program(model, name)
            made = out.exists() or run(command).exit_code == 0
            scores[name] = _score(setting, model, out) if made else None
        worse = compare(scores["printstd"], scores[PEER])
        holds &= not worse
        parts[model.name] = {**scores, "worse": worse}
        rows.append(_row(model.name, scores, worse))
        print(f"  {model.name}: {'ok' if not worse else 'worse: ' + ', '.join(worse)}", flush=True)
    pairs = ("p95 um", "under %", "over %", "missing %", "travel m", "cross")
    show(["part", *(name for pair in pairs for name in (pair, "theirs")), "holds"], rows)
    return {"peer": PEER, "parts": parts, "holds": holds}


def _score(setting: Setting, model: Path, program: Path) -> dict[str, Any]:
    answer = subprocess.run(
        [*(setting.referee or []), str(model), str(program), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    score: dict[str, Any] = json.loads(answer.stdout)
    return score


def compare(ours: dict[str, Any] | None, theirs: dict[str, Any] | None) -> list[str]:
    """The columns in which ours is worse than allowed."""
    if ours is None or theirs is None:
        return ["no program"] if ours is None else []
    worse = []
    if ours["missing_layer_count"]:
        worse.append("missing_layer_count")
    if _at(ours, "surface_dev_p95_um") > max(15.0, _at(theirs, "surface_dev_p95_um")):
        worse.append("surface_dev_p95_um")
    for key, step in SLACK.items():
        limit = _at(theirs, key) + max(0.02 * _at(theirs, key), step)
        if _at(ours, key) > limit:
            worse.append(key)
    return worse


def _at(score: dict[str, Any], key: str) -> float:
    value = score.get(key)
    return math.nan if value is None else float(value)


def _row(name: str, scores: dict[str, Any], worse: list[str]) -> list[object]:
    row: list[object] = [name]
    for key, factor in (
        ("surface_dev_p95_um", 1.0),
        ("underfill_fraction", 100.0),
        ("overspill_fraction", 100.0),
        ("missing_boundary_fraction", 100.0),
        ("travel_length_mm", 0.001),
        ("unretracted_travels_crossing_outside", 1.0),
    ):
        for who in ("printstd", PEER):
            score = scores[who]
            row.append(None if score is None else _at(score, key) * factor)
    return [*row, not worse]

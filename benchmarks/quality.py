"""The referee over our programs and the peer's, part by part (equal settings); those of the speed
section where that ran.

Ours must have no missing layer; surface_dev_p95_um at most max(15, theirs); the other
columns no worse than theirs with slack max(2 %, the column's own step). Total time is compared at
equal extruded volume (theirs times our volume over theirs) and shown as the geometric mean over all
parts, wanted 5 % less. Walls of variable width (Arachne), Slic3r and CuraEngine are shown beside
and do not count.
"""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.fits import geometric_mean
from benchmarks.processes import OTHERS, PEER, run
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


BESIDE = ("prusa", *OTHERS)
MOST_TIME_RATIO = 0.95


def measure(setting: Setting) -> dict[str, Any]:
    if not (setting.corpus and setting.referee and setting.peers):
        return {"not_run": "needs --corpus, --referee and --peers"}
    parts: dict[str, Any] = {}
    rows = []
    beside: list[list[object]] = []
    holds = True
    for model in setting.models():
        scores: dict[str, Any] = {}
        for name, command in setting.commands(model, (PEER, *BESIDE)).items():
            out = setting.program(model, name)
            made = out.exists() or run(command).exit_code == 0
            scores[name] = _score(setting, model, out) if made else None
        worse = compare(scores["printstd"], scores[PEER])
        holds &= not worse
        parts[model.name] = {**scores, "worse": worse}
        rows.append(_row(model.name, scores, worse))
        beside += [_beside(model.name, who, score, scores[PEER]) for who, score in scores.items()]
        print(f"  {model.name}: {'ok' if not worse else 'worse: ' + ', '.join(worse)}", flush=True)
    pairs = ("p95 um", "under %", "over %", "missing %", "travel m", "cross")
    show(["part", *(name for pair in pairs for name in (pair, "theirs")), "holds"], rows)
    show(["part", "made by", *BESIDE_COLUMNS, "time at equal volume x"], beside)
    ratios = {who: _time_ratio(parts, who) for who in ("printstd", *BESIDE)}
    print(f"time at equal volume over {PEER}'s, geometric mean: {ratios}")
    ours = ratios["printstd"]
    return {
        "peer": PEER,
        "parts": parts,
        "time_at_equal_volume": ratios,
        "holds": holds and (ours is None or ours <= MOST_TIME_RATIO),
    }


BESIDE_COLUMNS = (
    "surface_dev_p95_um",
    "missing_layer_count",
    "underfill_fraction",
    "overspill_fraction",
    "missing_boundary_fraction",
    "travel_length_mm",
    "retraction_count",
    "total_time_estimate_s",
    "extruded_volume_mm3",
)


def _beside(
    part: str, who: str, score: dict[str, Any] | None, theirs: dict[str, Any] | None
) -> list[object]:
    if score is None:
        return [part, who, *(None for _ in BESIDE_COLUMNS), None]
    ratio = time_at_equal_volume(score, theirs) if theirs else None
    return [part, who, *(_at(score, name) for name in BESIDE_COLUMNS), ratio]


def time_at_equal_volume(score: dict[str, Any], theirs: dict[str, Any]) -> float | None:
    """Seconds a mm3 over those of theirs: whoever fills less is not faster for it. None where one
    of them lays nothing: there are slicers that make an empty program and say that all is well."""
    volumes = [_at(one, "extruded_volume_mm3") for one in (score, theirs)]
    if not all(volumes):
        return None
    mine, other = (
        _at(one, "total_time_estimate_s") / volume
        for one, volume in zip((score, theirs), volumes, strict=True)
    )
    return mine / other


def _time_ratio(parts: dict[str, Any], who: str) -> float | None:
    both = [(part[who], part[PEER]) for part in parts.values() if part[who] and part[PEER]]
    ratios = [ratio for a, b in both if (ratio := time_at_equal_volume(a, b)) is not None]
    mean = geometric_mean(ratios)
    return None if mean is None else round(mean, 4)


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

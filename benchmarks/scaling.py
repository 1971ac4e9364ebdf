"""How time and memory grow: with the triangles of a part that stays as large, and with its layers.

Balls and plates of 10 to 2,000,000 triangles (`--largest`), and a twisted column of 20,000 at
heights of 5 to 200 mm (25 to 1,000 layers), ours and the peer's. Exponents are those of a power law
fitted to the parts beyond what start-up hides: 1 is linear. Of the largest part ours may take at
most 1.5 times the peer's memory, all processes of either together.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import generated
from benchmarks.fits import exponent
from benchmarks.processes import PEER, interleaved, medians, whole_peak_mib
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

FITTED_FROM_TRIANGLES: Final = 10_000
FITTED_FROM_LAYERS: Final = 100
MOST_MEMORY_RATIO: Final = 1.5
MOST_EXPONENT: Final = 1.1
KINDS: Final = ("ball", "plate")
HEIGHTS_MM: Final = (5, 10, 20, 40, 80, 160, 200)
COLUMN_TRIANGLES: Final = 20_000
LAYERS_PER_MM: Final = 5
MEASURES: Final = ("wall_s", "cpu_s", "peak_mib")

Curve = dict[int, dict[str, dict[str, float]]]
"""By triangles or layers, by slicer: medians."""


def measure(setting: Setting) -> dict[str, Any]:
    curves: dict[str, Curve] = {}
    for kind in KINDS:
        sizes = [size for size in generated.SIZES if size <= setting.largest]
        models = {size: generated.write(setting.scratch, kind, size) for size in sizes}
        curves[f"{kind}, by triangles"] = _curve(setting, models)
    columns = {}
    for height in HEIGHTS_MM:
        path = setting.scratch / f"column_{height}mm.stl"
        corners = generated.column(COLUMN_TRIANGLES, height_mm=float(height))
        path.write_bytes(generated.stl_bytes(corners))
        columns[height * LAYERS_PER_MM] = path
    curves["column, by layers"] = _curve(setting, columns)
    result: dict[str, Any] = {"curves": curves, "exponents": {}, "memory_ratios": {}}
    rows: list[list[object]] = []
    holds = True
    for name, curve in curves.items():
        least = FITTED_FROM_LAYERS if "layers" in name else FITTED_FROM_TRIANGLES
        result["exponents"][name] = exponents(curve, least)
        for who, found in result["exponents"][name].items():
            rows.append([name, who, *found.values()])
        ours = result["exponents"][name]["printstd"]
        holds &= all((ours[key] or 0.0) <= MOST_EXPONENT for key in MEASURES)
        whole = curve[max(curve)]["printstd"].get("whole_peak_mib")
        theirs = curve[max(curve)].get(PEER, {}).get("whole_peak_mib")
        if whole and theirs:
            result["memory_ratios"][name] = round(whole / theirs, 3)
            holds &= "layers" in name or whole / theirs <= MOST_MEMORY_RATIO
    show(["exponents", "of", *MEASURES], rows)
    if setting.peers is None:
        print("the peer: not run, needs --peers")
    else:
        print(f"peak memory of the largest part over {PEER}'s: {result['memory_ratios']}")
    return {**result, "holds": holds}


def _curve(setting: Setting, models: Mapping[int, Path]) -> Curve:
    curve: Curve = {}
    rows: list[list[object]] = []
    peers = (PEER,) if setting.peers else ()
    for size, model in models.items():
        runs = interleaved(setting.commands(model, peers), runs=setting.runs)
        if any(run.exit_code for run in runs["printstd"]):
            raise RuntimeError(f"no program was made of {model.name}")
        made = {who: done for who, done in runs.items() if not any(r.exit_code for r in done)}
        curve[size] = {
            who: medians(done, setting.idle(who) if who in peers else None)
            for who, done in made.items()
        }
        if size == max(models):
            for who, command in setting.commands(model, peers).items():
                whole = whole_peak_mib(command) if who in made else None
                if whole is not None:
                    curve[size][who]["whole_peak_mib"] = round(whole, 1)
        row: list[object] = [model.name, size]
        for key in MEASURES:
            row += [curve[size].get(who, {}).get(key) for who in ("printstd", *peers)]
        rows.append(row)
    titles = [f"{key}{who}" for key in MEASURES for who in ("", *(f" {peer}" for peer in peers))]
    show(["part", "size", *titles], rows)
    return curve


def exponents(curve: Curve, least: int) -> dict[str, dict[str, float | None]]:
    """By slicer and measure, over sizes from `least` on."""
    found: dict[str, dict[str, float | None]] = {}
    for who in dict.fromkeys(name for point in curve.values() for name in point):
        sizes = [size for size, point in curve.items() if size >= least and who in point]
        fitted = {
            key: exponent(sizes, [curve[size][who][key] for size in sizes]) for key in MEASURES
        }
        found[who] = {k: None if p is None else round(p, 3) for k, p in fitted.items()}
    return found

"""Wall and CPU time and peak memory of the whole cold `printstd slice` process beside other
slicers, interleaved, on one core and on two.

Parts: the corpus, and generated ones of 10 to 2,000,000 triangles (`--largest`; over 100,000 beside
the first peer alone). What a peer's
wrapper takes by itself is measured and taken off. A second table has the corpus with supports and
walls of variable width, ours and the peer's.

Parts that take the peer under 2 s are shown, and not counted in the mean; ours may be slower on no
part that takes the peer over 0.4 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import generated
from benchmarks.fits import geometric_mean
from benchmarks.processes import OTHERS, PEER, Run, interleaved, medians, slice_command
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

COUNTED_FROM_S: Final = 2.0
NEVER_SLOWER_FROM_S: Final = 0.4
WANTED: Final = {PEER: 4.0, "cura": 2.0}
"""Times as fast, geometric mean over the counted parts, with all cores."""
KINDS: Final = ("ball", "plate")
OTHERS_UP_TO: Final = 100_000
"""Triangles of generated parts that all slicers are given: for 2 million one takes ten minutes."""
FULL_PEER: Final = "prusa"
FULL_OURS: Final = (
    *("--set", "supports.enabled=true", "--set", "supports.angle_deg=45"),
    *("--set", "walls.generator=variable"),
)
FULL_THEIRS: Final = {
    "support_material": "1",
    "support_material_auto": "1",
    "support_material_style": "grid",
    "support_material_threshold": "45",
    "support_material_angle": "0",
    "support_material_spacing": "2.5",
    "support_material_contact_distance": "0.2",
    "support_material_bottom_contact_distance": "0.2",
    "support_material_interface_layers": "3",
    "support_material_bottom_interface_layers": "3",
    "support_material_interface_spacing": "0",
    "support_material_xy_spacing": "50%",
    "support_material_buildplate_only": "0",
    "dont_support_bridges": "1",
    "support_material_speed": "60",
    "support_material_interface_speed": "100%",
}


def measure(setting: Setting) -> dict[str, Any]:
    if not setting.peers:
        return {"not_run": "needs --peers"}
    equal: dict[str, Any] = {}
    holds = True
    for cores in setting.cores:
        print(f"-- on {cores} core{'s' * (cores > 1)}", flush=True)
        equal[f"{cores}"] = _timed(setting, [*setting.models(), *_generated(setting)], cores)
    full = _full(setting)
    last = equal[f"{setting.cores[-1]}"]
    for peer, wanted in WANTED.items():
        mean = last["geometric_means"].get(peer)
        holds &= mean is None or mean >= wanted
    return {
        "runs": setting.runs,
        "counted_from_s": COUNTED_FROM_S,
        "equal_settings": equal,
        "supports_and_variable_walls": full,
        "holds": holds and not last["slower_on"],
    }


def _generated(setting: Setting) -> list[Path]:
    sizes = [size for size in generated.SIZES if size <= setting.largest]
    return [generated.write(setting.scratch, kind, size) for kind in KINDS for size in sizes]


def _timed(setting: Setting, models: list[Path], cores: int) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    rows = []
    idle = {who: setting.idle(who) for who in (PEER, *OTHERS)}
    for model in models:
        others = OTHERS if _size(model) <= OTHERS_UP_TO else ()
        commands = setting.commands(model, (PEER, *others))
        results = interleaved(commands, runs=setting.runs, cores=cores)
        parts[model.name] = figures_of(results, idle)
        rows.append(_row(model.name, parts[model.name], ("printstd", PEER, *OTHERS)))
        print(f"  {model.name}: {parts[model.name]['times_as_fast']}", flush=True)
    if rows:
        _show(rows, ("printstd", PEER, *OTHERS))
    means, slower = judged(parts, PEER)
    others = {who: judged(parts, who)[0] for who in OTHERS}
    print(f"geometric means over parts that take the peer {COUNTED_FROM_S:g} s: {means} {others}")
    if slower:
        print(f"slower than {PEER} on: {', '.join(slower)}")
    return {"parts": parts, "geometric_means": {PEER: means, **others}, "slower_on": slower}


def figures_of(results: dict[str, list[Run]], idle: dict[str, Run]) -> dict[str, Any]:
    """Medians of each slicer, and how many times as fast ours is; those that made no program are
    named and have no ratio."""
    failed = sorted(n for n, runs in results.items() if any(r.exit_code for r in runs))
    figures: dict[str, Any] = {n: medians(runs, idle.get(n)) for n, runs in results.items()}
    ratios = {
        who: round(figures[who]["wall_s"] / figures["printstd"]["wall_s"], 3)
        for who in results
        if who != "printstd" and not {who, "printstd"} & set(failed)
    }
    return {**figures, "times_as_fast": ratios, **({"failed": failed} if failed else {})}


def judged(parts: dict[str, Any], peer: str) -> tuple[float | None, list[str]]:
    """(geometric mean of the counted ratios, parts on which ours is slower and should not be)."""
    both = {n: part for n, part in parts.items() if peer in part["times_as_fast"]}
    ratios = [
        part["times_as_fast"][peer]
        for part in both.values()
        if part[peer]["wall_s"] >= COUNTED_FROM_S
    ]
    slower = [
        name
        for name, part in both.items()
        if part[peer]["wall_s"] > NEVER_SLOWER_FROM_S and part["times_as_fast"][peer] < 1.0
    ]
    mean = geometric_mean(ratios)
    return (None if mean is None else round(mean, 3)), slower


def _size(model: Path) -> int:
    """Triangles of a part that was generated; of others 0."""
    kind, _, size = model.stem.rpartition("_")
    return int(size) if kind in generated.KINDS and size.isdigit() else 0


def _row(name: str, part: dict[str, Any], slicers: Sequence[str]) -> list[object]:
    failed = part.get("failed", ())
    row: list[object] = [name]
    for key in ("wall_s", "cpu_s", "peak_mib"):
        row += [part[who][key] if who in part and who not in failed else None for who in slicers]
    return [*row, *(part["times_as_fast"].get(who) for who in slicers if who != "printstd")]


def _show(rows: list[list[object]], who: tuple[str, ...]) -> None:
    columns = [f"{unit} {name}" for unit in ("wall s", "cpu s", "MiB") for name in who]
    show(["part", *columns, *(f"x {name}" for name in who if name != "printstd")], rows)


def _full(setting: Setting) -> dict[str, Any]:
    """With supports and walls of variable width, on as many cores as the last table."""
    print(f"-- with supports and variable walls, beside {FULL_PEER}", flush=True)
    environment = setting.altered(FULL_PEER, FULL_THEIRS)
    if environment is None:
        print("not run: needs --peers-ini")
        return {"not_run": "needs --peers-ini"}
    parts: dict[str, Any] = {}
    rows = []
    idle = {FULL_PEER: setting.idle(FULL_PEER)}
    for model in setting.models():
        ours = slice_command(model, setting.program(model, "full"))
        commands = {
            "printstd": [*ours, *FULL_OURS],
            FULL_PEER: setting.peer_command(model, FULL_PEER, "full"),
        }
        results = interleaved(
            commands, runs=setting.runs, cores=setting.cores[-1], environment=environment
        )
        parts[model.name] = figures_of(results, idle)
        rows.append(_row(model.name, parts[model.name], tuple(commands)))
        print(f"  {model.name}: {parts[model.name]['times_as_fast']}", flush=True)
    if not rows:
        return {"not_run": "needs --corpus"}
    _show(rows, ("printstd", FULL_PEER))
    mean, slower = judged(parts, FULL_PEER)
    print(
        f"geometric mean over parts that take it {COUNTED_FROM_S:g} s: {mean}; slower on {slower}"
    )
    return {"parts": parts, "geometric_mean": mean, "slower_on": slower}

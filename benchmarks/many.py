"""Many files in one call: `printstd slice *.stl --outdir D` on all cores beside the peer, started
for each file by xargs, one and two at a time; the better of the two counts. Wanted: 4 times as many
files an hour."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import generated
from benchmarks.processes import PEER, interleaved, medians, printstd
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

WANTED: Final = 4.0
AT_ONCE: Final = (1, 2)
GENERATED: Final = (("ball", 10_000), ("plate", 10_000), ("lattice", 10_000), ("column", 10_000))
"""Where there is no corpus."""


def measure(setting: Setting) -> dict[str, Any]:
    if not setting.peers:
        return {"not_run": "needs --peers"}
    models = [path for path in setting.models() if path.suffix.lower() == ".stl"]
    if not models:
        models = [generated.write(setting.scratch, *part) for part in GENERATED]
    profiles = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")
    outdir = setting.scratch / "many"
    outdir.mkdir(exist_ok=True)
    names = [str(path) for path in models]
    ours = printstd("slice", *names, "--outdir", str(outdir), *profiles, "--quiet")
    commands = {"printstd": ours}
    listed = setting.scratch / "many.txt"
    listed.write_bytes(b"\0".join(name.encode() for name in names))
    for count in AT_ONCE:
        commands[f"{PEER} -P{count}"] = _xargs(setting.peers, listed, outdir, count)
    results = interleaved(commands, runs=setting.runs)
    failed = [name for name, runs in results.items() if any(run.exit_code for run in runs)]
    figures = {name: medians(runs) for name, runs in results.items()}
    # Each file's wrapper takes its time too; side by side it takes its share of it.
    idle = setting.idle(PEER)
    for count in AT_ONCE:
        own = figures[f"{PEER} -P{count}"]
        own["wall_s"] = round(own["wall_s"] - idle.wall_s * len(models) / count, 4)
        own["cpu_s"] = round(own["cpu_s"] - idle.cpu_s * len(models), 4)
    best = min(figures[f"{PEER} -P{count}"]["wall_s"] for count in AT_ONCE)
    ratio = best / figures["printstd"]["wall_s"]
    show(
        ["call", "files", "wall s", "cpu s", "MiB (largest process)"],
        [[name, len(models), *figure.values()] for name, figure in figures.items()],
    )
    print(f"{ratio:.2f} times as many files an hour; wanted {WANTED:g}")
    if failed:
        print(f"did not end with 0: {', '.join(failed)}")
    return {
        "files": len(models),
        "calls": figures,
        "failed": failed,
        "times_as_many": round(ratio, 3),
        "holds": not failed and ratio >= WANTED,
    }


def _xargs(peers: list[str], listed: Path, outdir: Path, count: int) -> list[str]:
    each = f'{shlex.join([*peers, PEER])} "$1" {shlex.quote(str(outdir))}/"${{1##*/}}".peer.gcode'
    whole = f"xargs -0 -n1 -P{count} -a {shlex.quote(str(listed))} sh -c {shlex.quote(each)} each"
    return ["sh", "-c", whole]

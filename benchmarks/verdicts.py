"""Every corpus model through the commands, and every program that the peers make of a good one
through `certify`, against what is expected.

benchmarks/corpus.toml holds the expected exit codes (the corpus's own manifest in data form; the
reasons for what is refused stand beside it).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.processes import printstd, run
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

EQUAL = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")
PROFILES = ("--pack", "int", "--class", "m", "--material", "pla", "--printer", "mk4s")


def measure(setting: Setting) -> dict[str, Any]:
    if not setting.corpus:
        return {"not_run": "needs --corpus"}
    expected = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text("utf-8"))
    key = setting.scratch / "bench"
    run(printstd("keys", "new", str(key)))
    rows = []
    parts: dict[str, Any] = {}
    holds = True
    for folder, commands in (
        ("good", ("certify",)),
        ("bad", ("validate", "slice")),
        ("units", ("validate",)),
    ):
        for model in setting.models(folder):
            for command in commands:
                wanted = expected[folder][model.name][command]
                out = setting.scratch / f"{model.name}.gcode"
                extra: tuple[str, ...] = ()
                if command != "validate":
                    extra = ("-o", str(out))
                if command == "certify":
                    extra += ("--key", f"{key}.key")
                done = run(printstd(command, str(model), *PROFILES, *extra, "--quiet"))
                accepted = wanted if isinstance(wanted, list) else [wanted]
                good = done.exit_code in accepted
                holds &= good
                parts[f"{command} {folder}/{model.name}"] = {
                    "exit": done.exit_code,
                    "wanted": accepted,
                    "wall_s": round(done.wall_s, 2),
                }
                said = "/".join(map(str, accepted))
                rows.append([folder, model.name, command, done.exit_code, said, done.wall_s, good])
    show(["folder", "model", "command", "exit", "wanted", "s", "as expected"], rows)
    theirs = _peers(setting, expected["peers"], key)
    return {"parts": parts, "peers": theirs, "holds": holds and theirs.get("holds", True)}


def _peers(setting: Setting, expected: dict[str, dict[str, int]], key: Path) -> dict[str, Any]:
    """The peers' own programs of the good models, audited and signed."""
    if not setting.peers:
        print("other slicers' programs: not run, needs --peers")
        return {"not_run": "needs --peers"}
    rows = []
    parts: dict[str, Any] = {}
    for peer in expected:
        for model in setting.models():
            program = setting.program(model, peer)
            if not program.exists():
                run([*setting.peers, peer, str(setting.for_peer(model)), str(program)])
            command = ("certify", str(program), "--model", str(model), *EQUAL)
            done = run(printstd(*command, "--key", f"{key}.key", "--quiet"))
            wanted = expected[peer].get(model.name, 0)
            good = done.exit_code == wanted
            parts[f"{peer} {model.name}"] = {
                "exit": done.exit_code,
                "wanted": wanted,
                "wall_s": round(done.wall_s, 2),
            }
            rows.append([peer, model.name, "certify", done.exit_code, wanted, done.wall_s, good])
    show(["made by", "model", "command", "exit", "wanted", "s", "as expected"], rows)
    return {"parts": parts, "holds": all(row[-1] for row in rows)}

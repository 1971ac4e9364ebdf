"""Every corpus model through the commands, against what is expected of it.

benchmarks/corpus.toml holds the expected exit codes (the corpus's own manifest in data form).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.processes import printstd, run
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

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
    return {"parts": parts, "holds": holds}

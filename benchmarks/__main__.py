"""``python -m benchmarks [--corpus DIR] [--referee CMD] [--peers CMD] [SECTION ...]``

Sections: verdicts, startup, speed, quality, finish, circles, supports, reuse, sameness; all
without names. What cannot run (no corpus, no referee, no peers) is printed as "not run" and why.
Results: a table on standard output and JSON in --json (out/bench.json).

--referee CMD   called as ``CMD MODEL OUT.gcode --json``
--peers CMD     called as ``CMD NAME MODEL OUT.gcode``, e.g. ``bash peers.sh``
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import shlex
import sys
import tempfile
from pathlib import Path

import printstd
from benchmarks import (
    circles,
    finish,
    quality,
    reuse,
    sameness,
    speed,
    startup,
    supports,
    verdicts,
)
from benchmarks.processes import PEER, slice_command

SECTIONS = {
    "verdicts": verdicts.measure,
    "startup": startup.measure,
    "speed": speed.measure,
    # After speed: the programs that were timed are those that are scored.
    "quality": quality.measure,
    "circles": circles.measure,
    "finish": finish.measure,
    "supports": supports.measure,
    "reuse": reuse.measure,
    "sameness": sameness.measure,
}


class Setting:
    """What the sections are given: where things are, and a scratch folder."""

    def __init__(self, arguments: argparse.Namespace, scratch: Path) -> None:
        self.corpus: Path | None = arguments.corpus
        self.referee: list[str] | None = shlex.split(arguments.referee or "") or None
        self.peers: list[str] | None = shlex.split(arguments.peers or "") or None
        self.runs: int = arguments.runs
        self.only: str | None = arguments.only
        self.scratch = scratch

    def models(self, folder: str = "good") -> list[Path]:
        """The corpus's models of one folder, in name order; those that --only names."""
        if self.corpus is None:
            return []
        found = sorted((self.corpus / folder).iterdir(), key=lambda path: path.name)
        return [path for path in found if self.only is None or self.only in path.name]

    def program(self, model: Path, who: str) -> Path:
        """Where the program that `who` makes of a model lies."""
        return self.scratch / f"{model.name}.{who}.gcode"

    def for_peer(self, model: Path) -> Path:
        """A model as peers can read it: they read no PLY, and get that as STL."""
        if model.suffix.lower() != ".ply":
            return model
        theirs = self.scratch / f"{model.stem}.stl"
        if not theirs.exists():
            import trimesh

            trimesh.load(model, process=False).export(theirs)
        return theirs

    def commands(self, model: Path) -> dict[str, list[str]]:
        """How each slicer is called for a model, with equal settings."""
        theirs = self.for_peer(model)
        return {
            "printstd": slice_command(model, self.program(model, "printstd")),
            PEER: [*(self.peers or []), PEER, str(theirs), str(self.program(model, PEER))],
        }


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="SECTION")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--referee")
    parser.add_argument("--peers")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", help="only models whose name holds this")
    parser.add_argument("--json", type=Path, default=Path("out/bench.json"))
    arguments = parser.parse_args()
    results: dict[str, object] = {
        "machine": {
            "cores": os.cpu_count(),
            "platform": platform.platform(),
            "python": platform.python_version(),
        }
    }
    failed = False
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    # As an installer leaves the package: compiled, whatever this environment says of writing it.
    compileall.compile_dir(str(Path(printstd.__file__).parent), quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(arguments, Path(folder))
        for name in arguments.sections or SECTIONS:
            print(f"\n== {name}", flush=True)
            result = SECTIONS[name](setting)
            results[name] = result
            if isinstance(result, dict) and result.get("not_run"):
                print(f"not run: {result['not_run']}")
            elif isinstance(result, dict) and result.get("holds") is False:
                failed = True
            arguments.json.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    print(f"\nresults: {arguments.json}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m benchmarks [--corpus DIR] [--referee CMD] [--peers CMD] [SECTION ...]``

Sections: verdicts, metamorphic, validate, check_repository, startup, speed, scaling, certify, many,
batch, quality, finish, circles, supports, recognition, reuse, sameness, features, decisions,
auditor, robustness, times; all without names. By name only: scoreboard (--dated DATE writes
docs/scoreboard.md), alarms (--kept DIR holds its programs and answers, --seconds N stops it,
--slicers NAME,NAME). What cannot run (no corpus, no referee, no peers, no hosts) is printed as "not
run" and why. Results: a table on standard output and JSON in --json (out/bench.json).

--referee CMD    called as ``CMD MODEL OUT.gcode --json``
--peers CMD      called as ``CMD NAME MODEL OUT.gcode``, e.g. ``bash peers.sh``
--peers-ini INI  the settings that CMD uses, where it takes others from the file that $PEERS_INI
                 names; without it, peers.ini beside the script in CMD

How long it takes is bounded by --parts, --only, --runs, --largest and --programs
(docs/performance.md).
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
from collections.abc import Mapping, Sequence
from pathlib import Path

import printstd
from benchmarks import (
    alarms,
    auditor,
    batching,
    certifying,
    check_repository,
    circles,
    decisions,
    farm,
    farm_page,
    finish,
    many,
    metamorphic,
    quality,
    recognition,
    reuse,
    robustness,
    sameness,
    scaling,
    scoreboard,
    speed,
    startup,
    supports,
    times,
    validating,
    verdicts,
)
from benchmarks.processes import PEER, Run, slice_command, without_work

SECTIONS = {
    "verdicts": verdicts.measure,
    "metamorphic": metamorphic.measure,
    "validate": validating.measure,
    "check_repository": check_repository.measure,
    "startup": startup.measure,
    "speed": speed.measure,
    "scaling": scaling.measure,
    "certify": certifying.measure,
    "many": many.measure,
    "batch": batching.measure,
    # After speed: the programs that were timed are those that are scored.
    "quality": quality.measure,
    "circles": circles.measure,
    "finish": finish.measure,
    "supports": supports.measure,
    "recognition": recognition.measure,
    "reuse": reuse.measure,
    "sameness": sameness.measure,
    "features": sameness.over_features,
    "decisions": decisions.measure,
    "auditor": auditor.measure,
    "robustness": robustness.measure,
    "times": times.measure,
    "scoreboard": scoreboard.measure,
    "alarms": alarms.measure,
    "farm": farm.measure,
    "farm_page": farm_page.measure,
}
BY_NAME_ONLY = ("scoreboard", "alarms", "farm", "farm_page")
"""Made of what other sections and the tests measure; takes hours."""


class Setting:
    """What the sections are given: where things are, and a scratch folder."""

    def __init__(self, arguments: argparse.Namespace, scratch: Path) -> None:
        self.corpus: Path | None = arguments.corpus
        self.referee: list[str] | None = shlex.split(arguments.referee or "") or None
        self.peers: list[str] | None = shlex.split(arguments.peers or "") or None
        self.peers_ini: Path | None = arguments.peers_ini or _beside(self.peers)
        self.runs: int = arguments.runs
        self.parts: int | None = arguments.parts
        self.largest: int = arguments.largest
        self.programs: int = arguments.programs
        self.environments: Path = arguments.environments
        self.cores: list[int] = arguments.cores
        self.only: str | None = arguments.only
        self.dated: str | None = arguments.dated
        self.kept: Path = arguments.kept
        self.seconds: int | None = arguments.seconds
        self.slicers: list[str] = arguments.slicers
        self.dialects: list[str] = arguments.dialects
        self.processes: list[str] = arguments.processes
        self.scratch = scratch
        self._idle: dict[str, Run] = {}

    def models(self, folder: str = "good") -> list[Path]:
        """The corpus's models of one folder, in name order; those that --only names."""
        if self.corpus is None:
            return []
        found = sorted((self.corpus / folder).iterdir(), key=lambda path: path.name)
        found = [path for path in found if self.only is None or self.only in path.name]
        if self.parts is None or len(found) <= self.parts:
            return found
        return [found[i * len(found) // self.parts] for i in range(self.parts)]

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

    def commands(self, model: Path, peers: Sequence[str] = (PEER,)) -> dict[str, list[str]]:
        """How each slicer is called for a model, with equal settings."""
        ours = slice_command(model, self.program(model, "printstd"))
        return {"printstd": ours, **{name: self.peer_command(model, name) for name in peers}}

    def peer_command(self, model: Path, name: str, how: str = "") -> list[str]:
        out = self.program(model, f"{name}{how}")
        return [*(self.peers or []), name, str(self.for_peer(model)), str(out)]

    def idle(self, name: str) -> Run:
        """What the peer's wrapper takes without the peer."""
        if name not in self._idle:
            sample = Path(__file__).parent.parent / "samples" / "cube20.stl"
            self._idle[name] = without_work(self.peer_command(sample, name, ".idle"), self.scratch)
        return self._idle[name]

    def altered(self, section: str, lines: Mapping[str, str]) -> dict[str, str] | None:
        """The environment in which a peer slices with some settings changed; None where the file of
        its settings is not known."""
        if self.peers_ini is None:
            return None
        text = self.peers_ini.read_text("utf-8")
        added = "".join(f"{key} = {value}\n" for key, value in lines.items())
        kept = [
            line
            for line in text.splitlines(keepends=True)
            if line.partition("=")[0].strip() not in lines
        ]
        changed = "".join(kept).replace(f"[{section}]\n", f"[{section}]\n{added}")
        path = self.scratch / f"{section}-altered.ini"
        path.write_text(changed, "utf-8")
        return {"PEERS_INI": str(path)}


def _beside(peers: Sequence[str] | None) -> Path | None:
    """peers.ini in the folder of a script that the command names."""
    found = [Path(word).parent / "peers.ini" for word in peers or ()]
    return next((path for path in found if path.is_file()), None)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="SECTION")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--referee")
    parser.add_argument("--peers")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--only", help="only models, and errors of robustness, whose name holds this"
    )
    parser.add_argument("--dated", help="date of the score board, e.g. 2026-11-26")
    parser.add_argument("--peers-ini", type=Path)
    parser.add_argument("--programs", type=int, default=800, help="of section decisions")
    parser.add_argument("--parts", type=int, help="at most so many models of the corpus")
    parser.add_argument("--largest", type=int, default=2_000_000, help="triangles of made parts")
    parser.add_argument(
        "--cores",
        type=lambda text: [int(word) for word in text.split(",")],
        default=[1, 2],
        help="numbers of cores that speed is measured on, e.g. 1,2",
    )
    parser.add_argument(
        "--environments",
        type=Path,
        default=Path("out/environments"),
        help="where environments with another NumPy and another Python are kept",
    )
    parser.add_argument(
        "--kept",
        type=Path,
        default=Path("out/alarms"),
        help="programs and answers of alarms, answers of robustness",
    )
    parser.add_argument("--seconds", type=int, help="alarms and robustness begin nothing new then")
    parser.add_argument(
        "--slicers",
        type=lambda text: text.split(","),
        default=[],
        help="of alarms, e.g. prusa,cura",
    )
    parser.add_argument(
        "--dialects",
        type=lambda text: text.split(","),
        default=[],
        help="of alarms: marlin,klipper",
    )
    parser.add_argument(
        "--processes",
        type=lambda text: text.split(","),
        default=[],
        help="of alarms, e.g. draft-0.30",
    )
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
        for name in arguments.sections or [n for n in SECTIONS if n not in BY_NAME_ONLY]:
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

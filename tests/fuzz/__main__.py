"""``python -m tests.fuzz [KIND ...] [--cases N] [--first SEED] [--workers N]``: many files.

KIND is stl, 3mf, obj, ply or step, or what a verdict rests on: gcode, bundle, statement, log,
profile. All without names: a million STL files and texts of a log, and fewer of the others (CASES).
Seeds are taken in blocks, each by a process of its own whose memory is bounded, so that a crash of
the interpreter is seen as one. A campaign that was stopped goes on at the first block that was not
done (--state, out/fuzz.json); --first begins at a seed instead. Case SEED of KIND again:
``python -m tests.fuzz KIND --first SEED --cases 1``, and --save writes its file.

Exit 1 where a file broke an invariant (tests/fuzz/invariants.py); each is printed with its seed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from tests.fuzz.invariants import MAKERS, bound_memory, case, guarded, peak_mib

CASES: Final = {
    "stl": 1_000_000,
    "3mf": 100_000,
    "obj": 100_000,
    "ply": 100_000,
    "step": 20_000,
    "gcode": 1_000_000,
    "bundle": 1_000_000,
    "statement": 500_000,
    "log": 1_000_000,
    "profile": 100_000,
}
BLOCK: Final = 10_000
_REPORTED: Final = 20
_CODE: Final = "import sys; from tests.fuzz.__main__ import block; block(*sys.argv[1:])"


def block(kind: str, first: str, count: str) -> None:
    """In a process of its own: prints one line of JSON. The seed at work is on standard error, so
    that it is known where the interpreter itself dies."""
    bound_memory()
    warnings.simplefilter("error")  # as in the suite: arithmetic that overflows is a finding
    taken, failures, slowest_s = 0, [], 0.0
    start = time.process_time()
    for seed in range(int(first), int(first) + int(count)):
        os.pwrite(2, f"{seed:<20}\n".encode(), 0)
        before = time.process_time()
        try:
            taken += guarded(kind, seed)
        except Exception as error:  # whatever it is, it is what is looked for
            failures.append([seed, f"{type(error).__name__}: {error}"[:300]])
        slowest_s = max(slowest_s, time.process_time() - before)
    _say(
        json.dumps(
            {
                "kind": kind,
                "first": int(first),
                "count": int(count),
                "taken": taken,
                "failures": failures,
                "cpu_s": time.process_time() - start,
                "slowest_s": slowest_s,
                "peak_mib": peak_mib(),
            }
        )
    )


def run_block(kind: str, first: int, count: int, scratch: Path) -> dict[str, Any]:
    seed_file = scratch.with_suffix(f".{kind}-{first}.seed")
    with seed_file.open("wb") as at_work:
        done = subprocess.run(
            [sys.executable, "-c", _CODE, kind, str(first), str(count)],
            stdout=subprocess.PIPE,
            stderr=at_work,
            check=False,
        )
    last = seed_file.read_text("utf-8", "replace")
    seed_file.unlink()
    if done.returncode == 0:
        return dict(json.loads(done.stdout))
    seed = int(last[:20]) if last[:20].strip().isdigit() else first
    return {
        "kind": kind,
        "first": first,
        "count": seed - first + 1,
        "taken": 0,
        "failures": [[seed, f"the interpreter ended with {done.returncode}: {last[21:][-200:]}"]],
        "cpu_s": 0.0,
        "slowest_s": 0.0,
        "peak_mib": 0.0,
    }


def blocks(kind: str, first: int, cases: int) -> Iterator[tuple[str, int, int]]:
    for start in range(first, first + cases, BLOCK):
        yield kind, start, min(BLOCK, first + cases - start)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[*MAKERS, []], metavar="KIND")
    parser.add_argument("--cases", type=int)
    parser.add_argument("--first", type=int, help="begin at this seed, whatever was done before")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--state", type=Path, default=Path("out/fuzz.json"))
    parser.add_argument("--save", type=Path, help="write the file of --first here and end")
    arguments = parser.parse_args()
    kinds = arguments.kinds or list(CASES)
    if arguments.save:
        arguments.save.write_bytes(case(kinds[0], arguments.first or 0))
        return 0
    arguments.state.parent.mkdir(parents=True, exist_ok=True)
    resumes = arguments.first is None and arguments.state.exists()
    rows: list[dict[str, Any]] = json.loads(arguments.state.read_text()) if resumes else []
    # A block in which something failed is run again: it may have been put right.
    rows = [row for row in rows if not row["failures"]]
    done = {(row["kind"], row["first"], row["count"]) for row in rows}
    wanted = [
        one
        for kind in kinds
        for one in blocks(kind, arguments.first or 0, arguments.cases or CASES[kind])
    ]
    with ThreadPoolExecutor(arguments.workers) as pool:
        todo = [one for one in wanted if one not in done]
        for row in pool.map(lambda one: run_block(*one, arguments.state), todo):
            rows.append(row)
            if arguments.first is None:
                arguments.state.write_text(json.dumps(rows, indent=0) + "\n")
            for seed, what in row["failures"][:_REPORTED]:
                _say(f"{row['kind']} seed {seed}: {what}")
    starts = {(kind, first) for kind, first, _ in wanted}
    return _summed([row for row in rows if (row["kind"], row["first"]) in starts])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _summed(rows: list[dict[str, Any]]) -> int:
    failed = 0
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        cases, failures = sum(r["count"] for r in own), sum(len(r["failures"]) for r in own)
        failed += failures
        _say(
            f"{kind}: {cases} files, {sum(r['taken'] for r in own)} taken, {failures} failures, "
            f"{sum(r['cpu_s'] for r in own):.0f} s of CPU, "
            f"slowest {max(r['slowest_s'] for r in own):.3f} s, "
            f"peak {max(r['peak_mib'] for r in own):.0f} MiB"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

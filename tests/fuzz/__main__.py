"""``python -m tests.fuzz [KIND ...] [--cases N] [--first SEED] [--workers N]``: many files.

KIND is stl, 3mf, obj, ply or step, or what a verdict rests on: gcode, carriers, bundle, statement,
log, profile; with long- before it, the same with something repeated in it. Without names all of
them, as many as CASES says, their blocks in turn, so that a campaign that is stopped has done the
same share of each. A campaign that was stopped goes on at the first block that was not done
(--state, out/fuzz.json); --first begins at a seed instead.
Case SEED of KIND again: ``python -m tests.fuzz KIND --first SEED --cases 1``, and --save writes its
file.

Seeds are taken in blocks, each by a fork of this process whose memory is bounded, so that a crash
of the interpreter is seen as one and costs one block; time is watched for the whole block.

Exit 1 where a file broke an invariant (tests/fuzz/invariants.py); each is printed with its seed.
"""

from __future__ import annotations

import argparse
import gc
import json
import mmap
import os
import struct
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from tests.fuzz.invariants import LONG, MAKERS, Watch, bound_memory, case, peak_mib

CASES: Final = {
    "log": 3_000_000,
    "bundle": 2_500_000,
    "carriers": 1_000_000,
    "gcode": 1_000_000,
    "ply": 800_000,
    "statement": 500_000,
    "profile": 400_000,
    "3mf": 400_000,
    "stl": 1_000_000,
    "obj": 200_000,
    "step": 30_000,
    **{f"{LONG}{kind}": 10_000 for kind in MAKERS},
}
"""10.94 million: about as much CPU time for each reader that a verdict rests on, and more for STL,
which most models are."""
BLOCK: Final = 10_000
_REPORTED: Final = 20
_WARM_UP: Final = 50
"""Cases that are run before the first fork: what is imported and cached late is there then."""


class Job(NamedTuple):
    kind: str
    first: int
    count: int


def block(job: Job, watch: Watch) -> dict[str, Any]:
    """What became of a block's files. The seed at work stands in `watch`, so that it is known where
    the interpreter itself dies."""
    taken, n_failures, failures, slowest_s = 0, 0, [], 0.0
    start = before = time.process_time()
    for seed in range(job.first, job.first + job.count):
        try:
            taken += watch.guarded(job.kind, seed)
        except Exception as error:  # whatever it is, it is what is looked for
            n_failures += 1
            if len(failures) < _REPORTED:
                failures.append([seed, f"{type(error).__name__}: {error}"[:300]])
        now = time.process_time()
        slowest_s, before = max(slowest_s, now - before), now
    return {
        **job._asdict(),
        "taken": taken,
        "failures": failures,
        "n_failures": n_failures,
        "cpu_s": round(before - start, 3),
        "slowest_s": round(slowest_s, 3),
        "peak_mib": round(peak_mib(), 1),
    }


class Campaign:
    """Forks of this process at work, at most `workers` at a time."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._at_work: dict[int, tuple[Job, int, mmap.mmap]] = {}
        self._warm: set[str] = set()

    def rows(self, jobs: Iterable[Job]) -> Iterable[dict[str, Any]]:
        """Of each block, in the order in which they end."""
        for job in jobs:
            if len(self._at_work) >= self._workers:
                yield self._ended()
            self._start(job)
        while self._at_work:
            yield self._ended()

    def _start(self, job: Job) -> None:
        if job.kind not in self._warm:
            _warm_up(job.kind)
            self._warm.add(job.kind)
        reads, writes = os.pipe()
        seed = mmap.mmap(-1, 8)
        pid = os.fork()
        if pid == 0:
            os.close(reads)
            _child(job, writes, seed)
        os.close(writes)
        self._at_work[pid] = (job, reads, seed)

    def _ended(self) -> dict[str, Any]:
        # What a block says fits into a pipe (_REPORTED), so that none waits for its reader.
        pid, status = os.wait()
        job, reads, seed = self._at_work.pop(pid)
        with os.fdopen(reads, "rb") as pipe:
            said = pipe.read()
        with seed:
            (at_work,) = struct.unpack("<q", seed[:8])
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            return dict(json.loads(said))
        return {
            **job._asdict(),
            "count": at_work - job.first + 1,
            "taken": 0,
            "failures": [[at_work, f"the interpreter ended with {code}"]],
            "n_failures": 1,
            "cpu_s": 0.0,
            "slowest_s": 0.0,
            "peak_mib": 0.0,
        }


def _warm_up(kind: str) -> None:
    watch = Watch(bytearray(8))
    for seed in range(_WARM_UP):
        try:
            watch.guarded(kind, seed)
        except Exception:  # a block will say so
            continue
    gc.collect()
    gc.freeze()


def _child(job: Job, pipe: int, seed: mmap.mmap) -> NoReturn:
    code = 3
    try:
        bound_memory()
        warnings.simplefilter("error")  # as in the suite: arithmetic that overflows is a finding
        with Watch(seed) as watch:
            row = block(job, watch)
        with os.fdopen(pipe, "wb") as whole:
            whole.write(json.dumps(row).encode("ascii"))
        code = 0
    finally:
        os._exit(code)


def in_turn(kinds: Sequence[str], first: int, cases: int | None) -> list[Job]:
    """The blocks of all kinds, each kind spread evenly over the whole."""
    placed: list[tuple[float, Job]] = []
    for kind in kinds:
        wanted = cases or CASES[kind]
        starts = range(first, first + wanted, BLOCK)
        placed += [
            (number / len(starts), Job(kind, start, min(BLOCK, first + wanted - start)))
            for number, start in enumerate(starts)
        ]
    return [job for _, job in sorted(placed, key=lambda own: own[0])]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[*CASES, []], metavar="KIND")
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
    done = {Job(row["kind"], row["first"], row["count"]) for row in rows}
    wanted = in_turn(kinds, arguments.first or 0, arguments.cases)
    todo = [one for one in wanted if one not in done]
    for row in Campaign(arguments.workers).rows(todo):
        rows.append(row)
        if arguments.first is None:
            _kept(arguments.state, rows)
        for seed, what in row["failures"]:
            _say(f"{row['kind']} seed {seed}: {what}")
    starts = {(job.kind, job.first) for job in wanted}
    return summed([row for row in rows if (row["kind"], row["first"]) in starts])


def _kept(path: Path, rows: list[dict[str, Any]]) -> None:
    """Whole or not at all, whenever the campaign is killed."""
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(rows, indent=0) + "\n")
    new.replace(path)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def summed(rows: list[dict[str, Any]]) -> int:
    """One line a kind and one of all; 1 where something failed."""
    failed = 0
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        cases, failures = sum(r["count"] for r in own), sum(r["n_failures"] for r in own)
        cpu_s = sum(r["cpu_s"] for r in own)
        failed += failures
        _say(
            f"{kind}: {cases} files, {sum(r['taken'] for r in own)} taken, {failures} failures, "
            f"{cpu_s:.0f} s of CPU, {cases / max(cpu_s, 0.001):.0f} a second, "
            f"slowest {max(r['slowest_s'] for r in own):.3f} s, "
            f"peak {max(r['peak_mib'] for r in own):.0f} MiB"
        )
    _say(f"all: {sum(row['count'] for row in rows)} files, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

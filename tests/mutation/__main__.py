"""``python -m tests.mutation [--subjects A,B] [--operators ID,ID] [--seeds N] [--workers N]``:
every operator on every subject, detection limits, and the table of kills.

What was found is kept by subject in out/mutation.json (--out) after each, so that a campaign may be
done in parts; --fresh forgets what stands there. With --docs the table of all that stands there is
written, as docs/mutation.md is, a release artefact. Exit 1 where a mutant was not killed by the
rule that was written down for it, or one that should pass did not.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from printstd.artifacts.finding import Status
from tests.mutation.campaign import (
    Judged,
    Power,
    Refused,
    honest_verdicts,
    judge_on,
    limits_on,
    operators,
    refusals,
)
from tests.mutation.kill_table import kill_table
from tests.mutation.subjects import ALL, NAMES

LIMITS_ON = ("plate/other",)
LIMITS_AT_ONCE = 8
"""Operators whose limits are looked for before what was found is kept."""


def kept(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    new.replace(path)


def merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of operators that were asked again are replaced."""
    again = {row["operator"] for row in new}
    order = {id: number for number, id in enumerate(operators())}
    rows = [row for row in old if row["operator"] in order and row["operator"] not in again]
    return sorted([*rows, *new], key=lambda row: order[row["operator"]])


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    options.add_argument("--subjects", default=",".join(NAMES), help="part/dialect, ...; or all")
    options.add_argument("--operators", default="", help="ids, with commas; all without")
    options.add_argument("--seeds", type=int, default=12, help="per detection limit; 0: none")
    options.add_argument("--limits-on", default=",".join(LIMITS_ON), help="subjects for those")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--out", type=Path, default=Path("out/mutation.json"))
    options.add_argument("--fresh", action="store_true")
    options.add_argument("--docs", type=Path, help="write the table here (docs/mutation.md)")
    given = options.parse_args()
    names = list(ALL) if given.subjects == "all" else [n for n in given.subjects.split(",") if n]
    ids = given.operators.split(",") if given.operators else list(operators())
    record: dict[str, Any] = {"honest": {}, "mutants": {}, "limits": {}, "certificates": []}
    if given.out.exists() and not given.fresh:
        record |= json.loads(given.out.read_text("utf-8"))
    with ProcessPoolExecutor(given.workers) as pool:
        for name in names:
            found = [asdict(one) for one in judge_on(name, ids, pool)]
            record["mutants"][name] = merged(record["mutants"].get(name, []), found)
            record["honest"] |= {n: v.value for n, v in honest_verdicts([name]).items()}
            kept(given.out, record)
        for name in given.limits_on.split(",") if given.seeds else ():
            # Kept as they come: what is stopped goes on with --operators of the rest.
            for first in range(0, len(ids), LIMITS_AT_ONCE):
                some = ids[first : first + LIMITS_AT_ONCE]
                limits = [asdict(one) for one in limits_on(name, some, given.seeds, pool)]
                record["limits"][name] = merged(record["limits"].get(name, []), limits)
                kept(given.out, record)
    record["certificates"] = [asdict(one) for one in refusals()]
    kept(given.out, record)
    return told(record, given.docs)


def told(record: dict[str, Any], docs: Path | None) -> int:
    judged = [
        Judged(
            **{**row, "failed": tuple(row["failed"]), "doubtful": tuple(row.get("doubtful", ()))}
        )
        for rows in record["mutants"].values()
        for row in rows
    ]
    limits = [Power(**row) for rows in record["limits"].values() for row in rows]
    refused = [Refused(**row) for row in record["certificates"]]
    if docs:
        verdicts = {name: Status(value) for name, value in record["honest"].items()}
        docs.write_text(kill_table(judged, limits, refused, verdicts), "utf-8")
    wrong = [one for one in (*judged, *refused) if not one.is_right]
    for one in wrong:
        sys.stdout.write(f"{one}\n")
    killed = sum(bool(one.failed) for one in judged)
    sys.stdout.write(
        f"{len(judged)} mutants of programs, {killed} killed; {len(refused)} of certificates; "
        f"{len(wrong)} not as was written down\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.mutation [--subjects A,B] [--operators ID,ID] [--seeds N] [--workers N]``: every
operator on every subject, detection limits, and the table of kills.

Writes out/mutation.json and, for a whole campaign with --docs, docs/mutation.md, a release
artefact. Exit 1 where a mutant was not killed by the rule that was written down for it, or one that
should pass did not.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.mutation.campaign import honest_verdicts, operators, refusals, run_all
from tests.mutation.kill_table import kill_table
from tests.mutation.subjects import ALL, NAMES

POWER_ON = ("plate/marlin2",)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    options.add_argument("--subjects", default=",".join(NAMES), help="part/dialect, with commas; or all")
    options.add_argument("--operators", default="", help="ids, with commas; all without")
    options.add_argument("--seeds", type=int, default=12, help="per detection limit; 0: none")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--out", type=Path, default=Path("out/mutation.json"))
    options.add_argument("--docs", type=Path, help="write the table here (docs/mutation.md)")
    given = options.parse_args()
    names = list(ALL) if given.subjects == "all" else given.subjects.split(",")
    ids = given.operators.split(",") if given.operators else list(operators())
    power_on = [name for name in POWER_ON if name in names] if given.seeds else []
    judged, limits = run_all(names, ids, given.seeds, power_on, given.workers)
    refused = [] if given.operators else refusals()
    verdicts = honest_verdicts(names)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "honest": {name: verdict.value for name, verdict in verdicts.items()},
        "mutants": [asdict(one) for one in judged],
        "limits": [asdict(one) for one in limits],
        "certificates": [asdict(one) for one in refused],
    }
    given.out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    if given.docs:
        given.docs.write_text(kill_table(judged, limits, refused, verdicts), "utf-8")
    wrong = [one for one in (*judged, *refused) if not one.is_right]
    for one in wrong:
        print(one)
    killed = sum(bool(one.failed) for one in judged)
    print(
        f"{len(judged)} mutants of programs, {killed} killed; {len(refused)} of certificates; "
        f"{len(wrong)} not as was written down"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

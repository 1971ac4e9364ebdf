"""``python -m tests.redteam [PART/DIALECT ...] [--minutes M] [--seed N] [--docs FILE]``: search for
the most harmful programs that the audit passes.

Each part has its time (60 minutes), shared among the kinds of damage (tests/redteam/damage.py). The
state is kept after every round (--state, out/redteam.json), and a search goes on from it. With
--docs the page docs/redteam.md is written.

Exit 1 where damage that passes is over what the integrity limits allow (tests/redteam/page.py).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.redteam.damage import OBJECTIVES
from tests.redteam.page import allowed, page
from tests.redteam.search import Found, passes, step

PARTS = ("tag/marlin2", "step/klipper")


def search(
    names: list[str], minutes: float, seed: int, state: Path, clock: Any = time.monotonic
) -> dict[str, list[Found]]:
    known: dict[str, Any] = json.loads(state.read_text("utf-8")) if state.exists() else {}
    if known and known["seed"] != seed:
        known = {}
    done: dict[str, list[Found]] = {}
    for name in names:
        refused = passes(name, Found("bond").genome)
        if refused:
            raise SystemExit(f"{name}: the honest program fails {sorted(refused)}")
        rows = known.get("parts", {}).get(name)
        found = [Found(**row) for row in rows] if rows else [Found(one) for one in OBJECTIVES]
        done[name] = found
        end = clock() + 60 * minutes
        while clock() < end:
            for one in found:
                step(name, one, seed)
            parts = known.setdefault("parts", {})
            parts[name] = [asdict(one) for one in found]
            known["seed"] = seed
            state.parent.mkdir(parents=True, exist_ok=True)
            state.with_suffix(".new").write_text(json.dumps(known, indent=1) + "\n", "utf-8")
            state.with_suffix(".new").replace(state)
    return done


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.redteam", description=__doc__)
    options.add_argument("parts", nargs="*", default=list(PARTS))
    options.add_argument("--minutes", type=float, default=60.0, help="of each part")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--state", type=Path, default=Path("out/redteam.json"))
    options.add_argument("--docs", type=Path)
    given = options.parse_args()
    done = search(given.parts, given.minutes, given.seed, given.state)
    if given.docs:
        given.docs.write_text(page(done), "utf-8")
    over = False
    for name, found in done.items():
        for one in found:
            limit = allowed(name, one.objective)
            over |= one.value > limit
            sys.stdout.write(
                f"{name} {one.objective}: {one.value:.4g} of {limit:.4g} allowed, "
                f"{one.trials} trials, {one.asked} audits\n"
            )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

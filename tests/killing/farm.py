"""The campaign: ``make kill-farm``. Counts by the hosts' own histories, not by our store."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from printstd.artifacts.job import JobState
from tests.e2e.postgresql import server
from tests.killing.farms import (
    at_every_point,
    at_every_point_of_an_end,
    at_random_times,
    coordinators,
    farm_trial,
)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--points", type=int, default=10_000, help="at most so many, 0: none")
    reader.add_argument("--first", type=int, default=0)
    reader.add_argument("--every", type=int, default=1)
    reader.add_argument("--random", type=int, default=500, help="kills at random times")
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument(
        "--store", choices=["sqlite", "postgresql"], default="sqlite", help="of the coordinators"
    )
    reader.add_argument(
        "--two", action="store_true", help="two coordinators at once, in the random part"
    )
    asked = reader.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # The servers end too.
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database, place = None, None
        if asked.store == "postgresql":
            database = stack.enter_context(server())
            place = database.database("farm")
        trial = stack.enter_context(farm_trial(folder, place))
        if asked.points:
            count = at_every_point(trial, asked.first, asked.every, asked.points, say)
            states = trial.check(all_done=True)
            say(f"killed at {count} points, {sum(states.values())} prints, all of them done:")
            say("  by OctoPrint's and Moonraker's own histories each was printed once")
        if asked.points:
            count = at_every_point_of_an_end(trial, asked.first, asked.every, asked.points, say)
            states = trial.check()
            say(f"killed at {count} points of a cancelled end; {states[JobState.CANCELLED]} were")
            say("  cancelled, and each print that began has one signed record")
        if asked.random:
            before = trial.kills
            rival = None
            if asked.two:
                rival = stack.enter_context(coordinators(trial.farm.folder, "rival"))
            at_random_times(
                trial,
                asked.random,
                asked.seed,
                rival=rival,
                restart_store=None if database is None else database.lose_power,
                say=say,
            )
            states = trial.check()
            told = ", ".join(f"{n} {state.value}" for state, n in sorted(states.items()))
            say(f"killed at {trial.kills - before} random times; {dict(trial.faults)};")
            say(f"  {sum(states.values())} prints in all: {told}")
            say("  by the hosts' own histories none was printed twice, and none vanished")


if __name__ == "__main__":
    main()

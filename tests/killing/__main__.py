"""The campaign: ``make kill-log``. Prints what was killed, and that nothing was lost or forked."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.killing.batch_writer import take_statements_as_they_are
from tests.killing.batches import Shop
from tests.killing.batches import at_every_point as batched
from tests.killing.certifying import Certifying
from tests.killing.certifying import at_every_point as certified
from tests.killing.logs import at_every_point, at_random_times, trial


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--certificates", type=int, default=3)
    reader.add_argument("--random", type=int, default=200, help="kills at random times")
    reader.add_argument("--seed", type=int, default=1)
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points = at_every_point(
            lambda point: trial(folder / f"point-{point}", asked.certificates),
            asked.certificates,
        )
        say(f"killed at each of {points} points of {asked.certificates} certificates: ")
        say("  nothing lost, doubled or forked")
        points = at_every_point(lambda point: trial(folder / f"older-{point}", 1, is_older=True), 1)
        say(f"killed at each of {points} points of bringing an older log up and adding to it: ")
        say("  nothing lost, doubled or forked")
        points = certified(lambda point: Certifying(folder / f"certifying-{point}"))
        say(f"killed at each of {points} points of certifying into a log: ")
        say("  no signature lost, no proof of what is not kept, all finished by log append")
        take_statements_as_they_are()
        points = batched(lambda point: Shop(folder / f"batch-{point}"), 1_790_000_000)
        say(f"killed at each of {points} points of a batch that certifies into a log: ")
        say("  every certificate logged once when it was gone on with, and nothing else")
        work = trial(folder / "times", 4 * asked.random)
        at_random_times(work, 4 * asked.random, asked.random, asked.seed)
        say(f"killed at {work.kills} random times, {len(work.promised)} certificates logged:")
        say("  nothing lost, doubled or forked")


if __name__ == "__main__":
    main()

"""A coordinator in a process of its own, until it is killed or the queue is empty.

As `tests.killing.log_writer`: every durable operation, and every call of a host but a mere look at
its state, is told before and after on standard output, and the process waits there for a line.
Called: python -m tests.killing.farm_worker FOLDER STEP SECONDS
"""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from printstd.adapters.hosts.moonraker import Moonraker
from printstd.adapters.hosts.octoprint import OctoPrint
from printstd.artifacts.job import JobState
from printstd.cli.farm_place import Farm, at_farm, coordinator_of
from printstd.farm.states import ENDED
from tests.killing.log_writer import watched

_CALLS = ("upload", "file", "download", "delete", "start", "cancel", "runs")


def is_idle(place: Farm) -> bool:
    """Is there nothing more that a coordinator could do? A bed that is to be cleared is not its."""
    with place.store.reading() as rows:
        counts = rows.counts()
        alive = sum(n for state, n in counts.items() if state not in ENDED)
        if not alive:
            return True
        soiled = {one.name for one in rows.printers() if one.needs_clear}
        waiting = rows.instances(states=[JobState.QUEUED])
        return len(waiting) == alive and all(
            set(rows.job(one.job).requirements.names) <= soiled for one in waiting
        )


def main() -> None:
    folder, is_stepped = Path(sys.argv[1]), sys.argv[2] == "step"
    until = time.monotonic() + float(sys.argv[3])
    logging.basicConfig(filename=folder / "worker.log", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with at_farm(folder) as place:
        if is_stepped:
            watched(sa.engine.default.DefaultDialect, "do_commit", True)
            for kind in (OctoPrint, Moonraker):
                for name in _CALLS:
                    watched(kind, name, True)
        coordinator = coordinator_of(place, owner="worker")
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        while time.monotonic() < until:
            coordinator.tick()
            if is_idle(place):
                break
            time.sleep(0.3)
        sys.stdout.write("DONE\n")
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main()

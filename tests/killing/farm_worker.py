"""Coordinators, each in a process of its own, until they are killed or the queue is empty.

As `tests.killing.log_writer`: every durable operation, and every call of a host but a mere look at
its state, is told before and after on standard output, and the process waits there for a line.
Called: python -m tests.killing.farm_worker FOLDER OWNER; each line ``step SECONDS`` or
``run SECONDS`` begins one of this name, forked, since a new interpreter takes longer than what is
to be killed. All that a coordinator imports on its way is there already.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy as sa

import printstd.adapters.hosts.pushing
import printstd.certify.policy
import printstd.cli.at_hand
import printstd.cli.commands.certify
import printstd.cli.running
import printstd.coordinator.as_run
import printstd.coordinator.coordinator
import printstd.coordinator.recording  # noqa: F401
from printstd.adapters.hosts.moonraker import Moonraker
from printstd.adapters.hosts.octoprint import OctoPrint
from printstd.artifacts.job import JobState
from printstd.cli.farm_place import Farm, at_farm, coordinator_of
from printstd.errors import OutsideError
from printstd.farm.states import ENDED
from tests.killing.log_writer import watched

LOG = logging.getLogger("printstd.farm")
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


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def work(folder: Path, owner: str, seconds: float, *, is_stepped: bool) -> None:
    until = time.monotonic() + seconds
    logging.basicConfig(filename=folder / "worker.log", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with _opened(folder, until) as place:
        if is_stepped:
            watched(sa.engine.default.DefaultDialect, "do_commit", True)
            for kind in (OctoPrint, Moonraker):
                for name in _CALLS:
                    watched(kind, name, True)
        coordinator = coordinator_of(place, owner=owner)
        say("READY")
        while time.monotonic() < until:
            try:
                coordinator.tick()
                if is_idle(place):
                    break
            except OutsideError as error:
                # As `Coordinator.run` does: the database is away, and comes back.
                LOG.error("%s", error)
            time.sleep(0.1)
        say("DONE")


@contextmanager
def _opened(folder: Path, until: float) -> Iterator[Farm]:
    """As whoever begins services does: once more when the database is away."""
    with ExitStack() as stack:
        while True:
            try:
                place = stack.enter_context(at_farm(folder))
                break
            except OutsideError as error:
                LOG.error("%s", error)
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        yield place


def next_line() -> str:
    """Without a buffer: what follows is for the process that is begun."""
    line = b""
    while not line.endswith(b"\n"):
        read = os.read(0, 1)
        if not read:
            break
        line += read
    return line.decode()


def main() -> None:
    folder, owner = Path(sys.argv[1]), sys.argv[2]
    while line := next_line():
        mode, seconds = line.split()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            code = 70
            try:
                work(folder, owner, float(seconds), is_stepped=mode == "step")
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        say(f"PID {child}")
        _, status = os.waitpid(child, 0)
        # What a killed one was saying may have been cut in the middle of its line.
        say(f"\nENDED {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()

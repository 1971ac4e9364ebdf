"""A process that logs certificates and publishes them, until it is killed.

Every durable operation of the run (a commit, a sync of a file, a rename) is told before and after
on standard output, and the process waits there for a line: whoever started it kills it where it
likes, from outside. Called: python -m tests.killing.log_writer FOLDER FIRST COUNT STEP
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from printstd.adapters.keys import load_signer
from printstd.adapters.log_files import publish
from printstd.adapters.log_store import open_log
from printstd.certify.log import store as kept
from printstd.certify.log.entry import entry_of


def watched(owner: Any, name: str, is_stepped: bool) -> None:
    """Tell before and after every call of `owner.name`."""
    real: Callable[..., Any] = getattr(owner, name)

    def told(*args: Any, **more: Any) -> Any:
        _point(f"before {name}", is_stepped)
        found = real(*args, **more)
        _point(f"after {name}", is_stepped)
        return found

    setattr(owner, name, told)


_ONE_AT_A_TIME = threading.Lock()


def _point(what: str, is_stepped: bool) -> None:
    with _ONE_AT_A_TIME:  # a batch has threads, and a point that is not heard is waited at for ever
        sys.stdout.write(f"POINT {what}\n")
        sys.stdout.flush()
        if is_stepped:
            sys.stdin.readline()


def main() -> None:
    folder, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    is_stepped = sys.argv[4] == "step"
    for owner, name in (
        (os, "fsync"),
        (Path, "replace"),
        (sa.engine.default.DefaultDialect, "do_commit"),
    ):
        watched(owner, name, is_stepped)
    signer = load_signer(folder / "log.key")
    store = open_log(os.environ.get("LOG_PLACE") or str(folder / "l.sqlite"))
    for number in range(first, first + count):
        bundle = (folder / "bundles" / f"{number}.json").read_bytes()
        with store.writing() as rows:
            logged = kept.append(rows, [entry_of(bundle, "x")], signer)
        # What is told here has been promised: it may never be lost.
        sys.stdout.write(f"LOGGED {number} {logged.indices[0]} {logged.size}\n")
        sys.stdout.flush()
        with store.reading() as rows:
            publish(rows, folder / "pub")
            sys.stdout.write(f"PUBLISHED {rows.frontier().size}\n")
            sys.stdout.flush()
    sys.stdout.write("DONE\n")


if __name__ == "__main__":
    main()

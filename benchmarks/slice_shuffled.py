"""Slices one model with one layer a task, submitted in a shuffled order, and prints the
program's digest and how many processes did work. WORKERS and ORDER_SEED come from the
environment, so that the call is the same for every variant."""

from __future__ import annotations

import hashlib
import json
import locale
import os
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from printstd import pipeline
from printstd.adapters.executors import ProcessExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.profiles.resolved import Request


def _shuffled(count: int) -> list[int]:
    order = list(range(count))
    random.Random(int(os.environ["ORDER_SEED"])).shuffle(order)
    return order


class Watched(ProcessExecutor):
    """A pool that also notes which processes did a task."""

    processes: frozenset[int] = frozenset()

    def map(self, function: Callable[..., Any], tasks: Sequence[Any], *, shared: Any) -> list[Any]:
        answers = super().map(_noted, tasks, shared=(function, shared))
        self.processes = self.processes | {pid for pid, _ in answers}
        return [answer for _, answer in answers]


def _noted(shared: tuple[Callable[..., Any], Any], task: Any) -> tuple[int, Any]:
    function, inner = shared
    return os.getpid(), function(inner, task)


def main() -> int:
    locale.setlocale(locale.LC_ALL, "")
    path = Path(sys.argv[1])
    executor = Watched(int(os.environ["WORKERS"]), chunk_size=1, submit_order=_shuffled)
    request = Request(printer="peer", material="peer", process="peer-0.20")
    resolved = pipeline.resolve(request, default_source())
    model = pipeline.ModelInput(path.read_bytes(), path.name)
    prepared = pipeline.prepare(model, pipeline.Order(), resolved)
    made = pipeline.make_program(prepared, executor=executor, progress=NoProgress())
    digest = hashlib.sha256(made.program.data).hexdigest()
    print(json.dumps({"sha256": digest, "processes": len(executor.processes)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

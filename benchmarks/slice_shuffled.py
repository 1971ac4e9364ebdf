"""Slices one model with one layer a task, submitted in a shuffled order, once for each feature that
is named, and prints the programs' digests and how many processes did work.

WORKERS and ORDER_SEED come from the environment, so that the call is the same for every
variant.
"""

from __future__ import annotations

import hashlib
import json
import locale
import os
import platform
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.features import FEATURES, Feature
from printstd import pipeline
from printstd.adapters.executors import ProcessExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.errors import PrintstdError
from printstd.profiles.resolved import Request

COMPARED: Final = "compared"
"""In place of a feature: the process that is compared with other slicers."""
_STL_HEADER_BYTES: Final = 84
_STL_RECORD_BYTES: Final = 50


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


def _digest(path: Path, name: str, executor: Watched) -> str:
    """Of the program; where none can be made, why not."""
    if name == COMPARED:
        feature, request = Feature(), Request(printer="peer", material="peer", process="peer-0.20")
    else:
        feature = FEATURES[name]
        request = Request(printer="mk4s", overrides=feature.settings)
    data = path.read_bytes()
    if feature.is_healed:
        data = without_a_facet(data)
    order = pipeline.Order(is_healed=feature.is_healed)
    try:
        resolved = pipeline.resolve(request, default_source())
        prepared = pipeline.prepare(pipeline.ModelInput(data, path.name), order, resolved)
        plate = pipeline.plate_of([prepared], copies=feature.copies)
        made = pipeline.make_plate(plate, executor=executor, progress=NoProgress())
    except PrintstdError as error:
        return f"refused: {error}"
    return hashlib.sha256(made.program.data).hexdigest()


def without_a_facet(data: bytes) -> bytes:
    """A binary STL without the facet in its middle; any other file as it is."""
    count = int.from_bytes(data[80:84], "little")
    if len(data) != _STL_HEADER_BYTES + _STL_RECORD_BYTES * count or count < 2:
        return data
    gone = _STL_HEADER_BYTES + count // 2 * _STL_RECORD_BYTES
    head = data[:80] + (count - 1).to_bytes(4, "little")
    return head + data[84:gone] + data[gone + _STL_RECORD_BYTES :]


def main() -> int:
    locale.setlocale(locale.LC_ALL, "")
    path = Path(sys.argv[1])
    executor = Watched(int(os.environ["WORKERS"]), chunk_size=1, submit_order=_shuffled)
    digests = {name: _digest(path, name, executor) for name in sys.argv[2:]}
    said = {"sha256": digests, "processes": len(executor.processes), "surroundings": surroundings()}
    print(json.dumps(said))
    return 0


def surroundings() -> str:
    """What the bytes must not depend on, as it is here."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    used = " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name)) or "nothing"
    return f"python {platform.python_version()}, numpy {np.__version__}, dispatching to {used}"


if __name__ == "__main__":
    sys.exit(main())

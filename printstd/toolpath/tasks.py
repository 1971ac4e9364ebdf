"""How the layers of a print are divided among workers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.layers import LayerStack
from printstd.named_tuple import NamedTuple
from printstd.ports import Executor
from printstd.toolpath.parts import PlatePart

_MS_PER_LAYER: Final = 0.5
_MS_PER_VERTEX: Final = 0.02
_MS_PER_REPEAT: Final = 0.1
"""What walls and infill take, about, for each layer and for each vertex of its outline."""


class Task(NamedTuple):
    """A run of layers of one part."""

    part: int
    run: range


def tasks_of(parts: Sequence[PlatePart], executor: Executor) -> list[Task]:
    """All layers of all parts as one row of work, divided, and divided again between parts."""
    work = [_work_ms(part.stack) for part in parts]
    ends = np.cumsum([len(own) for own in work]).tolist()
    return [
        Task(number, range(max(chunk.start, start) - start, min(chunk.stop, end) - start))
        for chunk in executor.chunks(np.concatenate(work).tolist())
        for number, (start, end) in enumerate(pairwise([0, *ends]))
        if max(chunk.start, start) < min(chunk.stop, end)
    ]


def _work_ms(stack: LayerStack) -> NDArray[np.float64]:
    """(l,) about how long each layer takes; next to no time where it repeats the one below."""
    borders = stack.ring_offsets[stack.layer_offsets]
    counts = np.diff(borders)
    work: NDArray[np.float64] = _MS_PER_LAYER + counts * _MS_PER_VERTEX
    for i in (np.flatnonzero(counts[1:] == counts[:-1]) + 1).tolist():
        own, under = (
            stack.xy_nm[borders[i] : borders[i + 1]],
            stack.xy_nm[borders[i - 1] : borders[i]],
        )
        if np.array_equal(own, under):
            work[i] = _MS_PER_REPEAT
    return work

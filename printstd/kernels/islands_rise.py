"""Where what begins in the air joins what stands on the bed."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.kernels.clip import Area, islands_that_meet, united
from printstd.kernels.rings import Rings, same


def joined_at(sections: Sequence[Rings], islands: Sequence[tuple[int, Rings]]) -> list[int | None]:
    """The layer in which each island first shares an outline with something that is carried; None
    where it never does.

    sections : of consecutive layers, the first on the bed. islands : (layer, an area of it that
    nothing below touches), by ascending layer.
    """
    found: list[int | None] = [None] * len(islands)
    live: dict[int, Area] = {}
    begins: dict[int, list[int]] = {}
    for number, (layer, _) in enumerate(islands):
        begins.setdefault(layer, []).append(number)
    for layer in range(min(begins, default=len(sections)), len(sections)):
        if not live and layer not in begins:
            continue
        if not live and layer > max(begins):
            break
        section = Area.of(sections[layer])
        if live and not same(sections[layer], sections[layer - 1]):
            carried = Area.of(sections[layer - 1]) - united(list(live.values()))
            for number, area in list(live.items()):
                above = united(islands_that_meet(section, area))
                if above.is_empty:
                    del live[number]
                elif above.meets(carried):
                    found[number] = layer
                    del live[number]
                else:
                    live[number] = above
        for number in begins.get(layer, ()):
            own = islands_that_meet(section, Area.of(islands[number][1]))
            live[number] = united(own)
    return found

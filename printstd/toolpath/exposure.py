"""What neighbouring layers leave of each other uncovered.

Walls ask what of a layer nothing carries, surfaces what is seen from above and from below: both
follow from what one section has and its neighbour does not, found once.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from printstd.kernels import clip
from printstd.kernels.exchanges import exchanges
from printstd.kernels.rings import EMPTY, Rings
from printstd.named_tuple import NamedTuple
from printstd.toolpath.spec import LayerSpec


class Exposed(NamedTuple):
    """One layer against the one below it. come : what of it the layer below does not cover. gone :
    what of the layer below it does not cover. Slivers are left out."""

    come: Rings
    gone: Rings


NOTHING_EXPOSED: Final = Exposed(EMPTY, EMPTY)


def halo(spec: LayerSpec) -> int:
    """How many layers below and above a run of layers surfaces depend on."""
    return max(spec.top_layers, spec.bottom_layers) + 1


def sliver_nm(spec: LayerSpec) -> int:
    """Half the width under which an exposed strip is none. Steep walls leave such strips on
    every layer; those of all the layers of a shell together stay under the walls."""
    reach = spec.external.width_nm + (spec.wall_count - 1) * spec.inner.spacing_nm
    return min(spec.external.width_nm // 5, reach // (2 * halo(spec)))


def exposed(
    pairs: Sequence[tuple[Rings, Rings]], specs: Sequence[tuple[LayerSpec, LayerSpec]]
) -> list[Exposed]:
    """pairs : compensated sections of a layer and of the one above it. specs : of both."""
    found = exchanges(pairs)
    come = clip.opened_each([one.come for one in found], [sliver_nm(above) for _, above in specs])
    gone = clip.opened_each([one.gone for one in found], [sliver_nm(below) for below, _ in specs])
    rings = clip.rings_of([*come, *gone])
    return [Exposed(*both) for both in zip(rings[: len(pairs)], rings[len(pairs) :], strict=True)]


def along(sections: Sequence[Rings], specs: Sequence[LayerSpec]) -> list[Exposed]:
    """Of consecutive layers, what is alike once; of the first, which nothing is known to lie under,
    nothing."""
    pairs = list(zip(itertools.pairwise(sections), itertools.pairwise(specs), strict=True))
    keys = [tuple(map(id, (*of, *by))) for of, by in pairs]
    distinct = dict(zip(keys, pairs, strict=True))
    found = exposed([of for of, _ in distinct.values()], [by for _, by in distinct.values()])
    known = dict(zip(distinct, found, strict=True))
    return [NOTHING_EXPOSED, *(known[key] for key in keys)]

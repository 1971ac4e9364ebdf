"""Sparse infill of several layers laid as one, as thick as they are together.

Layers are taken in groups from the second layer on, as many as the nozzle can lay at once. Where
all layers of a group are sparse, the topmost one gets lines of the whole height and the others
none; what is sparse in some of them only stays as it was. A thick line holds what the group's
lines would have held, so density and volume stay. Source: facts of slicers D6.
"""

from __future__ import annotations

from collections.abc import Sequence

from printstd.kernels.bead import ROUND_LOSS
from printstd.kernels.clip import Area, rings_of
from printstd.kernels.rings import Rings
from printstd.named_tuple import NamedTuple
from printstd.toolpath.spec import Bead, LayerSpec
from printstd.toolpath.surfaces import Surfaces

_NARROW_RATIO = 2
"""In widths of a line: half the width under which an area is not worth a thick line."""


class Thick(NamedTuple):
    """area : where lines of a whole group's height are laid. bead : what they are."""

    area: Rings
    bead: Bead


def groups(specs: Sequence[LayerSpec]) -> list[range]:
    """All layers of the print in groups, bottom up. Of each group the last layer may carry the
    infill of all."""
    found = [range(1)] if len(specs) else []
    start, height = 1, 0
    for layer in range(1, len(specs)):
        spec = specs[layer]
        height += spec.height_nm
        if layer > start and (layer - start >= spec.combine_layers or height > spec.nozzle_nm):
            found.append(range(start, layer))
            start, height = layer, spec.height_nm
    return [*found, range(start, len(specs))] if start < len(specs) else found


def turns(all_groups: Sequence[range]) -> list[int]:
    """The number of each layer's group: lines change direction from one laid group to the next."""
    return [number for number, group in enumerate(all_groups) for _ in group]


def around(run: range, all_groups: Sequence[range]) -> range:
    """The run with the rest of the groups at its ends."""
    mine = [group for group in all_groups if group.start < run.stop and run.start < group.stop]
    return range(mine[0].start, mine[-1].stop)


def combined(
    surfaces: Sequence[Surfaces], specs: Sequence[LayerSpec], layers: range, own: Sequence[range]
) -> tuple[list[Surfaces], list[Thick | None]]:
    """Surfaces with what stays sparse layer by layer, and the thick lines of each.

    surfaces, specs : of `layers`, which are whole groups; own : those groups.
    """
    found: list[Surfaces] = list(surfaces)
    thick: list[Thick | None] = [None] * len(found)
    for group in own:
        if len(group) < 2:
            continue
        rows = range(group.start - layers.start, group.stop - layers.start)
        sparse = [Area.of(surfaces[i].sparse) for i in rows]
        spec = specs[rows[-1]]
        common = sparse[0]
        for area in sparse[1:]:
            common = common & area
        half = _NARROW_RATIO * spec.sparse.width_nm
        common = common.offset(-half, half) & common
        if common.is_empty:
            continue
        rings = rings_of([*(area - common for area in sparse), common])
        for i, rest in zip(rows, rings[:-1], strict=True):
            found[i] = found[i]._replace(sparse=rest)
        thick[rows[-1]] = Thick(rings[-1], _together([specs[i] for i in rows]))
    return found, thick


def _together(specs: Sequence[LayerSpec]) -> Bead:
    """The bead that holds what the layers' beads hold, as wide as that takes."""
    height = sum(spec.height_nm for spec in specs)
    area = sum(spec.sparse.area_nm2 for spec in specs)
    width = round(area / height + height * ROUND_LOSS)
    return Bead(width, height, specs[-1].sparse.spacing_nm, area)

"""What a declared ironing pass lays on a layer, and the skin that it may lie on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from printstd.audit.beads import Beads
from printstd.audit.outline import OutlineStack
from printstd.audit.regions import within


@dataclass(frozen=True, slots=True)
class Ironed:
    """volume : um3 of all its beads. off_um : length of those whose middle is further than a bead
    from the layer's skin that faces up. skin_area : um2 of that skin. off_at : one of them."""

    volume: float
    off_um: float
    skin_area: float
    off_at: tuple[float, float] | None


NOTHING_IRONED = Ironed(0.0, 0.0, 0.0, None)


def ironed_of(beads: Beads, layer: int, stack: OutlineStack, bead_um: float) -> Ironed:
    """The figures of one layer."""
    import shapely

    rows = beads.of_layer(layer)
    if rows.start == rows.stop:
        return NOTHING_IRONED
    length = beads.length_um[rows]
    skin = stack.exposed(layer, 1, 0.0)
    off = ~within(shapely.buffer(skin, bead_um, quad_segs=2), beads.middle_um[rows])
    first = np.flatnonzero(off)[:1] + rows.start
    x, y = beads.middle_um[first[0]].tolist() if len(first) else (0.0, 0.0)
    return Ironed(
        volume=float((beads.area_um2[rows] * length).sum()),
        off_um=float(length[off].sum()),
        skin_area=float(skin.area),
        off_at=(x, y) if len(first) else None,
    )

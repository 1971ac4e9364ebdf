"""What lies around a layer: other parts of the plate, beads of the layers above and below it, and
its places where the same limits hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from printstd.audit.beads import Beads
from printstd.audit.coverage import Around
from printstd.audit.layer_job import LayerJob
from printstd.audit.limit_places import Place
from printstd.audit.outline import OutlineStack
from printstd.audit.regions import Region, polygon_of
from printstd.audit.sections import Sections
from printstd.audit.sorting import Box
from printstd.audit.supports import carried_by_supports
from printstd.audit.zones import walls_in_layer

_BEYOND_UM: Final = 50_000.0
"""Further than anything that is measured from the border of a place lies from a section."""


def others_near(others: Sequence[Sections], layer: int, box: Box) -> list[Region]:
    """Sections of other parts that a box meets."""
    x0, y0, x1, y1 = box
    found = []
    for sections in others:
        if layer >= len(sections.layer_offsets) - 1:
            continue
        rings = sections.rings_of(layer)
        if rings:
            points = np.concatenate(rings)
            (left, low), (right, high) = points.min(axis=0), points.max(axis=0)
            if left < x1 and right > x0 and low < y1 and high > y0:
                found.append(polygon_of(rings))
    return found


def around_of(job: LayerJob, stack: OutlineStack, layer: int) -> Around:
    def beads_of(other: int) -> Beads:
        return job.beads.chosen(job.beads.of_layer(other))

    def carried(hanging: Beads) -> Region:
        return carried_by_supports(
            job.beads, job.elsewhere, job.heights, stack, layer, hanging, job.nozzle_um
        )

    limits = job.limits[layer]
    last = min(layer + limits.infill_every_layers, len(job.heights))
    is_carried = limits.infill_shows == "under_roofs" and layer > 0
    return Around(
        [beads_of(other) for other in range(layer + 1, last)],
        beads_of(layer - 1) if is_carried else None,
        _places(job, stack, layer),
        carried if limits.supports_allowed else None,
    )


def _places(job: LayerJob, stack: OutlineStack, layer: int) -> list[Place]:
    """The part outside its zones, then each zone, in every layer."""
    import shapely

    own, zones = job.limits[layer], job.zones
    if not zones:
        return [Place(own)]
    walls, beside = walls_in_layer(zones, job.limits, layer), zones.beside[layer]
    nothing = shapely.Polygon()
    if beside is None:
        return [Place(own), *(Place(zone.limits[layer], nothing) for zone in zones.zones)]
    everywhere = shapely.box(*shapely.bounds(shapely.union(beside, stack.coarse(layer).region)))
    everywhere = shapely.buffer(everywhere, _BEYOND_UM, join_style="mitre")
    return [
        Place(own, shapely.difference(everywhere, beside), walls),
        *(
            Place(zone.limits[layer], nothing if area is None else area, walls)
            for zone in zones.zones
            for area in [zone.areas[layer]]
        ),
    ]

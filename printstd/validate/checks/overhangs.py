"""PRN-01: Needs supports

What it demands
    Every layer rests on the layer below it, or spans a gap in it that a bridge can cross.

Why
    What is laid over nothing sags or falls. Turn the part, change it, have supports laid under it
    (`--set supports.enabled=true`), or print it knowing what will hang.

How it is measured
    The part is cut into the layers that it is printed in, as it stands on the bed: of several
    heights, if the process has such, and without its negative volumes. A bead is carried if its
    middle lies no further than half a nozzle outside the section below. Of what is not, areas
    narrower than an external perimeter are left out: their beads still touch carried ones. An
    area counts as a bridge if, in the best of all directions, at most a tenth of its threads has a
    free end and none is longer than `integrity.max_air_mm`. Everything else hangs. Where supports
    are enabled that is what they are laid for, and no warning; `slice` tells what they could not
    reach: where nothing fits between two faces of the part, or where none may stand on the part.

Example
    The arm of a T, 10 mm long and 5 mm wide, hangs with 50 mm2; the lintel of a gate 8 mm wide
    is a bridge.

Standard and clause
    Facts of design guides: bridges up to 10 mm print without a warning; facts of slicers 2.5, E1.
    Process: integrity.max_air_mm, widths.external_perimeter_mm; printer: nozzle_mm
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels import clip
from printstd.kernels.hanging import Hanging
from printstd.kernels.overhang import Reach, hanging
from printstd.kernels.rings import Rings
from printstd.kernels.sections import RANGE_NM, section_rings
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_MM, nm
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import closed_surface, facets
from printstd.validate.outcome import counted

_MOST_LAYERS = 20_000


def reach_of(resolved: Resolved) -> Reach:
    """What counts as carried and as a bridge, from the profiles."""
    return Reach(
        nm(resolved.nozzle_mm) // 2,
        nm(resolved.process.widths.external_perimeter_mm),
        nm(resolved.process.integrity.max_air_mm),
    )


def run(context: CheckContext) -> tuple[Finding, ...]:
    process = context.resolved.process
    supports = Supporting.PLANNED if process.supports.enabled else Supporting.NONE
    if context.layers:
        return (_of_layers(context),)
    first, height = nm(process.first_layer_height_mm), nm(process.layer_height_mm)
    corners = context.standing_mm[context.faces.reshape(-1)]
    low, top = corners.min(axis=0), float(np.ptp(corners[:, 2])) * NM_PER_MM
    count = int((top - first) // height) + 2
    widest = float(np.ptp(corners, axis=0).max()) * NM_PER_MM
    if count > _MOST_LAYERS or widest > RANGE_NM:
        return (
            CHECK.says(
                Status.NOT_EVALUATED,
                f"the part is too large to be cut into {counted(count, 'layer')} here",
            ),
        )
    vertices_nm = np.rint((context.standing_mm - low) * NM_PER_MM).astype(np.int64)
    planes = first - height // 2 + np.arange(count) * height
    planes[0] = first // 2
    raw = section_rings(vertices_nm, context.faces, planes)
    closing = nm(process.slice_closing_mm)
    rings, borders = clip.close_each(Rings(raw.xy_nm, raw.ring_offsets), raw.layer_offsets, closing)
    sections = [
        Rings(
            rings.xy_nm[rings.offsets[a] : rings.offsets[b]],
            rings.offsets[a : b + 1] - rings.offsets[a],
        )
        for a, b in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)
    ]
    tops = first + np.arange(count) * height
    is_placed = context.placement is not None
    shift = low.copy()
    if context.placement is not None:
        shift += np.array(context.placement.translation_um) / 1e3
        shift[2] = 0.0  # the placement has put the lowest corner on the bed
    return (
        told(
            hanging(sections, reach_of(context.resolved)),
            [z / NM_PER_MM for z in tops.tolist()],
            frame="bed" if is_placed else "model",
            shift_mm=(float(shift[0]), float(shift[1]), float(shift[2])),
            supports=supports,
        ),
    )


def _of_layers(context: CheckContext) -> Finding:
    """Of the very layers that are printed, negative volumes cut out and each piece by its own
    settings: what no supports are laid under, or if there is nothing of that kind what they are."""
    tallest = max((one.stack for one in context.layers), key=lambda stack: stack.n_layers)
    found: dict[Supporting, list[Hanging]] = {Supporting.NONE: [], Supporting.PLANNED: []}
    for stack, resolved, _ in context.layers:
        sections = [Rings(*stack.rings_of(layer)) for layer in range(stack.n_layers)]
        is_held = resolved.process.supports.enabled
        found[Supporting.PLANNED if is_held else Supporting.NONE] += hanging(
            sections, reach_of(resolved)
        )
    supports = Supporting.NONE if found[Supporting.NONE] else Supporting.PLANNED
    return told(
        found[supports],
        (tallest.top_um / 1e3).tolist(),
        frame="bed" if context.placement is not None else "model",
        shift_mm=context.layers[0].shift_mm,
        supports=supports,
    )


class Supporting(Enum):
    """What the areas that hang are to their supports."""

    NONE = 0
    """There are none."""
    PLANNED = 1
    """They will be laid under them."""
    LAID = 2
    """They are laid, and these areas are left."""


def told(
    areas: Sequence[Hanging],
    tops_mm: Sequence[float],
    *,
    frame: str = "bed",
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
    supports: Supporting = Supporting.NONE,
) -> Finding:
    """The finding about what hangs. tops_mm : of every layer, above the part's lowest point.
    shift_mm : from the areas' own coordinates to the frame's."""
    if not areas:
        rests = "rests on the one below"
        if supports is Supporting.LAID:
            rests = "rests on the one below or on supports"
        return CHECK.says(
            Status.PASS,
            f"every layer {rests} or bridges a gap in it",
            measured=0.0,
            unit="mm2",
        )
    largest = sorted(areas, key=lambda a: (-a.area_mm2, a.layer, a.low_nm))
    total = sum(area.area_mm2 for area in areas)
    lowest = min(areas, key=lambda a: a.layer)
    kinds = (
        ("in the air", sum(a.is_island for a in areas)),
        ("bridges too long", sum(a.span_nm is not None for a in areas)),
    )
    hang = "hangs" if len(areas) == 1 else "hang"
    what_then = {
        Supporting.NONE: "supports are off: turn them on (--set supports.enabled=true), turn the "
        "part (--rotate) or expect it to sag there",
        Supporting.PLANNED: "supports are laid under them",
        Supporting.LAID: "no support reaches them: turn the part (--rotate) or expect it to sag "
        "there",
    }[supports]
    return CHECK.says(
        Status.INFO if supports is Supporting.PLANNED else Status.WARN,
        f"{counted(len(areas), 'area')}, {total:.1f} mm2 in all, {hang} over nothing from "
        f"Z {tops_mm[lowest.layer]:.2f} mm up; {what_then}",
        measured=total,
        limit=0.0,
        unit="mm2",
        where=tuple(_place(area, tops_mm, frame, shift_mm) for area in largest[:MOST_PLACES]),
        details=(
            ("largest", f"{largest[0].area_mm2:.2f} mm2"),
            *((name, str(number)) for name, number in kinds if number),
        ),
    )


def _place(
    area: Hanging, tops_mm: Sequence[float], frame: str, shift_mm: tuple[float, float, float]
) -> Where:
    x0, y0 = (v / NM_PER_MM + s for v, s in zip(area.low_nm, shift_mm[:2], strict=True))
    x1, y1 = (v / NM_PER_MM + s for v, s in zip(area.high_nm, shift_mm[:2], strict=True))
    z1 = tops_mm[area.layer] + shift_mm[2]
    z0 = (tops_mm[area.layer - 1] if area.layer else 0.0) + shift_mm[2]
    box = tuple(round(value, 3) + 0.0 for value in (x0, y0, z0, x1, y1, z1))
    return Where(
        frame=frame, box_mm=(box[0], box[1], box[2], box[3], box[4], box[5]), layer=area.layer
    )


CHECK = Check(
    "PRN-01",
    "Needs supports",
    "process: integrity.max_air_mm",
    run,
    (facets, closed_surface),
)

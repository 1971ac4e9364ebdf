"""GEO-11: What slicers will fill

What it demands
    The model gives one solid, whichever of the two rules a slicer fills by.

Why
    Where bodies overlap, or a surface passes through itself, space is wound twice, or the wrong way
    round. By the positive rule (3MF, and most slicers) what is wound once or more is solid; by even
    and odd what is wound twice is empty. Some slicers and many viewers do that, and then one file
    gives two parts.

How it is measured
    Where all shells are closed, none lies in another one's box, and no facets pass through each
    other (GEO-10), space is wound once or not at all and there is nothing to compare. Else
    the bare sections of all layers are filled by both rules, and what differs is
    multiplied by the layers' heights. What the closing of gaps in sections would hide counts, too;
    what is less than the rounding of the file along the outlines does not.

Example
    Two bars of 10 x 10 mm that cross, never united: 800 mm3 that a slicer by even and odd leaves
    out.

Standard and clause
    3MF Core 1.4.0, 3.4.1 (positive fill rule) and 4.1
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.clip import Area, Fill
from printstd.kernels.rings import Rings, lengths_nm
from printstd.units import NM_PER_MM
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import closed_surface, cut_layers, facets
from printstd.validate.nesting import Nesting
from printstd.validate.printed import PrintedLayers
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    printed = context.printed
    assert printed is not None  # `needs` has seen to it
    if printed.raw is None:
        return (
            CHECK.says(
                Status.NOT_APPLICABLE,
                said("objects and their volumes are put together by the project's own rules"),
            ),
        )
    if _is_simple(context):
        return (_agreed(),)
    differs = _differences(context, printed, *printed.raw)
    volume = float((differs * printed.heights_mm).sum())
    if volume == 0:
        return (_agreed(),)
    layers = np.flatnonzero(differs)
    worst = layers[np.argsort(-np.round(differs[layers], 6), kind="stable")][:MOST_PLACES]
    is_own = _passes_through_itself(context)
    message = said(
        "bodies overlap: slicers that fill by even and odd leave {mm3:.2f} mm3 out; unite them",
        mm3=volume,
    )
    if is_own:
        message = said(
            "the surface passes through itself: slicers do not agree about {mm3:.2f} mm3; repair "
            "the model",
            mm3=volume,
        )
    return (
        CHECK.says(
            Status.WARN if is_own else Status.INFO,
            message,
            measured=volume,
            limit=0.0,
            unit="mm3",
            where=tuple(_place(printed, layer) for layer in worst.tolist()),
            details=((said("layers"), str(len(layers))),),
        ),
    )


def _agreed() -> Finding:
    return CHECK.says(
        Status.PASS,
        said("both rules of filling give the same solid"),
        measured=0.0,
        limit=0.0,
        unit="mm3",
    )


def _is_simple(context: CheckContext) -> bool:
    """No surface passes through another or through itself, and shells that lie in each other are
    cavities: then what is solid is wound once."""
    found = context.contacts
    if found is None or len(found.first):
        return False
    nested = context.nesting
    if not isinstance(nested, Nesting):
        return False
    shells = context.shells
    is_outward = shells.volume_mm3 > 0
    return bool((nested.is_flat | (is_outward == (nested.depth % 2 == 0))).all())


def _passes_through_itself(context: CheckContext) -> bool:
    """Of what is wound twice, is some within one shell, or against the sign of another?"""
    shells = context.shells
    if (shells.volume_mm3 < 0).any():
        return True
    found = context.contacts
    return found is None or bool((shells.labels[found.first] == shells.labels[found.second]).any())


def _differences(
    context: CheckContext, printed: PrintedLayers, rings: Rings, borders: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(l,) float64, mm2: what the two rules do not agree about in each layer."""
    found = np.zeros(len(printed.tops_nm))
    for layer, (a, b) in enumerate(pairwise(borders.tolist())):
        cuts = rings.offsets[a : b + 1]
        own = Rings(rings.xy_nm[cuts[0] : cuts[-1]], cuts - cuts[0])
        if own.n_rings < 1:
            continue
        positive, odd = Area.of(own), Area.of(own, Fill.EVEN_ODD)
        differs = abs((positive - odd).area_mm2) + abs((odd - positive).area_mm2)
        length_mm = float(lengths_nm(own).sum()) / NM_PER_MM
        if differs > 2 * length_mm * (context.rounding_mm + 1e-6):
            found[layer] = differs
    return found


def _place(printed: PrintedLayers, layer: int) -> Where:
    shift = np.array(printed.shift_mm)
    rings = printed.sections[layer]
    low = rings.xy_nm.min(axis=0) / NM_PER_MM if not rings.is_empty else np.zeros(2)
    high = rings.xy_nm.max(axis=0) / NM_PER_MM if not rings.is_empty else np.zeros(2)
    top = printed.tops_mm[layer]
    box = [*(low + shift[:2]), top - printed.heights_mm[layer] + shift[2]]
    box += [*(high + shift[:2]), top + shift[2]]
    a, b, c, d, e, f = (round(float(v), 3) + 0.0 for v in box)
    return Where(frame=printed.frame, box_mm=(a, b, c, d, e, f), layer=layer)


CHECK = Check(
    "GEO-11",
    said("What slicers will fill"),
    "3MF Core 1.4.0, 3.4.1",
    run,
    (facets, closed_surface, cut_layers),
)

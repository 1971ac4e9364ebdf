"""PRN-06: Trapped volumes

What it demands
    Nothing that has to come out of the part is shut in. Empty spaces are told, with how they open.

Why
    Supports in a space without an opening stay there. A closed space holds air that expands in hot
    use, and a cup that opens upwards holds water, dust and what is left of supports.

How it is measured
    In the sections of all layers every hole is followed up and down to the holes that it lies
    over, until it lies over the outside, the bed or the top. What opens neither way is closed; what
    opens upwards alone is a cup. Volumes are the areas of holes, without what stands in them, times
    the layers' heights. Beside it stands the exact volume of shells that bound a cavity inside
    another shell. Closed spaces and cups are told. It is a warning where supports are laid
    in a closed space: where something hangs inside and supports are on.

Example
    A box of 20 mm with a closed space of 10 mm in it: 1000 mm3, told; with supports switched on
    they could never be taken out of it, and it is a warning.

Standard and clause
    Facts of slicers; process: supports.enabled
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.overhang import hanging_of
from printstd.kernels.pockets import Pockets, pockets
from printstd.units import NM_PER_MM
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import closed_surface, cut_layers, facets
from printstd.validate.nesting import Nesting
from printstd.validate.printed import PrintedLayers, reach_of
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    printed = context.printed
    assert printed is not None  # `needs` has seen to it
    spaces = pockets(printed.sections, printed.heights_mm)
    is_closed = ~spaces.is_open_up & ~spaces.is_open_down
    is_cup = spaces.is_open_up & ~spaces.is_open_down
    closed = _largest(spaces, is_closed)
    cups = _largest(spaces, is_cup)
    in_closed, in_cups = (float(spaces.volume_mm3[rows].sum()) for rows in (closed, cups))
    holding = _with_supports(printed, spaces, closed)
    details = (
        (said("closed spaces"), said("{n}, {mm3:.2f} mm3", n=len(closed), mm3=in_closed)),
        (said("cups that open upwards"), said("{n}, {mm3:.2f} mm3", n=len(cups), mm3=in_cups)),
        *_exact(context),
    )
    status, unit_of = Status.INFO, closed
    if len(holding):
        status = Status.WARN
        message = said(
            "supports would be laid in closed spaces, {count} of {mm3:.2f} mm3 in all, and could "
            "not be taken out: give them an opening, or turn supports off",
            count=len(holding),
            mm3=float(spaces.volume_mm3[holding].sum()),
        )
        unit_of = holding
    elif len(closed):
        message = said(
            "closed spaces: {count}, {mm3:.2f} mm3 in all", count=len(closed), mm3=in_closed
        )
    elif len(cups):
        message = said(
            "nothing is shut in; cups that open upwards: {count}, {mm3:.2f} mm3 in all",
            count=len(cups),
            mm3=in_cups,
        )
        unit_of = cups
    else:
        status = Status.PASS
        message = said("nothing is shut in, and nothing holds water")
    return (
        CHECK.says(
            status,
            message,
            measured=in_closed,
            limit=0.0,
            unit="mm3",
            where=tuple(_place(printed, spaces, row) for row in unit_of[:MOST_PLACES].tolist()),
            details=details,
        ),
    )


def _largest(spaces: Pockets, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The chosen spaces, largest first; what has no volume is rounding."""
    rows = np.flatnonzero(chosen & (np.round(spaces.volume_mm3, 6) > 0))
    return rows[np.lexsort((spaces.first[rows], -np.round(spaces.volume_mm3[rows], 6)))]


def _with_supports(
    printed: PrintedLayers, spaces: Pockets, closed: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Those of the closed spaces under whose roof something hangs that supports are laid for."""
    hangs = [
        one
        for piece in printed.pieces
        if piece.has_supports
        for one in hanging_of(piece.unsupported, reach_of(piece.resolved))
    ]
    found = []
    for row in closed.tolist():
        low, high = spaces.low_nm[row], spaces.high_nm[row]
        for one in hangs:
            is_over = spaces.first[row] < one.layer <= spaces.last[row] + 1
            is_inside = bool((np.array(one.low_nm) >= low - 1).all())
            is_inside &= bool((np.array(one.high_nm) <= high + 1).all())
            if is_over and is_inside:
                found.append(row)
                break
    return np.array(found, np.int64)


def _exact(context: CheckContext) -> tuple[tuple[str, str], ...]:
    nested = context.nesting
    if not isinstance(nested, Nesting):
        return ()
    cavity = nested.is_cavity(context.shells)
    volume = float(-context.shells.volume_mm3[cavity].sum())
    if not cavity.any():
        return ()
    text = said("{n}, {mm3:.3f} mm3", n=int(cavity.sum()), mm3=volume)
    return ((said("shells that bound a cavity"), text),)


def _place(printed: PrintedLayers, spaces: Pockets, row: int) -> Where:
    shift = np.array(printed.shift_mm)
    first, last = int(spaces.first[row]), int(spaces.last[row])
    bottom = printed.tops_mm[first] - printed.heights_mm[first]
    box = [*(spaces.low_nm[row] / NM_PER_MM + shift[:2]), bottom + shift[2]]
    box += [*(spaces.high_nm[row] / NM_PER_MM + shift[:2]), printed.tops_mm[last] + shift[2]]
    a, b, c, d, e, f = (round(float(v), 3) + 0.0 for v in box)
    return Where(frame=printed.frame, box_mm=(a, b, c, d, e, f), layer=first)


CHECK = Check(
    "PRN-06",
    said("Trapped volumes"),
    said("process: supports.enabled"),
    run,
    (facets, closed_surface, cut_layers),
)

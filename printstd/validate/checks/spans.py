"""PRN-03: Bridges and cantilevers

What it demands
    A layer that leaves the one below spans no more than a bridge can, and reaches out no further
    than a cantilever can.

Why
    A thread held at both ends can be pulled straight over a gap; the longer, the more it sags. One
    held at one end bends down, and at a millimetre curls up into the nozzle's way.

How it is measured
    Of the areas that the layer below does not carry (PRN-01): one is a bridge if, in the best of
    all directions (every 5 degrees, and along its long edges), nearly all threads end over the
    layer below at both ends. Its span is the longest thread in that direction. One that is held,
    but not so, is a cantilever, and reaches as far as its farthest corner lies from the layer
    below.
    What nothing holds is an island (PRN-02).
    Figures past the warning are told; past the limit that design guides refuse, they end as
    `printability.past_fail` says: the bundled processes let it be a warning, since good production
    parts go past some of these limits. Where supports are laid they are told and no more.

Example
    The arm of a T, 10 mm long, is a cantilever of 10 mm. The lintel of a gate 12 mm wide is a
    bridge of 12 mm, and passes with 8 mm.

Standard and clause
    Process: printability.bridge_warn_mm, bridge_fail_mm, cantilever_warn_mm, cantilever_fail_mm
    (design guides, each named there)
"""

from __future__ import annotations

from typing import NamedTuple

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.farthest import farthest_nm
from printstd.kernels.overhang import Unsupported
from printstd.kernels.spans import best_span
from printstd.profiles.printability_models import PastLimit
from printstd.units import NM_PER_MM
from printstd.validate.check import Check
from printstd.validate.checks.overhangs import place
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import closed_surface, cut_layers, facets
from printstd.validate.printed import PrintedLayers
from printstd.words import Said, said

_FINE_NM = 50_000


class _Measured(NamedTuple):
    area: Unsupported
    mm: float


def run(context: CheckContext) -> tuple[Finding, ...]:
    printed = context.printed
    assert printed is not None  # `needs` has seen to it
    bridges: list[_Measured] = []
    cantilevers: list[_Measured] = []
    for one in printed.unsupported:
        if one.hanging.span_nm is not None:
            bridges.append(_Measured(one, _span_nm(printed, one) / NM_PER_MM))
        elif not one.hanging.is_island:
            below = printed.sections[one.hanging.layer - 1]
            cantilevers.append(_Measured(one, farthest_nm(one.rings, below) / NM_PER_MM))
    return (_bridges(context, printed, bridges), _cantilevers(context, printed, cantilevers))


def _span_nm(printed: PrintedLayers, one: Unsupported) -> int:
    """The bridge's longest thread, of threads so close together that it does not depend on where
    the first of them lies: it is judged by threads a nozzle apart."""
    fine = best_span(one.rings, printed.sections[one.hanging.layer - 1], _FINE_NM)
    assert one.hanging.span_nm is not None
    return fine.longest_nm if fine is not None else one.hanging.span_nm


def _bridges(context: CheckContext, printed: PrintedLayers, found: list[_Measured]) -> Finding:
    limits = context.resolved.process.printability
    longest = _farthest_first(found)
    values = {"count": len(found), "mm": longest}
    message = said("bridges: {count}, the longest spans {mm:.2f} mm", **values)
    if not found:
        message = said("there is nothing to bridge")
    elif longest > limits.bridge_fail_mm:
        message = said(
            "bridges: {count}, the longest spans {mm:.2f} mm, more than design guides allow at "
            "all; lay supports, shorten it or turn the part",
            **values,
        )
    elif longest > limits.bridge_warn_mm:
        message = said("bridges: {count}, the longest spans {mm:.2f} mm and will sag", **values)
    source = said("process: printability.bridge_warn_mm, bridge_fail_mm")
    judged = _judged(context, printed, longest, limits.bridge_warn_mm, limits.bridge_fail_mm)
    return _told(printed, found, judged, message, source)


def _cantilevers(context: CheckContext, printed: PrintedLayers, found: list[_Measured]) -> Finding:
    limits = context.resolved.process.printability
    farthest = _farthest_first(found)
    values = {"count": len(found), "mm": farthest}
    message = said("cantilevers: {count}, the farthest reaches out {mm:.2f} mm", **values)
    if not found:
        message = said("nothing is held at one end alone")
    elif farthest > limits.cantilever_fail_mm:
        message = said(
            "cantilevers: {count}, the farthest reaches out {mm:.2f} mm, more than design guides "
            "allow at all; lay supports, slope its underside or turn the part",
            **values,
        )
    elif farthest > limits.cantilever_warn_mm:
        message = said(
            "cantilevers: {count}, the farthest reaches out {mm:.2f} mm and will droop", **values
        )
    source = said("process: printability.cantilever_warn_mm, cantilever_fail_mm")
    warn_mm, fail_mm = limits.cantilever_warn_mm, limits.cantilever_fail_mm
    judged = _judged(context, printed, farthest, warn_mm, fail_mm)
    return _told(printed, found, judged, message, source)


def _farthest_first(found: list[_Measured]) -> float:
    """Sorts them; the figure of the first, 0 without any."""
    found.sort(key=lambda one: (-one.mm, one.area.hanging.layer, one.area.hanging.low_nm))
    return found[0].mm if found else 0.0


def _told(
    printed: PrintedLayers,
    found: list[_Measured],
    judged: tuple[Status, float],
    message: Said,
    source: Said,
) -> Finding:
    status, limit = judged
    return CHECK.says(
        status,
        message,
        measured=found[0].mm if found else 0.0,
        limit=limit,
        unit="mm",
        where=_places(printed, found),
        source=source,
    )


def _judged(
    context: CheckContext, printed: PrintedLayers, mm: float, warn: float, fail: float
) -> tuple[Status, float]:
    """(how a figure ends, the limit that it is told beside)."""
    past_fail = context.resolved.process.printability.past_fail
    if mm <= warn:
        return Status.PASS, warn
    limit = fail if mm > fail else warn
    if printed.has_supports:
        return Status.INFO, limit
    is_refused = mm > fail and past_fail is PastLimit.FAIL
    return Status.FAIL if is_refused else Status.WARN, limit


def _places(printed: PrintedLayers, found: list[_Measured]) -> tuple[Where, ...]:
    return tuple(
        place(one.area.hanging, printed.tops_mm, printed.frame, printed.shift_mm)
        for one in found[:MOST_PLACES]
    )


CHECK = Check(
    "PRN-03",
    said("Bridges and cantilevers"),
    said("process: printability.bridge_warn_mm, cantilever_warn_mm"),
    run,
    (facets, closed_surface, cut_layers),
)

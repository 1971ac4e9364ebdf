"""GEO-10: Self-intersection

What it demands
    Within one shell, no facets pass through each other deeper than a quarter of a line width.

Why
    Where a surface passes through itself, the part is wound twice, and slicers fill, empty or
    tear it. But one in nine production parts of a well-known printer has crossings of some
    micrometres where fillets end, and they print well: so it is the depth that counts, not
    the crossing.

How it is measured
    All pairs of facets whose boxes overlap are tested, by the number of corners they share, with
    the rounding of the file as tolerance. No decision is left to the rounding of arithmetic: what
    floating point cannot tell is decided in whole numbers, so the verdict does not depend on the
    order of facets or corners. Two facets that cross are as deep in each other as the
    least by which one of them reaches beyond the other's plane, and no deeper than the stretch
    along which they cross is long: moving one so far parts them. A crossing of many facets is
    as deep as its deepest pair; where its facets are small and it is long, rays measure across
    the space that is wound twice.
    Between different shells crossings are reported only: slicers unite such bodies, unless one
    of the two is a cavity.
    Surfaces that only touch (points, or faces that lie on each other) are reported as touching.

Example
    Two edges of a production part that touch in one point, where the facets reach 0.053 mm
    beyond each other: INFO. A clip whose arms were drawn 0.3 mm into each other: FAIL.

Standard and clause
    3MF Core 1.4.0, 4.1 (no self-intersection, which consumers must accept);
    process profile, widths.external_perimeter_mm
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.components import component_labels
from printstd.kernels.distinct import distinct
from printstd.kernels.pair_tests import Contact
from printstd.kernels.triangle_pairs import Contacts
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets
from printstd.validate.overlap import deepened
from printstd.words import said

_FAIL_RATIO = 0.25
"""Of the line width: above this depth the outline itself would be drawn in a wrong place."""


@dataclass(frozen=True, slots=True, eq=False)
class _Crossings:
    """Contacts of one group grouped to connected crossings.

    label : (k,) int64, crossing of each contact. depth_mm, length_mm : (c,) float64.
    """

    contacts: Contacts
    label: NDArray[np.int64]
    depth_mm: NDArray[np.float64]
    length_mm: NDArray[np.float64]


def run(context: CheckContext) -> tuple[Finding, ...]:
    found = context.contacts
    limit = _FAIL_RATIO * context.line_width_mm
    if found is None:
        return (
            CHECK.says(
                Status.NOT_EVALUATED,
                said("too many facets lie close together to test all pairs"),
                limit=limit,
                unit="mm",
            ),
        )
    is_crossing = (found.kind == Contact.CUT) | (found.kind == Contact.CREASE)
    is_own = _is_one_surface(context, found)
    own, between = found.rows(is_crossing & is_own), found.rows(is_crossing & ~is_own)
    findings = [
        *_own_findings(context, own, limit),
        *_between_findings(context, between, limit),
        *_touching_findings(context, found.rows(~is_crossing), limit),
    ]
    return tuple(findings) or (
        CHECK.says(
            Status.PASS,
            said("no facets pass through each other"),
            measured=0.0,
            limit=limit,
            unit="mm",
        ),
    )


def _is_one_surface(context: CheckContext, found: Contacts) -> NDArray[np.bool_]:
    """(k,) bool: both facets are of one shell, or of two closed ones of which one is a cavity
    (their signs conflict, so uniting them makes no sense)."""
    shells = context.shells
    first, second = shells.labels[found.first], shells.labels[found.second]
    is_outward = shells.volume_mm3 > 0
    conflict = is_outward[first] != is_outward[second]
    conflict &= shells.is_closed[first] & shells.is_closed[second]
    return np.asarray((first == second) | conflict, np.bool_)


def _own_findings(context: CheckContext, own: Contacts, limit: float) -> list[Finding]:
    if not len(own.first):
        return []
    crossings, left = _deepened(context, _crossings(context, own), limit)
    depth = float(crossings.depth_mm.max())
    status = Status.FAIL if depth > limit else Status.WARN
    if depth <= context.rounding_mm:
        status = Status.INFO
    message = said(
        "the surface passes through itself, up to {depth:.3g} mm deep; places: {count}",
        depth=depth,
        count=len(crossings.depth_mm),
    )
    if status is Status.FAIL:
        message = said(
            "the surface passes through itself, up to {depth:.3g} mm deep; places: {count}; repair "
            "the model",
            depth=depth,
            count=len(crossings.depth_mm),
        )
    found = [
        CHECK.says(
            status,
            message,
            measured=round(depth, 6),
            limit=limit,
            unit="mm",
            where=_places(context, crossings),
            details=(
                _longest(crossings),
                (said("pairs of facets"), str(len(own.first))),
            ),
        )
    ]
    if left and status is not Status.FAIL:
        found.append(
            CHECK.says(
                Status.INDETERMINATE,
                said(
                    "long crossings of small facets that could not be measured across in "
                    "reasonable time: {count}; repair the model",
                    count=left,
                ),
                measured=left,
                limit=0,
                unit="crossings",
            )
        )
    return found


def _longest(crossings: _Crossings) -> tuple[str, str]:
    length = float(crossings.length_mm.max())
    return said("longest crossing"), said("{mm:.3f} mm", mm=length)


def _between_findings(context: CheckContext, between: Contacts, limit: float) -> list[Finding]:
    if not len(between.first):
        return []
    crossings = _crossings(context, between)
    return [
        CHECK.says(
            Status.INFO,
            said("different shells pass through each other; slicers unite them"),
            measured=round(float(crossings.depth_mm.max()), 6),
            limit=limit,
            unit="mm",
            where=_places(context, crossings),
            details=(_longest(crossings),),
        )
    ]


def _touching_findings(context: CheckContext, touching: Contacts, limit: float) -> list[Finding]:
    if not len(touching.first):
        return []
    crossings = _crossings(context, touching)
    laps = int((touching.kind == Contact.LAP).sum())
    return [
        CHECK.says(
            Status.INFO,
            said(
                "the surface touches itself, no deeper than the file's rounding; places: {count}",
                count=len(crossings.depth_mm),
            ),
            measured=round(float(touching.depth.max()), 6),
            limit=limit,
            unit="mm",
            where=_places(context, crossings),
            details=(
                (said("measured"), said("reach of the touching facets beyond each other's plane")),
                (said("pairs that meet in a point"), str(len(touching.first) - laps)),
                (said("pairs that lie on each other"), str(laps)),
            ),
        )
    ]


def _crossings(context: CheckContext, found: Contacts) -> _Crossings:
    """Contacts that share a facet, or whose facets are neighbours, are one crossing."""
    used, local = np.unique(np.concatenate([found.first, found.second]), return_inverse=True)
    number = np.full(len(context.faces), -1, np.int64)
    number[used] = np.arange(len(used))
    _, left, right = context.edges.two_facet_edges()
    near = (number[left] >= 0) & (number[right] >= 0)
    n = len(found.first)
    label, count = component_labels(
        len(used),
        np.concatenate([local[:n], number[left[near]]]),
        np.concatenate([local[n:], number[right[near]]]),
    )
    of_contact = label[local[:n]]
    length = np.bincount(of_contact, weights=found.length, minlength=count).astype(np.float64)
    depth = np.zeros(count)
    np.maximum.at(depth, of_contact, np.minimum(found.depth, found.length))
    return _Crossings(found, of_contact, depth, length)


def _deepened(context: CheckContext, crossings: _Crossings, limit: float) -> tuple[_Crossings, int]:
    """(long crossings measured across the space that is filled twice, how many there was no time
    for). What is no longer than the limit is no deeper."""
    rows = np.flatnonzero((crossings.length_mm > limit)[crossings.label])
    if not len(rows):
        return crossings, 0
    measured, left = deepened(
        context, crossings.contacts, rows, crossings.label, above_mm=context.rounding_mm
    )
    depth = crossings.depth_mm.copy()
    for index, found in measured.items():
        depth[index] = max(depth[index], found)
    return replace(crossings, depth_mm=depth), left


def _places(context: CheckContext, crossings: _Crossings) -> tuple[Where, ...]:
    """Deepest first."""
    order = np.lexsort((-crossings.length_mm, -crossings.depth_mm))[:MOST_PLACES]
    found = crossings.contacts
    places = []
    for index in order:
        own = np.flatnonzero(crossings.label == index)
        pair = distinct(np.concatenate([found.first[own], found.second[own]]))
        places.append(context.where(found.middle[own], pair))
    return tuple(places)


CHECK = Check(
    "GEO-10",
    said("Self-intersection"),
    said("3MF Core 1.4.0, 4.1; process: widths.external_perimeter_mm"),
    run,
    (facets,),
)

"""GEO-08: Inside-out shells

What it demands
    A shell that lies in the open faces outwards, one that bounds a cavity faces inwards, one
    inside that cavity outwards again.

Why
    A shell turned inside out is a hole to slicers that fill by winding, and a body to those
    that fill by even and odd. The same file then gives two different parts.

How it is measured
    The signed volume of each closed shell against how many other shells it lies in. A shell
    lies in another one when the other one winds round it at most of five of its corners. The
    volume is taken about the model's own middle, in float64.

Example
    A box whose facets are all wound clockwise has a volume of -1000 mm3 and fails. A box with a
    spherical cavity whose facets face the centre passes.

Standard and clause
    3MF Core 1.4.0, 4.1 (outward normals) and 3.4.1 (positive fill rule)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.distinct import distinct
from printstd.kernels.facets import winding_numbers
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext, Shells
from printstd.validate.needs import facets
from printstd.validate.outcome import counted

_MOST_WORK = 40_000_000
"""Corner times facet products; past it nesting is not evaluated (some seconds)."""

_WITNESSES = 5


def run(context: CheckContext) -> tuple[Finding, ...]:
    shells = context.shells
    is_open = ~shells.is_closed
    if is_open.all():
        return (
            CHECK.says(
                Status.NOT_EVALUATED, "no shell is closed, so none has an inside (GEO-02, GEO-03)"
            ),
        )
    inner, outer = _box_pairs(shells)
    work = int(shells.facet_count[outer].sum()) * _WITNESSES
    if work > _MOST_WORK:
        return (
            CHECK.says(
                Status.NOT_EVALUATED,
                f"{len(inner)} pairs of shells lie within each other's boxes, too many to nest",
                measured=len(inner),
                unit="pairs",
            ),
        )
    is_inside = _contained(context, inner, outer)
    depth = np.bincount(inner[is_inside], minlength=shells.count)
    found = [
        *_judge(context, depth, is_flat=_is_flat(shells)),
        *_unjudged(context, is_open),
    ]
    return tuple(found) or (
        CHECK.says(
            Status.PASS,
            f"{counted(shells.count, 'shell')} facing the right way",
            measured=0,
            limit=0,
            unit="shells",
            details=(("volume", f"{float(shells.volume_mm3.sum()):.3f} mm3"),),
        ),
    )


def _is_flat(shells: Shells) -> NDArray[np.bool_]:
    """(s,) bool: a sheet back to back, whose volume is rounding (GEO-07 and GEO-09 report it)."""
    return np.asarray(np.abs(shells.volume_mm3) <= 1e-9 * shells.largest_extent_mm**3, np.bool_)


def _box_pairs(shells: Shells) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(inner, outer): pairs of shells of which the box of the first lies in that of the second."""
    low, high = shells.box_mm[:, 0], shells.box_mm[:, 1]
    inner, outer = [], []
    for index in np.flatnonzero(shells.is_closed):
        holds = (low >= low[index]).all(axis=1) & (high <= high[index]).all(axis=1)
        holds[index] = False
        members = np.flatnonzero(holds)
        inner.append(members)
        outer.append(np.full(len(members), index, np.int64))
    return np.concatenate(inner), np.concatenate(outer)


def _contained(
    context: CheckContext, inner: NDArray[np.int64], outer: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(p,) bool: most of the inner shell's witness corners are wound round by the outer one."""
    labels, faces, vertices = context.shells.labels, context.faces, context.vertices_mm
    result = np.zeros(len(inner), bool)
    for index, (small, large) in enumerate(zip(inner, outer, strict=True)):
        corners = distinct(faces[labels == small])
        step = max(1, len(corners) // _WITNESSES)
        witnesses = vertices[corners[::step][:_WITNESSES]]
        wound = np.abs(winding_numbers(witnesses, vertices[faces[labels == large]])) > 0.5
        result[index] = 2 * int(wound.sum()) > len(witnesses)
    return result


def _judge(
    context: CheckContext, depth: NDArray[np.int64], *, is_flat: NDArray[np.bool_]
) -> list[Finding]:
    shells = context.shells
    judged = shells.is_closed & ~is_flat
    is_outward = shells.volume_mm3 > 0
    inverted = np.flatnonzero(judged & ~is_outward & (depth % 2 == 0))
    doubled = np.flatnonzero(judged & is_outward & (depth % 2 == 1))
    found = []
    if len(inverted):
        found.append(
            CHECK.says(
                Status.FAIL,
                f"{counted(len(inverted), 'shell')} inside out; turn their facets over",
                measured=len(inverted),
                limit=0,
                unit="shells",
                where=_places(context, inverted),
                details=(("volume", f"{float(shells.volume_mm3[inverted].sum()):.3f} mm3"),),
            )
        )
    if len(doubled):
        found.append(
            CHECK.says(
                Status.FAIL,
                f"{counted(len(doubled), 'shell')} facing outwards inside another one: "
                "some slicers fill them, others leave a hole; unite the bodies or turn it over",
                measured=len(doubled),
                limit=0,
                unit="shells",
                where=_places(context, doubled),
            )
        )
    return found


def _unjudged(context: CheckContext, is_open: NDArray[np.bool_]) -> list[Finding]:
    if not is_open.any():
        return []
    return [
        CHECK.says(
            Status.NOT_EVALUATED,
            f"{counted(int(is_open.sum()), 'shell')} open or wound both ways, so without an inside "
            "(GEO-02, GEO-03)",
            measured=int(is_open.sum()),
            unit="shells",
        )
    ]


def _places(context: CheckContext, shells: NDArray[np.int64]) -> tuple[Where, ...]:
    labels = context.shells.labels
    return tuple(
        context.where(context.shells.box_mm[shell], np.flatnonzero(labels == shell)[:4])
        for shell in shells[:MOST_PLACES]
    )


CHECK = Check("GEO-08", "Inside-out shells", "3MF Core 1.4.0, 4.1", run, (facets,))

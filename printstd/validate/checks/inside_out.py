"""GEO-08: Inside-out shells

What it demands
    A shell that lies in the open faces outwards, one that bounds a cavity faces inwards, one
    inside that cavity outwards again. No shell is there twice.

Why
    A shell turned inside out is a hole to slicers that fill by winding, and a body to those
    that fill by even and odd. The same file then gives two different parts.

How it is measured
    The signed volume of each closed shell against how many other shells it lies in. A shell
    lies in another one when the other one winds round it at most of five of its corners. The
    volume is taken about the model's own middle, in float64. Two shells with the same box, volume,
    area and middle are one body that is there twice, however either is divided into facets.

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
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets
from printstd.validate.nesting import Nesting
from printstd.words import Said, said

_LISTED = 6
"""Shells whose role is listed."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    shells = context.shells
    is_open = ~shells.is_closed
    if is_open.all():
        return (
            CHECK.says(
                Status.NOT_EVALUATED,
                said("no shell is closed, so none has an inside (GEO-02, GEO-03)"),
            ),
        )
    nested = context.nesting
    if isinstance(nested, int):
        return (
            CHECK.says(
                Status.NOT_EVALUATED,
                said(
                    "too many shells lie within each other's boxes to nest them: {count} pairs",
                    count=nested,
                ),
                measured=nested,
                unit="pairs",
            ),
        )
    found = [*_judge(context, nested), *_unjudged(is_open)]
    return tuple(found) or (
        CHECK.says(
            Status.PASS,
            said("all shells face the right way: {count}", count=shells.count),
            measured=0,
            limit=0,
            unit="shells",
            details=(
                (said("volume"), said("{mm3:.3f} mm3", mm3=float(shells.volume_mm3.sum()))),
                *_roles(context, nested),
            ),
        ),
    )


def _judge(context: CheckContext, nested: Nesting) -> list[Finding]:
    shells = context.shells
    judged = nested.is_judged(shells)
    is_outward = shells.volume_mm3 > 0
    is_twin = nested.twin != np.arange(shells.count)
    inverted = np.flatnonzero(judged & ~is_outward & (nested.depth % 2 == 0))
    doubled = np.flatnonzero(judged & is_outward & (nested.depth % 2 == 1))
    again = np.flatnonzero(judged & is_twin)
    roles = _roles(context, nested)
    found = []
    if len(inverted):
        volume = float(shells.volume_mm3[inverted].sum())
        found.append(
            _failed(
                context,
                inverted,
                said("shells inside out: {count}; turn their facets over", count=len(inverted)),
                ((said("volume"), said("{mm3:.3f} mm3", mm3=volume)), *roles),
            )
        )
    if len(doubled):
        found.append(
            _failed(
                context,
                doubled,
                said(
                    "shells facing outwards inside another one: {count}; some slicers fill them, "
                    "others leave a hole: unite the bodies or turn them over",
                    count=len(doubled),
                ),
                roles,
            )
        )
    if len(again):
        found.append(
            _failed(
                context,
                again,
                said(
                    "shells that are there twice in the same place: {count}; export each once",
                    count=len(again),
                ),
                roles,
            )
        )
    return found


def _failed(
    context: CheckContext,
    shells: NDArray[np.int64],
    message: Said,
    details: tuple[tuple[str, str], ...],
) -> Finding:
    return CHECK.says(
        Status.FAIL,
        message,
        measured=len(shells),
        limit=0,
        unit="shells",
        where=_places(context, shells),
        details=details,
    )


def _roles(context: CheckContext, nested: Nesting) -> tuple[tuple[str, str], ...]:
    """What each of the largest shells is, where there are several."""
    shells = context.shells
    if shells.count < 2:
        return ()
    rounded = np.round(np.abs(shells.volume_mm3), 6)
    order = np.lexsort((np.round(shells.box_mm[:, 0, 0], 6), -rounded))[:_LISTED]
    rows: list[tuple[str, str]] = []
    for number, shell in enumerate(order.tolist(), start=1):
        volume, depth = float(shells.volume_mm3[shell]), int(nested.depth[shell])
        role = said("body, {mm3:.3f} mm3, inside {depth} others", mm3=volume, depth=depth)
        if not shells.is_closed[shell]:
            role = said("open, so without a role")
        elif nested.is_flat[shell]:
            role = said("sheet without a volume")
        elif volume < 0:
            role = said("cavity, {mm3:.3f} mm3, inside {depth} others", mm3=-volume, depth=depth)
        rows.append((said("shell {number}", number=number), role))
    return tuple(rows)


def _unjudged(is_open: NDArray[np.bool_]) -> list[Finding]:
    if not is_open.any():
        return []
    return [
        CHECK.says(
            Status.NOT_EVALUATED,
            said(
                "shells open or wound both ways, so without an inside (GEO-02, GEO-03): {count}",
                count=int(is_open.sum()),
            ),
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


CHECK = Check("GEO-08", said("Inside-out shells"), "3MF Core 1.4.0, 4.1", run, (facets,))

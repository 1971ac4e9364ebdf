"""PRN-02: Islands that begin in the air

What it demands
    No part of a layer begins over nothing: what is laid there is a blob in the air, until the
    layer that joins it to the rest.

Why
    An overhang droops, an island falls. It is the one kind of overhang that no slope, no cooling
    and no bridge helps; only a support does, or turning the part.

How it is measured
    Of the areas that the layer below does not carry (PRN-01), those that it does not even touch.
    Each is followed upwards to the layer in which its outline first lies over something that is
    carried. Areas narrower than an external perimeter are left out.

Example
    A hook whose tip hangs down 5 mm from its arm begins in the air at the tip, and joins the rest
    at the arm.

Standard and clause
    Facts of slicers: support generators treat islands apart from overhangs; process:
    widths.external_perimeter_mm, supports.enabled
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.islands_rise import joined_at
from printstd.validate.check import Check
from printstd.validate.checks.overhangs import place
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import closed_surface, cut_layers, facets
from printstd.words import said

_MOST_FOLLOWED = 64
"""Islands whose way up is told; all are counted."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    printed = context.printed
    assert printed is not None  # `needs` has seen to it
    islands = [one for one in printed.unsupported if one.hanging.is_island]
    if not islands:
        return (
            CHECK.says(
                Status.PASS,
                said("nothing begins in the air"),
                measured=0,
                limit=0,
                unit="islands",
            ),
        )
    followed = islands[:_MOST_FOLLOWED]
    joins = joined_at(printed.sections, [(one.hanging.layer, one.rings) for one in followed])
    tops_mm = printed.tops_mm
    details = []
    for number, (one, joined) in enumerate(zip(followed, joins, strict=True), start=1):
        if number > MOST_PLACES:
            break
        where = said(
            "layer {layer}, Z {z:.2f} mm, {area:.2f} mm2, joins nothing above",
            layer=one.hanging.layer,
            z=tops_mm[one.hanging.layer],
            area=one.hanging.area_mm2,
        )
        if joined is not None:
            where = said(
                "layer {layer}, Z {z:.2f} mm, {area:.2f} mm2, joins the rest in layer {above}, Z "
                "{z_above:.2f} mm",
                layer=one.hanging.layer,
                z=tops_mm[one.hanging.layer],
                area=one.hanging.area_mm2,
                above=joined,
                z_above=tops_mm[joined],
            )
        details.append((said("island {number}", number=number), where))
    message = said(
        "islands that begin in the air: {count}, from Z {z:.2f} mm up; turn supports on (--set "
        "supports.enabled=true) or turn the part (--rotate)",
        count=len(islands),
        z=tops_mm[islands[0].hanging.layer],
    )
    if printed.has_supports:
        message = said(
            "islands that begin in the air: {count}, from Z {z:.2f} mm up; supports are laid "
            "under them",
            count=len(islands),
            z=tops_mm[islands[0].hanging.layer],
        )
    return (
        CHECK.says(
            Status.INFO if printed.has_supports else Status.WARN,
            message,
            measured=len(islands),
            limit=0,
            unit="islands",
            where=tuple(
                place(one.hanging, tops_mm, printed.frame, printed.shift_mm)
                for one in islands[:MOST_PLACES]
            ),
            details=tuple(details),
        ),
    )


CHECK = Check(
    "PRN-02",
    said("Islands that begin in the air"),
    said("process: widths.external_perimeter_mm"),
    run,
    (facets, closed_surface, cut_layers),
)

"""UNT-02: Precision of the coordinates

What it demands
    The coordinates are finer than a tenth of the smallest tolerance of the class. It tells of
    parts that were modelled far from the origin.

Why
    STL keeps seven digits. A part that lies 10 m from the origin has steps of a micrometre, one
    that lies a kilometre away of 0.06 mm: its round holes become polygons, and its sizes are wrong
    before anything is printed.

How it is measured
    The distance between neighbouring float32 numbers at the largest coordinate of the file, in
    the unit and at the scale that the part is made in. Files of decimal text and of double
    precision may be better; they are taken to be no better, as most were made from float32. Where
    the largest coordinate is more than 16 times the part's longest extent, four bits of precision
    and more are lost to its place.

Example
    A part of 20 mm at x = 500,000 mm has steps of 0.03 mm; a tenth of +-0.1 mm is 0.01 mm, so it
    is warned about. Move it to the origin in the program that made it, and export again.

Standard and clause
    Facts of validation, 2.6; ISO 2768-1, table 1, the smallest deviation of the class
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.words import said

_SHARE = 0.1
_FAR_RATIO = 16.0


def run(context: CheckContext) -> tuple[Finding, ...]:
    step = context.ulp_mm
    bands = context.resolved.bands
    limit = _SHARE * min(band.deviation_mm for band in bands) if bands else None
    largest = float(np.abs(context.box_mm).max())
    extent = float(context.extents_mm.max())
    details = (
        (said("largest coordinate"), said("{mm:.6g} mm", mm=largest)),
        (said("longest extent"), said("{mm:.6g} mm", mm=extent)),
    )
    source = (
        said(
            "{indication}, 1/10 of the smallest tolerance",
            indication=context.resolved.indication,
        )
        if bands
        else None
    )
    if limit is not None and step > limit:
        status = Status.WARN
        message = said(
            "the file's numbers are {step:.2g} mm apart at its largest coordinate, {largest:.6g} "
            "mm; move the part to the origin and export it again",
            step=step,
            largest=largest,
        )
    elif largest > _FAR_RATIO * extent:
        status = Status.INFO
        message = said(
            "the part lies far from the origin, at up to {largest:.6g} mm; the file's numbers are "
            "{step:.2g} mm apart there",
            step=step,
            largest=largest,
        )
    else:
        status = Status.PASS
        message = said("the file's numbers are {step:.2g} mm apart or less", step=step)
    return (
        CHECK.says(
            status,
            message,
            measured=step,
            limit=limit,
            unit="mm",
            where=() if status is Status.PASS else (context.where(context.box_mm),),
            details=details,
            source=source,
        ),
    )


CHECK = Check(
    "UNT-02",
    said("Precision of the coordinates"),
    said("Facts of validation, 2.6"),
    run,
    (facets,),
)

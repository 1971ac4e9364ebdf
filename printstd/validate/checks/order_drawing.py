"""ORD-03: Drawing and its change index

What it demands
    The order names the drawing by its number and the index of its last change.

Why
    A number alone names every issue that the drawing ever had. Sizes and tolerances change between
    them, and the report that cites "drawing 4711" proves nothing of 4711 C.

How it is measured
    `part.drawing.number` and `part.drawing.index` are there. A number without an index fails, an
    index without a number too; without any drawing the geometry alone is the contract, and that
    warns.

Example
    `number = "KB-0417"` and no `index` fails.

Standard and clause
    ISO/ASTM 52901:2017, reference to the drawing (structure by previews, verified; not read in
    full)
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import in_record, order_of, order_record
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = order_of(context)
    drawing = held.says.part.drawing
    number, index = drawing.number, drawing.index
    if number is not None and index is not None:
        message = said("drawing {number}, change index {index}", number=number, index=index)
        return (CHECK.says(Status.PASS, message, measured=0, limit=0, unit="fields"),)
    if number is None and index is None:
        status, lost = Status.WARN, 2
        message = said("the order names no drawing: the geometry alone says what is wanted")
    elif index is None:
        status, lost = Status.FAIL, 1
        message = said(
            "the order names drawing {number} without a change index: any issue may be meant",
            number=number,
        )
    else:
        status, lost = Status.FAIL, 1
        message = said("the order names change index {index} of no drawing", index=index)
    return (
        CHECK.says(
            status,
            message,
            measured=lost,
            limit=0,
            unit="fields",
            where=in_record(held, "part.drawing"),
        ),
    )


CHECK = Check(
    "ORD-03",
    said("Drawing and its change index"),
    said("the order: part.drawing"),
    run,
    (order_record,),
)

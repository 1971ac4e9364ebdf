"""ORD-07: Tolerances are the ordered ones

What it demands
    The class of general tolerances that the order names is the one that the part is judged by.

Why
    A part that passes class c was not ordered if the order says m. And an order may cite what no
    longer is: ISO 2768-2 (classes H, K, L) was withdrawn on 2021-02-04 and its successor has no
    classes.

How it is measured
    `part.tolerances.general` chooses pack and class by itself; a class on the command line that
    contradicts it ends the run before any check. Here the class that was used is held against it. A
    class of general geometrical tolerances behind it (H, K, L) is recorded with the status of its
    standard and the successor, and is NOT_EVALUATED: no check judges form, position or run-out on a
    mesh. Specific tolerances are counted: each has
    to be judged by a file of characteristics, or measured.

Example
    `general = "ISO 2768-mK"`: class m is judged, K is not evaluated.

Standard and clause
    ISO/ASTM 52901:2017 points to ISO 2768 for general and ISO 1101 for specific tolerances;
    withdrawal of ISO 2768-2: verified, secondary
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.profiles.standing import unjudged_class
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import in_record, order_of, order_record
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = order_of(context)
    ordered = held.says.part.tolerances
    resolved = context.resolved
    findings = []
    if ordered.general is not None:
        found = context.resolved.records.ordered_class
        is_it = found is not None and found.letter == resolved.tolerance_class
        is_it = is_it and found is not None and resolved.pack.id in found.packs
        is_it = is_it and found is not None and found.geometrical == resolved.geometrical_class
        if is_it:
            message = said("judged by {general}, as ordered", general=resolved.indication)
        else:
            message = said(
                "the order asks for {wanted}, and the part is judged by {general}",
                wanted=ordered.general,
                general=resolved.indication,
            )
        findings.append(
            CHECK.says(
                Status.PASS if is_it else Status.FAIL,
                message,
                measured=0 if is_it else 1,
                limit=0,
                unit="differences",
                where=in_record(held, "part.tolerances.general"),
            )
        )
        unjudged = unjudged_class(resolved)
        if unjudged is not None:
            named = resolved.geometrical_designation
            findings.append(
                CHECK.says(
                    Status.NOT_EVALUATED,
                    unjudged,
                    where=in_record(held, "part.tolerances.general"),
                    source=named.designation if named is not None else None,
                )
            )
    if ordered.specific:
        findings.append(
            CHECK.says(
                Status.INFO,
                said(
                    "specific tolerances stated with the order are not judged by this check: "
                    "{texts}",
                    texts="; ".join(ordered.specific),
                ),
                measured=len(ordered.specific),
                unit="tolerances",
            )
        )
    if not findings:
        message = said("the order names no tolerance (ORD-01)")
        findings.append(CHECK.says(Status.INDETERMINATE, message))
    return tuple(findings)


CHECK = Check(
    "ORD-07",
    said("Tolerances are the ordered ones"),
    said("the order: part.tolerances"),
    run,
    (order_record,),
)

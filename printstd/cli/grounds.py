"""What a report rests on: the profiles that were asked for, the standards, the decision rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from printstd.profiles.proof import proof_text
from printstd.profiles.standing import citations, notices
from printstd.report.document import Cited, Fact, ReportDocument
from printstd.report.labels import STANDINGS
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.resolved import Resolved

DECISION_RULE = said(
    "A size conforms where its deviation and the uncertainty U together stay within the limit, "
    "fails where the deviation less U is beyond it, and is INDETERMINATE between the two (ISO "
    "14253-1). Any FAIL makes the outcome FAILED; a mandatory rule that did not run or could not "
    "tell leaves it UNDECIDED."
)


def grounded(document: ReportDocument, resolved: Resolved, today: str) -> ReportDocument:
    """The document with what the resolved request says of its grounds. today : ISO date."""
    pack, designation = resolved.pack, resolved.designation
    edition = designation.edition
    return replace(
        document,
        title=pack.document_title.get("en", ""),
        standard=said(
            "{indication} ({edition}), status {status}, checked {date}",
            indication=resolved.indication,
            edition=edition if edition[:1].isdigit() else said("edition {year}", year=edition),
            status=STANDINGS[designation.status.value],
            date=designation.status_checked_on.isoformat(),
        ),
        titles=dict(pack.document_title),
        languages=tuple(pack.languages),
        basis=_basis(resolved),
        standards=tuple(Cited(*citation) for citation in citations(resolved)),
        notices=notices(resolved, today),
        decision_rule=DECISION_RULE,
    )


def _basis(resolved: Resolved) -> tuple[Fact, ...]:
    request = resolved.request
    chosen = (
        said("{letter}, chosen with --class", letter=resolved.tolerance_class)
        if request.tolerance_class
        else said("{letter}, the pack's default: nobody chose it", letter=resolved.tolerance_class)
    )
    materials = ", ".join((request.material, *request.more_materials))
    rows = [
        Fact(said("pack"), f"{resolved.pack.id} ({resolved.pack.title_en})"),
        Fact(said("tolerance class"), chosen),
        Fact(said("material"), materials),
        Fact(said("process"), request.process),
        Fact(said("printer"), request.printer or said("none was named")),
        *(
            [Fact(said("printer proven"), proof_text(resolved.printer))]
            if resolved.printer is not None
            else []
        ),
        *(
            Fact(said("set"), said("{key} = {value}", key=key, value=value))
            for key, value in request.overrides
        ),
    ]
    return (
        *rows,
        *(
            Fact(said("SHA-256 of profile {kind}", kind=kind), sha256)
            for kind, sha256 in resolved.digests.items()
        ),
    )

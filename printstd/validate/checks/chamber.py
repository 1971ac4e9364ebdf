"""MAT-01: Chamber for the material

What it demands
    The printer has around its build volume what the material needs: nothing, walls, or a heated
    chamber of the least temperature that the material is known to print at.

Why
    ABS in a draught warps and splits between layers. PEEK and PEI do not print at all in an
    unheated chamber.

How it is measured
    The material's `properties.chamber` against the printer's `chamber`. A material that needs an
    actively heated chamber, on a printer that states none or one that is too cold: FAIL. One that
    wants walls, on an open printer: WARN. Where the printer's profile does not say, WARN for a
    material that must have heat, INFO for one that wants walls.

Example
    PEEK on an open printer fails: it wants 90 degC at least.

Standard and clause
    Needs: knowledge, high; temperatures: the material's `properties.chamber`, with source and
    confidence (`printstd profiles show material NAME`)
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status, Where
from printstd.profiles.material_models import Chamber, ChamberNeed, PrinterChamber
from printstd.validate.check import Check, Reason
from printstd.validate.context import CheckContext
from printstd.validate.needs import printer
from printstd.words import said


def wanted(context: CheckContext) -> Reason | None:
    """A need: the material wants anything around it."""
    material = context.resolved.material
    chamber = material.properties.chamber
    if chamber is None:
        return Status.NOT_APPLICABLE, said("of {id} no need of a chamber is known", id=material.id)
    if chamber.need is ChamberNeed.NONE:
        return Status.NOT_APPLICABLE, said("{id} needs no chamber", id=material.id)
    return None


def run(context: CheckContext) -> tuple[Finding, ...]:
    profile, material = context.resolved.printer, context.resolved.material
    need = material.properties.chamber
    assert profile is not None  # `needs` has seen to both
    assert need is not None
    has = profile.chamber
    names = {"id": material.id, "printer": profile.id}
    if need.need is ChamberNeed.HEATED:
        return (_heated(context, need, has, names),)
    if has is None:
        status, message = (
            Status.INFO,
            said("{id} wants walls around it; the profile of {printer} does not say", **names),
        )
    elif has.kind != "open":
        status, message = Status.PASS, said("{printer} has the walls that {id} wants", **names)
    elif need.need is ChamberNeed.HELPS:
        status, message = Status.INFO, said("{id} prints better with walls around it", **names)
    else:
        status, message = (
            Status.WARN,
            said(
                "{id} wants walls around it, and {printer} is open: it may warp and split", **names
            ),
        )
    target = need.target_min_c
    return (
        CHECK.says(
            status,
            message,
            measured=0 if has is None or has.kind == "open" else 1,
            limit=1,
            unit="enclosures",
            where=_place(context),
            source=_source(need),
            details=((said("chamber"), said("{target} degC or more", target=target)),)
            if target
            else (),
        ),
    )


def _heated(
    context: CheckContext, need: Chamber, has: PrinterChamber | None, names: dict[str, str]
) -> Finding:
    least = need.minimum_c or need.target_min_c or 0
    if has is None:
        status, reached = Status.WARN, 0.0
        message = said(
            "{id} needs a chamber heated to {least} degC at least; the profile of {printer} "
            "does not say whether it has one",
            least=least,
            **names,
        )
    elif has.max_c is None:
        status, reached = Status.FAIL, 0.0
        message = said(
            "{id} needs a chamber heated to {least} degC at least, and {printer} has no heater",
            least=least,
            **names,
        )
    else:
        reached = has.max_c
        is_enough = reached >= least
        status = Status.PASS if is_enough else Status.FAIL
        message = (
            said("{printer} heats its chamber to {reached:g} degC", reached=reached, **names)
            if is_enough
            else said(
                "{id} needs a chamber heated to {least} degC at least, and that of {printer} "
                "reaches {reached:g} degC",
                least=least,
                reached=reached,
                **names,
            )
        )
    return CHECK.says(
        status,
        message,
        measured=reached,
        limit=least,
        unit="degC",
        where=_place(context),
        source=_source(need),
    )


def _place(context: CheckContext) -> tuple[Where, ...]:
    return (context.where(context.box_mm),)


def _source(need: Chamber) -> str:
    return f"{need.source} ({need.confidence.value})"


CHECK = Check(
    "MAT-01",
    said("Chamber for the material"),
    said("material: properties.chamber"),
    run,
    (wanted, printer),
)

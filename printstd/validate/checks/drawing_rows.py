"""DRW-01: Characteristics of the drawing

What it demands
    Every row of the table that `--characteristics` names finds its feature on the model, and the
    model's own size conforms to the row's limits.

Why
    A program can make no better part than its model. A model of another revision than the drawing
    is the most expensive mistake there is, and no check of the mesh alone can see it.

How it is measured
    The row's selector (an id, or a kind of feature with a place) is looked up among the features
    recognised on the mesh; one that fits none or several leaves the row, and the run, undecided:
    nothing is picked because it would fit best. The nominal is the drawing's, never the mesh's. U
    (k = 2) is that of the file's numbers and of the fit, plus the chord error of its facets.
    ISO 14253-1: PASS within the limits less U, FAIL beyond them by more than U, else
    INDETERMINATE. A datum is recorded, and judged nowhere: sizes of features have none. A class of
    general geometrical tolerances (K of ISO 2768-mK) is told as NOT_EVALUATED beside its row.

    With `--characteristics recognised` there is no drawing: sizes are recognised on the mesh and
    judged by the general class on the program alone. None of them passes, they are INFO.

Example
    A drawing says 12 H13 (+0.27/0) for a hole that the model has as 11.9 mm: the row fails with
    -0.1 mm.

Standard and clause
    the drawing; ISO 286-1 and the pack's general tolerances for what its symbols stand for;
    ISO 14253-1 for the decision
"""

from __future__ import annotations

from printstd.artifacts.characteristics import CharacteristicResult
from printstd.artifacts.features import Feature
from printstd.artifacts.finding import Finding, Status, Where
from printstd.artifacts.wording import SIZE_UNITS
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    if context.drawing is None:
        return (CHECK.says(Status.NOT_APPLICABLE, said("no drawing was given")),)
    if context.drawing.is_recognised:
        count = len(context.characteristics)
        text = said(
            "{count} sizes were recognised, their nominal recovered from the mesh: without a "
            "drawing nobody can tell whether the model is right",
            count=count,
        )
        return (CHECK.says(Status.INFO, text, measured=count, unit="sizes"),)
    found = []
    for result, asked in zip(context.characteristics, context.asked, strict=True):
        found.append(_told(result, _place(context, asked.feature)))
        if asked.geometrical is not None:
            found.append(_not_of_size(result, asked.geometrical))
    return tuple(found)


def _not_of_size(result: CharacteristicResult, note: str) -> Finding:
    return CHECK.says(
        Status.NOT_EVALUATED,
        said(
            "characteristic {number}: {note}; no check judges form, position or run-out on a mesh",
            number=result.number,
            note=note,
        ),
        details=(
            (said("characteristic"), result.number),
            (said("requirement"), result.requirement),
        ),
        source=said("ISO 2768-2:1989, withdrawn 2021-02-04"),
    )


def _place(context: CheckContext, feature: Feature | None) -> tuple[Where, ...]:
    return (context.where(facets=feature.facets),) if feature is not None else ()


def _told(result: CharacteristicResult, where: tuple[Where, ...]) -> Finding:
    model = result.model
    if model is None or model.size is None or model.deviation is None:
        why = model.basis if model is not None else ""
        return CHECK.says(
            Status.NOT_EVALUATED,
            said("characteristic {number}: {why}", number=result.number, why=why),
            details=(
                (said("characteristic"), result.number),
                (said("requirement"), result.requirement),
            ),
        )
    upper, lower = result.upper or 0.0, result.lower or 0.0
    return CHECK.says(
        model.verdict,
        said(
            "characteristic {number}: {requirement}; the model has {size:.4f} {unit}, "
            "U {u:.4f} {unit} ({feature})",
            number=result.number,
            requirement=result.requirement,
            size=model.size,
            unit=SIZE_UNITS[result.unit],
            u=model.u or 0.0,
            feature=result.feature,
        ),
        measured=model.deviation,
        limit=upper if 2 * model.deviation >= upper + lower else lower,
        unit=result.unit,
        where=where,
        details=(
            (said("characteristic"), result.number),
            (said("requirement"), result.requirement),
            (said("decision rule"), result.rule),
            (said("uncertainty"), model.basis),
        ),
        source=result.limits_from or None,
    )


CHECK = Check(
    "DRW-01",
    said("Characteristics of the drawing"),
    said("the drawing; ISO 14253-1"),
    run,
    (facets,),
)

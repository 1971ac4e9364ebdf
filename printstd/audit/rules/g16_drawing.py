"""G-16: Sizes of the drawing

What it demands
    Every size that the drawing names, or that was recognised on the model where sizes without a
    drawing were asked for, as the program commands it, lies within its limits.

Why
    A part is bought by its drawing. General rules about the outline let a hole be 0.1 mm too
    narrow; the fit that the drawing gives it may not.

How it is measured
    On the union of the beads of all layers that the feature passes through, without a grid: along
    straight lines across each of its surfaces the side of the beads is found in closed form.
    Upright and leaning faces are looked at in the middle of each layer, level ones by the layers
    that cover them, holes and bosses with an upright axis in 72 directions about the axis that fits
    their beads best (the largest circle inside, the smallest around, and the mean), those with a
    level axis through the steep parts of their sides. Declared compensations and shrinkage are
    taken back; a first layer that was drawn in on purpose is left out. The worst place counts.

    U (k = 2) is that of the program's numbers: 1.5 um a surface, 1 um a level one, plus what fuzzy
    skin was allowed; and, in quadrature, how far apart models of a bead (stadium, rectangle, 3 %
    less and more plastic) put its sides, as a rectangular distribution (GUM 4.3.7): 16 um a side in
    layers of 0.2 mm, nothing between two faces that look the same way.

    PASS: the deviation and U stay within the limits; FAIL: it is beyond them by more than U;
    between the two INDETERMINATE. A hole whose axis lies further from the model's than half the
    width of its limits fails, too. A row that no feature of the model answers to, or whose
    feature cannot be measured on layers, is NOT_EVALUATED, and the run undecided.

Example
    A hole of 5 mm printed as a polygon lets a pin of 4.95 mm through: with +0.1/0 it fails, with
    +-0.1 it passes.

Source
    the drawing; ISO 14253-1 (decision rule); ISO 14405-1 (sizes by the largest inscribed and the
    smallest circumscribed circle)
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.audit import SizeFound
from printstd.artifacts.conformity import RULE as DECISION_RULE
from printstd.artifacts.demand import SizeDemand
from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.rule import Evidence, Rule, parts_of_u
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    drawing = evidence.demand.drawing
    if drawing is None:
        yield from rule.does_not_apply(said("no size of a drawing was asked for"))
        return
    u_shape = parts_of_u(evidence.reach_spread)
    for want, found in zip(drawing.sizes, evidence.sizes_found, strict=True):
        yield _told(rule, want, found, u_shape, is_recovered=not drawing.sha256)


def _told(
    rule: Rule,
    want: SizeDemand,
    found: SizeFound,
    u_shape: tuple[tuple[str, str], ...],
    *,
    is_recovered: bool,
) -> Finding:
    """is_recovered : no drawing names this size, so it cannot pass one."""
    if found.size_nm is None or found.deviation_nm is None:
        return rule.says(
            Status.NOT_EVALUATED,
            said("characteristic {number}: {why}", number=want.number, why=found.basis),
        )
    limits = said(
        "{nominal:.3f} {upper:+.3f}/{lower:+.3f} mm",
        nominal=want.nominal_nm / 1e6,
        upper=want.upper_nm / 1e6,
        lower=want.lower_nm / 1e6,
    )
    message = said(
        "characteristic {number}: {size:.4f} mm commanded for {limits}, U {u:.4f} mm; {basis}",
        number=want.number,
        size=found.size_nm / 1e6,
        limits=limits,
        u=found.u_nm / 1e6,
        basis=found.basis,
    )
    high = found.deviation_nm * 2 >= want.upper_nm + want.lower_nm
    verdict = found.verdict
    if is_recovered and verdict is Status.PASS:
        verdict = Status.INFO
    return rule.says(
        verdict,
        message,
        measured=found.deviation_nm / 1e6,
        limit=(want.upper_nm if high else want.lower_nm) / 1e6,
        unit="mm",
        where=_place(want),
        details=(
            (said("characteristic"), want.number),
            (said("mean size"), said("{mm:.4f} mm", mm=(found.mean_nm or 0) / 1e6)),
            (said("decision rule"), DECISION_RULE),
            *u_shape,
            *(((said("nominal"), said("recovered from the mesh")),) if is_recovered else ()),
        ),
    )


def _place(want: SizeDemand) -> tuple[Where, ...]:
    """In the model's own axes, as the drawing has it."""
    at = want.surface.point_nm if want.surface is not None else None
    if want.traces:
        at = want.traces[0].start_nm
    if at is None:
        return ()
    x, y, z = (round(value / 1e6, 3) for value in at)
    return (Where(frame="model", point_mm=(x, y, z)),)


RULE = Rule("G-16", "Sizes of the drawing", said("the drawing; ISO 14253-1"), check, True)

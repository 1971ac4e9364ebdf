"""G-05: Sizes within their class

What it demands
    The part's sizes along the model's own X, Y and Z, as commanded, deviate from the nominal by
    no more than the tolerance class allows for a size of that range.

Why
    It is what the drawing's general tolerance says.

How it is measured
    The reach of the bead sides along each axis of the model, layers counted from their bottom
    to their top, against the placed model with its declared compensations. By as much as declared
    fuzzy skin may go out or in on both sides the size may differ; what is beyond counts. Sizes
    outside the table's rows are listed, not judged. Where the standard leaves the tolerance to the
    drawing and it is not given, nothing is judged and the rule stays undecided.

    U (k = 2) of a height is none, of other sizes that of measuring, 2 um, and how far apart
    models of a bead (stadium, rectangle, 3 % less and more plastic) put its two sides, as a
    rectangular distribution (GUM 4.3.7). PASS: the deviation and U stay within the class; FAIL: it
    is beyond it by more than U; between the two INDETERMINATE (ISO 14253-1).

Example
    20 mm in class m may deviate by 0.2 mm; a part printed at 101 % in X deviates by 0.2 mm at
    20 and fails from there on.

Source
    the pack's table of general tolerances (ISO 2768-1:1989, table 1)
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.conformity import decided
from printstd.artifacts.demand import ToleranceRow
from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, parts_of_u
from printstd.words import said

UNCERTAINTY_UM = 2.0
"""Of a size, k = 2, apart from the shape of beads."""


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    demand = evidence.demand
    if not demand.tolerance_rows and demand.tolerance_class:
        yield rule.says(
            Status.NOT_EVALUATED,
            said(
                "{name}: the drawing's own tolerance, which is not given",
                name=demand.tolerance_class,
            ),
        )
        return
    if not demand.tolerance_rows:
        yield from rule.does_not_apply(said("no table of general tolerances was chosen"))
        return
    measured, nominal = evidence.sizes_um
    if np.isnan(measured).any():
        yield rule.says(Status.NOT_EVALUATED, said("no bead makes the part"))
        return
    for axis, name in enumerate("XYZ"):
        size, reference = float(measured[axis]), float(nominal[axis])
        listed = float(evidence.nominal_sizes_um[axis])
        row = _row_of(demand.tolerance_rows, listed)
        deviation = size - reference
        # What the declared roughness accounts for is no deviation of the size.
        rough = float(evidence.rough_um[axis])
        deviation = float(np.sign(deviation)) * max(abs(deviation) - rough, 0.0)
        text = said(
            "{axis} {size_mm:.3f} mm commanded for {nominal_mm:.3f} mm",
            axis=name,
            size_mm=size / 1000,
            nominal_mm=reference / 1000,
        )
        if rough:
            text = said("{size}, {rough_mm:.3f} mm rough", size=text, rough_mm=rough / 1000)
        if row is None:
            yield rule.says(
                Status.INFO,
                said("{size}; the table has no row for this size", size=text),
                measured=deviation / 1000,
                unit="mm",
            )
            continue
        # Heights are the program's own numbers; only the sides of beads are measured.
        u_shape = float(evidence.u_shape_um[axis])
        u_um = float(np.hypot(UNCERTAINTY_UM, u_shape)) if u_shape else 0.0
        status = decided(
            round(deviation * 1000),
            int(np.ceil(u_um * 1000)),
            -1000 * row.deviation_um,
            1000 * row.deviation_um,
        )
        yield rule.says(
            status,
            said(
                "{size}; {tolerance_class} allows {deviation_mm:g} mm",
                size=text,
                tolerance_class=demand.tolerance_class,
                deviation_mm=row.deviation_um / 1000,
            ),
            measured=deviation / 1000,
            limit=row.deviation_um / 1000,
            unit="mm",
            details=(
                (said("U"), said("{u_mm:.4f} mm", u_mm=u_um / 1000)),
                *parts_of_u(evidence.reach_spread, UNCERTAINTY_UM),
            ),
        )


def _row_of(rows: tuple[ToleranceRow, ...], size_um: float) -> ToleranceRow | None:
    """The row (over, up to] of a size; the lowest row's lower bound belongs to it."""
    size = round(size_um, 1)
    lowest = min(row.over_um for row in rows)
    for row in rows:
        above = size >= row.over_um if row.over_um == lowest else size > row.over_um
        if above and size <= row.up_to_um:
            return row
    return None


RULE = Rule(
    "G-05", said("Sizes within their class"), said("the pack's table of tolerances"), check, True
)

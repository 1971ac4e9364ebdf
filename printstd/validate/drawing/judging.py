"""The model's own sizes against the drawing: a model that contradicts it is found before anything
is made of it."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.characteristics import CharacteristicResult, NominalFrom, SizeResult
from printstd.artifacts.conformity import RULE, decided
from printstd.artifacts.features import Feature, FeatureKind, FeatureSource
from printstd.artifacts.finding import Status
from printstd.profiles.resolved import Resolved
from printstd.validate.drawing.asking import Asked
from printstd.validate.drawing.forecast import forecast
from printstd.validate.drawing.matching import described
from printstd.words import said

_DIAMETERS = frozenset({FeatureKind.HOLE, FeatureKind.BOSS, FeatureKind.SPHERE})
_RADII = frozenset({FeatureKind.FILLET, FeatureKind.ROUNDING})


def judged(
    asked: Asked, nominal: NominalFrom, resolved: Resolved, up: NDArray[np.float64]
) -> CharacteristicResult:
    """One row of the accountability table, as far as the model file decides it. nominal : where it
    comes from. up : (3,) the build direction in the model's axes, for the forecast."""
    row, feature = asked.row, asked.feature
    size = _of_model(asked)
    made = None
    if size.deviation is not None and size.u is not None:
        made = forecast(asked, size.deviation, size.u, resolved, up, is_commanded=False)
    lower, upper = asked.lower_e6, asked.upper_e6
    return CharacteristicResult(
        number=row.number,
        reference=row.reference,
        designator=row.designator,
        requirement=requirement(asked),
        feature=described(feature) if feature is not None else "",
        unit=row.unit,
        nominal=row.nominal_e6 / 1e6,
        lower=None if lower is None else lower / 1e6,
        upper=None if upper is None else upper / 1e6,
        nominal_from=nominal,
        limits_from=asked.limits_from,
        datum=row.datum,
        note=row.note,
        model=size,
        commanded=None,
        predicted=made,
        verdict=unless_recovered(size.verdict, nominal),
        rule=RULE,
    )


def unless_recovered(verdict: Status, nominal: NominalFrom) -> Status:
    """A nominal that the model itself has says nothing about a drawing: no such row passes."""
    is_drawn = nominal is NominalFrom.DRAWING
    return Status.INFO if not is_drawn and verdict is Status.PASS else verdict


def requirement(asked: Asked) -> str:
    """As a drawing writes it, with the deviations that its symbols stand for: ``⌀12 H13
    (+0.27/0)``."""
    row = asked.row
    kind = asked.feature.kind if asked.feature is not None else None
    sign = "⌀" if kind in _DIAMETERS else "R" if kind in _RADII else ""
    unit = "°" if row.unit == "deg" else ""
    size = f"{sign}{number(row.nominal_e6)}{unit}"
    written = f" {row.limits.text}" if row.limits.text else ""
    if asked.lower_e6 is None or asked.upper_e6 is None:
        return size + written
    spelt = deviations(asked.lower_e6, asked.upper_e6)
    if spelt == row.limits.text.replace(",", ".").replace(" ", ""):
        return f"{size} {spelt}"
    return f"{size}{written} ({spelt})"


def deviations(lower_e6: int, upper_e6: int) -> str:
    """``±0.2``, ``+0.27/0``."""
    if lower_e6 == -upper_e6:
        return f"±{number(upper_e6)}"
    return "/".join(f"{'+' if value > 0 else ''}{number(value)}" for value in (upper_e6, lower_e6))


def number(value_e6: int) -> str:
    """Millionths as a decimal without idle zeros."""
    sign = "-" if value_e6 < 0 else ""
    whole, part = divmod(abs(value_e6), 1_000_000)
    return f"{sign}{whole}.{part:06d}".rstrip("0").rstrip(".")


def _of_model(asked: Asked) -> SizeResult:
    feature = asked.feature
    if feature is None or asked.lower_e6 is None or asked.upper_e6 is None:
        return SizeResult(None, None, None, Status.NOT_EVALUATED, asked.problem)
    u = ceil(expanded_u(feature) * 1e6)
    deviation = round(feature.size * 1e6) - asked.row.nominal_e6
    return SizeResult(
        round(feature.size, 6),
        deviation / 1e6,
        u / 1e6,
        decided(deviation, u, asked.lower_e6, asked.upper_e6),
        _basis(feature),
    )


def expanded_u(feature: Feature) -> float:
    """Of the file's size: its numbers and the fit, and by how much its facets stray from the shape
    that they stand for (facts of standards 1.7: chord error and numerical tolerance)."""
    times = 1.0 if feature.kind in _RADII else 2.0
    return feature.u_mm + times * feature.sagitta_mm


def _basis(feature: Feature) -> str:
    if feature.source is FeatureSource.STEP:
        return said(
            "the STEP file's own surfaces; U of the numbers {u:.6f} mm and the chord error of its "
            "mesh {sagitta:.4f} mm",
            u=feature.u_mm,
            sagitta=feature.sagitta_mm,
        )
    if feature.facet_sides:
        return said(
            "the file: vertices on a round shape, {sides} sides, residual {residual:.6f} mm; U of "
            "the numbers {u:.6f} mm and the chord error {sagitta:.4f} mm",
            sides=feature.facet_sides,
            residual=feature.residual_mm,
            u=feature.u_mm,
            sagitta=feature.sagitta_mm,
        )
    return said("the file: U of its numbers {u:.6f} mm", u=feature.u_mm)

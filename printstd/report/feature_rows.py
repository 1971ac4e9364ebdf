"""Recognised sizes as rows of a report."""

from __future__ import annotations

from printstd.artifacts.features import Feature, FeatureKind, FeatureList
from printstd.profiles.resolved import Resolved
from printstd.report.document import FeatureRow

_IN_DEGREES = (FeatureKind.CONE, FeatureKind.ANGLE)
_BROKEN_EDGES = (FeatureKind.ROUNDING, FeatureKind.CHAMFER)


def feature_rows(features: FeatureList | None, resolved: Resolved | None) -> tuple[FeatureRow, ...]:
    """The features, each with what the class permits; figures to nine decimals."""
    if features is None:
        return ()
    return tuple(_feature_row(feature, resolved) for feature in features.features)


def _feature_row(feature: Feature, resolved: Resolved | None) -> FeatureRow:
    return FeatureRow(
        id=feature.id,
        kind=feature.kind,
        unit="deg" if feature.kind in _IN_DEGREES else "mm",
        size=_nine(feature.size),
        nominal=_nine(feature.nominal),
        is_rounded=feature.is_rounded,
        u=_nine(feature.u_mm),
        deviation=None if resolved is None else _deviation(feature, resolved),
        residual_mm=_nine(feature.residual_mm),
        sagitta_mm=_nine(feature.sagitta_mm),
        facet_sides=feature.facet_sides,
        arc_deg=_nine(feature.arc_deg),
        is_concave=feature.is_concave,
        widest_mm=_nine(feature.widest_mm),
        around_mm=_nine(feature.around_mm),
        point_mm=_triple(feature.point_mm),
        axis=_triple(feature.axis),
        length_mm=_nine(feature.length_mm),
        overlap_mm2=_nine(feature.overlap_mm2),
        facet_count=len(feature.facets),
        source=feature.source,
    )


def _deviation(feature: Feature, resolved: Resolved) -> float | None:
    size = round(feature.size, 3)
    if feature.kind in _BROKEN_EDGES:
        return resolved.radius_deviation_mm(size)
    if feature.kind is FeatureKind.ANGLE:
        return resolved.angle_deviation_deg(feature.length_mm)
    if feature.kind in (FeatureKind.CONE, FeatureKind.FILLET):
        return None
    return resolved.deviation_mm(size)


def _nine(value: float) -> float:
    return round(value, 9) + 0.0


def _triple(point: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (_nine(value) for value in point)
    return x, y, z

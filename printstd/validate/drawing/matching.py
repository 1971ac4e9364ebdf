"""Which feature of the model each row of the drawing is about.

A selector that fits no feature, or several, leaves its row undecided: nothing is picked because it
would fit best, and the nominal size never helps to pick, since a model that contradicts its drawing
must be found out.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

from printstd.artifacts.characteristics import Characteristic, CharacteristicList, Selector
from printstd.artifacts.features import Feature, FeatureKind, FeatureList, Point
from printstd.artifacts.wording import FEATURE_KINDS
from printstd.words import said

NEAR_MM: Final = 0.5
"""A place on a drawing is meant to be that of a feature this near to it."""
ALONG_COS: Final = 0.9994
"""Cosine of 2 degrees: an axis this near to X, Y or Z lies along it."""
_MOST_NAMED: Final = 6

_FLAT: Final = frozenset({FeatureKind.THICKNESS, FeatureKind.GAP, FeatureKind.STEP})
_AXES: Final = {"X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0), "Z": (0.0, 0.0, 1.0)}


class Matched(NamedTuple):
    """feature : None where none or several fit; `problem` then says so."""

    row: Characteristic
    feature: Feature | None
    problem: str


def matched(drawing: CharacteristicList, found: FeatureList) -> tuple[Matched, ...]:
    """Every row with its feature, in the order of the drawing."""
    return tuple(_match(row, found.features) for row in drawing.rows)


def _match(row: Characteristic, features: Sequence[Feature]) -> Matched:
    fitting = fits(row.selector, features)
    if not fitting:
        why = said("no feature of the model is {selector}", selector=row.selector.text)
        return Matched(row, None, why)
    if len(fitting) > 1:
        names = ", ".join(described(feature) for feature in fitting[:_MOST_NAMED])
        why = said(
            "{count} features of the model are {selector}: {names}; name one by its id",
            count=len(fitting),
            selector=row.selector.text,
            names=names + (", ..." if len(fitting) > _MOST_NAMED else ""),
        )
        return Matched(row, None, why)
    (feature,) = fitting
    unit = "deg" if feature.kind in (FeatureKind.ANGLE, FeatureKind.CONE) else "mm"
    if unit != row.unit:
        why = said(
            "{feature} is measured in {unit}, and the drawing gives its size in {other}",
            feature=described(feature),
            unit=unit,
            other=row.unit,
        )
        return Matched(row, None, why)
    return Matched(row, feature, "")


def fits(selector: Selector, features: Sequence[Feature]) -> list[Feature]:
    """Features that a selector means; where it gives a place, those whose own middle is there
    before those that only reach there."""
    if selector.feature_id:
        return [feature for feature in features if feature.id == selector.feature_id]
    chosen = [feature for feature in features if feature.kind in selector.kinds]
    if selector.axis:
        chosen = [feature for feature in chosen if _lies_along(feature, selector.axis)]
    if not selector.point_nm:
        return chosen
    point = [value / 1e6 for value in selector.point_nm]
    reaching = [feature for feature in chosen if _distance(feature, point) <= NEAR_MM]
    middle = [feature for feature in reaching if _off_middle(feature, point) <= NEAR_MM]
    return middle if len(middle) == 1 else reaching


def described(feature: Feature) -> str:
    """``F12 hole 3.0004 at 8.00, 20.00, 5.00``."""
    place = ", ".join(f"{value + 0.0:.2f}" for value in feature.point_mm)
    return said(
        "{id} {kind} {size:.4f} at {place}",
        id=feature.id,
        kind=FEATURE_KINDS[feature.kind],
        size=feature.size,
        place=place,
    )


def _lies_along(feature: Feature, axis: str) -> bool:
    return abs(_dot(feature.axis, _AXES[axis])) >= ALONG_COS


def _off_middle(feature: Feature, point: Sequence[float]) -> float:
    return sqrt(sum((a - b) ** 2 for a, b in zip(feature.point_mm, point, strict=False)))


def _distance(feature: Feature, point: Sequence[float]) -> float:
    """mm from a place to the feature: to the axis of a round one as long as it is, to the slab
    between the planes of a flat one, to the middle of any other. A place without Z is as near as it
    is at the best height."""
    if feature.kind in _FLAT:
        return _from_slab(feature, point)
    if feature.kind in (FeatureKind.SPHERE, FeatureKind.ANGLE, FeatureKind.EXTENT):
        return _off_middle(feature, point)
    n = len(point)
    own, way = feature.point_mm[:n], feature.axis[:n]
    square = sum(value * value for value in way)
    off = [p - o for p, o in zip(point, own, strict=True)]
    along = 0.0
    if square > 1e-6:
        along = sum(a * b for a, b in zip(off, way, strict=True)) / square
        half = feature.length_mm / 2
        along = min(max(along, -half), half)
    return sqrt(sum((a - along * b) ** 2 for a, b in zip(off, way, strict=True)))


def _from_slab(feature: Feature, point: Sequence[float]) -> float:
    own: Point = feature.point_mm
    if len(point) == 2:
        # At the height at which it is nearest to the middle of the slab.
        point = [*point, own[2]]
        if abs(feature.axis[2]) >= ALONG_COS:
            lateral = _off_middle(feature, point)
            return max(lateral - feature.length_mm / 2, 0.0)
    off: Point = (point[0] - own[0], point[1] - own[1], point[2] - own[2])
    across = abs(_dot(off, feature.axis))
    lateral = sqrt(max(_dot(off, off) - across * across, 0.0))
    outside = max(across - feature.size / 2, 0.0)
    return sqrt(outside**2 + max(lateral - feature.length_mm / 2, 0.0) ** 2)


def _dot(a: Point, b: Point) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

"""The sizes that a drawing would put on a part, where there is no drawing: those recognised on the
mesh, by the general class.

General tolerances hold for every size that a drawing gives none of its own, so the tool must choose
(facts of validation 3.4): the extents, whole cylinders, and opposed planes that cover one another
over much of what they are. Their nominal is what the mesh has: it shows what was recognised, and
stands for no drawing.
"""

from __future__ import annotations

from typing import Final

from printstd.artifacts.characteristics import (
    Characteristic,
    CharacteristicList,
    Limits,
    Selector,
)
from printstd.artifacts.features import Feature, FeatureKind, FeatureList
from printstd.profiles.resolved import Resolved
from printstd.words import said

LEAST_OVERLAP_MM2: Final = 25.0
WHOLE_DEG: Final = 359.0
MOST: Final = 200
"""Rows; a part has more only where shapes repeat, and a certificate is to be read."""

_PLANES: Final = frozenset({FeatureKind.THICKNESS, FeatureKind.GAP})
_ROUND: Final = frozenset({FeatureKind.HOLE, FeatureKind.BOSS})


def as_characteristics(found: FeatureList, resolved: Resolved) -> CharacteristicList:
    """A row for each of those sizes that the class has a tolerance for, in canonical order."""
    rows = tuple(
        Characteristic(
            number=feature.id,
            line=0,
            selector=Selector(feature.id, feature_id=feature.id),
            nominal_e6=round(feature.nominal * 1e6),
            unit="mm",
            limits=Limits(""),
        )
        for feature in found.features
        if is_judged(feature) and resolved.deviation_mm(feature.nominal) is not None
    )
    return CharacteristicList("", "", said("recognised on the mesh"), rows[:MOST])


def is_judged(feature: Feature) -> bool:
    if feature.kind in _PLANES:
        return feature.overlap_mm2 > LEAST_OVERLAP_MM2
    if feature.kind in _ROUND:
        return feature.arc_deg >= WHOLE_DEG
    return feature.kind is FeatureKind.EXTENT

"""Recognised features held against a pair of limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from printstd.artifacts.features import Feature
from printstd.artifacts.finding import Finding, Status, Where
from printstd.profiles.design_models import Limits
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.words import Said, said

WHOLE_ARC_DEG: Final = 270.0
"""A hole or a pin goes round so far; an arc of less is a groove, or a rounded side."""


class Found(NamedTuple):
    """Features that break one limit, smallest first."""

    status: Status
    limit_mm: float
    features: tuple[Feature, ...]


def below(features: Iterable[Feature], limits: Limits) -> list[Found]:
    """What fails and what is warned about. A size that is below its limit by no more than its
    uncertainty is not said to be below it."""
    ordered = sorted(features, key=lambda feature: (round(feature.size, 6), int(feature.id[1:])))
    fails = tuple(f for f in ordered if f.size + f.u_mm < limits.fail_mm)
    warns = tuple(f for f in ordered if limits.fail_mm <= f.size + f.u_mm < limits.warn_mm)
    both = (
        Found(Status.FAIL, limits.fail_mm, fails),
        Found(Status.WARN, limits.warn_mm, warns),
    )
    return [found for found in both if found.features]


def told(check: Check, context: CheckContext, found: Found, message: Said) -> Finding:
    """The finding of features that break one limit: the smallest one's figure, each one's place."""
    return check.says(
        found.status,
        message,
        measured=found.features[0].size,
        limit=found.limit_mm,
        unit="mm",
        where=where_features(context, found.features),
        details=named(found.features),
    )


def none_below(
    check: Check, features: Sequence[Feature], limits: Limits, message: Said, kind: Said
) -> Finding:
    """The finding where none breaks a limit. kind : what they are called where they are counted."""
    return check.says(
        Status.PASS,
        message,
        measured=min((feature.size for feature in features), default=None),
        limit=limits.warn_mm,
        unit="mm",
        details=((kind, str(len(features))),),
    )


def where_features(context: CheckContext, features: tuple[Feature, ...]) -> tuple[Where, ...]:
    """Each its own place."""
    return tuple(
        context.where(
            context.vertices_mm[context.faces[list(feature.facets)].reshape(-1)], feature.facets
        )
        for feature in features[:MOST_PLACES]
    )


def named(features: tuple[Feature, ...]) -> tuple[tuple[str, str], ...]:
    """Details: the smallest ones by their numbers in the list of features."""
    smallest = features[0]
    axis = np.abs(np.array(smallest.axis))
    along = "XYZ"[int(axis.argmax())] if axis.max() > 1 - 1e-6 else said("oblique")
    return (
        (said("features"), ", ".join(f.id for f in features[:MOST_PLACES])),
        (said("axis of the smallest"), along),
        (said("uncertainty of the smallest"), said("{u:.2g} mm (k=2)", u=smallest.u_mm)),
    )

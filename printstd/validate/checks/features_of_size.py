"""FEA-01: Features of size

What it demands
    Nothing; it reports the sizes that were recognised on the mesh, or that the STEP file has, so
    that everybody sees what the other checks, the drawing and the tolerance table are applied to,
    and what of the model is free-form shape that has no such sizes.

Why
    A mesh carries no dimensions. What a drawing would put a size on has to be found again, and
    what was not found must be known as well: no general tolerance is judged on it.

How it is measured
    CAD systems put the vertices on the true surface; only the facets are off. Facets of one plane
    are one region, however it was divided; through the corners where three regions meet, planes,
    cylinders, cones, spheres and fillets are fitted directly and recovered to the precision of the
    file. Uncertainty U (k = 2) comes from the coordinates' rounding (float32) and
    the residual of the fit; of short arcs it is larger, as they say little of their radius. A size
    is rounded to a grid of drawings (0.1, 0.05, 0.01 mm, 1/64 in) only where that lies within U.
    Of a STEP file nothing is fitted: radii, angles and the distances of planes are the file's own
    numbers, where its text and the library that made its mesh both have them; extents that end on
    round surfaces are measured on the mesh, with its chord error in U.
    Blind spots: free forms and threads have no sizes; arcs of fewer than three strips are not
    recognised; of more than 512 flat faces the largest are paired, each with its eight nearest
    on either side.

Example
    A plate of 60 x 40 x 5 mm with four holes of 4.5 mm: three extents, one thickness, four holes.

Standard and clause
    ISO 14405-1 (features of size); which sizes general tolerances apply to: ISO 2768-1, clause 1
"""

from __future__ import annotations

from collections import Counter

from printstd.artifacts.features import Feature, FeatureKind, FeatureSource
from printstd.artifacts.finding import Finding, Status
from printstd.artifacts.wording import FEATURE_KINDS
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.words import Said, listed, said

_MOST_SIZES = 12
_IN_DEGREES = (FeatureKind.CONE, FeatureKind.ANGLE)


def run(context: CheckContext) -> tuple[Finding, ...]:
    found = context.features
    kinds = Counter(feature.kind for feature in found.features)
    values = {"count": len(found.features), "share": found.left_over_area_ratio}
    if context.model.exact is None:
        message = said(
            "{count} sizes are recognised; free-form facets are {share:.1%} of the surface",
            **values,
        )
    else:
        own = sum(feature.source is FeatureSource.STEP for feature in found.features)
        message = said(
            "{count} sizes, {own} of them the STEP file's own; free-form facets are {share:.1%} of "
            "the surface",
            own=own,
            **values,
        )
    return (
        CHECK.says(
            Status.INFO,
            message,
            measured=float(len(found.features)),
            unit="sizes",
            details=tuple(
                (FEATURE_KINDS[kind], _sizes(found.of_kind(kind), kind))
                for kind in FeatureKind
                if kinds[kind]
            ),
        ),
    )


def _sizes(features: tuple[Feature, ...], kind: FeatureKind) -> Said:
    """``4 x 4.5 mm, 1 x 8 mm``: largest first, those of one size together."""
    counts = Counter(round(feature.nominal, 4) + 0.0 for feature in features)
    sizes = sorted(counts, reverse=True)
    shown = [
        said("{count} x {size:.6g} deg", count=counts[size], size=size)
        if kind in _IN_DEGREES
        else said("{count} x {size:.6g} mm", count=counts[size], size=size)
        for size in sizes[:_MOST_SIZES]
    ]
    if len(sizes) > _MOST_SIZES:
        shown.append(said("{count} more", count=sum(counts[size] for size in sizes[_MOST_SIZES:])))
    return listed(shown)


CHECK = Check("FEA-01", said("Features of size"), "ISO 14405-1", run, (facets,))

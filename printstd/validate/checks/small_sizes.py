"""DIM-01: Sizes outside the tolerance table

What it demands
    Nothing; it reports sizes that no general tolerance covers.

Why
    The table of general tolerances begins at 0.5 mm and ends at a few metres. A size beyond it
    has no permissible deviation unless the order states one, so no verdict on it is possible.

How it is measured
    The extents of the model's box along its own axes, and the sizes recognised on the mesh
    (FEA-01) that a general tolerance applies to: diameters of holes, bosses and spheres, distances
    of parallel planes; against the first and the last row of the chosen class. Radii and chamfers
    have a table of their own (DIM-02).
    A pack without classes (us) takes the drawing's own tolerance, which holds for every size; where
    the request does not give it, nothing is evaluated.

Example
    A shim of 20 x 20 x 0.3 mm: 0.3 mm has no general tolerance.

Standard and clause
    ISO 2768-1:1989, table 1 (below 0.5 mm the deviation is to be stated with the size)
"""

from __future__ import annotations

from printstd.artifacts.features import Feature, FeatureKind
from printstd.artifacts.finding import Finding, Status, Where
from printstd.artifacts.wording import FEATURE_KINDS
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets, tolerance_table
from printstd.words import Said, said

_LINEAR = (
    FeatureKind.HOLE,
    FeatureKind.BOSS,
    FeatureKind.SPHERE,
    FeatureKind.THICKNESS,
    FeatureKind.GAP,
    FeatureKind.STEP,
)


def run(context: CheckContext) -> tuple[Finding, ...]:
    bands = context.resolved.bands
    least, most = min(band.over_mm for band in bands), max(band.up_to_mm for band in bands)
    # To a micrometre: 0.5 mm drawn in float32 is not below 0.5 mm.
    sizes = {
        axis: round(float(size), 3) for axis, size in zip("XYZ", context.extents_mm, strict=True)
    }
    outside = {
        axis: size for axis, size in sizes.items() if context.resolved.deviation_mm(size) is None
    }
    findings = [
        _warned(
            context,
            said(
                "the extent in {axis}, {size:g} mm, has no general tolerance in class {of}; "
                "state it with the order",
                axis=axis,
                size=size,
                of=context.resolved.tolerance_class,
            ),
            size,
            least if size < least else most,
            (context.where(context.box_mm),),
        )
        for axis, size in outside.items()
    ]
    # An extent that is warned about is recognised as a distance of planes as well.
    judged = [
        (size, feature)
        for feature in context.features.of_kind(*_LINEAR)
        if (size := round(feature.size, 3)) not in outside.values()
    ]
    untold = [(s, f) for s, f in judged if context.resolved.deviation_mm(s) is None]
    if untold:
        findings.append(_features_outside(context, untold, least, most))
    return tuple(findings) or (
        CHECK.says(
            Status.PASS,
            said("every extent and recognised size has a general tolerance"),
            measured=min([*sizes.values(), *(size for size, _ in judged)]),
            limit=least,
            unit="mm",
            source=context.resolved.indication,
        ),
    )


def _features_outside(
    context: CheckContext, outside: list[tuple[float, Feature]], least: float, most: float
) -> Finding:
    outside = sorted(outside, key=lambda pair: pair[0])
    size, feature = outside[0]
    return _warned(
        context,
        said(
            "{count} recognised sizes, the smallest {size:g} mm ({kind}, {id}), have no general "
            "tolerance in class {of}; state them with the order",
            count=len(outside),
            size=size,
            kind=FEATURE_KINDS[feature.kind],
            id=feature.id,
            of=context.resolved.tolerance_class,
        ),
        size,
        least if size < least else most,
        tuple(context.where(facets=found.facets) for _, found in outside[:MOST_PLACES]),
    )


def _warned(
    context: CheckContext, message: Said, size: float, limit: float, where: tuple[Where, ...]
) -> Finding:
    return CHECK.says(
        Status.WARN,
        message,
        measured=size,
        limit=limit,
        unit="mm",
        where=where,
        source=context.resolved.indication,
    )


CHECK = Check(
    "DIM-01",
    said("Sizes outside the tolerance table"),
    said("ISO 2768-1, table 1"),
    run,
    (facets, tolerance_table),
)

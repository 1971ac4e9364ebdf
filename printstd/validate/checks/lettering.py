"""FEA-04: Text and engraving

What it demands
    Strokes of raised and sunk text are at least 0.4 mm wide and stand out, or are sunk in, by at
    least 0.2 mm. Below 0.6 mm, below 0.4 mm, and below 2 mm of height it is warned about.

Why
    A stroke narrower than a bead is left out, a relief of less than a layer or two cannot be seen,
    and small letters run together.

How it is measured
    Text is recognised on the mesh: three or more small flat regions that lie the same little way
    above or below a larger flat face, next to each other on a common base line, alike in height,
    and neither discs nor bars. Its stroke is the diameter of the largest circle inside each
    letter, its relief the distance of the planes, its height that of the letters across the line.
    None depends on how the part lies.
    Text on curved faces, text with round or pointed strokes, single letters and signs are not
    recognised. Of a letter with strokes of several widths the widest counts.

Example
    Letters of 0.3 mm stroke fail; 0.8 mm wide and 0.5 mm deep is good.

Standard and clause
    Facts of design guides: strokes 0.6 mm wide and letters 2.0 mm high, 0.4 to 0.6 mm deep.
    Process: design.stroke_mm, which grows with the nozzle, design.relief_mm,
    design.letter_height_mm
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.recognition.lettering import Lettering, letterings
from printstd.profiles.design_models import Limits
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets, unit
from printstd.validate.thickness import watched_mm
from printstd.words import Said, said

_SLACK_MM = 2e-3
"""Text drawn at the limit may read this much less: float32, and the interval of the stroke."""

_LEAST_GLYPH_MM2 = 0.01


def run(context: CheckContext) -> tuple[Finding, ...]:
    design, nozzle_mm = context.resolved.process.design, context.resolved.nozzle_mm
    texts = _texts(context)
    height = Limits(0.0, design.letter_height_mm)
    found = [
        *_of(context, texts, "stroke", design.limits("stroke_mm", nozzle_mm)),
        *_of(context, texts, "relief", design.limits("relief_mm", nozzle_mm)),
        *_of(context, texts, "height", height),
    ]
    if found:
        return tuple(found)
    if not texts:
        return (
            CHECK.says(
                Status.NOT_APPLICABLE,
                said("no raised or sunk text was recognised on flat faces"),
            ),
        )
    limit = design.limits("stroke_mm", nozzle_mm).warn_mm
    return (
        CHECK.says(
            Status.PASS,
            said("text is wide, deep and tall enough (lines: {lines})", lines=len(texts)),
            measured=min(_size(text, "stroke") for text in texts),
            limit=limit,
            unit="mm",
        ),
    )


def _texts(context: CheckContext) -> list[Lettering]:
    is_flat = context.planes.area >= _LEAST_GLYPH_MM2
    for patch in context.surface.round_shapes:
        is_flat[context.planes.labels[patch.facets]] = False
    return letterings(
        context.vertices_mm,
        context.faces,
        context.planes,
        np.flatnonzero(is_flat),
        reach_mm=watched_mm(context),
    )


def _size(text: Lettering, what: str) -> float:
    return {
        "stroke": float(text.stroke_mm.min()),
        "relief": abs(text.relief_mm),
        "height": text.height_mm,
    }[what]


def _of(context: CheckContext, texts: list[Lettering], what: str, limits: Limits) -> list[Finding]:
    fails = [text for text in texts if _size(text, what) < limits.fail_mm - _SLACK_MM]
    warns = [
        text
        for text in texts
        if limits.fail_mm - _SLACK_MM <= _size(text, what) < limits.warn_mm - _SLACK_MM
    ]
    both = ((Status.FAIL, limits.fail_mm, fails), (Status.WARN, limits.warn_mm, warns))
    return [_finding(context, status, limit, own, what) for status, limit, own in both if own]


def _finding(
    context: CheckContext, status: Status, limit_mm: float, texts: list[Lettering], what: str
) -> Finding:
    worst = min(texts, key=lambda text: _size(text, what))
    size = _size(worst, what)
    return CHECK.says(
        status,
        _told(what, size, len(worst.glyphs), len(texts), limit_mm),
        measured=size,
        limit=limit_mm,
        unit="mm",
        where=tuple(_where(context, text) for text in texts[:MOST_PLACES]),
        source=f"process: design.{'letter_height' if what == 'height' else what}_mm",
        details=(
            (said("stroke"), said("{mm:.3f} mm", mm=_size(worst, "stroke"))),
            (
                said("raised") if worst.relief_mm > 0 else said("sunk"),
                said("{mm:.3f} mm", mm=_size(worst, "relief")),
            ),
            (said("height"), said("{mm:.2f} mm", mm=worst.height_mm)),
        ),
    )


def _told(what: str, size: float, letters: int, lines: int, limit: float) -> Said:
    values = {"size": size, "letters": letters, "lines": lines, "limit": limit}
    if what == "stroke":
        return said(
            "text: strokes of {size:.2f} mm in a line of {letters} letters (lines: {lines}); "
            "{limit:g} mm are wanted",
            **values,
        )
    if what == "relief":
        return said(
            "text: {size:.2f} mm raised or sunk, a line of {letters} letters (lines: {lines}); "
            "{limit:g} mm are wanted",
            **values,
        )
    return said(
        "text: {size:.2f} mm tall, a line of {letters} letters (lines: {lines}); "
        "{limit:g} mm are wanted",
        **values,
    )


def _where(context: CheckContext, text: Lettering) -> Where:
    facets_of = np.flatnonzero(np.isin(context.planes.labels, text.glyphs))
    corners = context.vertices_mm[context.faces[facets_of].reshape(-1)]
    return context.where(corners, facets_of)


CHECK = Check(
    "FEA-04",
    said("Text and engraving"),
    said("process: design.stroke_mm, design.relief_mm, design.letter_height_mm"),
    run,
    (facets, unit),
)

"""What the colours of a field say, in words."""

from __future__ import annotations

from printstd.artifacts.surface_field import SurfaceField
from printstd.report.scene import Scale
from printstd.report.speech import Speech
from printstd.words import said

TICKS = 4


def ticks_of(scale: Scale) -> list[tuple[float, float]]:
    """(share of the ramp, figure) of the marks under it."""
    width = scale.high - scale.low
    return [(n / TICKS, scale.low + width * n / TICKS) for n in range(TICKS + 1)]


def legend_words(field: SurfaceField, speech: Speech) -> str:
    """What hatching and grey mean."""
    grey = said("grey: {meaning}", meaning=field.without)
    if field.limit is None:
        return speech.say(grey)
    hatched = said(
        "hatched: below {limit} ({source})",
        limit=speech.figure(field.limit, field.unit),
        source=field.limit_source,
    )
    return f"{speech.say(hatched)}; {speech.say(grey)}"

"""General tolerances looked up: the deviation that a class allows a size without one of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from printstd.profiles.models import Confidence
from printstd.profiles.standard_models import EdgeBand, ToleranceBand, ToleranceTable
from printstd.units import nm


class SizeKind(StrEnum):
    """Which table a size is looked up in."""

    LINEAR = "linear"
    BROKEN_EDGE = "broken_edge"
    """An external radius or the height of a chamfer."""


@dataclass(frozen=True, slots=True)
class GeneralRow:
    """One row of a table of general tolerances, for one class."""

    deviation_nm: int
    interval: str
    """``over 6 up to 30 mm``."""
    clause: str
    confidence: Confidence


def general_deviation_nm(
    table: ToleranceTable, letter: str, size_nm: int, kind: SizeKind = SizeKind.LINEAR
) -> GeneralRow | None:
    """The row of a size, or None where the class has none for it.

    Lower ends of intervals are exclusive, but for the first row's; upper ends are inclusive.
    """
    if kind is SizeKind.LINEAR:
        bands: Sequence[ToleranceBand | EdgeBand] = table.classes.get(letter, ())
        clause, confidence = table.clause, table.confidence
    else:
        edges = table.broken_edges
        if edges is None:
            return None
        bands, clause, confidence = edges.classes.get(letter, ()), edges.clause, edges.confidence
    for band in bands:
        over_nm = nm(band.over_mm)
        above = size_nm >= over_nm if band.includes_lower else size_nm > over_nm
        if above and (band.up_to_mm is None or size_nm <= nm(band.up_to_mm)):
            return GeneralRow(nm(band.deviation_mm), interval_text(band), clause, confidence)
    return None


def general_angle_minutes(table: ToleranceTable, letter: str, shorter_side_mm: float) -> int | None:
    """Permissible deviation of an angle in minutes of arc, by the length of its shorter side; None
    where the table has none for it."""
    if table.angles is None or shorter_side_mm <= 0:
        return None
    side_nm = nm(shorter_side_mm)
    for band in table.angles.classes.get(letter, ()):
        if side_nm > nm(band.over_mm) and (band.up_to_mm is None or side_nm <= nm(band.up_to_mm)):
            return band.deviation_minutes
    return None


def interval_text(band: ToleranceBand | EdgeBand) -> str:
    """``over 6 up to 30 mm``; ``from 0.5 up to 3 mm`` where the lower end belongs to it."""
    word = "from" if band.includes_lower else "over"
    end = "" if band.up_to_mm is None else f" up to {band.up_to_mm:g}"
    return f"{word} {band.over_mm:g}{end} mm"

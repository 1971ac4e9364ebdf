"""General tolerances looked up: the deviation that a class allows a size without one of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from printstd.profiles.models import Confidence
from printstd.profiles.standard_models import EdgeBand, ToleranceBand, ToleranceTable
from printstd.units import nm

Band = TypeVar("Band", ToleranceBand, EdgeBand, ToleranceBand | EdgeBand)


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
    """The row of a size, or None where the class has none for it."""
    if kind is SizeKind.LINEAR:
        bands: Sequence[ToleranceBand | EdgeBand] = table.classes.get(letter, ())
        clause, confidence = table.clause, table.confidence
    else:
        edges = table.broken_edges
        if edges is None:
            return None
        bands, clause, confidence = edges.classes.get(letter, ()), edges.clause, edges.confidence
    band = band_of(bands, size_nm)
    if band is None:
        return None
    return GeneralRow(nm(band.deviation_mm), interval_text(band), clause, confidence)


def band_of(bands: Sequence[Band], size_nm: int) -> Band | None:
    """The row of a size: lower ends are exclusive but for the first row's, upper ones inclusive."""
    for band in bands:
        over_nm = nm(band.over_mm)
        above = size_nm >= over_nm if band.includes_lower else size_nm > over_nm
        if above and (band.up_to_mm is None or size_nm <= nm(band.up_to_mm)):
            return band
    return None


def interval_text(band: ToleranceBand | EdgeBand) -> str:
    """``over 6 up to 30 mm``; ``from 0.5 up to 3 mm`` where the lower end belongs to it."""
    word = "from" if band.includes_lower else "over"
    end = "" if band.up_to_mm is None else f" up to {band.up_to_mm:g}"
    return f"{word} {band.over_mm:g}{end} mm"

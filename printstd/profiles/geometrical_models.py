"""General geometrical tolerances as data: withdrawn, and still on drawings."""

from bisect import bisect_left
from typing import Annotated

from pydantic import Field

from printstd.profiles.kinds import Positive, Strict
from printstd.profiles.models import Confidence
from printstd.profiles.standard_models import Designation


class ToleranceColumns(Strict):
    """Width of a tolerance zone by class and by a length of the feature."""

    length_en: str
    """Which length is looked up."""
    sizes_mm: tuple[Annotated[int, Field(ge=0)], ...]
    """Ends of the intervals: over the first up to and including the second, and so on."""
    classes_mm: dict[str, tuple[Positive, ...]]
    """Class letter -> tolerance in each interval."""

    def tolerance_mm(self, letter: str, length_mm: float) -> float | None:
        """None where the class has no row for this length."""
        column = self.classes_mm.get(letter, ())
        number = bisect_left(self.sizes_mm, length_mm) - 1
        return column[number] if 0 <= number < len(column) else None


class GeometricalTable(Strict):
    """General geometrical tolerances, classes H, K and L (facts of standards 1.2)."""

    id: str
    title_en: str
    clause: str
    source: str
    confidence: Confidence
    designations: tuple[Designation, ...]
    straightness_flatness: ToleranceColumns
    perpendicularity: ToleranceColumns
    symmetry: ToleranceColumns
    circular_run_out_mm: dict[str, Positive]
    """Class letter -> tolerance, whatever the size."""

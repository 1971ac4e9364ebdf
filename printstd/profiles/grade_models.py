"""Limits and fits as data: standard tolerance grades, and the positions that printed parts use."""

from bisect import bisect_left
from typing import Annotated, Final

from pydantic import Field, field_validator

from printstd.profiles.kinds import Strict
from printstd.profiles.models import Confidence
from printstd.profiles.standard_models import Designation

GRADES: Final = ("IT01", "IT0", *(f"IT{number}" for number in range(1, 19)))
"""From the finest; a larger place means a wider grade."""
NM_PER_TENTH_UM: Final = 100


class Positions(Strict):
    """Where the tolerance zone of a letter lies against the nominal size."""

    clause: str
    source: str
    confidence: Confidence
    upper_shaft_um: dict[str, tuple[int, ...]]
    """Letter of the shaft -> upper deviation es for each interval of sizes from the first on;
    fewer than there are intervals where the letter is not carried for larger sizes."""


class GradeTable(Strict):
    """Standard tolerance grades (facts of standards 1.4). The table is what holds: the formula that
    it came from is off by up to 15 % in the first interval, so nothing is computed from it."""

    id: str
    title_en: str
    clause: str
    source: str
    confidence: Confidence
    designations: tuple[Designation, ...]
    sizes_mm: tuple[Annotated[int, Field(ge=0)], ...]
    """Ends of the intervals: over the first up to and including the second, and so on."""
    grades_um: dict[str, tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...]]
    """``IT13`` -> width of the tolerance in each interval from the first on; fewer than there are
    intervals where the standard gives none for larger sizes. Whole tenths of a um."""
    positions: Positions

    @field_validator("grades_um")
    @classmethod
    def _whole_tenths(cls, grades: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for name, column in grades.items():
            for value in column:
                if abs(value * 10 - round(value * 10)) > 1e-6:
                    raise ValueError(f"whole tenths of a um; {name} has {value}")
        return grades

    def interval(self, size_nm: int) -> int | None:
        """Which interval a size lies in, from 0; None where the table has none for it."""
        ends_nm = [end * 1_000_000 for end in self.sizes_mm]
        number = bisect_left(ends_nm, size_nm) - 1
        return number if 0 <= number < len(ends_nm) - 1 else None

    def width_nm(self, grade: str, interval: int) -> int | None:
        """Width of a grade's tolerance in an interval, exactly; None where the table has none."""
        column = self.grades_um.get(grade, ())
        if interval >= len(column):
            return None
        return round(column[interval] * 10) * NM_PER_TENTH_UM

    def upper_shaft_nm(self, letter: str, interval: int) -> int | None:
        """Upper deviation of a shaft in position `letter` (lower case); None where not carried."""
        if letter == "h":
            return 0
        column = self.positions.upper_shaft_um.get(letter, ())
        return column[interval] * 1_000 if interval < len(column) else None

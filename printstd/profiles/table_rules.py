"""What a table of tolerances keeps to, whatever its numbers: a cell that breaks it is a wrong one.

Tables circulate with wrong cells: a neighbour's value, a digit, mm where um are meant (facts of
standards 1.1, 1.4). These rules find most of them without a second copy of the table. Nothing is
computed from them: they are never where a limit comes from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from printstd.profiles.geometrical_models import GeometricalTable, ToleranceColumns
from printstd.profiles.grade_models import GRADES, GradeTable
from printstd.profiles.moulding_models import MouldingTable
from printstd.profiles.standard_models import ToleranceTable
from printstd.words import Said, said


class Broken(NamedTuple):
    """A cell that breaks a rule of its table."""

    key: str
    """``classes.m[3]``."""
    rule: Said


SERIES: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""Values of general tolerances, times a power of ten."""
GREATEST_STEP: Final = 2.0
"""From one interval of sizes to the next a tolerance at most doubles."""
LEAST_CLASS_RATIO, GREATEST_CLASS_RATIO = 1.4, 3.0
"""From one class of general tolerances to the next."""
GRADE_MULTIPLES: Final = (7, 10, 16, 25, 40, 64, 100, 160, 250, 400, 640, 1000, 1600, 2500)
"""IT5 to IT18 as multiples of the standard tolerance factor that the grades came from."""
GREATEST_FROM_FORMULA: Final = 0.16
"""How far a tabulated grade lies from the formula (facts of standards 1.4: at most 15.3 %)."""
FIRST_BY_FORMULA: Final = GRADES.index("IT5")
_MM_500: Final = 500


def broken(table: object) -> Iterator[Broken]:
    """Every rule that a table breaks. TypeError for what is no table."""
    if isinstance(table, ToleranceTable):
        return _general(table)
    if isinstance(table, GeometricalTable):
        return _geometrical(table)
    if isinstance(table, GradeTable):
        return _grades(table)
    if isinstance(table, MouldingTable):
        return _moulding(table)
    raise TypeError(type(table).__name__)


def cells(table: object) -> int:
    """How many numbers a table carries."""
    if isinstance(table, ToleranceTable):
        tables = [table.classes.values()]
        edges, angles = table.broken_edges, table.angles
        n_more = sum(len(rows) for rows in edges.classes.values()) if edges else 0
        n_more += sum(len(rows) for rows in angles.classes.values()) if angles else 0
        return sum(len(rows) for values in tables for rows in values) + n_more
    if isinstance(table, GeometricalTable):
        parts = (table.straightness_flatness, table.perpendicularity, table.symmetry)
        columns = [column for part in parts for column in part.classes_mm.values()]
        return sum(len(column) for column in columns) + len(table.circular_run_out_mm)
    if isinstance(table, GradeTable):
        columns = [*table.grades_um.values(), *table.positions.upper_shaft_um.values()]
        return sum(len(column) for column in columns)
    if isinstance(table, MouldingTable):
        groups = table.groups.values()
        return sum(len(g.tool_specific_mm) + len(g.not_tool_specific_mm) for g in groups)
    raise TypeError(type(table).__name__)


# ----------------------------------------------------------------------- general tolerances


def _general(table: ToleranceTable) -> Iterator[Broken]:
    by_size = {
        letter: {band.up_to_mm: band.deviation_mm for band in bands}
        for letter, bands in table.classes.items()
    }
    for letter, column in by_size.items():
        yield from _steps(f"classes.{letter}", list(column.values()), GREATEST_STEP)
        yield from _in_series(f"classes.{letter}", list(column.values()))
    ends = {end for column in by_size.values() for end in column}
    for letter, column in by_size.items():
        # A class may begin later or end sooner; in between it breaks where the others do.
        missing = [end for end in sorted(ends) if min(column) < end < max(column)]
        for end in (end for end in missing if end not in column):
            yield Broken(
                f"classes.{letter}", said("no row ends at {end:g} mm, as of other classes", end=end)
            )
    for (fine, finer), (coarse, coarser) in pairwise(by_size.items()):
        yield from _class_ratios(f"classes.{coarse}", fine, finer, coarser)
    if table.broken_edges is not None:
        edges = {
            letter: [band.deviation_mm for band in bands]
            for letter, bands in table.broken_edges.classes.items()
        }
        for letter, values in edges.items():
            yield from _steps(f"broken_edges.classes.{letter}", values, 2.5, least=1.9)
            yield from _in_series(f"broken_edges.classes.{letter}", values)
        yield from _pairs_of_classes("broken_edges.classes", edges, {"m": "f", "v": "c"})
        yield from _doubled("broken_edges.classes", edges, "c", "m")
    if table.angles is not None:
        angles = {
            letter: [band.deviation_minutes for band in bands]
            for letter, bands in table.angles.classes.items()
        }
        for letter, minutes in angles.items():
            yield from _steps(f"angles.classes.{letter}", minutes[::-1], 2.0, least=1.4)
            for number, value in enumerate(minutes):
                if value not in (5, 10, 15, 20, 30, 60, 90, 120, 180):
                    yield Broken(
                        f"angles.classes.{letter}[{number}]",
                        said("{value} minutes is no value of such tables", value=value),
                    )
        yield from _pairs_of_classes("angles.classes", angles, {"m": "f"})
        for closer, wider in (("m", "c"), ("c", "v")):
            rows = zip(angles.get(closer, ()), angles.get(wider, ()), strict=False)
            for number, (low, high) in enumerate(rows):
                if not LEAST_CLASS_RATIO <= high / low <= GREATEST_CLASS_RATIO:
                    yield Broken(
                        f"angles.classes.{wider}[{number}]",
                        _ratio_text(high, low, closer),
                    )


def _class_ratios(
    key: str, fine: str, finer: Mapping[float, float], coarser: Mapping[float, float]
) -> Iterator[Broken]:
    for number, (up_to_mm, value) in enumerate(coarser.items()):
        low = finer.get(up_to_mm)
        if low is None:
            continue
        ratio = value / low
        if not LEAST_CLASS_RATIO <= ratio <= GREATEST_CLASS_RATIO + 1e-9:
            yield Broken(f"{key}[{number}]", _ratio_text(value, low, fine))


def _ratio_text(value: float, low: float, letter: str) -> Said:
    return said(
        "{value:g} is {ratio:.2f} times class {letter} ({low:g}), not {least:g} to {most:g} times",
        value=value,
        ratio=value / low,
        letter=letter,
        low=low,
        least=LEAST_CLASS_RATIO,
        most=GREATEST_CLASS_RATIO,
    )


def _in_series(
    key: str, values: Sequence[float], series: Sequence[float] = SERIES
) -> Iterator[Broken]:
    for number, value in enumerate(values):
        mantissa = value / 10.0 ** math.floor(math.log10(value) + 1e-9)
        if not any(abs(mantissa - one) < 1e-6 for one in series):
            yield Broken(
                f"{key}[{number}]", said("{value:g} is no value of such tables", value=value)
            )


def _pairs_of_classes(
    key: str, classes: Mapping[str, Sequence[float]], same: Mapping[str, str]
) -> Iterator[Broken]:
    """Classes that share their values."""
    for letter, other in same.items():
        rows = zip(classes.get(letter, ()), classes.get(other, ()), strict=False)
        for number, (value, wanted) in enumerate(rows):
            if value != wanted:
                yield Broken(
                    f"{key}.{letter}[{number}]",
                    said(
                        "{value:g} is not that of class {letter}, {wanted:g}",
                        value=value,
                        letter=other,
                        wanted=wanted,
                    ),
                )


def _doubled(
    key: str, classes: Mapping[str, Sequence[float]], letter: str, other: str
) -> Iterator[Broken]:
    rows = zip(classes.get(letter, ()), classes.get(other, ()), strict=False)
    for number, (value, half) in enumerate(rows):
        if abs(value - 2 * half) > 1e-9:
            yield Broken(
                f"{key}.{letter}[{number}]",
                said(
                    "{value:g} is not twice that of class {letter}, {half:g}",
                    value=value,
                    letter=other,
                    half=half,
                ),
            )


def _steps(
    key: str, values: Sequence[float], greatest: float, *, least: float = 1.0
) -> Iterator[Broken]:
    """A larger size is never held closer, and no step is greater than such tables have."""
    for number, (low, high) in enumerate(pairwise(values), 1):
        if not least - 1e-9 <= high / low <= greatest + 1e-9:
            yield Broken(
                f"{key}[{number}]",
                said(
                    "{high:g} after {low:g}: a step of {least:g} to {most:g} times is wanted",
                    high=high,
                    low=low,
                    least=least,
                    most=greatest,
                ),
            )


# -------------------------------------------------------------------- geometrical tolerances


def _geometrical(table: GeometricalTable) -> Iterator[Broken]:
    for name in ("straightness_flatness", "perpendicularity", "symmetry"):
        part: ToleranceColumns = getattr(table, name)
        for letter, column in part.classes_mm.items():
            yield from _steps(f"{name}.classes_mm.{letter}", column, 2.5)
            yield from _in_series(f"{name}.classes_mm.{letter}", column, (*SERIES, 1.6))
        for (_, finer), (letter, coarser) in pairwise(part.classes_mm.items()):
            for number, (low, high) in enumerate(zip(finer, coarser, strict=False)):
                if not 1.0 <= high / low <= 2.5 + 1e-9:
                    yield Broken(
                        f"{name}.classes_mm.{letter}[{number}]",
                        said("{high:g} beside {low:g} of the finer class", high=high, low=low),
                    )
    yield from _steps(
        "circular_run_out_mm", list(table.circular_run_out_mm.values()), 2.5, least=2.0
    )


# ------------------------------------------------------------------------- limits and fits


def _grades(table: GradeTable) -> Iterator[Broken]:
    names = [name for name in GRADES if name in table.grades_um]
    for name in names:
        column = table.grades_um[name]
        for number, (low, high) in enumerate(pairwise(column), 1):
            if high < low:
                yield Broken(
                    f"grades_um.{name}[{number}]",
                    said("{high:g} after {low:g} of the smaller sizes", high=high, low=low),
                )
    for finer, coarser in pairwise(names):
        rows = zip(table.grades_um[finer], table.grades_um[coarser], strict=False)
        for number, (low, high) in enumerate(rows):
            if not low < high <= 2.0 * low + 1e-9:
                yield Broken(
                    f"grades_um.{coarser}[{number}]",
                    said(
                        "{high:g} is not more than {finer} ({low:g}) and at most twice it",
                        high=high,
                        low=low,
                        finer=finer,
                    ),
                )
    yield from _against_formula(table)
    yield from _positions(table)


def _against_formula(table: GradeTable) -> Iterator[Broken]:
    for name, column in table.grades_um.items():
        if name not in GRADES:
            yield Broken(f"grades_um.{name}", said("{name} is no grade", name=name))
            continue
        expected = _formula(table, name)
        for number, value in enumerate(column):
            wanted = expected(number)
            if abs(value / wanted - 1) > _greatest_from_formula(name):
                yield Broken(
                    f"grades_um.{name}[{number}]",
                    said(
                        "{value:g} um is {percent:.0f} % from the formula that grades came from",
                        value=value,
                        percent=100 * abs(value / wanted - 1),
                    ),
                )


def _greatest_from_formula(name: str) -> float:
    """The finest grades are rounded to few steps, so they lie further off."""
    return GREATEST_FROM_FORMULA if GRADES.index(name) >= FIRST_BY_FORMULA else 0.29


def _formula(table: GradeTable, name: str) -> Callable[[int], float]:
    """Grade in um by the number of its interval (facts of standards 1.4)."""
    place = GRADES.index(name)

    def middle_mm(number: int) -> float:
        over, up_to = table.sizes_mm[number], table.sizes_mm[number + 1]
        return math.sqrt((over or 1) * up_to)

    def factor_um(number: int) -> float:
        middle = middle_mm(number)
        if table.sizes_mm[number + 1] <= _MM_500:
            return 0.45 * float(math.cbrt(middle)) + 0.001 * middle
        return 0.004 * middle + 2.1

    def value(number: int) -> float:
        middle, factor = middle_mm(number), factor_um(number)
        if place >= FIRST_BY_FORMULA:
            return GRADE_MULTIPLES[place - FIRST_BY_FORMULA] * factor
        if table.sizes_mm[number + 1] > _MM_500:
            return (0.0, 0.0, 2.0, 2.7, 3.7, 5.0)[place] * factor
        finest = (0.3 + 0.008 * middle, 0.5 + 0.012 * middle, 0.8 + 0.020 * middle)
        if place < len(finest):
            return finest[place]
        # Between IT1 and IT5 in geometric steps.
        return finest[2] * math.pow(7 * factor / finest[2], (place - 2) / 4)

    return value


def _positions(table: GradeTable) -> Iterator[Broken]:
    columns = table.positions.upper_shaft_um
    for letter, column in columns.items():
        key = f"positions.upper_shaft_um.{letter}"
        if any(value >= 0 for value in column):
            yield Broken(key, said("a deviation that is not below the nominal size"))
            continue
        yield from _steps(key, [-value for value in column], GREATEST_STEP, least=1.05)
    for (_, outer), (letter, inner) in pairwise(sorted(columns.items())):
        for number, (far, near) in enumerate(zip(outer, inner, strict=False)):
            if not far < near:
                yield Broken(
                    f"positions.upper_shaft_um.{letter}[{number}]",
                    said("{near} um is no closer than {far} um before it", near=near, far=far),
                )


# ------------------------------------------------------------------------ plastic mouldings


def _moulding(table: MouldingTable) -> Iterator[Broken]:
    for name, group in table.groups.items():
        tool, other = group.tool_specific_mm, group.not_tool_specific_mm
        yield from _steps(f"groups.{name}.tool_specific_mm", tool, 1.8, least=1.05)
        yield from _steps(f"groups.{name}.not_tool_specific_mm", other, 1.8, least=1.05)
        # A size across the parting line is held as the next larger one within one half is.
        for number, (wanted, value) in enumerate(zip(tool[1:], other, strict=False)):
            if value != wanted:
                yield Broken(
                    f"groups.{name}.not_tool_specific_mm[{number}]",
                    said(
                        "{value:g} is not the next larger tool-specific value, {wanted:g}",
                        value=value,
                        wanted=wanted,
                    ),
                )

"""Relations inside a table of tolerances that its model cannot express: the shape of it. Whether
its numbers look right is another matter (`table_rules`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from printstd.errors import ProfileProblem
from printstd.profiles.keys import nearest
from printstd.profiles.load import Loaded
from printstd.profiles.standard_models import (
    AngleBand,
    Designation,
    EdgeBand,
    Pack,
    ToleranceBand,
    ToleranceTable,
)
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.grade_models import GradeTable

Problems = Iterator[ProfileProblem]


def check_table(table: Loaded[Any]) -> Problems:
    """Everything wrong with the shape of a table, of whatever kind it is."""
    model = table.model
    if isinstance(model, ToleranceTable):
        yield from check_standard(table)
        return
    # Most requests are judged by no other kind of table, and pay for no model of it.
    from printstd.profiles.geometrical_models import GeometricalTable
    from printstd.profiles.grade_models import GradeTable
    from printstd.profiles.moulding_models import MouldingTable

    yield from _check_designations(table, model.designations)
    if isinstance(model, GradeTable):
        yield from _check_grades(table)
    elif isinstance(model, GeometricalTable):
        for part in ("straightness_flatness", "perpendicularity", "symmetry"):
            columns = getattr(model, part)
            yield from _ascending(table, f"{part}.sizes_mm", columns.sizes_mm)
            for letter, column in columns.classes_mm.items():
                key = f"{part}.classes_mm.{letter}"
                yield from _length(table, key, column, len(columns.sizes_mm) - 1)
    elif isinstance(model, MouldingTable):
        yield from _ascending(table, "sizes_mm", model.sizes_mm)
        for name, group in model.groups.items():
            for key in ("tool_specific_mm", "not_tool_specific_mm"):
                column = getattr(group, key)
                yield from _length(table, f"groups.{name}.{key}", column, len(model.sizes_mm) - 1)


def check_standard(table: Loaded[ToleranceTable]) -> Problems:
    """Rows follow one another without gap or overlap, and a larger size is never held closer."""
    model = table.model
    for letter, bands in model.classes.items():
        yield from _check_bands(table, f"classes.{letter}", bands)
        for number, (lower, upper) in enumerate(pairwise(bands), 1):
            if upper.deviation_mm < lower.deviation_mm:
                yield table.problem(
                    f"classes.{letter}[{number}].deviation_mm",
                    upper.deviation_mm,
                    said(
                        "not less than in the row before, {deviation}", deviation=lower.deviation_mm
                    ),
                )
    for part in ("broken_edges", "angles"):
        inner = getattr(model, part)
        if inner is None:
            continue
        for letter, bands in inner.classes.items():
            yield from _check_bands(table, f"{part}.classes.{letter}", bands)
            if letter not in model.classes:
                yield table.problem(
                    f"{part}.classes.{letter}",
                    repr(letter),
                    said("one of {names}", names=", ".join(model.classes)),
                )
    yield from _check_designations(table, model.designations)
    for number, designation in enumerate(model.designations):
        if "{class}" not in designation.indication_template:
            yield table.problem(
                f"designations[{number}].indication_template",
                repr(designation.indication_template),
                said("a text with {{class}} in it"),
            )


def check_references(source_names: Sequence[str], pack: Loaded[Pack], key: str) -> Problems:
    """The table that a pack refers to is there."""
    reference = getattr(pack.model, key)
    if reference.table not in source_names:
        yield pack.problem(
            f"{key}.table",
            repr(reference.table),
            said("one of {names}", names=", ".join(source_names)),
            nearest(reference.table, source_names),
        )


def check_reference(
    pack: Loaded[Pack], key: str, designations: tuple[Designation, ...]
) -> Problems:
    """The designation that a pack cites a table by is one of that table's."""
    ids = [designation.id for designation in designations]
    cited = {f"{key}.designation": getattr(pack.model, key).designation}
    if key == "grades" and pack.model.deviations_designation is not None:
        cited["deviations_designation"] = pack.model.deviations_designation
    for name, designation in cited.items():
        if designation not in ids:
            yield pack.problem(
                name,
                repr(designation),
                said("one of {names}", names=", ".join(ids)),
                nearest(designation, ids),
            )


def _check_bands(
    table: Loaded[Any],
    key: str,
    bands: Sequence[ToleranceBand | EdgeBand | AngleBand],
) -> Problems:
    if not bands:
        yield table.problem(key, said("no rows"), said("at least one row"))
    for number, band in enumerate(bands):
        place = f"{key}[{number}]"
        if band.up_to_mm is None:
            if number < len(bands) - 1:
                yield table.problem(
                    f"{place}.up_to_mm", "none", said("an end, but in the last row")
                )
        elif band.up_to_mm <= band.over_mm:
            yield table.problem(
                f"{place}.up_to_mm",
                band.up_to_mm,
                said("more than over_mm, {over}", over=band.over_mm),
            )
        if number and getattr(band, "includes_lower", False):
            yield table.problem(
                f"{place}.includes_lower", "true", said("true in the first row alone")
            )
    for number, (lower, upper) in enumerate(pairwise(bands), 1):
        if lower.up_to_mm is not None and upper.over_mm != lower.up_to_mm:
            yield table.problem(
                f"{key}[{number}].over_mm",
                upper.over_mm,
                said("where the row before ends, {end}", end=lower.up_to_mm),
            )


def _check_designations(table: Loaded[Any], designations: tuple[Designation, ...]) -> Problems:
    ids = [designation.id for designation in designations]
    for number, name in enumerate(ids):
        if name in ids[:number]:
            yield table.problem(f"designations[{number}].id", repr(name), said("an id of its own"))


def _check_grades(table: Loaded[GradeTable]) -> Problems:
    from printstd.profiles.grade_models import GRADES

    model = table.model
    intervals = len(model.sizes_mm) - 1
    yield from _ascending(table, "sizes_mm", model.sizes_mm)
    for name, column in model.grades_um.items():
        if name not in GRADES:
            yield table.problem(
                f"grades_um.{name}", repr(name), "IT01, IT0, IT1 to IT18", nearest(name, GRADES)
            )
        if not 0 < len(column) <= intervals:
            yield table.problem(
                f"grades_um.{name}",
                said("{count} values", count=len(column)),
                said("1 to {intervals}, one an interval", intervals=intervals),
            )
    for letter, positions in model.positions.upper_shaft_um.items():
        if not 0 < len(positions) <= intervals:
            yield table.problem(
                f"positions.upper_shaft_um.{letter}",
                said("{count} values", count=len(positions)),
                said("1 to {intervals}, one an interval", intervals=intervals),
            )


def _ascending(table: Loaded[Any], key: str, sizes: Sequence[float]) -> Problems:
    if len(sizes) < 2 or any(low >= high for low, high in pairwise(sizes)):
        yield table.problem(
            key, list(sizes), said("two or more sizes, each larger than the one before")
        )


def _length(table: Loaded[Any], key: str, column: Sequence[float], wanted: int) -> Problems:
    if len(column) != wanted:
        yield table.problem(
            key,
            said("{count} values", count=len(column)),
            said("{wanted}, one an interval", wanted=wanted),
        )

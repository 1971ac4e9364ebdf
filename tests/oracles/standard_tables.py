"""Every cell of a bundled table by its name, to be held against the charts and to be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from printstd.profiles.geometrical_models import GeometricalTable
from printstd.profiles.grade_models import GradeTable
from printstd.profiles.moulding_models import MouldingTable
from printstd.profiles.standard_models import ToleranceTable
from tests.oracles import standard_charts as charts

Name = tuple[str, str, float | None]
"""Part of the table, class or grade, upper end of the range of sizes."""


@dataclass(frozen=True)
class Cell:
    """path : where the value stands in the model's dump."""

    name: Name
    path: tuple[str | int, ...]
    value: float


def cells(table: Any) -> list[Cell]:
    """Every number that a limit comes from."""
    dump = table.model_dump()
    found: list[Cell] = []

    def bands(part: str, classes: Any, path: tuple[str | int, ...], key: str) -> None:
        for letter, rows in classes.items():
            for number, row in enumerate(rows):
                where = (*path, letter, number, key)
                found.append(Cell((part, letter, row["up_to_mm"]), where, row[key]))

    def columns(part: str, sizes: Any, classes: Any, path: tuple[str | int, ...]) -> None:
        for letter, values in classes.items():
            for number, value in enumerate(values):
                end = float(sizes[number + 1])
                found.append(Cell((part, letter, end), (*path, letter, number), value))

    if isinstance(table, ToleranceTable):
        bands("linear", dump["classes"], ("classes",), "deviation_mm")
        if dump["broken_edges"]:
            where = ("broken_edges", "classes")
            bands("edge", dump["broken_edges"]["classes"], where, "deviation_mm")
            where = ("angles", "classes")
            bands("angle", dump["angles"]["classes"], where, "deviation_minutes")
    elif isinstance(table, GeometricalTable):
        for part in ("straightness_flatness", "perpendicularity", "symmetry"):
            inner = dump[part]
            columns(part, inner["sizes_mm"], inner["classes_mm"], (part, "classes_mm"))
        for letter, value in dump["circular_run_out_mm"].items():
            found.append(Cell(("run-out", letter, None), ("circular_run_out_mm", letter), value))
    elif isinstance(table, GradeTable):
        columns("grade", dump["sizes_mm"], dump["grades_um"], ("grades_um",))
        shafts = dump["positions"]["upper_shaft_um"]
        columns("shaft", dump["sizes_mm"], shafts, ("positions", "upper_shaft_um"))
    elif isinstance(table, MouldingTable):
        for name, group in dump["groups"].items():
            columns(name, dump["sizes_mm"], group, ("groups", name))
    return found


def with_value(table: Any, path: tuple[str | int, ...], value: float) -> Any:
    """The table with one value replaced; pydantic.ValidationError where it takes no such value."""

    def replaced(inner: Any, rest: tuple[str | int, ...]) -> Any:
        if not rest:
            return value
        head, *tail = rest
        if isinstance(inner, dict):
            return {**inner, head: replaced(inner[head], tuple(tail))}
        items = list(inner)
        items[int(head)] = replaced(items[int(head)], tuple(tail))
        return tuple(items)

    return type(table).model_validate(replaced(table.model_dump(), path))


def expected() -> dict[str, dict[Name, float]]:
    """Folder and name of a table -> what the charts say of it."""

    def named(part: str, chart: Any) -> dict[Name, float]:
        return {(part, letter, end): value for letter, end, value in chart}

    mouldings = charts.by_size(charts.MOULDINGS, ["tool_specific_mm", "not_tool_specific_mm"])
    return {
        "standards/iso-2768-1-1989": {
            **named("linear", charts.by_class(charts.LINEAR)),
            **named("edge", charts.by_class(charts.BROKEN_EDGES)),
            **named("angle", charts.by_class(charts.ANGLES)),
        },
        "standards/geometrical/iso-2768-2-1989": {
            **named("straightness_flatness", charts.by_class(charts.STRAIGHTNESS_FLATNESS)),
            **named("perpendicularity", charts.by_class(charts.PERPENDICULARITY)),
            **named("symmetry", charts.by_class(charts.SYMMETRY)),
            **{("run-out", k, None): float(v) for k, v in charts.RUN_OUT.items()},
        },
        "standards/grades/iso-286-1-2010": {
            **named("grade", charts.by_size(charts.GRADES, charts.GRADE_NAMES)),
            **named("shaft", charts.by_class(charts.SHAFTS)),
        },
        "standards/moulding/iso-20457-2018": named("TG6", mouldings),
        "standards/asme-y14.5-2018": {},
        "standards/iso-22081-2021": {},
    }


def differences(table: Any, chart: dict[Name, float]) -> list[Name]:
    """Names of cells that are not as the chart has them, are not in it, or are missing."""
    have = {cell.name: cell.value for cell in cells(table)}
    return [name for name in dict.fromkeys([*have, *chart]) if have.get(name) != chart.get(name)]

"""One row of cells to one characteristic."""

from __future__ import annotations

from collections.abc import Mapping

from printstd.artifacts.characteristics import Characteristic, Limits
from printstd.artifacts.features import FeatureKind
from printstd.intake.characteristics.limits import limits_of, of_columns, split_nominal
from printstd.intake.characteristics.selectors import selector_of
from printstd.intake.tables import BadRowError
from printstd.intake.tables.numbers import NotANumberError, e6_of
from printstd.words import said

ANGULAR = frozenset({FeatureKind.ANGLE, FeatureKind.CONE})


def characteristic_of(cells: Mapping[str, str], line: int) -> Characteristic:
    """Raises BadRowError."""
    number = cells["number"].strip()
    if not number:
        raise BadRowError(said("it has no number"))
    try:
        selector = selector_of(cells["feature"])
        written, tolerance = split_nominal(cells["nominal"])
        nominal = e6_of(written)
        limits = _limits(cells, tolerance)
    except NotANumberError as error:
        raise BadRowError(
            said("characteristic {number}: {problem}", number=number, problem=error.problem)
        ) from error
    if nominal <= 0:
        raise BadRowError(
            said("characteristic {number}: a size of {written}", number=number, written=written)
        )
    degrees = "°" in cells["nominal"] or bool(ANGULAR & set(selector.kinds))
    return Characteristic(
        number=number,
        line=line,
        selector=selector,
        nominal_e6=nominal,
        unit="deg" if degrees else "mm",
        limits=limits,
        datum=cells.get("datum", "").strip(),
        reference=cells.get("reference", "").strip(),
        designator=cells.get("designator", "").strip(),
        note=cells.get("note", "").strip(),
    )


def _limits(cells: Mapping[str, str], tolerance: str) -> Limits:
    """From the one place that says them; a row that says them twice is a slip."""
    found = [limits_of(text) for text in (tolerance, cells.get("limits", "")) if text.strip()]
    for low, high, are_sizes in (("lower", "upper", False), ("smallest", "largest", True)):
        if cells.get(low, "").strip() or cells.get(high, "").strip():
            found.append(of_columns(cells.get(low, ""), cells.get(high, ""), are_sizes=are_sizes))
    if len(found) > 1:
        raise NotANumberError(
            said(
                "its limits are said twice: {first!r}, {second!r}",
                first=found[0].text,
                second=found[1].text,
            )
        )
    return found[0] if found else limits_of("")

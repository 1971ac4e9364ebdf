"""A wrong cell in a table of a standard does not live: each is replaced by its neighbours, by a
slip of a digit and by another unit, and each of them is caught."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from printstd.profiles.load import MODELS, Loaded, load
from printstd.profiles.raw import KINDS, RawProfile
from printstd.profiles.table_consistency import check_table
from printstd.profiles.table_rules import broken
from tests.oracles.standard_tables import Cell, cells, differences, expected, with_value
from tests.shares import share
from tests.unit.profiles.sources import BUNDLED

EXPECTED = expected()
TABLES = {
    f"{folder}/{name}": (kind, name)
    for kind, folder in KINDS.items()
    if folder.startswith("standards")
    for name in BUNDLED.names(folder)
}
LEAST_CAUGHT_BY_RULES = {
    "standards/iso-2768-1-1989": 0.96,
    "standards/geometrical/iso-2768-2-1989": 0.90,
    "standards/grades/iso-286-1-2010": 0.96,
    "standards/moulding/iso-20457-2018": 0.99,
}
"""Without a second copy of the table, by what such tables keep to (`profiles check`)."""


def table_of(key: str) -> Any:
    kind, name = TABLES[key]
    loaded: Loaded[Any] | None = load(BUNDLED, MODELS[kind], kind, name, [])
    assert loaded is not None
    return loaded.model


def wrong_values(cell: Cell, by_place: dict[tuple[Any, ...], float]) -> Iterator[tuple[str, float]]:
    """(what went wrong, the value that is there instead)."""
    yield from neighbours(cell, by_place)
    digits = f"{abs(cell.value):g}"
    sign = -1 if cell.value < 0 else 1
    for place, digit in enumerate(digits):
        if digit.isdigit():
            for step in (1, 9):
                slipped = digits[:place] + str((int(digit) + step) % 10) + digits[place + 1 :]
                yield f"digit {place}", sign * float(slipped)
    for place in range(len(digits) - 1):
        pair = digits[place : place + 2]
        if pair.isdigit():
            yield "digits swapped", sign * float(digits[:place] + pair[::-1] + digits[place + 2 :])
    for factor in (10, 100, 1000, 0.001, 25.4, 1 / 25.4):
        yield f"times {factor:g}", cell.value * factor


def neighbours(cell: Cell, by_place: dict[tuple[Any, ...], float]) -> Iterator[tuple[str, float]]:
    part, letter, _ = cell.name
    in_part = [place for place in by_place if place[0] == part]
    row = [place for place in in_part if place[1] == letter]
    column = [place for place in in_part if place[2] == cell.name[2]]
    for what, line in (("along the sizes", row), ("along the classes", column)):
        at = line.index(cell.name)
        for other in (at - 1, at + 1):
            if 0 <= other < len(line):
                yield what, by_place[line[other]]


def mutants(table: Any) -> Iterator[tuple[Cell, str, float]]:
    all_cells = cells(table)
    by_place = {cell.name: cell.value for cell in all_cells}
    for cell in all_cells:
        whole = isinstance(cell.value, int)
        seen = {cell.value}
        for what, value in wrong_values(cell, by_place):
            value = round(value) if whole else value
            if value not in seen:
                seen.add(value)
                yield cell, what, value


@pytest.mark.parametrize("key", TABLES)
def test_every_table_is_as_the_charts_have_it(key: str) -> None:
    assert differences(table_of(key), EXPECTED[key]) == []


@pytest.mark.parametrize("key", LEAST_CAUGHT_BY_RULES)
def test_every_wrong_cell_is_caught(key: str) -> None:
    table = table_of(key)
    every = list(mutants(table))
    assert len(every) > 8 * len(cells(table))
    # One table has ten times as many as the others.
    tried = share(every, 4) if len(every) > 1_000 else every
    by_rules = 0
    for cell, what, value in tried:
        try:
            mutant = with_value(table, cell.path, value)
        except ValidationError:
            by_rules += 1
            continue
        # Caught, and where it is.
        assert differences(mutant, EXPECTED[key]) == [cell.name], (cell, what, value)
        raw = RawProfile("standard", table.id, "")
        by_rules += any(check_table(Loaded(mutant, raw))) or any(broken(mutant))
    caught = by_rules / len(tried)
    assert caught >= LEAST_CAUGHT_BY_RULES[key], f"{caught:.1%} of {len(tried)}"


@pytest.mark.parametrize("key", LEAST_CAUGHT_BY_RULES)
def test_a_right_table_breaks_no_rule(key: str) -> None:
    assert list(broken(table_of(key))) == []


# Facts of standards 1.4: cells that circulate wrong.
WRONG_GRADES = [
    ("IT0", 80, 1.0, 1.2),
    ("IT3", 180, 10.0, 8.0),
    ("IT10", 180, 100.0, 160.0),
    ("IT3", 250, 12.0, 10.0),
    ("IT9", 1600, 210.0, 310.0),
]


@pytest.mark.parametrize(("grade", "up_to_mm", "wrong_um", "right_um"), WRONG_GRADES)
def test_known_wrong_grades_are_right_here_and_would_be_caught(
    grade: str, up_to_mm: float, wrong_um: float, right_um: float
) -> None:
    table = table_of("standards/grades/iso-286-1-2010")
    (cell,) = [c for c in cells(table) if c.name == ("grade", grade, float(up_to_mm))]
    assert cell.value == right_um
    mutant = with_value(table, cell.path, wrong_um)
    assert list(broken(mutant)), "by the rules alone"
    assert differences(mutant, EXPECTED["standards/grades/iso-286-1-2010"]) == [cell.name]


def test_values_of_din_7168_for_class_c_are_caught() -> None:
    table = table_of("standards/iso-2768-1-1989")
    by_name = {cell.name: cell for cell in cells(table)}
    mutant = with_value(table, by_name["linear", "c", 3.0].path, 0.15)
    mutant = with_value(mutant, by_name["linear", "c", 6.0].path, 0.2)
    assert list(broken(mutant)), "by the rules alone"
    assert differences(mutant, EXPECTED["standards/iso-2768-1-1989"]) == [
        ("linear", "c", 3.0),
        ("linear", "c", 6.0),
    ]


def test_the_older_korean_break_at_315_mm_is_caught() -> None:
    table = table_of("standards/iso-2768-1-1989")
    row = next(n for n, band in enumerate(table.classes["m"]) if band.up_to_mm == 400)
    mutant = with_value(table, ("classes", "m", row, "up_to_mm"), 315.0)
    mutant = with_value(mutant, ("classes", "m", row + 1, "over_mm"), 315.0)
    assert list(broken(mutant)), "class m alone breaks there"
    wrong = differences(mutant, EXPECTED["standards/iso-2768-1-1989"])
    assert ("linear", "m", 315.0) in wrong
    assert ("linear", "m", 400.0) in wrong


def test_a_moved_end_of_an_interval_is_caught() -> None:
    for key in ("standards/grades/iso-286-1-2010", "standards/moulding/iso-20457-2018"):
        table = table_of(key)
        for number in range(1, len(table.sizes_mm)):
            for end in (table.sizes_mm[number] + 1, table.sizes_mm[number] * 10):
                mutant = with_value(table, ("sizes_mm", number), end)
                assert differences(mutant, EXPECTED[key]), (key, number, end)

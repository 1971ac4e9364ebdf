"""Features in pairs: a program with both of any two passes its own audit.

Settings that change geometry are the columns of a table; its rows are chosen so that every two
values of two columns stand together in one of them (all pairs), which takes some dozens of programs
instead of a thousand. All are of one small part that needs every feature: a plate on a column, with
a hole, a rib, a roof inside and a round top.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import combinations

import pytest
from manifold3d import Manifold

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.profiles.decision import Outcome, decide
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.resolved import Request
from tests.meshes import stl_binary
from tests.shares import share
from tests.stacks import solid_mesh
from tests.unit.toolpath.solids import block

Value = tuple[tuple[str, str], ...]
"""What is set for one value of a column."""
Row = tuple[Value, ...]


def of(key: str, *values: str) -> list[Value]:
    return [((key, value),) for value in values]


def styles() -> list[Value]:
    on = ("supports.enabled", "true")
    return [(), *((on, ("supports.style", style)) for style in ("grid", "snug", "tree"))]


COLUMNS: dict[str, list[Value]] = {
    "pattern": of("infill.pattern", *(pattern.value for pattern in InfillPattern)),
    "supports": styles(),
    "walls": [
        *of("walls.generator", "classic", "variable"),
        (("walls.count", "3"), ("walls.order", "outer_inner")),
        (("overhangs.extra_walls", "true"), ("walls.one_on_top", "true")),
    ],
    "surface": [(), *of("fuzzy_skin.walls", "outer"), *of("arcs.max_deviation_mm", "0.0125")],
    "layers": [
        (),
        *of("raft.layers", "2"),
        (("layers.max_surface_error_um", "60"), ("layers.exact_top", "true")),
        (("ranges", "[{from_mm=1.0, to_mm=1.8, walls={count=3}, infill={density_ratio=0.4}}]"),),
    ],
    "combined": of("infill.combine_layers", "1", "2"),
    "anchoring": of("infill.anchoring", "never", "always"),
    "ironing": of("ironing.surfaces", "none", "top"),
    "overhangs": of("overhangs.is_dynamic", "false", "true"),
    "travel": [
        (),
        (("avoid_crossing_walls", "true"), ("printer.retraction.hop_slope_deg", "5")),
        *of("printer.retraction.only_when_leaving", "true"),
    ],
    "adhesion": [(), *of("adhesion.brim_width_mm", "2")],
    "sizes": [
        (),
        (("compensation.xy_mm", "-0.05"), ("compensation.hole_mm", "0.1")),
        *of("compensation.circle_chord_mm", "0"),
    ],
}
REFUSED: set[frozenset[Value]] = {
    # The profiles say so: lines on those of the layer below cannot be left out.
    frozenset({(("infill.pattern", "lightning"),), (("infill.combine_layers", "2"),)}),
    # A raft's layers are all of one height.
    frozenset({COLUMNS["layers"][1], COLUMNS["layers"][2]}),
}


def pairs(row: Row) -> Iterator[tuple[int, Value, int, Value]]:
    for (a, one), (b, other) in combinations(enumerate(row), 2):
        yield a, one, b, other


def is_allowed(row: Row) -> bool:
    return not any(frozenset({one, other}) in REFUSED for _, one, _, other in pairs(row))


def wanted() -> set[tuple[int, Value, int, Value]]:
    """Every pair of values of two columns that profiles allow."""
    columns = list(COLUMNS.values())
    return {
        (a, one, b, other)
        for a, b in combinations(range(len(columns)), 2)
        for one in columns[a]
        for other in columns[b]
        if frozenset({one, other}) not in REFUSED
    }


def table() -> list[Row]:
    """Rows, greedily: each begins with a pair that is still missing, and takes column by column
    the value that brings the most others."""
    columns = list(COLUMNS.values())
    order = {pair: number for number, pair in enumerate(_in_order(columns))}
    missing = wanted()
    rows: list[Row] = []
    while missing:
        a, one, b, other = min(missing, key=order.__getitem__)
        row: dict[int, Value] = {a: one, b: other}
        for column in range(len(columns)):
            if column not in row:
                row[column] = max(
                    (value for value in columns[column] if is_allowed((*row.values(), value))),
                    key=lambda value: sum(
                        _pair(column, value, at, beside) in missing for at, beside in row.items()
                    ),
                )
        rows.append(tuple(row[column] for column in range(len(columns))))
        missing -= set(pairs(rows[-1]))
    return rows


def _in_order(columns: list[list[Value]]) -> Iterator[tuple[int, Value, int, Value]]:
    for a, b in combinations(range(len(columns)), 2):
        for one in columns[a]:
            for other in columns[b]:
                yield a, one, b, other


def _pair(a: int, one: Value, b: int, other: Value) -> tuple[int, Value, int, Value]:
    return (a, one, b, other) if a < b else (b, other, a, one)


ROWS = table()


def test_the_table_holds_every_pair_that_profiles_allow() -> None:
    assert {pair for row in ROWS for pair in pairs(row)} >= wanted()
    assert all(is_allowed(row) for row in ROWS)


@functools.cache
def model() -> bytes:
    column = block(6, 8, 2)
    plate = block(15, 8, 2.4, (0, 0, 2)) - Manifold.cylinder(9, 1.5, 1.5, 48).translate((3, 4, 0))
    rib = block(0.7, 8, 1, (12, 0, 4.4))
    top = Manifold.sphere(2.5, 32).translate((8, 4, 4.4)).trim_by_plane((0, 0, 1), 4.4)
    bore = Manifold.cylinder(2, 1.5, 1.5, 48).translate((3, 4, 0))
    return stl_binary(solid_mesh(column + plate + rib + top - bore))


def label(row: Row) -> str:
    return " ".join(f"{key.split('.')[-1]}={value}" for values in row for key, value in values)


@pytest.mark.parametrize("row", share(ROWS, 2), ids=label)
def test_a_program_with_all_of_a_row_passes(row: Row) -> None:
    overrides = tuple(setting for values in row for setting in values)
    resolved = pipeline.resolve(Request(printer="mk4s", overrides=overrides), default_source())
    part = pipeline.ModelInput(model(), "part.stl")
    prepared = pipeline.prepare(part, pipeline.Order(), resolved)
    made = pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())
    audit = audit_program(made.program.data, model(), made.demand)
    failed = [f"{f.rule_id}: {f.message}" for f in audit.findings if f.status is Status.FAIL]
    assert not failed
    mandatory = made.demand.mandatory_rules
    verdict = decide(audit.findings, rules_run=audit.rules_run, mandatory=mandatory)
    assert verdict.outcome is Outcome.PASSED

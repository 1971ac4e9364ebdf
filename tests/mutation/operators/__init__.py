"""The catalogue of mutation operators: one module per family, each operator data (facts of
certification 8). A new family is a module with `FAMILY` and `OPERATORS`, and its row here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mutation.operators.editing import (
    Lines,
    Operator,
    Row,
    appended,
    dry,
    every,
    inserted,
    layer_is,
    moved,
    on_rows,
    replaced,
    rows_of,
    scaled_e,
    shifted_layer,
    without,
    written,
)

if TYPE_CHECKING:
    from tests.mutation.operators.base import MutationOperator
    from tests.mutation.operators.certified import ContainerOperator

PROGRAMS = ("flow", "placement", "missing", "layering", "heat", "motion", "commands", "lexical")
"""Families of faults in programs: the audit must find them."""
CONTAINERS = ("envelopes", "statements")
"""Families of faults in certificates and what carries them: verifying must refuse them."""


def program_operators() -> tuple[MutationOperator, ...]:
    from importlib import import_module

    return tuple(
        operator for name in PROGRAMS for operator in import_module(f"{__name__}.{name}").OPERATORS
    )


def container_operators() -> tuple[ContainerOperator, ...]:
    from importlib import import_module

    return tuple(
        operator
        for name in CONTAINERS
        for operator in import_module(f"{__name__}.{name}").OPERATORS
    )


__all__ = [
    "CONTAINERS",
    "PROGRAMS",
    "Lines",
    "Operator",
    "Row",
    "appended",
    "container_operators",
    "dry",
    "every",
    "inserted",
    "layer_is",
    "moved",
    "on_rows",
    "program_operators",
    "replaced",
    "rows_of",
    "scaled_e",
    "shifted_layer",
    "without",
    "written",
]

"""What an operator is: a fault as data, with the rule that must find it written down before the
auditor sees the mutant (facts of certification 8)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.mutation.operators.editing import Lines
from tests.mutation.tiny_slicer import as_bytes

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

Edit = Callable[["Subject", random.Random, float], Lines]

KILLS_AT: Final = 1.2
PASSES_AT: Final = 0.5
"""Of its limit: where a continuous operator must die by its rule, and where it must pass."""


@dataclass(frozen=True)
class Size:
    """Of a continuous operator. limit : where the rule's page draws the line for a subject, from
    the demand and the part alone."""

    unit: str
    limit: Callable[[Subject], float]


@dataclass(frozen=True)
class MutationOperator:
    """One fault.

    expected : the rule that must fail; by dialect where that differs, ``*`` for the others; empty
    where the mutant is right to pass, and `allowed_because` says why. family : of its file.
    applies : whether the subject has what the fault needs.
    """

    id: str
    family: str
    expected: str | Mapping[str, str]
    edit: Edit
    about: str
    size: Size | None = None
    applies: Callable[[Subject], bool] = field(default=lambda subject: True)
    allowed_because: str = ""
    ends_open: bool = False
    """The file's last line has no end."""

    def rule_for(self, dialect: str) -> str:
        if isinstance(self.expected, str):
            return self.expected
        return self.expected.get(dialect) or self.expected["*"]

    @property
    def rules(self) -> set[str]:
        """All that are expected anywhere."""
        every = [self.expected] if isinstance(self.expected, str) else self.expected.values()
        return {rule for rule in every if rule}

    def mutant(self, subject: Subject, seed: int, ratio: float = KILLS_AT) -> Lines:
        """The subject's program with the fault, at `ratio` of the limit if it is continuous."""
        size = self.size.limit(subject) * ratio if self.size else 0.0
        return self.edit(subject, random.Random(f"{self.id} {seed}"), size)

    def program(self, subject: Subject, seed: int, ratio: float = KILLS_AT) -> bytes:
        """Its bytes."""
        data = as_bytes(self.mutant(subject, seed, ratio))
        return data[:-1] if self.ends_open else data

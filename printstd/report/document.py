"""ReportDocument: what one command run says, in the form that both text and JSON are made of.

The JSON is published (docs/schema/report.schema.json) and versioned: fields are added, never
renamed or removed, without a new `schema_version`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from printstd.artifacts.finding import Finding
from printstd.profiles.decision import Decision, Outcome
from printstd.report.characteristics import CharacteristicRow, PredictedRow

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure about a subject, as text with its unit."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """The findings of one stage over one subject, and what was decided from them."""

    stage: str
    """``validate``, ``audit``, ``verify``."""
    outcome: Outcome | None
    """None where the stage decides nothing (`inspect`)."""
    findings: tuple[Finding, ...]
    rules_run: tuple[str, ...]
    silent_rules: tuple[str, ...]
    """Rules that should have spoken and did not."""
    allowed_undecided: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a subject could not be worked on, with the exit code of that reason."""

    message: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Subject:
    """One input file and everything that was found about it."""

    name: str
    sha256: str | None
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    outputs: tuple[str, ...]
    """Files that were written."""
    problem: Problem | None
    exit_code: int
    hints: tuple[str, ...] = ()
    """What a person would do next, mostly as a command."""
    characteristics: tuple[CharacteristicRow, ...] = ()
    """The rows of the drawing that the part was judged by."""
    predicted: tuple[PredictedRow, ...] = ()
    """What is likely to become of them on the machine: it decides nothing."""


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """The whole answer of one run."""

    schema_version: str
    tool: str
    tool_version: str
    command: str
    title: str
    """The document's title as the pack words it."""
    standard: str
    """How a drawing would name the class, with edition and status."""
    subjects: tuple[Subject, ...]
    exit_code: int


def section_of(
    stage: str, findings: tuple[Finding, ...], decision: Decision, rules_run: tuple[str, ...]
) -> Section:
    return Section(
        stage,
        decision.outcome,
        findings,
        rules_run,
        decision.silent_rules,
        decision.allowed_undecided,
    )


# Over several inputs the first of these wins (the command-line contract).
_PRECEDENCE = (70, 7, 4, 3, 5, 6, 1, 8, 0)


def overall_exit_code(codes: list[int]) -> int:
    """The exit code of a run over several inputs."""
    return min(codes, key=_PRECEDENCE.index, default=0)


def to_json_value(document: ReportDocument) -> object:
    """The document as plain values; enumerations by their text."""
    return asdict(document)

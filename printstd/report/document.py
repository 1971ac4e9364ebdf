"""ReportDocument: what one command run says, in the form that every format is made of.

The JSON is published (docs/schema/report.schema.json) and versioned: fields are added, never
renamed or removed, without a new `schema_version`.
"""

from __future__ import annotations

from dataclasses import asdict, field
from typing import Literal

from printstd.artifacts.features import FeatureKind, FeatureSource
from printstd.artifacts.finding import Finding, Status
from printstd.dataclass import dataclass
from printstd.profiles.decision import Decision, Outcome
from printstd.report.characteristics import CharacteristicRow, PredictedRow

SCHEMA_VERSION = "1.0"
_OPEN = (Status.NOT_EVALUATED, Status.INDETERMINATE)


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
    blocking: tuple[str, ...] = ()
    """Rules whose findings forced an outcome other than PASSED, in report order."""
    open_rules: tuple[str, ...] = ()
    """Mandatory rules with findings that could not decide, whatever the outcome."""
    known: tuple[int, ...] = ()
    """Numbers of findings that `printstd check` lets by, from 0: they stand in its baseline, or are
    what is expected of the file. The outcome is what it is all the same."""

    def new_findings(self) -> tuple[Finding, ...]:
        """All but the known ones."""
        if not self.known:
            return self.findings
        known = frozenset(self.known)
        return tuple(f for number, f in enumerate(self.findings) if number not in known)

    def standing(self) -> Outcome | None:
        """The outcome by the new findings alone. What a rule did not say is never known."""
        if not self.known or self.outcome is None:
            return self.outcome
        new = self.new_findings()
        if any(finding.status is Status.FAIL for finding in new):
            return Outcome.FAILED
        mandatory = frozenset(self.open_rules)
        is_open = any(f.status in _OPEN and f.rule_id in mandatory for f in new)
        return Outcome.UNDECIDED if is_open or self.silent_rules else Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Cited:
    """A standard that the report rests on, and what is known of its standing."""

    designation: str
    title: str
    role: str
    """What it is cited for."""
    status: str
    status_checked_on: str
    """ISO date; empty where the profile does not carry one."""
    note: str
    source: str
    """Where its standing was looked up."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a subject could not be worked on, with the exit code of that reason."""

    message: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """One feature of size as it was recognised on the mesh; its fields are those of
    `artifacts.features.Feature`. `unit` is that of size, nominal, u and deviation."""

    id: str
    kind: FeatureKind
    unit: Literal["mm", "deg"]
    size: float
    nominal: float
    is_rounded: bool
    u: float
    """Expanded uncertainty (k=2) by the file alone."""
    deviation: float | None
    """+-, by the general tolerances of the class; None where they have no row for it."""
    residual_mm: float
    sagitta_mm: float
    facet_sides: int
    arc_deg: float
    is_concave: bool
    widest_mm: float
    around_mm: float
    point_mm: tuple[float, float, float]
    axis: tuple[float, float, float]
    length_mm: float
    overlap_mm2: float
    facet_count: int
    source: FeatureSource = FeatureSource.MESH
    """``step`` where the size is the STEP file's own, ``recognised`` where it is fitted."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer of a program as commanded, machine and material apart; of a plate all its parts
    together, deviations of whichever is worst. None: nothing could be measured, or it was left
    out on purpose."""

    z_mm: float
    """Its top."""
    section_mm2: float | None
    deposited_mm3: float | None
    outward_um: float | None
    """The furthest that beads reach beyond the model's outline."""
    inward_um: float | None
    """The furthest that they fall short of it."""
    middle_um: float | None
    """Median over the outline, positive = inside it."""


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
    features: tuple[FeatureRow, ...] = ()
    """Sizes recognised on the model, in canonical order."""
    geometry_sha256: str | None = None
    """Digest of the facets alone: the same for every file, format and facet order that describe
    the same surface in the same place."""
    source_format: str | None = None
    """Of a model: ``stl-binary``, ``stl-ascii``, ``3mf``, ``obj``, ``ply``."""
    characteristics: tuple[CharacteristicRow, ...] = ()
    """The rows of the drawing that the part was judged by."""
    predicted: tuple[PredictedRow, ...] = ()
    """What is likely to become of them on the machine: it decides nothing."""
    expected: str = ""
    """The verdict that is right for this file, where `printstd check` was told one: ``failed``."""
    layers: tuple[LayerRow, ...] = ()
    """Of an audited program, bottom up."""


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
    titles: dict[str, str] = field(default_factory=dict)
    """Language -> the title, as the pack words it."""
    standards: tuple[Cited, ...] = ()
    notices: tuple[str, ...] = ()
    """What a reader must know of the standards that are cited: withdrawn, or not looked up for over
    a year. They change no verdict."""
    languages: tuple[str, ...] = ()
    """In which the pack wants its documents, the first one first."""
    basis: tuple[Fact, ...] = ()
    """What was demanded, who chose it, and the digests of the profiles that say so."""
    decision_rule: str = ""
    redacted: tuple[str, ...] = ()
    """What was left out on purpose: ``geometry``."""


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
        tuple(dict.fromkeys(finding.rule_id for finding in decision.blocking)),
        decision.open_rules,
    )


# Over several inputs the first of these wins (the command-line contract).
PRECEDENCE = (70, 7, 4, 3, 5, 6, 1, 8, 0)


def overall_exit_code(codes: list[int]) -> int:
    """The exit code of a run over several inputs."""
    return min(codes, key=PRECEDENCE.index, default=0)


def to_json_value(document: ReportDocument) -> object:
    """The document as plain values; enumerations by their text."""
    return asdict(document)

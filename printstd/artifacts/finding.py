"""Finding and Report: what a check or an audit rule says, and all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from printstd.dataclass import dataclass

if TYPE_CHECKING:
    from printstd.artifacts.characteristics import CharacteristicResult
    from printstd.artifacts.features import FeatureList


class Status(StrEnum):
    """How a check ended. `NOT_APPLICABLE` counts as PASS; the reason is in the finding."""

    FAIL = "FAIL"
    NOT_EVALUATED = "NOT_EVALUATED"
    INDETERMINATE = "INDETERMINATE"
    WARN = "WARN"
    INFO = "INFO"
    PASS = "PASS"
    NOT_APPLICABLE = "NOT_APPLICABLE"


_WORST_FIRST = (
    Status.FAIL,
    Status.NOT_EVALUATED,
    Status.INDETERMINATE,
    Status.WARN,
    Status.INFO,
    Status.PASS,
    Status.NOT_APPLICABLE,
)


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of `statuses`; PASS where there is none."""
    return min(statuses, key=_WORST_FIRST.index, default=Status.PASS)


@dataclass(frozen=True, slots=True)
class Where:
    """A place: any of a point or box (mm, frame named), facets, a layer, a line, a byte."""

    frame: str = "model"
    point_mm: tuple[float, float, float] | None = None
    box_mm: tuple[float, float, float, float, float, float] | None = None
    """xmin, ymin, zmin, xmax, ymax, zmax."""
    facets: tuple[int, ...] = ()
    """0-based facet numbers in file order, the first few where there are many."""
    layer: int | None = None
    """0-based."""
    line: int | None = None
    """1-based line of a text file (ASCII STL, OBJ, G-code)."""
    byte: int | None = None
    """0-based offset into the file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found: complete when made, never filled in later.

    A rule gives at least one finding: PASS too is said, with what was measured.
    """

    rule_id: str
    """Stable and upper case, e.g. ``GEO-02`` (`printstd explain GEO-02` prints its page)."""
    status: Status
    message: str
    """One sentence; what was found and, unless PASS, what to do."""
    source: str
    """Clause, paper or profile key that the limit comes from."""
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    where: tuple[Where, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    """Further figures as (name, text with unit)."""


@dataclass(frozen=True, slots=True)
class Report:
    """Every finding of one run over one subject, in rule order."""

    subject: str
    """Display name of the file."""
    subject_sha256: str
    findings: tuple[Finding, ...]
    rules_run: tuple[str, ...]
    """All rule ids that the registry demanded, so that a missing one is seen."""
    features: FeatureList | None = None
    """What was recognised on the model, where a check of this run asked for it."""
    characteristics: tuple[CharacteristicResult, ...] = ()
    """The rows of the drawing, where one was given."""

    @property
    def verdict(self) -> Status:
        return worst(finding.status for finding in self.findings)

    def of_rule(self, rule_id: str) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.rule_id == rule_id)

    def missing_rules(self) -> tuple[str, ...]:
        """Rules that ran but said nothing: each is NOT_EVALUATED to whoever decides."""
        heard = {finding.rule_id for finding in self.findings}
        return tuple(rule for rule in self.rules_run if rule not in heard)

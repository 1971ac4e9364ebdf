"""What the line gives back: programs, answers of the auditor, signed statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from printstd.artifacts.finding import Finding
from printstd.dataclass import dataclass
from printstd.plates import Plate
from printstd.profiles.decision import Decision, Outcome, combine
from printstd.reuse.kept import Kept
from printstd.stages import Told

if TYPE_CHECKING:
    from printstd.artifacts.audit import Audit
    from printstd.artifacts.characteristics import CharacteristicResult
    from printstd.artifacts.demand import AuditDemand
    from printstd.artifacts.finding import Report
    from printstd.artifacts.layer_plan import LayerPlan
    from printstd.artifacts.program import Program
    from printstd.certify.predicates import ToolFacts
    from printstd.certify.statement import ModelFacts
    from printstd.ports import Signer
    from printstd.profiles.resolved import Resolved


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A program, what the auditor will hold it against, and what its user must be told."""

    plate: Plate
    program: Program
    heights: LayerPlan
    """Of its layers."""
    asked: Kept[AuditDemand]
    told: Kept[Told]

    @property
    def demand(self) -> AuditDemand:
        return self.asked.value()

    @property
    def notices(self) -> tuple[Finding, ...]:
        of_models = [finding for prepared in self.plate.models for finding in prepared.notices]
        return (*of_models, *self.told.value().findings)


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A finished program with the auditor's answer and the decision over it."""

    audit: Audit
    demand: AuditDemand
    decision: Decision


@dataclass(frozen=True, slots=True, eq=False)
class _Certified:
    """What was found of a program or a model, and statements of it in one of two forms."""

    report: Report | None
    report_decision: Decision | None
    checked: Checked | None
    """None where the checks of the model said no: no program was made."""
    program: bytes | None
    generation: bytes | None
    recheck: bytes | None
    characteristics: tuple[CharacteristicResult, ...] = ()
    """The rows of the drawing, with what the model says to them."""
    parts: Mapping[str, bytes] = field(default_factory=dict)
    """Label -> statement about one part, of a plate of several that passed."""

    @property
    def decision(self) -> Decision:
        """The decision over all that was done."""
        parts = (self.report_decision, self.checked.decision if self.checked else None)
        return combine(*(decision for decision in parts if decision is not None))


class Stated(_Certified):
    """Statements as bytes to be signed: whoever made them need not hold a key."""

    __slots__ = ()


class Signed(_Certified):
    """Statements as bundles, signed: what `certify` writes, if its decision lets it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """A generation statement that stands beside a program: what a re-check is about."""

    payload: bytes
    demand: AuditDemand


def signed(stated: Stated, signer: Signer) -> Signed:
    """Every statement in a bundle of its own."""
    from printstd.certify.dsse import sign_bundle

    return Signed(
        stated.report,
        stated.report_decision,
        stated.checked,
        stated.program,
        sign_bundle(stated.generation, signer) if stated.generation is not None else None,
        sign_bundle(stated.recheck, signer) if stated.recheck is not None else None,
        stated.characteristics,
        {label: sign_bundle(payload, signer) for label, payload in stated.parts.items()},
    )


def parts_stated(
    program: bytes,
    models: Sequence[ModelFacts],
    resolved: Resolved,
    checked: Checked,
    decision: Decision,
    plate_payload: bytes,
    tool: ToolFacts,
    issued_at: str,
) -> dict[str, bytes]:
    """A statement of each part of a plate that passed; none where the program is of one part."""
    if decision.outcome is not Outcome.PASSED or not checked.audit.parts:
        return {}
    from printstd.certify.part_statement import part_statements

    return part_statements(
        program=program,
        models=models,
        resolved=resolved,
        demand=checked.demand,
        audit=checked.audit,
        decision=decision,
        plate_payload=plate_payload,
        tool=tool,
        issued_at=issued_at,
    )

"""From findings to a decision: yes, no or undecided (DESIGN: what a verdict is, exit codes).

Any FAIL is a no. A mandatory rule that did not run, said nothing, or could not tell leaves
the run undecided unless the user allowed exactly that rule by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from printstd.artifacts.finding import Finding, Status, worst
from printstd.dataclass import dataclass


class Outcome(StrEnum):
    PASSED = "PASSED"
    FAILED = "FAILED"
    UNDECIDED = "UNDECIDED"


EXIT_CODES = {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.UNDECIDED: 8}


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and the findings or silent rules that forced it."""

    outcome: Outcome
    blocking: tuple[Finding, ...]
    silent_rules: tuple[str, ...]
    allowed_undecided: tuple[str, ...]
    """Rules that did not decide and that the user allowed to: printed in every report."""
    open_rules: tuple[str, ...] = ()
    """Mandatory rules with findings that could not decide, whatever the outcome."""

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.outcome]


_OPEN = (Status.NOT_EVALUATED, Status.INDETERMINATE)


def decide(
    findings: Sequence[Finding],
    *,
    rules_run: Iterable[str],
    mandatory: Sequence[str],
    allowed_undecided: Iterable[str] = (),
) -> Decision:
    """The decision over one report. Empty `mandatory` makes every rule that ran mandatory."""
    allowed = frozenset(allowed_undecided)
    ran = tuple(rules_run)
    must = frozenset(mandatory or ran)
    heard = {finding.rule_id for finding in findings}
    failed = tuple(f for f in findings if f.status is Status.FAIL)
    # Within one rule a decided FAIL outranks an open question about another place.
    open_ = tuple(f for f in findings if f.status in _OPEN and f.rule_id in must)
    silent = tuple(sorted(must - heard))
    waived = tuple(sorted(({f.rule_id for f in open_} | set(silent)) & allowed))
    open_ = tuple(f for f in open_ if f.rule_id not in allowed)
    silent = tuple(rule for rule in silent if rule not in allowed)
    open_rules = tuple(dict.fromkeys(f.rule_id for f in open_))
    if failed:
        return Decision(Outcome.FAILED, failed, silent, waived, open_rules)
    if open_ or silent:
        return Decision(Outcome.UNDECIDED, open_, silent, waived, open_rules)
    return Decision(Outcome.PASSED, (), (), waived)


def combine(*decisions: Decision) -> Decision:
    """One decision over several stages: a no beats undecided beats yes."""
    order = (Outcome.FAILED, Outcome.UNDECIDED, Outcome.PASSED)
    return Decision(
        min((d.outcome for d in decisions), key=order.index),
        tuple(f for d in decisions for f in d.blocking),
        tuple(rule for d in decisions for rule in d.silent_rules),
        tuple(sorted({rule for d in decisions for rule in d.allowed_undecided})),
        tuple(dict.fromkeys(rule for d in decisions for rule in d.open_rules)),
    )


def rule_statuses(findings: Iterable[Finding]) -> dict[str, Status]:
    """Rule id -> its worst status, in order of first appearance."""
    by_rule: dict[str, list[Status]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule_id, []).append(finding.status)
    return {rule: worst(statuses) for rule, statuses in by_rule.items()}

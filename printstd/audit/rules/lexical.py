"""What the lexical rules share: the lexer's problems of one id, as findings."""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.rule import Evidence, Rule
from printstd.words import counted, listed


def problems_as_findings(rule: Rule, evidence: Evidence, passed: str, noun: str) -> list[Finding]:
    """PASS with `passed`, or one FAIL for all problems of the rule, the first ones placed."""
    found = [problem for problem in evidence.lexed.problems if problem.rule_id == rule.id]
    if not found:
        return rule.passes(passed, measured=0, limit=0, unit=noun + "s")
    first = found[0]
    text = first.text
    if len(found) > 1:
        more = counted("{count} more place", "{count} more places", count=len(found) - 1)
        text = listed((text, more), "; ")
    return [
        rule.says(
            Status.FAIL,
            text,
            measured=len(found),
            limit=0,
            unit=noun + "s",
            where=[Where(frame="bed", line=p.line or None, byte=p.byte) for p in found[:5]],
        )
    ]

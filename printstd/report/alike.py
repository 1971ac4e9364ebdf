"""Findings that one row of a table says together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from printstd.artifacts.finding import Finding, Status


def alike_runs(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Findings one by one, but those that follow each other and do not apply for the same reason
    together: of a record that was not given every one of its rules says the same."""

    def reason(finding: Finding) -> object:
        does_not_apply = finding.status is Status.NOT_APPLICABLE
        return str(finding.message) if does_not_apply else id(finding)

    return (list(run) for _, run in groupby(findings, key=reason))


def ids_of(alike: Sequence[Finding]) -> str:
    """``FST-01…06`` of a run of several."""
    first, last = alike[0].rule_id, alike[-1].rule_id
    family, _, number = last.partition("-")
    if first == last:
        return first
    return f"{first}…{number}" if first.startswith(f"{family}-") else f"{first}…{last}"

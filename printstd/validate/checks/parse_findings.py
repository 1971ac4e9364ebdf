"""PAR-01: What the parser noticed

What it demands
    The file is read without anything odd about it.

Why
    A file that says one count and holds another, has no unit, or ends early is often not the
    file that was meant. Readers that repair in silence hide that.

How it is measured
    The findings that reading the file gave are passed on under their own ids. This rule itself
    passes where there were none, and otherwise counts them.

Example
    An ASCII STL without `endsolid` is read, and the missing line is reported.

Standard and clause
    The format's own specification, named in each finding.
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status, worst
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    noticed = context.model.findings
    count = len(noticed)
    if not count:
        return (CHECK.says(Status.PASS, said("the file was read without remarks"), measured=0),)
    hardest = worst(finding.status for finding in noticed)
    summary = CHECK.says(
        Status.PASS if hardest is Status.PASS else Status.INFO,
        said("reading the file gave remarks, listed below: {count}", count=count),
        measured=count,
    )
    return (summary, *noticed)


CHECK = Check("PAR-01", said("What the parser noticed"), said("file format specification"), run)

"""FST-06: Filament's dates

What it demands
    The filament is used after it was made and before its maker's date of use is over, and moisture
    was measured and drying done in that time.

Why
    Old filament is brittle, and a record whose dates contradict each other is of another spool.

How it is measured
    `filament.production_date`, `moisture.measured_on`, `drying.on` and `filament.used_on` in that
    order (drying and measuring in either), and `used_on` no later than `filament.use_by`. The clock
    of the machine that checks has no say: the record says when it is used.

Example
    Used on 2026-11-20, use by 2026-10-01: fails.

Standard and clause
    ISO 5425, GB/T 42620 (marking, storage); a shelf life is the maker's
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.profiles.kinds import Date
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import feedstock_of, feedstock_record, in_record
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = feedstock_of(context)
    own = held.says.filament
    dates: list[tuple[str, Date | None]] = [
        ("filament.production_date", own.production_date),
        ("moisture.measured_on", held.says.moisture.measured_on),
        ("drying.on", held.says.drying.on if held.says.drying else None),
        ("filament.used_on", own.used_on),
        ("filament.use_by", own.use_by),
    ]
    pairs = [
        (dates[a], dates[b])
        for a in range(len(dates))
        for b in range(a + 1, len(dates))
        # Which of the two comes first, drying or measuring, is the user's.
        if (a, b) != (1, 2)
    ]
    known = [
        (first, early, second, late)
        for (first, early), (second, late) in pairs
        if early is not None and late is not None
    ]
    findings = [
        CHECK.says(
            Status.FAIL,
            said(
                "{first} is {early}, later than {second}, {late}",
                first=first,
                early=early.isoformat(),
                second=second,
                late=late.isoformat(),
            ),
            measured=(early - late).days,
            limit=0,
            unit="days",
            where=in_record(held, first),
        )
        for first, early, second, late in known
        if early > late
    ]
    if findings:
        return tuple(findings)
    if own.used_on is None or own.production_date is None:
        message = said("the record does not say when the filament was made and is used")
        return (CHECK.says(Status.INFO, message),)
    age = (own.used_on - own.production_date).days
    if own.use_by is None:
        message = said(
            "the filament is {age} days old when it is used; no last day is stated", age=age
        )
        return (CHECK.says(Status.INFO, message, measured=age, unit="days"),)
    return (
        CHECK.says(
            Status.PASS,
            said("the filament is {age} days old when it is used, within its time", age=age),
            measured=age,
            limit=(own.use_by - own.production_date).days,
            unit="days",
        ),
    )


CHECK = Check(
    "FST-06", said("Filament's dates"), said("the record's use_by"), run, (feedstock_record,)
)

"""A page of a list at a time: what a screen shows of a farm of any size."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa

from printstd.adapters.farm_store.records import instance_of, job_of, record_of
from printstd.adapters.farm_store.store import Rows
from printstd.adapters.farm_store.tables import (
    CLASS,
    INSTANCE,
    IS_ON_PRINTER,
    JOB,
    NOT_OVER,
    PRINTER,
    PROGRAM,
)
from printstd.artifacts.farm import FarmPrinter, Seen
from printstd.artifacts.farm_now import PrinterNow
from printstd.artifacts.job import Instance, Job, JobState, ProgramFacts


class Print(NamedTuple):
    """An instance, its job, and what the program's certificates say."""

    instance: Instance
    job: Job
    facts: ProgramFacts


def printers_page(
    rows: Rows, *, offset: int, limit: int, holds: str = ""
) -> tuple[int, list[PrinterNow]]:
    """How many there are, and some of them by name. holds : a part of the name."""
    fits = PRINTER.c.name.contains(holds, autoescape=True) if holds else sa.true()
    total = rows.do.execute(sa.select(sa.func.count()).select_from(PRINTER).where(fits))
    query = (
        sa.select(PRINTER.c.record, PRINTER.c.seen)
        .where(fits)
        .order_by(PRINTER.c.name)
        .offset(offset)
        .limit(limit)
    )
    return total.scalar_one(), _with_prints(rows, query)


def printers_named(rows: Rows, names: Collection[str]) -> list[PrinterNow]:
    query = sa.select(PRINTER.c.record, PRINTER.c.seen).where(PRINTER.c.name.in_(sorted(names)))
    return _with_prints(rows, query.order_by(PRINTER.c.name))


def _with_prints(rows: Rows, query: sa.Select[tuple[str, str | None]]) -> list[PrinterNow]:
    found = [
        (record_of(FarmPrinter, row.record), record_of(Seen, row.seen) if row.seen else None)
        for row in rows.do.execute(query)
    ]
    on = rows.on_printers([printer.name for printer, _ in found])
    return [PrinterNow(printer, seen, on.get(printer.name)) for printer, seen in found]


def prints_page(rows: Rows, *, is_over: bool, offset: int, limit: int) -> tuple[int, list[Print]]:
    """How many instances are over, or are not, and some of them in the order of the queue; what is
    over, the latest first."""
    fits = sa.text(NOT_OVER)
    order: tuple[sa.ColumnElement[Any], ...] = (
        INSTANCE.c.priority.desc(),
        INSTANCE.c.due_s,
        INSTANCE.c.number,
    )
    if is_over:
        fits = sa.text(f"NOT ({NOT_OVER})")
        order = (INSTANCE.c.number.desc(),)
    total = rows.do.execute(sa.select(sa.func.count()).select_from(INSTANCE).where(fits))
    numbers = sa.select(INSTANCE.c.number).where(fits).order_by(*order).offset(offset).limit(limit)
    chosen = list(rows.do.execute(numbers).scalars())
    found = {one.instance.number: one for one in prints_numbered(rows, chosen)}
    return total.scalar_one(), [found[number] for number in chosen]


def counts_now(rows: Rows) -> dict[JobState, int]:
    """By state of all that is not over: the queue's length is kept with its classes, so nobody
    counts a hundred thousand rows for a page."""
    waiting = rows.do.execute(sa.select(sa.func.sum(CLASS.c.waiting))).scalar_one()
    query = (
        sa.select(INSTANCE.c.state, sa.func.count()).where(IS_ON_PRINTER).group_by(INSTANCE.c.state)
    )
    counts = {JobState(state): count for state, count in rows.do.execute(query)}
    return {**counts, JobState.QUEUED: int(waiting or 0)}


def prints_numbered(rows: Rows, numbers: Collection[int]) -> list[Print]:
    """By number."""
    instances = [
        instance_of(row)
        for row in rows.do.execute(
            sa.select(INSTANCE)
            .where(INSTANCE.c.number.in_(sorted(numbers)))
            .order_by(INSTANCE.c.number)
        )
    ]
    query = (
        sa.select(JOB, CLASS.c.needs, PROGRAM.c.facts)
        .join(CLASS, CLASS.c.key == JOB.c["class"])
        .join(PROGRAM, PROGRAM.c.sha256 == JOB.c.program)
        .where(JOB.c.number.in_(sorted({one.job for one in instances})))
    )
    jobs = {
        row.number: (job_of(row, row.needs), record_of(ProgramFacts, row.facts))
        for row in rows.do.execute(query)
    }
    return [Print(one, *jobs[one.job]) for one in instances]


def numbers_of_job(rows: Rows, job: int, *, limit: int) -> list[int]:
    """The first of its instances."""
    query = sa.select(INSTANCE.c.number).where(INSTANCE.c.job == job)
    return list(rows.do.execute(query.order_by(INSTANCE.c.copy).limit(limit)).scalars())

"""What dispatch needs to see of the queue, whatever its length: its classes, the first of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from printstd.adapters.farm_store.records import record_of
from printstd.adapters.farm_store.store import Rows
from printstd.adapters.farm_store.tables import CLASS, INSTANCE, IS_QUEUED, JOB, NEVER_DUE
from printstd.artifacts.job import Requirements
from printstd.farm.dispatch import Waiting

_CLASSES: Final = (
    sa.select(CLASS.c.key, CLASS.c.needs).where(CLASS.c.waiting > 0).order_by(CLASS.c.key)
)
_HEADS: Final = (
    sa.select(
        INSTANCE.c.number,
        INSTANCE.c.job,
        INSTANCE.c.priority,
        INSTANCE.c.due_s,
        INSTANCE.c.mg,
        JOB.c.program,
    )
    .join(JOB, JOB.c.number == INSTANCE.c.job)
    .where(IS_QUEUED, INSTANCE.c["class"] == sa.bindparam("own"))
    .where(INSTANCE.c.mg <= sa.bindparam("most_mg"))
    .order_by(INSTANCE.c.priority.desc(), INSTANCE.c.due_s, INSTANCE.c.number)
    .limit(sa.bindparam("count"))
)


class QueueClass(NamedTuple):
    """Instances in the queue that ask for the same."""

    key: str
    needs: Requirements


def queue_classes(rows: Rows) -> list[QueueClass]:
    """Those of which something waits, by key."""
    return [
        QueueClass(row.key, record_of(Requirements, row.needs)) for row in rows.do.execute(_CLASSES)
    ]


def heads(rows: Rows, of: QueueClass, free_mg: Sequence[int]) -> list[Waiting]:
    """The first of a class for each of some printers, as many as there are printers, so that none
    of these is left without because others were sooner. free_mg : filament on each of them; what
    wants more is passed over (of several tools together: what one of them lacks shows later)."""
    found: dict[int, Any] = {}
    largest: int | None = None
    for most_mg in sorted(set(free_mg), reverse=True):
        if largest is not None and largest <= most_mg:
            continue  # It is offered the same as those before it.
        asked = {"own": of.key, "most_mg": most_mg, "count": len(free_mg)}
        first = rows.do.execute(_HEADS, asked).all()
        found.update((row.number, row) for row in first)
        largest = max((row.mg for row in first), default=0)
    facts = rows.all_facts([row.program for row in found.values()]) if found else {}
    return [
        Waiting(
            row.number,
            row.job,
            row.priority,
            None if row.due_s == NEVER_DUE else row.due_s,
            of.key,
            of.needs,
            facts[row.program].feeds,
        )
        for row in found.values()
    ]

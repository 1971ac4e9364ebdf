"""What one transaction sees and may do: the part that all others rest on, and the history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from printstd.adapters.farm_store.tables import EVENT, EVENT_ABOUT, FARM
from printstd.artifacts.farm import FarmEvent
from printstd.errors import InputError, OutsideError
from printstd.farm.chain import event_after
from printstd.words import said

_AT_ONCE: Final = 1024
_SUBJECTS: Final = ("job", "instance", "printer", "spool")


class RowsBase:
    """A connection in a transaction. A writer holds the farm's one row, so that on PostgreSQL too
    the history has one end, and what was read stays so until it is written."""

    def __init__(self, connection: sa.Connection, *, is_writing: bool, by: str) -> None:
        self.do, self.by = connection, by
        query = sa.select(FARM)
        row = connection.execute(query.with_for_update() if is_writing else query).one_or_none()
        if row is None:
            raise OutsideError(
                said("no farm is kept in this database"),
                wanted=said("a farm's database"),
                hint=said("`printstd farm init` begins one"),
            )
        self.tag: str = row.tag
        self._end = (int(row.last_event), str(row.last_sha256))

    def tell(self, kind: str, at_utc_ms: int, **about: object) -> FarmEvent:
        """Add a line to the history, in this transaction."""
        event = event_after(self._end, at_utc_ms=at_utc_ms, by=self.by, kind=kind, about=about)
        self._end = (event.number, event.sha256)
        self.do.execute(
            sa.insert(EVENT),
            {
                "number": event.number,
                "at_ms": event.at_utc_ms,
                "by": event.by,
                "kind": event.kind,
                "about": json.dumps(event.about, ensure_ascii=False),
                "previous_sha256": event.previous_sha256,
                "sha256": event.sha256,
            },
        )
        subjects = [f"{k} {v}" for k, v in event.about if k in _SUBJECTS]
        if subjects:
            rows = [{"what": what, "event": event.number} for what in subjects]
            self.do.execute(sa.insert(EVENT_ABOUT), rows)
        self.do.execute(sa.update(FARM).values(last_event=event.number, last_sha256=event.sha256))
        return event

    def events(
        self, *, after: int = 0, about: str | None = None, last: int | None = None
    ) -> Iterator[FarmEvent]:
        """The history, oldest first. about : ``job 3``, ``instance 7``, ``printer NAME``. last :
        only so many of its end."""
        query = sa.select(EVENT).where(EVENT.c.number > after)
        if about is not None:
            own = sa.select(EVENT_ABOUT.c.event).where(EVENT_ABOUT.c.what == about)
            query = query.where(EVENT.c.number.in_(own))
        if last is not None:
            rows: Sequence[Any] = self.do.execute(
                query.order_by(EVENT.c.number.desc()).limit(last)
            ).all()
            yield from (_event(row) for row in reversed(rows))
            return
        while True:
            rows = self.do.execute(
                query.where(EVENT.c.number > after).order_by(EVENT.c.number).limit(_AT_ONCE)
            ).all()
            yield from (_event(row) for row in rows)
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1].number

    def end_of_history(self) -> tuple[int, str]:
        return self._end

    def restore_events(self, events: Sequence[FarmEvent]) -> None:
        """Of a farm that was exported, into one whose history is still empty."""
        if self._end[0] != 0:
            raise InputError(
                said("a history is only ever added to"),
                got=said("a farm that has one"),
                wanted=said("a new farm"),
                hint=said("`printstd farm init NEW_FOLDER` begins one"),
            )
        who = self.by
        for event in events:
            self.by = event.by
            self.tell(event.kind, event.at_utc_ms, **dict(event.about))
        self.by = who


def _event(row: Any) -> FarmEvent:
    return FarmEvent(
        row.number,
        row.at_ms,
        row.by,
        row.kind,
        tuple((key, value) for key, value in json.loads(row.about)),
        row.previous_sha256,
        row.sha256,
    )

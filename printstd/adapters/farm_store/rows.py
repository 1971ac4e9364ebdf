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
# Said once: building a statement takes longer than SQLite takes to answer it.
_FARM: Final = sa.select(FARM)
_FARM_TO_WRITE: Final = _FARM.with_for_update()
_ADD_EVENT: Final = sa.insert(EVENT)
_ADD_ABOUT: Final = sa.insert(EVENT_ABOUT)
_SET_END: Final = sa.update(FARM)


class RowsBase:
    """A connection in a transaction. A writer holds the farm's one row, so that on PostgreSQL too
    the history has one end, and what was read stays so until it is written."""

    def __init__(self, connection: sa.Connection, *, is_writing: bool, by: str) -> None:
        self.do, self.by = connection, by
        row = connection.execute(_FARM_TO_WRITE if is_writing else _FARM).one_or_none()
        if row is None:
            raise OutsideError(
                said("no farm is kept in this database"),
                wanted=said("a farm's database"),
                hint=said("`printstd farm init` begins one"),
            )
        self.tag: str = row.tag
        self._end = (int(row.last_event), str(row.last_sha256))
        self._unwritten: list[FarmEvent] = []

    def tell(self, kind: str, at_utc_ms: int, **about: object) -> FarmEvent:
        """Add a line to the history, in this transaction."""
        event = event_after(self._end, at_utc_ms=at_utc_ms, by=self.by, kind=kind, about=about)
        self._end = (event.number, event.sha256)
        self._unwritten.append(event)
        if len(self._unwritten) >= _AT_ONCE:
            self.write_history()
        return event

    def write_history(self) -> None:
        """The lines that were told, all of them at once, and where the chain ends now. Whoever
        keeps the transaction calls it before."""
        if not self._unwritten:
            return
        self.do.execute(
            _ADD_EVENT,
            [
                {
                    "number": event.number,
                    "at_ms": event.at_utc_ms,
                    "by": event.by,
                    "kind": event.kind,
                    "about": json.dumps(event.about, ensure_ascii=False),
                    "previous_sha256": event.previous_sha256,
                    "sha256": event.sha256,
                }
                for event in self._unwritten
            ],
        )
        subjects = [
            {"what": f"{key} {value}", "event": event.number}
            for event in self._unwritten
            for key, value in event.about
            if key in _SUBJECTS
        ]
        if subjects:
            self.do.execute(_ADD_ABOUT, subjects)
        number, sha256 = self._end
        self.do.execute(_SET_END, {"last_event": number, "last_sha256": sha256})
        self._unwritten.clear()

    def events(
        self, *, after: int = 0, about: str | None = None, last: int | None = None
    ) -> Iterator[FarmEvent]:
        """The history, oldest first. about : ``job 3``, ``instance 7``, ``printer NAME``. last :
        only so many of its end."""
        self.write_history()
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

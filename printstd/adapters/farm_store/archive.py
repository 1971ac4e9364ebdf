"""A whole farm as one JSON document, and back into an empty one; printers from a CSV."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import Any, Final

import sqlalchemy as sa

from printstd.adapters.farm_store.store import Rows
from printstd.adapters.farm_store.tables import (
    CALIBRATION,
    CLASS,
    EVENT,
    FARM,
    INSTANCE,
    JOB,
    OWED,
    PRINTER,
    PROGRAM,
    PROGRAM_FILE,
    RESERVATION,
    SPOOL,
)
from printstd.artifacts.farm import FarmEvent, FarmPrinter, HostAddress, Nozzle
from printstd.errors import InputError, VerificationError
from printstd.farm.chain import broken
from printstd.words import said

KIND: Final = "printstd-farm"
_VERSION: Final = 1
_TABLES: Final = (
    PROGRAM,
    PROGRAM_FILE,
    CLASS,
    JOB,
    INSTANCE,
    PRINTER,
    SPOOL,
    RESERVATION,
    OWED,
    CALIBRATION,
)
_LATER: Final = (OWED.name, CALIBRATION.name)
"""Tables that older exports do not have: nothing was in them."""
_NOT_KEPT: Final = {"farm_printer": ("lease_owner", "lease_until_ms", "seen")}


def archived(rows: Rows) -> bytes:
    """All that the farm knows, in one reading; leases and what was last seen are of the moment."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for table in _TABLES:
        left_out = _NOT_KEPT.get(table.name, ())
        query = sa.select(table).order_by(*table.primary_key.columns)
        tables[table.name] = [
            {key: _plain(value) for key, value in row._mapping.items() if key not in left_out}
            for row in rows.do.execute(query)
        ]
    events = [
        [e.number, e.at_utc_ms, e.by, e.kind, list(map(list, e.about)), e.sha256]
        for e in rows.events()
    ]
    document = {
        "kind": KIND,
        "version": _VERSION,
        "tag": rows.tag,
        "tables": tables,
        "events": events,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(bytes(value)).decode("ascii")}
    return value


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["base64"], validate=True)
    return value


def _rows_of(tables: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """KeyError where a table is missing that every export has."""
    found: list[dict[str, Any]] = tables.get(name, []) if name in _LATER else tables[name]
    return found


def restore(rows: Rows, data: bytes, name: str, at_utc_ms: int) -> int:
    """Into a farm that has done nothing yet; how many lines of history it has then. The history
    must be unbroken, else VerificationError, and nothing is kept."""
    try:
        document = json.loads(data)
        if document["kind"] != KIND or document["version"] != _VERSION:
            raise ValueError(f"{document['kind']} version {document['version']}")
        previous = "0" * 64
        events = []
        for number, at, by, kind, about, sha256 in document["events"]:
            pairs = tuple((str(key), str(value)) for key, value in about)
            events.append(FarmEvent(number, at, by, kind, pairs, previous, sha256))
            previous = sha256
        tables = {
            table.name: [
                {key: _read(value) for key, value in row.items()}
                for row in _rows_of(document["tables"], table.name)
            ]
            for table in _TABLES
        }
        tag = str(document["tag"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            said("this is no farm that was exported"),
            where=name,
            got=str(error),
            wanted=said("what `printstd farm export` wrote"),
            hint=said("nothing was restored"),
        ) from error
    wrong = broken(events)
    if wrong:
        raise VerificationError(
            said("the history in the file was changed"),
            where=name,
            got=wrong,
            wanted=said("each line continues the one before it"),
            hint=said("nothing was restored; find an older export"),
        )
    _refuse_if_used(rows, name)
    for table in _TABLES:
        if tables[table.name]:
            rows.do.execute(sa.insert(table), tables[table.name])
    # Files at hosts keep the names that they have there.
    rows.do.execute(sa.update(FARM).values(tag=tag))
    rows.restore_events(events)
    _count_on(rows)
    rows.tell("farm restored", at_utc_ms, lines=len(events))
    return len(events) + 1


def _refuse_if_used(rows: Rows, name: str) -> None:
    used = rows.end_of_history()[0] or rows.do.execute(sa.select(EVENT.c.number)).first()
    if used:
        raise InputError(
            said("a farm is restored into a new one alone"),
            where=name,
            got=said("a farm that has a history"),
            wanted=said("a farm that was just begun"),
            hint=said("`printstd farm init NEW_FOLDER` begins one"),
        )


def _count_on(rows: Rows) -> None:
    """PostgreSQL counts new numbers by itself: on from the largest that is there."""
    if rows.do.dialect.name != "postgresql":
        return
    for table in (JOB, INSTANCE):
        sequence = sa.func.pg_get_serial_sequence(table.name, "number")
        most = sa.select(sa.func.coalesce(sa.func.max(table.c.number), 0) + 1).scalar_subquery()
        rows.do.execute(sa.select(sa.func.setval(sequence, most, False)))


_COLUMNS: Final = ("name", "profile", "host")
_MORE: Final = ("serial", "nozzle", "nozzle_mm", "tags", "group")


def printers_of_csv(data: bytes, name: str) -> list[FarmPrinter]:
    """Rows of a table with a heading line; InputError with the first line that is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad_table(name, str(error)) from error
    first = text.splitlines()[0] if text.strip() else ""
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    heads = [head.strip() for head in reader.fieldnames or ()]
    reader.fieldnames = heads
    unknown = sorted(set(heads) - {*_COLUMNS, *_MORE})
    missing = [head for head in _COLUMNS if head not in heads]
    if unknown or missing:
        raise _bad_table(name, ", ".join(unknown or missing))
    found = []
    for row in reader:
        told = {key: (value or "").strip() for key, value in row.items() if key}
        try:
            size_um = round(float((told.get("nozzle_mm") or "0.4").replace(",", ".")) * 1000)
        except ValueError as error:
            raise _bad_table(f"{name}:{reader.line_num}", str(error)) from error
        if not all(told.get(key) for key in _COLUMNS):
            raise _bad_table(f"{name}:{reader.line_num}", said("a cell is empty"))
        tags = told.get("tags", "").replace("|", " ").split()
        found.append(
            FarmPrinter(
                name=told["name"],
                profile=told["profile"],
                host=HostAddress(told["host"], told["name"]),
                nozzle=Nozzle(told.get("nozzle", ""), size_um),
                serial=told.get("serial", ""),
                tags=tuple(sorted(set(tags))),
                group=told.get("group", ""),
            )
        )
    return found


def _bad_table(where: str, got: str) -> InputError:
    return InputError(
        said("the table of printers cannot be read"),
        where=where,
        got=got,
        wanted=", ".join((*_COLUMNS, *_MORE)),
        hint=said("name, profile and host are filled in every line"),
    )

"""Records as the JSON that is kept, and back."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any, TypeVar

from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.job import Instance, Job, JobState, Requirements
from printstd.words import remembered

Record = TypeVar("Record")


def text_of(record: object) -> str:
    return json.dumps(to_plain(record), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def record_of(kind: type[Record], text: str) -> Record:
    """Records are never changed: the same text is the same record, and is read once while a farm
    of some thousand printers is looked at again and again."""
    of: Any = kind
    found: Record = _read_once(of, text)
    return found


@functools.lru_cache(maxsize=8192)
def _read_once(kind: Any, text: str) -> Any:
    return from_plain(kind, json.loads(text))


def class_key(needs: Requirements) -> str:
    return hashlib.sha256(text_of(needs).encode("utf-8")).hexdigest()[:32]


def instance_of(row: Any) -> Instance:
    return Instance(
        number=row.number,
        job=row.job,
        copy=row.copy,
        state=JobState(row.state),
        since_utc_ms=row.since_ms,
        printer=row.printer,
        attempt=row.attempt,
        file=row.file,
        run_id=row.run_id,
        did_begin=row.did_begin,
        progress_permille=row.progress,
        wish=row.wish,
        reason=remembered(row.reason, row.reason_said),
        layer=row.layer,
        began_utc_ms=row.began_ms,
        ended_utc_ms=row.ended_ms,
    )


def job_of(row: Any, needs: str) -> Job:
    return Job(
        number=row.number,
        name=row.name,
        program_sha256=row.program,
        copies=row.copies,
        priority=row.priority,
        due_utc_s=row.due_s,
        requirements=record_of(Requirements, needs),
        submitted_utc_ms=row.submitted_ms,
        by=row.by,
    )

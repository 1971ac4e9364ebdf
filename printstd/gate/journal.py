"""What was decided, line by line: JSON, appended, synced, each line holding the digest of the one
before it.

A line that somebody changes, takes out or puts in breaks the chain from there on. Cutting lines off
the end is not seen by the chain alone: compare the newest digest with a copy of it (the farm keeps
one). A line that a power cut tore stays as it is, and is counted as torn.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from printstd.errors import OutsideError, VerificationError
from printstd.words import said

FIRST: Final = "0" * 64
"""What the first line names as the one before it."""
_TAIL_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Journal:
    """A file of its own; several processes may append to it."""

    file: Path

    def append(self, record: dict[str, Any], now: str) -> dict[str, Any]:
        """The record as it was written. OutsideError where it could not be: whoever decides then
        decides no."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a+b") as stream, _alone(stream.fileno()):
                last, is_torn, number = _last_line(stream)
                whole = {
                    "number": number + 1,
                    "previous": hashlib.sha256(last).hexdigest() if last else FIRST,
                    "time": now,
                    **record,
                }
                line = json.dumps(whole, ensure_ascii=True, sort_keys=True).encode("ascii")
                stream.seek(0, os.SEEK_END)
                stream.write((b"\n" if is_torn else b"") + line + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise OutsideError(
                said("the decision cannot be recorded"),
                where=str(self.file),
                got=error.strerror or str(error),
                wanted=said("a file that can be appended to, with enough space"),
                hint=said("nothing is printed that is not recorded; check the folder and the disk"),
            ) from error
        return whole


@dataclass(frozen=True, slots=True)
class Read:
    """newest : digest of the last line; `FIRST` of an empty journal. torn : numbers of lines in the
    file, from 1, that a power cut left half."""

    records: tuple[dict[str, Any], ...]
    newest: str
    torn: tuple[int, ...]


def read_journal(data: bytes, name: str) -> Read:
    """All of it; VerificationError where the chain is broken."""
    records: list[dict[str, Any]] = []
    torn: list[int] = []
    before = FIRST
    lines = data.split(b"\n")
    for at, line in enumerate(lines, 1):
        if not line and at == len(lines):
            break
        record = _parsed(line)
        if record is None:
            torn.append(at)
        elif record.get("previous") != before:
            raise VerificationError(
                said("the gate's journal was changed"),
                where=said("{name}, line {line}", name=name, line=at),
                got=said("the line before it has sha256 {sha256}", sha256=before),
                wanted=said("sha256 {sha256}", sha256=str(record.get("previous"))),
                hint=said("nothing before this line can be relied on; ask who has access to it"),
            )
        else:
            records.append(record)
        before = hashlib.sha256(line).hexdigest()
    return Read(tuple(records), before, tuple(torn))


def last_started(file: Path) -> dict[str, Any] | None:
    """The record of the program that was started last, unless it ended; None without a journal."""
    try:
        with file.open("rb") as stream:
            for size in (_TAIL_BYTES, None):
                whole = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, whole - size) if size is not None else 0)
                for line in reversed(stream.read().split(b"\n")):
                    event = (record := _parsed(line) or {}).get("event")
                    if event in ("started", "ended"):
                        return record if event == "started" else None
                if size is not None and whole <= size:
                    break
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutsideError(
            said("the gate's journal cannot be read"),
            where=str(file),
            got=error.strerror or str(error),
            wanted=said("a file that can be read"),
            hint=said("check its rights and the disk"),
        ) from error
    return None


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "previous" in record else None


def _last_line(stream: Any) -> tuple[bytes, bool, int]:
    """The newest line without its end, whether it has none, and the newest whole line's number."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL_BYTES))
    lines = stream.read().split(b"\n")
    is_torn = bool(lines[-1])
    if not is_torn:
        lines.pop()
    whole = (record for line in reversed(lines) if (record := _parsed(line)) is not None)
    number = next(whole, {}).get("number", 0)
    return lines[-1] if lines else b"", is_torn, number if type(number) is int else 0


@contextmanager
def _alone(descriptor: int) -> Iterator[None]:
    """Other processes wait; where the system has no such locks, one process at a time is meant."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

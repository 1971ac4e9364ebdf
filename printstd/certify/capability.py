"""The statement about a machine: what was measured of it, as a record that is signed.

In-toto Statement v1 with a predicate type of its own. The subject is the table of measurements, so
whoever has it can hold its digest against the record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from printstd.artifacts.capability import CapabilityRecord
from printstd.artifacts.codec import from_plain, to_plain
from printstd.certify.dsse import MAX_PAYLOAD_BYTES, Envelope, read_bundle, signed_by
from printstd.certify.keys import PublicKey
from printstd.certify.predicates import CAPABILITY, STATEMENT_TYPE, ToolFacts
from printstd.certify.reading import read_time
from printstd.certify.strict_json import StrictJsonError, canonical, parse
from printstd.errors import VerificationError
from printstd.words import said

_RECORD: Final = "record"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True)
class StatedCapability:
    """What a statement says. key_id : of the trusted key that signed it; None where it was read
    without one."""

    record: CapabilityRecord
    issued_at: str
    tool_version: str
    claimed_key_id: str
    key_id: str | None


def capability_statement(record: CapabilityRecord, *, tool: ToolFacts, issued_at: str) -> bytes:
    """The payload that is signed."""
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": record.table, "digest": {"sha256": record.table_sha256}}],
            "predicateType": CAPABILITY,
            "predicate": {
                "critical": [_RECORD],
                "issuedAt": issued_at,
                "tool": {
                    "name": "printstd",
                    "version": tool.version,
                    "digest": {"sha256": tool.sha256},
                },
                _RECORD: to_plain(record),
            },
        }
    )


def read_capability(
    data: bytes, name: str, trusted: tuple[PublicKey, ...] | None
) -> StatedCapability:
    """What the bundle says; with `trusted` it must be signed by one of those keys. Raises
    VerificationError where it is not, or is no such statement."""
    envelope = read_bundle(data, name)
    key = signed_by(envelope, trusted) if trusted is not None else None
    if trusted is not None and key is None:
        raise VerificationError(
            said("the record of capability is not signed by a key that you trust"),
            where=name,
            got=said("key {key_id}", key_id=envelope.key_id),
            wanted=said("a signature of one of: {keys}", keys=", ".join(k.key_id for k in trusted)),
            hint=said("get the laboratory's public key from the laboratory"),
        )
    try:
        return _read(envelope, key.key_id if key is not None else None)
    except (StrictJsonError, ValueError) as error:
        raise VerificationError(
            said("this is no record of capability that this version understands"),
            where=name,
            got=str(error),
            wanted=said("a statement of type {kind}", kind=CAPABILITY),
            hint=said("`printstd qualify` makes one"),
        ) from error


def is_capability(data: bytes) -> bool:
    """Does the bundle in these bytes hold a statement about a machine? Nothing is verified."""
    try:
        statement = parse(
            read_bundle(data, "").payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement"
        )
    except (VerificationError, StrictJsonError):
        return False
    return isinstance(statement, dict) and statement.get("predicateType") == CAPABILITY


def _read(envelope: Envelope, key_id: str | None) -> StatedCapability:
    statement = parse(envelope.payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
        raise StrictJsonError(f"_type is not {STATEMENT_TYPE}")
    if statement.get("predicateType") != CAPABILITY:
        raise StrictJsonError(f"predicateType {statement.get('predicateType')!r}")
    predicate = statement.get("predicate")
    if not isinstance(predicate, dict) or predicate.get("critical") != [_RECORD]:
        raise StrictJsonError("critical: fields that this version does not know")
    record = from_plain(CapabilityRecord, predicate.get(_RECORD), _RECORD)
    for day in (record.measured_on, record.valid_until):
        if not _DAY.match(day):
            raise StrictJsonError(f"{day[:20]!r}: a day is wanted, YYYY-MM-DD")
    subject = [{"name": record.table, "digest": {"sha256": record.table_sha256}}]
    if statement.get("subject") != subject:
        raise StrictJsonError("the subject is not the record's table")
    tool = predicate.get("tool")
    version = tool.get("version") if isinstance(tool, dict) else None
    if not isinstance(version, str):
        raise StrictJsonError("tool.version: a text is wanted")
    return StatedCapability(
        record, read_time(predicate, "issuedAt"), version, envelope.key_id, key_id
    )

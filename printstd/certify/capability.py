"""The statement about a machine: what was measured of it, as a record that is signed.

The subject is the table of measurements, so whoever has it can hold its digest against the record.
"""

from __future__ import annotations

import re
from typing import Any, Final

from printstd.artifacts.capability import CapabilityRecord
from printstd.certify.alone import Held, Told, hold
from printstd.certify.beside import Beside
from printstd.certify.fields import is_of_kind
from printstd.certify.policy import TrustPolicy
from printstd.certify.predicates import CAPABILITY, ToolFacts
from printstd.certify.reading import ProfileRow
from printstd.certify.records import Form, Stated, Trusted, read_record, record_statement
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import VerificationError
from printstd.words import said

StatedCapability = Stated[CapabilityRecord]

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def _subject(record: CapabilityRecord) -> list[dict[str, Any]]:
    for day in (record.measured_on, record.valid_until):
        if not _DAY.match(day):
            raise StrictJsonError(f"{day[:20]!r}: a day is wanted, YYYY-MM-DD")
    return [{"name": record.table, "digest": {"sha256": record.table_sha256}}]


_FORM: Final = Form(
    CAPABILITY,
    CapabilityRecord,
    _subject,
    said("the record of capability is not signed by a key that you trust"),
    said("get the laboratory's public key from the laboratory"),
    said("this is no record of capability that this version understands"),
    said("`printstd qualify` makes one"),
)


def capability_statement(record: CapabilityRecord, *, tool: ToolFacts, issued_at: str) -> bytes:
    """The payload that is signed."""
    return record_statement(_FORM, record, tool=tool, issued_at=issued_at)


def read_capability(data: bytes, name: str, trusted: Trusted) -> StatedCapability:
    """See `read_record`."""
    return read_record(_FORM, data, name, trusted)


def capability_under(
    data: bytes, name: str, policy: TrustPolicy, now: str, beside: Beside
) -> tuple[StatedCapability, Held]:
    """What it says, once the policy accepts it and it is valid today; VerificationError where it
    is not. Of profiles it names the process by its digest; the others by name alone. It rests on
    measurements and on no program, so levels and co-signatures are asked of it itself."""
    stated = read_record(_FORM, data, name, policy.recheck, now, policy.stamps)
    record = stated.record
    today = now[: len("2026-11-26")]
    if not record.measured_on <= today <= record.valid_until:
        raise VerificationError(
            said("the record of capability is not valid today"),
            where=name,
            got=said("{today}", today=today),
            wanted=said("{start} to {end}", start=record.measured_on, end=record.valid_until),
            hint=said("measure the machine again, and qualify it"),
        )
    told = Told(
        CAPABILITY,
        stated.sha256,
        stated.issued_at,
        record.pack,
        profiles=(ProfileRow("process", record.machine.process, record.machine.process_sha256),),
        asks_run=False,
        first_hand=stated.by,
    )
    return stated, hold(told, stated.payload, data, beside, policy, now)


def is_capability(data: bytes) -> bool:
    """Does the bundle in these bytes hold a statement about a machine? Nothing is verified."""
    return is_of_kind(data, CAPABILITY)

"""The passport of one part: a signed record, and the address that its label carries.

Subjects are the certificate's payload, the program and the model, so whoever has one of them can
hold its digest against the passport. It is evidence that a product passport can point to, and is
none itself.
"""

from __future__ import annotations

import base64
from typing import Any, Final
from urllib.parse import quote

from printstd.artifacts.passport import PassportRecord
from printstd.certify.alone import Held, Told, hold
from printstd.certify.beside import Beside
from printstd.certify.fields import is_of_kind, read_time, sha256_of
from printstd.certify.policy import TrustPolicy
from printstd.certify.predicates import PASSPORT, ToolFacts
from printstd.certify.records import Form, Stated, Trusted, read_record, record_statement
from printstd.certify.strict_json import StrictJsonError
from printstd.profiles.decision import Outcome
from printstd.words import said

StatedPassport = Stated[PassportRecord]

_LINK_BYTES: Final = 20
"""160 bits of the statement's digest: 32 characters of base32, no padding."""


def _subject(record: PassportRecord) -> list[dict[str, Any]]:
    """Of a record that says yes: of a part that did not pass there is no passport."""
    own = record.certified
    if own.verdict != Outcome.PASSED.value:
        raise StrictJsonError(f"verdict {own.verdict[:40]!r}: a passport is of a part that passed")
    read_time({"issued_at": own.issued_at}, "issued_at")
    for sha256 in own.rests_on:
        sha256_of({"sha256": sha256}, "sha256")
    if own.rests_on and own.statement_sha256 not in own.rests_on:
        raise StrictJsonError("rests_on: the certificate's own statement is missing")
    return [
        {"name": name, "digest": {"sha256": sha256}}
        for name, sha256 in (
            (f"certificate {own.statement}", own.statement_sha256),
            ("program", own.program_sha256),
            (own.model_name, own.model_sha256),
        )
    ]


_FORM: Final = Form(
    PASSPORT,
    PassportRecord,
    _subject,
    said("the passport is not signed by a key that you trust"),
    said("get the signer's public key from the signer"),
    said("this is no passport that this version understands"),
    said("`printstd passport` makes one"),
)


def passport_statement(record: PassportRecord, *, tool: ToolFacts, issued_at: str) -> bytes:
    """The payload that is signed."""
    return record_statement(_FORM, record, tool=tool, issued_at=issued_at)


def is_passport(data: bytes) -> bool:
    """Does the bundle in these bytes hold a passport? Nothing is verified."""
    return is_of_kind(data, PASSPORT)


def read_passport(data: bytes, name: str, trusted: Trusted) -> StatedPassport:
    """See `read_record`."""
    return read_record(_FORM, data, name, trusted)


def passport_under(
    data: bytes, name: str, policy: TrustPolicy, now: str, beside: Beside
) -> tuple[StatedPassport, Held]:
    """What it says, once the policy accepts it; VerificationError where it does not."""
    stated = read_record(_FORM, data, name, policy.recheck, now, policy.stamps)
    own = stated.record.certified
    told = Told(
        PASSPORT,
        stated.sha256,
        stated.issued_at,
        own.pack,
        quoted_at=own.issued_at,
        rests_on=own.rests_on or (own.statement_sha256,),
        is_traced=bool(own.rests_on),
    )
    return stated, hold(told, stated.payload, data, beside, policy, now)


def link(stated: StatedPassport) -> str | None:
    """The address on the label, in the order of GS1 Digital Link: host, (01) GTIN, (21) serial, and
    160 bits of the statement's digest. Without a GTIN the serial stands alone, and it is an address
    of the owner's own. None where the passport names no host. It is a pointer: anybody can copy it,
    so the serial and the digest are what is looked up and compared."""
    part = stated.record.part
    if not part.resolver:
        return None
    product = f"/01/{part.gtin}" if part.gtin else ""
    digest = base64.b32encode(bytes.fromhex(stated.sha256)[:_LINK_BYTES]).decode("ascii")
    serial = quote(part.serial, safe="")
    return f"HTTPS://{part.resolver.upper()}{product}/21/{serial}?H={digest}"

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
from printstd.certify.fields import is_of_kind
from printstd.certify.keys import PublicKey
from printstd.certify.predicates import PASSPORT, ToolFacts
from printstd.certify.records import Form, Stated, read_record, record_statement
from printstd.words import said

StatedPassport = Stated[PassportRecord]

_LINK_BYTES: Final = 20
"""160 bits of the statement's digest: 32 characters of base32, no padding."""


def _subject(record: PassportRecord) -> list[dict[str, Any]]:
    own = record.certified
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


def read_passport(data: bytes, name: str, trusted: tuple[PublicKey, ...] | None) -> StatedPassport:
    """See `read_record`."""
    return read_record(_FORM, data, name, trusted)


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

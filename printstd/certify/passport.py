"""The passport of one part: a signed record, and the address that its label carries.

In-toto Statement v1 with a predicate type of its own. Subjects are the certificate's payload, the
program and the model, so whoever has one of them can hold its digest against the passport. It is
evidence that a product passport can point to, and is none itself.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.passport import PassportRecord
from printstd.certify.dsse import MAX_PAYLOAD_BYTES, read_bundle, signed_by
from printstd.certify.keys import PublicKey
from printstd.certify.predicates import PASSPORT, STATEMENT_TYPE, ToolFacts
from printstd.certify.reading import read_time
from printstd.certify.strict_json import StrictJsonError, canonical, parse
from printstd.errors import VerificationError
from printstd.words import said

_RECORD: Final = "record"
_LINK_BYTES: Final = 20
"""160 bits of the statement's digest: 32 characters of base32, no padding."""


@dataclass(frozen=True, slots=True)
class StatedPassport:
    """What a passport says. key_id : of the trusted key that signed it; None where it was read
    without one."""

    record: PassportRecord
    issued_at: str
    tool_version: str
    claimed_key_id: str
    key_id: str | None
    sha256: str
    """Of the signed payload."""


def passport_statement(record: PassportRecord, *, tool: ToolFacts, issued_at: str) -> bytes:
    """The payload that is signed."""
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": _subject(record),
            "predicateType": PASSPORT,
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


def _subject(record: PassportRecord) -> list[dict[str, object]]:
    own = record.certified
    return [
        {"name": name, "digest": {"sha256": sha256}}
        for name, sha256 in (
            (f"certificate {own.statement}", own.statement_sha256),
            ("program", own.program_sha256),
            (own.model_name, own.model_sha256),
        )
    ]


def is_passport(data: bytes) -> bool:
    """Does the bundle in these bytes hold a passport? Nothing is verified."""
    try:
        payload = read_bundle(data, "").payload
        statement = parse(payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
    except (VerificationError, StrictJsonError):
        return False
    return isinstance(statement, dict) and statement.get("predicateType") == PASSPORT


def read_passport(data: bytes, name: str, trusted: tuple[PublicKey, ...] | None) -> StatedPassport:
    """What the bundle says; with `trusted` it must be signed by one of those keys. Raises
    VerificationError where it is not, or is no passport."""
    envelope = read_bundle(data, name)
    key = signed_by(envelope, trusted) if trusted is not None else None
    if trusted is not None and key is None:
        raise VerificationError(
            said("the passport is not signed by a key that you trust"),
            where=name,
            got=said("key {key_id}", key_id=envelope.key_id),
            wanted=said("a signature of one of: {keys}", keys=", ".join(k.key_id for k in trusted)),
            hint=said("get the signer's public key from the signer"),
        )
    try:
        statement = parse(envelope.payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
        if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
            raise StrictJsonError(f"_type is not {STATEMENT_TYPE}")
        if statement.get("predicateType") != PASSPORT:
            raise StrictJsonError(f"predicateType {statement.get('predicateType')!r}")
        predicate = statement.get("predicate")
        if not isinstance(predicate, dict) or predicate.get("critical") != [_RECORD]:
            raise StrictJsonError("critical: fields that this version does not know")
        record = from_plain(PassportRecord, predicate.get(_RECORD), _RECORD)
        if statement.get("subject") != _subject(record):
            raise StrictJsonError("the subjects are not those of the record")
        tool = predicate.get("tool")
        version = tool.get("version") if isinstance(tool, dict) else None
        if not isinstance(version, str):
            raise StrictJsonError("tool.version: a text is wanted")
        issued_at = read_time(predicate, "issuedAt")
    except (StrictJsonError, ValueError) as error:
        raise VerificationError(
            said("this is no passport that this version understands"),
            where=name,
            got=str(error),
            wanted=said("a statement of type {kind}", kind=PASSPORT),
            hint=said("`printstd passport` makes one"),
        ) from error
    return StatedPassport(
        record,
        issued_at,
        version,
        envelope.key_id,
        key.key_id if key is not None else None,
        hashlib.sha256(envelope.payload).hexdigest(),
    )


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

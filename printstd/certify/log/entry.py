"""What is logged of a certificate: digests alone, so that a public log leaks no design.

``{"bundle", "kind", "payload", "predicateType", "serial"}``, sorted and without spaces. Source:
facts of certification 5.3. Who can guess a whole statement could look whether it was logged; it
holds the program's digest and the time of issue, which are not guessed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from printstd.certify.dsse import MAX_PAYLOAD_BYTES, read_bundle
from printstd.certify.strict_json import StrictJsonError, canonical, parse

KIND: Final = "printstd/v1"
MAX_ENTRY_BYTES: Final = 65_535
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """payload : SHA-256 (hex) of the DSSE payload. bundle : of the bundle's file. serial : of a
    generation statement, empty of others. revoked : digest of the payload that a revocation is of.
    """

    payload: str
    bundle: str
    predicate_type: str
    serial: str = ""
    revoked: str = ""

    @property
    def data(self) -> bytes:
        """The bytes that are the leaf."""
        told = {
            "kind": KIND,
            "payload": self.payload,
            "bundle": self.bundle,
            "predicateType": self.predicate_type,
            **({"serial": self.serial} if self.serial else {}),
            **({"revoked": self.revoked} if self.revoked else {}),
        }
        return canonical(told)


def entry_of(bundle: bytes, name: str) -> Entry:
    """Of a bundle's bytes; VerificationError where it cannot be read. Its signature is not looked
    at: a log records what it is shown, and verifiers verify."""
    payload = read_bundle(bundle, name).payload
    statement = parse(payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
    if not isinstance(statement, dict):
        raise StrictJsonError("the statement is no object")
    predicate = statement.get("predicate")
    serial = predicate.get("serial") if isinstance(predicate, dict) else None
    kind = str(statement.get("predicateType", ""))
    return Entry(
        payload=hashlib.sha256(payload).hexdigest(),
        bundle=hashlib.sha256(bundle).hexdigest(),
        predicate_type=kind,
        serial=serial if isinstance(serial, str) else "",
        revoked=_revoked(statement) if "/revocation/" in kind else "",
    )


def _revoked(statement: dict[str, Any]) -> str:
    """A revocation's subject is the payload that it takes back."""
    subject = statement.get("subject")
    first = subject[0] if isinstance(subject, list) and subject else None
    digest = first.get("digest") if isinstance(first, dict) else None
    found = digest.get("sha256") if isinstance(digest, dict) else None
    if not isinstance(found, str) or not _SHA256.match(found):
        raise StrictJsonError("a revocation names no payload")
    return found


def read_entry(data: bytes) -> Entry:
    """StrictJsonError where it is not one of ours."""
    told = parse(data, max_bytes=MAX_ENTRY_BYTES, what="the entry")
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise StrictJsonError(f"not an entry of kind {KIND}")
    digests = [told.get("payload"), told.get("bundle")]
    if not all(isinstance(d, str) and _SHA256.match(d) for d in digests):
        raise StrictJsonError("payload and bundle are 64 hexadecimal digits")
    texts = [told.get("predicateType"), told.get("serial", ""), told.get("revoked", "")]
    if not all(isinstance(text, str) for text in texts):
        raise StrictJsonError("predicateType, serial and revoked are texts")
    entry = Entry(told["payload"], told["bundle"], *texts)
    if entry.data != data:
        raise StrictJsonError("not written as entries are")
    return entry

"""Statements that carry one record: of a machine's capability, of a part's passport.

In-toto Statement v1; the record is the predicate's one critical field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar

from printstd.artifacts.codec import from_plain, to_plain
from printstd.certify.dsse import read_bundle, signed_by
from printstd.certify.fields import check_critical, object_of, read_time, statement_of, text_of
from printstd.certify.keys import PublicKey
from printstd.certify.predicates import STATEMENT_TYPE, ToolFacts
from printstd.certify.strict_json import StrictJsonError, canonical
from printstd.errors import VerificationError
from printstd.words import said

_RECORD: Final = "record"
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Stated(Generic[Record]):
    """What a statement says. key_id : of the trusted key that signed it; None where it was read
    without one. sha256 : of the signed payload."""

    record: Record
    issued_at: str
    tool_version: str
    claimed_key_id: str
    key_id: str | None
    sha256: str


class Form(NamedTuple, Generic[Record]):
    """One kind of such statements. kind : its predicate type. subject : of a record, which
    raises StrictJsonError where it is none that can be. The rest is what a user is told: that
    nobody trusted signed it, whom to ask for the key, that it is no such statement, what makes one.
    """

    kind: str
    record: type[Record]
    subject: Callable[[Record], list[dict[str, Any]]]
    unsigned: str
    ask: str
    other: str
    maker: str


def record_statement(
    form: Form[Record], record: Record, *, tool: ToolFacts, issued_at: str
) -> bytes:
    """The payload that is signed."""
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": form.subject(record),
            "predicateType": form.kind,
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


def read_record(
    form: Form[Record], data: bytes, name: str, trusted: tuple[PublicKey, ...] | None
) -> Stated[Record]:
    """What the bundle says; with `trusted` it must be signed by one of those keys. Raises
    VerificationError where it is not, or is no such statement."""
    envelope = read_bundle(data, name)
    key = signed_by(envelope, trusted) if trusted is not None else None
    if trusted is not None and key is None:
        raise VerificationError(
            form.unsigned,
            where=name,
            got=said("key {key_id}", key_id=envelope.key_id),
            wanted=said("a signature of one of: {keys}", keys=", ".join(k.key_id for k in trusted)),
            hint=form.ask,
        )
    try:
        statement = statement_of(envelope.payload, form.kind)
        predicate = object_of(statement, "predicate")
        check_critical(predicate, [_RECORD])
        record = from_plain(form.record, predicate.get(_RECORD), _RECORD)
        if statement.get("subject") != form.subject(record):
            raise StrictJsonError("the subject is not that of the record")
        return Stated(
            record,
            read_time(predicate, "issuedAt"),
            text_of(object_of(predicate, "tool"), "version"),
            envelope.key_id,
            key.key_id if key is not None else None,
            hashlib.sha256(envelope.payload).hexdigest(),
        )
    except (StrictJsonError, ValueError) as error:
        raise VerificationError(
            form.other,
            where=name,
            got=str(error),
            wanted=said("a statement of type {kind}", kind=form.kind),
            hint=form.maker,
        ) from error

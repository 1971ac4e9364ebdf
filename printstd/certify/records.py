"""Statements that carry one record: of a machine's capability, of a part's passport.

In-toto Statement v1; the record is the predicate's one critical field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar

from printstd.artifacts.codec import from_plain, to_plain
from printstd.certify.dsse import read_bundle
from printstd.certify.fields import check_critical, object_of, read_time, statement_of, text_of
from printstd.certify.keys import PublicKey
from printstd.certify.predicates import STATEMENT_TYPE, ToolFacts
from printstd.certify.signers import (
    NobodyTrusted,
    Role,
    Signatory,
    StampRoots,
    StampSeen,
    signatory,
    stamps_of,
)
from printstd.certify.strict_json import StrictJsonError, canonical
from printstd.errors import VerificationError
from printstd.words import said

_RECORD: Final = "record"
Record = TypeVar("Record")
Trusted = tuple[PublicKey, ...] | Role | None
"""Keys, or all whom a policy trusts; None to read what nobody vouches for."""


@dataclass(frozen=True, slots=True)
class Stated(Generic[Record]):
    """What a statement says. by : whoever is trusted and signed it; None where it was read without
    such a one. sha256 : of the signed payload."""

    record: Record
    issued_at: str
    tool_version: str
    claimed_key_id: str
    by: Signatory | None
    sha256: str
    payload: bytes
    stamps: tuple[StampSeen, ...] = ()

    @property
    def key_id(self) -> str | None:
        return self.by.key_id if self.by is not None else None


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
    form: Form[Record],
    data: bytes,
    name: str,
    trusted: Trusted,
    now: str = "",
    stamps: StampRoots | None = None,
) -> Stated[Record]:
    """What the bundle says; with `trusted` somebody of them must have signed it. Raises
    VerificationError where nobody did, or it is no such statement.

    now : UTC time, for certificates; needless where only keys are trusted.
    """
    envelope = read_bundle(data, name)
    by: Signatory | None = None
    seen: tuple[StampSeen, ...] = ()
    if trusted is not None:
        role = trusted if isinstance(trusted, Role) else Role(trusted)
        try:
            seen = stamps_of(envelope, stamps or StampRoots())
            by = signatory(envelope, role, seen, now)
        except NobodyTrusted as error:
            raise VerificationError(
                form.unsigned,
                where=name,
                got=str(error),
                wanted=said("a signature of one of: {keys}", keys=role.names()),
                hint=form.ask,
            ) from error
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
            by,
            hashlib.sha256(envelope.payload).hexdigest(),
            envelope.payload,
            seen,
        )
    except (StrictJsonError, ValueError) as error:
        raise VerificationError(
            form.other,
            where=name,
            got=str(error),
            wanted=said("a statement of type {kind}", kind=form.kind),
            hint=form.maker,
        ) from error

"""Revocations: a signed statement that another statement no longer counts, and lists of them.

``revocation/v1`` has the revoked statements as its subjects, by the digest of their payloads. A
``revocation-list/v1`` says at a time which revocations there are: with it, one that was taken out
of a folder is noticed, and a policy can want the list to be fresh. Source: facts of certification
3.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from printstd.certify.fields import (
    MAX_SUBJECTS,
    object_of,
    read_subjects,
    read_time,
    sha256_of,
    statement_of,
    text_of,
)
from printstd.certify.predicates import REVOCATION, REVOCATION_LIST, STATEMENT_TYPE
from printstd.certify.strict_json import StrictJsonError, canonical

MAX_LISTED: Final = 5000


@dataclass(frozen=True, slots=True)
class Revocation:
    """What a revocation says. revoked : digests of the payloads that no longer count.
    superseded_by : of the payload that counts instead. sha256 : of its own payload."""

    revoked: tuple[str, ...]
    reason: str
    issued_at: str
    superseded_by: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class RevocationList:
    """revocations : digests of the payloads of all revocations that there are."""

    revocations: tuple[str, ...]
    issued_at: str


def revocation_statement(
    revoked: Sequence[tuple[str, bytes]],
    *,
    reason: str,
    superseded_by: bytes | None,
    issued_at: str,
) -> bytes:
    """The payload of a revocation. revoked : (display name, payload) of each statement.
    superseded_by : the payload of the one that counts instead."""
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [
                {"name": name, "digest": {"sha256": _digest(payload)}} for name, payload in revoked
            ],
            "predicateType": REVOCATION,
            "predicate": {
                "critical": ["reason", "supersededBy"],
                "issuedAt": issued_at,
                "reason": reason,
                "supersededBy": (
                    None if superseded_by is None else {"sha256": _digest(superseded_by)}
                ),
            },
        }
    )


def list_statement(revocations: Sequence[bytes], *, issued_at: str) -> bytes:
    """The payload of a list. revocations : the payload of every revocation that there is."""
    digests = sorted({_digest(payload) for payload in revocations})
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": "revocations", "digest": {"sha256": _of_list(digests)}}],
            "predicateType": REVOCATION_LIST,
            "predicate": {
                "critical": ["revocations"],
                "issuedAt": issued_at,
                "revocations": digests,
            },
        }
    )


def _digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def _of_list(digests: Sequence[str]) -> str:
    """A list's subject: the digest of its lines."""
    return _digest("".join(f"{digest}\n" for digest in digests).encode("ascii"))


def read_revocation(payload: bytes) -> Revocation | RevocationList:
    """What a verified payload says; StrictJsonError where it is neither of the two."""
    statement = statement_of(payload, REVOCATION, REVOCATION_LIST)
    kind = statement["predicateType"]
    predicate = object_of(statement, "predicate")
    known = {"reason", "supersededBy"} if kind == REVOCATION else {"revocations"}
    critical = predicate.get("critical")
    if not isinstance(critical, list) or not all(
        isinstance(field, str) and field in known and field in predicate for field in critical
    ):
        raise StrictJsonError("critical: fields that this version does not know")
    subjects = read_subjects(statement)
    digests = tuple(sha256_of(one.get("digest"), "sha256") for one in subjects)
    issued_at = read_time(predicate, "issuedAt")
    if kind == REVOCATION:
        instead = predicate.get("supersededBy")
        return Revocation(
            digests,
            text_of(predicate, "reason"),
            issued_at,
            None if instead is None else sha256_of(instead, "sha256"),
            _digest(payload),
        )
    listed = _listed(predicate)
    if digests != (_of_list(listed),):
        raise StrictJsonError("the subject is not the list's")
    return RevocationList(listed, issued_at)


def _listed(predicate: dict[str, Any]) -> tuple[str, ...]:
    rows = predicate.get("revocations")
    if not isinstance(rows, list) or len(rows) > MAX_LISTED:
        raise StrictJsonError(f"revocations: a list of at most {MAX_LISTED} is wanted")
    listed = tuple(sha256_of({"sha256": row}, "sha256") for row in rows)
    if list(listed) != sorted(set(listed)):
        raise StrictJsonError("revocations: rising digests are wanted, each once")
    return listed


__all__ = [
    "MAX_LISTED",
    "MAX_SUBJECTS",
    "Revocation",
    "RevocationList",
    "list_statement",
    "read_revocation",
    "revocation_statement",
]

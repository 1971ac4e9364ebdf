"""The form that every signed statement has, and its fields, each of the type that the form demands.

Whatever is otherwise is a StrictJsonError. Source: in-toto Statement v1; facts of certification 1.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Any, Final, TypeVar

from printstd.certify.dsse import MAX_PAYLOAD_BYTES, read_bundle
from printstd.certify.predicates import STATEMENT_TYPE
from printstd.certify.strict_json import StrictJsonError, parse
from printstd.errors import VerificationError

MAX_SUBJECTS: Final = 64
Kind = TypeVar("Kind", bound=StrEnum)

_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")


def statement_of(payload: bytes, *kinds: str) -> dict[str, Any]:
    """A payload as a statement whose predicate is of one of these types."""
    statement = parse(payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
        raise StrictJsonError(f"_type is not {STATEMENT_TYPE}")
    if statement.get("predicateType") not in kinds:
        raise StrictJsonError(f"predicateType {statement.get('predicateType')!r}")
    return statement


def is_of_kind(bundle: bytes, kind: str) -> bool:
    """Does this file hold a statement of that type, by its own claim? Nothing is verified."""
    try:
        payload = read_bundle(bundle, "").payload
        statement = parse(payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
    except (VerificationError, StrictJsonError):
        return False
    return isinstance(statement, dict) and statement.get("predicateType") == kind


def check_critical(predicate: dict[str, Any], wanted: Collection[str]) -> None:
    """The critical fields are these, in this order: a reader of another version does not know."""
    if predicate.get("critical") != list(wanted):
        raise StrictJsonError("critical: fields that this version does not know")


def read_subjects(statement: dict[str, Any]) -> list[dict[str, Any]]:
    subject = statement.get("subject")
    if not isinstance(subject, list) or not 1 <= len(subject) <= MAX_SUBJECTS:
        raise StrictJsonError(f"subject: a list of 1 to {MAX_SUBJECTS} is wanted")
    for one in subject:
        if not isinstance(one, dict):
            raise StrictJsonError("subject: each is an object")
        digest_of(one)
    return subject


def object_of(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    if not isinstance(value, dict):
        raise StrictJsonError(f"{key}: missing")
    return value


def text_of(parent: dict[str, Any], key: str) -> str:
    value = parent.get(key)
    if not isinstance(value, str):
        raise StrictJsonError(f"{key}: a text is wanted")
    return value


def list_of(parent: dict[str, Any], key: str) -> list[Any]:
    value = parent.get(key)
    if not isinstance(value, list):
        raise StrictJsonError(f"{key}: a list is wanted")
    return value


def texts_of(parent: dict[str, Any], key: str) -> tuple[str, ...]:
    value = parent.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise StrictJsonError(f"{key}: a list of texts is wanted")
    return tuple(value)


def read_time(parent: dict[str, Any], key: str) -> str:
    value = text_of(parent, key)
    if not _TIME.match(value):
        raise StrictJsonError(f"{key}: a UTC time is wanted, YYYY-MM-DDTHH:MM:SSZ")
    return value


def sha256_of(parent: Any, key: str) -> str:
    value = parent.get(key) if isinstance(parent, dict) else None
    if not isinstance(value, str) or not _SHA256.match(value):
        raise StrictJsonError(f"{key}: 64 hexadecimal digits are wanted")
    return value


def digest_of(parent: dict[str, Any]) -> str:
    return sha256_of(object_of(parent, "digest"), "sha256")


def member_of(kind: type[Kind], parent: dict[str, Any], key: str) -> Kind:
    value = text_of(parent, key)
    members = [member.value for member in kind]
    if value not in members:
        raise StrictJsonError(f"{key}: {value[:40]!r} is not one of {', '.join(members)}")
    return kind(value)

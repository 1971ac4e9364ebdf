"""A Simple Verification Result beside the re-check: what passed, in words that engines which know
nothing of printstd can gate on.

Predicate type ``https://in-toto.io/attestation/svr/v0.2``: verifier.id, timeCreated, properties.
Only what passed is listed, so nothing is written of a program whose verdict is not PASSED.
"""

from __future__ import annotations

from dataclasses import dataclass

from printstd.certify.dsse import read_bundle, sign_bundle
from printstd.certify.fields import (
    object_of,
    read_subjects,
    read_time,
    sha256_of,
    statement_of,
    text_of,
    texts_of,
)
from printstd.certify.predicates import RECHECK, STATEMENT_TYPE, SVR
from printstd.certify.reading import Said, read_statement
from printstd.certify.strict_json import canonical
from printstd.ports import Signer
from printstd.profiles.decision import Outcome

GEOMETRY_RULES = ("G-",)
MACHINE_RULES = ("M-",)


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What a result says. subjects : SHA-256 of each."""

    verifier: str
    issued_at: str
    properties: tuple[str, ...]
    subjects: tuple[str, ...]


def svr_statement(recheck: Said, payload: bytes) -> bytes | None:
    """The payload of a result that says what the re-check says; None where that is no PASSED.

    payload : of the re-check, whose subjects it shares.
    """
    if recheck.verdict is not Outcome.PASSED:
        return None
    statement = statement_of(payload, RECHECK)
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": statement["subject"],
            "predicateType": SVR,
            "predicate": {
                "verifier": {"id": f"https://printstd.example/audit/{recheck.tool_version}"},
                "timeCreated": recheck.issued_at,
                "properties": list(_properties(recheck)),
            },
        }
    )


def sign_svr(recheck: bytes, name: str, signer: Signer) -> bytes | None:
    """A bundle of the result of a re-check's bundle; None where that says no."""
    payload = read_bundle(recheck, name).payload
    result = svr_statement(read_statement(payload), payload)
    return None if result is None else sign_bundle(result, signer)


def _properties(recheck: Said) -> tuple[str, ...]:
    """Scoped, as the predicate's text wants it. A group of rules counts where it was decided:
    nothing of it was left undecided by permission."""
    found = ["PRINTSTD_VERDICT_PASSED", "PRINTSTD_C2"]
    for name, starts in (("GEOMETRY", GEOMETRY_RULES), ("MACHINE", MACHINE_RULES)):
        ran = [row.rule_id for row in recheck.rows if row.rule_id.startswith(starts)]
        waived = [rule for rule in recheck.allowed_undecided if rule.startswith(starts)]
        if ran and not waived:
            found.append(f"PRINTSTD_{name}_OK")
    return tuple(found)


def read_svr(payload: bytes) -> VerificationResult:
    """What a verified payload says; StrictJsonError where it is no result."""
    statement = statement_of(payload, SVR)
    predicate = object_of(statement, "predicate")
    return VerificationResult(
        text_of(object_of(predicate, "verifier"), "id"),
        read_time(predicate, "timeCreated"),
        texts_of(predicate, "properties"),
        tuple(sha256_of(one.get("digest"), "sha256") for one in read_subjects(statement)),
    )

"""Certificate and CertifiedProgram: certify -> pipeline, farm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Certificate:
    """A Sigstore bundle as it was signed: `payload` is never re-serialised."""

    bundle: bytes
    payload: bytes
    """The in-toto statement's bytes, exactly as signed."""
    predicate_type: str
    key_id: str


@dataclass(frozen=True, slots=True, eq=False)
class CertifiedProgram:
    """A program whose certificates verified. Constructed in `certify.verify` alone
    (an architecture test holds it there): having one is the proof of trust."""

    data: bytes
    generation: Certificate | None
    recheck: Certificate
    level: str

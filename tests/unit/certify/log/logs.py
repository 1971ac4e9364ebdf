"""Logs, keys and certificates made in memory, for tests."""

from __future__ import annotations

from pathlib import Path

from printstd.adapters.log_store import DatabaseLog, new_log
from printstd.certify.dsse import sign_bundle
from printstd.certify.log.notes import COSIGNATURE, ED25519, Verifier
from printstd.certify.strict_json import canonical
from tests.unit.certify.signing import signer

ORIGIN = "bureau.example/log"


def key(name: str = ORIGIN, kind: int = ED25519):
    """(public, signer)."""
    own = signer("ed25519")
    return Verifier(name, kind, own.public.key.public_bytes_raw()), own


def witness_key(name: str):
    return key(name, COSIGNATURE)


CERTIFIER = signer()


def bundle(serial: str) -> bytes:
    """A certificate of something."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [],
        "predicateType": "https://printstd.example/gcode-certificate/v1",
        "predicate": {"serial": serial},
    }
    return sign_bundle(canonical(statement), CERTIFIER)


def revocation(payload_sha256: str) -> bytes:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "taken back", "digest": {"sha256": payload_sha256}}],
        "predicateType": "https://printstd.example/revocation/v1",
        "predicate": {"reason": "wrong material"},
    }
    return sign_bundle(canonical(statement), CERTIFIER)


def new(path: Path):
    """(store, log's key, its signer)."""
    public, own = key()
    store: DatabaseLog = new_log(str(path), public, own)
    return store, public, own

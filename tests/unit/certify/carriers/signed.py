"""Keys made in memory, and the statements about one small program that they signed."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable
from typing import Any

from printstd.adapters.keys import FileSigner
from printstd.certify.dsse import sign_bundle
from printstd.certify.strict_json import canonical
from tests import small_part
from tests.unit.certify.signing import signer

Files = dict[str, bytes]
KINDS = ("p256", "ed25519", "rsa")
OLD = "1970-01-01T00:00:00Z"


@functools.cache
def _made(kind: str) -> FileSigner:
    return signer(kind)


def key(kind: str = "p256") -> FileSigner:
    return _made(kind)


@functools.cache
def stranger() -> FileSigner:
    return signer()


@functools.cache
def _pair(kind: str) -> small_part.Pair:
    return small_part.pair(key(kind))


def pair(kind: str = "p256") -> small_part.Pair:
    return _pair(kind)


def statement_of(bundle: bytes) -> Any:
    return json.loads(base64.b64decode(json.loads(bundle)["dsseEnvelope"]["payload"]))


def resigned(bundle: bytes, change: Callable[[Any], None], by: FileSigner | None = None) -> bytes:
    """The statement changed and signed again: what a dishonest or careless signer could make."""
    statement = statement_of(bundle)
    change(statement)
    return sign_bundle(canonical(statement), by or key())


def same(statement: Any) -> None:
    """Nothing changed: signed by somebody else."""

"""What faults of containers are put into: a program with both certificates, the keys that are
trusted and the time; and what such an operator is.

A family of containers is a module with `FAMILY` and `OPERATORS`, named in `operators.CONTAINERS`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from printstd.adapters.keys import FileSigner
from printstd.certify.dsse import sign_bundle
from printstd.certify.keys import PublicKey
from printstd.certify.policy import TrustPolicy, trusting
from printstd.certify.strict_json import canonical
from printstd.certify.verify import Verified, verify_program
from printstd.errors import InputError, VerificationError
from tests import small_part
from tests.unit.certify.signing import signer

LATER = "2026-10-01T00:00:00Z"


@dataclass(frozen=True)
class Certified:
    """generation, recheck : bundles; None where the file is not there. policy : what the reader
    trusts. signer : the maker's own key, which a fault may use as a dishonest maker could."""

    program: bytes
    generation: bytes | None
    recheck: bytes | None
    policy: Callable[[], TrustPolicy]
    signer: FileSigner
    now: str = LATER

    def verified(self) -> Verified:
        """Or the error that says why not."""
        return verify_program(
            self.program,
            generation=None if self.generation is None else ("p.cert.json", self.generation),
            recheck=None if self.recheck is None else ("p.recheck.json", self.recheck),
            policy=self.policy(),
            now=self.now,
        )

    @property
    def refusal(self) -> str:
        """Why it is refused; a verdict that is no; empty where all verifies and passed."""
        try:
            found = self.verified()
        except (VerificationError, InputError) as error:
            return str(error)
        return "" if found.program is not None else f"signed verdict {found.outcome.value}"

    def trusting(self, *keys: PublicKey) -> Certified:
        return replace(self, policy=lambda: trusting(keys, "--trust"))

    def with_recheck(self, change: Callable[[bytes], bytes]) -> Certified:
        assert self.recheck is not None
        return replace(self, recheck=change(self.recheck))

    def with_json(self, change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Certified:
        """The re-check's bundle changed as parsed, (bundle, envelope), and written again."""

        def edit(bundle: bytes) -> bytes:
            parsed = json.loads(bundle)
            change(parsed, parsed["dsseEnvelope"])
            return json.dumps(parsed).encode()

        return self.with_recheck(edit)

    def stated(
        self, change: Callable[[dict[str, Any]], object], *, generation: bool = False
    ) -> Certified:
        """One statement changed and signed again by the maker; a changed generation's new digest
        goes into the re-check, as a dishonest maker would see to."""
        if not generation:
            return self.with_recheck(lambda bundle: resigned(bundle, change, self.signer))
        assert self.generation is not None
        made = resigned(self.generation, change, self.signer)
        digest = {"sha256": hashlib.sha256(payload_of(made)).hexdigest()}
        again = replace(self, generation=made)
        return again.stated(lambda s: s["predicate"].update(certificate=digest))


def payload_of(bundle: bytes) -> bytes:
    return base64.b64decode(json.loads(bundle)["dsseEnvelope"]["payload"])


def resigned(bundle: bytes, change: Callable[[dict[str, Any]], object], by: FileSigner) -> bytes:
    statement = json.loads(payload_of(bundle))
    change(statement)
    return sign_bundle(canonical(statement), by)


def signed_text(payload: bytes, by: FileSigner) -> bytes:
    return sign_bundle(payload, by)


@functools.cache
def honest(kind: str = "p256") -> Certified:
    """The small part's program with certificates that verify, by a key made for it."""
    own = signer(kind)
    pair = small_part.pair(own)
    public = own.public
    return Certified(
        pair.program, pair.generation, pair.recheck, lambda: trusting((public,), "--trust"), own
    )


@dataclass(frozen=True)
class ContainerOperator:
    """One fault of a certificate. expected : words of the refusal that must be given; empty where
    the mutant is right to verify, and `allowed_because` says why."""

    id: str
    family: str
    expected: str
    edit: Callable[[Certified, random.Random], Certified]
    about: str
    allowed_because: str = ""

    def mutant(self, seed: int = 0) -> Certified:
        return self.edit(honest(), random.Random(f"{self.id} {seed}"))

"""Python libraries that are not ours read what we wrote: securesystemslib the envelopes,
rfc3161-client the stamps and our requests for them (extra `e2e`)."""

from __future__ import annotations

import base64
import importlib.util
import json
import os

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from printstd.certify.stamps import stamp_request
from tests.golden import bundles

REQUIRED = os.environ.get("PRINTSTD_PEERS_REQUIRED") == "1"


def needed(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        if REQUIRED:
            pytest.fail(f"not installed: {module} (pip install '.[e2e]')")
        pytest.skip(f"not installed: {module}")


@pytest.mark.parametrize(
    "case", [one for one in bundles.cases() if one.key is not None], ids=lambda case: case.name
)
def test_securesystemslib_verifies_the_envelope_and_no_damaged_one(case):
    needed("securesystemslib")
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import SSlibKey

    def accepts(one: bundles.Case) -> bool:
        envelope = json.loads(one.bundle)["dsseEnvelope"]
        key_id = envelope["signatures"][0]["keyid"]
        key = SSlibKey.from_crypto(load_pem_public_key(one.key), keyid=key_id, scheme=scheme(one))
        try:
            Envelope.from_dict(envelope).verify([key], 1)
        except VerificationError:
            return False
        return True

    def scheme(one: bundles.Case) -> str | None:
        return "rsa-pkcs1v15-sha256" if b"rsa" in one.name.encode() else None

    assert accepts(case)
    others = {name: bad for name, bad in bundles.all_damaged() if name.startswith(case.name)}
    for what in ("another statement", "a cut statement", "another signature"):
        assert not accepts(others[f"{case.name}: {what}"]), what


def test_rfc3161_client_verifies_our_stamps_and_reads_our_request():
    needed("rfc3161_client")
    from rfc3161_client import VerifierBuilder, decode_timestamp_response
    from rfc3161_client.errors import VerificationError

    for case in bundles.cases():
        if case.stamps is None:
            continue
        bundle = json.loads(case.bundle)
        data = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
        reply = decode_timestamp_response(base64.b64decode(data[0]["signedTimestamp"]))
        signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
        verifier = (
            VerifierBuilder()
            .add_root_certificate(x509.load_pem_x509_certificate(case.stamps))
            .build()
        )
        assert verifier.verify_message(reply, signature)
        with pytest.raises(VerificationError):
            verifier.verify_message(reply, signature + b"!")
        from rfc3161_client import TimestampRequestBuilder

        theirs = TimestampRequestBuilder().data(signature).nonce(nonce=False).build()
        # Theirs names its hash (SHA-512) and we SHA-256; apart from that the form is one.
        ours = stamp_request(signature)
        assert len(theirs.as_bytes()) - 64 == len(ours) - 32

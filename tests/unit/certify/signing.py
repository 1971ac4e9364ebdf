"""Signers over keys made in memory, for tests."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from printstd.adapters.keys import FileSigner
from printstd.certify.keys import public_key_of


def signer(kind: str = "p256") -> FileSigner:
    if kind == "ed25519":
        private = ed25519.Ed25519PrivateKey.generate()
    elif kind == "rsa":
        private = rsa.generate_private_key(65537, 2048)
    else:
        private = ec.generate_private_key(ec.SECP256R1())
    return FileSigner(private, public_key_of(private.public_key(), "made in memory"))

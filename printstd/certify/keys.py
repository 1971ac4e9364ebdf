"""Public keys: what they are called and how they verify. Private keys live behind `Signer`.

P-256 is the default, Ed25519 the option, RSA of at least 2048 bits accepted (national PKI).
The algorithm follows from the trusted key, never from the file that is verified.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from printstd.errors import InputError
from printstd.words import said

Supported = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True, eq=False)
class PublicKey:
    """A key that may be trusted. `key_id` is the SHA-256 of its SubjectPublicKeyInfo, hex."""

    key: Supported
    key_id: str
    algorithm: str

    def verifies(self, message: bytes, signature: bytes) -> bool:
        try:
            if isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, message)
            elif isinstance(self.key, ec.EllipticCurvePublicKey):
                self.key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            else:
                self.key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


def _refuse(what: str, name: str, got: str) -> InputError:
    return InputError(
        what,
        where=name,
        got=got,
        wanted=said("a PEM public key: ECDSA P-256, Ed25519 or RSA of at least 2048 bits"),
        hint=said("`printstd keys new NAME` makes NAME.key and NAME.pub"),
    )


def public_key_of(key: object, name: str) -> PublicKey:
    """A cryptography key object as a PublicKey; InputError for kinds that are not accepted."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name != "secp256r1":
            raise _refuse(said("this elliptic curve is not accepted"), name, key.curve.name)
        algorithm = "ecdsa-p256-sha256"
    elif isinstance(key, ed25519.Ed25519PublicKey):
        algorithm = "ed25519"
        if key.public_bytes_raw() in SMALL_ORDER:
            raise _refuse(
                said("this Ed25519 key is of small order"), name, said("anyone can sign for it")
            )
    elif isinstance(key, rsa.RSAPublicKey):
        if key.key_size < 2048:
            raise _refuse(
                said("this RSA key is too short"),
                name,
                said("{key_size} bits", key_size=key.key_size),
            )
        algorithm = "rsa-pkcs1v15-sha256"
    else:
        raise _refuse(said("this kind of key is not accepted"), name, type(key).__name__)
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PublicKey(key, hashlib.sha256(der).hexdigest(), algorithm)


def load_public_key(pem: bytes, name: str) -> PublicKey:
    """The public key in PEM bytes. `name` is only for messages."""
    if b"PRIVATE KEY" in pem:
        raise _refuse(said("a private key is no trust anchor"), name, said("a private key"))
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError) as error:
        raise _refuse(said("cannot read the public key"), name, str(error)) from error
    return public_key_of(key, name)


def public_pem(key: PublicKey) -> bytes:
    return key.key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


# The eight points of order 1, 2, 4 and 8 on edwards25519 (y, sign bit), in every encoding
# that decoders accept: signatures verify under them for any message (RFC 8032 section 8.9's
# concern; list as in libsodium's ge25519_has_small_order).
SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
)

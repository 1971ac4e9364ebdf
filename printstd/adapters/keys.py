"""Signing keys in files: PKCS#8 PEM, mode 0600, optionally under a passphrase."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from printstd.adapters.files import read_file, staged
from printstd.certify.keys import PublicKey, load_public_key, public_key_of, public_pem
from printstd.errors import InputError, UsageError
from printstd.words import said

Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PASSPHRASE_VARIABLE = "PRINTSTD_KEY_PASSPHRASE"
PASSPHRASE_FILE_VARIABLE = "PRINTSTD_KEY_PASSPHRASE_FILE"
MAX_KEY_BYTES = 64 << 10


@dataclass(frozen=True, slots=True, eq=False)
class FileSigner:
    """A `Signer` over a private key that was read from a file."""

    private: Private
    public: PublicKey
    certificate: bytes | None = None

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key does not leave its process")

    def __repr__(self) -> str:
        return f"FileSigner({self.public.algorithm}, {self.public.key_id[:16]}…)"

    @property
    def key_id(self) -> str:
        return self.public.key_id

    @property
    def algorithm(self) -> str:
        return self.public.algorithm

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())


def new_key(path: Path, *, algorithm: str, passphrase: bytes | None) -> PublicKey:
    """Write PATH.key (0600) and PATH.pub; UsageError where either stands already."""
    secret_path, public_path = (
        path.with_name(path.name + ".key"),
        path.with_name(path.name + ".pub"),
    )
    for existing in (secret_path, public_path):
        if os.path.lexists(existing):
            raise UsageError(
                said("a key is never overwritten"),
                where=str(existing),
                got=said("something of that name is there"),
                wanted=said("a new name"),
                hint=said("choose another name, or move the old key away"),
            )
    private: Private = (
        ed25519.Ed25519PrivateKey.generate()
        if algorithm == "ed25519"
        else ec.generate_private_key(ec.SECP256R1())
    )
    encryption: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    public = public_key_of(private.public_key(), str(path))
    with (
        staged({secret_path: pem}, mode=0o600) as commit_secret,
        staged({public_path: public_pem(public)}) as commit_public,
    ):
        commit_secret()
        commit_public()
    return public


def passphrase_for(name: str, *, may_ask: bool) -> bytes | None:
    """The passphrase of a key or token: from PRINTSTD_KEY_PASSPHRASE, from the file that
    PRINTSTD_KEY_PASSPHRASE_FILE names (its first line), or asked on the terminal."""
    if text := os.environ.get(PASSPHRASE_VARIABLE):
        return text.encode("utf-8")
    if file := os.environ.get(PASSPHRASE_FILE_VARIABLE):
        lines = read_file(Path(file), max_bytes=MAX_KEY_BYTES).splitlines()
        return lines[0] if lines else None
    if not may_ask:
        return None
    from getpass import getpass

    return getpass(f"{name}: ").encode("utf-8") or None


def load_signer(path: Path, *, may_ask: bool = False) -> FileSigner:
    """The private key in a PEM file; its passphrase, if any, as in `passphrase_for`."""
    pem = read_file(path, max_bytes=MAX_KEY_BYTES)
    passphrase = passphrase_for(str(path), may_ask=may_ask) if b"ENCRYPTED" in pem else None
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError) as error:
        raise InputError(
            said("cannot read the signing key"),
            where=str(path),
            got=str(error),
            wanted=said("a PKCS#8 PEM private key: ECDSA P-256, Ed25519 or RSA"),
            hint=said(
                "`printstd keys new NAME` makes one; a passphrase goes in {variable}",
                variable=PASSPHRASE_VARIABLE,
            ),
        ) from error
    if not isinstance(
        key, (ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, rsa.RSAPrivateKey)
    ):
        raise InputError(
            said("this kind of key cannot sign here"),
            where=str(path),
            got=type(key).__name__,
            wanted=said("ECDSA P-256, Ed25519 or RSA"),
            hint=said("`printstd keys new NAME` makes one"),
        )
    return FileSigner(key, public_key_of(key.public_key(), str(path)))


def load_trusted(path: Path) -> tuple[PublicKey, ...]:
    """The public key in a file, or those of all ``*.pub`` and ``*.pem`` files of a folder."""
    if path.is_dir():
        files = sorted(f for f in path.iterdir() if f.suffix in (".pub", ".pem") and f.is_file())
        if not files:
            raise InputError(
                said("no key in this folder"),
                where=str(path),
                got=said("no *.pub and no *.pem"),
                wanted=said("public keys"),
                hint=said("copy the public keys that you trust into it"),
            )
    else:
        files = [path]
    return tuple(load_public_key(read_file(f, max_bytes=MAX_KEY_BYTES), str(f)) for f in files)

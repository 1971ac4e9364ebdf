"""Signing keys in tokens: smart cards and HSMs behind PKCS#11, named by an RFC 7512 URI.

    pkcs11:token=Press;object=line-1?module-path=/usr/lib/softhsm/libsofthsm2.so

Needs the extra `hsm` (python-pkcs11). The private key never leaves the token: digests or messages
go in, signatures come out. The PIN comes as passphrases of key files do, never from the URI.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote

from printstd.adapters.keys import PASSPHRASE_VARIABLE, passphrase_for
from printstd.certify.keys import PublicKey, public_key_of
from printstd.errors import InputError, OutsideError, UsageError
from printstd.words import said

MODULE_VARIABLE = "PRINTSTD_PKCS11_MODULE"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """What a URI names. key_id : CKA_ID, where it tells one."""

    token: str | None
    label: str | None
    key_id: bytes | None
    module: str


def read_uri(uri: str, default_module: str | None) -> TokenKey:
    """UsageError where the URI means nothing, or holds a PIN: it would stand in lists of
    processes."""
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    found: dict[str, str] = {}
    for part in [*path.split(";"), *(query.split("&") if query else [])]:
        name, sign, value = part.partition("=")
        if not sign or name in found:
            raise _bad(uri, said("{part!r}", part=part))
        found[name] = unquote(value)
    if "pin-value" in found:
        raise UsageError(
            said("a PIN does not belong in the URI of a key"),
            got="pin-value",
            wanted=said("the PIN in {variable}", variable=PASSPHRASE_VARIABLE),
            hint=said("everybody on this machine can read the command line of a process"),
        )
    unknown = sorted(set(found) - {"token", "object", "id", "type", "module-path"})
    if unknown or found.get("type", "private") != "private":
        raise _bad(uri, ", ".join(unknown) or f"type={found['type']}")
    module = found.get("module-path", default_module)
    if module is None:
        raise _bad(uri, said("no module-path"))
    raw = path_id(path)
    if "object" not in found and raw is None:
        raise _bad(uri, said("neither object nor id"))
    return TokenKey(found.get("token"), found.get("object"), raw, module)


def path_id(path: str) -> bytes | None:
    """The ``id``, whose escapes are bytes and no text."""
    from urllib.parse import unquote_to_bytes

    for part in path.split(";"):
        name, _, value = part.partition("=")
        if name == "id":
            return unquote_to_bytes(value)
    return None


def _bad(uri: str, got: str) -> UsageError:
    return UsageError(
        said("this names no key of a token"),
        where=uri,
        got=got,
        wanted="pkcs11:token=NAME;object=KEY?module-path=/path/to/module.so",
        hint=said(
            "the module's path may stand in {variable} instead; see docs/certificates.md",
            variable=MODULE_VARIABLE,
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class TokenSigner:
    """A `Signer` over a private key in a token. session : kept open while it is used."""

    session: Any
    private: Any
    public: PublicKey
    certificate: bytes | None = None

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token's session does not leave its process")

    @property
    def key_id(self) -> str:
        return self.public.key_id

    @property
    def algorithm(self) -> str:
        return self.public.algorithm

    def sign(self, message: bytes) -> bytes:
        import pkcs11

        try:
            signature = self._sign(message)
        except pkcs11.PKCS11Error as error:
            raise _failed(said("the token did not sign"), error, None) from error
        if not self.public.verifies(message, signature):
            raise OutsideError(
                said("the token's signature does not hold under its public key"),
                got=said("key {key_id}", key_id=self.key_id),
                wanted=said("a private and a public key that belong together"),
                hint=said("look at the token's objects; two keys may have one label"),
            )
        return signature

    def _sign(self, message: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
        from pkcs11 import Mechanism

        if self.algorithm.startswith("ecdsa"):
            # Not all tokens hash for ECDSA; the two numbers come out side by side.
            raw = self.private.sign(hashlib.sha256(message).digest(), mechanism=Mechanism.ECDSA)
            half = len(raw) // 2
            numbers = (int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
            return encode_dss_signature(*numbers)
        mechanism = Mechanism.EDDSA if self.algorithm == "ed25519" else Mechanism.SHA256_RSA_PKCS
        return bytes(self.private.sign(message, mechanism=mechanism))


def load_token_signer(uri: str, *, may_ask: bool) -> TokenSigner:
    """The key that a URI names. Raises UsageError where the extra is not there, InputError where
    the token has no such key, OutsideError where it or its module does not answer."""
    import os

    try:
        import pkcs11
    except ImportError as error:
        raise UsageError(
            said("keys in tokens need the extra `hsm`"),
            got=said("no python-pkcs11"),
            wanted="pip install 'printstd[hsm]'",
            hint=said("or sign with a key file"),
        ) from error
    named = read_uri(uri, os.environ.get(MODULE_VARIABLE))
    pin = passphrase_for(uri, may_ask=may_ask)
    try:
        token = pkcs11.lib(named.module).get_token(token_label=named.token)
        session = token.open(user_pin=pin.decode("utf-8") if pin is not None else None)
        asked = {"label": named.label, "id": named.key_id}
        private = _only(session, pkcs11.ObjectClass.PRIVATE_KEY, asked, uri)
        public = _only(session, pkcs11.ObjectClass.PUBLIC_KEY, asked, uri)
        return TokenSigner(session, private, public_key_of(_public(public), uri))
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise _failed(said("the token does not answer"), error, uri) from error


def _only(session: Any, kind: Any, asked: dict[str, Any], uri: str) -> Any:
    from pkcs11 import Attribute

    wanted: dict[Any, Any] = {Attribute.CLASS: kind}
    if asked["label"] is not None:
        wanted[Attribute.LABEL] = asked["label"]
    if asked["id"] is not None:
        wanted[Attribute.ID] = asked["id"]
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        raise InputError(
            said("the token has not exactly one such key"),
            where=uri,
            got=said("{count} objects of class {kind}", count=len(found), kind=kind.name),
            wanted=said("one private and one public key of this name"),
            hint=said("give object= and id=; without a PIN a token hides its private keys"),
        )
    return found[0]


def _public(key: Any) -> object:
    """The token's public key as one of `cryptography`'s."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from pkcs11 import Attribute, KeyType

    if key.key_type is KeyType.RSA:
        modulus = int.from_bytes(key[Attribute.MODULUS], "big")
        exponent = int.from_bytes(key[Attribute.PUBLIC_EXPONENT], "big")
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    point = bytes(key[Attribute.EC_POINT])
    # CKA_EC_POINT is an OCTET STRING around the point, in most tokens.
    if len(point) > 2 and point[0] == 4 and point[1] == len(point) - 2:
        point = point[2:]
    try:
        if key.key_type is KeyType.EC:
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        return ed25519.Ed25519PublicKey.from_public_bytes(point)
    except ValueError as error:
        raise InputError(
            said("this kind of key cannot sign here"),
            where=str(key),
            got=str(error),
            wanted=said("ECDSA P-256, Ed25519 or RSA"),
            hint=said("make a key of one of these kinds in the token"),
        ) from error


def _failed(what: str, error: Exception, where: str | None) -> OutsideError:
    return OutsideError(
        what,
        where=where,
        got=str(error) or type(error).__name__,
        wanted=said("a token that is there, its module's path, and its PIN"),
        hint=said(
            "the PIN goes in {variable}; a token locks itself after some wrong ones",
            variable=PASSPHRASE_VARIABLE,
        ),
    )

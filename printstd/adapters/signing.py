"""The key's keeper: a process of its own that alone holds the private key, and signs on demand.

Workers are forks of this process and see all that it has; so the key is never in it. The keeper
reads the key (or opens the token), tells its public half, and answers until this process closes
its end. What passes between them is messages to sign and signatures.
"""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from printstd.adapters.starting import be_a_worker, beside_threads, worker_died
from printstd.certify.keys import PublicKey, load_public_key, public_pem
from printstd.errors import InputError, PrintstdError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.adapters.keys import FileSigner
    from printstd.adapters.tokens import TokenSigner

TOKEN_SCHEME = "pkcs11:"
_ENDING_S = 5.0


def is_token(key: str) -> bool:
    """Is this the name of a key in a token (RFC 7512), and not a file's?"""
    return key.startswith(TOKEN_SCHEME)


class KeptSigner:
    """A `Signer` whose private key is with its keeper."""

    def __init__(self, key: str, certificate: bytes | None = None) -> None:
        """key : a PEM file or a ``pkcs11:`` URI. Raises what reading the key raises."""
        import multiprocessing

        context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._line, theirs = context.Pipe()
        may_ask = sys.stdin is not None and sys.stdin.isatty()
        self._keeper = context.Process(  # type: ignore[attr-defined]
            target=_keep, args=(theirs, self._line, key, may_ask), daemon=True
        )
        with beside_threads():
            self._keeper.start()
        theirs.close()
        pem = self._answer()
        self.public: PublicKey = load_public_key(pem, key)
        self.certificate = certificate

    def __repr__(self) -> str:
        return f"KeptSigner({self.public.algorithm}, {self.public.key_id[:16]}…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signer does not leave its process")

    @property
    def key_id(self) -> str:
        return self.public.key_id

    @property
    def algorithm(self) -> str:
        return self.public.algorithm

    def sign(self, message: bytes) -> bytes:
        self._line.send_bytes(message)
        return self._answer()

    def _answer(self) -> bytes:
        try:
            kind = self._line.recv_bytes()
            if kind == b"ok":
                return self._line.recv_bytes()
            error = self._line.recv()
        except EOFError as gone:
            self._keeper.join(_ENDING_S)
            raise worker_died() from gone
        self.close()
        raise error

    def close(self) -> None:
        self._line.close()
        self._keeper.join(_ENDING_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_signer(key: Path, chain: Path | None = None, now: str | None = None) -> KeptSigner:
    """The signer of a key. chain : PEM certificates, the key's own first; it then travels in the
    bundles. now : UTC time at which the certificate must be valid. Raises InputError where the
    chain is not this key's, no signer's profile, or not valid then: nobody could be convinced by
    what is signed, and whoever verifies would be the first to be told."""
    name = key.as_posix()
    if chain is None:
        return KeptSigner(name)
    from cryptography.hazmat.primitives.serialization import Encoding

    from printstd.adapters.files import read_file
    from printstd.adapters.keys import MAX_KEY_BYTES
    from printstd.certify.chains import (
        ChainError,
        check_order,
        check_profile,
        check_span,
        load_certificates,
        public_key,
        told,
    )

    certificates = load_certificates(read_file(chain, max_bytes=MAX_KEY_BYTES), str(chain))
    leaf = certificates[0]
    check_order(certificates, str(chain))
    try:
        certified = public_key(leaf)
        check_profile(leaf)
        if now is not None:
            check_span(leaf, now)
    except ChainError as error:
        raise InputError(
            said("this certificate is none of a signer's"),
            where=str(chain),
            got=said("{subject}: {error}", subject=told(leaf.subject), error=str(error)),
            wanted=said(
                "CA:FALSE, keyUsage digitalSignature, extendedKeyUsage codeSigning, a URI as "
                "subjectAltName"
            ),
            hint=said("docs/certificates.md shows how to ask an authority for one"),
        ) from error
    signer = KeptSigner(name, leaf.public_bytes(Encoding.DER))
    if signer.key_id != certified.key_id:
        signer.close()
        raise InputError(
            said("this certificate is of another key"),
            where=str(chain),
            got=said("key {key_id}", key_id=certified.key_id),
            wanted=said("key {key_id}, with which you sign", key_id=signer.key_id),
            hint=said("the first certificate of the file must be that of --key"),
        )
    return signer


def _keep(line: Connection, parents: Connection, key: str, may_ask: bool) -> None:
    """The keeper: the key's public half, then a signature for each message, until the line ends."""
    be_a_worker()
    # A fork has the other end too: open here, its closing would never be heard.
    parents.close()
    try:
        signer = _load(key, may_ask)
        _send(line, public_pem(signer.public))
        while True:
            _send(line, signer.sign(line.recv_bytes()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except PrintstdError as error:
        line.send_bytes(b"error")
        line.send(error)


def _load(key: str, may_ask: bool) -> FileSigner | TokenSigner:
    if is_token(key):
        from printstd.adapters.tokens import load_token_signer

        return load_token_signer(key, may_ask=may_ask)
    from printstd.adapters.keys import load_signer

    return load_signer(Path(key), may_ask=may_ask)


def _send(line: Connection, answer: bytes) -> None:
    line.send_bytes(b"ok")
    line.send_bytes(answer)

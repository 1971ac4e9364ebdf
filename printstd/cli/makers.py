"""What the maker of a finished program signed about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.carriers.carried import Carried
    from printstd.pipeline import Generation


class Maker(NamedTuple):
    """What the maker of a program signed: the bundle, and what is taken from it."""

    bundle: bytes
    generation: Generation


def generation_with(path: Path, held: Carried, container_sha256: str | None) -> Maker | None:
    """The statement of the program's maker that stands beside it, or came in its file. It is not
    trusted here, it is named: whoever verifies holds both against their own keys. InputError where
    it speaks of another file: a re-check beside it would be refused by every verifier.

    container_sha256 : what the re-check will say of the file around the program."""
    import hashlib

    from printstd.adapters.files import read_if_present
    from printstd.certify.carriers.chosen import chosen
    from printstd.certify.dsse import MAX_BUNDLE_BYTES, read_bundle
    from printstd.certify.predicates import GENERATION
    from printstd.certify.reading import read_statement
    from printstd.certify.strict_json import StrictJsonError
    from printstd.cli.commands.certify import sidecar
    from printstd.errors import InputError, VerificationError
    from printstd.pipeline import Generation

    file = sidecar(path, "cert")
    digest = hashlib.sha256(held.program).hexdigest()
    bundle = read_if_present(file, max_bytes=MAX_BUNDLE_BYTES)
    if bundle is None:
        bundle = chosen(held.bundles, path.name, digest).get("cert", ("", None))[1]
    if bundle is None:
        return None
    try:
        envelope = read_bundle(bundle, file.name)
        stated = read_statement(envelope.payload)
        got: str = said(
            "{kind}, of a program with sha256 {sha256}",
            kind=stated.kind,
            sha256=stated.subject_sha256,
        )
    except VerificationError as error:
        stated, got = None, error.got or error.what
    except StrictJsonError as error:
        stated, got = None, str(error)
    if (
        stated is None
        or stated.kind != GENERATION
        or stated.demand is None
        or stated.subject_sha256 != digest
        or (container_sha256 is not None and stated.container_sha256 != container_sha256)
    ):
        raise InputError(
            said("the certificate beside this program is not its own"),
            where=str(file),
            got=got,
            wanted=said("the generation certificate of this very program"),
            hint=said("move it away to certify the program as one that anybody made"),
        )
    return Maker(bundle, Generation(envelope.payload, stated.demand))

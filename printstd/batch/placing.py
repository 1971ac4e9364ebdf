"""What a worker left behind, looked at, signed and put in its places."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from printstd.adapters.certificate_files import outdated, sidecar
from printstd.adapters.files import move, read_file, write_all
from printstd.batch.records import CARRIER, FILE, STATEMENT, Product, staged_name
from printstd.batch.vouching import Asked, check_statements, made_of
from printstd.certify.dsse import sign_bundle
from printstd.errors import OutsideError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.batch.entering import Entering
    from printstd.certify.carriers.forms import Form
    from printstd.ports import Signer


class Finish(NamedTuple):
    """What becomes of products. asked : what statements must be about, None where none is asked
    for. signer : of statements. form : of what a certified program is carried in. with_svr : a
    result for other engines is written beside a re-check that passed. log : that statements go
    into."""

    asked: Asked | None
    signer: Signer | None
    form: Form | None = None
    with_svr: bool = False
    log: Entering | None = None


class _Left(NamedTuple):
    """A product, where it lies, and its bytes."""

    product: Product
    path: Path
    data: bytes


def placed(
    products: Sequence[Product], program: Path, staging: Path, finish: Finish
) -> tuple[Product, ...]:
    """Everything in its place, in the order of `products`, with the digests of what is there now.
    program : where the file's program goes. Raises OutsideError, and nothing is in its place, where
    something is not what was asked for."""
    left = [_left(product, program, staging) for product in products]
    stated = [one.data for one in left if one.product.role == STATEMENT]
    if stated:
        own = next((one for one in left if one.product.place == os.fspath(program)), None)
        _check(stated, own, finish)
    bundles: dict[str, bytes] = {}
    finished = [(one, _finished(one, program, bundles, finish)) for one in left]
    _make_folder(program.parent)
    of_old = outdated({place: data for _, written in finished for place, data in written.items()})
    done = []
    for one, written in finished:
        for place, data in written.items():
            if data is one.data:
                move(one.path, place)
            else:
                write_all({place: data})
                one.path.unlink(missing_ok=True)
            role = STATEMENT if one.product.role == STATEMENT else FILE
            done.append(Product(os.fspath(place), hashlib.sha256(data).hexdigest(), role))
    for place in of_old:
        place.unlink(missing_ok=True)
    return tuple(done)


def _left(product: Product, program: Path, staging: Path) -> _Left:
    name = os.path.basename(product.place)
    is_own = name.startswith(program.name)
    is_beside = os.path.dirname(product.place) == os.fspath(program.parent)
    if not is_beside or not is_own or not _is_digest(product.sha256):
        raise foreign(product.place, said("products beside {place}", place=program))
    path = staging / staged_name(product.place, product.sha256)
    data = read_file(path)
    if hashlib.sha256(data).hexdigest() != product.sha256:
        raise foreign(said("other bytes at {place}", place=path.name), product.sha256)
    return _Left(product, path, data)


def _check(stated: Sequence[bytes], own: _Left | None, finish: Finish) -> None:
    if finish.asked is None:
        raise foreign(said("a statement"), said("none"))
    if finish.signer is None:
        raise foreign(said("a statement"), said("none: there is no key"))
    made = None
    if own is not None:
        program, container = own.data, None
        if finish.form is not None:
            from printstd.certify.carriers.carried import open_carrier

            held = open_carrier(own.data, own.product.place)
            program, container = held.program, held.container_sha256
        made = made_of(program, container)
    check_statements(stated, made, finish.asked)


def _finished(
    one: _Left, program: Path, bundles: dict[str, bytes], finish: Finish
) -> dict[Path, bytes]:
    """What is written for a product: its bundle, and what follows from it. bundles : those of the
    program so far, by what they are."""
    place, role = Path(one.product.place), one.product.role
    if role == STATEMENT:
        if finish.signer is None:
            raise AssertionError("checked")
        bundle = _settled(place, sign_bundle(one.data, finish.signer), finish)
        written = {place: bundle}
        for kind in ("cert", "recheck"):
            if place == sidecar(program, kind):
                bundles[kind] = bundle
        if finish.with_svr and place == sidecar(program, "recheck"):
            from printstd.certify.svr import sign_svr

            result = sign_svr(bundle, program.name, finish.signer)
            if result is not None:
                beside = sidecar(program, "svr")
                written[beside] = _settled(beside, result, finish)
        return written
    if role == CARRIER and finish.form is not None:
        from printstd.certify.carriers.carried import with_certificates

        inside = [bundles[kind] for kind in ("cert", "recheck") if kind in bundles]
        return {place: with_certificates(one.data, program.name, finish.form, inside)}
    return {place: one.data}


def _settled(place: Path, bundle: bytes, finish: Finish) -> bytes:
    """What was signed, or what the log holds of it already."""
    if finish.log is None or finish.signer is None:
        return bundle
    return finish.log.settled(place, bundle, finish.signer)


def _is_digest(text: str) -> bool:
    return len(text) == 64 and not text.strip("0123456789abcdef")


def _make_folder(folder: Path) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise OutsideError(
            said("the folder cannot be made"),
            where=os.fspath(folder),
            got=error.strerror or str(error),
            wanted=said("a folder that can be written to, with enough space"),
            hint=said("check its rights and the disk"),
        ) from error


def foreign(got: str, wanted: str) -> OutsideError:
    return OutsideError(
        said("a worker answered with something that it was not asked for"),
        got=got,
        wanted=wanted,
        hint=said("the same printstd with the same wheels must be installed for every worker"),
    )

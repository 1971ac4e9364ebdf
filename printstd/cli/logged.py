"""Statements that go into a log in the run that signs them (`--log STORE --log-key KEY`).

The order, and what stands when a run is stopped after each step:

1. The log is opened and its key tried before any work. A log that cannot be reached, or another's
   key, ends the run with nothing written.
2. Products are written beside their places, and synced. Nothing stands.
3. The entries are put into the log, in a transaction that is not yet kept: a log that another
   writer holds, or that refuses, ends the run with nothing written.
4. Products move to their places. Now the statements stand, and are not logged.
5. The transaction is kept. They are logged, and nothing beside them shows it.
6. Proofs are written for a checkpoint that the log keeps, so never before.

A signature comes first and is never lost: the same statement signed again is another bundle, which
a log that holds the first one refuses. After a stop between 4 and 6 `printstd log append` with the
same statements does what is left, and may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from printstd.adapters.certificate_files import write_proofs
from printstd.cli.speech import tell
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.adapters.log_store import DatabaseLog
    from printstd.adapters.signing import KeptSigner
    from printstd.batch.entering import Entering

_FINISH: Final = said(
    "`printstd log append STORE CERT...` does what is left; it may be repeated, and logs nothing "
    "twice"
)


@contextmanager
def told(where: str) -> Iterator[None]:
    """What is wrong with a note, a proof or a log, as the contract tells it."""
    from printstd.certify.log.notes import NoteError
    from printstd.certify.strict_json import StrictJsonError
    from printstd.errors import InputError

    try:
        yield
    except (NoteError, StrictJsonError) as error:
        raise InputError(
            said("the log or what was given to it does not hold"),
            where=where,
            got=str(error),
            wanted=said("a log, keys and certificates that belong together"),
            hint=said("nothing was logged or signed; `printstd log audit` looks at the whole log"),
        ) from error


def statements_in(products: Mapping[Path, bytes]) -> dict[Path, bytes]:
    """Those of the products that are signed statements, by their content."""
    from printstd.certify.dsse import read_bundle
    from printstd.errors import VerificationError

    found = {}
    for path, data in products.items():
        try:
            read_bundle(data, path.name)
        except VerificationError:
            continue
        found[path] = data
    return found


@dataclass(frozen=True, slots=True)
class ToLog:
    """A log that was opened, and its key. place : as the user named it."""

    place: str
    log: DatabaseLog
    signer: KeptSigner
    key: Path

    @property
    def files(self) -> list[Path]:
        """What no product may land on."""
        from printstd.adapters.databases import is_postgresql

        beside = ("", "-wal", "-shm", "-journal")
        own = [] if is_postgresql(self.place) else [Path(self.place + end) for end in beside]
        return [*own, self.key]

    def tell(self, added: int, size: int) -> None:
        """What was logged, on standard error."""
        told_size = said("{added} new entries, {size} in all", added=added, size=size)
        tell(listed((self.place, told_size), ": "))

    def entering(self) -> Entering:
        """For what a batch signs, file by file (`printstd.batch.entering`)."""
        from printstd.batch.entering import Entering

        return Entering(self.log, self.signer, self.place)

    @contextmanager
    def taking(self, products: Mapping[Path, bytes], *, quiet: bool = False) -> Iterator[None]:
        """Log the statements among the products, which the block moves to their places; see the
        order above. What was logged is told on standard error. OutsideError, InputError: before the
        block, nothing stands; after it, the statements do, and the error says so."""
        from printstd.certify.log.entry import entry_of
        from printstd.certify.log.store import append
        from printstd.cli.places import settle
        from printstd.errors import OutsideError, PrintstdError

        settle(products, inputs=self.files)
        statements = statements_in(products)
        if not statements:
            yield
            return
        do_stand = is_kept = False
        try:
            with told(self.place):
                entries = {path: entry_of(data, path.name) for path, data in statements.items()}
                with self.log.writing() as rows:
                    found = append(rows, list(entries.values()), self.signer)
                    yield
                    do_stand = True
                is_kept = True
                write_proofs(self.log, entries)
            if not quiet:
                self.tell(found.added, found.size)
        except PrintstdError as error:
            if not do_stand:
                raise
            raise OutsideError(
                said("the statements stand and are logged, but their proofs could not be written")
                if is_kept
                else said("the statements stand, but whether the log took them is not known"),
                where=self.place,
                got=said("{what} ({got})", what=error.what, got=error.got or error.where or "-"),
                wanted=said("a proof beside each statement"),
                hint=_FINISH,
            ) from error


def to_log(place: str | None, key: Path | None, *, signs: bool = True) -> ToLog | None:
    """The log that a call names; None where it names none. Raises UsageError where it names half of
    it, or signs nothing; InputError where there is no log or the key is another's, OutsideError
    where it cannot be reached. The key stays in a process of its own."""
    from printstd.errors import UsageError

    if place is None and key is None:
        return None
    if place is None or key is None:
        raise UsageError(
            said("a log takes what its own key signs"),
            got=said("--log without --log-key") if key is None else said("--log-key without --log"),
            wanted=said("--log STORE --log-key KEY"),
            hint=said("`printstd log new` begins a log under a key of its own"),
        )
    if not signs:
        raise UsageError(
            said("a log takes signed statements"),
            got=said("--log, and nothing that is to be signed"),
            wanted=said("--log where a statement is signed"),
            hint=said("leave --log out"),
        )
    from printstd.adapters.log_store import open_log
    from printstd.adapters.signing import open_signer

    with told(place):
        log = open_log(place)
        signer = open_signer(key)
        with ExitStack() as undone:
            undone.callback(signer.close)
            _check_key(log, signer, key)
            undone.pop_all()
    return ToLog(place, log, signer, key)


def _check_key(log: DatabaseLog, signer: KeptSigner, key: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from printstd.errors import InputError

    with log.reading() as rows:
        own = rows.identity()
    public = signer.public.key
    if isinstance(public, Ed25519PublicKey) and public.public_bytes_raw() == own.public:
        return
    raise InputError(
        said("this is not the log's key"),
        where=str(key),
        got=said("key {key_id}", key_id=signer.key_id),
        wanted=said("the key that {log} was begun with", log=own.name),
        hint=said("`printstd log show STORE` tells the log's key; certificates have another"),
    )

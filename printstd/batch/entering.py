"""What a batch signs, entered in a log by the process that was called: a log has one writer.

For each file the order is that of a single command, with the batch's result in it: statements in
their places, the result kept, the entries in the log, their proofs. So a run that is stopped
leaves nothing in the log of which no result tells, and the next one enters what a result tells of
and the log has not: every certificate once. It is done beside the run, and what waits together is
one transaction.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple

from printstd.adapters.certificate_files import proof_place, write_proofs
from printstd.adapters.files import read_if_present
from printstd.certify.dsse import MAX_BUNDLE_BYTES, read_bundle
from printstd.certify.log.entry import Entry, entry_of, read_entry
from printstd.certify.log.inclusion import included
from printstd.certify.log.notes import NoteError
from printstd.certify.log.proof import MAX_PROOF_BYTES
from printstd.certify.log.quorum import LogPolicy
from printstd.certify.log.store import append
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import InputError, OutsideError, PrintstdError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.log.store import LogStore
    from printstd.ports import Signer

_AT_ONCE: Final = 64
"""Files whose statements are entered in one transaction, at most."""
_WAITING: Final = 256
"""Files that are done and not in the log yet, at most."""


class _File(NamedTuple):
    """A file's statements. kept : done when its result is durable; None where it was before."""

    statements: Mapping[Path, bytes]
    kept: Future[None] | None


class Entering:
    """Statements are handed in by one thread, which also asks what the log holds. All that was
    handed in is in the log and proved when the block is left without an error; an error of the log
    is raised by the next `add`, or there. added, size : new entries of this run, entries in all.
    """

    def __init__(self, log: LogStore, signer: Signer, where: str) -> None:
        self._log, self._signer, self._where = log, signer, where
        self._thread = ThreadPoolExecutor(1, "entering")
        self._lock = threading.Lock()
        self._left: deque[_File] = deque()
        self._rounds: deque[Future[None]] = deque()
        self._standing: dict[bytes, str] = {}
        """Where a statement of this run stands, by the start of its payload's digest."""
        self.added, self.size = 0, 0

    def settled(self, place: Path, bundle: bytes, signer: Signer) -> bytes:
        """What is to stand at a place: this bundle, or for the very same statement the one that
        was signed before by the same key. That stands at another place of the run, where files of
        one name and the same bytes are made at the same time, or at this one and in the log, where
        a stop lost its result. InputError where the log holds another: the same statement is never
        entered twice."""
        entry = entry_of(bundle, place.name)
        key = bytes.fromhex(entry.payload)[:16]
        before = self._standing.setdefault(key, str(place))
        if before != str(place):
            found = _signed_before(Path(before), entry, signer)
            if found is None:
                self._standing[key] = str(place)
            else:
                bundle, entry = found, entry_of(found, place.name)
        return self._as_logged(place, bundle, entry, signer)

    def _as_logged(self, place: Path, bundle: bytes, entry: Entry, signer: Signer) -> bytes:
        try:
            with self._log.reading() as rows:
                index = rows.index_of(entry.payload)
                found = None if index is None else next(rows.entries(index, 1))
            held = read_entry(found) if found is not None else entry
        except (NoteError, StrictJsonError) as error:
            raise OutsideError(
                said("the log does not hold what a log holds"),
                where=self._where,
                got=str(error),
                wanted=said("entries as they were logged"),
                hint=said("`printstd log audit` looks at the whole log"),
            ) from error
        if held.data == entry.data:
            return bundle
        standing = _signed_before(place, entry, signer)
        if standing is not None and hashlib.sha256(standing).hexdigest() == held.bundle:
            return standing
        raise InputError(
            said("this statement is in the log already, signed another time"),
            where=str(place),
            got=said("another signature, for entry {index}", index=index),
            wanted=said("the bundle that the log holds, sha256 {sha256}", sha256=held.bundle),
            hint=said("put that bundle back, or certify at another time: leave out --time"),
        )

    def add(self, statements: Mapping[Path, bytes], kept: Future[None] | None) -> None:
        """Enter these, in this order, when their result is kept."""
        self._settle(_WAITING - 1)
        with self._lock:
            self._left.append(_File(statements, kept))
        self._rounds.append(self._thread.submit(self._enter))

    def _settle(self, at_most: int) -> None:
        while self._rounds and (self._rounds[0].done() or len(self._rounds) > at_most):
            self._rounds.popleft().result()

    def _enter(self) -> None:
        """What waits, as one transaction. Nothing, where an earlier round took it along."""
        with self._lock:
            files = [self._left.popleft() for _ in range(min(_AT_ONCE, len(self._left)))]
        for file in files:
            if file.kept is not None:
                file.kept.result()
        statements = {path: data for file in files for path, data in file.statements.items()}
        if not statements:
            return
        try:
            self._enter_all(statements)
        except (NoteError, StrictJsonError, PrintstdError) as error:
            raise OutsideError(
                said("the statements stand, but not all of them are in the log and proved"),
                where=self._where,
                got=str(error).split("\n", 1)[0],
                wanted=said("an entry and a proof of each"),
                hint=said("the same call with --log does what is left, and logs nothing twice"),
            ) from error

    def _enter_all(self, statements: Mapping[Path, bytes]) -> None:
        entries = {path: entry_of(data, path.name) for path, data in statements.items()}
        with self._log.reading() as rows:
            key, self.size = rows.identity(), rows.frontier().size
            is_whole = all(rows.index_of(entry.payload) is not None for entry in entries.values())
        if not is_whole:
            with self._log.writing() as rows:
                found = append(rows, list(entries.values()), self._signer)
            self.added, self.size = self.added + found.added, found.size
        policy = LogPolicy((key,), {}, {}, None)
        unproved: dict[Path, Entry] = {
            path: entries[path]
            for path, data in statements.items()
            if not _is_proved(path, data, policy)
        }
        if unproved:
            write_proofs(self._log, unproved)

    def __enter__(self) -> Entering:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._settle(0)
        finally:
            self._thread.shutdown(wait=True, cancel_futures=True)


def _signed_before(place: Path, entry: Entry, signer: Signer) -> bytes | None:
    """The bundle at a place, where it is of the same statement and by the same signer."""
    try:
        standing = read_if_present(place, max_bytes=MAX_BUNDLE_BYTES)
        own = read_bundle(standing, place.name) if standing is not None else None
    except PrintstdError:
        return None
    if own is None or hashlib.sha256(own.payload).hexdigest() != entry.payload:
        return None
    is_same = (own.key_id, own.certificate) == (signer.key_id, signer.certificate)
    return standing if is_same else None


def _is_proved(statement: Path, bundle: bytes, policy: LogPolicy) -> bool:
    """Does the proof that lies beside it hold?"""
    try:
        proof = read_if_present(proof_place(statement), max_bytes=MAX_PROOF_BYTES)
        if proof is None:
            return False
        included(bundle, proof, policy, statement.name)
    except (NoteError, PrintstdError):
        return False
    return True

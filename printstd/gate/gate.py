"""The gate at one printer: files, the clock and the journal around `decide`.

Whatever goes wrong is a no: what cannot be read, verified or recorded is not printed. What was
verified is what is printed: hosts are given the bytes that this module hands out, or a copy of them
that it wrote and read again.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from printstd.adapters.certificate_files import Bundles
from printstd.adapters.clock import SystemClock
from printstd.adapters.files import read_file, write_all
from printstd.adapters.names import shown
from printstd.errors import OutsideError, PrintstdError, VerificationError
from printstd.gate.at_hand import AtHand, gathered, look
from printstd.gate.decision import GateDecision, decide, refused_by
from printstd.gate.journal import Journal
from printstd.gate.settings import GateSettings, read_settings
from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.policy import TrustPolicy

MAX_PROGRAM_BYTES: Final = 1 << 30
_MAX_KEY_BYTES: Final = 64 << 10


def load_policy(file: Path) -> tuple[TrustPolicy, str]:
    """The policy, and the digest of all that it says: of its own bytes and of every file that it
    names, in the order in which they are read."""
    from printstd.certify.policy import read_policy

    whole = hashlib.sha256()

    def read(name: str) -> bytes:
        data = read_file(file.parent / name, max_bytes=_MAX_KEY_BYTES)
        whole.update(f"\n{name}\n{hashlib.sha256(data).hexdigest()}".encode())
        return data

    own = read_file(file, max_bytes=_MAX_KEY_BYTES)
    whole.update(hashlib.sha256(own).hexdigest().encode())
    policy = read_policy(own, file.name, read)
    return policy, whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Copied:
    """A verified copy as it lay when it was read again. stamp : inode, size and the times that
    nobody but root can set back."""

    path: Path
    sha256: str
    stamp: tuple[int, int, int, int]


class Gate:
    """One printer's gate; its settings and policy are read anew for every decision."""

    def __init__(self, settings_file: Path, **printer: Any) -> None:
        self.settings_file = settings_file
        self._printer = printer

    def settings(self) -> GateSettings:
        return read_settings(self.settings_file, **self._printer)

    def decide_file(self, path: Path, name: str | None = None) -> GateDecision:
        """May the program in this file be printed. name : as the host calls it."""
        called = name or shown(path.name)
        try:
            data = read_file(path, max_bytes=MAX_PROGRAM_BYTES)
        except PrintstdError as error:
            return self._record(refused_by(error, printer=self._named(), file=called))
        return self.decide_bytes(data, path, called)

    def decide_bytes(
        self, data: bytes, place: Path, name: str, bundles: Bundles | None = None
    ) -> GateDecision:
        """The same of bytes. place : where the file lies, or would. bundles : what was sent with
        them; it counts before what lies at hand."""
        try:
            decision = self._decided(data, place, name, bundles)
        except PrintstdError as error:
            decision = refused_by(error, printer=self._named(), file=name, data=data)
        return self._record(decision)

    def _decided(
        self, data: bytes, place: Path, name: str, bundles: Bundles | None
    ) -> GateDecision:
        settings = self.settings()
        policy, policy_sha256 = load_policy(settings.policy)
        if settings.policy_sha256 is not None and policy_sha256 != settings.policy_sha256:
            raise VerificationError(
                said("the policy, or a file that it names, is not the one that was pinned"),
                where=policy.name,
                got=said("sha256 {sha256}", sha256=policy_sha256),
                wanted=said("sha256 {sha256}", sha256=settings.policy_sha256),
                hint=said("if the change is meant, `printstd gate pin` pins it"),
            )
        found = look(data, place, settings.certificates)
        if bundles is not None and any(bundles.values()):
            found = AtHand(found.held, bundles, place, found.stored)
        return decide(
            found.held,
            found.bundles,
            file=name,
            data=data,
            beside=gathered(found, policy, settings.policy),
            policy=policy,
            policy_sha256=policy_sha256,
            printer=settings.printer,
            now=SystemClock().now_utc(),
        )

    def note(self, event: str, **told: Any) -> dict[str, Any]:
        """One more line of the journal, about something that is no decision."""
        settings = self.settings()
        record = {"event": event, "printer": settings.printer.id, **told}
        return Journal(settings.journal).append(record, SystemClock().now_utc())

    def _record(self, decision: GateDecision) -> GateDecision:
        """The decision, once it stands in the journal; a yes that cannot be recorded is a no."""
        try:
            journal = Journal(self.settings().journal)
            journal.append(decision.record(), SystemClock().now_utc())
        except PrintstdError as error:
            if not decision.is_allowed:
                return decision
            return refused_by(error, printer=decision.printer, file=decision.file)
        return decision

    def _named(self) -> str:
        try:
            return self.settings().printer.id
        except PrintstdError:
            return ""

    def copy_of(self, decision: GateDecision, name: str | None = None) -> Copied:
        """The verified bytes as a file ``SHA256.gcode``, read-only, written anew and read again;
        copies of earlier prints are taken away. name : relative, to call it so instead.
        OutsideError where it cannot be; VerificationError where it is read otherwise."""
        program = decision.program
        if not decision.is_allowed or program is None:
            raise VerificationError(
                said("only what is allowed is copied"),
                where=decision.file,
                got=decision.reason,
                wanted=said("an allowed program"),
                hint=decision.advice,
            )
        place = self.settings().verified
        path = place / (name or f"{decision.program_sha256}.gcode")
        if not path.resolve().is_relative_to(place.resolve()):
            raise VerificationError(
                said("the copy would lie outside the gate's folder"),
                where=str(place),
                got=name or "",
                wanted=said("a name inside it"),
                hint=said("print a file of the host's own folder"),
            )
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for old in place.rglob("*"):
                # Ours are read-only.
                if old.is_file() and not old.is_symlink() and not old.stat().st_mode & 0o222:
                    old.unlink()
        except OSError as error:
            raise OutsideError(
                said("the folder of verified programs cannot be made"),
                where=str(place),
                got=error.strerror or str(error),
                wanted=said("a folder that the gate may write to"),
                hint=said("check the folder above it and its rights"),
            ) from error
        write_all({path: program}, mode=0o444)
        return self.check_copy(path, decision.program_sha256)

    @staticmethod
    def check_copy(path: Path, sha256: str) -> Copied:
        """Read a copy again; VerificationError where it is not what was verified."""
        before = stamp_of(path)
        actual = hashlib.sha256(read_file(path, max_bytes=MAX_PROGRAM_BYTES)).hexdigest()
        if actual != sha256 or stamp_of(path) != before:
            raise VerificationError(
                said("the verified copy was changed before it was printed"),
                where=shown(path.name),
                got=said("sha256 {actual}", actual=actual),
                wanted=said("sha256 {sha256}", sha256=sha256),
                hint=said("somebody writes to the gate's folder: find out who before printing"),
            )
        return Copied(path, sha256, before)


def stamp_of(path: Path) -> tuple[int, int, int, int]:
    """Inode, size, time of the last write and of the last change of anything; OutsideError where
    there is no such file."""
    try:
        status = os.lstat(path)
    except OSError as error:
        raise OutsideError(
            said("the verified copy is gone"),
            where=shown(path.name),
            got=error.strerror or str(error),
            wanted=said("the file that was verified"),
            hint=said("print it again from the start; nobody else may write to the gate's folder"),
        ) from error
    if not stat.S_ISREG(status.st_mode):
        return (0, 0, 0, 0)
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

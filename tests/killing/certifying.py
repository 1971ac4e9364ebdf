"""Killing who certifies into a log (`certify --log`), and what must be true of what is left.

The order of `printstd.cli.logged` is what is tested: a statement stands before the log holds it,
and a proof is written for what the log keeps.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

from printstd.adapters.certificate_files import proof_place
from printstd.adapters.keys import load_signer, new_key
from printstd.adapters.log_store import open_log
from printstd.certify.dsse import sign_bundle
from printstd.certify.log.auditing import audit_rows
from printstd.certify.log.entry import entry_of
from printstd.certify.log.inclusion import included
from printstd.certify.log.notes import NoteError
from printstd.certify.log.quorum import LogPolicy
from printstd.certify.log.store import append
from printstd.certify.strict_json import canonical
from printstd.cli.main import run
from tests.killing.at_points import was_killed

PROGRAM = "p.gcode"
STATEMENTS = ("p.gcode.recheck.json", "p.gcode.cert.json")
PROGRAM_BYTES = b"G28\n"


def signed(name: str, key: Path) -> bytes:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [],
        "predicateType": "https://printstd.example/gcode-recheck/v1",
        "predicate": {"name": name},
    }
    return sign_bundle(canonical(statement), load_signer(key))


class Certifying:
    """A folder with keys, a log that holds a statement of somebody else, and what was signed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.place = folder, str(folder / "l.sqlite")
        new_key(folder / "log", algorithm="ed25519", passphrase=None)
        new_key(folder / "k", algorithm="p256", passphrase=None)
        self.call("log", "new", self.place, "--key", folder / "log.key", "--origin", "x.example")
        log = open_log(self.place)
        with log.writing() as rows:
            entry = entry_of(signed("another", folder / "k.key"), "x")
            append(rows, [entry], load_signer(folder / "log.key"))
            self.vkey = rows.identity()
        self.bundles = {name: signed(name, folder / "k.key") for name in STATEMENTS}
        (folder / "signed").mkdir()
        for name, data in self.bundles.items():
            (folder / "signed" / name).write_bytes(data)

    def call(self, *arguments: object) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            assert run([str(argument) for argument in arguments]) == 0, out.getvalue()

    def certify(self, *, kill_at: int) -> bool:
        """Was it killed? Else it came to its end."""
        return was_killed("tests.killing.certifier", self.folder, at=kill_at)

    def check(self) -> None:
        """What stands is whole and in its order; then it is finished, and all of it proved."""
        standing = [name for name in STATEMENTS if (self.folder / name).exists()]
        for name in standing:
            assert (self.folder / name).read_bytes() == self.bundles[name]
        if (self.folder / PROGRAM).exists():
            assert (self.folder / PROGRAM).read_bytes() == PROGRAM_BYTES
            assert standing == list(STATEMENTS), "a program, and not all that vouches for it"
        policy = LogPolicy((self.vkey,), {}, {}, None)
        log = open_log(self.place)
        with log.reading() as rows:
            counted, problems = audit_rows(rows)
            assert problems == []
            held = [n for n in STATEMENTS if rows.index_of(self.entry(n).payload) is not None]
            assert counted.entries == 1 + len(held)
            assert held in ([], list(STATEMENTS)), "one run is one transaction"
            assert set(held) <= set(standing), "the log holds a signature that nobody has"
            kept = dict(rows.checkpoints())
        for name in STATEMENTS:
            proof = proof_place(self.folder / name)
            if proof.exists():
                assert name in held
                included(self.bundles[name], proof.read_bytes(), policy, name)
        self.no_checkpoint_was_given_away(kept, policy)
        if standing:
            paths = [self.folder / name for name in standing]
            for _ in range(2):
                self.call("log", "append", self.place, *paths, "--key", self.folder / "log.key")
            for path in paths:
                included(path.read_bytes(), proof_place(path).read_bytes(), policy, path.name)
            with log.reading() as rows:
                assert audit_rows(rows)[1] == []
                assert rows.frontier().size == 1 + len(standing)

    def no_checkpoint_was_given_away(self, kept: dict[int, str], policy: LogPolicy) -> None:
        """Nor in a temporary file: one that the log does not keep would be the seed of a fork."""
        for file in self.folder.glob(".printstd.*.part"):
            for name in STATEMENTS:
                with contextlib.suppress(NoteError, UnicodeDecodeError):
                    found = included(self.bundles[name], file.read_bytes(), policy, name)
                    assert found.size in kept

    def entry(self, name: str):
        return entry_of(self.bundles[name], name)


def at_every_point(begun: Callable[[int], Certifying], *, every: int = 1, first: int = 0) -> int:
    """Kill before and after each durable operation; how many points there were."""
    point = first
    while True:
        work = begun(point)
        was_killed = work.certify(kill_at=point)
        work.check()
        if not was_killed:
            assert all(proof_place(work.folder / name).exists() for name in STATEMENTS)
            return point
        point += every

"""Killing a log's writer from outside, and what must still be true of the log afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from printstd.adapters.log_files import publish, tile_reader
from printstd.adapters.log_store import new_log, open_log
from printstd.certify.log.auditing import audit_rows, audit_tiles
from printstd.certify.log.checkpoint import verified_checkpoint
from printstd.certify.log.entry import entry_of
from printstd.certify.log.merkle import is_consistent
from printstd.certify.log.notes import ED25519, Verifier
from printstd.certify.log.store import prove_growth
from printstd.certify.log.tiles import TileTree
from tests.contract import log_forms
from tests.unit.certify.log.logs import ORIGIN, bundle, key

ROOT = Path(__file__).parents[2]


@dataclass
class Trial:
    """A log under attack. promised : number of the certificate -> place that was told. seen :
    (size, root) of every checkpoint that anybody could have read."""

    folder: Path
    place: str
    public: Verifier
    promised: dict[int, int] = field(default_factory=dict)
    seen: dict[int, bytes] = field(default_factory=dict)
    kills: int = 0

    def check(self) -> None:
        """Nothing lost, nothing doubled, nothing forked; and the log can go on."""
        store = open_log(self.place)
        with store.reading() as rows:
            counted, problems = audit_rows(rows)
            assert problems == [], problems
            for number, place in self.promised.items():
                found = rows.index_of(self._payload(number))
                assert found == place, f"certificate {number} was told {place}, stands at {found}"
            size = counted.entries
            root = rows.frontier().root()
            checkpoint = self.folder / "pub" / "checkpoint"
            if checkpoint.exists():
                published = verified_checkpoint(checkpoint.read_bytes(), self.public)
                self.seen.setdefault(published.size, published.root)
                assert self.seen[published.size] == published.root
                tree = TileTree(tile_reader(self.folder / "pub"), published.size)
                assert audit_tiles(tree, checkpoint.read_bytes(), self.public)[1] == []
            for old, old_root in self.seen.items():
                path, _ = prove_growth(rows, old)
                assert is_consistent(old, old_root, size, root, path), f"{old} to {size}: a fork"
            publish(rows, self.folder / "pub")
        store.engine.dispose()

    def _payload(self, number: int) -> str:
        data = (self.folder / "bundles" / f"{number}.json").read_bytes()
        return entry_of(data, "x").payload

    def run(self, first: int, count: int, *, kill_at: int | None, after_s: float | None) -> bool:
        """Log `count` certificates from `first`, killed at a point or after a time. Was it?"""
        mode = "step" if kill_at is not None else "run"
        command = [sys.executable, "-m", "tests.killing.log_writer"]
        command += [str(self.folder), str(first), str(count), mode]
        environment = {**os.environ, "LOG_PLACE": self.place, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            if after_s is not None:
                time.sleep(after_s)
                process.send_signal(signal.SIGKILL)
            points = 0
            for line in process.stdout:
                words = line.split()
                if words[:1] == ["LOGGED"] and len(words) == 4 and line.endswith("\n"):
                    self.promised[int(words[1])] = int(words[2])
                if words[:1] == ["POINT"] and kill_at is not None:
                    if points == kill_at:
                        process.send_signal(signal.SIGKILL)
                        break
                    points += 1
                    process.stdin.write("go\n")
                    process.stdin.flush()
            process.wait()
        was_killed = process.returncode == -signal.SIGKILL
        self.kills += was_killed
        assert was_killed or process.returncode == 0, process.returncode
        return was_killed


def trial(folder: Path, count: int, place: str | None = None, *, is_older: bool = False) -> Trial:
    """A log with `count` certificates waiting to be logged. is_older : not a new one, but one of
    the first form, which its first writer brings up."""
    public, own = key()
    if is_older:
        own = log_forms.old_signer()
        public = Verifier(ORIGIN, ED25519, own.public.key.public_bytes_raw())
    pem = own.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    folder.mkdir(exist_ok=True)
    (folder / "log.key").write_bytes(pem)
    (folder / "log.key").chmod(0o600)
    (folder / "bundles").mkdir()
    for number in range(count):
        (folder / "bundles" / f"{number}.json").write_bytes(bundle(f"serial-{number}"))
    at = place or str(folder / "l.sqlite")
    if is_older:
        log_forms.write_first_form(at)
    else:
        new_log(at, public, own).engine.dispose()
    return Trial(folder, at, public)


def at_every_point(begun: Callable[[int], Trial], count: int, every: int = 1) -> int:
    """Kill before and after each durable operation of logging `count` certificates, each time in
    a new log that is then written to its end; how many points there were.

    begun : number of the point -> a new log."""
    point = 0
    while True:
        work = begun(point)
        was_killed = work.run(0, count, kill_at=point, after_s=None)
        work.check()
        if not was_killed:
            return point
        assert not work.run(0, count, kill_at=None, after_s=None)
        work.check()
        assert sorted(work.promised) == list(range(count))
        point += every


def at_random_times(work: Trial, count: int, kills: int, seed: int) -> None:
    """Kill `kills` writers at random times of their run, each going on where the last one was."""
    rng = random.Random(seed)
    start = time.monotonic()
    assert not work.run(0, 3, kill_at=None, after_s=None)
    whole_s = time.monotonic() - start
    while work.kills < kills:
        # Some of what is logged already is logged again: a caller that was killed must do so.
        first = max(0, min(len(work.promised), count - 3) - rng.randrange(3))
        work.run(first, 3, kill_at=None, after_s=rng.uniform(0.5, 1.05) * whole_s)
        work.check()

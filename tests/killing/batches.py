"""Killing a batch that certifies into a log, and what must be true of what is left: the log holds
no signature but those that stand, and when the batch is whole every one of them once."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from printstd.adapters.certificate_files import proof_place
from printstd.adapters.keys import new_key
from printstd.adapters.log_store import open_log
from printstd.certify.log.auditing import audit_rows
from printstd.certify.log.entry import entry_of
from printstd.certify.log.inclusion import included
from printstd.certify.log.quorum import LogPolicy
from printstd.cli.main import run
from tests.killing.at_points import was_killed
from tests.killing.batch_writer import certify

PARTS = 3


class Shop:
    """A folder with models, keys and a log that holds a statement of somebody else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("parts", "out", "out2"):
            (folder / name).mkdir(parents=True)
        for number in range(PARTS):
            (folder / "parts" / f"p{number}.stl").write_bytes(b"part %d" % number)
        new_key(folder / "k", algorithm="p256", passphrase=None)
        new_key(folder / "log", algorithm="ed25519", passphrase=None)
        self.place = str(folder / "l.sqlite")
        call = ("log", "new", self.place, "--key", folder / "log.key", "--origin", "x.example")
        with contextlib.redirect_stdout(io.StringIO()):
            assert run([str(one) for one in call]) == 0

    @property
    def statements(self) -> list[Path]:
        return sorted((self.folder / "out").glob("*.json"))

    def killed(self, now: int, after: int) -> bool:
        """A run that is killed (SIGKILL, from outside) at this durable operation of it."""
        return was_killed("tests.killing.batch_writer", self.folder, now, at=after)

    def logged(self) -> list[Path]:
        """Statements that the log holds; all that it holds stand, and a proof shows no other."""
        with open_log(self.place).reading() as rows:
            counted, problems = audit_rows(rows)
            assert problems == []
            entries = {path: entry_of(path.read_bytes(), path.name) for path in self.statements}
            held = [path for path, one in entries.items() if rows.index_of(one.payload) is not None]
            for path in held:
                index = rows.index_of(entries[path].payload)
                assert list(rows.entries(index, 1)) == [entries[path].data], path.name
            assert counted.entries == len(held), "the log holds a signature that nobody has"
            policy = LogPolicy((rows.identity(),), {}, {}, None)
        for path in self.statements:
            if proof_place(path).exists():
                included(path.read_bytes(), proof_place(path).read_bytes(), policy, path.name)
        return held

    def is_whole(self) -> None:
        assert len(self.statements) == 2 * PARTS
        assert self.logged() == self.statements
        assert all(proof_place(path).exists() for path in self.statements)


def at_points(shop: Shop, now: int, *, is_later: bool, points: Iterable[int]) -> int:
    """One batch, killed at these durable operations of one run after another, and then done; how
    often it was killed. is_later : every run has another time."""
    killed = 0
    for step, point in enumerate(points):
        killed += shop.killed(now + step * is_later, point)
        shop.logged()
    certify(shop.folder, now + 60 * is_later)
    shop.is_whole()
    return killed


def at_every_point(begun: Callable[[int], Shop], now: int) -> int:
    """Each of a batch's durable operations; how many there were."""
    point = 0
    while at_points(begun(point), now, is_later=point % 2 == 1, points=(point,)):
        point += 1
    return point

"""`batch certify --log`: every certificate of a batch is in the log once, whatever stops the run
and whoever goes on with it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from printstd.adapters import databases
from printstd.adapters.certificate_files import proof_place
from printstd.adapters.keys import load_signer, new_key
from printstd.adapters.log_store import open_log
from printstd.batch import placing
from printstd.certify.log.auditing import audit_rows
from printstd.certify.log.entry import entry_of
from printstd.certify.log.store import append
from printstd.cli.main import run
from printstd.errors import OutsideError
from tests import small_part
from tests.integration.command import listing, says
from tests.killing.batch_writer import certify, take_statements_as_they_are
from tests.killing.batches import PARTS, Shop, at_points

NOW = 1_790_000_000


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Shop:
    monkeypatch.setattr(placing, "_check", placing._check)  # what is patched is put back
    take_statements_as_they_are()
    return Shop(tmp_path / "shop")


@pytest.mark.parametrize("is_later", [False, True], ids=["at one time", "later"])
def test_killed_at_durable_operations_every_certificate_is_logged_once(shop, is_later):
    """A share of the campaign (`make kill-log` kills at every point). At another time a statement
    that is made anew is another one; at the same time it is another signature, which the log would
    refuse."""
    killed = at_points(shop, NOW, is_later=is_later, points=(22, 3, 17) if is_later else (41, 9))
    assert killed >= 2
    before = listing(shop.folder / "out")
    assert certify(shop.folder, NOW + 99) == (PARTS, [0] * PARTS)
    shop.is_whole()
    assert listing(shop.folder / "out") == before


def test_a_batch_that_was_certified_without_a_log_is_logged_by_the_same_call_with_one(shop):
    certify(shop.folder, NOW, with_log=False)
    assert shop.logged() == []
    before = listing(shop.folder / "out")
    assert certify(shop.folder, NOW + 1) == (PARTS, [0] * PARTS)
    shop.is_whole()
    assert {n: d for n, d in listing(shop.folder / "out").items() if n in before} == before
    # A proof that is gone, or that shows something else, is written anew; nothing else is.
    shop.statements[0].with_name(proof_place(shop.statements[0]).name).unlink()
    proof_place(shop.statements[1]).write_bytes(proof_place(shop.statements[2]).read_bytes())
    assert certify(shop.folder, NOW + 2) == (PARTS, [0] * PARTS)
    shop.is_whole()


def test_where_results_are_lost_the_signature_that_the_log_holds_stays(shop):
    """Signed again at the same time, a statement would be another bundle than the one logged."""
    certify(shop.folder, NOW)
    before = listing(shop.folder / "out")
    (shop.folder / "kept").rename(shop.folder / "lost")
    assert certify(shop.folder, NOW) == (0, [0] * PARTS)
    assert listing(shop.folder / "out") == before
    shop.is_whole()
    # Where that signature is lost, too, its file alone is refused; another time makes another.
    (shop.folder / "kept").rename(shop.folder / "lost too")
    shop.statements[0].unlink()
    assert certify(shop.folder, NOW) == (0, [4, *[0] * (PARTS - 1)])
    assert not shop.statements[0].name.startswith("p0.gcode.cert")
    assert certify(shop.folder, NOW + 1) == (PARTS - 1, [0] * PARTS)


def test_files_of_one_name_and_the_same_bytes_at_one_time_share_a_signature(shop):
    """Theirs is one statement, and a log takes no statement twice."""
    (shop.folder / "parts" / "again").mkdir()
    for name in ("p0.stl", "again/p0.stl"):
        (shop.folder / "parts" / name).write_bytes(b"the same")
    for number in range(2):
        assert certify(shop.folder, NOW, is_named_by_base=True)[1] == [0] * (PARTS + 1)
        first, second = (shop.folder / "out" / f"{at}p0.gcode.cert.json" for at in ("", "again/"))
        assert first.read_bytes() == second.read_bytes()
        # Of one entry; how large the log was when each was proved may differ.
        one, other = (proof_place(at).read_text("utf-8").split("\n")[:3] for at in (first, second))
        assert one == other
        assert one[2].startswith("index ")
        with open_log(shop.place).reading() as rows:
            counted, problems = audit_rows(rows)
            assert (counted.entries, problems) == (2 * PARTS, [])
        (shop.folder / "kept").rename(shop.folder / f"lost {number}")


def test_two_batches_into_one_log_at_once_enter_everything_once(shop, tmp_path):
    other = Shop(tmp_path / "other")
    codes: list[object] = []

    def begin(folder: Path, now: int) -> None:
        codes.append(certify(folder, now))

    # The other one's folder, this one's log.
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            (other.folder / f"l.sqlite{end}").unlink()
    (other.folder / "l.sqlite").symlink_to(shop.place)
    (other.folder / "log.key").unlink()
    (other.folder / "log.key").symlink_to(shop.folder / "log.key")
    threads = [
        threading.Thread(target=begin, args=(one.folder, NOW + n))
        for n, one in enumerate((shop, other))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [(0, [0] * PARTS)] * 2
    with open_log(shop.place).reading() as rows:
        counted, problems = audit_rows(rows)
        assert (counted.entries, problems) == (4 * PARTS, [])
        for path in (*shop.statements, *other.statements):
            assert rows.index_of(entry_of(path.read_bytes(), "x").payload) is not None
            assert proof_place(path).exists()


def test_a_log_that_another_writer_holds_ends_the_run_and_the_next_one_does_what_is_left(
    shop, monkeypatch
):
    monkeypatch.setattr(databases, "BUSY_MS", 50)
    with contextlib.closing(sqlite3.connect(shop.place)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutsideError, match="not all of them are in the log"):
            certify(shop.folder, NOW)
        other.rollback()
    assert shop.logged() == []
    certify(shop.folder, NOW + 1)
    shop.is_whole()


def test_the_same_statement_under_another_signature_in_the_log_refuses_its_file_alone(shop):
    certify(shop.folder, NOW, with_log=False)
    other = {path: path.read_bytes() for path in shop.statements}
    (shop.folder / "kept").rename(shop.folder / "lost")
    certify(shop.folder, NOW, with_log=False)
    with open_log(shop.place).writing() as rows:
        first = shop.statements[0]
        append(rows, [entry_of(other[first], "x")], load_signer(shop.folder / "log.key"))
    assert certify(shop.folder, NOW) == (PARTS - 1, [4, *[0] * (PARTS - 1)])
    with open_log(shop.place).reading() as rows:
        assert rows.frontier().size == 1 + 2 * (PARTS - 1)


@pytest.fixture
def bureau(desk: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Path:
    monkeypatch.chdir(desk)
    new_key(desk / "log", algorithm="ed25519", passphrase=None)
    (desk / "parts").mkdir()
    (desk / "out").mkdir()
    (desk / "parts" / "small.stl").write_bytes((desk / "small.stl").read_bytes())
    assert run(["log", "new", "l.sqlite", "--key", "log.key", "--origin", "b.example/log"]) == 0
    capsys.readouterr()
    return desk


BATCH = ("batch", "certify", "parts", "--outdir", "out", "--key", "k.key", *small_part.PEER)


def test_the_command_logs_what_it_signs_and_says_so(bureau, capsys):
    call = [*BATCH, "--log", "l.sqlite", "--log-key", "log.key", "--workers", "1", "--svr"]
    assert run(call) == 0
    assert "l.sqlite: 3 new entries, 3 in all\n" in capsys.readouterr().err
    made = {name for name in listing(bureau / "out") if name.endswith(".tlog-proof")}
    ends = ("cert", "recheck", "svr")
    assert made == {f"small.gcode.{end}.json.tlog-proof" for end in ends}
    assert run(call) == 0
    told = capsys.readouterr().err
    assert "l.sqlite: 0 new entries, 3 in all\n" in told
    assert "1 of 1 files were done before" in told


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--log", "l.sqlite"), 2),
        (("--log-key", "log.key"), 2),
        (("--log", "l.sqlite", "--log-key", "k.key"), 4),
        (("--log", "none.sqlite", "--log-key", "log.key"), 4),
        (("--log", "l.sqlite", "--log-key", "log.key", "--report", "l.sqlite"), 2),
        (("--log", "l.sqlite", "--log-key", "log.key", "--report", "log.key"), 2),
    ],
)
def test_a_log_that_cannot_take_it_ends_the_call_before_any_work(bureau, capsys, more, code):
    before = listing(bureau)
    assert run([*BATCH, "--workers", "1", "-q", *more]) == code
    says(capsys.readouterr().err, "got", "wanted", "what to do")
    assert listing(bureau) == before

"""`certify --log`: signed, logged and proved in one run, or nothing; and what a stop leaves is
finished by `log append`."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from printstd.adapters import databases
from printstd.adapters.keys import load_signer, new_key
from printstd.adapters.log_store import DatabaseLog, open_log
from printstd.certify.dsse import read_bundle
from printstd.certify.log.auditing import audit_rows
from printstd.cli import logged
from printstd.cli.main import run
from printstd.errors import OutsideError
from tests import small_part
from tests.integration.command import listing, says
from tests.killing.certifying import Certifying
from tests.killing.certifying import at_every_point as killed_at_every_point
from tests.unit.certify.authority import Authority, co_signature, rsa_key

LOG = ("--log", "l.sqlite", "--log-key", "log.key")
RECHECK = ("certify", "p.gcode", "--model", "small.stl", *small_part.PEER, "--key", "lab.key")
REVOKE = ("certify", "p.gcode.cert.json", "--revoke", "wrong material", "--key", "k.key")
NOW = ("--time", str(small_part.EPOCH_S))


@pytest.fixture
def bureau(desk: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Path:
    """What a maker generated, keys of a laboratory, a log, and a policy that wants level C3."""
    monkeypatch.chdir(desk)
    new_key(desk / "lab", algorithm="p256", passphrase=None)
    new_key(desk / "log", algorithm="ed25519", passphrase=None)
    pair = small_part.pair(load_signer(desk / "k.key"))
    (desk / "p.gcode").write_bytes(pair.program)
    (desk / "p.gcode.cert.json").write_bytes(pair.generation)
    assert run(["log", "new", "l.sqlite", "--key", "log.key", "--origin", "b.example/log"]) == 0
    vkey = capsys.readouterr().out.split()[-1]
    (desk / "log.policy").write_text(f"log {vkey}\nquorum none\n")
    (desk / "policy.toml").write_text(
        'minimum_level = "C3"\n[keys]\ngenerator = ["k.pub"]\nrecheck = ["lab.pub"]\n'
        '[log]\npolicy = "log.policy"\n'
    )
    return desk


def entries(desk: Path) -> int:
    with open_log(str(desk / "l.sqlite")).reading() as rows:
        counted, problems = audit_rows(rows)
    assert problems == []
    return counted.entries


def verified(*more: str) -> int:
    return run(["verify", "p.gcode", "--policy", "policy.toml", *NOW, "-q", *more])


def test_what_is_certified_is_logged_in_the_same_run_and_reaches_c3(bureau, capsys):
    capsys.readouterr()
    assert run([*RECHECK, *NOW, *LOG]) == 0
    assert capsys.readouterr().err == "l.sqlite: 1 new entries, 1 in all\n"
    assert (bureau / "p.gcode.recheck.json.tlog-proof").is_file()
    assert entries(bureau) == 1
    capsys.readouterr()
    assert run(["verify", "p.gcode", "--policy", "policy.toml", *NOW]) == 0
    assert "C3" in capsys.readouterr().out
    # Without the log it is the same certificate of a lower level.
    (bureau / "p.gcode.recheck.json.tlog-proof").unlink()
    assert verified() == 6
    append = ["log", "append", "l.sqlite", "p.gcode.recheck.json", "--key", "log.key"]
    assert run(append) == 0
    assert entries(bureau) == 1
    assert verified() == 0


def test_what_is_not_signed_is_not_logged(bureau):
    before = listing(bureau)
    wrong = ("certify", "wrong.gcode", "--model", "small.stl", *small_part.PEER)
    assert run([*wrong, "--key", "lab.key", *LOG, "-q"]) == 1
    assert entries(bureau) == 0
    assert not list(bureau.glob("wrong.gcode.*"))
    # A signed no is a statement like any other.
    assert run([*wrong, "--key", "lab.key", "--sign-failure", *LOG, "-q"]) == 1
    assert entries(bureau) == 1
    new = sorted(listing(bureau).keys() - before.keys())
    assert new == ["wrong.gcode.recheck.json", "wrong.gcode.recheck.json.tlog-proof"]


def test_what_was_of_a_statement_goes_when_another_takes_its_place(bureau, capsys):
    """An old proof beside a new certificate is a lie to whoever verifies, and so is a co-signature
    of other bytes: certifying again left both, and `verify` refused an honest program."""
    recheck = bureau / "p.gcode.recheck.json"
    beside = [Path(f"{recheck}.tlog-proof"), bureau / "p.gcode.svr.json"]
    p7s = bureau / "p.gcode.recheck.p7s"
    assert run([*RECHECK, "--svr", *NOW, *LOG, "-q"]) == 0
    holder = Authority("nca").issue(rsa_key(), uri=None, purposes=None)
    payload = read_bundle(recheck.read_bytes(), "x").payload
    p7s.write_bytes(co_signature(payload, holder, rsa_key()))
    assert verified() == 0
    # The same statement signed again is another bundle, and the same bytes for a co-signature.
    assert run([*RECHECK, *NOW, "-q"]) == 0
    assert [one.exists() for one in (*beside, p7s)] == [False, True, True]
    trust = ["verify", "p.gcode", "--policy", "c2.toml", *NOW, "-q"]
    (bureau / "c2.toml").write_text((bureau / "policy.toml").read_text().replace('"C3"', '"C2"'))
    assert run(trust) == 0
    beside[0].write_text("c2sp.org/tlog-proof@v1")
    assert run(trust) == 6
    capsys.readouterr()
    later = ("--time", str(small_part.EPOCH_S + 60))
    assert run([*RECHECK, *later]) == 0
    assert not any(one.exists() for one in (*beside, p7s))
    assert capsys.readouterr().err.count("it was of the statement that stood here before") == 3
    assert run(["verify", "p.gcode", "--policy", "c2.toml", *later, "-q"]) == 0
    # What belongs to the other statement stays, and so does all of it where nothing is written.
    revocation = bureau / "p.gcode.recheck.revocation.json"
    revocation.write_bytes(b"{}")
    assert run([*RECHECK, *later, *LOG, "-q"]) == 0
    assert revocation.exists()
    assert beside[0].exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*RECHECK, "--log", "l.sqlite"), 2),
        ((*RECHECK, "--log-key", "log.key"), 2),
        ((*RECHECK, "--log", "l.sqlite", "--log-key", "k.key"), 4),
        ((*RECHECK, "--log", "l.sqlite", "--log-key", "other.key"), 4),
        ((*RECHECK, "--log", "none.sqlite", "--log-key", "log.key"), 4),
        ((*RECHECK, "--log", ".", "--log-key", "log.key"), 4),
        ((*RECHECK, "--log", "small.gcode", "--log-key", "log.key"), 7),
        ((*RECHECK, "--log", "postgresql://x@127.0.0.1:1/x", "--log-key", "log.key"), 7),
        (("certify", "p.gcode.cert.json", "--export", "statement", *LOG), 2),
        ((*REVOKE, "-o", "l.sqlite", *LOG), 2),
        ((*REVOKE, "-o", "log.key", *LOG), 2),
        (("passport", "p.json", "--label", "l.pdf", *LOG), 2),
        (("qualify", "m.csv", *LOG), 2),
    ],
)
def test_a_log_that_cannot_take_it_leaves_everything_as_it_was(bureau, capsys, arguments, code):
    before = {n: d for n, d in listing(bureau).items() if not n.startswith("l.sqlite")}
    assert run([*arguments, "-q"]) == code
    says(capsys.readouterr().err, "got", "wanted", "what to do")
    assert {n: d for n, d in listing(bureau).items() if not n.startswith("l.sqlite")} == before
    assert entries(bureau) == 0


def test_a_log_that_another_writer_holds_leaves_everything_as_it_was(bureau, capsys, monkeypatch):
    monkeypatch.setattr(databases, "BUSY_MS", 50)
    assert run([*REVOKE, *LOG, "-q"]) == 0
    before = listing(bureau).keys()
    with contextlib.closing(sqlite3.connect(bureau / "l.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert run([*REVOKE, "-o", "second.json", *LOG, "-q"]) == 7
        says(capsys.readouterr().err, "got", "what to do")
        other.rollback()
    assert listing(bureau).keys() == before
    assert entries(bureau) == 1


def test_whatever_is_signed_is_logged(bureau):
    """Revocations and their list, results, passports. Records of machines: in tests/e2e."""
    assert run([*REVOKE, "-o", "gone/r.json", *LOG, "-q"]) == 7
    (bureau / "gone").mkdir()
    assert run([*REVOKE, "-o", "gone/r.json", *LOG, "-q"]) == 0
    assert run(["certify", "gone", "--list-revocations", "--key", "k.key", *LOG, "-q"]) == 0
    assert run([*RECHECK, "--svr", *NOW, *LOG, "-q"]) == 0
    (bureau / "d.toml").write_text('[part]\nserial = "A-1"\n')
    passport = ("passport", "p.gcode", "--details", "d.toml", "--key", "lab.key", "-o", "pass.json")
    (bureau / "keys").mkdir()
    for name in ("k.pub", "lab.pub"):
        (bureau / "keys" / name).write_bytes((bureau / name).read_bytes())
    assert run([*passport, "--trust", "keys", *NOW, *LOG, "-q"]) == 0
    wanted = ("gone/r.json", "gone/list.json", "p.gcode.recheck.json", "p.gcode.svr.json")
    for name in (*wanted, "pass.json"):
        assert (bureau / f"{name}.tlog-proof").is_file(), name
    assert entries(bureau) == 5


def test_statements_about_parts_are_told_by_what_they_are():
    from tests.unit.certify.carriers import cases

    products = {
        Path("plate.gcode"): b"G28\n",
        Path("plate.gcode.part-a.json"): cases.part_statement(),
        Path("plate.gcode.recheck.json"): cases.pair().recheck,
        Path("plate.gcode.model.stl"): b"solid",
        Path("plate.gcode.recheck.statement.json"): b'{"_type": "x"}',
    }
    names = [path.name for path in logged.statements_in(products)]
    assert names == ["plate.gcode.part-a.json", "plate.gcode.recheck.json"]


def test_a_stop_after_the_statement_stands_is_said_and_finished_by_append(
    bureau, capsys, monkeypatch
):
    """The log's answer lost, and no room for the proof: both as `OutsideError` that says what
    stands."""
    real = DatabaseLog._rows

    @contextlib.contextmanager
    def lost(self, *, is_writing):
        with real(self, is_writing=is_writing) as rows:
            yield rows
        if is_writing:
            raise OutsideError("the connection is gone")

    def full(*_: object) -> None:
        raise OutsideError("the disk is full")

    append = ["log", "append", "l.sqlite", "--key", "log.key"]
    for number, (owner, name, fault, wanted) in enumerate(
        (
            (DatabaseLog, "_rows", lost, "whether the log took them is not known"),
            (logged, "write_proofs", full, "their proofs could not be written"),
        )
    ):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, fault)
            revoke = [*REVOKE, "-o", f"r{number}.json", "--revoke", f"reason {number}"]
            assert run([*revoke, *LOG, "-q"]) == 7
        told = capsys.readouterr().err
        assert wanted in told
        assert "log append" in told
        assert not (bureau / f"r{number}.json.tlog-proof").exists()
        assert run([*append, f"r{number}.json"]) == 0
        assert (bureau / f"r{number}.json.tlog-proof").is_file()
        assert entries(bureau) == number + 1


def test_killed_at_durable_operations_no_signature_is_lost_and_append_finishes(tmp_path):
    """A share of the campaign (`make kill-log` kills at every point)."""
    points = killed_at_every_point(
        lambda point: Certifying(tmp_path / f"{point}"), every=9, first=5
    )
    assert points >= 30

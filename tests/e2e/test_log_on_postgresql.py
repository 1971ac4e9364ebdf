"""The log's contract on a real PostgreSQL, and its writers and the server killed."""

from __future__ import annotations

import pytest

from printstd.adapters.keys import load_signer, new_key
from printstd.adapters.log_store import open_log
from printstd.certify.log.auditing import audit_rows
from printstd.cli.main import run
from samples.capability.make_measurements import tables
from tests import small_part
from tests.contract import log_contract, log_forms
from tests.e2e import postgresql
from tests.killing.logs import Trial, at_every_point, at_random_times, trial


@pytest.fixture(scope="module")
def server():
    with postgresql.server() as running:
        yield running


@pytest.mark.parametrize("rule", log_contract.RULES, ids=lambda rule: rule.__name__)
def test_postgresql_keeps_the_contract(server, rule):
    rule(server.database(rule.__name__))


@pytest.mark.parametrize("rule", log_forms.RULES, ids=lambda rule: rule.__name__)
def test_postgresql_keeps_the_contract_of_forms(server, rule):
    rule(server.database(rule.__name__))


def test_killed_writers_lose_and_fork_nothing(server, tmp_path):

    def begun(point: int) -> Trial:
        return trial(tmp_path / f"{point}", 1, server.database(f"point{point}"))

    assert at_every_point(begun, 1, every=4) >= 10
    work = trial(tmp_path / "b", 60, server.database("times"))
    at_random_times(work, 60, 5, seed=3)
    assert work.kills == 5


def test_certify_and_qualify_log_into_it_and_reach_c3(server, tmp_path, monkeypatch, capsys):
    """`--log postgresql://...`, by a laboratory that re-checks what another key generated."""
    monkeypatch.chdir(tmp_path)
    place = server.database("certify")
    for name, algorithm in (("k", "p256"), ("lab", "p256"), ("log", "ed25519")):
        new_key(tmp_path / name, algorithm=algorithm, passphrase=None)
    assert run(["log", "new", place, "--key", "log.key", "--origin", "b.example/log"]) == 0
    vkey = capsys.readouterr().out.split()[-1]
    pair = small_part.pair(load_signer(tmp_path / "k.key"))
    made = tables()
    for name, data in {
        "p.gcode": pair.program,
        "p.gcode.cert.json": pair.generation,
        "small.stl": small_part.model(),
        "measured.csv": made["measured.csv"],
        "measured.toml": made["measured.toml"],
        "log.policy": f"log {vkey}\nquorum none\n".encode(),
        "policy.toml": b'minimum_level = "C3"\n[keys]\ngenerator = ["k.pub"]\n'
        b'recheck = ["lab.pub"]\n[log]\npolicy = "log.policy"\n',
    }.items():
        (tmp_path / name).write_bytes(data)
    to_log = ("--key", "lab.key", "--log", place, "--log-key", "log.key", "-q")
    now = ("--time", str(small_part.EPOCH_S))
    certify = ("certify", "p.gcode", "--model", "small.stl", *small_part.PEER)
    assert run([*certify, *now, *to_log]) == 0
    assert run(["verify", "p.gcode", "--policy", "policy.toml", *now, "-q"]) == 0
    assert run(["qualify", "measured.csv", "-o", "capability.json", *to_log]) == 0
    assert (tmp_path / "capability.json.tlog-proof").is_file()
    with open_log(place).reading() as rows:
        assert (audit_rows(rows)[0].entries, audit_rows(rows)[1]) == (2, [])


def test_what_was_logged_outlives_the_server(server, tmp_path):
    """Stopped as by a power cut right after the answer, it still has what it answered for."""
    work = trial(tmp_path, 4, server.database("power"))
    assert not work.run(0, 4, kill_at=None, after_s=None)
    server.stop("immediate")
    server.start()
    work.check()
    with open_log(work.place).reading() as rows:
        assert audit_rows(rows)[0].entries == 4

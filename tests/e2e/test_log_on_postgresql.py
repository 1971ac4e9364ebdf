"""The log's contract on a real PostgreSQL, and its writers and the server killed."""

from __future__ import annotations

import pytest

from printstd.adapters.log_store import open_log
from printstd.certify.log.auditing import audit_rows
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


def test_what_was_logged_outlives_the_server(server, tmp_path):
    """Stopped as by a power cut right after the answer, it still has what it answered for."""
    work = trial(tmp_path, 4, server.database("power"))
    assert not work.run(0, 4, kill_at=None, after_s=None)
    server.stop("immediate")
    server.start()
    work.check()
    with open_log(work.place).reading() as rows:
        assert audit_rows(rows)[0].entries == 4

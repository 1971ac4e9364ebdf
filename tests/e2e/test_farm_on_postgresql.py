"""The contract of the farm's database on a real PostgreSQL, which several coordinators share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from printstd.artifacts.job import JobState
from tests.contract.farm_store_contract import StoreContract
from tests.e2e.postgresql import Server, server
from tests.killing.farms import at_random_times, coordinators, farm_trial

_NUMBERS = count()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with server() as found:
        yield found


class TestPostgresql(StoreContract):
    @pytest.fixture
    def place(self, running: Server) -> str:
        return running.database(f"farm{next(_NUMBERS)}")


def test_two_coordinators_that_are_killed_and_frozen_print_everything_once(
    running: Server, tmp_path: Path
) -> None:
    """A few of what `make kill-farm KILL='--store postgresql --two'` does hundreds of times."""
    with (
        farm_trial(tmp_path, running.database("killed")) as trial,
        coordinators(trial.farm.folder, "rival") as rival,
    ):
        at_random_times(trial, 6, seed=1, rival=rival)
        assert trial.faults["frozen"] == 1
        assert trial.check()[JobState.DONE] >= 2

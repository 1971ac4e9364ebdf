"""The contract of the farm's database on a real PostgreSQL, which several coordinators share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.contract.farm_store_contract import StoreContract
from tests.e2e.postgresql import Server, server

_NUMBERS = count()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with server() as found:
        yield found


class TestPostgresql(StoreContract):
    @pytest.fixture
    def place(self, running: Server) -> str:
        return running.database(f"farm{next(_NUMBERS)}")

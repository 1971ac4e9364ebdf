"""Coordinators of a test that end as by SIGKILL, at a commit or a call of a host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from tests.small_farm import SmallFarm


class Killed(BaseException):
    """As by SIGKILL: nothing of the process goes on."""


@contextmanager
def killing_at(farm: SmallFarm, point: int) -> Iterator[None]:
    """Raises `Killed` before or after a commit or a call of a host, `point` of them later."""
    left = [point]

    def at(name: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    real = sa.engine.default.DefaultDialect.do_commit

    def commit(self: object, connection: object) -> None:
        at("before commit")
        real(self, connection)  # type: ignore[arg-type]
        at("after commit")

    for host in farm.hosts.values():
        host.before = host.after = at
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sa.engine.default.DefaultDialect, "do_commit", commit)
        try:
            yield
        finally:
            for host in farm.hosts.values():
                host.before = host.after = lambda name: None

"""A coordinator killed between the end of a print and its record: the next one makes it, once."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from printstd.adapters.clock import FixedClock
from printstd.adapters.surroundings import tool_facts
from printstd.artifacts.as_run import Aspect, Conformance
from printstd.artifacts.certificate import CertifiedProgram
from printstd.artifacts.farm import HostAddress
from printstd.artifacts.host import RunOutcome
from printstd.artifacts.job import JobState, Wish
from printstd.certify.as_run_statement import read_as_run
from printstd.cli.farm_records import RecordFolder
from printstd.coordinator import as_run
from printstd.coordinator.printing import Checked
from printstd.coordinator.recording import RunKeeper
from tests import small_part
from tests.small_farm import SmallFarm, printer, small_farm
from tests.unit.certify.carriers import cases
from tests.unit.coordinator.killed import Killed, killing_at
from tests.unit.coordinator.test_recording import certified

SERIAL = HostAddress("serial:///dev/nothing")
"""It pushes nothing: what is watched are the coordinator's own looks."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that is stopped is waited for: not half a second each time."""
    monkeypatch.setattr(as_run, "_STEP_S", 0.02)


@functools.cache
def program() -> CertifiedProgram:
    return certified()


def keeper(farm: SmallFarm, folder: Path, owner: str) -> RunKeeper:
    kept = RecordFolder(folder, farm.store, owner, cases.key().public)
    return RunKeeper(
        signer=cases.key(),
        tool=tool_facts(),
        clock=FixedClock(small_part.EPOCH_S),
        keep=kept.keep,
        secrets=lambda printer: {},
        program_of=lambda one: program(),
        is_kept=kept.is_kept,
        poll_s=1.0,
    )


def at_machine(farm: SmallFarm) -> None:
    farm.hosts["a"].end(RunOutcome.FAILED)


def by_hand(farm: SmallFarm) -> None:
    farm.hosts["a"].print_s = 1e6
    with farm.store.writing("person") as rows:
        rows.wish(1, Wish.CANCEL, farm.now_ms)


def at_its_end(farm: SmallFarm) -> None:
    farm.later(60)


def killed_after(
    farm: SmallFarm, folder: Path, point: int, end: Callable[[SmallFarm], None]
) -> bool:
    """A coordinator sees a print begin, the print ends, and it is killed at a commit or a call of
    the host from then on. Was it?"""
    watching = keeper(farm, folder, "killed")
    one = farm.coordinator("killed", watching)
    one.tick()
    assert farm.states() == [JobState.PRINTING]
    farm.later(10)
    one.tick()
    end(farm)
    try:
        with killing_at(farm, point):
            for _ in range(3):
                one.tick()
                farm.later(10)
        return False
    except Killed:
        return True
    finally:
        watching.close()


@pytest.mark.parametrize(
    ("end", "state", "point", "every"),
    [
        (at_machine, JobState.FAILED, 0, 3),
        (by_hand, JobState.CANCELLED, 1, 6),
        (at_its_end, JobState.AWAITING_CLEAR, 2, 6),
    ],
)
def test_a_kill_at_any_point_after_the_end_leaves_one_record(
    tmp_path: Path, end: Callable[[SmallFarm], None], state: JobState, point: int, every: int
) -> None:
    while True:
        folder = tmp_path / str(point)
        folder.mkdir()
        farm = small_farm(folder, [printer("a", host=SERIAL)])
        farm.verify = lambda files, now: Checked(program(), program().data)
        farm.submit()
        was_killed = killed_after(farm, folder, point, end)
        farm.later(120)  # The lease runs out.
        watching = keeper(farm, folder, "later")
        later = farm.coordinator("later", watching)
        for _ in range(4):
            later.tick()
            farm.later(10)
        later.close()
        assert farm.states() == [state], point
        with farm.store.reading() as rows:
            (line,) = (dict(e.about) for e in rows.events() if e.kind == "as-run")
            assert rows.owed(["a"]) == {}
            name = rows.instance(1).file
        (file,) = folder.glob("records/*/*.asrun.json")
        assert line["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest(), point
        record = read_as_run(file.read_bytes(), "r", (cases.key().public,)).record
        assert record.run.program_name == name
        is_whole = state is JobState.AWAITING_CLEAR
        wanted = Conformance.CONFORMS if is_whole else Conformance.DEVIATES
        assert record.of(Aspect.COMPLETION).result is wanted, point
        farm.store.close()
        if not was_killed:
            break
        # `make kill-farm` takes every point.
        point += int(os.environ.get("PRINTSTD_EVERY_POINT", every))
    assert point > 10


def test_a_record_that_cannot_be_made_now_is_made_later_and_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm = small_farm(tmp_path, [printer("a", host=SERIAL, auto_clear=True)])
    farm.verify = lambda files, now: Checked(program(), program().data)
    farm.submit(copies=2)
    watching = keeper(farm, tmp_path, "c")
    one = farm.coordinator("c", watching)
    one.tick()
    farm.later(10)
    one.tick()
    at_machine(farm)
    # A full disk: no folder can be made.
    (tmp_path / "records").write_bytes(b"")
    one.tick()
    with farm.store.reading() as rows:
        assert [o.number for o in rows.owed(["a", "b"])["a"]] == [1]
        assert rows.owed(["b"]) == {}
    (tmp_path / "records").unlink()
    one.tick()
    with farm.store.reading() as rows:
        assert rows.owed(["a"]) == {}
        assert [e.kind for e in rows.events()].count("as-run") == 1
    one.close()
    farm.store.close()

"""A farm on a real OctoPrint and a real Moonraker with Kalico: printed, cancelled, killed at some
points of the way; what is counted are the hosts' own histories. All of them: `make kill-farm`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from printstd.artifacts.farm import Calibration
from printstd.artifacts.job import JobState, Wish
from printstd.cli.commands.farm_jobs import explained
from printstd.cli.farm_place import at_farm, coordinator_of, now_ms
from tests.e2e.farms import until
from tests.e2e.gated import upload
from tests.killing.farms import FarmTrial, at_every_point, farm_trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmTrial]:
    with farm_trial(tmp_path_factory.mktemp("farm")) as found:
        yield found


def test_each_print_is_printed_once(trial: FarmTrial) -> None:
    trial.submit("octo", "klip", "klip")
    trial.finish()
    trial.check(all_done=True)


def test_a_lost_answer_to_the_start_is_looked_up_and_not_repeated(trial: FarmTrial) -> None:
    for wire in trial.wires.values():
        wire.drops = lambda line: (
            line.startswith(b"POST") and (b"/print/start" in line or b".gcode HTTP" in line)
        )
    before = sum(wire.lost for wire in trial.wires.values())
    trial.submit("octo", "klip")
    trial.finish()
    trial.check(all_done=True)
    assert sum(wire.lost for wire in trial.wires.values()) == before + 2
    for wire in trial.wires.values():
        wire.drops = lambda line: False


def test_killed_on_the_way_nothing_is_lost_or_doubled(trial: FarmTrial) -> None:
    """A dozen points from the first lease to the end of the prints."""
    assert at_every_point(trial, first=1, every=7, most=6) == 6


def test_a_cancel_reaches_the_host_and_is_known_for_one(trial: FarmTrial) -> None:
    trial.submit("octo")
    number = trial.prints()[-1].number
    with at_farm(trial.farm.folder) as place:
        coordinator = coordinator_of(place, owner="worker")
        until(coordinator.tick, lambda: trial.prints()[-1].state is JobState.PRINTING)
        with place.store.writing("person") as rows:
            rows.wish(number, Wish.CANCEL, now_ms())
        until(coordinator.tick, lambda: trial.prints()[-1].state is not JobState.PRINTING)
        coordinator.close()
        one = trial.prints()[-1]
        assert (one.state, one.reason) == (JobState.CANCELLED, "cancelled")
        with place.store.reading() as rows:
            assert rows.printer("octo").needs_clear
    trial.ready()
    trial.check()


def test_a_machine_that_was_measured_outside_the_windows_prints_only_once_it_is_not(
    trial: FarmTrial,
) -> None:
    measured = Calibration(
        printer="octo",
        serial="",
        nozzle="n",
        kind="flow",
        spool="s-octo",
        material="peer",
        value_e6=1_100_000,
        u_e6=4_000,
        on="2026-11-20",
        until_utc_s=now_ms() // 1000 + 86_400,
        is_applied=False,
        by="test",
        sha256="0" * 64,
    )
    trial.submit("octo")
    with at_farm(trial.farm.folder) as place:
        with place.store.writing("test") as rows:
            rows.set_calibration(measured, now_ms())
        coordinator = coordinator_of(place, owner="worker")
        for _ in range(3):
            coordinator.tick()
        assert trial.prints()[-1].state is JobState.QUEUED
        _, _, reasons = explained(place, trial.prints()[-1].job)
        told = {one.printer: one.reason for one in reasons}
        assert told["octo"].startswith("s-octo flows 1.100 there")
        with place.store.writing("test") as rows:
            rows.set_calibration(replace(measured, value_e6=1_020_000), now_ms())
        until(coordinator.tick, lambda: trial.prints()[-1].state is JobState.DONE)
        coordinator.close()
    trial.check()


def test_a_server_that_loses_its_power_in_a_print_is_told_as_it_is(trial: FarmTrial) -> None:
    """OctoPrint forgets such a print: it is failed, says so, and is not printed again."""
    trial.submit("octo")
    with at_farm(trial.farm.folder) as place:
        coordinator = coordinator_of(place, owner="worker")
        until(coordinator.tick, lambda: trial.prints()[-1].state is JobState.PRINTING)
        trial.octo.restart()
        until(coordinator.tick, lambda: trial.prints()[-1].state is JobState.FAILED)
        assert "does not tell how it ended" in trial.prints()[-1].reason
        coordinator.close()
    trial.ready()
    trial.run()
    trial.check()


def test_prints_that_somebody_else_began_are_on_record_within_ten_seconds(
    trial: FarmTrial,
) -> None:
    """Last, since the hosts' histories then hold what the farm knows nothing of. What the tests
    before this one printed is none of it."""
    klip, octo = trial.klip, trial.octo
    told = "uncertified print"
    with at_farm(trial.farm.folder) as place:
        with place.store.reading() as rows:
            assert [event for event in rows.events() if event.kind == told] == []
        coordinator = coordinator_of(place, owner="worker")
        coordinator.tick()
        sent = upload(f"{klip.url}/server/files/upload", "usb.gcode", b"G28\nPAUSE\nG1 X9\n" * 9)
        assert sent[0] == 201
        data = b"".join(b"G1 X%d F600\n" % (n % 9) for n in range(9_000))
        url = f"{octo.url}/api/files/local"
        assert upload(url, "usb.gcode", data, headers={"X-Api-Key": octo.key})[0] == 201
        began = time.monotonic()
        klip.ask("/printer/print/start?filename=usb.gcode", method="POST")
        command = {"command": "select", "print": True}
        octo.ask("/api/files/local/usb.gcode", method="POST", json_body=command)

        def where() -> set[str]:
            with place.store.reading() as rows:
                events = [dict(event.about) for event in rows.events() if event.kind == told]
            assert {str(about["file"]) for about in events} <= {"usb.gcode"}
            assert len(events) <= 2
            return {str(about["printer"]) for about in events}

        until(coordinator.tick, lambda: where() == {"octo", "klip"}, seconds=10)
        assert time.monotonic() - began < 10
        for _ in range(20):
            coordinator.tick()
        assert where() == {"octo", "klip"}
        coordinator.close()
    klip.ask("/printer/print/cancel", method="POST")
    octo.ask("/api/job", method="POST", json_body={"command": "cancel"})

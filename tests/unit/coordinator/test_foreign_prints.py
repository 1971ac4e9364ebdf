"""A print that the farm did not begin is on record within ten seconds, once; its own never are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from printstd.artifacts.farm import FarmEvent
from printstd.artifacts.host import RunOutcome
from printstd.artifacts.job import JobState
from tests.simulated_host import Run
from tests.small_farm import SmallFarm, printer, small_farm

EVERY_S = 2.0


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[SmallFarm]:
    found = small_farm(tmp_path, [printer("a")])
    yield found
    found.store.close()


def told(farm: SmallFarm) -> list[FarmEvent]:
    with farm.store.reading() as rows:
        return [event for event in rows.events() if event.kind == "uncertified print"]


def looks(farm: SmallFarm, seconds: float) -> None:
    one = farm.coordinator()
    for _ in range(round(seconds / EVERY_S)):
        one.tick()
        farm.later(EVERY_S)
    one.close()


def begun_by_hand(farm: SmallFarm, file: str = "usb.gcode") -> None:
    farm.hosts["a"].history.append(Run(file, RunOutcome.RUNNING, farm.now_ms / 1000))


def test_a_print_from_the_screen_is_recorded_and_lies_on_the_bed(farm: SmallFarm) -> None:
    looks(farm, 10)
    assert told(farm) == []
    began = farm.now_ms
    begun_by_hand(farm)
    looks(farm, 30)
    (event,) = told(farm)
    assert event.at_utc_ms - began < 10_000
    about = dict(event.about)
    assert (about["printer"], about["file"]) == ("a", "usb.gcode")
    with farm.store.reading() as rows:
        assert rows.printer("a").needs_clear
    # Nothing is printed onto it.
    farm.submit()
    farm.later(100)
    looks(farm, 20)
    assert farm.states() == [JobState.QUEUED]
    assert farm.hosts["a"].starts == []


def test_what_the_farm_began_is_never_told(farm: SmallFarm) -> None:
    farm.submit()
    looks(farm, 90)
    assert len(farm.hosts["a"].starts) == 1
    assert told(farm) == []


def test_another_file_in_the_place_of_the_farm_s_print_is_told(farm: SmallFarm) -> None:
    farm.submit()
    looks(farm, 10)
    assert farm.states() == [JobState.PRINTING]
    farm.hosts["a"].end(RunOutcome.CANCELLED)
    begun_by_hand(farm)
    looks(farm, 20)
    assert [dict(event.about)["file"] for event in told(farm)] == ["usb.gcode"]

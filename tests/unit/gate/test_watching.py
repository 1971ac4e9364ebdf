"""Prints that nobody here began: told once each, in time, and none that was begun here."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.host import HostState, HostStatus
from printstd.farm.foreign import Expected, ForeignWatch

OWN = Expected("own.gcode", "7")


def printing(file: str | None, run_id: str | None = None, paused: bool = False) -> HostStatus:
    state = HostState.PAUSED if paused else HostState.PRINTING
    return HostStatus(state, file=file, run_id=run_id)


IDLE = HostStatus(HostState.IDLE, file="own.gcode")


def told(looks: list[tuple[HostStatus, Expected | None]], every_s: float = 2.0) -> list[int]:
    """At which looks something was told."""
    watch = ForeignWatch()
    return [
        number
        for number, (status, expected) in enumerate(looks)
        if watch.look(status, number * every_s, expected) is not None
    ]


def test_a_foreign_print_is_told_once_and_within_ten_seconds() -> None:
    assert told([(IDLE, None)] + [(printing("usb.gcode"), None)] * 20) == [3]
    assert told([(printing(None), None)] * 20) == [2]
    assert told([(printing("usb.gcode", paused=True), None)] * 20) == [2]


def test_a_print_that_was_begun_here_is_not_told() -> None:
    assert told([(printing("own.gcode", "7"), OWN)] * 20) == []
    # Its record may come a look after the print, its name in the host's history later still.
    looks = [(printing("own.gcode"), None), (printing("own.gcode"), OWN)]
    assert told(looks + [(printing("own.gcode", "7"), OWN)] * 20) == []


def test_one_after_another_is_told_again() -> None:
    looks = [(printing("a"), None)] * 4 + [(IDLE, None)] + [(printing("a"), None)] * 4
    assert told(looks) == [2, 7]
    looks = [(printing("a", "1"), None)] * 4 + [(printing("a", "2"), None)] * 4
    assert told(looks) == [2, 6]


@pytest.mark.parametrize("other", [printing("own.gcode", "8"), printing("other.gcode", "7")])
def test_another_run_or_file_than_was_begun_is_foreign(other: HostStatus) -> None:
    assert told([(printing("own.gcode", "7"), OWN)] * 5 + [(other, OWN)] * 5) == [7]


def test_what_was_begun_here_and_has_ended_does_not_cover_the_next() -> None:
    looks = [(printing("own.gcode", "7"), OWN)] * 3 + [(IDLE, None)]
    assert told(looks + [(printing("own.gcode", "9"), None)] * 5) == [6]


STATUSES = st.sampled_from([IDLE, printing("own.gcode", "7"), printing("usb.gcode", "8")])


@settings(max_examples=60)
@given(st.lists(STATUSES, max_size=40), st.sampled_from([0.5, 1.0, 2.0]))
def test_told_are_exactly_the_stays_of_foreign_prints_that_last(
    looks: list[HostStatus], every_s: float
) -> None:
    watch, found = ForeignWatch(), []
    since: int | None = None
    for number, status in enumerate(looks):
        is_foreign = status.file == "usb.gcode"
        since = (since if since is not None else number) if is_foreign else None
        if watch.look(status, number * every_s, OWN) is not None:
            assert since is not None
            found.append(since)
            assert (number - since) * every_s < 6
        elif since is not None and since not in found:
            assert (number - since) * every_s < 3
    assert len(found) == len(set(found))

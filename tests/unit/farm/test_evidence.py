"""What a host shows, and what it does not: never a beginning or an end that was not shown."""

from __future__ import annotations

import pytest

from printstd.artifacts.host import HostRun, HostState, HostStatus, RunOutcome
from printstd.farm.evidence import attempt_file, evidence
from printstd.farm.states import Event

FILE = attempt_file("ab" * 32, "bcdf", 12, 2)
OTHER = attempt_file("ab" * 32, "bcdf", 12, 1)


def run(outcome: RunOutcome, file: str = FILE) -> HostRun:
    return HostRun("7", file, outcome, 1.0, None)


def status(state: HostState, file: str | None = None, progress: float | None = None) -> HostStatus:
    return HostStatus(state, file=file, progress_ratio=progress)


S, R = HostState, RunOutcome


@pytest.mark.parametrize(
    ("seen", "runs", "event"),
    [
        (status(S.IDLE), (), None),
        (status(S.PRINTING, OTHER), (), None),
        (status(S.PRINTING, "x" + FILE), (), None),
        (status(S.OFFLINE), (), None),
        (status(S.IDLE), (run(R.COMPLETED, OTHER),), None),
        # Selected, and not begun.
        (status(S.IDLE, FILE), (), None),
        (status(S.IDLE, FILE, 0.0), (), None),
        (status(S.PRINTING, FILE), (), Event.SEEN_PRINTING),
        (status(S.PRINTING, "gcodes/" + FILE), (), Event.SEEN_PRINTING),
        (status(S.PAUSED, FILE), (), Event.SEEN_PAUSED),
        (status(S.PRINTING), (run(R.RUNNING),), Event.SEEN_PRINTING),
        (status(S.IDLE), (run(R.COMPLETED),), Event.SEEN_COMPLETED),
        (status(S.IDLE), (run(R.CANCELLED),), Event.SEEN_CANCELLED),
        (status(S.OFFLINE), (run(R.FAILED),), Event.SEEN_FAILED),
        (status(S.IDLE), (run(R.STOPPED),), Event.SEEN_FAILED),
        (status(S.IDLE), (run(R.UNKNOWN),), Event.INTERRUPTED),
        (status(S.IDLE), (run(R.RUNNING),), Event.INTERRUPTED),
        (status(S.PRINTING, OTHER), (run(R.RUNNING),), Event.INTERRUPTED),
        (status(S.ERROR, FILE), (), Event.SEEN_FAILED),
        (status(S.IDLE, FILE, 1.0), (), Event.SEEN_COMPLETED),
        (status(S.IDLE, FILE, 0.4), (), Event.INTERRUPTED),
        # The next print of somebody else does not hide how ours ended.
        (status(S.PRINTING, "theirs.gcode"), (run(R.COMPLETED),), Event.SEEN_COMPLETED),
    ],
)
def test_evidence(seen: HostStatus, runs: tuple[HostRun, ...], event: Event | None) -> None:
    found = evidence(FILE, seen, runs)
    assert found.event is event
    if event in (Event.SEEN_FAILED, Event.INTERRUPTED, Event.SEEN_CANCELLED):
        assert found.reason


def test_an_end_without_a_name_after_our_cancel_is_that() -> None:
    for outcome in (R.STOPPED, R.UNKNOWN):
        found = evidence(FILE, status(S.IDLE), (run(outcome),), was_told_to_stop=True)
        assert found.event is Event.SEEN_CANCELLED
    whole = evidence(FILE, status(S.IDLE), (run(R.COMPLETED),), was_told_to_stop=True)
    assert whole.event is Event.SEEN_COMPLETED


def test_names_are_plain_and_never_the_same() -> None:
    names = {
        attempt_file(digest, farm, number, attempt)
        for digest in ("ab" * 32, "cd" * 32)
        for farm in ("bcdf", "ghjk")
        for number in (1, 11, 111)
        for attempt in (1, 2, 11)
    }
    assert len(names) == 36
    assert all(name.isascii() and name.endswith(".gcode") and "/" not in name for name in names)

"""The whole table: every pair is defined or refused, and what it promises holds for every path."""

from __future__ import annotations

from pathlib import Path

import pytest

from printstd.artifacts.job import JobState
from printstd.farm.states import (
    AT_WORK,
    ENDED,
    ON_PRINTER,
    TABLE,
    WAITING,
    Effect,
    Event,
    StepRefused,
    as_markdown,
    step,
)

PAIRS = [(state, event) for state in JobState for event in Event]
EVIDENCE = {event for event in Event if event.value.startswith("seen_")} | {Event.INTERRUPTED}
ROOT = Path(__file__).parents[3]


def reachable(start: JobState, without: frozenset[Event] = frozenset()) -> set[JobState]:
    """From `start` in one step or more."""
    found: set[JobState] = set()
    edge = {start}
    while edge:
        edge = {
            to.state for (at, event), to in TABLE.items() if at in edge and event not in without
        } - found
        found |= edge
    return found


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_every_pair_is_defined_or_refused(state: JobState, event: Event) -> None:
    if (state, event) in TABLE:
        assert step(state, event) == TABLE[state, event]
    else:
        with pytest.raises(StepRefused) as refused:
            step(state, event)
        assert state.value in str(refused.value)
        assert refused.value.exit_code == 2


def test_every_state_is_reached_and_can_end() -> None:
    assert reachable(JobState.QUEUED) >= set(JobState)
    for state in set(JobState) - ENDED:
        assert reachable(state) & ENDED
        assert JobState.DONE in reachable(state) or state is JobState.AWAITING_CLEAR
    for state in ENDED:
        assert reachable(state) == set()


def test_every_event_leads_somewhere() -> None:
    assert {event for _, event in TABLE} == set(Event)


def test_nothing_is_started_again_without_proof_that_it_never_began() -> None:
    assert JobState.STARTING in reachable(JobState.STARTING)
    assert JobState.STARTING not in reachable(JobState.STARTING, frozenset({Event.NEVER_BEGAN}))
    back = [(at, event) for (at, event), to in TABLE.items() if to.state is JobState.QUEUED]
    assert {at for at, _ in back} & AT_WORK == {JobState.STARTING}
    # What was seen to print is never queued again, nor what is lost.
    for state in (JobState.PRINTING, JobState.PAUSED, JobState.LOST, JobState.FINISHING):
        assert not reachable(state) & {JobState.QUEUED, JobState.STARTING}


def test_only_an_intention_on_record_leads_to_a_start() -> None:
    assert [pair for pair, to in TABLE.items() if to.state is JobState.STARTING] == [
        (JobState.UPLOADING, Event.INTEND)
    ]
    # And only what was verified is uploaded.
    assert [pair for pair, to in TABLE.items() if to.state is JobState.UPLOADING] == [
        (JobState.VERIFYING, Event.VERIFIED)
    ]


def test_all_evidence_is_taken_wherever_it_may_be_found() -> None:
    stays = {Event.SEEN_PRINTING: JobState.PRINTING, Event.SEEN_PAUSED: JobState.PAUSED}
    for state in (JobState.STARTING, JobState.PRINTING, JobState.PAUSED, JobState.LOST):
        for event in EVIDENCE:
            assert (state, event) in TABLE or stays.get(event) is state


def test_filament_and_printer_are_taken_once_and_given_back_once() -> None:
    takes = {Effect.RESERVE}
    gives = {Effect.FREE, Effect.CONSUME, Effect.ADJUST}
    holds = ON_PRINTER - {JobState.AWAITING_CLEAR}
    for (at, _), to in TABLE.items():
        effects = set(to.effects)
        assert len(effects & gives) <= 1
        assert bool(effects & takes) == (at not in holds and to.state in holds)
        assert bool(effects & gives) == (at in holds and to.state not in holds)
        if Effect.FREE in effects:
            assert to.state not in ON_PRINTER


def test_a_bed_that_something_was_laid_on_waits_for_a_person() -> None:
    for (at, event), to in TABLE.items():
        if at in AT_WORK and to.state in ENDED:
            assert Effect.SOIL in to.effects, (at, event)
        if event is Event.SEEN_COMPLETED:
            assert Effect.SOIL in to.effects
    cleaned = {event for (_, event), to in TABLE.items() if Effect.CLEAN in to.effects}
    assert cleaned == {Event.CLEARED, Event.REJECTED}


def test_the_states_are_parted_completely() -> None:
    assert set(JobState) == ENDED | WAITING | ON_PRINTER
    assert not ENDED & WAITING
    assert AT_WORK <= ON_PRINTER


def test_the_docs_show_this_table() -> None:
    assert as_markdown() in (ROOT / "docs" / "farm.md").read_text("utf-8")

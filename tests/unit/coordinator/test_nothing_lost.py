"""The coordinator stopped before and after every commit and every call of a host: each print is
told to its host once, whatever was cut off, and no job is forgotten."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from printstd.artifacts.host import RunOutcome
from printstd.artifacts.job import JobState
from printstd.errors import HostRefused, HostSilent, HostUnsure, OutsideError
from printstd.farm.chain import broken
from printstd.farm.states import Event
from tests.simulated_host import silent
from tests.small_farm import SmallFarm, printer, small_farm
from tests.unit.coordinator.killed import Killed, killing_at


def through(farm: SmallFarm, looks: int = 60) -> None:
    """A coordinator that is left alone until the queue is empty, beds being cleared."""
    one = farm.coordinator("later")
    for _ in range(looks):
        one.tick()
        farm.later(40)
        with farm.store.writing("person") as rows:
            for print_ in rows.instances(states=[JobState.AWAITING_CLEAR]):
                rows.move(print_.number, Event.CLEARED, farm.now_ms)
            for own in rows.printers():
                if own.needs_clear and own.name not in rows.busy():
                    rows.set_printer(replace(own, needs_clear=False))
        if all(s in (JobState.DONE, JobState.FAILED, JobState.CANCELLED) for s in farm.states()):
            break
    one.close()


def check(farm: SmallFarm, copies: int) -> None:
    """The host's own word against the store's."""
    prints = farm.prints()
    assert len(prints) == copies
    with farm.store.reading() as rows:
        assert broken(rows.events()) == ""
        files = [dict(e.about)["file"] for e in rows.events() if e.kind == Event.INTEND]
    starts = [name for host in farm.hosts.values() for name in host.starts]
    assert len(starts) == len(set(starts)), "a file was started twice"
    assert set(starts) <= set(files), "something was started without the intention on record"
    for one in prints:
        own = [name for name in starts if f"{one.number}-" in name.split("-", 1)[1][4:]]
        assert len(own) <= 1, f"print {one.number} was printed {len(own)} times"
        if one.state is JobState.DONE:
            assert own == [one.file]
        if own:
            assert one.did_begin


def killed_at(farm: SmallFarm, point: int) -> bool:
    """A coordinator runs until the point is reached. Was it?"""
    try:
        with killing_at(farm, point):
            one = farm.coordinator("killed")
            for _ in range(8):
                one.tick()
                farm.later(10)
        return False
    except Killed:
        return True
    finally:
        farm.later(120)  # Its lease runs out.


@pytest.mark.parametrize("keeps_history", [True, False])
def test_a_kill_at_any_point_neither_loses_nor_doubles(tmp_path: Path, keeps_history: bool) -> None:
    # `make kill-farm` takes every point; here some, others in the second round.
    point, every = int(keeps_history), int(os.environ.get("PRINTSTD_EVERY_POINT", "12"))
    while True:
        folder = tmp_path / str(point)
        folder.mkdir()
        farm = small_farm(folder, [printer("a", auto_clear=True)])
        farm.hosts["a"].print_s = 60 if keeps_history else 200
        farm.hosts["a"].keeps_history = keeps_history
        farm.submit(copies=1)
        was_killed = killed_at(farm, point)
        through(farm)
        check(farm, 1)
        assert farm.states() == [JobState.DONE if keeps_history else JobState.FAILED]
        farm.store.close()
        if not was_killed:
            break
        point += every
    assert point > 30


def started(farm: SmallFarm) -> None:
    farm.submit()
    farm.coordinator().tick()
    assert farm.states() == [JobState.PRINTING]


@pytest.fixture
def farm(tmp_path: Path):
    made = small_farm(tmp_path, [printer("a")])
    yield made
    made.store.close()


def test_a_start_without_an_answer_that_was_heard_is_not_repeated(farm: SmallFarm) -> None:
    def lost_answer(name: str) -> None:
        if name == "start":
            raise HostUnsure("no answer came")

    farm.hosts["a"].after = lost_answer
    farm.submit()
    farm.coordinator().tick()
    assert farm.states() == [JobState.STARTING]
    farm.later(2)
    farm.coordinator().tick()
    assert farm.states() == [JobState.PRINTING]
    assert len(farm.hosts["a"].starts) == 1


def test_a_start_that_was_not_heard_is_fenced_off_before_another(farm: SmallFarm) -> None:
    """The order is still on its way when the farm gives up on it: it must find nothing to print."""
    host = farm.hosts["a"]
    on_its_way: list[str] = []

    def swallowed(name: str) -> None:
        if name == "start":
            raise HostUnsure("no answer came")

    host.before = swallowed
    farm.submit()
    one = farm.coordinator()
    one.tick()
    on_its_way += [print_.file for print_ in farm.prints()]
    assert farm.states() == [JobState.STARTING]
    one.tick()
    assert farm.states() == [JobState.STARTING], "not before the host had time to show it"
    host.before = lambda name: None
    farm.later(6)
    one.tick()
    (print_,) = farm.prints()
    assert (print_.state, print_.attempt) in ((JobState.QUEUED, 1), (JobState.PRINTING, 2))
    with pytest.raises(HostRefused):
        host.obey_start(on_its_way[0])
    one.tick()
    (print_,) = farm.prints()
    assert print_.state is JobState.PRINTING
    assert host.starts == [print_.file]
    assert print_.file != on_its_way[0]


def test_a_start_that_arrives_just_before_the_fence_is_believed(farm: SmallFarm) -> None:
    host = farm.hosts["a"]

    def swallowed(name: str) -> None:
        if name == "start":
            raise HostUnsure("no answer came")

    host.before = swallowed
    farm.submit()
    one = farm.coordinator()
    one.tick()
    (print_,) = farm.prints()
    one.tick()
    farm.later(6)

    def late(name: str) -> None:
        if name == "delete":
            host.obey_start(print_.file)

    host.before = late
    one.tick()
    host.before = lambda name: None
    one.tick()
    assert farm.states() == [JobState.PRINTING]
    assert host.starts == [print_.file]


def test_three_attempts_that_come_to_nothing_are_held(farm: SmallFarm) -> None:
    def refuses(name: str) -> None:
        if name == "start":
            raise HostRefused("the door is open")

    farm.hosts["a"].before = refuses
    farm.submit()
    one = farm.coordinator()
    for _ in range(5):
        one.tick()
    (print_,) = farm.prints()
    assert (print_.state, print_.attempt) == (JobState.HELD, 3)
    assert "the door is open" in print_.reason
    assert farm.hosts["a"].starts == []


def test_a_silent_host_is_lost_and_found_as_it_went_on(farm: SmallFarm) -> None:
    started(farm)
    host = farm.hosts["a"]
    host.before = silent
    one = farm.coordinator()
    one.tick()
    assert farm.states() == [JobState.PRINTING], "a short silence is none"
    farm.later(31)
    one.tick()
    assert farm.states() == [JobState.LOST]
    farm.later(300)
    one.tick()
    assert farm.states() == [JobState.LOST], "it is never begun again by itself"
    host.before = lambda name: None
    one.tick()
    assert farm.states() == [JobState.AWAITING_CLEAR]
    assert len(host.starts) == 1


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (RunOutcome.CANCELLED, JobState.CANCELLED),
        (RunOutcome.FAILED, JobState.FAILED),
        (RunOutcome.STOPPED, JobState.FAILED),
    ],
)
def test_what_ends_at_the_machine_soils_the_bed(
    farm: SmallFarm, outcome: RunOutcome, state: JobState
) -> None:
    started(farm)
    farm.later(15)
    one = farm.coordinator()
    one.tick()
    farm.hosts["a"].end(outcome)
    one.tick()
    assert farm.states() == [state]
    with farm.store.reading() as rows:
        assert rows.printer("a").needs_clear
        # A quarter of the print was laid: a quarter of its filament is gone, none is promised.
        assert rows.spool("s-a").left_mg == 1_000_000 - 2_500
        assert rows.reservations() == []
    farm.submit()
    one.tick()
    assert farm.states() == [state, JobState.QUEUED]


def test_a_host_that_forgot_a_print_that_began_ends_it(farm: SmallFarm) -> None:
    started(farm)
    host = farm.hosts["a"]
    host.history.clear()
    one = farm.coordinator()
    one.tick()
    assert farm.states() == [JobState.PRINTING]
    farm.later(6)
    one.tick()
    (print_,) = farm.prints()
    assert print_.state is JobState.FAILED
    assert "does not tell how it ended" in print_.reason
    farm.later(60)
    one.tick()
    assert len(host.starts) == 1


def test_an_unplugged_printer_may_be_printing_unseen(farm: SmallFarm) -> None:
    started(farm)
    host = farm.hosts["a"]
    host.offline = True
    host.keeps_history = False
    one = farm.coordinator()
    for _ in range(5):
        farm.later(10)
        one.tick()
    assert farm.states() == [JobState.PRINTING]


def test_a_byte_changed_at_the_host_is_not_started(farm: SmallFarm) -> None:
    host = farm.hosts["a"]

    def changed(name: str) -> None:
        if name == "upload":
            for file, data in host.files.items():
                host.files[file] = data.replace(b"G1", b"G0")

    host.after = changed
    farm.submit()
    farm.coordinator().tick()
    (print_,) = farm.prints()
    assert print_.state is JobState.FAILED
    assert "sha256" in print_.reason
    assert host.starts == []
    with farm.store.reading() as rows:
        assert rows.reservations() == []
        assert not rows.printer("a").needs_clear


def test_what_does_not_verify_is_not_sent(farm: SmallFarm) -> None:
    from printstd.errors import VerificationError

    def no(files: object, now: str) -> object:
        raise VerificationError("revoked")

    farm.verify = no  # type: ignore[assignment]
    farm.submit()
    farm.coordinator().tick()
    assert farm.states() == [JobState.FAILED]
    assert farm.hosts["a"].files == {}


def test_wishes_are_granted_once_and_a_cancel_is_known_for_one(farm: SmallFarm) -> None:
    from printstd.artifacts.job import Wish

    started(farm)
    host, one = farm.hosts["a"], farm.coordinator()
    number = farm.prints()[0].number

    def wish(what: Wish) -> None:
        with farm.store.writing("person") as rows:
            rows.wish(number, what, farm.now_ms)
        one.tick()
        one.tick()

    wish(Wish.PAUSE)
    assert farm.states() == [JobState.PAUSED]
    wish(Wish.RESUME)
    assert farm.states() == [JobState.PRINTING]
    wish(Wish.CANCEL)
    assert farm.states() == [JobState.CANCELLED]
    assert host.history[-1].outcome is RunOutcome.CANCELLED


def test_another_coordinator_takes_over_when_the_lease_has_run_out(farm: SmallFarm) -> None:
    started(farm)
    other = farm.coordinator("other")
    other.tick()
    with farm.store.reading() as rows:
        assert rows.holds("c", "a", farm.now_ms)
    farm.later(90)
    other.tick()
    with farm.store.reading() as rows:
        assert rows.holds("other", "a", farm.now_ms)
    assert farm.states() == [JobState.AWAITING_CLEAR]


def test_who_lost_the_lease_can_no_longer_intend_a_start(farm: SmallFarm) -> None:
    """A coordinator that slept through its lease does not begin what is another's now."""
    host = farm.hosts["a"]
    taken: list[bool] = []

    def asleep(name: str) -> None:
        if name == "upload" and not taken:
            taken.append(True)
            farm.later(90)
            with farm.store.leasing() as rows:
                rows.claim("other", farm.now_ms, farm.now_ms + 60_000, 10)

    host.before = asleep
    farm.submit()
    farm.coordinator("sleeper").tick()
    assert farm.states() == [JobState.UPLOADING]
    assert host.starts == []


def test_silence_before_the_start_gives_the_print_to_another_printer(tmp_path: Path) -> None:
    farm = small_farm(tmp_path, [printer("a"), printer("b")])
    farm.submit()

    def cut(name: str) -> None:
        if name in ("upload", "status"):
            raise HostSilent("cut")

    one = farm.coordinator()
    farm.hosts["a"].before = lambda name: cut(name) if name == "upload" else None
    one.tick()
    farm.hosts["a"].before = cut
    for _ in range(4):
        farm.later(20)
        one.tick()
    assert farm.states() in ([JobState.PRINTING], [JobState.AWAITING_CLEAR])
    assert farm.prints()[0].printer == "b"
    assert farm.hosts["a"].starts == []
    farm.store.close()


def test_who_cancels_while_the_host_is_silent_is_not_overruled(farm: SmallFarm) -> None:
    """The coordinator gives up on the printer in the moment in which a person cancels the print."""
    farm.submit()
    one = farm.coordinator()
    host = farm.hosts["a"]
    host.before = lambda name: silent(name) if name == "upload" else None
    one.tick()
    assert farm.states() == [JobState.UPLOADING]
    farm.later(31)

    def cancelled(name: str) -> None:
        with farm.store.writing("person") as rows:
            rows.move(1, Event.CANCEL, farm.now_ms)
        silent(name)

    host.before = cancelled
    one.printing.memory["a"].heard_ms -= 60_000
    one.tick()
    assert farm.states() == [JobState.CANCELLED]


def test_a_policy_that_cannot_be_read_is_no_word_about_the_program(farm: SmallFarm) -> None:
    def broken_policy(files: object, now: str) -> object:
        raise OutsideError("the farm's policy cannot be read")

    farm.verify = broken_policy  # type: ignore[assignment]
    farm.submit()
    one = farm.coordinator()
    one.tick()
    assert farm.states() == [JobState.VERIFYING]
    farm.verify = None
    one.close()
    farm.coordinator().tick()
    assert farm.states() == [JobState.PRINTING]

"""A crew of processes: everything is done, and what one task does to its worker is its own."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from printstd.adapters.hands import TRIES, Limits, LocalCrew
from printstd.adapters.keys import PASSPHRASE_FILE_VARIABLE, PASSPHRASE_VARIABLE
from printstd.errors import InputError, InternalError, OutsideError
from tests.crew_work import work

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")


def done_by(crew: LocalCrew, tasks: list[str], folder: Path) -> dict[int, object]:
    found: dict[int, object] = {}

    def done(number: int, answer: object) -> None:
        assert number not in found
        found[number] = answer

    crew.each(work, tasks, shared=str(folder), done=done)
    return found


def log_of(folder: Path) -> list[tuple[int, str]]:
    lines = (folder / "log").read_text().splitlines()
    return [(int(line.split()[0]), line.partition(" ")[2]) for line in lines]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_a_task_does_to_its_worker_is_its_own(tmp_path: Path) -> None:
    good = [f"good:{n}" for n in range(7)]
    bad = [
        "killed:",
        "crash:",
        "bug:what broke",
        "refused:no model",
        "slow:60",
        "greedy:4000",
        "greedy:100000",
    ]
    once = ["killed once:mark", "talks:"]
    tasks = [one for pair in zip(good, bad, strict=True) for one in pair] + once
    crew = LocalCrew(2, Limits(seconds=4.0, memory_bytes=128 << 20))
    found = done_by(crew, tasks, tmp_path)
    assert sorted(found) == list(range(len(tasks)))
    of = {task: found[number] for number, task in enumerate(tasks)}
    for task in [*good, *once]:
        assert of[task] == f"{task} done"
    killed, crash, bug, refused, slow, greedy, boundless = (of[task] for task in bad)
    assert isinstance(killed, OutsideError)
    assert isinstance(crash, InternalError)
    assert "Segmentation fault" in str(crash)
    assert isinstance(bug, InternalError)
    assert "what broke" in str(bug)
    assert isinstance(refused, InputError)
    assert refused.what == "no model"
    assert isinstance(slow, InputError)
    assert "4 s" in str(slow)
    # Taken bit by bit, and asked for at once.
    for answer in (greedy, boundless):
        assert isinstance(answer, InputError)
        assert "128 MiB" in str(answer)
    times = [task for _, task in log_of(tmp_path)]
    assert times.count("killed:") == times.count("crash:") == TRIES
    # What took too long once would take too long again.
    assert times.count("slow:60") == 1
    assert times.count("killed once:mark") == 2
    assert all(times.count(task) == 1 for task in good)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_that_is_stopped_is_noticed_and_its_task_done_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("printstd.adapters.hands._STOPPED_S", 0.1)
    tasks = ["stopped once:mark", "good:1", "good:2"]
    found = done_by(LocalCrew(1, Limits(seconds=60.0)), tasks, tmp_path)
    assert [found[n] for n in range(3)] == [f"{task} done" for task in tasks]
    times = [task for _, task in log_of(tmp_path)]
    assert [times.count(task) for task in tasks] == [2, 1, 1]
    # Where nobody lets it go on, it is told, and the others are done.
    found = done_by(LocalCrew(1, Limits(seconds=60.0)), ["stopped:", "good:3"], tmp_path)
    assert isinstance(found[0], OutsideError)
    assert "was stopped" in str(found[0])
    assert found[1] == "good:3 done"
    assert not any(is_alive(pid) for pid, _ in log_of(tmp_path))


def test_a_worker_that_is_killed_from_outside_changes_nothing(tmp_path: Path) -> None:
    tasks = [f"slow:0.15{n}" for n in range(6)]

    def kill_one() -> None:
        while not (tmp_path / "log").exists():
            time.sleep(0.01)
        os.kill(log_of(tmp_path)[0][0], signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    found = done_by(LocalCrew(2), tasks, tmp_path)
    killer.join()
    assert [found[n] for n in range(6)] == [f"{task} done" for task in tasks]
    assert len({pid for pid, _ in log_of(tmp_path)}) == 3


def test_workers_do_not_see_the_passphrase_of_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "secret")
    monkeypatch.setenv(PASSPHRASE_FILE_VARIABLE, "secret.txt")
    assert done_by(LocalCrew(1), ["passphrase:"], tmp_path) == {0: "[]"}


def test_no_more_tasks_are_drawn_than_workers_need(tmp_path: Path) -> None:
    drawn = finished = 0
    ahead = []

    def tasks():
        nonlocal drawn
        for number in range(40):
            drawn += 1
            ahead.append(drawn - finished)
            yield f"good:{number}"

    def done(number: int, answer: object) -> None:
        nonlocal finished
        finished += 1

    LocalCrew(2).each(work, tasks(), shared=str(tmp_path), done=done)
    assert finished == 40
    assert max(ahead) <= 4


def test_a_request_to_stop_leaves_no_worker(tmp_path: Path) -> None:
    def stop(number: int, answer: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LocalCrew(2).each(work, ["good:1", *["slow:30"] * 5], shared=str(tmp_path), done=stop)
    assert not any(is_alive(pid) for pid, _ in log_of(tmp_path))
    assert threading.active_count() == 1


def test_what_goes_wrong_here_ends_the_run_with_its_error(tmp_path: Path) -> None:
    def tasks():
        yield "slow:30"
        raise OutsideError("the list of files broke off")

    with pytest.raises(OutsideError, match="broke off"):
        LocalCrew(1).each(work, tasks(), shared=str(tmp_path), done=lambda n, a: None)
    begun = log_of(tmp_path) if (tmp_path / "log").exists() else []
    assert not any(is_alive(pid) for pid, _ in begun)

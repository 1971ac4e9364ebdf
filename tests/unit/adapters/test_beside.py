"""Work beside: what it gives and raises arrives whole, and it does not outlive its block."""

from __future__ import annotations

import os
import signal
import time

import pytest

from printstd.adapters.executors import ProcessExecutor, SerialExecutor
from printstd.errors import OutsideError, SlicingError


def _whoami(shared: str) -> tuple[str, int]:
    return shared, os.getpid()


def _refuse(shared: str) -> int:
    raise SlicingError("no program", where=shared, got="it", hint="none", code="X-01")


def _die(shared: None) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _mistake(shared: int) -> float:
    return 1 / shared


def _sleep(shared: str) -> None:
    with open(shared, "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    time.sleep(60)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_it_is_done_in_another_process_and_comes_back(method: str) -> None:
    executor = ProcessExecutor(2, start_method=method)
    with executor.beside(_whoami, "a" * 1_000_000, work_ms=0.0) as pending:
        text, pid = pending.result()
        assert (text, pending.is_ready()) == ("a" * 1_000_000, True)
        assert pending.result() == (text, pid)
    assert pid != os.getpid()


@pytest.mark.parametrize(
    "executor",
    [SerialExecutor(), ProcessExecutor(1), ProcessExecutor(2, least_work_ms=300.0)],
    ids=["serial", "one worker", "too little"],
)
def test_what_is_not_worth_a_process_is_done_here_and_at_once(executor) -> None:
    with executor.beside(_whoami, "a", work_ms=299.0) as pending:
        assert pending.is_ready()
        assert pending.result() == ("a", os.getpid())


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(2)], ids=["here", "beside"])
def test_what_it_raises_is_raised_where_it_is_asked_for(executor) -> None:
    with executor.beside(_refuse, "there", work_ms=1.0) as pending:
        for _ in range(2):
            with pytest.raises(SlicingError, match="no program") as caught:
                pending.result()
            assert (caught.value.where, caught.value.code) == ("there", "X-01")


def test_a_process_that_dies_is_told() -> None:
    with (
        ProcessExecutor(2).beside(_die, None, work_ms=1.0) as pending,
        pytest.raises(OutsideError, match="died"),
    ):
        pending.result()


def test_a_mistake_of_ours_is_one_there_too(capfd) -> None:
    with (
        ProcessExecutor(2).beside(_mistake, 0, work_ms=1.0) as pending,
        pytest.raises(RuntimeError, match="above"),
    ):
        pending.result()
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_it_ends_with_its_block_whatever_ends_that(tmp_path) -> None:
    file = tmp_path / "pid"
    pending = ProcessExecutor(2).beside(_sleep, str(file), work_ms=1.0)
    while not (file.is_file() and file.read_text()):
        time.sleep(0.01)
    assert not pending.is_ready()
    with pytest.raises(KeyboardInterrupt), pending:
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)

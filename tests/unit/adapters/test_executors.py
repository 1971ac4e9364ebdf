"""Executors: results in task order, whoever finishes first; failures that arrive whole."""

from __future__ import annotations

import operator
import os
import signal
import time
from collections.abc import Sequence

import numpy as np
import pytest

from printstd.adapters.executors import (
    ProcessExecutor,
    SerialExecutor,
    executor_for,
    usable_cores,
)
from printstd.errors import OutsideError, SlicingError


def _add(shared: int, task: int) -> int:
    return shared + task


def _slow_first(shared: float, task: int) -> tuple[int, int]:
    time.sleep(shared / (task + 1))
    return task, os.getpid()


def _refuse(shared: str, task: int) -> int:
    if task == 2:
        raise SlicingError("no program", where=shared, got=str(task), hint="none", code="X-01")
    return task


def _die(parent: int, task: int) -> int:
    time.sleep(0.05)  # so that every worker has a task
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def _touch(shared: str, task: int) -> None:
    if task == 0:
        raise ValueError("first")
    time.sleep(0.05)
    with open(os.path.join(shared, str(task)), "wb"):
        pass


def _backwards(count: int) -> Sequence[int]:
    return range(count - 1, -1, -1)


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("order", [None, _backwards])
def test_results_come_back_in_the_order_of_the_tasks(workers, order) -> None:
    executor = ProcessExecutor(workers, chunk_size=1, submit_order=order)
    tasks = list(range(23))
    assert executor.map(_add, tasks, shared=1000) == SerialExecutor().map(_add, tasks, shared=1000)


def test_the_first_to_finish_is_not_the_first_returned_and_two_processes_work() -> None:
    out = ProcessExecutor(2).map(_slow_first, list(range(8)), shared=0.2)
    assert [task for task, _ in out] == list(range(8))
    pids = {pid for _, pid in out}
    assert len(pids) == 2


def test_spawned_workers_do_what_forked_ones_do() -> None:
    executor = ProcessExecutor(2, start_method="spawn")
    assert executor.map(operator.add, [1, 2, 3], shared=10) == [11, 12, 13]


def test_an_error_of_a_worker_arrives_with_all_it_says() -> None:
    with pytest.raises(SlicingError) as caught:
        ProcessExecutor(2).map(_refuse, list(range(6)), shared="here")
    error = caught.value
    assert (error.what, error.where, error.got, error.hint, error.code) == (
        "no program",
        "here",
        "2",
        "none",
        "X-01",
    )
    assert error.exit_code == 5


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_worker_that_is_killed_is_the_outside_worlds_fault(start: str) -> None:
    with pytest.raises(OutsideError):
        ProcessExecutor(2, start_method=start).map(_die, list(range(6)), shared=os.getpid())


def test_after_an_error_what_has_not_started_is_left_undone(tmp_path) -> None:
    with pytest.raises(ValueError, match="first"):
        ProcessExecutor(2).map(_touch, list(range(60)), shared=str(tmp_path))
    assert len(list(tmp_path.iterdir())) < 30


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 225, 1001])
@pytest.mark.parametrize(
    "executor",
    [SerialExecutor(), ProcessExecutor(1), ProcessExecutor(3), ProcessExecutor(2, chunk_size=1)],
)
def test_chunks_cover_the_range_once_and_in_order(executor, count: int) -> None:
    chunks = executor.chunks([0.0] * count)
    assert [i for chunk in chunks for i in chunk] == list(range(count))
    assert all(len(chunk) for chunk in chunks)


def test_shared_arrays_reach_every_worker() -> None:
    shared = np.arange(1000)
    out = ProcessExecutor(2).map(operator.getitem, [3, 5, 999], shared=shared)
    assert out == [3, 5, 999]


def test_who_asks_for_workers_gets_them_and_small_work_stays_whole() -> None:
    assert executor_for(3).workers == 3
    assert len(executor_for(3).chunks([0.001] * 100)) > 1
    assert isinstance(executor_for(1), SerialExecutor)
    by_itself = executor_for(None)
    assert by_itself.workers == usable_cores()
    assert by_itself.chunks([0.5] * 100) == [range(100)]
    if usable_cores() > 1:
        assert len(by_itself.chunks([50.0] * 100)) > 1


@pytest.mark.parametrize("bad", [{"workers": 0}, {"workers": 2, "chunk_size": 0}])
def test_senseless_sizes_are_refused(bad) -> None:
    with pytest.raises(ValueError, match="wanted at least 1"):
        ProcessExecutor(**bad)

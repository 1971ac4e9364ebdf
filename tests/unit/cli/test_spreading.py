"""Inputs spread over processes: who gets a worker, and what becomes of one that fails."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.adapters.executors import ProcessExecutor
from printstd.adapters.profile_files import default_source
from printstd.cli.commands.slice_ import _Job, _program_of
from printstd.cli.spreading import Answer, _in_worker, divided, spread
from printstd.errors import InputError, SlicingError, UsageError
from printstd.pipeline import Order, resolve
from printstd.profiles.resolved import Request
from printstd.report.document import Subject
from tests import small_part


@given(st.lists(st.integers(1, 10**9), max_size=40), st.integers(2, 16))
def test_every_input_is_worked_on_once_and_the_largest_first(sizes, workers) -> None:
    alone, together = divided(sizes, workers)
    assert sorted([*alone, *together]) == list(range(len(sizes)))
    order = [sizes[index] for index in [*alone, *together]]
    assert order == sorted(sizes, reverse=True)
    assert len(together) != 1
    if together:
        # Nobody waits for one that is much larger than what the others have to do meanwhile.
        left = sum(sizes[index] for index in together)
        assert sizes[together[0]] <= 1.5 * left / workers


def test_few_inputs_leave_no_worker_idle() -> None:
    assert divided([100], 2) == ([0], [])
    assert divided([100, 100], 2) == ([], [0, 1])
    assert divided([100, 100], 8) == ([0, 1], [])
    assert divided([5, 1000, 5, 5], 2) == ([1], [0, 2, 3])


def _work(folder: Path, path: Path, executor: object, progress: object) -> Answer:
    if path.name == "refused":
        raise InputError("no model", wanted="one", hint="give one")
    if path.name == "none":
        raise SlicingError("no program", where="here", wanted="one", hint="give one")
    if path.name == "greedy":
        raise MemoryError
    if path.name == "usage":
        raise UsageError("about the call")
    if path.name == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    place = folder / ("absent/x" if path.name == "unwritable" else path.name)
    subject = Subject(path.name, str(os.getpid()), (), (), (str(place),), None, 0)
    return Answer(subject, {place: path.name.encode()})


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_one_that_fails_stops_no_other(tmp_path) -> None:
    names = ["a", "refused", "b", "killed", "none", "unwritable", "greedy", "c", "d"]
    paths = [Path("models") / name for name in names]
    found = spread(paths, _work, [tmp_path] * len(paths), workers=2, quiet=True)
    assert [subject.name for subject in found] == names
    assert [subject.exit_code for subject in found] == [0, 4, 0, 7, 5, 7, 7, 0, 0]
    for subject, path in zip(found, paths, strict=True):
        assert (subject.problem is None) == (subject.exit_code == 0)
        assert subject.problem is None or subject.problem.message.count("what to do") == 1
        assert (tmp_path / path.name).exists() == (subject.exit_code == 0)
    assert (tmp_path / "c").read_bytes() == b"c"


def test_each_worker_keeps_what_it_has_imported(tmp_path) -> None:
    paths = [Path(f"m{number}") for number in range(12)]
    found = spread(paths, _work, [tmp_path] * len(paths), workers=2, quiet=True)
    pids = {subject.sha256 for subject in found}
    assert len(pids) <= 2
    assert str(os.getpid()) not in pids


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_input_named_twice_is_asked_for_what_each_name_is(tmp_path, workers) -> None:
    folders = [tmp_path / name for name in ("x", "y", "z")]
    for folder in folders:
        folder.mkdir()
    found = spread([Path("part")] * 3, _work, folders, workers=workers, quiet=True)
    assert [subject.outputs for subject in found] == [(str(folder / "part"),) for folder in folders]
    assert all((folder / "part").exists() for folder in folders)


def test_an_error_of_the_call_ends_it(tmp_path) -> None:
    with pytest.raises(UsageError):
        spread([Path("usage"), Path("b")], _work, [tmp_path] * 2, workers=2, quiet=True)


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_what_a_worker_is_told_reaches_it_however_it_starts(tmp_path, start_method) -> None:
    model = tmp_path / "part.stl"
    model.write_bytes(small_part.model())
    resolved = resolve(
        Request(printer="peer", material="peer", process="peer-0.20"), default_source()
    )
    job = _Job(Order(), resolved, 1, {model: tmp_path / "part.gcode"}, None, True)
    answers: dict[int, Answer] = {}
    ProcessExecutor(1, start_method=start_method).each(
        _in_worker, [0], shared=(_program_of, [job], [model]), done=answers.__setitem__
    )
    assert answers[0].subject.problem is None
    assert answers[0].products[tmp_path / "part.gcode"].startswith(b"; ")

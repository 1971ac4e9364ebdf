"""The first mutated files of every format; `make fuzz` takes the rest."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from printstd.errors import InputError
from tests.fuzz import __main__ as campaign
from tests.fuzz import deciding_files, invariants
from tests.fuzz.invariants import MAKERS, Hang, Watch, case, check
from tests.shares import examples

SHARE = examples(1_200, 800)
SHARES = {
    "step": examples(400, 300),
    **dict.fromkeys(deciding_files.KINDS, examples(600, 400)),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_mutated_files_are_read_or_refused(kind: str) -> None:
    share = SHARES.get(kind, SHARE)
    with Watch(bytearray(8)) as watch:
        taken = sum(watch.guarded(kind, seed) for seed in range(share))
    # Neither all broken beyond looking at, nor all as good as new.
    assert 0.02 * share < taken < 0.5 * share


@pytest.mark.parametrize("kind", MAKERS)
def test_a_case_is_its_seed_and_no_two_are_often_alike(kind: str) -> None:
    files = [case(kind, seed) for seed in range(300)]
    assert files == [case(kind, seed) for seed in range(300)]
    assert len({hashlib.sha256(data).digest() for data in files}) > 250


class Readers:
    """What a broken reader might do; each must be seen."""

    @staticmethod
    def crashes(data: bytes, **how: Any) -> Any:
        raise IndexError(len(data))

    @staticmethod
    def gives_no_code(data: bytes, **how: Any) -> Any:
        raise InputError("no", where="here")

    @staticmethod
    def gives_no_place(data: bytes, **how: Any) -> Any:
        raise InputError("no", code="STL-010")

    @staticmethod
    def takes_what_is_not_finite(data: bytes, **how: Any) -> Any:
        return _changed(data, lambda v, f: (np.where(v > 5, np.nan, v), f))

    @staticmethod
    def takes_nothing(data: bytes, **how: Any) -> Any:
        return _changed(data, lambda v, f: (v, f[:0]))

    @staticmethod
    def names_what_is_not_there(data: bytes, **how: Any) -> Any:
        return _changed(data, lambda v, f: (v, f + 1))

    @staticmethod
    def drops_a_facet_the_second_time(data: bytes, **how: Any) -> Any:
        return _changed(data, lambda v, f: (v, f[1:] if data.startswith(b"ply") else f))

    @staticmethod
    def never_ends(data: bytes, **how: Any) -> Any:
        while True:
            pass


READ = invariants.read_model


def _changed(data: bytes, change: Any) -> Any:
    import dataclasses

    name = "again.ply" if data.startswith(b"ply") else "part.stl"
    file = READ(data, name=name)
    vertices, faces = change(file.mesh.vertices_mm, file.mesh.faces)
    mesh = dataclasses.replace(file.mesh, vertices_mm=vertices, faces=faces)
    return dataclasses.replace(file, mesh=mesh)


@pytest.mark.parametrize("name", [name for name in vars(Readers) if not name.startswith("_")])
def test_a_broken_reader_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.fuzz.mesh_files import CUBE
    from tests.meshes import stl_binary

    sound = stl_binary(CUBE)
    assert check("stl", sound)
    monkeypatch.setattr(invariants, "read_model", getattr(Readers, name))
    monkeypatch.setattr(invariants, "HANG_S", 0.2)
    monkeypatch.setitem(MAKERS, "stl", lambda _: sound)
    seen_by_the_record = "takes_what_is_not_finite", "names_what_is_not_there"
    expected = {"crashes": IndexError, "never_ends": Hang} | dict.fromkeys(
        seen_by_the_record, TypeError
    )
    with pytest.raises(expected.get(name, AssertionError)), Watch(bytearray(8)) as watch:
        watch.guarded("stl", 0)


def test_a_campaign_goes_on_where_it_stopped_and_names_the_seed_of_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "fuzz.json"
    argv = ["fuzz", "stl", "--cases", "60", "--workers", "1", "--state", str(state)]
    monkeypatch.setattr(campaign, "BLOCK", 30)
    monkeypatch.setattr(sys, "argv", argv)
    assert campaign.main() == 0
    first = json.loads(state.read_text())
    assert [(row["first"], row["count"]) for row in first] == [(0, 30), (30, 30)]
    # A block that is done is not done again; one that failed is.
    first[1]["failures"] = [[31, "as it was"]]
    state.write_text(json.dumps(first))
    sound = invariants.case

    def crashes(kind: str, seed: int) -> bytes:
        assert seed >= 30 or seed == 0, "done again"
        if seed == 44:
            os.kill(os.getpid(), signal.SIGKILL)
        return sound(kind, max(seed, 30))

    monkeypatch.setattr(campaign, "_WARM_UP", 1)
    monkeypatch.setattr(invariants, "case", crashes)
    capsys.readouterr()
    assert campaign.main() == 1
    said = capsys.readouterr().out
    assert "stl seed 44: the interpreter ended with -9" in said
    assert "seed 31" not in said
    assert "all: 45 files, 1 failures" in said


def test_the_blocks_of_all_kinds_come_in_turn() -> None:
    jobs = campaign.in_turn(["log", "step"], 0, None)
    for kind in ("log", "step"):
        own = [job for job in jobs if job.kind == kind]
        assert [job.first for job in own] == list(range(0, campaign.CASES[kind], campaign.BLOCK))
        assert sum(job.count for job in own) == campaign.CASES[kind]
    half = jobs[: len(jobs) // 2]
    assert sum(job.kind == "step" for job in half) in (1, 2)
    assert sum(campaign.CASES.values()) >= 10_000_000

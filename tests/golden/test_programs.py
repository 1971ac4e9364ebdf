"""Whole programs, byte for byte, as they were when somebody last read them.

A difference is either a fault or a decision: `make golden` writes them anew, `git diff` shows what
has changed on the machine, and the changelog says why.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from printstd import pipeline
from printstd.adapters.executors import ProcessExecutor, SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.ports import Executor
from printstd.profiles.resolved import Request
from tests.golden.parts import PARTS
from tests.meshes import stl_binary

PROGRAMS = Path(__file__).with_name("programs")
CASES = [
    ("ring", "ender3-v2", "pla", "standard-0.20"),
    ("ring", "voron-2.4-350", "abs", "standard-0.20"),
    ("ring", "railcore-ii-300zl", "petg", "draft-0.30"),
    ("gate", "mk4s", "petg", "fine-0.12"),
    ("gate", "peer", "peer", "peer-0.20"),
    ("fin", "mk4s", "pla", "standard-0.20"),
]


def program(case: tuple[str, str, str, str], executor: Executor) -> bytes:
    part, printer, material, process = case
    request = Request(printer=printer, material=material, process=process)
    resolved = pipeline.resolve(request, default_source())
    model = pipeline.ModelInput(stl_binary(PARTS[part]()), f"{part}.stl")
    prepared = pipeline.prepare(model, pipeline.Order(), resolved)
    return pipeline.make_program(prepared, executor=executor, progress=NoProgress()).program.data


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_program_has_not_changed(case: tuple[str, str, str, str], updating: bool) -> None:
    made = program(case, SerialExecutor())
    kept = PROGRAMS / f"{'-'.join(case)}.gcode"
    if updating:
        kept.write_bytes(made)
    # Line by line, so that a failure shows the first line that differs.
    assert made.decode("ascii").splitlines() == kept.read_bytes().decode("ascii").splitlines()
    assert made == kept.read_bytes()


def test_the_same_bytes_from_many_processes() -> None:
    shuffled = ProcessExecutor(
        2, chunk_size=1, submit_order=lambda count: list(reversed(range(count)))
    )
    for case in CASES[:1] + CASES[-2:]:
        assert program(case, shuffled) == (PROGRAMS / f"{'-'.join(case)}.gcode").read_bytes()


def test_every_kept_program_is_one_that_is_made() -> None:
    assert {path.stem for path in PROGRAMS.iterdir()} == {"-".join(case) for case in CASES}

"""`--cache`: the same bytes, sooner, whatever happens to the folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.command import environment, listing, printstd, says

SLICE = ("slice", "small.stl", "--printer", "mk4s")
FAN = ("--set", "material.fan.max_ratio=0.6", "--set", "material.fan.min_ratio=0.4")


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("??/*.kept"))


@pytest.fixture(scope="module")
def wanted(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], bytes]:
    """What is made without a cache."""
    found = {}
    folder = tmp_path_factory.mktemp("cold")
    (folder / "small.stl").write_bytes((stock / "small.stl").read_bytes())
    for changed in ((), FAN):
        assert printstd(*SLICE, *changed, "-o", "cold.gcode", cwd=folder).code == 0
        found[changed] = (folder / "cold.gcode").read_bytes()
    assert found[()] != found[FAN]
    return found


def test_the_same_bytes_and_reports_as_without(desk, wanted):
    cold = printstd(*SLICE, "-o", "out.gcode", cwd=desk)
    for _ in range(2):
        for changed in ((), FAN):
            done = printstd(*SLICE, *changed, "-o", "out.gcode", "--cache", "kept", cwd=desk)
            assert done.code == 0, done.err
            assert (desk / "out.gcode").read_bytes() == wanted[changed]
            if not changed:
                assert done.out == cold.out
    before = listing(desk / "kept")
    done = printstd(*SLICE, "-o", "out.gcode", cwd=desk, PRINTSTD_CACHE="kept")
    assert done.code == 0
    assert listing(desk / "kept") == before


def test_a_model_under_another_name_is_known(desk, wanted):
    printstd(*SLICE, "-o", "out.gcode", "--cache", "kept", cwd=desk)
    before = len(entries(desk / "kept"))
    (desk / "small.stl").rename(desk / "Деталь.stl")
    call = ("slice", "Деталь.stl", *SLICE[2:], "-o", "out.gcode", "--cache", "kept")
    assert printstd(*call, cwd=desk).code == 0
    assert (desk / "out.gcode").read_bytes() == wanted[()]
    assert len(entries(desk / "kept")) == before


def test_two_processes_at_once_in_one_empty_folder(desk, wanted):
    command = [sys.executable, "-m", "printstd.cli.main", *SLICE, "--cache", "kept", "-q", "-o"]
    calls = [
        ([*command, f"{i}.gcode", *changed], changed) for i, changed in enumerate(((), FAN, ()))
    ]
    running = [subprocess.Popen(call, cwd=desk, env=environment()) for call, _ in calls]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    for i, (_, changed) in enumerate(calls):
        assert (desk / f"{i}.gcode").read_bytes() == wanted[changed]
    assert not list((desk / "kept").glob("??/*.part"))


def test_entries_that_were_cut_or_changed_are_made_again(desk, wanted):
    printstd(*SLICE, "-o", "out.gcode", "--cache", "kept", cwd=desk)
    whole = listing(desk / "kept")
    for damage in (
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: b"",
        lambda data: bytes(len(data)),
    ):
        for path in entries(desk / "kept"):
            path.write_bytes(damage(path.read_bytes()))
        done = printstd(*SLICE, "-o", "out.gcode", "--cache", "kept", cwd=desk)
        assert done.code == 0, done.err
        assert (desk / "out.gcode").read_bytes() == wanted[()]
        assert listing(desk / "kept") == whole


def test_a_folder_that_is_none_is_said_and_nothing_is_written(desk):
    before = listing(desk)
    done = printstd(*SLICE, "-o", "out.gcode", "--cache", "cube.stl", cwd=desk)
    assert done.code == 7
    assert "cube.stl" in says(done.err, "where", "got", "wanted", "what to do")["where"]
    assert listing(desk) == before


def test_what_is_refused_is_refused_each_time(desk):
    cold = printstd("slice", "open.stl", *SLICE[2:], "-o", "out.gcode", cwd=desk)
    for _ in range(2):
        done = printstd(
            *("slice", "open.stl", *SLICE[2:], "-o", "out.gcode", "--cache", "kept"), cwd=desk
        )
        assert (done.code, done.err) == (cold.code, cold.err)
        assert done.code == 5


def test_certify_uses_it_for_the_program_and_says_the_same(desk):
    call = ("certify", *SLICE[1:], "--key", "k.key", "--time", "1790000000", "-o", "out.gcode")
    names = ("out.gcode", "out.gcode.cert.json", "out.gcode.recheck.json")
    cold = printstd(*call, cwd=desk)
    assert cold.code == 0, cold.err
    program = (desk / names[0]).read_bytes()
    for _ in range(2):
        done = printstd(*call, "--cache", "kept", cwd=desk)
        assert done.code == 0, done.err
        assert (desk / names[0]).read_bytes() == program
        assert printstd("verify", "out.gcode", "--trust", "k.pub", cwd=desk).code == 0
    assert entries(desk / "kept")

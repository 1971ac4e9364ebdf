"""What benchmarks compute of what they measure."""

from __future__ import annotations

import math
import sys
import time

import pytest

from benchmarks import speed
from benchmarks.fits import exponent, geometric_mean
from benchmarks.processes import Run, medians, run, whole_peak_mib
from benchmarks.scaling import exponents


def test_exponents_of_power_laws_are_found() -> None:
    sizes = [10, 100, 1_000, 20_000]
    for power in (0.0, 0.5, 1.0, 2.0):
        assert exponent(sizes, [3.0 * size**power for size in sizes]) == pytest.approx(power)
    assert exponent([5, 5], [1.0, 2.0]) is None
    assert exponent([], []) is None


def test_exponents_leave_out_what_start_up_hides() -> None:
    curve = {
        size: {"a": dict.fromkeys(("wall_s", "cpu_s", "peak_mib"), 0.5 + size * 0.001)}
        for size in (1, 10, 10**6, 10**7)
    }
    assert exponents(curve, 1)["a"]["wall_s"] != pytest.approx(1.0, abs=0.05)
    assert exponents(curve, 10**6)["a"]["wall_s"] == pytest.approx(1.0, abs=0.01)


def test_the_mean_of_ratios_is_geometric() -> None:
    assert geometric_mean([0.5, 2.0]) == pytest.approx(1.0)
    assert geometric_mean([]) is None
    assert geometric_mean([4.0, 1.0, 2.0]) == pytest.approx(math.exp(math.log(8) / 3))


def test_medians_take_off_the_wrapper_and_never_all() -> None:
    runs = [Run(wall, wall, 50.0, 0) for wall in (1.0, 5.0, 2.0)]
    assert medians(runs)["wall_s"] == 2.0
    assert medians(runs, Run(0.5, 0.25, 0.0, 0))["wall_s"] == 1.5
    assert medians(runs, Run(0.5, 0.25, 0.0, 0))["cpu_s"] == 1.75
    assert medians(runs, Run(9.0, 9.0, 0.0, 0))["wall_s"] > 0


def runs_of(wall_s: float, exit_code: int = 0) -> list[Run]:
    return [Run(wall_s, wall_s, 50.0, exit_code)]


def test_only_parts_that_take_the_peer_long_count_and_failures_never() -> None:
    parts = {
        name: speed.figures_of({"printstd": ours, "peer": theirs}, {})
        for name, ours, theirs in (
            ("short", runs_of(0.5), runs_of(0.39)),
            ("slower", runs_of(0.5), runs_of(0.45)),
            ("long", runs_of(1.0), runs_of(4.0)),
            ("longer", runs_of(2.0), runs_of(2.0)),
            ("none of theirs", runs_of(1.0), runs_of(9.0, 1)),
            ("none of ours", runs_of(1.0, 70), runs_of(9.0)),
        )
    }
    assert speed.judged(parts, "peer") == (2.0, ["slower"])
    assert parts["none of ours"]["failed"] == ["printstd"]


def test_a_process_is_measured_with_what_it_starts() -> None:
    busy = "import time; s = time.process_time()\nwhile time.process_time() - s < 0.3: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}]); sys.exit(3)"
    done = run([sys.executable, "-c", code])
    assert done.exit_code == 3
    assert done.wall_s >= 0.3
    assert done.cpu_s >= 0.3
    assert 3 < done.peak_mib < 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be told which cores to use")
def test_a_process_keeps_to_the_cores_it_is_given() -> None:
    code = "import os, sys; sys.exit(len(os.sched_getaffinity(0)))"
    assert run([sys.executable, "-c", code], cores=1).exit_code == 1


def test_what_takes_too_long_is_ended_with_all_that_it_started() -> None:
    began = time.monotonic()
    done = run(["sh", "-c", "sleep 60; sleep 60"], limit_s=1)
    assert done.exit_code != 0
    assert time.monotonic() - began < 20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it")
def test_memory_of_a_command_and_its_children_is_counted_once() -> None:
    """40 MiB that a forked child shares, and 20 MiB of its own."""
    code = (
        "import os, time; held = bytearray(b'x') * (40 << 20)\n"
        "child = os.fork()\n"
        "own = bytearray(b'y') * (20 << 20) if not child else None\n"
        "time.sleep(1.0)\n"
        "if child: os.waitpid(child, 0)"
    )
    idle = whole_peak_mib([sys.executable, "-I", "-S", "-c", "import time; time.sleep(0.5)"])
    both = whole_peak_mib([sys.executable, "-I", "-S", "-c", code])
    assert idle is not None
    assert both is not None
    assert 55 < both - idle < 75

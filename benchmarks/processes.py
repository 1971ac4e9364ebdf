"""Whole processes, timed from outside by the system's own accounting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PEER = "prusa_classic"
"""The slicer to be measured against, as --peers knows it."""


@dataclass(frozen=True)
class Run:
    """One finished process: wall and CPU seconds (with children), peak memory, exit code."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    exit_code: int


_TIMER = """
import json, os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
wall = time.perf_counter() - began
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps([wall, cpu, usage.ru_maxrss, process.returncode]))
"""
"""A small process to start the command from: on Linux the peak of a new process is at least
what the one that started it held."""


def run(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Run:
    """Run `command` to its end, its output thrown away."""
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _TIMER, *command],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        check=True,
    )
    wall, cpu, peak, code = json.loads(answer.stdout)
    return Run(wall, cpu, peak / (1024 if sys.platform == "linux" else 1024 * 1024), code)


def interleaved(
    commands: Mapping[str, Sequence[str]], *, runs: int, warmups: int = 1
) -> dict[str, list[Run]]:
    """A B A B ...: each command `runs` times, so that a drifting machine hurts all alike."""
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for round_ in range(-warmups, runs):
        for name, command in commands.items():
            result = run(command)
            if round_ >= 0:
                results[name].append(result)
    return results


def medians(runs: Sequence[Run]) -> dict[str, float]:
    return {
        "wall_s": round(median(r.wall_s for r in runs), 4),
        "cpu_s": round(median(r.cpu_s for r in runs), 4),
        "peak_mib": round(median(r.peak_mib for r in runs), 1),
    }


def printstd(*arguments: str) -> list[str]:
    """The installed command, as a user starts it."""
    return [os.path.join(os.path.dirname(sys.executable), "printstd"), *arguments]


def slice_command(model: Path, out: Path) -> list[str]:
    """With the peer's own settings, and every compensation off."""
    profiles = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")
    return printstd("slice", str(model), "-o", str(out), *profiles, "--quiet")

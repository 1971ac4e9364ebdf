"""Whole processes, timed from outside by the system's own accounting."""

from __future__ import annotations

import os
import subprocess
import sys
import time
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


def run(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Run:
    """Run `command` to its end, its output thrown away."""
    began = time.perf_counter()
    process = subprocess.Popen(
        list(command),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, process.returncode)


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

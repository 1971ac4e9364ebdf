"""Whole processes, timed from outside by the system's own accounting."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PEER = "prusa_classic"
"""The slicer to be measured against, as --peers knows it."""
OTHERS = ("slic3r", "cura")
"""Shown beside."""
ENGINES = ("prusa-slicer", "slic3r", "CuraEngine", "cura-engine")
"""Programs that --peers starts."""
PLENTY_S = 120.0
"""How long one part's runs may take before the rest of them are left out."""


@dataclass(frozen=True)
class Run:
    """One finished process: wall and CPU seconds (with children), peak memory, exit code."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    exit_code: int


LIMIT_S = 900
"""A process that takes longer is ended, with all that it started, and has failed."""

_TIMER = """
import json, os, signal, subprocess, sys, time
cores, limit = int(sys.argv.pop(1)), int(sys.argv.pop(1))
if cores:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, start_new_session=True)
signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
signal.alarm(limit)
try:
    _, status, usage = os.wait4(process.pid, 0)
except BaseException:
    os.killpg(process.pid, signal.SIGKILL)
    raise
process.returncode = os.waitstatus_to_exitcode(status)
wall = time.perf_counter() - began
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps([wall, cpu, usage.ru_maxrss, process.returncode]))
"""
"""A small process to start the command from: on Linux the peak of a new process is at least
what the one that started it held."""


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    cores: int | None = None,
    limit_s: int = LIMIT_S,
) -> Run:
    """Run `command` to its end, its output thrown away. cores : on so many of those that there are
    (only Linux can be told so)."""
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _TIMER, str(cores or 0), str(limit_s), *command],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        check=True,
    )
    wall, cpu, peak, code = json.loads(answer.stdout)
    return Run(wall, cpu, peak / (1024 if sys.platform == "linux" else 1024 * 1024), code)


def whole_peak_mib(
    command: Sequence[str], *, every_s: float = 0.05, succeeds_by: Collection[int] = (0,)
) -> float | None:
    """What a command and all that it starts hold together at most: pages that several share are
    counted once. Looked at again and again, which slows it down: not for runs that are timed. None
    where the system does not say (it is not Linux), or where the command fails: its exit code is
    none of `succeeds_by`."""
    if sys.platform != "linux":
        return None
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    peak_kib = 0
    try:
        while process.poll() is None:
            peak_kib = max(peak_kib, sum(map(_share_kib, _session(process.pid))))
            time.sleep(every_s)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return peak_kib / 1024 if process.returncode in succeeds_by else None


def _session(leader: int) -> list[int]:
    """Processes of the session that `leader` began."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == leader:
                    found.append(int(entry.name))
            except (ProcessLookupError, PermissionError):
                continue  # gone meanwhile, or somebody else's
    return found


def _share_kib(process: int) -> int:
    """Of one process: its own pages and its part of those it shares."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def interleaved(
    commands: Mapping[str, Sequence[str]],
    *,
    runs: int,
    cores: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, list[Run]]:
    """A B A B ...: each command `runs` times after one that does not count, so that a drifting
    machine hurts all alike. Where they take long there are fewer rounds (`PLENTY_S`); one that
    takes longer than a third of that alone counts from its first."""
    results: dict[str, list[Run]] = {name: [] for name in commands}
    began = time.monotonic()
    for round_ in range(-1, runs):
        done = {n: run(c, environment=environment, cores=cores) for n, c in commands.items()}
        took = time.monotonic() - began
        if round_ >= 0 or took > PLENTY_S / 3:
            for name, result in done.items():
                results[name].append(result)
        if results[next(iter(commands))] and took * (1 + 1 / (round_ + 2)) > PLENTY_S:
            break
    return results


def without_work(command: Sequence[str], scratch: Path) -> Run:
    """What a peer's wrapper takes by itself, at least: the call with slicers that do nothing. (It
    fails, for nothing is made.)"""
    idle = scratch / "idle"
    idle.mkdir(exist_ok=True)
    for name in ENGINES:
        (idle / name).write_text("#!/bin/sh\nexit 0\n")
        (idle / name).chmod(0o755)
    environment = {"PATH": f"{idle}{os.pathsep}{os.environ['PATH']}"}
    runs = [run(command, environment=environment) for _ in range(5)][1:]
    return Run(min(r.wall_s for r in runs), min(r.cpu_s for r in runs), 0.0, 0)


def medians(runs: Sequence[Run], less: Run | None = None) -> dict[str, float]:
    """less : what is no part of the work, taken off."""
    wall_s, cpu_s = (less.wall_s, less.cpu_s) if less else (0.0, 0.0)
    return {
        "wall_s": round(max(median(r.wall_s for r in runs) - wall_s, 1e-3), 4),
        "cpu_s": round(max(median(r.cpu_s for r in runs) - cpu_s, 1e-3), 4),
        "peak_mib": round(median(r.peak_mib for r in runs), 1),
    }


def printstd(*arguments: str) -> list[str]:
    """The installed command, as a user starts it."""
    return [os.path.join(os.path.dirname(sys.executable), "printstd"), *arguments]


def slice_command(model: Path, out: Path) -> list[str]:
    """With the peer's own settings, and every compensation off."""
    profiles = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")
    return printstd("slice", str(model), "-o", str(out), *profiles, "--quiet")

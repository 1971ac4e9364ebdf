"""A coordinator over a thousand printers and a hundred thousand jobs that wait: how soon a printer
that is free has its next print, and whether memory stays as it is, over an hour of work in which
every printer ends several prints.

The printers are simulated (real ones are in tests/e2e), time is moved by hand; what is measured is
the coordinator's and the database's own work.
"""

from __future__ import annotations

import random
import resource
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

PRINTERS: Final = 1_000
JOBS: Final = 100_000
CLASSES: Final = 20
PRINT_S: Final = (600.0, 1800.0)
STEP_S: Final = 10.0
HOUR_S: Final = 3_600
WANTED_S: Final = 1.0


def measure(setting: Setting) -> dict[str, Any]:
    from printstd.adapters.farm_store.store import new_store
    from printstd.artifacts.farm import FarmPrinter, HostAddress, Loaded, Nozzle, Spool
    from printstd.artifacts.job import JobState
    from printstd.coordinator.facts import requirements
    from tests.simulated_host import SimulatedHost
    from tests.small_farm import T0_MS, SmallFarm, facts

    hour_s = setting.seconds or HOUR_S
    rng = random.Random(1)
    store = new_store(str(setting.scratch / "farm.sqlite"))
    farm = SmallFarm(store, {})
    own = facts(mg=100)
    began = time.perf_counter()
    with store.writing("benchmark") as rows:
        rows.add_program(own, [("part.gcode", b"G1\n")])
        for number in range(PRINTERS):
            name = f"p{number:04}"
            rows.add_spool(Spool(f"s-{name}", "pla", 100_000_000), T0_MS)
            rows.add_printer(
                FarmPrinter(
                    name,
                    "mk4s",
                    HostAddress("octoprint+http://x"),
                    Nozzle("n", 400),
                    loaded=(Loaded(0, f"s-{name}"),),
                    tags=(f"t{number % CLASSES}",),
                    auto_clear=True,
                ),
                T0_MS,
            )
            farm.hosts[name] = SimulatedHost(
                lambda: farm.now_ms / 1000, print_s=rng.uniform(*PRINT_S)
            )
        for number in range(JOBS):
            rows.submit(
                name=own.name,
                program_sha256=own.sha256,
                needs=requirements(own, tags=(f"t{number % CLASSES}",)),
                at_utc_ms=T0_MS,
                priority=rng.randrange(3),
                mg=own.mg,
            )
    submitting_s = time.perf_counter() - began
    one = farm.coordinator()
    rounds: list[tuple[float, float, int]] = []
    memory: list[int] = []
    began = time.perf_counter()
    one.tick()
    filling_s = time.perf_counter() - began
    for host in farm.hosts.values():
        # As if they had begun all through the hour before: no wave of a thousand at once.
        host.history[-1].began_s -= rng.uniform(0, host.print_s)
    while farm.now_ms < T0_MS + hour_s * 1000:
        farm.later(STEP_S)
        cpu, wall = time.process_time(), time.perf_counter()
        made = one.tick()
        rounds.append((time.perf_counter() - wall, time.process_time() - cpu, len(made)))
        memory.append(_resident_kib())
    with store.reading() as rows:
        counts = rows.counts()
    one.close()
    store.close()
    waited = [wall for wall, _, made in rounds for _ in range(made)]
    worked = [cpu for _, cpu, made in rounds for _ in range(made)]
    p99 = quantiles(waited, n=100)[98]
    first, last = memory[len(memory) // 4], memory[-1]
    print(
        f"{PRINTERS} simulated printers, {JOBS:,} jobs in {CLASSES} classes, "
        f" {hour_s} s of simulated work: {len(waited)} dispatched, "
        f"{counts.get(JobState.DONE, 0)} done"
    )
    show(
        ["measured", "value", "wanted", "holds"],
        [
            ["dispatch, median s", median(waited), "", ""],
            ["dispatch, p99 s", p99, WANTED_S, p99 < WANTED_S],
            ["of it CPU, p99 s", quantiles(worked, n=100)[98], "", ""],
            ["a round of looks, median CPU s", median(cpu for _, cpu, _ in rounds), "", ""],
            ["all 1,000 at once, s", filling_s, "", ""],
            ["submitting, s", submitting_s, "", ""],
            ["memory, a quarter in, MiB", first / 1024, "", ""],
            ["memory, at the end, MiB", last / 1024, "", last < 1.1 * first],
        ],
    )
    assert sum(counts.values()) == JOBS
    doubled = [h for h in farm.hosts.values() if len(set(h.starts)) != len(h.starts)]
    return {
        "dispatch_s": {"median": median(waited), "p99": p99, "n": len(waited)},
        "memory_mib": [first / 1024, last / 1024],
        "filling_s": filling_s,
        "doubled": len(doubled),
        "holds": p99 < WANTED_S and last < 1.1 * first and not doubled,
    }


def _resident_kib() -> int:
    """Of this process, now; where the system does not say, the most that it ever was."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            return int(stream.read().split()[1]) * resource.getpagesize() // 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

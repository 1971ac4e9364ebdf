"""`printstd batch` over 1,000 generated small files: what each added core gives, and what a part
costs in time, memory, disk, log and scheduler; docs/scaling.md is worked out from these figures.

Wanted: at least 0.85 of each added core. By the clock that is only seen on a quiet machine; by CPU
time it is what remains after all that several workers cost beside the work itself. What the machine
itself gives is measured beside: as many runs that have nothing to do with each other as there are
cores, each on a share of the files, against one of them alone. Cores that share caches, memory or
an arithmetic unit do not double anything, and no coordinator can give more than they do.

Under 6 minutes on two quiet cores; `--parts 200` is sooner.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from benchmarks import check_repository
from benchmarks.processes import Run, printstd, run, whole_peak_mib
from benchmarks.tables import show
from printstd.adapters.keys import load_signer, new_key

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

FILES: Final = 1000
CERTIFIED: Final = 40
ENTRIES: Final = 20_000
LOGGED_AT_ONCE: Final = 500
TASKS: Final = 2000
A_DAY: Final = 1_000_000
WANTED: Final = 0.85
SHARE: Final = 5
"""One of so many files is in the runs that the machine itself is measured by."""
PRINTER: Final = ("--printer", "mk4s")


def measure(setting: Setting) -> dict[str, Any]:
    root = setting.scratch / "batch"
    count = setting.parts or FILES
    triangles = [check_repository.write(root, number) for number in range(count)]
    print(f"{count} files, {min(triangles)} to {max(triangles)} triangles")
    cores = max(setting.cores)
    found: dict[str, Any] = {"files": count, "triangles": sum(triangles)}
    found["added_core"] = _efficiency(setting, root, count, cores)
    found["machine"] = _machine(setting, root, cores)
    found["memory"] = _memory(setting, root, count, cores)
    found["kept"] = _kept(setting, root, count)
    found["certify"] = _certified(setting, root, min(CERTIFIED, max(1, count // 10)), cores)
    found["log"] = _log(setting)
    found["scheduler"] = _scheduler(setting)
    found["a_million_a_day"] = _a_million(found)
    found["holds"] = found["added_core"]["holds"]
    return found


def _a_million(found: dict[str, Any]) -> dict[str, float]:
    """What docs/scaling.md reckons from these figures; ms of CPU times parts a second are cores."""
    a_second = A_DAY / 86_400
    made, log, tasks = found["certify"], found["log"], found["scheduler"]
    cores_of = a_second / 1000
    told = {
        "parts_a_second": a_second,
        "validate_cores": cores_of * found["added_core"]["cpu_ms_a_file"],
        "certify_cores": cores_of * made["cpu_ms_a_file"],
        "verify_cores": cores_of * made["verify_cpu_ms"],
        "coordinator_cores": cores_of
        * (made["coordinator_cpu_ms"] + tasks.get("coordinator_cpu_ms", 0.0)),
        "scheduler_cores": cores_of * tasks.get("scheduler_cpu_ms", 0.0),
        "results_gb_a_day": A_DAY * found["kept"]["result_disk_bytes"] / 1e9,
        "programs_tb_a_day": A_DAY * made["program_bytes"] / 1e12,
        "bundles_gb_a_day": A_DAY * made["statement_bytes"] / 1e9,
        # Two entries a part: certificate and re-check.
        "log_gb_a_day": 2 * A_DAY * log["bytes_an_entry"] / 1e9,
        "log_cpu_minutes_a_day": 2 * A_DAY * log["cpu_ms_an_entry"] / 60_000,
    }
    told = {name: round(value, 3) for name, value in told.items()}
    print(f"a million parts like these a day: {told}")
    return told


def _call(setting: Setting, root: Path, results: str, *options: str) -> list[str]:
    call = printstd("batch", "validate", str(root / "parts"), *PRINTER, "--quiet")
    return [*call, "--results", str(setting.scratch / results), *options]


def _efficiency(setting: Setting, root: Path, count: int, cores: int) -> dict[str, Any]:
    """The same work on one core by one worker, and on several by as many; results kept anew."""
    runs: dict[int, list[Run]] = {1: [], cores: []}
    # Once each, where no runs are asked for: a thousand files are their own average.
    for number in range(max(1, setting.runs // 3)):
        for n in runs:
            call = _call(setting, root, f"results-{n}-{number}", "--workers", str(n))
            runs[n].append(run(call, cores=n))
    wall = {n: min(r.wall_s for r in own) for n, own in runs.items()}
    cpu = {n: min(r.cpu_s for r in own) for n, own in runs.items()}
    rows = [[n, count, wall[n], cpu[n], 1000 * cpu[n] / count] for n in runs]
    show(["cores", "files", "wall s", "cpu s", "cpu ms a file"], rows)
    by_clock = (wall[1] / wall[cores] - 1) / (cores - 1)
    by_cpu = (cores * cpu[1] / cpu[cores] - 1) / (cores - 1)
    idle = 1 - cpu[cores] / (cores * wall[cores])
    print(
        f"of each added core {by_clock:.2f} by the clock, {by_cpu:.2f} by CPU time (were none "
        f"idle); idle or with others: {idle:.0%}; wanted {WANTED:g} by the clock on a quiet machine"
    )
    return {
        "cores": cores,
        "wall_s": {str(n): round(wall[n], 2) for n in runs},
        "cpu_s": {str(n): round(cpu[n], 2) for n in runs},
        "cpu_ms_a_file": round(1000 * cpu[1] / count, 2),
        "by_clock": round(by_clock, 3),
        "by_cpu": round(by_cpu, 3),
        "idle": round(idle, 3),
        "holds": by_clock >= WANTED,
    }


def _machine(setting: Setting, root: Path, cores: int) -> dict[str, Any]:
    """What runs that share nothing take from each other."""
    few = _listed(setting, root, "share.txt", SHARE)

    def one(name: str) -> Run:
        call = printstd("batch", "validate", "--files-from", str(few), *PRINTER, "--quiet")
        return run([*call, "--results", str(setting.scratch / name), "--workers", "1"])

    alone = one("alone")
    with ThreadPoolExecutor(cores) as threads:
        beside = list(threads.map(one, [f"beside-{n}" for n in range(cores)]))
    # So much is done in the time of one: the first core's, and what the others add.
    by_clock = (cores * alone.wall_s / max(own.wall_s for own in beside) - 1) / (cores - 1)
    by_cpu = (cores * alone.cpu_s / mean(own.cpu_s for own in beside) - 1) / (cores - 1)
    print(
        f"{cores} runs that share nothing but the machine: of each added core {by_clock:.2f} by "
        f"the clock, {by_cpu:.2f} by CPU time"
    )
    return {"by_clock": round(by_clock, 3), "by_cpu": round(by_cpu, 3)}


def _memory(setting: Setting, root: Path, count: int, cores: int) -> dict[str, Any]:
    """What coordinator and workers hold at most, over a few files and over ten times as many."""
    peaks = {}
    for share in (10, 1) if count <= 2 * SHARE else (10 * SHARE, SHARE):
        few = _listed(setting, root, f"memory-{share}.txt", share)
        call = printstd("batch", "validate", "--files-from", str(few), *PRINTER, "--quiet")
        call += ["--results", str(setting.scratch / f"memory-{share}"), "--workers", str(cores)]
        peak = whole_peak_mib(call, every_s=0.2, succeeds_by=(0, 1))  # verdicts, yes and no
        if peak is None:
            return {"not_run": "reads /proc of Linux"}
        peaks[str(len(few.read_text().splitlines()))] = round(peak, 1)
    print(f"coordinator and {cores} workers together, MiB at most, by files: {peaks}")
    return {"peak_mib": peaks}


def _listed(setting: Setting, root: Path, name: str, share: int) -> Path:
    """A list of every so many-th file: small and large ones as among all."""
    every = sorted((root / "parts").rglob("*.stl"))[::share]
    place = setting.scratch / name
    place.write_text("".join(f"{path}\n" for path in every))
    return place


def _kept(setting: Setting, root: Path, count: int) -> dict[str, Any]:
    """A run that finds everything done: what the coordinator alone takes, in time, memory, disk."""
    whole = run(_call(setting, root, "results-1-0"))
    few = sorted((root / "parts").rglob("*.stl"))[: max(1, count // 10)]
    listed = setting.scratch / "few.txt"
    listed.write_text("".join(f"{path}\n" for path in few))
    call = printstd("batch", "validate", "--files-from", str(listed), *PRINTER, "--quiet")
    results = ["--results", str(setting.scratch / "results-few")]
    run([*call, *results])
    small = run([*call, *results])
    added = count - len(few)
    per_file = {
        "coordinator_cpu_ms": round(1000 * (whole.cpu_s - small.cpu_s) / added, 3),
        "coordinator_bytes": round((whole.peak_mib - small.peak_mib) * 2**20 / added),
        "result_bytes": round(_size(setting.scratch / "results-1-0") / count),
        "result_disk_bytes": round(_disk(setting.scratch / "results-1-0") / count),
    }
    print(f"nothing left to do: {whole.wall_s:.2f} s, {whole.peak_mib:.0f} MiB; a file: {per_file}")
    return {"wall_s": round(whole.wall_s, 2), "peak_mib": round(whole.peak_mib, 1), **per_file}


def _certified(setting: Setting, root: Path, count: int, cores: int) -> dict[str, Any]:
    """A part made, audited, signed; and verified."""
    listed = setting.scratch / "certified.txt"
    every = sorted((root / "parts").rglob("*.stl"))
    some = [every[k * len(every) // count] for k in range(count)]
    listed.write_text("".join(f"{path}\n" for path in some))
    out = setting.scratch / "certified"
    key = setting.scratch / "batch-key"
    new_key(key, algorithm="p256", passphrase=None)
    asked = ["--key", f"{key}.key", *PRINTER, "--workers", str(cores), "--quiet"]

    def certified(place: Path, *models: str) -> _Apart:
        place.mkdir(exist_ok=True)
        kept = ["--results", str(setting.scratch / f"{place.name}-results")]
        return _apart(["batch", "certify", *models, "--outdir", str(place), *kept, *asked])

    first = certified(setting.scratch / "first", str(some[0]))
    made = certified(out, "--files-from", str(listed))
    programs = sorted(out.rglob("*.gcode"))
    bundles = sorted(out.rglob("*.json"))
    check = printstd("batch", "verify", str(out), "--trust", f"{key}.pub", "--quiet")
    held = run([*check, "--workers", "1"])
    one = printstd("batch", "verify", str(programs[0]), "--trust", f"{key}.pub", "--quiet")
    start = run([*one, "--workers", "1"])
    told = {
        "files": count,
        "programs": len(programs),
        "cpu_ms_a_file": round(1000 * (made.own_s + made.workers_s) / count, 1),
        # Reading, checking, signing, writing: what no worker does, without what starting takes.
        "coordinator_cpu_ms": round(1000 * (made.own_s - first.own_s) / max(1, count - 1), 2),
        "program_bytes": round(mean(path.stat().st_size for path in programs)),
        "statement_bytes": round(sum(p.stat().st_size for p in bundles) / len(programs)),
        # Without what starting takes, which is once for all.
        "verify_cpu_ms": round(1000 * (held.cpu_s - start.cpu_s) / (len(programs) - 1), 2),
        "exit_codes": [made.exit_code, held.exit_code],
    }
    print(f"certified: {told}")
    return told


class _Apart(NamedTuple):
    """CPU seconds of a coordinator, and of its workers together."""

    own_s: float
    workers_s: float
    exit_code: int


_OWN: Final = """
import json, resource, sys
from printstd.cli.main import run
code = run(sys.argv[1:])
own, rest = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps([own.ru_utime + own.ru_stime, rest.ru_utime + rest.ru_stime, code]))
"""


def _apart(arguments: list[str]) -> _Apart:
    call = [sys.executable, "-c", _OWN, *arguments]
    told = subprocess.run(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return _Apart(*json.loads(told.stdout.splitlines()[-1]))


def _log(setting: Setting) -> dict[str, Any]:
    """Entries as large as a certificate's, into SQLite, so many at a time."""
    from printstd.adapters.log_store import new_log
    from printstd.certify.log.entry import Entry
    from printstd.certify.log.notes import ED25519, Verifier
    from printstd.certify.log.store import append
    from printstd.certify.predicates import GENERATION

    key = setting.scratch / "log-key"
    new_key(key, algorithm="ed25519", passphrase=None)
    signer = load_signer(Path(f"{key}.key"))
    public = signer.public.key.public_bytes_raw()
    place = setting.scratch / "log.db"
    log = new_log(str(place), Verifier("bench.example/log", ED25519, public), signer)
    began = time.process_time()
    for start in range(0, ENTRIES, LOGGED_AT_ONCE):
        numbers = range(start, start + LOGGED_AT_ONCE)
        digests = [hashlib.sha256(b"%d" % number).hexdigest() for number in numbers]
        entries = [Entry(one, one[::-1], GENERATION, f"20261126-{one[:12]}") for one in digests]
        with log.writing() as rows:
            append(rows, entries, signer)
    cpu_s = time.process_time() - began
    log.engine.dispose()
    told = {
        "entries": ENTRIES,
        "at_once": LOGGED_AT_ONCE,
        "bytes_an_entry": round(place.stat().st_size / ENTRIES),
        "cpu_ms_an_entry": round(1000 * cpu_s / ENTRIES, 3),
    }
    print(f"log: {told}")
    return told


def _nothing(shared: object, task: object) -> bytes:
    return b"x" * 2000


def _scheduler(setting: Setting) -> dict[str, Any]:
    """Tasks that do nothing and answer with as much as a file's: what a scheduler, a worker and the
    coordinator take for a task. Without TLS: it is a matter of bytes, and these are few."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        return {"not_run": "needs printstd[cluster]"}
    if sys.platform != "linux":
        return {"not_run": "reads /proc"}
    import socket

    from printstd.adapters.cluster import dask_crew

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    python = [sys.executable, "-m"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    tasks = min(TASKS, 2 * (setting.parts or TASKS))
    with ExitStack() as stack:
        scheduler = [*python, "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
        own = subprocess.Popen([*scheduler, "--port", str(port), "--no-dashboard"], **quiet)
        stack.callback(_end, own)
        worker = [*python, "distributed.cli.dask_worker", address, "--nthreads", "2", "--no-nanny"]
        worker += ["--local-directory", str(setting.scratch / "dask"), "--no-dashboard"]
        other = subprocess.Popen(worker, **quiet)
        stack.callback(_end, other)
        done: list[int] = []
        with dask_crew(address, None, is_unprotected=True) as crew:
            # A first one starts what is started once.
            crew.each(_nothing, range(50), shared=None, done=lambda n, answer: None)
            before = _cpu_s(own.pid), _cpu_s(other.pid), time.process_time()
            crew.each(_nothing, range(tasks), shared=None, done=lambda n, answer: done.append(n))
            after = _cpu_s(own.pid), _cpu_s(other.pid), time.process_time()
    names = ("scheduler", "worker", "coordinator")
    told: dict[str, Any] = {"tasks": len(done)}
    for name, old, new in zip(names, before, after, strict=True):
        told[f"{name}_cpu_ms"] = round(1000 * (new - old) / tasks, 3)
    print(f"scheduler: {told}")
    return told


def _end(process: Any) -> None:
    process.terminate()
    process.wait(20)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _disk(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))

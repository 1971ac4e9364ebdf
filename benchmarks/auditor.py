"""What the auditor takes: beside the slicing of the same parts, per megabyte, and in memory.

CPU seconds of one process on one worker, imports apart (a small part goes first and does not
count), the least of --runs rounds. The audit stage is wanted to take no more than the slice stage
(reading, slicing, planning, writing) summed over the corpus, with the standard process and with
the peer's. Lexer and machine model are wanted to read 25 MB of G-code a second. A program of 100 MB
and more, our own of a cube of 96 mm, is audited by a process of its own: at most 1.5 GiB.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.processes import printstd, run
from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting
    from printstd.artifacts.demand import AuditDemand

WANTED_MB_S: Final = 25.0
WANTED_RATIO: Final = 1.0
WANTED_MIB: Final = 1536.0
LARGE_BYTES: Final = 100_000_000
PROCESSES: Final = (("mk4s", "pla", "standard-0.20"), ("peer", "peer", "peer-0.20"))
SAMPLE: Final = Path(__file__).parent.parent / "samples" / "cube20.stl"
LARGE: Final = ("--scale", "5", "--printer", "mk4s", "--process", "standard-0.20", "--quiet")


def measure(setting: Setting) -> dict[str, Any]:
    found: dict[str, Any] = {"memory": _memory(setting)}
    holds = bool(found["memory"]["holds"])
    models = setting.models()
    if not models:
        found["parts"] = {"not_run": "needs --corpus"}
        return {**found, "holds": holds}
    for names in PROCESSES:
        own = _beside_slicing(models, names, setting.runs)
        found[names[-1]] = own
        holds &= own["audit_over_slice"] <= WANTED_RATIO and own["read_mb_s"] >= WANTED_MB_S
    return {**found, "holds": holds}


def _beside_slicing(models: list[Path], names: tuple[str, str, str], runs: int) -> dict[str, Any]:
    rows: list[list[object]] = []
    parts: dict[str, Any] = {}
    _timed(SAMPLE, names)
    for model in models:
        rounds = [_timed(model, names) for _ in range(runs)]
        size = rounds[0][3]
        slicing, audit, reading = (min(one[i] for one in rounds) for i in range(3))
        parts[model.name] = {
            "slice_cpu_s": slicing,
            "audit_cpu_s": audit,
            "read_cpu_s": reading,
            "bytes": size,
        }
        rows.append([model.name, size / 1e6, slicing, audit, audit / slicing, size / 1e6 / reading])
        print(f"  {model.name}: audit {audit / slicing:.2f} of slice", flush=True)

    def total(key: str) -> float:
        return float(sum(part[key] for part in parts.values()))

    ratio = total("audit_cpu_s") / total("slice_cpu_s")
    speed = total("bytes") / 1e6 / total("read_cpu_s")
    rows.append(
        ["sum", total("bytes") / 1e6, total("slice_cpu_s"), total("audit_cpu_s"), ratio, speed]
    )
    print(f"-- {names[-1]}")
    show(["part", "MB", "slice s", "audit s", "audit/slice", "lexer, machine MB/s"], rows)
    return {"parts": parts, "audit_over_slice": round(ratio, 3), "read_mb_s": round(speed, 1)}


def _timed(model: Path, names: tuple[str, str, str]) -> tuple[float, float, float, int]:
    """(CPU s of the slice stage, of the audit stage, of lexer and machine in it, bytes)."""
    import printstd.cli.main  # noqa: F401  (which tells Python's collector how often to look)
    from printstd import pipeline
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.profile_files import default_source
    from printstd.adapters.progress import NoProgress
    from printstd.audit import audit_program
    from printstd.profiles.resolved import Request

    printer, material, process = names
    request = Request(printer=printer, material=material, process=process)
    resolved = pipeline.resolve(request, default_source())
    data = model.read_bytes()
    began = time.process_time()
    prepared = pipeline.prepare(pipeline.ModelInput(data, model.name), pipeline.Order(), resolved)
    made = pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())
    slicing = time.process_time() - began
    program, demand = made.program.data, made.demand
    began = time.process_time()
    audit_program(program, data, demand, executor=SerialExecutor())
    audit = time.process_time() - began
    return slicing, audit, _reading(program, demand), len(program)


def _reading(program: bytes, demand: AuditDemand) -> float:
    from printstd.audit.lexer import lex
    from printstd.audit.machine import run_machine
    from printstd.audit.verbs import Meanings

    began = time.process_time()
    spelling = Meanings(demand.commands, demand.dialect).spelling
    run_machine(lex(program, spelling=spelling), demand)
    return time.process_time() - began


def _memory(setting: Setting) -> dict[str, Any]:
    out = setting.scratch / "large.gcode"
    made = run(printstd("slice", str(SAMPLE), "-o", str(out), *LARGE))
    size = out.stat().st_size if out.exists() else 0
    audited = run(printstd("audit", str(out), "--model", str(SAMPLE), *LARGE, "--workers", "1"))
    print(
        f"{size / 1e6:.0f} MB of G-code: audited in {audited.cpu_s:.0f} CPU s and "
        f"{audited.peak_mib:.0f} MiB (sliced in {made.cpu_s:.0f} CPU s), exit {audited.exit_code}"
    )
    holds = audited.exit_code == 0 and size >= LARGE_BYTES and audited.peak_mib <= WANTED_MIB
    return {
        "bytes": size,
        "audit_cpu_s": audited.cpu_s,
        "audit_peak_mib": round(audited.peak_mib),
        "slice_cpu_s": made.cpu_s,
        "holds": holds,
    }

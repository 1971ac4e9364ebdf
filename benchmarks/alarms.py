"""False alarms: programs of four slicers, of three processes, for two dialects, through `audit`.
Wanted: no finding FAIL on what is right.

Every program is made with the settings that the process declares, as far as its slicer has them,
and audited against the model without any word of where it lies. What a slicer really does wrong
stands in alarms.toml, each with the rule that says so, the measured value and the reason; a finding
that is not there is an alarm. Programs and answers are kept in --kept, each answer with the digest
of the auditor that gave it, so that a run that was stopped goes on where it was, and a changed
auditor asks again.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.judged import auditor_sha256
from benchmarks.processes import printstd, run
from benchmarks.tables import show
from printstd.adapters.profile_files import default_source
from printstd.pipeline import resolve
from printstd.profiles.resolved import Request

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

OURS: Final = "printstd"
SLICERS: Final = (OURS, "prusa", "slic3r", "cura")
PROCESSES: Final = ("standard-0.20", "draft-0.30", "fine-0.12")
PRINTERS: Final = {"marlin": ("ender3-v2", "peer"), "klipper": ("voron-2.4-350", "voron-2.4-350")}
"""Dialect -> the printer that our own programs are made for, and the one of the others'."""
LISTS: Final = {"klipper": "generic-klipper"}
"""Dialect -> what others' programs may say, where the printer's own list is for ours alone."""
MATERIAL: Final = "pla"
NEAR: Final = 0.05
"""A real fault measures what alarms.toml says, to this share of it."""
FAULTS: Final = Path(__file__).with_name("alarms.toml")


@dataclass(frozen=True)
class Case:
    """One program that is to be audited."""

    model: Path
    slicer: str
    process: str
    dialect: str

    @property
    def name(self) -> str:
        return f"{self.model.name}.{self.slicer}.{self.process}.{self.dialect}"

    @property
    def is_ours(self) -> bool:
        return self.slicer == OURS

    @property
    def profiles(self) -> tuple[str, ...]:
        printer = PRINTERS[self.dialect][0 if self.is_ours else 1]
        return ("--printer", printer, "--material", MATERIAL, "--process", self.process)

    @property
    def declared(self) -> tuple[str, ...]:
        """What the others are given otherwise than the process has it: neither of them knows our
        gyroid, and the foot is not compensated."""
        return (
            ()
            if self.is_ours
            else (
                *("--set", "process.compensation.elephant_foot_mm=0"),
                *("--set", "process.infill.pattern=rectilinear"),
                *(
                    ("--set", f"printer.allowlist={LISTS[self.dialect]}")
                    if self.dialect in LISTS
                    else ()
                ),
            )
        )


@dataclass(frozen=True)
class Fault:
    """What a slicer does wrong on one part."""

    model: str
    slicer: str
    process: str
    rule: str
    measured: float
    reason: str

    def is_about(self, case: Case, finding: Mapping[str, Any]) -> bool:
        return (
            (self.model, self.slicer, self.process) == (case.model.name, case.slicer, case.process)
            and self.rule == finding["rule_id"]
            and abs((finding["measured"] or 0.0) - self.measured) <= NEAR * abs(self.measured)
        )


def known_faults() -> tuple[Fault, ...]:
    rows = tomllib.loads(FAULTS.read_text("utf-8")).get("fault", ())
    return tuple(Fault(**row) for row in rows)


def measure(setting: Setting) -> dict[str, Any]:
    if not setting.corpus:
        return {"not_run": "needs --corpus"}
    kept = setting.kept
    kept.mkdir(parents=True, exist_ok=True)
    judge = auditor_sha256()
    faults = known_faults()
    rows, parts = [], {}
    seen: set[Fault] = set()
    began = time.monotonic()
    for case in _cases(setting):
        if setting.seconds is not None and time.monotonic() - began > setting.seconds:
            print(f"stopped after {setting.seconds} s; called again it goes on from here")
            break
        answer = _answer(setting, case, kept, judge)
        failed = answer["failed"]
        real = [fault for fault in faults for one in failed if fault.is_about(case, one)]
        alarms = [one for one in failed if not any(f.is_about(case, one) for f in faults)]
        seen.update(real)
        parts[case.name] = {**answer, "alarms": [one["rule_id"] for one in alarms]}
        told = ", ".join(f"{one['rule_id']} {one['measured']}" for one in alarms)
        rows.append(
            [
                *(case.model.name, case.slicer, case.process, case.dialect),
                answer["exit"] if not answer["not_made"] else "not made",
                len(real),
                told or "-",
            ]
        )
    show(["model", "made by", "process", "dialect", "exit", "real faults", "alarms"], rows)
    made = {name: part for name, part in parts.items() if not part["not_made"]}
    n_alarms = sum(1 for part in made.values() if part["alarms"])
    _totals(made)
    print(
        f"{len(made)} programs audited, {len(parts) - len(made)} could not be made; "
        f"{n_alarms} with alarms; {len(seen)} real faults seen"
    )
    return {
        "parts": parts,
        "programs": len(made),
        "with_alarms": n_alarms,
        "real_faults": sorted(f"{f.model} {f.slicer} {f.process} {f.rule}" for f in seen),
        "holds": n_alarms == 0,
    }


def _totals(made: Mapping[str, Mapping[str, Any]]) -> None:
    rows = []
    for slicer in SLICERS:
        own = [part for part in made.values() if part["slicer"] == slicer]
        rows.append(
            [
                slicer,
                len(own),
                sum(not p["failed"] for p in own),
                sum(bool(p["alarms"]) for p in own),
            ]
        )
    show(["made by", "programs", "without FAIL", "with alarms"], rows)


def _cases(setting: Setting) -> Iterator[Case]:
    """Small models first: what stops early has the most to say."""
    models = sorted(setting.models(), key=lambda path: (path.stat().st_size, path.name))
    slicers = [name for name in SLICERS if name == OURS or setting.peers]
    if setting.slicers:
        slicers = [name for name in slicers if name in setting.slicers]
    for model in models:
        for slicer in slicers:
            for process in setting.processes or PROCESSES:
                for dialect in setting.dialects or PRINTERS:
                    yield Case(model, slicer, process, dialect)


def _answer(setting: Setting, case: Case, kept: Path, judge: str) -> dict[str, Any]:
    note = kept / f"{case.name}.json"
    program = _program(setting, case, kept)
    if program is None:
        return {"slicer": case.slicer, "not_made": True, "exit": None, "failed": []}
    sha256 = hashlib.sha256(program.read_bytes()).hexdigest()
    if note.exists():
        known: dict[str, Any] = json.loads(note.read_text("utf-8"))
        if (known["judge"], known["program"]) == (judge, sha256):
            return known
    command = ("audit", str(program), "--model", str(case.model), *case.profiles, *case.declared)
    done = subprocess.run(
        printstd(*command, "--workers", "1", "--format", "json", "--quiet"),
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    try:
        sections = json.loads(done.stdout)["subjects"][0]["sections"]
    except (ValueError, LookupError) as bad:
        raise RuntimeError(f"{case.name}: {done.stderr.decode()[-500:]}") from bad
    failed = [
        {key: finding[key] for key in ("rule_id", "message", "measured", "limit", "unit", "where")}
        for section in sections
        for finding in section["findings"]
        if finding["status"] == "FAIL"
    ]
    answer = {
        "slicer": case.slicer,
        "not_made": False,
        "exit": done.returncode,
        "failed": failed,
        "judge": judge,
        "program": sha256,
    }
    note.write_text(json.dumps(answer, indent=1) + "\n", "utf-8")
    return answer


def _program(setting: Setting, case: Case, kept: Path) -> Path | None:
    """The program, made once; None where its slicer makes none."""
    out = kept / f"{case.name}.gcode"
    if out.exists():
        return out
    if case.is_ours:
        run(printstd("slice", str(case.model), "-o", str(out), *case.profiles, "--quiet"))
    else:
        part = kept / f"{case.name}.part"
        environment = setting.altered(case.slicer, _lines(case))
        if environment is None:
            raise RuntimeError("alarms needs --peers-ini: where the others' settings are")
        run(
            [*(setting.peers or []), case.slicer, str(setting.for_peer(case.model)), str(part)],
            environment=environment,
        )
        Path(f"{part}.log").unlink(missing_ok=True)
        if part.exists():
            part.rename(out)
    return out if out.exists() else None


def _lines(case: Case) -> dict[str, str]:
    """The settings of another slicer that the process decides."""
    resolved = resolve(
        Request(process=case.process, material=MATERIAL, printer=PRINTERS[case.dialect][1]),
        default_source(),
    )
    process, material = resolved.process, resolved.material
    shells = process.shells
    first, height = f"{process.first_layer_height_mm:g}", f"{process.layer_height_mm:g}"
    if case.slicer == "cura":
        return {
            "layer_height": height,
            "layer_height_0": first,
            "wall_line_count": str(process.walls.count),
            "top_layers": str(shells.top_layers),
            "bottom_layers": str(shells.bottom_layers),
            "infill_sparse_density": f"{process.infill.density_ratio * 100:g}",
        }
    lines = {
        "layer_height": height,
        "first_layer_height": first,
        "perimeters": str(process.walls.count),
        "top_solid_layers": str(shells.top_layers),
        "bottom_solid_layers": str(shells.bottom_layers),
        "fill_density": f"{process.infill.density_ratio * 100:g}%",
        "temperature": str(material.nozzle_c),
        "first_layer_temperature": str(material.first_layer_nozzle_c),
    }
    if case.slicer == "prusa":
        lines["top_solid_min_thickness"] = f"{shells.top_min_thickness_mm:g}"
        lines["bottom_solid_min_thickness"] = f"{shells.bottom_min_thickness_mm:g}"
        lines["ensure_vertical_shell_thickness"] = "1"
        if case.dialect == "klipper":
            # What Klipper does not know: limits of the machine.
            lines["machine_limits_usage"] = "time_estimate_only"
    return lines

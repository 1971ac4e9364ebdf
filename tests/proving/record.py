"""What the proof found, as data: in ``results.json``, in the profiles, in docs/printers.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from printstd.ports import ProfileSource
from printstd.profiles.load import load
from printstd.profiles.machine_code import command_of
from printstd.profiles.models import Printer
from printstd.profiles.proof import proof_of, proven_digest
from tests.proving.machine import NOT_INTERPRETED
from tests.proving.proof import Run, by_whom

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = Path(__file__).with_name("results.json")
PAGE: Final = ROOT / "docs" / "printers.md"
_BEGIN: Final = "<!-- the table is made by `make prove-printers` -->\n"
_END: Final = "<!-- end of the table -->\n"


def printers(source: ProfileSource) -> dict[str, Printer]:
    """Every bundled printer by its name. Raises ValueError where one cannot be read."""
    found = {}
    for name in source.names("printers"):
        loaded = load(source, Printer, "printer", name, [])
        if loaded is None:
            raise ValueError(f"printer {name} cannot be read")
        found[name] = loaded.model
    return found


def entry(printer: Printer, runs: Sequence[Run], on: date) -> dict[str, Any]:
    """Of one printer that passed."""
    unknown = {command for run in runs for command in run.unknown}
    own = {command_of(line) for line in (*printer.start_code, *printer.end_code)}
    own |= {command_of(line) for macro in printer.macros for line in macro.expansion}
    return {
        "of": proven_digest(printer),
        "by": by_whom(printer.firmware),
        "on": on.isoformat(),
        "not_run": sorted(unknown & own),
        "runs": {
            run.sample: {"lines": run.lines, "print_time_s": round(run.print_time_s, 1)}
            for run in runs
        },
    }


def read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    return found


def write(results: Mapping[str, Any]) -> None:
    text = json.dumps(results, indent=2, sort_keys=True, ensure_ascii=False)
    RESULTS.write_text(text + "\n", "utf-8")


def into_profile(name: str, found: Mapping[str, Any] | None) -> None:
    """Write the proof into the printer's file; None takes it out."""
    path = ROOT / "profiles" / "printers" / f"{name}.toml"
    text = path.read_text("utf-8")
    text = re.sub(r'(?m)^proven = "parsed"\n', "", text)
    text = re.sub(r"(?ms)^\[proven\]\n.*?(?=^\[|\Z)", "", text).rstrip("\n") + "\n"
    if found is None:
        # Before the first table.
        text = re.sub(
            r"(?m)^(firmware = .*|extends = .*)\n", r'\1\nproven = "parsed"\n', text, count=1
        )
    else:
        rows = [
            "",
            "[proven]",
            'how = "simulated"',
            f"by = {json.dumps(found['by'])}",
            f"on = {found['on']}",
            f"of = {json.dumps(found['of'])}",
        ]
        if found["not_run"]:
            rows.append(f"not_run = {json.dumps(found['not_run'])}")
        text += "\n".join(rows) + "\n"
    path.write_text(text, "utf-8")


def table(known: Mapping[str, Printer], results: Mapping[str, Any]) -> str:
    """The part of docs/printers.md that the proof writes."""
    rows = [
        "| `--printer` | machine | firmware | prints, mm | proven | not run | figures from |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, printer in known.items():
        volume, proof = printer.volume, proof_of(printer)
        size = (volume.x_max_mm - volume.x_min_mm, volume.y_max_mm - volume.y_min_mm)
        proven = proof.how if proof.on is None else f"{proof.how}, {proof.on.isoformat()}"
        not_run = ", ".join(f"`{command}`" for command in proof.not_run) or "-"
        rows.append(
            f"| `{name}` | {printer.vendor} {printer.model} | {printer.firmware.value} "
            f"| {size[0]:g} x {size[1]:g} x {volume.z_max_mm:g} | {proven} | {not_run} "
            f"| {printer.provenance.confidence.value} |"
        )
    total = sum(run["lines"] for found in results.values() for run in found["runs"].values())
    simulated = sum(proof_of(printer).how == "simulated" for printer in known.values())
    rows += [
        "",
        f"{len(known)} printers, {simulated} of them simulated, {total:,} lines in all.",
        "",
        "What the planner does not know, and why a program is no worse for it:",
        "",
        "| firmware | command | |",
        "|---|---|---|",
    ]
    rows += [
        f"| {firmware.value} | `{command}` | {reason} |"
        for firmware, commands in NOT_INTERPRETED.items()
        for command, reason in sorted(commands.items())
    ]
    return "\n".join(rows) + "\n"


def page(known: Mapping[str, Printer], results: Mapping[str, Any]) -> str:
    """docs/printers.md with that part anew."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(_BEGIN)
    _, after = rest.split(_END)
    return f"{before}{_BEGIN}\n{table(known, results)}\n{_END}{after}"

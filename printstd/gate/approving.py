"""`approve-macros`: what Klipper runs with now is what the gate will hold it to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.adapters.files import read_if_present, write_all
from printstd.errors import UsageError
from printstd.gate.asking import ask
from printstd.gate.journal import Journal
from printstd.gate.macros import Approved, digests, read_approved, write_approved
from printstd.gate.settings import read_settings
from printstd.words import said

if TYPE_CHECKING:
    from collections.abc import Mapping


def approve(settings_file: Path, moonraker: str, *, is_dry: bool) -> int:
    """Say what changed, and write it where it is approved. Exit 1 where a dry run finds changes."""
    from printstd.adapters.clock import SystemClock

    settings = read_settings(settings_file)
    if settings.macros is None:
        raise UsageError(
            said("gate.toml does not say where approved macros are kept"),
            where=str(settings_file),
            wanted=said('macros = "macros.json" in the table [klipper]'),
            hint=said("docs/gate.md has a whole file"),
        )
    told = ask(f"{moonraker.rstrip('/')}/printer/objects/query?configfile=settings")
    now = digests(told["result"]["status"]["configfile"]["settings"], settings.calibration)
    data = read_if_present(settings.macros, max_bytes=4 << 20)
    before = read_approved(data, settings.macros.name) if data is not None else Approved({}, {})
    changes = [
        *_changes("macro", before.macros, now.macros),
        *_changes("section", before.sections, now.sections),
    ]
    for line in changes:
        sys.stdout.write(f"{line}\n")
    if is_dry:
        return 1 if changes else 0
    write_all({settings.macros: write_approved(now)})
    Journal(settings.journal).append(
        {"event": "approved", "printer": settings.printer.id, "changes": changes},
        SystemClock().now_utc(),
    )
    return 0


def _changes(kind: str, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            found.append(said("{kind} {name}: new", kind=kind, name=name))
        elif name not in now:
            found.append(said("{kind} {name}: gone", kind=kind, name=name))
        elif before[name] != now[name]:
            found.append(said("{kind} {name}: changed", kind=kind, name=name))
    return found

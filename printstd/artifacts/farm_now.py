"""FarmNow: a farm at one moment, as telemetry tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from printstd.artifacts.farm import FarmPrinter, Seen, Spool
from printstd.artifacts.job import Instance, JobState


@dataclass(frozen=True, slots=True)
class PrinterNow:
    """seen : None where nobody has looked at it yet. one : what is on it, if something is."""

    printer: FarmPrinter
    seen: Seen | None
    one: Instance | None


@dataclass(frozen=True, slots=True, eq=False)
class FarmNow:
    """printers : by name, retired ones left out. counts : instances by state, every state.
    spools : by id. retired : names of printers that are gone."""

    at_utc_ms: int
    printers: tuple[PrinterNow, ...]
    counts: Mapping[JobState, int]
    spools: tuple[Spool, ...]
    retired: tuple[str, ...] = ()

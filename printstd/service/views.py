"""Rows of the farm as the page and the API show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from printstd.adapters.farm_store.pages import Print
from printstd.artifacts.farm import FarmEvent, Spool
from printstd.artifacts.farm_now import PrinterNow
from printstd.farm.history_words import about_in_words, kind_in_words
from printstd.words import Translate, text_of


def moment(utc_ms: int | None) -> str | None:
    if utc_ms is None:
        return None
    return datetime.fromtimestamp(utc_ms / 1e3, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def printer_view(one: PrinterNow) -> dict[str, Any]:
    """Never the host's address: it may be one that only the farm should know."""
    own, seen, at = one.printer, one.seen, one.one
    return {
        "name": own.name,
        "profile": own.profile,
        "serial": own.serial,
        "host": own.host.kind,
        "nozzle_mm": own.nozzle.diameter_um / 1000,
        "nozzle_hours": round(own.nozzle.printed_s / 3600, 1),
        "loaded": [loaded.spool for loaded in own.loaded],
        "tags": list(own.tags),
        "group": own.group,
        "paused": own.is_paused,
        "retired": own.is_retired,
        "needs_clear": own.needs_clear or (at is not None and at.state == "awaiting_clear"),
        "state": seen.state if seen is not None else "never seen",
        "message": seen.message if seen is not None else "",
        "seen_at": moment(seen.at_utc_ms) if seen is not None else None,
        "nozzle_c": _degrees(seen.nozzle_mc) if seen is not None else None,
        "bed_c": _degrees(seen.bed_mc) if seen is not None else None,
        "print": at.number if at is not None else None,
        "print_state": at.state.value if at is not None else None,
        "progress": at.progress_permille / 1000 if at is not None else None,
        "layer": at.layer if at is not None else None,
    }


def _degrees(thousandths: int | None) -> float | None:
    return None if thousandths is None else round(thousandths / 1000, 1)


def print_view(one: Print, translate: Translate) -> dict[str, Any]:
    own, job, facts = one
    return {
        "number": own.number,
        "job": job.number,
        "name": job.name,
        "copy": own.copy,
        "copies": job.copies,
        "state": own.state.value,
        "printer": own.printer,
        "progress": own.progress_permille / 1000,
        "layer": own.layer,
        "layers": facts.layers,
        "priority": job.priority,
        "due": moment(None if job.due_utc_s is None else job.due_utc_s * 1000),
        "since": moment(own.since_utc_ms),
        "wish": own.wish,
        "reason": text_of(own.reason, translate),
        "certificate": {
            # Of the day it came: a job whose certificate did not verify was not taken. Before it
            # is sent it is verified again, and what fails then is the print's state and reason.
            "verdict": "PASSED",
            "verified_at": moment(job.submitted_utc_ms),
            "level": facts.level,
            "standard": facts.indication,
            "pack": facts.pack,
            "program_sha256": facts.sha256,
        },
        "print_time_s": None if facts.print_time_ms is None else facts.print_time_ms // 1000,
        "grams": None if facts.mg is None else facts.mg / 1000,
    }


def spool_view(one: Spool) -> dict[str, Any]:
    return {
        "id": one.id,
        "material": one.material,
        "left_g": round(one.left_mg / 1000, 1),
        "colour": one.colour,
        "lot": one.lot,
    }


def event_view(one: FarmEvent, translate: Translate) -> dict[str, Any]:
    """kind, about : as they were chained. what, told : the same for people."""
    return {
        "number": one.number,
        "at": moment(one.at_utc_ms),
        "by": one.by,
        "kind": one.kind,
        "about": dict(one.about),
        "what": text_of(kind_in_words(one), translate),
        "told": text_of(about_in_words(one), translate),
        "sha256": one.sha256,
    }

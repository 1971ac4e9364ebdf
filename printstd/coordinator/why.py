"""Why a job waits: the farm as its store has it, held against what the job asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from printstd.adapters.farm_store.store import Rows
from printstd.artifacts.farm import FarmPrinter
from printstd.artifacts.job import Job
from printstd.coordinator.coordinator import groups_now
from printstd.farm.dispatch import GroupRules
from printstd.farm.explain import Reason, reasons


def why_waiting(
    rows: Rows,
    job: Job,
    printers: Sequence[FarmPrinter],
    states: Mapping[str, str],
    rules: Mapping[str, GroupRules],
    now_utc_ms: int,
    *,
    calibrations_asked: tuple[str, ...] = (),
) -> tuple[Reason, ...]:
    """One reason per printer, of these. states : as their hosts last told. rules : of groups; what
    the rest of the farm does matters where there are some. calibrations_asked : kinds that the farm
    wants for every print."""
    feeds = rows.facts(job.program_sha256).feeds
    offers = rows.offers(list(printers), states, asked=calibrations_asked)
    groups = {}
    if rules:
        every = rows.printers()
        groups = groups_now(every, rows.seen(), rows.on_printers([one.name for one in every]))
    return reasons(job.requirements, feeds, offers, rules, groups, now_utc_ms)

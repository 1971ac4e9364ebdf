"""Why a job is not printing: one reason per printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from printstd.artifacts.job import Feed, Requirements
from printstd.farm.dispatch import GroupNow, GroupRules, held_back
from printstd.farm.matching import Offer, why_not
from printstd.words import said


class Reason(NamedTuple):
    """could : the printer would take it now, were it the first of the queue."""

    printer: str
    could: bool
    reason: str


def reasons(
    needs: Requirements,
    feeds: Sequence[Feed],
    offers: Sequence[Offer],
    rules: Mapping[str, GroupRules],
    groups: Mapping[str, GroupNow],
    now_utc_ms: int,
) -> tuple[Reason, ...]:
    """For every printer of the farm, by name."""
    found = []
    for offer in sorted(offers, key=lambda one: one.printer.name):
        reason = why_not(needs, feeds, offer, now_utc_ms // 1000)
        reason = reason or held_back(offer, rules, groups, now_utc_ms)
        could = not reason
        found.append(Reason(offer.printer.name, could, reason or said("it could begin now")))
    return tuple(found)

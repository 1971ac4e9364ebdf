"""Which instance goes to which printer now: a snapshot and a time in, decisions out.

The order is one for the whole farm and never by chance: higher priority first, then the earlier
due date, then who came first. An instance that no free printer suits blocks nobody behind it.
Among the printers that suit, the one whose spool will be emptied soonest, then the one that has
rested longest, then by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from printstd.artifacts.job import Feed, Requirements
from printstd.farm.matching import Offer, short_of, unfit, unready
from printstd.words import said

_NEVER_DUE = 1 << 62


@dataclass(frozen=True, slots=True)
class Waiting:
    """An instance in the queue, as far as dispatch cares. requirement_class : a key that stands
    for `needs`, equal where those are."""

    instance: int
    job: int
    priority: int
    due_utc_s: int | None
    requirement_class: str
    needs: Requirements
    feeds: tuple[Feed, ...]

    @property
    def order(self) -> tuple[int, int, int]:
        due = self.due_utc_s if self.due_utc_s is not None else _NEVER_DUE
        return (-self.priority, due, self.instance)


@dataclass(frozen=True, slots=True)
class GroupRules:
    """Of printers that share a fuse. max_heating : how many may heat up at a time, 0: any.
    start_interval_s : between two starts."""

    max_heating: int = 0
    start_interval_s: int = 0


@dataclass(frozen=True, slots=True)
class GroupNow:
    """heating : printers of the group that are heating up or about to. last_start_utc_ms : of any
    of them."""

    heating: int = 0
    last_start_utc_ms: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """waiting : the first of every class of the queue, for every free printer that suits the class
    at least as many as there are such printers. offers : printers that could begin something."""

    waiting: tuple[Waiting, ...]
    offers: tuple[Offer, ...]
    rules: Mapping[str, GroupRules] = field(default_factory=dict)
    groups: Mapping[str, GroupNow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    instance: int
    printer: str


def decide(snapshot: Snapshot, now_utc_ms: int) -> tuple[Decision, ...]:
    """At most one instance per printer, each instance once, in the order of the queue."""
    now_s = now_utc_ms // 1000
    free = {o.printer.name: o for o in snapshot.offers if not unready(o)}
    suits = _suiting(snapshot.waiting, list(free.values()), now_s)
    groups = dict(snapshot.groups)
    decided = []
    for one in sorted(snapshot.waiting, key=lambda waiting: waiting.order):
        if not free:
            break
        candidates = [
            free[name]
            for name in suits[one.requirement_class]
            if name in free
            and not short_of(one.feeds, free[name])
            and not held_back(free[name], snapshot.rules, groups, now_utc_ms)
        ]
        if not candidates:
            continue
        best = min(candidates, key=lambda offer: _preference(offer, one.feeds))
        del free[best.printer.name]
        decided.append(Decision(one.instance, best.printer.name))
        group = best.printer.group
        before = groups.get(group, GroupNow())
        groups[group] = GroupNow(before.heating + 1, now_utc_ms)
    return tuple(decided)


def _suiting(
    waiting: Sequence[Waiting], offers: Sequence[Offer], now_utc_s: int
) -> dict[str, tuple[str, ...]]:
    """Class -> names of the printers that it suits: asked once per class, not per instance."""
    found: dict[str, tuple[str, ...]] = {}
    for one in waiting:
        if one.requirement_class not in found:
            suits = suiting(one.needs, offers, now_utc_s)
            found[one.requirement_class] = tuple(offer.printer.name for offer in suits)
    return found


def suiting(needs: Requirements, offers: Sequence[Offer], now_utc_s: int) -> list[Offer]:
    return [offer for offer in offers if not unfit(needs, offer, now_utc_s)]


def most_mg(needs: Requirements, offer: Offer) -> int:
    """What a program of this class could take from the printer, of all its tools together."""
    return sum(max(0, offer.spools[tool][1]) for tool, _ in needs.materials if tool in offer.spools)


def held_back(
    offer: Offer,
    rules: Mapping[str, GroupRules],
    groups: Mapping[str, GroupNow],
    now_utc_ms: int,
) -> str:
    """Why the group of a printer lets it not begin now; empty where it does."""
    group = offer.printer.group
    rule, now = rules.get(group), groups.get(group, GroupNow())
    if rule is None:
        return ""
    if rule.max_heating and now.heating >= rule.max_heating:
        return said(
            "{heating} printers of group {group} are heating up, {most} may",
            heating=now.heating,
            group=group,
            most=rule.max_heating,
        )
    since_s = (now_utc_ms - now.last_start_utc_ms) / 1e3
    if rule.start_interval_s and now.last_start_utc_ms and since_s < rule.start_interval_s:
        return said(
            "group {group} started one {since_s:.0f} s ago, {interval_s} s lie between two",
            group=group,
            since_s=since_s,
            interval_s=rule.start_interval_s,
        )
    return ""


def _preference(offer: Offer, feeds: Sequence[Feed]) -> tuple[int, int, str]:
    left = sum(
        offer.spools[feed.tool][1] - (feed.mg or 0) for feed in feeds if feed.tool in offer.spools
    )
    return (left, offer.printer.last_start_utc_ms, offer.printer.name)

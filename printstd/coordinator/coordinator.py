"""The loop: whose printers are ours, what do they show, what may begin now."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from printstd.adapters.farm_store.queue_heads import heads, queue_classes
from printstd.adapters.farm_store.queue_rows import Moved
from printstd.adapters.farm_store.records import record_of
from printstd.adapters.farm_store.store import FarmStore, Rows
from printstd.artifacts.farm import FarmPrinter, Seen
from printstd.artifacts.job import Instance, JobState
from printstd.coordinator.printing import Printing
from printstd.errors import OutsideError, PrintstdError, UsageError
from printstd.farm.dispatch import (
    Decision,
    GroupNow,
    GroupRules,
    Snapshot,
    Waiting,
    decide,
    most_mg,
    suiting,
)
from printstd.farm.host import Host
from printstd.farm.matching import Offer, unready
from printstd.farm.states import Event

LOG = logging.getLogger("printstd.farm")

OpenHost = Callable[[FarmPrinter], Host]
_STALE_MS = 20_000
_HEATING = frozenset({JobState.MATCHED, JobState.VERIFYING, JobState.UPLOADING, JobState.STARTING})


@dataclass(eq=False)
class Coordinator:
    """Looks after as many of the farm's printers as it may. Several can run on one database: each
    printer belongs to one of them at a time, and goes to another when that one falls silent."""

    printing: Printing
    open_host: OpenHost
    rules: Mapping[str, GroupRules]
    calibrations_asked: tuple[str, ...] = ()
    """Kinds of which every print wants a valid one (farm.toml)."""
    _hosts: dict[str, tuple[str, Host]] = field(default_factory=dict)
    _records: dict[str, tuple[str, FarmPrinter]] = field(default_factory=dict)
    _told: dict[str, Seen] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None

    @property
    def store(self) -> FarmStore:
        return self.printing.store

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. What fails (the database, settings that somebody is just editing) is
        told and tried again, less and less often."""
        patience = self.printing.patience
        wait_s = patience.poll_s
        while not stop.is_set():
            began = time.monotonic()
            try:
                self.tick()
                wait_s = patience.poll_s
            except PrintstdError as error:
                LOG.error("%s", error)
                wait_s = min(60.0, 2 * wait_s)
            stop.wait(max(0.0, wait_s - (time.monotonic() - began)))
        self.close()

    def close(self) -> None:
        """Printers are free for others at once."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        for watcher in self.printing.watchers:
            watcher.close()
        for _, host in self._hosts.values():
            host.close()
        self._hosts.clear()
        try:
            with self.store.leasing() as rows:
                rows.let_go(self.printing.owner)
        except OutsideError as error:
            LOG.error("%s", error)

    def tick(self) -> tuple[Decision, ...]:
        """One look at every printer that is ours; then whatever can begin does."""
        names = self._ours()
        with self.store.reading() as rows:
            printers = self._known(rows.printer_records(names))
            ours, owed = rows.on_printers(names), rows.owed(names)
        printers = [one for one in printers if not one.is_retired]
        seen = self._look_at(printers, ours, owed)
        decisions = self._dispatch(printers, seen)
        if decisions:
            chosen = {one.printer for one in decisions}
            with self.store.reading() as rows:
                ours = rows.on_printers(sorted(chosen))
            self._look_at([one for one in printers if one.name in chosen], ours)
        return decisions

    def _ours(self) -> list[str]:
        """Printers that are ours for a while; renewed when a third of that is over, or somebody
        else's have become free."""
        now, patience = self.printing.now_ms(), self.printing.patience
        lease_ms = round(1000 * patience.lease_s)
        with self.store.reading() as rows:
            held = rows.held(self.printing.owner, now)
            is_due = any(until - now < 2 * lease_ms // 3 for until in held.values())
            if not is_due and not rows.has_free(now):
                return sorted(held)
        with self.store.leasing() as rows:
            return rows.claim(self.printing.owner, now, now + lease_ms, patience.most_printers)

    def _known(self, records: Mapping[str, str]) -> list[FarmPrinter]:
        """A record that has not changed is not read again."""
        for name, text in records.items():
            if name not in self._records or self._records[name][0] != text:
                self._records[name] = (text, record_of(FarmPrinter, text))
        return [self._records[name][1] for name in records]

    def _host(self, printer: FarmPrinter) -> Host:
        key = f"{printer.host.address} {printer.host.secret}"
        known = self._hosts.get(printer.name)
        if known is None or known[0] != key:
            if known is not None:
                known[1].close()
            known = self._hosts[printer.name] = (key, self.open_host(printer))
        return known[1]

    def _look_at(
        self,
        printers: list[FarmPrinter],
        ours: Mapping[str, Instance],
        owed: Mapping[str, Sequence[Instance]] = MappingProxyType({}),
    ) -> dict[str, Seen]:
        def look(printer: FarmPrinter) -> Seen:
            try:
                host = self._host(printer)
            except UsageError as error:
                return Seen(printer.name, self.printing.now_ms(), "silent", message=error.what)
            name = printer.name
            return self.printing.look(printer, host, ours.get(name), owed.get(name, ()))[0]

        if self.printing.patience.at_once > 1 and len(printers) > 1:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.printing.patience.at_once)
            seen = list(self._pool.map(look, printers))
        else:
            seen = [look(printer) for printer in printers]
        news = [one for one in seen if self._is_news(one)]
        notes = list(self.printing.notes)
        self.printing.notes.clear()
        if news or notes:
            with self.store.leasing() as rows:
                rows.set_seen(news)
                rows.note(notes)
            self._told.update((one.printer, one) for one in news)
        return {one.printer: one for one in seen}

    def _is_news(self, one: Seen) -> bool:
        """What has not changed is told again every `_STALE_MS`, so that lists show that it is
        fresh."""
        before = self._told.get(one.printer)
        if before is None or one.at_utc_ms - before.at_utc_ms >= _STALE_MS:
            return True
        return replace(before, at_utc_ms=one.at_utc_ms) != one

    def _dispatch(
        self, printers: list[FarmPrinter], seen: Mapping[str, Seen]
    ) -> tuple[Decision, ...]:
        """Decide over what is free now, and put it on record; what somebody else took meanwhile is
        left to them."""
        states = {n: one.state for n, one in seen.items() if one.state in ("idle", "error")}
        if not states:
            return ()
        with self.store.reading() as rows:
            # Looking may have soiled a bed or freed a printer.
            busy = rows.busy()
            names = [one.name for one in printers if one.name in states and one.name not in busy]
            current = self._known(rows.printer_records(names))
            asked = self.calibrations_asked
            offers = [o for o in rows.offers(current, states, busy, asked) if not unready(o)]
            if not offers:
                return ()
            now = self.printing.now_ms()
            waiting = _first_of_queue(rows, offers, now // 1000)
            groups = {}
            if self.rules:
                every = rows.printers()
                ours = rows.on_printers([one.name for one in every])
                groups = groups_now(every, rows.seen(), ours)
        snapshot = Snapshot(tuple(waiting), tuple(offers), self.rules, groups)
        made = []
        decisions = decide(snapshot, now)
        if not decisions:
            return ()
        with self.store.writing(self.printing.owner) as rows:
            for one in decisions:
                try:
                    rows.move(
                        one.instance,
                        Event.MATCH,
                        now,
                        seen_in=JobState.QUEUED,
                        owner=self.printing.owner,
                        printer=one.printer,
                    )
                except Moved:
                    continue
                made.append(one)
        return tuple(made)


def _first_of_queue(rows: Rows, offers: Sequence[Offer], now_utc_s: int) -> list[Waiting]:
    """Of every class that one of these printers suits, so many as could begin on them."""
    found: list[Waiting] = []
    for one in queue_classes(rows):
        suits = suiting(one.needs, offers, now_utc_s)
        if suits:
            found += heads(rows, one, [most_mg(one.needs, offer) for offer in suits])
    return found


def groups_now(
    printers: list[FarmPrinter], seen: Mapping[str, Seen], ours: Mapping[str, Instance]
) -> dict[str, GroupNow]:
    """Of every group: how many heat up or are about to, and when one of them last started."""
    found: dict[str, GroupNow] = {}
    for printer in printers:
        if not printer.group:
            continue
        before = found.get(printer.group, GroupNow())
        one, look = ours.get(printer.name), seen.get(printer.name)
        heats = (one is not None and one.state in _HEATING) or (look is not None and look.heats)
        found[printer.group] = GroupNow(
            before.heating + heats,
            max(before.last_start_utc_ms, printer.last_start_utc_ms),
        )
    return found

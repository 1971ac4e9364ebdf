"""A farm told to monitoring while it runs: a text file for node_exporter, an MQTT broker.

Telling never holds up printing: it reads the store, in a thread of its own, and what cannot be told
is told later.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.adapters.farm_store.store import FarmStore
from printstd.adapters.files import write_all
from printstd.artifacts.farm_now import FarmNow, PrinterNow
from printstd.errors import PrintstdError

if TYPE_CHECKING:
    from printstd.adapters.telemetry.mqtt import MqttTelemetry

LOG = logging.getLogger("printstd.farm")


def farm_now(store: FarmStore, at_utc_ms: int) -> FarmNow:
    """As the store has it."""
    with store.reading() as rows:
        known = rows.printers()
        printers = [one for one in known if not one.is_retired]
        seen = rows.seen()
        on_them = rows.on_printers([one.name for one in printers])
        return FarmNow(
            at_utc_ms,
            tuple(
                PrinterNow(one, seen.get(one.name), on_them.get(one.name))
                for one in sorted(printers, key=lambda one: one.name)
            ),
            rows.counts(),
            tuple(spool for _, spool in sorted(rows.spools().items())),
            tuple(sorted(one.name for one in known if one.is_retired)),
        )


class Telling:
    """textfile, mqtt : None for those that nobody wants. Begun here, ended by `close`."""

    def __init__(
        self,
        store: FarmStore,
        now_ms: Callable[[], int],
        *,
        textfile: Path | None,
        mqtt: MqttTelemetry | None,
        every_s: float,
    ) -> None:
        self._store, self._now_ms, self._every_s = store, now_ms, every_s
        self._textfile, self._mqtt = textfile, mqtt
        self._stop = threading.Event()
        with store.reading() as rows:
            self._told_until = rows.end_of_history()[0]
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        if self._mqtt is not None:
            self._mqtt.close()

    def _run(self) -> None:
        while True:
            try:
                self.tell()
            except PrintstdError as error:
                LOG.warning("telemetry: %s", error)
            if self._stop.wait(self._every_s):
                return

    def tell(self) -> None:
        now = farm_now(self._store, self._now_ms())
        if self._mqtt is not None and self._mqtt.is_connected:
            with self._store.reading() as rows:
                events = list(rows.events(after=self._told_until))
            if self._mqtt.tell(now, events) and events:
                self._told_until = events[-1].number
        if self._textfile is not None:
            from printstd.adapters.telemetry.prometheus import metrics_text

            write_all({self._textfile: metrics_text(now)}, mode=0o644)

"""A farm in Prometheus' text exposition: for ``/metrics``, and for node_exporter's text files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

import printstd
from printstd.artifacts.farm_now import FarmNow, PrinterNow
from printstd.artifacts.host import HostState
from printstd.artifacts.job import JobState

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PRINTER_STATES: Final = (*(state.value for state in HostState), "silent", "unseen")


def printer_state(now: PrinterNow) -> str:
    """``silent`` where its host did not answer, ``unseen`` where nobody asked it yet."""
    return "unseen" if now.seen is None else now.seen.state


def metrics_text(now: FarmNow) -> bytes:
    """The whole farm; what is not known of a printer is left out, never a zero."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Farm(now))
    return generate_latest(registry)


class _Farm(Collector):
    def __init__(self, now: FarmNow) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily(
            "printstd_farm", "The printstd that tells this.", {"version": printstd.__version__}
        )
        yield from self._printers()
        jobs = GaugeMetricFamily(
            "printstd_farm_prints", "Printings of jobs by state.", labels=["state"]
        )
        for state in JobState:
            jobs.add_metric([state.value], self.now.counts.get(state, 0))
        yield jobs
        spools = GaugeMetricFamily(
            "printstd_farm_spool_left_grams",
            "Filament on the spool, after all that was consumed.",
            labels=["spool", "material"],
        )
        for spool in self.now.spools:
            spools.add_metric([spool.id, spool.material], spool.left_mg / 1000)
        yield spools

    def _printers(self) -> Iterator[Metric]:
        states = GaugeMetricFamily(
            "printstd_farm_printer_state",
            "1 for the state that the printer is in, as its host said last.",
            labels=["printer", "state"],
        )
        for one in self.now.printers:
            current = printer_state(one)
            for state in PRINTER_STATES:
                states.add_metric([one.printer.name, state], 1.0 if state == current else 0.0)
        yield states
        for name, text, value in _GAUGES:
            family = GaugeMetricFamily(
                f"printstd_farm_printer_{name}", text, labels=["printer", "profile"]
            )
            for one in self.now.printers:
                found = value(one)
                if found is not None:
                    family.add_metric([one.printer.name, one.printer.profile], found)
            yield family


def _scaled(value: int | None, by: float) -> float | None:
    return None if value is None else value / by


_GAUGES: Final = (
    (
        "seen_timestamp_seconds",
        "When it was looked at last.",
        lambda now: _scaled(now.seen.at_utc_ms, 1000) if now.seen else None,
    ),
    (
        "nozzle_celsius",
        "As measured.",
        lambda now: _scaled(now.seen.nozzle_mc, 1000) if now.seen else None,
    ),
    (
        "bed_celsius",
        "As measured.",
        lambda now: _scaled(now.seen.bed_mc, 1000) if now.seen else None,
    ),
    (
        "progress_ratio",
        "Of the print that is on it.",
        lambda now: _scaled(now.seen.progress_permille, 1000) if now.seen and now.one else None,
    ),
    ("layer", "Of the print that is on it.", lambda now: now.one.layer if now.one else None),
    (
        "needs_clear",
        "1 where something may lie on its bed.",
        lambda now: float(now.printer.needs_clear),
    ),
    ("paused", "1 where it gets nothing new.", lambda now: float(now.printer.is_paused)),
    (
        "nozzle_printed_seconds",
        "How long its nozzle has printed.",
        lambda now: float(now.printer.nozzle.printed_s),
    ),
)

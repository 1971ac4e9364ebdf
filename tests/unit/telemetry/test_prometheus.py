"""A farm in Prometheus' text: read back by Prometheus' own parser it says what the records say."""

from __future__ import annotations

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from printstd.adapters.telemetry.mqtt import Broker, MqttTelemetry, printer_json
from printstd.adapters.telemetry.prometheus import metrics_text
from printstd.artifacts.farm import FarmPrinter, HostAddress, Nozzle, Seen, Spool
from printstd.artifacts.farm_now import FarmNow, PrinterNow
from printstd.artifacts.job import Instance, JobState
from printstd.errors import UsageError


def printer(name: str, **changes: object) -> FarmPrinter:
    host = HostAddress("octoprint+http://h")
    return FarmPrinter(name, "mk4s", host, Nozzle("n", 400, 3600), **changes)  # type: ignore[arg-type]


PRINTING = PrinterNow(
    printer('Станок "1"\\n'),
    Seen("x", 1_790_000_000_500, "printing", "a.gcode", "", 250, 7, 210_100, None),
    Instance(3, 2, 1, JobState.PRINTING, 0, progress_permille=250, layer=7),
)
UNSEEN = PrinterNow(printer("two", needs_clear=True), None, None)
NOW = FarmNow(
    1_790_000_001_000,
    (PRINTING, UNSEEN),
    {JobState.QUEUED: 4, JobState.PRINTING: 1},
    (Spool("s1", "pla", 412_300),),
)


def samples(now: FarmNow) -> dict[tuple[str, ...], float]:
    return {
        (
            sample.name,
            *(sample.labels[key] for key in sorted(sample.labels) if key != "profile"),
        ): sample.value
        for family in text_string_to_metric_families(metrics_text(now).decode("utf-8"))
        for sample in family.samples
    }


def test_every_record_comes_back() -> None:
    found = samples(NOW)
    name = PRINTING.printer.name
    assert found["printstd_farm_printer_state", name, "printing"] == 1
    assert found["printstd_farm_printer_state", name, "idle"] == 0
    assert found["printstd_farm_printer_state", "two", "unseen"] == 1
    assert found["printstd_farm_printer_nozzle_celsius", name] == 210.1
    assert found["printstd_farm_printer_progress_ratio", name] == 0.25
    assert found["printstd_farm_printer_seen_timestamp_seconds", name] == 1_790_000_000.5
    assert found["printstd_farm_printer_needs_clear", "two"] == 1
    assert found["printstd_farm_prints", "queued"] == 4
    assert found["printstd_farm_prints", "failed"] == 0
    assert found["printstd_farm_spool_left_grams", "pla", "s1"] == pytest.approx(412.3)
    # Exactly one state each, and nothing is told that nobody knows.
    for one in (name, "two"):
        states = [v for k, v in found.items() if k[:2] == ("printstd_farm_printer_state", one)]
        assert sum(states) == 1
    assert ("printstd_farm_printer_bed_celsius", name) not in found
    assert ("printstd_farm_printer_nozzle_celsius", "two") not in found


def test_one_printer_as_json() -> None:
    told = json.loads(printer_json(PRINTING))
    assert told["state"] == "printing"
    assert told["print"] == {
        "job": 2,
        "instance": 3,
        "copy": 1,
        "state": "printing",
        "progress": 0.25,
        "layer": 7,
    }
    assert (told["nozzle_c"], told["bed_c"]) == (210.1, None)
    assert json.loads(printer_json(UNSEEN))["print"] is None


@pytest.mark.parametrize(
    "broker",
    [
        Broker("http://h"),
        Broker("mqtt://"),
        Broker("mqtt://h:x"),
        Broker("mqtt://u:p@h"),
        Broker("mqtt://h", "a/#"),
    ],
)
def test_what_is_no_broker(broker: Broker) -> None:
    with pytest.raises(UsageError):
        MqttTelemetry(broker)

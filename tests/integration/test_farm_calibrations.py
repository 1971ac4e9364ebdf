"""Records of calibrations taken by a farm: kept, shown, and held against programs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from printstd.artifacts.calibration import CALIBRATION_KINDS, UNITS, CalibrationRecord
from printstd.cli.commands.calibrate import record_bytes
from tests.integration.test_farm import PROGRAM, Called, first, made, published
from tests.unit.profiles.json_schema import violations

__all__ = ["first", "made"]

FLOW = CalibrationRecord(
    kind="flow",
    value_e6=1_100_000,
    u_e6=4_000,
    before_e6=1_000_000,
    unit="1",
    sets="material.flow_ratio",
    printer="peer",
    printer_serial="SN1",
    nozzle_id="n1",
    nozzle_mm=0.4,
    material="peer",
    spool="s1",
    process="standard-0.20",
    by="A. Tester",
    on="2026-11-20",
    samples=4,
    program_sha256="ab" * 32,
    form_sha256="cd" * 32,
    tool_version="0.1.0",
)
NOW_MS = 1_795_650_000_000
"""2026-11-26."""


@pytest.fixture
def farm(made: Called, monkeypatch: pytest.MonkeyPatch) -> Called:
    for module in ("farm_calibrations", "farm_printers", "farm_spools", "farm_jobs"):
        monkeypatch.setattr(f"printstd.cli.commands.{module}.now_ms", lambda: NOW_MS)
    assert made.do("set", "a1", "--serial", "SN1", "--nozzle", "n1") == 0
    return made


def written(record: CalibrationRecord, name: str = "record.json") -> Path:
    Path(name).write_bytes(record_bytes(record))
    return Path(name)


def why(farm: Called) -> str:
    (reason,) = farm.json("explain", "J1")["printers"]
    return str(reason["reason"])


def test_a_spool_that_flows_otherwise_there_is_not_begun(farm: Called) -> None:
    assert farm.do("submit", PROGRAM) == 0
    assert why(farm) == "its host does not answer"
    assert farm.do("calibrate", "a1", written(FLOW)) == 0, farm.err
    assert farm.out == "a1: flow with s1 is 1.1, until 2027-02-18\n"
    assert why(farm).startswith("s1 flows 1.100 there, the program is certified for 1.000")
    (printer,) = farm.json("list")["printers"]
    (kept,) = printer["calibrations"]
    assert (kept["kind"], kept["value"], kept["until"], kept["expired"]) == (
        "flow",
        1.1,
        "2027-02-18",
        False,
    )
    (spool,) = farm.json("spools")["spools"]
    assert spool["calibrations"] == [kept]
    for listing, told in (
        ("list", "flow s1 until 2027-02-18"),
        ("spools", "flow a1 until 2027-02-18"),
    ):
        assert farm.do(listing) == 0
        assert told in farm.out
    line = farm.json("history", "a1")["events"][-1]
    assert (line["kind"], line["about"]["value_e6"]) == ("calibrated", "1100000")
    # The next one takes its place, an older one does not.
    later = replace(FLOW, value_e6=1_000_000, on="2026-11-21")
    assert farm.do("calibrate", "a1", written(later)) == 0
    assert why(farm) == "its host does not answer"
    assert farm.do("calibrate", "a1", written(FLOW)) == 4
    assert "a later calibration is known" in farm.err
    # The farm goes with its calibrations.
    assert farm.do("export", "farm.json") == 0
    assert farm("farm", "init", "new", "--trust", "maker.pub") == 0
    assert farm("farm", "import", "farm.json", "--farm", "new") == 0
    farm.farm = Path("new")
    assert farm.json("list")["printers"][0]["calibrations"][0]["on"] == "2026-11-21"


def test_what_is_required_must_be_there_and_valid(
    farm: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = replace(FLOW, kind="pressure_advance", value_e6=40_000, unit="s", sets=None)
    assert farm.do("submit", PROGRAM, "--needs-calibration", "flow") == 0
    settings = farm.farm / "farm.toml"
    settings.write_text(
        settings.read_text() + '[calibration]\nrequired = ["pressure_advance"]\nvalid_days = 30\n'
    )
    # What the job asks is asked with what the farm asks; one reason at a time.
    assert why(farm) == "it has no calibration (flow) with s1"
    good = written(replace(FLOW, value_e6=1_000_000))
    assert farm.do("calibrate", "a1", good, "--days", "10") == 0
    assert why(farm) == "it has no calibration (pressure advance) with s1"
    assert farm.do("calibrate", "a1", written(advance, "advance.json")) == 0
    assert farm.out.endswith("until 2026-12-20\n")
    assert why(farm) == "its host does not answer"
    monkeypatch.setattr("printstd.cli.commands.farm_jobs.now_ms", lambda: NOW_MS + 6 * 86_400_000)
    assert why(farm).startswith("its calibration (flow) with s1 has expired")
    monkeypatch.setattr(
        "printstd.cli.commands.farm_printers.now_ms", lambda: NOW_MS + 6 * 86_400_000
    )
    assert farm.do("status") == 0
    assert "flow s1 expired 2026-11-30" in farm.out


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"printer": "mk4s"}, "mk4s"),
        ({"printer_serial": "SN2"}, "got: SN2 wanted: SN1"),
        ({"nozzle_id": "n2"}, "got: n2 wanted: n1"),
        ({"nozzle_mm": 0.6}, "got: 0.6 mm wanted: 0.4 mm"),
        ({"spool": "s9"}, "spool s9 with peer"),
        ({"material": "petg"}, "spool s1 with petg"),
        ({"on": "2026-11-28"}, "does not count now"),
        ({"on": "2026-02-30"}, "no record of a calibration"),
        ({"on": "2026-08-01"}, "does not count now"),
        ({"samples": 0}, "samples"),
    ],
)
def test_a_record_of_something_else_is_not_taken(
    farm: Called, changes: dict[str, object], told: str
) -> None:
    record = replace(FLOW, **changes)  # type: ignore[arg-type]
    assert farm.do("calibrate", "a1", written(record)) == 4
    assert told in " ".join(farm.err.split()), farm.err
    assert farm.json("list")["printers"][0]["calibrations"] == []


def test_what_calibrate_take_writes_keeps_to_its_schema() -> None:
    for kind in CALIBRATION_KINDS:
        told = json.loads(record_bytes(replace(FLOW, kind=kind, unit=UNITS[kind])))
        assert violations(published("calibration"), told) == []
    for change in ({"value_e6": 1.5}, {"unit": "m"}, {"more": 1}, {"on": "today"}):
        assert violations(published("calibration"), {**told, **change}) != []


def test_bad_input_is_refused_whole(farm: Called) -> None:
    good = written(FLOW)
    Path("cut.json").write_bytes(good.read_bytes()[:-20])
    more = json.loads(good.read_bytes())
    Path("more.json").write_text(json.dumps({**more, "note": "x"}))
    for bad in ("cut.json", "more.json", PROGRAM):
        assert farm.do("calibrate", "a1", good, bad) == 4
        assert "no record of a calibration" in farm.err
    assert farm.do("calibrate", "a1", good, "--applied") == 2
    assert farm.do("calibrate", "b1", good) == 4
    assert farm.do("calibrate", "a1", "none.json") == 4
    assert farm.json("list")["printers"][0]["calibrations"] == []
    layer = replace(FLOW, kind="first_layer", value_e6=60_000, unit="mm", sets=None)
    assert farm.do("submit", PROGRAM) == 0
    assert farm.do("calibrate", "a1", written(layer)) == 0
    assert why(farm).startswith("its Z is +0.060 mm off")
    assert farm.do("calibrate", "a1", written(layer), "--applied") == 0
    assert why(farm) == "its host does not answer"

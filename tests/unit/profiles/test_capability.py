"""A record of capability held against a request."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from printstd.adapters.profile_files import default_source
from printstd.artifacts.capability import CapabilityRecord
from printstd.certify.capability import read_capability
from printstd.certify.keys import load_public_key
from printstd.errors import VerificationError
from printstd.profiles.capability import of_size, why_not
from printstd.profiles.records import GivenCapability
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request, Resolved

FOLDER = Path(__file__).parents[3] / "samples" / "capability"


@pytest.fixture(scope="module")
def record() -> CapabilityRecord:
    key = load_public_key((FOLDER / "sample.pub").read_bytes(), "sample.pub")
    stated = read_capability((FOLDER / "capability.json").read_bytes(), "capability.json", (key,))
    return stated.record


@pytest.fixture(scope="module")
def resolved() -> Resolved:
    return resolve(Request(printer="mk4s"), default_source())


def given(record: CapabilityRecord, today: str = "2026-11-26") -> GivenCapability:
    return GivenCapability(record, "capability.json", "0" * 64, "1" * 64, today)


def test_its_own_machine_material_and_process(record: CapabilityRecord, resolved: Resolved) -> None:
    assert why_not(given(record), resolved) == ""


@pytest.mark.parametrize(
    ("today", "valid_until", "why"),
    [
        ("2027-11-21", "2027-11-20", "valid until 2027-11-20"),
        ("2027-11-20", "2027-11-20", ""),
        ("2026-11-19", "2027-11-20", "today is 2026-11-19"),
    ],
)
def test_its_days(
    record: CapabilityRecord, resolved: Resolved, today: str, valid_until: str, why: str
) -> None:
    found = why_not(given(replace(record, valid_until=valid_until), today), resolved)
    assert why in found
    assert bool(why) == bool(found)


def test_another_nozzle_and_no_printer(record: CapabilityRecord, resolved: Resolved) -> None:
    other = replace(record, machine=replace(record.machine, nozzle_um=600))
    assert "nozzle" in why_not(given(other), resolved)
    nobody = resolve(Request(), default_source())
    assert "no printer" in why_not(given(record), nobody)


def test_a_size_is_spoken_for_by_its_range_sense_and_direction(
    record: CapabilityRecord, resolved: Resolved
) -> None:
    def ids(nominal_mm: float, sense: str, along: str) -> list[str]:
        found = of_size(record, resolved, round(nominal_mm * 1e6), sense, along)
        return [one.id for one in found]

    assert ids(20.0, "outside", "xy") == ["CA-2", "CA-3"]
    assert ids(30.0, "outside", "z") == [f"LA-Z-{nth}" for nth in range(2, 7)]
    assert ids(30.001, "inside", "xy") == ["CA-4"]
    assert ids(20.0, "inside", "z") == []
    assert ids(500.0, "outside", "xy") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"valid_until":"2999-12-31"', b'"valid_until":"for ever"'),
        (b'"critical":["record"]', b'"critical":["record","more"]'),
        (b'"least_cpk_e4":10000', b'"least_cpk_e4":"10000"'),
        (b'"lot":"2026-10-A"', b'"lot":"2026-10-A","colour":"red"'),
        (b"machine-capability/v1", b"machine-capability/v2"),
    ],
)
def test_a_statement_of_another_form_is_refused(old: bytes, new: bytes) -> None:
    """By whomever it is signed: here nobody is asked for."""
    bundle = json.loads((FOLDER / "capability.json").read_bytes())
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    assert payload.count(old) == 1
    changed = base64.b64encode(payload.replace(old, new)).decode("ascii")
    bundle["dsseEnvelope"]["payload"] = changed
    with pytest.raises(VerificationError, match="no record of capability"):
        read_capability(json.dumps(bundle).encode(), "x.json", None)
